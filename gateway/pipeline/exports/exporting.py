"""Exporting: planning, running and marking together, as the engine's jobs call them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from gateway.clock import Clock
from gateway.pipeline import lane_names
from gateway.pipeline.exports.definition import Export
from gateway.pipeline.exports.marking import Marking
from gateway.pipeline.exports.planning import Planning
from gateway.pipeline.exports.running import Runs
from gateway.pipeline.jobs import Jobs, Stopping, never
from gateway.pipeline.observing import Announcer
from gateway.pipeline.outbound.submission import Submissions
from gateway.pipeline.places import Places
from gateway.pipeline.store_port import Store

RELEASE_EVERY = timedelta(seconds=5)
"""An ERP is told no later than this after its document has come far enough."""


class Exporting:
    """All exports of an instance, in a process that runs jobs."""

    def __init__(  # noqa: PLR0913 - the parts that it is put together from
        self,
        store: Store,
        jobs: Jobs,
        submissions: Submissions,
        exports: Mapping[str, Export],
        *,
        places: Places,
        clock: Clock,
        announcer: Announcer,
    ) -> None:
        self._clock = clock
        self._next_release = clock()
        self._planning = Planning(store, jobs, exports, clock=clock)
        self._runs = Runs(store, jobs, submissions, exports, clock=clock, announcer=announcer)
        self._marking = Marking(
            store, jobs, exports, places=places, clock=clock, announcer=announcer
        )

    def plan(self) -> None:
        """Enqueue the runs whose slots have come; look now and then what ERPs are to be told."""
        self._planning.plan()
        now = self._clock()
        if not now < self._next_release <= now + RELEASE_EVERY:
            self._next_release = now + RELEASE_EVERY
            self._marking.release()

    def run(self, run_id: str, stopping: Stopping = never) -> None:
        """Do a run; raise `Stopped` where it stops before the end."""
        self._runs.run_planned(run_id, stopping)

    def sweep(self) -> None:
        """Look for runs that were forgotten."""
        self._planning.sweep()

    def run_lane(self, lane: str, stopping: Stopping = never) -> bool:
        """Tell an ERP what is due; say whether the lane is one of these."""
        kind, export = lane_names.split(lane)
        if kind != lane_names.MARK:
            return False
        self._marking.run_lane(lane, export, stopping)
        return True
