"""Keeps the versions of maps that are in force, before anything is translated by them."""

from __future__ import annotations

from dataclasses import dataclass, field
from threading import Lock

from sqlalchemy.exc import SQLAlchemyError

from gateway.clock import Clock
from gateway.config.versions import InForce
from gateway.errors import GatewayError, first_line
from gateway.pipeline.store_port import Store


class StoreUnusable(GatewayError):
    """The database cannot be used."""


@dataclass(slots=True)
class KeptVersions:
    """The versions of an opened instance, kept when they are first needed.

    A command that looks at documents, or delivers them again, makes none and keeps none.
    """

    store: Store
    in_force: InForce
    clock: Clock
    _lock: Lock = field(default_factory=Lock)
    _kept: bool = False

    def keep(self) -> None:
        """Keep what the maps of now were made of; once is enough."""
        with self._lock:
            if not self._kept:
                self._keep()
                self._kept = True

    def _keep(self) -> None:
        versions = list(self.in_force.all())
        if not versions:
            return
        contents = {hash_: content for one in versions for hash_, content in one.by_hash.items()}
        records = [one.record(self.clock()) for one in versions]
        try:
            with self.store.transaction() as transaction:
                transaction.versions.keep(records, contents)
        except SQLAlchemyError as fault:
            raise StoreUnusable(f"versions of maps cannot be kept: {first_line(fault)}") from fault
