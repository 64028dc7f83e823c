"""Versions of maps in the database: the verbs of `versions_port.Versions`."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, fields
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from gateway.pipeline.versions_port import VersionRecord, VersionUse
from gateway.store.tables import documents
from gateway.store.version_tables import version_contents, versions

_COLUMNS = [versions.c[field.name] for field in fields(VersionRecord)]


class SqlVersions:
    """The verbs about versions, on one connection."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection
        self._dialect = postgresql if connection.dialect.name == "postgresql" else sqlite

    def keep(self, records: Sequence[VersionRecord], contents: Mapping[str, bytes]) -> int:
        """Keep the versions that are in force now; return how many are new."""
        in_force = {one.subject: one.hash for one in self.listed()}
        new = [one for one in records if in_force.get(one.subject) != one.hash]
        needed = {hash_ for one in new for hash_ in one.contents.values()}
        # In one order, since other processes may keep the same at this moment.
        rows = [{"hash": one, "content": contents[one]} for one in sorted(needed)]
        if rows:
            statement = self._dialect.insert(version_contents).on_conflict_do_nothing()
            self._connection.execute(statement, rows)
        if new:
            ordered = sorted(new, key=lambda one: one.subject)
            statement = self._dialect.insert(versions).on_conflict_do_nothing()
            self._connection.execute(statement, [asdict(one) for one in ordered])
        return len(new)

    def listed(self, name: str | None = None) -> list[VersionRecord]:
        """List versions, of one map or of all, oldest first."""
        query = sa.select(*_COLUMNS).order_by(versions.c.since, versions.c.subject)
        if name is not None:
            query = query.where(versions.c.map == name)
        return [VersionRecord(*row) for row in self._connection.execute(query)]

    def used(self) -> Mapping[str, VersionUse]:
        """Return what each version was used for, by its hash."""
        came = documents.c.received_at
        query = (
            sa.select(documents.c.map_hash, sa.func.count(), sa.func.min(came), sa.func.max(came))
            .where(documents.c.map_hash.is_not(None))
            .group_by(documents.c.map_hash)
        )
        return {row[0]: VersionUse(*row[1:]) for row in self._connection.execute(query)}

    def contents(self, hashes: Collection[str]) -> Mapping[str, bytes]:
        """Return contents by their hashes."""
        query = sa.select(version_contents).where(version_contents.c.hash.in_(sorted(hashes)))
        return {row.hash: row.content for row in self._connection.execute(query)}

    def forget(self, before: datetime) -> int:
        """Remove versions older than a moment that no document needs and that are not in force."""
        records = self.listed()
        in_force = {one.subject: one for one in records}
        used = self.used()
        gone = [
            one
            for one in records
            if one.since < before and one.hash not in used and in_force[one.subject] is not one
        ]
        for one in gone:
            self._connection.execute(
                sa.delete(versions).where(
                    versions.c.subject == one.subject, versions.c.since == one.since
                )
            )
        if gone:
            left = {hash_ for one in self.listed() for hash_ in one.contents.values()}
            unneeded = {hash_ for one in gone for hash_ in one.contents.values()} - left
            self._connection.execute(
                sa.delete(version_contents).where(version_contents.c.hash.in_(sorted(unneeded)))
            )
        return len(gone)
