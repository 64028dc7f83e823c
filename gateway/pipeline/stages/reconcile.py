"""Reconcile: what the acknowledgments in an interchange say, as values.

Which of ours they are about is asked in the transaction that keeps the interchange; see
`gateway.pipeline.reconciliation`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from gateway.acks.model import GroupAcknowledgment, InterchangeAcknowledgment
from gateway.acks.segments import read_group
from gateway.acks.ta1 import read_ta1
from gateway.pipeline.records import kept
from gateway.x12.envelope import element_of
from gateway.x12.model import Segment, TransactionSet

_READ = ("997", "999")


@dataclass(frozen=True, slots=True)
class Reply:
    """One acknowledgment that came: a TA1, or a 997 or 999."""

    kind: str
    place: str
    """Where in its interchange it stands: no two have the same."""
    said: GroupAcknowledgment | InterchangeAcknowledgment | None
    """None where it cannot be told, or must not be believed."""
    because: str = ""
    """Why it cannot."""


def group_reply(one: TransactionSet, place: tuple[int, int], *, taken: bool) -> Reply:
    """Return what a set of an acknowledgment group says; `taken` unless its envelope is refused."""
    kind, where = kept(one.set_id, 8), f"{place[0]}/{place[1]}"
    if not taken:
        return Reply(kind, where, None, "its own envelope is at fault: it is not believed")
    if kind not in _READ:
        return Reply(kind, where, None, f"a set {kind} is no acknowledgment that we know")
    said = read_group(one)
    status = next((element_of(segment, 1) for segment in one.segments if segment[0] == "AK9"), "")
    if said is None or not status:
        return Reply(kind, where, None, "AK1 or AK9 is missing, or AK9 says nothing")
    return Reply(kind, where, said)


def interchange_replies(segments: Sequence[Segment], *, taken: bool) -> Iterator[Reply]:
    """Yield what the TA1 segments of an interchange say."""
    for index, segment in enumerate(segments):
        where = f"ta1/{index}"
        if not taken:
            yield Reply("TA1", where, None, "its own envelope is at fault: it is not believed")
        elif not element_of(segment, 1) or not element_of(segment, 4):
            yield Reply("TA1", where, None, "TA101 or TA104 is missing")
        else:
            yield Reply("TA1", where, read_ta1(segment))
