"""Our SFTP server, as an instance's files want it, and the audit of what partners do on it."""

from __future__ import annotations

import queue
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Thread

import asyncssh
import structlog
from sqlalchemy.exc import SQLAlchemyError

from gateway.clock import Clock
from gateway.config import Instance
from gateway.partners import Partner
from gateway.pipeline.records import TimelineRecord
from gateway.pipeline.sessions import SESSIONS, sessions_of
from gateway.pipeline.store_port import Store
from gateway.transports.drop_box.account import Account
from gateway.transports.drop_box.files import Audited
from gateway.transports.drop_box.server import Rules, Server

_BATCH = 100
_MOST_WAITING = 10_000
"""So many entries wait for the store; what comes beyond is in the log alone."""

log = structlog.get_logger()


@contextmanager
def drop_boxes(
    instance: Instance, store: Store, *, complete: Callable[[str, str], None], clock: Clock
) -> Iterator[None]:
    """Let partners drop and fetch files over SFTP until the block ends.

    `complete` is told of each upload that its partner has closed.
    """
    settings = instance.settings.sftp_server
    if settings is None:
        yield
        return
    audit = Audit(store, clock=clock)
    rules = Rules(
        instance.path(settings.host_key),
        settings.host,
        settings.port,
        sessions=settings.sessions,
        login_within=settings.login_within,
    )
    server = Server(_accounts(instance), rules, complete=complete, audit=audit.tell)
    audit.start()
    try:
        server.connect()
        log.info(
            "sftp_server_listens",
            host=settings.host, port=server.port, fingerprint=server.fingerprint,
        )  # fmt: skip
        try:
            yield
        finally:
            server.close()
    finally:
        audit.close()


class Audit:
    """Keeps what sessions did: in the log at once, in the store from a thread of its own.

    A session never waits for the store, and one that is unwell costs entries there, not in the log.
    """

    def __init__(self, store: Store, *, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._waiting: queue.Queue[TimelineRecord | None] = queue.Queue(_MOST_WAITING)
        self._thread = Thread(target=self._write, name="sftp-audit", daemon=True)

    def start(self) -> None:
        """Begin to write."""
        self._thread.start()

    def tell(self, audited: Audited) -> None:
        """Keep one entry; callable from any thread."""
        write = log.warning if audited.verb == "refuse" else log.info
        write("sftp_session", partner=audited.partner, verb=audited.verb, detail=audited.detail)
        id_ = sessions_of(audited.partner)
        entry = TimelineRecord(SESSIONS, id_, self._clock(), audited.verb, audited.detail)
        try:
            self._waiting.put_nowait(entry)
        except queue.Full:
            log.warning("sftp_audit_not_stored", entries=1, reason="too many wait to be stored")

    def close(self) -> None:
        """Write what waits, then stop."""
        self._waiting.put(None)
        self._thread.join()

    def _write(self) -> None:
        over = False
        while not over:
            batch = [self._waiting.get()]
            while len(batch) < _BATCH and not self._waiting.empty():
                batch.append(self._waiting.get())
            over = None in batch
            self._keep([one for one in batch if one is not None])

    def _keep(self, entries: list[TimelineRecord]) -> None:
        if not entries:
            return
        try:
            with self._store.transaction() as transaction:
                transaction.ledger.add(entries)
        except SQLAlchemyError as fault:
            log.warning("sftp_audit_not_stored", entries=len(entries), reason=str(fault.__cause__))


def _accounts(instance: Instance) -> dict[str, Account]:
    return {
        account.user: account
        for account in (_account(instance, partner) for partner in instance.partners.values())
        if account is not None
    }


def _account(instance: Instance, partner: Partner) -> Account | None:
    settings = partner.drop_box
    if settings is None:
        return None
    kept = settings.password_hash
    return Account(
        settings.user or partner.id,
        partner.id,
        inbox=instance.inbound_folder(partner),
        outbox=instance.outbound_folder(partner),
        archive=instance.archive / partner.id,
        keys=tuple(asyncssh.import_public_key(key) for key in settings.public_keys),
        password_hash=instance.vault.reveal(kept).encode() if kept is not None else b"",
        max_bytes=instance.settings.limits.payload,
        quota_bytes=settings.quota,
        quota_files=settings.files,
    )
