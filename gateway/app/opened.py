"""An instance, opened: its configuration, its store, its pipeline, its transports.

The pipeline with the engine and the transports are made when first asked for, and what takes long
to import is imported there. Looking at documents needs only the store.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import cached_property, partial
from typing import TYPE_CHECKING

from gateway.app.collecting import rare_collections
from gateway.app.folders import directory_rules, folders, retention
from gateway.app.onward import attempts_at, ordering_at, with_partners
from gateway.app.outward import Outward
from gateway.app.reachable import Behind, open_to_others
from gateway.app.receivers import Receivers
from gateway.app.receiving import Receiving
from gateway.app.versions import KeptVersions
from gateway.clock import Clock, utc_now
from gateway.config import Instance
from gateway.config.schemas import packaged_schemas
from gateway.config.versions import InForce, restored
from gateway.pipeline.alerts import AlertOperations
from gateway.pipeline.exports.definition import Export
from gateway.pipeline.exports.operations import ExportOperations
from gateway.pipeline.exports.running import Runs
from gateway.pipeline.jobs import Share
from gateway.pipeline.lane_operations import LaneOperations
from gateway.pipeline.mdns import Mdns
from gateway.pipeline.observing import Announcer
from gateway.pipeline.operations import Operations
from gateway.pipeline.outbound.numbering import Numbering
from gateway.pipeline.outbound.operations import OutboundOperations
from gateway.pipeline.outbound.submission import Submissions
from gateway.pipeline.pipeline import Pipeline
from gateway.pipeline.ports import Observer, unobserved
from gateway.pipeline.rulebook import Rulebook
from gateway.pipeline.store_port import Desk
from gateway.store import SqlStore
from gateway.transports.directory.box import Waiting
from gateway.transports.directory.inbound import Inbound

if TYPE_CHECKING:
    from gateway.api.tokens import Tokens
    from gateway.app.partner_connections import PartnerConnections
    from gateway.pipeline.engine import DurableJobs


class App:
    """One instance, opened."""

    def __init__(
        self,
        instance: Instance,
        store: SqlStore,
        *,
        observer: Observer = unobserved,
        clock: Clock = utc_now,
    ) -> None:
        self.instance = instance
        self.store = store
        self._observer = observer
        self._clock = clock
        self._open = ExitStack()
        self._open.callback(store.close)
        self._receivers: Receivers | None = None

    @property
    def desk(self) -> Desk:
        """Return what people look at."""
        return self.store.desk

    @cached_property
    def jobs(self) -> DurableJobs:
        """Return what enqueues the engine's jobs."""
        from gateway.pipeline.engine import DurableJobs

        jobs = DurableJobs(self.store, clock=self._clock)
        self._open.callback(jobs.close)
        return jobs

    @cached_property
    def rulebook(self) -> Rulebook:
        """Return partners, schemas, maps and routes, ready to be asked."""
        instance = self.instance
        in_force = InForce(instance)
        return Rulebook(
            partners=instance.partners,
            lookup=instance.lookup,
            router=instance.router,
            schemas=packaged_schemas(),
            map_named=instance.compiled_map,
            leniency_of=instance.leniency_of,
            our_identity=instance.our_identity,
            owner=instance.settings.owner,
            attempts_at=partial(attempts_at, instance),
            ordering_at=partial(ordering_at, instance),
            guides=instance.guides,
            memory=self.desk.earlier,
            version_of=in_force.hash_of,
            keep_versions=KeptVersions(self.store, in_force, self._clock).keep,
            restored=restored,
            next_rules=tuple(one.rule() for one in instance.routes.next),
        )

    @cached_property
    def pipeline(self) -> Pipeline:
        """Return the pipeline with everything that it sends to; its maps' versions are kept."""
        self.rulebook.keep_versions()
        outward = Outward(
            self.instance, self.connections, self.mdns, clock=self._clock, closing=self._open
        )
        places = with_partners(outward.places(), self.instance, self.store, self.submissions)
        return Pipeline(
            self.store,
            self.jobs,
            self.rulebook,
            places=places,
            retention=retention(self.instance),
            observer=self._observer,
            clock=self._clock,
            exports=self.exports,
        )

    @cached_property
    def exports(self) -> Mapping[str, Export]:
        """Return the exports, ready to be run."""
        if not self.instance.exports:
            return {}
        from gateway.app.exports import exports_of

        return exports_of(self.instance, clock=self._clock)

    @cached_property
    def export_runs(self) -> Runs:
        """Return what runs exports for a person, in a process that need not run jobs."""
        return Runs(
            self.store,
            self.jobs,
            self.submissions,
            self.exports,
            clock=self._clock,
            announcer=Announcer(self._observer, self._clock),
        )

    @cached_property
    def submissions(self) -> Submissions:
        """Return what accepts documents for partners, in a process that need not run jobs."""
        return Submissions(
            self.store,
            self.jobs,
            self.rulebook,
            clock=self._clock,
            announcer=Announcer(self._observer, self._clock),
        )

    @cached_property
    def outbound(self) -> OutboundOperations:
        """Return what people ask for about documents of ours: hold, release, send again."""
        return OutboundOperations(self.store, self.jobs, self.rulebook, clock=self._clock)

    @cached_property
    def numbering(self) -> Numbering:
        """Return what people ask for about control numbers."""
        return Numbering(self.store, self.rulebook, clock=self._clock)

    @cached_property
    def mdns(self) -> Mdns:
        """Return what keeps the MDNs of AS2."""
        announcer = Announcer(self._observer, self._clock)
        return Mdns(self.store, self.jobs, clock=self._clock, announcer=announcer)

    @cached_property
    def tokens(self) -> Tokens:
        """Return the tokens of those who call the API."""
        from gateway.api.tokens import Tokens

        return Tokens(self.store, clock=self._clock)

    @cached_property
    def lanes(self) -> LaneOperations:
        """Return what people ask for about lanes: pause, resume."""
        return LaneOperations(self.store, self.jobs, clock=self._clock)

    @cached_property
    def export_operations(self) -> ExportOperations:
        """Return what people ask for about exports: pause, resume, tell the ERP once more."""
        return ExportOperations(self.store, self.jobs, clock=self._clock)

    @cached_property
    def operations(self) -> Operations:
        """Return what people ask for: deliver again, translate anew, release, refuse."""
        return Operations(self.store, self.jobs, self.rulebook, clock=self._clock)

    @cached_property
    def alerts(self) -> AlertOperations:
        """Return what people ask for about alerts: acknowledge, dismiss, try out."""
        return AlertOperations(self.store, self.jobs, clock=self._clock)

    @cached_property
    def inbound(self) -> Inbound:
        """Return the drop boxes of all partners."""
        return Inbound(folders(self.instance), directory_rules(self.instance), clock=self._clock)

    @cached_property
    def _receiving(self) -> Receiving:
        return Receiving(self.pipeline, self.inbound, self.desk, clock=self._clock)

    @cached_property
    def connections(self) -> PartnerConnections:
        """Return the connections to partners' systems."""
        from gateway.app.partner_connections import PartnerConnections

        connections = PartnerConnections(self.instance, self.store, clock=self._clock)
        self._open.callback(connections.close)
        return connections

    @contextmanager
    def running(self, *, reachable: bool = True, share: Share = Share.ALL) -> Iterator[None]:
        """Run jobs, watch the drop boxes, let partners connect, until the block ends.

        Who is not `reachable` opens no port, and so runs beside another process of the instance.
        """
        with self._jobs_running(share):
            self.inbound.connect()
            try:
                with ExitStack() as closing:
                    if reachable:
                        closing.enter_context(open_to_others(self._behind()))
                    take = self.pipeline.receive
                    self._receivers = closing.enter_context(self.connections.receiving(take))
                    closing.enter_context(rare_collections())
                    yield
            finally:
                self.inbound.close()

    @contextmanager
    def helping(self, share: Share = Share.ALL) -> Iterator[None]:
        """Run jobs and nothing else until the block ends, beside processes that receive."""
        with self._jobs_running(share), rare_collections():
            yield

    @contextmanager
    def _jobs_running(self, share: Share) -> Iterator[None]:
        from gateway.pipeline.engine import Engine

        self.instance.require_secrets()
        engine = Engine(self.store, self.jobs, clock=self._clock, share=share)
        engine.start(self.pipeline)
        try:
            yield
        finally:
            engine.stop()

    def _behind(self) -> Behind:
        return Behind(
            self.instance,
            self.store,
            self.jobs,
            self.rulebook,
            self.submissions,
            self.mdns,
            take=self.pipeline.receive,
            complete=self.inbound.complete,
            clock=self._clock,
        )

    def prepare(self) -> None:
        """Make everything ready that `running` needs; raise what would keep it from starting."""
        self.instance.require_secrets()
        _ = self.pipeline, self.connections.folders
        self.inbound.prepare()

    def receive_until(
        self, stopping: threading.Event, replaced: Callable[[], bool] = lambda: False
    ) -> None:
        """Receive payloads until told to stop, or replaced. Call it inside `running`.

        `replaced` is asked about once a second.
        """
        self._receiving.until(stopping, replaced)

    def drain(self, stopping: threading.Event) -> list[Waiting]:
        """Receive and finish what is there; return the files that are not whole yet.

        What waits for a later attempt is not waited for; folders at partners are looked through.
        """
        return self._receiving.drain(stopping, self._receivers)

    def close(self) -> None:
        """Let go of everything."""
        self._open.close()
