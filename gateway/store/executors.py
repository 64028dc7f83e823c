"""Which processes live: the verbs of `store_port.Executors`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import sqlalchemy as sa

from gateway.store.tables import executors


class SqlExecutors:
    """Heartbeats, on one connection."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def beat(self, executor: str, host: str, now: datetime) -> None:
        """Note that a process lives."""
        seen = self._connection.execute(
            # One that was taken for dead and lives after all is watched again.
            sa.update(executors)
            .where(executors.c.id == executor)
            .values(seen_at=now, buried_at=None)
        ).rowcount
        if not seen:
            self._connection.execute(
                executors.insert().values(id=executor, host=host, started_at=now, seen_at=now)
            )

    def unseen_since(self, moment: datetime) -> list[str]:
        """Return the processes that have not been seen since then and are not buried."""
        query = sa.select(executors.c.id).where(
            executors.c.seen_at < moment, executors.c.buried_at.is_(None)
        )
        return list(self._connection.scalars(query))

    def living(self) -> Mapping[str, str]:
        """Map each process that is not buried to the place it runs in."""
        query = sa.select(executors.c.id, executors.c.host).where(executors.c.buried_at.is_(None))
        return {row.id: row.host for row in self._connection.execute(query)}

    def bury(self, executor: str, now: datetime) -> None:
        """Note that a dead process's jobs were given to others."""
        self._connection.execute(
            sa.update(executors).where(executors.c.id == executor).values(buried_at=now)
        )

    def forget(self, before: datetime) -> int:
        """Remove the processes that were buried before; return how many were."""
        return self._connection.execute(
            sa.delete(executors).where(executors.c.buried_at < before)
        ).rowcount
