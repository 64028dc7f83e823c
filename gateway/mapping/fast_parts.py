"""What a generated writer calls; whatever here is not plain is left to the careful writer.

Findings are never made here. A document with one is written once more, by the writer that explains.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from gateway.mapping.conversions import Scalar
from gateway.mapping.hierarchy import misread
from gateway.mapping.out_tree import put
from gateway.mapping.plan import HierarchyPlan, Json
from gateway.mapping.positions import Slot
from gateway.mapping.write_pairs import Free, fill, there_by
from gateway.mapping.write_values import Setter

Segments = list[list[str]]
Known = Mapping[str, Sequence[Json] | None]
"""The members that a map speaks of, each with the empty values that say nothing there; None where
any value says nothing, because the member is not written."""
Composites = dict[tuple[int, int], list[str]]
"""Segments with a composite put together here, by their identity and the element."""

BLANKS = [""] * 40
"""A slice of it fills the gap before an element."""

_NOTHING: Sequence[Json] = (None, "", [], {})


class NeedsCareError(Exception):
    """The document is not as plain as the generated writer wants it."""


def put_free(segment: list[str], element: int, text: str) -> None:
    """Set an element that is empty, or has the text already."""
    missing = element - len(segment)
    if missing >= 0:
        segment += [""] * missing
        segment.append(text)
    elif segment[element] == "":
        segment[element] = text
    elif segment[element] != text:
        raise NeedsCareError


def check_rest(own: Mapping[str, Json], known: Known) -> None:
    """Make sure that the members which were not written say nothing, or are not the map's."""
    for name, value in own.items():
        if name not in known:
            if value not in _NOTHING:
                raise NeedsCareError
        elif not value and value is not None:
            allowed = known[name]
            if allowed is not None and value not in allowed:
                raise NeedsCareError


def text_of(write: Callable[[Scalar], str], value: Json) -> str:
    """Return the text of a value that a conversion takes."""
    kind = type(value)
    if kind is str or kind is int or kind is bool:
        return write(value)  # type: ignore[arg-type]  # asked for above, by its very type
    raise NeedsCareError


def texts_of(values: Json, write: Callable[[Scalar], str] | None) -> list[str]:
    """Return the texts of a list of single values, none of them empty."""
    if type(values) is not list:
        raise NeedsCareError
    texts: list[str] = [text_of(write, one) for one in values] if write else values
    if not all(type(text) is str and text for text in texts):
        raise NeedsCareError
    return texts


def only_entry(entries: Json) -> Json:
    """Return the object of a list that has one."""
    if type(entries) is list and len(entries) == 1 and type(entries[0]) is dict:
        entry: Json = entries[0]
        return entry
    raise NeedsCareError


def put_all(segment: list[str], elements: Sequence[int], texts: Sequence[str]) -> None:
    """Set elements one after the other, whatever is there."""
    for element, text in zip(elements, texts, strict=False):
        put(segment, element, text)


def put_pair(
    segment: list[str], text: str, slots: Sequence[Slot], free: Free, qualifiers: Sequence[str]
) -> None:
    """Put one value among qualifier/value pairs, unless it is there."""
    present = text in segment and there_by(slots, qualifiers, segment, text)
    if not present and fill(segment, free, qualifiers[0], text) is None:
        raise NeedsCareError


def put_component(
    segment: list[str], text: str, into: tuple[int, Setter], about: tuple[str, Composites]
) -> bool:
    """Set a component that may be taken; say whether it was free."""
    element, put_text = into
    separator, composites = about
    key = id(segment), element
    whole = segment[element] if len(segment) > element else ""
    if separator in text or (separator in whole and key not in composites):
        raise NeedsCareError
    done = put_text(segment, text, separator)
    if done:
        composites[key] = segment
    return done


def count_separators(composites: Composites, separator: str) -> int:
    """Return how many component separators stand where they belong."""
    return sum(segment[element].count(separator) for (_, element), segment in composites.items())


def check_order(
    segments: Segments, tag: str, parents: Mapping[int, list[str]], plan: HierarchyPlan
) -> None:
    """Leave levels to the careful writer whose order alone would give them other parents."""
    rows = ((one, parents.get(id(one)), one[3]) for one in segments if one[0] == tag)
    if next(misread(rows, plan), None) is not None:
        raise NeedsCareError


def number_levels(segments: Segments, tag: str, parents: Mapping[int, list[str]]) -> None:
    """Give HL levels, which stand in a row, dense numbers and the numbers of their parents."""
    number = 0
    for segment in segments:
        if segment[0] == tag:
            number += 1
            segment[1] = str(number)
            parent = parents.get(id(segment))
            if parent is not None:
                segment[2] = parent[1]
