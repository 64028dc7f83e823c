"""Folders at partners in the database: the verbs of `store_port.Polling`."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from gateway.pipeline.polling_port import Look, Sighting
from gateway.store import rows
from gateway.store.tables import leases, looks, sightings


class SqlPolling:
    """The verbs about folders that are looked through, on one connection."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection
        self._dialect = postgresql if connection.dialect.name == "postgresql" else sqlite

    def lease(self, name: str, holder: str, now: datetime, until: datetime) -> str:
        """Take a lease that is free, over or ours; return who has it now.

        One statement decides, so of two that ask at the same time one gets it.
        """
        statement = self._dialect.insert(leases).values(name=name, holder=holder, until=until)
        self._connection.execute(
            statement.on_conflict_do_update(
                index_elements=["name"],
                set_={"holder": holder, "until": until},
                where=(leases.c.holder == holder) | (leases.c.until < now),
            )
        )
        query = sa.select(leases.c.holder).where(leases.c.name == name)
        # Its holder may have ended it since: then nobody has it, and the next attempt gets it.
        return str(self._connection.execute(query).scalar() or "")

    def end_lease(self, name: str, holder: str) -> None:
        """End a lease, if this holder has it."""
        self._connection.execute(
            sa.delete(leases).where(leases.c.name == name, leases.c.holder == holder)
        )

    def sightings(self, place: str) -> Mapping[str, Sighting]:
        """Return the files of a folder that were taken and left there."""
        query = sa.select(
            sightings.c.name, sightings.c.size, sightings.c.modified, sightings.c.digest
        ).where(sightings.c.place == place)
        return {name: Sighting(*rest) for name, *rest in self._connection.execute(query)}

    def remember(self, place: str, seen: Mapping[str, Sighting]) -> None:
        """Note files, by name, as they were when they were taken."""
        statement = self._dialect.insert(sightings)
        told = {name: statement.excluded[name] for name in ("size", "modified", "digest")}
        rows_of = [
            {
                "place": place,
                "name": name,
                "size": one.size,
                "modified": one.modified,
                "digest": one.digest,
            }
            for name, one in seen.items()
        ]
        self._connection.execute(
            statement.on_conflict_do_update(index_elements=["place", "name"], set_=told), rows_of
        )

    def forget(self, place: str, names: Collection[str]) -> None:
        """Forget files of a folder."""
        for chunk in rows.chunks(sorted(names)):
            self._connection.execute(
                sa.delete(sightings).where(sightings.c.place == place, sightings.c.name.in_(chunk))
            )

    def note(self, look: Look) -> None:
        """Keep how the last look at a folder ended."""
        what = {"looked_at": look.looked_at, "fault": look.fault, "since": look.since}
        statement = self._dialect.insert(looks).values(place=look.place, **what)
        self._connection.execute(
            statement.on_conflict_do_update(index_elements=["place"], set_=what)
        )

    def looks(self) -> list[Look]:
        """Return how the last look at each folder ended."""
        query = sa.select(looks.c.place, looks.c.looked_at, looks.c.fault, looks.c.since).order_by(
            looks.c.place
        )
        return [Look(*row) for row in self._connection.execute(query)]

    def purge(self, before: datetime) -> None:
        """Forget folders that nobody has looked through since, with what was left in them."""
        old = sa.select(looks.c.place).where(looks.c.looked_at < before)
        self._connection.execute(sa.delete(sightings).where(sightings.c.place.in_(old)))
        self._connection.execute(sa.delete(looks).where(looks.c.looked_at < before))
        self._connection.execute(sa.delete(leases).where(leases.c.until < before))
