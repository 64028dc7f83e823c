"""Segments and loops that a list looked at and made no entry of: told whole, and never counted.

`N9[#2]` in `unmapped` is the second entry of a list, in the document and when it is written. An
occurrence that gives no entry has no number there: what is left of it is told as if no field had
looked at it, and those behind it move up.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from gateway.mapping.plan import JsonValue
from gateway.mapping.reading import Sink

_LAST = re.compile(r"(?P<stem>.*)\[#(?P<number>[0-9]+)\]", re.DOTALL)


@dataclass(frozen=True, slots=True)
class _Gap:
    """A number that has become free: in the loops of a level, or its segments."""

    stem: str
    number: int
    loop: str | None
    """The loop that the segments are in; None for loops."""

    def moved(self, text: str, loop: str | None) -> str:
        """Return a selection, or a path of loops, with what is behind the gap moved up."""
        begins = f"{self.stem}[#"
        if loop != self.loop or not text.startswith(begins):
            return text
        number, _, rest = text[len(begins) :].partition("]")
        behind = number.isdigit() and int(number) > self.number
        return f"{begins}{int(number) - 1}]{rest}" if behind else text


def retell(sink: Sink) -> None:
    """Tell the leftovers of what gave no entry anew."""
    gaps: list[_Gap] = []
    for part, of, loop in sink.skipped:
        for gap in gaps:
            loop = gap.moved(loop, None)
            of = gap.moved(of, loop)
        found = _LAST.fullmatch(of or loop)
        if found is None:
            continue
        gap = _Gap(found["stem"], int(found["number"]), loop if of else None)
        left = [one for one in sink.unmapped if _is_of(one, of, loop)]
        if left:
            at = next(index for index, one in enumerate(sink.unmapped) if one is left[0])
            known = {id(one) for one in left}
            others = [one for one in sink.unmapped if id(one) not in known]
            sink.unmapped = []
            if of:
                sink.whole(part, loop)  # type: ignore[arg-type]  # with `of` it is a segment
            else:
                number = 1 + sum(1 for one in _spare(others, found["stem"]))
                sink.whole_loop(part, f"{found['stem']}[+{number}]")  # type: ignore[arg-type]
            sink.unmapped = [*others[:at], *sink.unmapped, *others[at:]]
        _move(sink.unmapped, gap)
        gaps.append(gap)


def _is_of(entry: JsonValue, of: str, loop: str) -> bool:
    if not isinstance(entry, dict):
        return False
    where = str(entry["loop"])
    if of:
        return where == loop and entry.get("of") == of
    return where == loop or where.startswith(f"{loop}/")


def _spare(entries: Sequence[JsonValue], stem: str) -> set[str]:
    """Return the loops beside one that no field took."""
    places = (str(one["loop"]) for one in entries if isinstance(one, dict))
    begins = f"{stem.partition('[')[0]}[+"
    return {one[: one.index("]", len(begins)) + 1] for one in places if one.startswith(begins)}


def _move(entries: Sequence[JsonValue], gap: _Gap) -> None:
    for one in entries:
        if isinstance(one, dict):
            loop = str(one["loop"])
            if gap.loop is None:
                one["loop"] = gap.moved(loop, None)
            elif "of" in one:
                one["of"] = gap.moved(str(one["of"]), loop)
