"""What publishes events, as configuration describes it."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING

from gateway.config import Instance
from gateway.config.destinations import EventsDestination
from gateway.errors import Permanent, spoken
from gateway.secrets import Mask
from gateway.shaping import TextTemplate

if TYPE_CHECKING:
    from gateway.transports.events.cloud_event import EventWriter
    from gateway.transports.events.outbound import Outbound as EventsOutbound


def events_outbound(
    instance: Instance, settings: EventsDestination, name: str = ""
) -> tuple[EventsOutbound, Mask]:
    """Return what publishes to a broker, and what masks its secrets.

    The broker's client is imported here, where it is wanted.
    """
    from gateway.transports.events.brokers import PUBLISHERS, Address
    from gateway.transports.events.outbound import Outbound

    vault, login = instance.vault, settings.login
    writer = events_writer(instance, settings, name)
    address = Address(
        vault.reveal(settings.url),
        settings.timeout.total_seconds(),
        vault.reveal(login.username) if login else "",
        vault.reveal(login.password) if login else "",
        _context(instance, settings),
        settings.stream or "",
        settings.exchange or "",
    )
    publisher = PUBLISHERS[settings.broker]
    made = Outbound(writer, lambda: publisher(address), timeout=address.timeout)
    secrets = [value for _, template in settings.templates() for value in vault.values(template)]
    return made, Mask(secrets)


def events_writer(instance: Instance, settings: EventsDestination, name: str) -> EventWriter:
    """Return what makes events of documents."""
    from gateway.transports.events.cloud_event import EventWriter

    return EventWriter(
        settings.source,
        TextTemplate(settings.subject),
        TextTemplate(settings.key),
        TextTemplate(settings.event),
        instance.shape(name, settings.body),
    )


def _context(instance: Instance, settings: EventsDestination) -> ssl.SSLContext | None:
    tls = settings.tls
    if tls is None:
        return None
    authorities = instance.path(tls.authorities) if tls.authorities else None
    try:
        context = ssl.create_default_context(cafile=authorities)
        if tls.certificate and tls.key:
            context.load_cert_chain(instance.path(tls.certificate), instance.path(tls.key))
    except OSError as fault:
        raise Permanent(f"a certificate cannot be used: {spoken(fault)}") from fault
    return context
