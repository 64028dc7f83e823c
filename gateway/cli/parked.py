"""What is parked: at which destination or partner, how much, why, and until when."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from gateway.app import App
from gateway.cli.lanes import moment, policy_of, said_of, state_of
from gateway.pipeline.admission import Resting, admit
from gateway.pipeline.lane_records import LaneRecord, Later
from gateway.pipeline.ports import DeliveryPolicy
from gateway.pipeline.states import DeliveryState, OutgoingState

_HELD = "behind another one of its ordering key, which has not got there yet"

_READY = ("ready", "probing")
"""Words of a lane that sends."""


@dataclass(frozen=True, slots=True)
class Parked:
    """Some that wait in one lane; the names of fields are those that `--json` prints."""

    count: int
    where: str
    """A destination by its name, or `partner` and its id."""
    because: str
    """A sentence, with the moment at which it ends."""
    until: datetime | None
    """None: until a person says so, or something else is done."""
    command: str
    """The command that shows more."""


def parked(app: App, now: datetime) -> list[Parked]:
    """Name what waits at each destination and partner and is not under way now."""
    later = app.desk.lanes.later(now)
    return [*_at_destinations(app, now, later), *_at_partners(app, now, later)]


def _at_destinations(app: App, now: datetime, later: Mapping[str, Later]) -> Iterator[Parked]:
    for name, view in app.desk.lanes.destinations().items():
        command = f"gateway destinations show {name}"
        counts = {state: n for state, n in view.waiting.items() if state != DeliveryState.DEAD}
        word, sentence = said_of(app, name, view.record, now)
        if word not in _READY:
            until = _until(view.record, policy_of(app, name), now)
            if counts:
                yield Parked(sum(counts.values()), name, sentence, until, command)
            continue
        if (due := later.get(view.record.lane)) is not None:
            yield Parked(due.count, name, _next(due, now), due.next, command)
        if held := counts.get(DeliveryState.HELD, 0):
            yield Parked(held, name, _HELD, None, command)


def _at_partners(app: App, now: datetime, later: Mapping[str, Later]) -> Iterator[Parked]:
    for partner, view in app.desk.lanes.partners().items():
        where, command = f"partner {partner}", f"gateway outbound list --partner {partner}"
        word, sentence = state_of(view.record, DeliveryPolicy(), now)
        due = later.get(view.record.lane)
        if word not in _READY:
            count = view.waiting.get(OutgoingState.DUE, 0)
            if count:
                until = _until(view.record, DeliveryPolicy(), now)
                yield Parked(count, where, sentence, until, command)
        elif due is not None:
            yield Parked(due.count, where, _next(due, now), due.next, command)


def _next(due: Later, now: datetime) -> str:
    return f"the next attempt is at {moment(due.next, now)}"


def _until(lane: LaneRecord, policy: DeliveryPolicy, now: datetime) -> datetime | None:
    admitted = admit(lane, policy, now, 1)
    return admitted.until if isinstance(admitted, Resting) else None
