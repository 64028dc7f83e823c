"""Connections to partners, as an instance's files want them: folders, and where to send."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from gateway.app.http_calls import http_outbound
from gateway.app.receivers import Polled, Receivers
from gateway.app.trial import Step, log_in, reach
from gateway.clock import Clock
from gateway.config import Instance
from gateway.errors import Permanent
from gateway.partners import Partner
from gateway.partners.connections import (
    As2Connection,
    Connection,
    FtpsConnection,
    HttpConnection,
    PickUp,
    QuietWindow,
    S3Connection,
    SftpConnection,
)
from gateway.pipeline import ports
from gateway.pipeline.polling import StoredFolderMemory
from gateway.pipeline.polling_port import Look
from gateway.pipeline.ports import Received
from gateway.pipeline.store_port import Store
from gateway.transports.arrival import ArrivalRules
from gateway.transports.polled.box import Place
from gateway.transports.polled.far_side import FarSide
from gateway.transports.polled.inbound import Inbound
from gateway.transports.polled.names import PollRules
from gateway.transports.polled.outbound import Outbound

if TYPE_CHECKING:
    from gateway.transports.sftp.connection import Connection as SftpLink


@dataclass(frozen=True, slots=True)
class SeenKey:
    """A host key as a server shows it."""

    fingerprint: str
    public_key: str
    is_pinned: bool


class PartnerConnections:
    """The connections of all partners: each is made when it is needed, and once."""

    def __init__(self, instance: Instance, store: Store, *, clock: Clock) -> None:
        self._instance = instance
        self._store = store
        self._clock = clock
        self._links: dict[tuple[str, str], SftpLink] = {}

    @cached_property
    def folders(self) -> list[Polled]:
        """Return every folder that is looked through."""
        return [
            self._folder(partner, pick_up)
            for partner in self._instance.partners.values()
            for pick_up in partner.pick_up
        ]

    def outbound(self, partner: Partner) -> ports.Outbound | None:
        """Return what puts files where the partner wants them; None for its `out` folder.

        None for AS2 too, which has no files: see `gateway.app.as2`.
        """
        send = partner.send
        if send is None or partner.connections[send.connection].type == "as2":
            return None
        settings = partner.connections[send.connection]
        if isinstance(settings, HttpConnection):
            return http_outbound(settings, self._instance.vault, clock=self._clock)
        far, shown = self._far_side(partner, send.connection)
        return Outbound(far, send, shown=shown, quiet=_quiet(settings), clock=self._clock)

    def _link(self, partner: Partner, name: str, settings: SftpConnection) -> SftpLink:
        """Return a connection, shared by all that is done through it; its jump host likewise."""
        key = partner.id, name
        if key not in self._links:
            from gateway.transports.sftp.connection import Account
            from gateway.transports.sftp.connection import Connection as SftpLink

            via = self._jump_host(partner, settings.via) if settings.via else None
            hint = f"; `gateway partners trust-host {partner.id} {name}` prints the line to write"
            account = Account.of(settings, self._instance.vault, hint)
            self._links[key] = SftpLink(account, via)
        return self._links[key]

    def _jump_host(self, partner: Partner, name: str) -> SftpLink | None:
        settings = partner.connections[name]
        return self._link(partner, name, settings) if settings.type == "sftp" else None

    def _far_side(self, partner: Partner, name: str) -> tuple[FarSide, str]:
        """Return the files behind a connection, in a session of their own, and what it is called.

        What a kind needs is imported where one is used: S3 alone takes half a second.
        """
        settings, vault = partner.connections[name], self._instance.vault
        match settings:
            case SftpConnection():
                from gateway.transports.sftp.files import SftpFiles

                link = self._link(partner, name, settings)
                return SftpFiles(link), link.shown
            case FtpsConnection():
                from gateway.transports.ftps import files as ftps

                far = ftps.FtpsFiles(ftps.Account.of(settings, vault))
                return far, far.shown
            case As2Connection() | HttpConnection():
                raise Permanent(f"'{name}' of partner '{partner.id}' has no folders")
            case S3Connection():
                from gateway.transports.s3 import files as s3

                bucket = s3.S3Files(s3.Account.of(settings, vault))
                return bucket, bucket.shown

    def trial(self, partner: Partner, name: str, *, write: bool) -> Iterator[Step]:
        """Try a connection out, one step after another; AS2 gets a test message where we may write.

        A step that the later ones need ends the trial where it fails.
        """
        settings = partner.connections[name]
        for step in reach(settings):
            yield step
            if step.fault:
                return
        if isinstance(settings, HttpConnection):
            return
        if settings.type == "as2":
            if write:
                from gateway.app import as2, as2_trial

                party = as2.As2Parties(self._instance).party(partner, name)
                yield from as2_trial.ping(party, clock=self._clock)
            return
        far, _ = self._far_side(partner, name)
        try:
            yield from log_in(partner, name, far, write=write)
        finally:
            far.close()

    def host_key(self, partner: Partner, name: str, settings: SftpConnection) -> SeenKey:
        """Ask a server which host key it has; none of our secrets is needed for that."""
        from gateway.transports.sftp import host_keys
        from gateway.transports.sftp.connection import Account
        from gateway.transports.sftp.connection import Connection as SftpLink

        via = self._jump_host(partner, settings.via) if settings.via else None
        command = settings.proxy_command
        proxy = self._instance.vault.reveal(command) if command else None
        account = Account(settings, settings.user.text, settings.host_keys, proxy_command=proxy)
        key = SftpLink(account, via).host_key()
        pinned = host_keys.is_pinned(key, settings.host_keys)
        return SeenKey(host_keys.fingerprint(key), host_keys.written(key), pinned)

    def looks(self) -> list[Look]:
        """Return how the last look at each folder ended, of those that are looked through."""
        known = {
            str(Place(partner.id, one.connection, one.folder, ""))
            for partner in self._instance.partners.values()
            for one in partner.pick_up
        }
        with self._store.transaction() as transaction:
            return [look for look in transaction.polling.looks() if look.place in known]

    @contextmanager
    def receiving(self, take: Callable[[Sequence[Received]], object]) -> Iterator[Receivers]:
        """Look through all folders until the block ends; `take` makes durable what they bring."""
        receivers = Receivers(self.folders, take, self._note, clock=self._clock)
        receivers.start()
        try:
            yield receivers
        finally:
            receivers.stop()

    def close(self) -> None:
        """Close every connection."""
        for link in self._links.values():
            link.close()

    def _folder(self, partner: Partner, pick_up: PickUp) -> Polled:
        settings = partner.connections[pick_up.connection]
        far, _ = self._far_side(partner, pick_up.connection)
        place = Place(partner.id, pick_up.connection, pick_up.folder, settings.type)
        return Inbound(
            far,
            StoredFolderMemory(self._store, str(place), clock=self._clock),
            PollRules(pick_up, _arrival(self._instance, pick_up), _quiet(settings)),
            place,
            clock=self._clock,
        )

    def _note(self, look: Look) -> None:
        with self._store.transaction() as transaction:
            transaction.polling.note(look)


def _quiet(settings: Connection) -> tuple[QuietWindow, ...]:
    return () if isinstance(settings, HttpConnection) else settings.quiet


def _arrival(instance: Instance, pick_up: PickUp) -> ArrivalRules:
    general = instance.settings.pickup
    return ArrivalRules(
        stable_for=pick_up.stable_for or general.stable_for,
        incomplete_after=pick_up.incomplete_after or general.incomplete_after,
        ignore=general.ignore if pick_up.ignore is None else pick_up.ignore,
        max_bytes=instance.settings.limits.payload,
        batch=pick_up.max_files,
        batch_bytes=pick_up.max_bytes,
    )
