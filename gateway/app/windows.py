"""What destinations gather for files of many documents, for people to look at and to hand on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from gateway.clock import Clock, utc_now
from gateway.config import Instance
from gateway.config.destinations import FileDestination
from gateway.pipeline.ports import OpenWindow

if TYPE_CHECKING:
    from gateway.transports.file.append import AppendOutbound


def gathering(instance: Instance, name: str, *, clock: Clock = utc_now) -> AppendOutbound | None:
    """Return the destination of this name where it gathers documents; None where it does not."""
    settings = instance.settings.destinations.get(name)
    if not isinstance(settings, FileDestination) or settings.append is None:
        return None
    from gateway.app.stored_destinations import append_outbound

    return append_outbound(instance, name, settings, clock=clock)


def open_windows(instance: Instance) -> Mapping[str, list[OpenWindow]]:
    """Return what each destination has gathered and that is in no file yet, by its name."""
    found = {}
    for name in instance.settings.destinations:
        if (outbound := gathering(instance, name)) is not None:
            found[name] = outbound.open_windows()
    return found
