"""The destinations of an instance: each kind of configuration with the transport that serves it."""

from __future__ import annotations

from gateway.app.events import events_outbound
from gateway.app.http_destinations import HttpDestinations
from gateway.app.informed import Informed
from gateway.app.masking import Masked
from gateway.app.steps import steps_outbound
from gateway.app.stored_destinations import file_outbound, table_outbound
from gateway.clock import Clock
from gateway.config import Instance
from gateway.config.destinations import (
    Destination,
    EventsDestination,
    FileDestination,
    HttpCalling,
    StepsDestination,
    TableDestination,
)
from gateway.pipeline.ports import Outbound


def destination_outbound(instance: Instance, name: str, *, clock: Clock) -> Outbound:
    """Return what delivers to a destination."""
    settings = instance.destination(name)
    outbound = _outbound(instance, name, settings, clock)
    if isinstance(settings, HttpCalling) and settings.facts:
        return Informed(outbound, settings.facts)
    return outbound


def _outbound(instance: Instance, name: str, settings: Destination, clock: Clock) -> Outbound:
    match settings:
        case StepsDestination():
            return steps_outbound(instance, name, settings, clock=clock)
        case EventsDestination():
            return Masked(*events_outbound(instance, settings, name))
        case FileDestination():
            return file_outbound(instance, name, settings, clock=clock)
        case TableDestination():
            return Masked(*table_outbound(instance, settings))
        case _:
            return HttpDestinations(instance, name, clock).outbound(settings)
