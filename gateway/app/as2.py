"""AS2 as an instance's files want it: who the parties are, what listens, what sends.

Imported where a partner or `gateway.yaml` has AS2 only: cryptography takes long to import.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from datetime import timedelta

from gateway.as2 import (
    Cipher,
    Compression,
    Digest,
    Keys,
    KeyTransport,
    Limits,
    MdnMode,
    Profile,
    Quirk,
    SigningKey,
    TransferEncoding,
)
from gateway.clock import Clock
from gateway.config import Instance
from gateway.config.as2 import As2
from gateway.config.as2_keys import read_all_pinned, read_key_pair
from gateway.errors import Permanent
from gateway.partners import Partner
from gateway.partners.connections import As2Connection
from gateway.pipeline.mdns import Mdns
from gateway.pipeline.ports import Consignment, Receipt, Received
from gateway.pipeline.ports import Outbound as AnyOutbound
from gateway.pipeline.store_port import Desk
from gateway.secrets import Vault
from gateway.transports.as2.inbound import As2Rules, Inbound
from gateway.transports.as2.outbound import Outbound, Owing, WithMdns
from gateway.transports.as2.party import Party

_WRAPPING = 2
"""A body is at most so many times its payload: base64 in base64, which nobody exceeds."""
_OVERHEAD = 256 * 1024
"""Signature, certificates and headers."""
_TOGETHER = 10
"""Bodies of the largest size that are held at one moment."""


class As2Parties:
    """The AS2 connections of all partners, with keys and certificates read."""

    def __init__(self, instance: Instance) -> None:
        self._instance = instance
        self._settings = instance.settings.as2
        self._ours: tuple[SigningKey, ...] | None = None

    @property
    def limits(self) -> Limits:
        """Return how much of a message is taken: as large a payload as from anywhere else."""
        payload = self._instance.settings.limits.payload
        return Limits(body=_WRAPPING * payload + _OVERHEAD, payload=payload + _OVERHEAD)

    def all(self) -> list[Party]:
        """Return every AS2 connection of every partner."""
        return [
            party
            for partner in self._instance.partners.values()
            for party in self.of(partner).values()
        ]

    def of(self, partner: Partner) -> dict[str, Party]:
        """Return the AS2 connections of one partner, by their names."""
        return {
            name: self.party(partner, name)
            for name, connection in partner.connections.items()
            if isinstance(connection, As2Connection)
        }

    def party(self, partner: Partner, name: str) -> Party:
        """Return one connection; raise where a key or certificate cannot be read."""
        connection, vault = partner.connections[name], self._instance.vault
        if not isinstance(connection, As2Connection) or self._settings is None:
            raise Permanent(f"'{name}' of partner '{partner.id}' is no AS2 connection of ours")
        return Party(
            partner=partner.id,
            connection=name,
            profile=profile(connection, self._settings),
            keys=Keys(self._own_keys(), read_all_pinned(vault.home, connection.certificates)),
            url=connection.url,
            mdn_hosts=connection.hosts,
            headers=_authorization(connection, vault),
            pins=frozenset(connection.tls_certificates),
            timeout=connection.timeout,
            content_type=connection.content_type,
            mdn_within=connection.mdn_within,
            resends=connection.resends,
            quiet=connection.quiet,
        )

    def _own_keys(self) -> tuple[SigningKey, ...]:
        if self._ours is None:
            pairs = self._settings.keys if self._settings is not None else ()
            self._ours = tuple(read_key_pair(self._instance.vault, pair) for pair in pairs)
        return self._ours


def inbound(
    instance: Instance,
    take: Callable[[Sequence[Received]], Sequence[str]],
    desk: Desk,
    mdns: Mdns,
    *,
    within: timedelta,
    clock: Clock,
) -> Inbound:
    """Return what partners post to."""
    parties = As2Parties(instance)
    limits = parties.limits
    rules = As2Rules(
        {party.names: party for party in parties.all()},
        limits=limits,
        deadline=within,
        together=_TOGETHER * limits.body,
    )
    return Inbound(take, desk, mdns, rules, clock=clock)


def outbound(
    instance: Instance, partner: Partner, usual: AnyOutbound, mdns: Mdns, *, clock: Clock
) -> AnyOutbound:
    """Return where a partner's interchanges go, with the way for MDNs beside it.

    `usual` is where they go unless the partner's `send` names an AS2 connection.
    """
    parties = As2Parties(instance)
    of_partner = parties.of(partner)
    party = of_partner.get(partner.send.connection) if partner.send is not None else None
    if party is not None:
        usual = Outbound(party, mdns, clock=clock, limits=parties.limits)
    return WithMdns(usual, Owing(of_partner, clock=clock))


def send_file(
    instance: Instance, partner: Partner, name: str, *, mdns: Mdns, what: tuple[str, bytes, str]
) -> Receipt:
    """Send bytes once, by hand: `what` is a file name, its content, and what names the message."""
    file, content, key = what
    parties = As2Parties(instance)
    sending = Outbound(parties.party(partner, name), mdns, limits=parties.limits)
    sending.connect()
    try:
        return sending.deliver(Consignment(content, file, key, key))
    finally:
        sending.close()


def profile(connection: As2Connection, ours: As2) -> Profile:
    """Return what was agreed with a partner, in the protocol's words."""
    return Profile(
        our_id=connection.our_as2_id or ours.id,
        partner_id=connection.as2_id,
        sign=None if connection.sign == "none" else Digest(connection.sign),
        encrypt=None if connection.encrypt == "none" else Cipher(connection.encrypt),
        key_transport=KeyTransport(connection.key_transport),
        compress=Compression(connection.compress),
        transfer_encoding=TransferEncoding(connection.transfer_encoding),
        mdn=MdnMode(connection.mdn),
        mdn_url=ours.url or "",
        signed_mdn=connection.signed_mdn,
        mic_algorithms=tuple(Digest(name) for name in connection.mic_algorithms),
        require_signed=connection.require_signed,
        require_encrypted=connection.require_encrypted,
        quirks=frozenset(Quirk(name) for name in connection.quirks),
    )


def _authorization(connection: As2Connection, vault: Vault) -> dict[str, str]:
    if connection.user is None or connection.password is None:
        return {}
    pair = f"{vault.reveal(connection.user)}:{vault.reveal(connection.password)}"
    return {"Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"}
