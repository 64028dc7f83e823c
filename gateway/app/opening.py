"""Opening an instance, and what keeps one from being opened or used.

Whatever the database says while the instance is open becomes a sentence about its store.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from gateway import config
from gateway.app.opened import App
from gateway.app.versions import StoreUnusable
from gateway.clock import Clock, utc_now
from gateway.config import Instance
from gateway.errors import GatewayError, first_line
from gateway.pipeline.ports import Observer, unobserved
from gateway.store import SqlStore, TablesUnknown, open_database


class NotText(GatewayError):
    """Something that was asked for is not text."""


@contextmanager
def open_instance(
    home: Path,
    *,
    observer: Observer = unobserved,
    clock: Clock = utc_now,
    maps_too: bool = True,
) -> Iterator[App]:
    """Open the instance in a folder; raise ConfigProblems with all that is wrong with its files.

    Who only looks leaves the checking of maps out, which takes longest.
    """
    instance = config.load(home, maps_too=maps_too)
    with opened(instance, observer=observer, clock=clock) as app:
        yield app


@contextmanager
def opened(
    instance: Instance, *, observer: Observer = unobserved, clock: Clock = utc_now
) -> Iterator[App]:
    """Open an instance whose files have been read."""
    app = App(instance, _open_store(instance), observer=observer, clock=clock)
    try:
        yield app
    except SQLAlchemyError as fault:
        raise _unusable(instance, fault) from fault
    except UnicodeEncodeError as fault:
        raise NotText(f"{fault.object!r} is not text in the encoding of this terminal") from fault
    finally:
        app.close()


def _open_store(instance: Instance) -> SqlStore:
    try:
        return SqlStore(open_database(instance.store_url()))
    except (SQLAlchemyError, TablesUnknown, OSError) as fault:
        raise _unusable(instance, fault) from fault


def _unusable(instance: Instance, fault: Exception) -> StoreUnusable:
    # The address may hold a password; the driver's first line says what is wrong without it.
    reason = first_line(getattr(fault, "orig", None) or fault)
    return StoreUnusable(f"the store of {instance.home} cannot be used: {reason}")
