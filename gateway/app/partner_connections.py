"""Connections to partners, as an instance's files want them: folders, and where to send."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property

from gateway.app.receivers import Polled, Receivers
from gateway.clock import Clock
from gateway.config import Instance
from gateway.partners import Partner
from gateway.partners.connections import Connection, PickUp
from gateway.pipeline.polling import StoredFolderMemory
from gateway.pipeline.polling_port import Look
from gateway.pipeline.ports import Outbound, Received
from gateway.pipeline.store_port import Store
from gateway.transports.arrival import ArrivalRules
from gateway.transports.polled.names import PollRules
from gateway.transports.sftp.connection import Account
from gateway.transports.sftp.connection import Connection as SftpLink
from gateway.transports.sftp.inbound import Inbound as SftpInbound
from gateway.transports.sftp.outbound import Outbound as SftpOutbound


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

    def outbound(self, partner: Partner) -> Outbound | None:
        """Return what puts files where the partner wants them; None for its `out` folder."""
        send = partner.send
        if send is None:
            return None
        settings = partner.connections[send.connection]
        link = self.link(partner, send.connection)
        return SftpOutbound(link, send, quiet=settings.quiet, clock=self._clock)

    def link(self, partner: Partner, name: str) -> SftpLink:
        """Return a connection, shared by all that is done through it; its jump host likewise."""
        key = partner.id, name
        if key not in self._links:
            settings: Connection = partner.connections[name]
            via = self.link(partner, settings.via) if settings.via else None
            hint = f"; `gateway partners trust-host {partner.id} {name}` prints the line to write"
            account = Account.of(settings, self._instance.vault, hint)
            self._links[key] = SftpLink(account, via)
        return self._links[key]

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
        place = f"{partner.id}/{pick_up.connection}:{pick_up.folder}"
        return SftpInbound(
            self.link(partner, pick_up.connection),
            StoredFolderMemory(self._store, place, clock=self._clock),
            PollRules(pick_up, _arrival(self._instance, pick_up), settings.quiet),
            partner=partner.id,
            clock=self._clock,
        )

    def _note(self, look: Look) -> None:
        with self._store.transaction() as transaction:
            transaction.polling.note(look)


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
