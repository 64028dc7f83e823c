"""Which selections choose before a list does: what they take, the list cannot read back.

An entry `N9*BM` of a list over `N9` is read into the field at `N9[01=BM]`. On write, that field's
own segment is put before it; where the document has no such field, the entry is a finding.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from gateway.mapping.followed import MARK, bare, is_followed
from gateway.mapping.layout import Layout
from gateway.mapping.out_tree import imposed
from gateway.mapping.positions import Step, Test
from gateway.mapping.scopes import Block, Scope, ordered


@dataclass(frozen=True, slots=True)
class Rival:
    """A selection that chooses before a list."""

    step: Step
    many: bool
    """It takes every occurrence that fits, as lists and ignored segments do."""


@dataclass(frozen=True, slots=True)
class Rivals:
    """All selections that choose before one list, and what the list itself asks for."""

    by_code: tuple[tuple[int, Mapping[str, tuple[Rival, ...]]], ...]
    """Those with one predicate on an element's value, which are nearly all: one look-up."""
    others: tuple[Rival, ...]
    own: tuple[Test, ...]
    """The list's own predicates, where writing does not make them hold."""

    def of(self, segment: Sequence[str], separator: str) -> Iterator[Rival]:
        """Yield the selections that a segment fits."""
        for element, table in self.by_code:
            if len(segment) > element and segment[element] in table:
                yield from table[segment[element]]
        for rival in self.others:
            if all(test.holds(tuple(segment), separator) for test in rival.step.tests):
                yield rival


def rivals(layout: Layout) -> Mapping[int, Rivals]:
    """Return the rivals of every list that has any, by the identity of the list's plan."""
    found: dict[int, Rivals] = {}
    _in_scope(layout.root, found)
    return found


def _in_scope(scope: Scope, found: dict[int, Rivals], beside: Sequence[Scope] = ()) -> None:
    for tag, blocks in scope.blocks.items():
        # A segment that opens a loop of the map's own is taken by that, wherever it stands.
        openings = scope.scopes.get(bare(tag) + MARK, beside if tag.startswith(MARK) else ())
        before: list[Block | Scope] = [replace(one, many=True) for one in openings]
        for block in ordered(blocks):
            lists = [id(entry.plan) for entry in block.entries]
            lists += [id(pairs.plan) for pairs in block.pairs]
            lists += [id(plan) for plan, _ in block.values]
            _add(lists if block.many else [], before, block.step, found)
            before.append(block)
    for tag, scopes in scope.scopes.items():
        chosen = sorted(scopes, key=lambda one: one.rank)
        for index, inner in enumerate(chosen):
            entries = [id(entry.plan) for entry in inner.entries]
            _add(entries, chosen[:index], inner.step or Step(""), found)
            _in_scope(inner, found, chosen if is_followed(tag) else ())


def _add(
    lists: Sequence[int], before: Sequence[Block | Scope], step: Step, found: dict[int, Rivals]
) -> None:
    own = tuple(test for test in step.tests if not imposed(test))
    if not lists or not (before or own):
        return
    earlier = [Rival(one.step or Step(""), one.many) for one in before]
    tables: dict[int, dict[str, tuple[Rival, ...]]] = {}
    others: list[Rival] = []
    for rival in earlier:
        if len(rival.step.tests) != 1 or not imposed(rival.step.tests[0]):
            others.append(rival)
            continue
        test = rival.step.tests[0]
        table = tables.setdefault(test.element, {})
        for value in test.values:
            table[value] = (*table.get(value, ()), rival)
    made = Rivals(tuple(tables.items()), tuple(others), own)
    found.update(dict.fromkeys(lists, made))
