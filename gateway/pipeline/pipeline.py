"""The pipeline put together: what transports, the engine and the command line call."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from gateway.clock import Clock, utc_now
from gateway.pipeline.exports.definition import Export
from gateway.pipeline.exports.exporting import Exporting
from gateway.pipeline.follow_ups.owing import FollowUps
from gateway.pipeline.housekeeping import Housekeeping
from gateway.pipeline.intake import Intake
from gateway.pipeline.jobs import Jobs, Stopping, never
from gateway.pipeline.lasting import LOOK_EVERY, LastingAlerts
from gateway.pipeline.observing import Announcer
from gateway.pipeline.outbound.keeping import Submission
from gateway.pipeline.outbound.submission import Submissions, Submitted
from gateway.pipeline.places import Places
from gateway.pipeline.ports import USUAL_RETENTION, Observer, Received, Retention, unobserved
from gateway.pipeline.reading import Reading
from gateway.pipeline.reconciliation.overdue import Overdue
from gateway.pipeline.rulebook import Rulebook
from gateway.pipeline.schedule import SWEEP
from gateway.pipeline.sending import Sending
from gateway.pipeline.store_port import Store


class Pipeline:
    """Receives payloads, and does the work of the engine's jobs."""

    def __init__(  # noqa: PLR0913 - the parts that it is put together from
        self,
        store: Store,
        jobs: Jobs,
        rulebook: Rulebook,
        *,
        places: Places,
        retention: Retention = USUAL_RETENTION,
        observer: Observer = unobserved,
        clock: Clock = utc_now,
        exports: Mapping[str, Export] = MappingProxyType({}),
    ) -> None:
        announcer = Announcer(observer, clock)
        self._intake = Intake(store, jobs, clock=clock, announcer=announcer)
        self._reading = Reading(store, jobs, rulebook, clock=clock, announcer=announcer)
        self._submissions = Submissions(store, jobs, rulebook, clock=clock, announcer=announcer)
        self._housekeeping = Housekeeping(
            store,
            jobs,
            give_up=self._reading.give_up,
            overdue=Overdue(
                store,
                jobs,
                owner_of=lambda id_: rulebook.owner_of(rulebook.partners.get(id_)),
                clock=clock,
                announcer=announcer,
            ),
            retention=retention,
            clock=clock,
        )
        self._sending = Sending(
            store,
            jobs,
            places=places,
            clock=clock,
            announcer=announcer,
            follow_ups=FollowUps(jobs, rulebook, clock),
        )
        self._lasting = LastingAlerts(store, jobs, rulebook, clock=clock)
        self._exporting = Exporting(
            store,
            jobs,
            self._submissions,
            exports,
            places=places,
            clock=clock,
            announcer=announcer,
        )

    def receive(self, batch: Sequence[Received]) -> list[str]:
        """Make payloads durable, then settle them; return their ids."""
        return self._intake.receive(batch)

    def submit(self, submission: Submission) -> Submitted:
        """Keep a document for a partner, and send it when its agreement says."""
        return self._submissions.submit(submission)

    def read_payloads(
        self, payload_ids: Sequence[str], run: int, stopping: Stopping = never
    ) -> None:
        """Read payloads; `run` counts from one and is higher where an earlier run died.

        Raise `Stopped` where a large one is left before its end.
        """
        self._reading.read_payloads(payload_ids, run, stopping)

    def reread_interchange(self, interchange_id: str, stopping: Stopping = never) -> None:
        """Read an interchange once more that a person released."""
        self._reading.reread_interchange(interchange_id, stopping)

    def run_scheduled(self, name: str, slot: int) -> None:
        """Do a scheduled job."""
        self._housekeeping.run_scheduled(name, slot)
        if name == SWEEP.name:
            self._exporting.sweep()
            self._sending.hand_on()
            if slot % LOOK_EVERY == 0:
                self._lasting.look()

    def plan_exports(self) -> None:
        """Enqueue the runs of exports whose slots have come."""
        self._exporting.plan()

    def run_export(self, run_id: str, stopping: Stopping = never) -> None:
        """Do a run of an export; raise `Stopped` where it stops before the end."""
        self._exporting.run(run_id, stopping)

    def break_off(self) -> None:
        """Let calls to other systems that are under way end soon: the process is to end."""
        self._sending.break_off()

    def run_lane(self, lane: str, stopping: Stopping = never) -> None:
        """Send what is due in a lane; raise `Stopped` where it stops before the end."""
        if not self._exporting.run_lane(lane, stopping):
            self._sending.run_lane(lane, stopping)
