"""What differs between the sets that two maps write of the same document: by element position."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from gateway.findings import Finding
from gateway.mapping.impact import Difference, Kind, Made, compare, shown

_Segment = Sequence[str]


@dataclass(frozen=True, slots=True)
class Written:
    """What a map wrote of a document."""

    segments: Sequence[_Segment]
    findings: Sequence[Finding] = ()


def compare_written(before: Written, after: Written) -> list[Difference]:
    """Return the differences between two sets; none where they come to the same."""
    found = list(_segments([*before.segments], [*after.segments]))
    return [*found, *compare(Made((), before.findings), Made((), after.findings))]


def _segments(before: list[_Segment], after: list[_Segment]) -> Iterator[Difference]:
    if before == after:
        return
    matcher = difflib.SequenceMatcher(None, *_keys(before, after), autojunk=False)
    for _, start, end, begin, stop in matcher.get_opcodes():
        had, has = before[start:end], after[begin:stop]
        if had == has:
            continue
        # Segments of one id are the same segment, changed; the others are there once only.
        tags = difflib.SequenceMatcher(
            None, [one[0] for one in had], [one[0] for one in has], autojunk=False
        )
        for what, first, last, other, until in tags.get_opcodes():
            if what == "equal":
                for one, two in zip(had[first:last], has[other:until], strict=True):
                    yield from _elements(one, two)
                continue
            for one in had[first:last]:
                yield Difference(one[0], Kind.DISAPPEARED, shown("*".join(one)), "")
            for one in has[other:until]:
                yield Difference(one[0], Kind.APPEARED, "", shown("*".join(one)))


def _keys(before: list[_Segment], after: list[_Segment]) -> tuple[list[str], list[str]]:
    return ["\0".join(one) for one in before], ["\0".join(one) for one in after]


def _elements(before: _Segment, after: _Segment) -> Iterator[Difference]:
    for number in range(1, max(len(before), len(after))):
        had, has = _element(before, number), _element(after, number)
        if had == has:
            continue
        kind = Kind.CHANGED if had and has else Kind.APPEARED if has else Kind.DISAPPEARED
        texts = [shown(text) if text else "" for text in (had, has)]
        yield Difference(f"{before[0]}{number:02d}", kind, *texts)


def _element(segment: _Segment, number: int) -> str:
    return segment[number] if number < len(segment) else ""
