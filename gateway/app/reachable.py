"""What others reach while an instance runs: HTTP, the API, our SFTP server; and what ends there.

Each is imported where the settings ask for it: together they take as long as all the rest.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import structlog
from sqlalchemy.exc import SQLAlchemyError

from gateway.clock import Clock
from gateway.config import Instance
from gateway.errors import first_line
from gateway.pipeline.alerts import Alert, AlertKind, raise_lasting
from gateway.pipeline.jobs import Jobs
from gateway.pipeline.mdns import Mdns
from gateway.pipeline.outbound.submission import Submissions
from gateway.pipeline.ports import Received
from gateway.pipeline.rulebook import Rulebook
from gateway.pipeline.store_port import Store

if TYPE_CHECKING:
    from starlette.routing import BaseRoute

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Behind:
    """What stands behind all that others reach."""

    instance: Instance
    store: Store
    jobs: Jobs
    rulebook: Rulebook
    submissions: Submissions
    mdns: Mdns
    take: Callable[[Sequence[Received]], Sequence[str]]
    """Makes durable what they bring."""
    complete: Callable[[str, str], None]
    """Is told of each upload that its partner has closed."""
    clock: Clock


@contextmanager
def open_to_others(behind: Behind) -> Iterator[None]:
    """Let partners and ERPs connect to an instance until the block ends."""
    instance, store, clock = behind.instance, behind.store, behind.clock
    with ExitStack() as closing:
        if instance.settings.server is not None:
            from gateway.app.listeners import listening

            take, mdns, also = behind.take, behind.mdns, _api(behind)
            closing.enter_context(
                listening(instance, take, store.desk, mdns, also=also, clock=clock)
            )
        closing.enter_context(announcing_certificates(instance, store, behind.jobs, clock=clock))
        if instance.settings.sftp_server is not None:
            from gateway.app.drop_boxes import drop_boxes

            complete = behind.complete
            closing.enter_context(drop_boxes(instance, store, complete=complete, clock=clock))
        yield


def _api(behind: Behind) -> list[BaseRoute]:
    """Return the routes of the API; where it is off, nothing is imported for it."""
    instance = behind.instance
    if instance.settings.api is None:
        return []
    from gateway.api.calls import Parts
    from gateway.app.api import routes

    parts = Parts(
        behind.store,
        behind.jobs,
        behind.rulebook,
        behind.submissions,
        behind.clock,
        home=str(instance.home),
    )
    return routes(instance, parts)


@contextmanager
def announcing_certificates(
    instance: Instance, store: Store, jobs: Jobs, *, clock: Clock
) -> Iterator[None]:
    """Announce the certificates that end until the block ends; without AS2 there are none."""
    if instance.settings.as2 is None:
        yield
        return
    from gateway.app.as2_certificates import announcing

    keep = partial(keep_certificates, store, jobs, clock=clock)
    with announcing(instance, clock=clock, keep=keep):
        yield


def keep_certificates(store: Store, jobs: Jobs, found: Sequence[Alert], *, clock: Clock) -> None:
    """Raise alerts about certificates that end; a database that is unwell has the next look."""
    try:
        with store.transaction() as transaction:
            raise_lasting(transaction, jobs, AlertKind.CERTIFICATE_ENDS, found, clock())
    except SQLAlchemyError as fault:
        log.warning("alerts_not_kept", reason=first_line(fault))
