"""Walks the schema segment by segment, in the readable way, and names every fault of structure.

This is the reference: the transition tables accept what it finds nothing wrong with, and it is
asked again where they do not. A fault is reported once, where it is noticed; the walk then goes on
as if the partner had sent what he most likely meant, and keeps silent about order until the next
loop starts:

* a segment that fits further on: what was stepped over and is mandatory is missing, unless it turns
  up later in the same loop;
* one that fits nowhere further on but earlier in its loop, or in a loop around it: out of sequence;
* one that only fits into a loop further on whose first segment is not there: that one is missing;
* any other: unexpected here, not in this set, or unknown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from gateway.findings import Finding, FindingCode, Location
from gateway.x12.explain import LOOP_END, LOOP_START, MOST_FINDINGS, bounded, explain_segment
from gateway.x12.model import Loop, Segment, TransactionSet
from gateway.x12.schema import LoopUse, SegmentUse, SetSchema

Place = tuple[int, int]
"""Depth of an open loop, and index of a place in its content."""
Sound = Callable[[SegmentUse, Segment], bool]


def none_is_sound(_use: SegmentUse, _segment: Segment) -> bool:
    """Have every segment explained."""
    return False


def interpret(
    schema: SetSchema, transaction_set: TransactionSet, *, sound: Sound = none_is_sound
) -> tuple[Loop, list[Finding]]:
    """Return the tree of a transaction set, as far as it can be told, and what is wrong with it.

    Segments that `sound` accepts are not looked into.
    """
    return _Walk(schema, transaction_set, sound).run()


@dataclass(slots=True)
class _Open:
    """An occurrence of a loop that is being read."""

    use: LoopUse
    loop: Loop
    index: int = 0
    """The place in the loop's content that was filled last."""
    noticed: dict[int, int] = field(default_factory=dict)
    """At which segment position each mandatory place was first seen to be stepped over."""

    def count(self, use: SegmentUse | LoopUse) -> int:
        """Return how often a place has been filled."""
        if isinstance(use, SegmentUse):
            return len(self.loop.segments.get(use.tag, ()))
        return len(self.loop.loops.get(use.trigger, ()))


class _Walk:
    def __init__(self, schema: SetSchema, transaction_set: TransactionSet, sound: Sound) -> None:
        self._schema = schema
        self._set = transaction_set
        self._sound = sound
        self._open = [_Open(schema.root, Loop(), -1)]
        self._findings: list[Finding] = []
        self._position = 0
        self._lost = False

    def run(self) -> tuple[Loop, list[Finding]]:
        root = self._open[0].loop
        for position, segment in enumerate(self._set.segments, 1):
            self._position = position
            self._take(segment)
        self._position += 1
        self._close_to(0)
        self._close(self._open[0])
        self._findings.sort(key=lambda finding: finding.location.segment_position or 0)
        return root, bounded(self._findings, self._set)

    def _take(self, segment: Segment) -> None:
        tag = segment[0]
        place = self._further_on(tag)
        if place is not None:
            self._enter(place, segment)
        elif (place := self._full(tag)) is not None:
            self._report_over_maximum(place)
            self._enter(place, segment)
        elif not self._take_where_meant(tag, segment):
            self._report_stray(tag)

    def _take_where_meant(self, tag: str, segment: Segment) -> bool:
        """Put a segment where it most likely belongs, looking from the innermost loop outwards."""
        innermost = len(self._open) - 1
        for depth in range(innermost, -1, -1):
            place = self._earlier(tag, depth)
            if place is not None:
                self._report_out_of_sequence(place)
                use = self._use(place)
                if depth == innermost or isinstance(use, LoopUse):
                    self._enter(place, segment)
                else:  # the loops inside stay open: what follows most likely belongs to them
                    self._add(self._open[depth], use, segment)
                return True
            place = self._without_trigger(tag, depth)
            if place is not None:
                self._open_without_trigger(place)
                self._take(segment)
                return True
        return False

    def _report_stray(self, tag: str) -> None:
        """Report a segment that has no place here, and say how far from here it would have one."""
        if _holds(self._schema.root, tag):
            self._report_lost(FindingCode.SEGMENT_UNEXPECTED, self._where(tag))
        elif tag in self._schema.known_segments:
            expected = f"{self._schema.set_id} has no segment {tag}"
            self._report(FindingCode.SEGMENT_NOT_IN_SET, self._here(), expected)
        else:
            expected = f"no segment of {self._schema.version} is known by this id"
            self._report(FindingCode.SEGMENT_UNKNOWN, self._here(), expected)

    # Looking for a place.

    def _further_on(self, tag: str) -> Place | None:
        """Find the nearest place, inner loops first, at or after the last one and not yet full."""
        for depth in range(len(self._open) - 1, -1, -1):
            level = self._open[depth]
            index = level.use.places.get(tag, -1)
            if index >= level.index and index >= 0:
                use = level.use.content[index]
                if level.count(use) < use.maximum:
                    return depth, index
        return None

    def _full(self, tag: str) -> Place | None:
        """Find the nearest place at or after the last one, full as it is.

        One more of the first segment of an open loop is one more loop, so its own place is none.
        """
        for depth in range(len(self._open) - 1, -1, -1):
            index = self._open[depth].use.places.get(tag)
            if index is not None and index >= self._open[depth].index and (index or not depth):
                return depth, index
        return None

    def _earlier(self, tag: str, depth: int) -> Place | None:
        """Find a place before the last one in one open loop."""
        level = self._open[depth]
        index = level.use.places.get(tag)
        return (depth, index) if index is not None and index < level.index else None

    def _without_trigger(self, tag: str, depth: int) -> Place | None:
        """Find a loop further on in one open loop that holds the segment but was not started."""
        level = self._open[depth]
        for index in range(level.index + 1, len(level.use.content)):
            use = level.use.content[index]
            if isinstance(use, LoopUse) and tag in use.segments:
                return depth, index
        return None

    # Taking a place.

    def _enter(self, place: Place, segment: Segment) -> None:
        """Fill a place with a segment; open its loop if it is one."""
        level, use = self._move(place)
        if isinstance(use, LoopUse):
            self._lost = False
            self._add(self._start(level, use), use.segments[use.trigger], segment)
        else:
            self._add(level, use, segment)

    def _move(self, place: Place) -> tuple[_Open, SegmentUse | LoopUse]:
        """Close the loops inside a place's level and go there, noting what is stepped over."""
        depth, index = place
        self._close_to(depth)
        level = self._open[depth]
        if index > level.index + 1:
            for mandatory in level.use.mandatory:
                if level.index < mandatory < index:
                    level.noticed.setdefault(mandatory, self._position)
        level.index = index
        return level, level.use.content[index]

    def _start(self, level: _Open, use: LoopUse) -> _Open:
        inner = _Open(use, Loop())
        level.loop.loops.setdefault(use.trigger, []).append(inner.loop)
        self._open.append(inner)
        return inner

    def _open_without_trigger(self, place: Place) -> None:
        level, use = self._move(place)
        if isinstance(use, LoopUse):
            # The trigger's absence is noticed here, and reported when the loop is closed.
            self._start(level, use).noticed[0] = self._position

    def _add(self, level: _Open, use: SegmentUse, segment: Segment) -> None:
        """Put a segment into the tree and look into it."""
        level.loop.segments.setdefault(use.tag, []).append(segment)
        if not self._enough and not self._sound(use, segment):
            where = self._at(self._position, use.tag, level.use.id)
            opened = level.loop.segments.get(LOOP_START, []) if use.tag == LOOP_END else []
            opened_by = opened[0] if opened else None
            self._findings += explain_segment(
                use, segment, where, self._set.delimiters, opened_by=opened_by
            )

    # Closing loops, and what is missing in them then.

    def _close_to(self, depth: int) -> None:
        while len(self._open) - 1 > depth:
            self._close(self._open.pop())

    def _close(self, level: _Open) -> None:
        for index in level.use.mandatory:
            use = level.use.content[index]
            if not level.count(use) and _tag(use) != "SE":
                position = level.noticed.get(index, self._position)
                within = f"loop {level.use.id}" if level.use.id else self._schema.set_id
                code = FindingCode.MANDATORY_SEGMENT_MISSING
                expected = f"{_tag(use)} is mandatory in {within}"
                self._report(code, self._at(position, _tag(use), level.use.id), expected)

    # Reporting.

    @property
    def _enough(self) -> bool:
        """Say whether more was found than is listed: then the tree is built, and no more."""
        return len(self._findings) > MOST_FINDINGS

    def _report(self, code: FindingCode, place: Location, expected: str) -> None:
        if not self._enough:
            self._findings.append(Finding(code, place, None, expected))

    def _report_lost(self, code: FindingCode, expected: str) -> None:
        """Report a fault of order, unless one was reported and no loop has started since."""
        if not self._lost:
            self._report(code, self._here(), expected)
        self._lost = True

    def _report_out_of_sequence(self, place: Place) -> None:
        level = self._open[place[0]]
        last, tag = _tag(level.use.content[level.index]), _tag(self._use(place))
        expected = f"expected {tag} before {last}" + _of(level.use)
        self._report_lost(FindingCode.SEGMENT_OUT_OF_SEQUENCE, expected)

    def _report_over_maximum(self, place: Place) -> None:
        """Report the first occurrence too many; the others say nothing new."""
        level, use = self._open[place[0]], self._use(place)
        if level.count(use) > use.maximum or self._lost:
            return
        if isinstance(use, LoopUse):
            code, what = FindingCode.LOOP_OVER_MAXIMUM, f"loop {use.id}"
        else:
            code, what = FindingCode.SEGMENT_OVER_MAXIMUM, use.tag
        self._report(
            code, self._here(), f"expected at most {use.maximum} of {what}{_of(level.use)}"
        )

    def _where(self, tag: str) -> str:
        loops = ", ".join(loop.id for loop in _loops(self._schema.root) if tag in loop.segments)
        return f"{tag} stands in loop {loops}, which is not open here"

    def _use(self, place: Place) -> SegmentUse | LoopUse:
        return self._open[place[0]].use.content[place[1]]

    def _here(self) -> Location:
        return self._at(self._position, self._set.segments[self._position - 1][0], "")

    def _at(self, position: int, tag: str, loop: str) -> Location:
        past_the_end = position > len(self._set.segments)
        return Location(
            self._set.interchange_control_number,
            self._set.group_control_number,
            self._set.control_number,
            position,
            tag,
            loop or None,
            offset=None if past_the_end else self._set.offsets[position - 1],
        )


def _tag(use: SegmentUse | LoopUse) -> str:
    return use.tag if isinstance(use, SegmentUse) else use.trigger


def _of(use: LoopUse) -> str:
    return f" in loop {use.id}" if use.id else ""


def _loops(loop: LoopUse) -> Iterator[LoopUse]:
    for inner in loop.loops.values():
        yield inner
        yield from _loops(inner)


def _holds(root: LoopUse, tag: str) -> bool:
    return any(tag in loop.segments for loop in (root, *_loops(root)))
