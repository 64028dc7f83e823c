"""Trying out destinations that are not called over HTTP: a folder, a table, a broker."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from gateway.app.events import events_outbound
from gateway.app.stored_destinations import table_outbound
from gateway.app.trial import Step
from gateway.clock import Clock
from gateway.config import Instance
from gateway.config.delivery import Delivering
from gateway.config.destinations import EventsDestination, FileDestination, TableDestination
from gateway.errors import GatewayError, spoken


def try_file(instance: Instance, settings: Delivering, clock: Clock) -> Iterator[Step]:
    """Make the folder where it is missing, and see whether we may write there."""
    del clock
    if not isinstance(settings, FileDestination):
        raise TypeError(f"{type(settings).__name__} is no folder")
    folder = instance.path(settings.folder)
    advice = "may the user that runs the gateway write there? Is a share mounted?"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as fault:
        yield Step("folder", f"making {folder}", spoken(fault), advice)
        return
    if why := _unwritable(folder):
        yield Step("folder", f"writing into {folder}", why, advice)
    else:
        yield Step("folder", f"{folder} can be written")


def _unwritable(folder: Path) -> str:
    """Say what keeps us from writing in a folder, without writing there; empty where nothing."""
    disk = os.statvfs(folder)
    if disk.f_flag & os.ST_RDONLY:
        return "its file system is mounted read-only"
    if not os.access(folder, os.W_OK | os.X_OK):
        return "permission denied"
    return "" if disk.f_bavail or not disk.f_blocks else "the disk is full"


def try_table(instance: Instance, settings: Delivering, clock: Clock) -> Iterator[Step]:
    """Look at the tables: whether they have our columns, and recognise a row by its key."""
    del clock
    if not isinstance(settings, TableDestination):
        raise TypeError(f"{type(settings).__name__} is no table")
    outbound, mask = table_outbound(instance, settings)
    try:
        outbound.connect()
        for said in outbound.look():
            yield Step("table", said)
    except GatewayError as fault:
        advice = "does the database have these tables, and may our user write them?"
        yield Step("table", "looking at the database", mask.text(str(fault)), advice)
    finally:
        outbound.close()


def try_events(instance: Instance, settings: Delivering, clock: Clock) -> Iterator[Step]:
    """Connect to the broker; nothing is published."""
    del clock
    if not isinstance(settings, EventsDestination):
        raise TypeError(f"{type(settings).__name__} is no broker")
    outbound, mask = events_outbound(instance, settings)
    try:
        outbound.connect()
        outbound.reach()
        yield Step("broker", f"{settings.broker} takes our connection")
    except GatewayError as fault:
        advice = "does the broker run there, and are `login` and `tls` as it wants them?"
        yield Step("broker", f"connecting to {settings.broker}", mask.text(str(fault)), advice)
    finally:
        outbound.close()
