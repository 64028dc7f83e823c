"""Lanes: drain what is due to one destination, and to partners what `outbound` sends.

A lane runs once at a time, whichever process it runs in; so what a destination may be asked at the
same time, and how often, is the same however many processes there are.
"""

from __future__ import annotations

from random import Random

import structlog

from gateway.clock import Clock
from gateway.errors import Permanent, Transient
from gateway.pipeline import lane_names
from gateway.pipeline.deliveries import Deliveries
from gateway.pipeline.follow_ups.owing import FollowUps
from gateway.pipeline.jobs import Jobs, Stopped, Stopping, never
from gateway.pipeline.notices import Notices
from gateway.pipeline.observing import Announcer
from gateway.pipeline.outbound.enveloping import Enveloping
from gateway.pipeline.outbound.interchanges import Interchanges
from gateway.pipeline.places import Destination, Places, missing
from gateway.pipeline.ports import Breakable, Gathering
from gateway.pipeline.store_port import Store

log = structlog.get_logger()


class Sending:
    """Drains lanes."""

    def __init__(
        self,
        store: Store,
        jobs: Jobs,
        *,
        places: Places,
        clock: Clock,
        announcer: Announcer,
        follow_ups: FollowUps,
    ) -> None:
        self._places = places
        # Only spreads retries in time; nothing secret depends on it.
        random = Random()  # noqa: S311
        self._deliveries = Deliveries(
            store, jobs, follow_ups, clock=clock, announcer=announcer, random=random
        )
        self._interchanges = Interchanges(
            store, jobs, clock=clock, announcer=announcer, random=random
        )
        self._notices = Notices(store, jobs, places, clock=clock)
        self._enveloping = Enveloping(store, jobs, clock=clock, announcer=announcer)

    def run_lane(self, lane: str, stopping: Stopping = never) -> None:
        """Send everything that is due in a lane; leave a timer for what comes due later.

        Raise `Stopped` where it is not all sent since the process is to end.
        """
        while self._step(lane, stopping):
            if stopping():
                raise Stopped

    def _step(self, lane: str, stopping: Stopping) -> bool:
        """Send one batch; say whether there may be more."""
        kind, of = lane_names.split(lane)
        places = self._places
        match kind:
            case lane_names.ENVELOPE:
                return self._enveloping.step(lane, of)
            case lane_names.NOTIFY:
                return self._notices.step(lane, of, stopping=stopping)
            case lane_names.SEND:
                place = places.partners.get(of) or missing(of, places.owner)
                return self._interchanges.step(lane, of, place, stopping=stopping)
            case _:
                return self._deliveries.step(lane, of, self._destination(of), stopping=stopping)

    def hand_on(self) -> None:
        """Let what was gathered for long enough go on; what goes wrong is told, and tried again."""
        for name, place in self._places.destinations.items():
            if isinstance(place.outbound, Gathering):
                try:
                    place.outbound.hand_on()
                except (Transient, Permanent) as fault:
                    log.warning("not_handed_on", destination=name, reason=str(fault))

    def break_off(self) -> None:
        """Let every call that is under way end soon; what it handed over is handed over again."""
        places = self._places
        for of in (places.destinations, places.partners, places.alerts):
            for place in of.values():
                if isinstance(place.outbound, Breakable):
                    place.outbound.break_off()

    def _destination(self, name: str) -> Destination:
        return self._places.destinations.get(name) or missing(name, self._places.owner)
