"""Lays two engines' findings about one transaction set side by side.

Findings belong together that are about one segment and say the same of the same element. A note of
a segment (P0304) is one fault to pyx12 and one for each missing element to us; two engines may also
see one fault at one place and call it by different names. What is left is a difference.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from gateway.findings import Finding, FindingCode
from gateway.second_opinion.faults import Fault, Kind, kind_of

_Same = Callable[[Finding, Fault], bool]

_END = sys.maxsize
"""Where a set that is not closed is compared: engines count to different places."""


@dataclass(frozen=True, slots=True)
class Pair:
    """What both engines say of one place, or one of them says and the other does not."""

    ours: tuple[Finding, ...]
    theirs: tuple[Fault, ...]

    @property
    def position(self) -> int:
        """Return the position of the segment that it is about."""
        return place_of(self.ours[0]) if self.ours else self.theirs[0].position

    @property
    def our_kind(self) -> Kind | None:
        """Return what is wrong as we see it; None where we see nothing."""
        return kind_of(self.ours[0].code) if self.ours else None

    @property
    def their_kind(self) -> Kind | None:
        """Return what is wrong as the second engine sees it; None where it sees nothing."""
        return self.theirs[0].kind if self.theirs else None

    @property
    def agreed(self) -> bool:
        """Say whether both find the same."""
        return self.our_kind is self.their_kind

    @property
    def reference(self) -> str:
        """Name the place as people write it."""
        return self.ours[0].location.reference if self.ours else self.theirs[0].reference


def place_of(finding: Finding) -> int:
    """Return the position of the segment that one of our findings is about; ST where none."""
    return finding.location.segment_position or 1


def compare(ours: Sequence[Finding], theirs: Sequence[Fault]) -> list[Pair]:
    """Return what both say, by position; each finding and each fault stands in one pair."""
    at: defaultdict[int, tuple[list[Finding], list[Fault]]] = defaultdict(lambda: ([], []))
    for finding in ours:
        ends = kind_of(finding.code) is Kind.SET_NOT_CLOSED
        at[_END if ends else place_of(finding)][0].append(finding)
    for fault in theirs:
        at[_END if fault.kind is Kind.SET_NOT_CLOSED else fault.position][1].append(fault)
    return [pair for position in sorted(at) for pair in _at_one_place(*at[position])]


def _at_one_place(ours: list[Finding], theirs: list[Fault]) -> Iterator[Pair]:
    pairs: list[Pair] = []
    for same in (_same, _same_note, _same_element, _both_structural):
        while (found := _first(ours, theirs, same)) is not None:
            finding, fault = found
            theirs.remove(fault)
            taken = [finding]
            ours.remove(finding)
            if same is _same_note:  # one note, one fault: however many elements are missing
                taken += [one for one in ours if one.detail == finding.detail]
                ours[:] = [one for one in ours if one.detail != finding.detail]
            pairs.append(Pair(tuple(taken), (fault,)))
    pairs += [Pair((finding,), ()) for finding in ours]
    pairs += [Pair((), (fault,)) for fault in theirs]
    yield from sorted(pairs, key=lambda pair: pair.reference)


def _first(
    ours: Sequence[Finding], theirs: Sequence[Fault], same: _Same
) -> tuple[Finding, Fault] | None:
    pairs = ((finding, fault) for finding in ours for fault in theirs if same(finding, fault))
    return next(pairs, None)


def _same(finding: Finding, fault: Fault) -> bool:
    at, kind = finding.location, kind_of(finding.code)
    if kind is not fault.kind or kind in (Kind.CONDITION, Kind.EXCLUSIVE):
        return False
    if kind.structural:
        return at.segment_id == fault.segment_id
    if kind is Kind.TOO_MANY:  # a segment has too many elements, or a composite too many components
        of_segment = finding.code is FindingCode.TOO_MANY_ELEMENTS
        return of_segment is fault.message.startswith("Too many elements")
    if kind in (Kind.COUNT, Kind.CONTROL_NUMBER, Kind.FORM):
        return True
    return (at.element, at.component) == (fault.element, fault.component)


def _same_note(finding: Finding, fault: Fault) -> bool:
    """Both name the note that is not kept, such as P0304."""
    note = finding.detail.split(":", 1)[0]
    kind = kind_of(finding.code)
    same = kind is fault.kind and kind in (Kind.CONDITION, Kind.EXCLUSIVE)
    return same and f"({note})" in fault.message


def _same_element(finding: Finding, fault: Fault) -> bool:
    at = finding.location
    return at.element is not None and at.element == fault.element


def _both_structural(finding: Finding, fault: Fault) -> bool:
    return kind_of(finding.code).structural and fault.kind.structural
