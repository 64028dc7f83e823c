"""Exporting: planning, running and marking together, as the engine's jobs call them."""

from __future__ import annotations

from collections.abc import Mapping

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
        self._planning = Planning(store, jobs, exports, clock=clock)
        self._runs = Runs(store, jobs, submissions, exports, clock=clock, announcer=announcer)
        self._marking = Marking(
            store, jobs, exports, places=places, clock=clock, announcer=announcer
        )

    def plan(self) -> None:
        """Enqueue the runs whose slots have come."""
        self._planning.plan()

    def run(self, run_id: str, stopping: Stopping = never) -> None:
        """Do a run; raise `Stopped` where it stops before the end."""
        self._runs.run_planned(run_id, stopping)

    def sweep(self) -> None:
        """Look for runs that were forgotten, and for what an ERP is to be told by now."""
        self._planning.sweep()
        self._marking.release()

    def run_lane(self, lane: str, stopping: Stopping = never) -> bool:
        """Tell an ERP what is due; say whether the lane is one of these."""
        kind, export = lane_names.split(lane)
        if kind != lane_names.MARK:
            return False
        self._marking.run_lane(lane, export, stopping)
        return True
