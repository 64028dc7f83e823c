"""Survey: what an interchange's envelope says as a whole, before any set of it is looked at.

Whether an interchange or a group is refused stands in its trailers, and nothing of it may be handed
to anybody before. So the envelope of what is read piece by piece is read first, by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from gateway.findings import Finding
from gateway.x12.leniency import strict
from gateway.x12.model import (
    GroupHeader,
    Interchange,
    InterchangeHeader,
    Octets,
    Segment,
    TransactionSet,
)
from gateway.x12.reader import (
    Event,
    GroupEnd,
    GroupStart,
    InterchangeEnd,
    InterchangeStart,
    LeniencyOf,
    read,
)

MOST_SET_IDS = 10
"""Different ST01 remembered of a group: one is right, and which was first decides its policy."""


_SETS_BETWEEN = 200
"""After so many transaction sets it is said how far the work is."""


@dataclass(frozen=True, slots=True)
class GroupEnvelope:
    """A group without its sets."""

    header: GroupHeader
    declared_count: int | None
    findings: tuple[Finding, ...]
    set_ids: tuple[str, ...]
    """The first different ST01 in it, in the order received."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """An interchange without its sets."""

    header: InterchangeHeader
    groups: Sequence[GroupEnvelope]
    findings: tuple[Finding, ...]
    acknowledgments: tuple[Segment, ...]
    """TA1 segments."""
    end: int
    """Byte offset just past the interchange."""
    sets: int
    """Transaction sets in all groups."""

    @property
    def all_findings(self) -> list[Finding]:
        """Return the findings of the interchange's envelope and of all groups' envelopes."""
        return [*self.findings, *(one for group in self.groups for one in group.findings)]


@dataclass(slots=True)
class _Surveyed:
    groups: list[GroupEnvelope] = field(default_factory=list)
    set_ids: dict[str, None] = field(default_factory=dict)
    sets: int = 0


def unwatched(_offset: int) -> None:
    """Tell nobody how far the work is."""


def survey(
    payload: Octets,
    leniency_of: LeniencyOf = strict,
    at: Callable[[int], None] = unwatched,
) -> Iterator[Envelope]:
    """Yield the envelope of each interchange in a payload; no set is kept.

    `at` is told now and then which byte it has come to. Raises InterchangeUnreadable, before the
    first, where there is no ISA at all.
    """
    found = _Surveyed()
    for event in read(payload, leniency_of):
        if isinstance(event, TransactionSet):
            if found.sets % _SETS_BETWEEN == 0:
                at(event.offsets[0])
            found.sets += 1
            if len(found.set_ids) < MOST_SET_IDS:
                found.set_ids[event.set_id] = None
        elif isinstance(event, GroupEnd):
            found.groups.append(
                GroupEnvelope(
                    event.header, event.declared_count, event.findings, tuple(found.set_ids)
                )
            )
            found.set_ids = {}
        elif isinstance(event, InterchangeStart):
            found = _Surveyed()
        elif isinstance(event, InterchangeEnd):
            told = tuple(event.acknowledgments)
            yield Envelope(event.header, found.groups, event.findings, told, event.end, found.sets)


Place = tuple[int, int]
"""The number of a group in its interchange and that of a set in its group, from zero."""

Placed = tuple[Place, TransactionSet]


def surveyed(
    payload: Octets,
    leniency_of: LeniencyOf = strict,
    at: Callable[[int], None] = unwatched,
) -> Iterator[tuple[Envelope, Iterator[Placed]]]:
    """Yield each interchange of a payload: its envelope, then its sets as they are asked for.

    The payload is read twice, since the trailers stand at the end: that costs a fifth of all that
    is done with it, and no memory.
    """
    events = read(payload, leniency_of)
    for envelope in survey(payload, leniency_of, at):
        sets = _sets_of_next(events)
        yield envelope, sets
        for _ in sets:
            pass  # what was not asked for


def _sets_of_next(events: Iterator[Event]) -> Iterator[Placed]:
    group, position = -1, 0
    for event in events:
        if isinstance(event, TransactionSet):
            yield (group, position), event
            position += 1
        elif isinstance(event, GroupStart):
            group, position = group + 1, 0
        elif isinstance(event, InterchangeEnd):
            return


def envelope_of(interchange: Interchange) -> Envelope:
    """Return the envelope of an interchange that was read as a whole."""
    groups = []
    count = 0
    for group in interchange.groups:
        sets = group.transaction_sets
        count += len(sets)
        ids = tuple(dict.fromkeys([one.set_id for one in sets]))[:MOST_SET_IDS]
        groups.append(GroupEnvelope(group.header, group.declared_count, tuple(group.findings), ids))
    return Envelope(
        interchange.header,
        groups,
        tuple(interchange.findings),
        tuple(interchange.acknowledgments),
        interchange.end,
        count,
    )
