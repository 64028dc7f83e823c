"""What a destination would be sent of a document: written as for a delivery, and sent nowhere."""

from __future__ import annotations

from gateway.app.events import events_writer
from gateway.app.http_calls import mask_of
from gateway.app.http_destinations import HttpDestinations
from gateway.app.informed import Informed
from gateway.app.stored_destinations import file_written
from gateway.clock import utc_now
from gateway.config import Instance
from gateway.config.destinations import EventsDestination, FileDestination, StepsDestination
from gateway.config.destinations.http import HttpCalling
from gateway.errors import GatewayError
from gateway.pipeline.ports import Consignment, Exchange
from gateway.secrets import Mask
from gateway.transports.documents import document_of


class NotShown(GatewayError):
    """What a destination of this kind is sent cannot be known before."""


def preview(instance: Instance, name: str, what: Consignment) -> Exchange:
    """Return what would be sent, secrets masked; raise NotShaped where a document does not fit.

    How a call authenticates is not part of it.
    """
    settings = instance.destination(name)
    if isinstance(settings, HttpCalling) and not isinstance(settings, StepsDestination):
        # What signs it would want a moment, and what logs in a token: neither is asked for.
        informed = Informed.facts_of(settings.facts, what)
        request = HttpDestinations(instance, name, utc_now).request(settings, informed)
        mask = mask_of(settings, instance.vault)
        written = Exchange(f"{request.method} {request.url}", request.content, request.headers)
        return _masked(written, mask)
    if isinstance(settings, FileDestination):
        made = file_written(instance, name, settings, document_of(what), what.facts)
        return Exchange(f"write into {settings.folder}", made.content)
    if isinstance(settings, EventsDestination):
        event = events_writer(instance, settings, name).event(what)
        return Exchange(f"publish {event.subject}", event.content)
    raise NotShown(
        f"what {name} is sent cannot be shown before: it depends on what is there "
        "(steps on answers, a table on its rows)"
    )


def _masked(one: Exchange, mask: Mask) -> Exchange:
    return Exchange(mask.text(one.request), mask.content(one.content), mask.headers(one.headers))
