"""What partners connect to: the HTTP server with its routes, as an instance's files want it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager

import structlog
from starlette.routing import BaseRoute

from gateway.clock import Clock
from gateway.config import Instance
from gateway.config.server import Server as ServerSettings
from gateway.pipeline.mdns import Mdns
from gateway.pipeline.ports import Received
from gateway.pipeline.store_port import Desk
from gateway.transports.http.inbound import Caller, PostingRules
from gateway.transports.http.inbound import Inbound as HttpInbound
from gateway.transports.server import Listening, Server

_TOGETHER = 10
"""Bodies of the largest size that are held at one moment."""

log = structlog.get_logger()


@contextmanager
def listening(
    instance: Instance,
    take: Callable[[Sequence[Received]], Sequence[str]],
    desk: Desk,
    mdns: Mdns,
    *,
    also: Sequence[BaseRoute],
    clock: Clock,
) -> Iterator[None]:
    """Let partners connect until the block ends; `take` makes durable what they bring.

    `also` are routes of others on the same server.
    """
    settings = instance.settings.server
    if settings is None:
        yield
        return
    routes = [*also, *HttpInbound(take, desk, _posting(instance, settings)).routes()]
    with ExitStack() as closing:
        if instance.settings.as2 is not None:
            from gateway.app.as2 import inbound

            as2 = inbound(instance, take, desk, mdns, within=settings.body_within, clock=clock)
            closing.callback(as2.close)
            routes += as2.routes()
        server = Server(_listening(instance, settings), routes)
        server.connect()
        closing.callback(server.close)
        log.info("http_server_listens", host=settings.host, port=server.port)
        yield


def _listening(instance: Instance, settings: ServerSettings) -> Listening:
    return Listening(
        settings.host,
        settings.port,
        certificate=instance.path(settings.certificate) if settings.certificate else None,
        key=instance.path(settings.key) if settings.key else None,
        connections=settings.connections,
    )


def _posting(instance: Instance, settings: ServerSettings) -> PostingRules:
    callers = {
        partner.id: Caller(
            tuple(instance.vault.reveal(key).encode() for key in partner.http.api_keys),
            frozenset(partner.http.certificates),
        )
        for partner in instance.partners.values()
        if partner.http is not None
    }
    return PostingRules(
        callers,
        max_bytes=instance.settings.limits.payload,
        together=_TOGETHER * instance.settings.limits.payload,
        deadline=settings.body_within,
        certificate_header=settings.client_certificate_header or "",
        trusted_proxies=frozenset(settings.trusted_proxies),
    )
