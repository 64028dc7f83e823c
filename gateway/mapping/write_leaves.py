"""The short way for the many fields that are simply one element, several of them at a time.

It writes what needs no second look. Everything else, findings among it, it leaves to the writer of
that field, which does the same step by step: whatever this writes, that would have written.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from gateway.mapping.conversions import Scalar
from gateway.mapping.out_tree import Locate, locator
from gateway.mapping.plan import FieldPlan, LeafPlan
from gateway.mapping.write_run import Here, Members, Run, WriteField
from gateway.mapping.write_values import is_plain


@dataclass(frozen=True, slots=True)
class Direct:
    """A field that is simply one element: which, and how its text is made."""

    element: int
    convert: Callable[[Scalar], str] | None
    locate: Locate


@dataclass(frozen=True, slots=True)
class Field:
    """One member of an object, as the writer of the object sees it."""

    name: str
    always: bool
    """It has something to do although the document does not name it."""
    write: WriteField
    direct: Direct | None


Leaf = tuple[str, int, Callable[[Scalar], str] | None, Locate, WriteField]
Group = tuple[WriteField | None, Sequence[Leaf]]
"""A field with a writer of its own, or else fields that are written together."""


def direct_of(plan: FieldPlan) -> Direct | None:
    """Return the short way for a field that has one."""
    if not isinstance(plan, LeafPlan) or plan.target is None or not is_plain(plan):
        return None
    return Direct(plan.target.element, plan.rule.write, locator(plan.target))


def choose(fields: Sequence[Field], own: Members) -> Sequence[Group]:
    """Return what there is to do for an object; fields of the short way that meet go together."""
    groups: list[Group] = []
    leaves: list[Leaf] = []
    for field in fields:
        there = field.name in own
        if not there and not field.always:
            continue
        if there and field.direct is not None:
            if not leaves:
                groups.append((None, leaves))
            direct = field.direct
            leaves.append((field.name, direct.element, direct.convert, direct.locate, field.write))
        else:
            groups.append((field.write, ()))
            leaves = []
    return groups


def write_leaves(leaves: Sequence[Leaf], here: Here, run: Run) -> None:
    """Write fields that are in the object, each into its element."""
    own, chain, in_hand, texts = here.own, here.chain, here.segment, run.texts
    found: Locate | None = None
    segment: list[str] = []
    careful = run.careful
    for name, element, convert, locate, write in leaves:
        value = own[name]
        if careful or (type(value) is not str and type(value) is not int):
            write(here, run)
            continue
        try:
            text = convert(value) if convert else str(value)
        except ValueError:
            write(here, run)
            continue
        if not text:
            continue
        if locate is not found:
            segment, found = locate(chain, in_hand), locate
        count = len(segment)
        if count == element:
            segment.append(text)
        elif count < element:
            segment += [""] * (element - count)
            segment.append(text)
        elif segment[element] == "" or segment[element] == text:
            segment[element] = text
        else:
            write(here, run)
        texts.append(text)
