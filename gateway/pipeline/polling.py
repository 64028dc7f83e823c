"""What the store remembers of a folder at a partner: who looks through it, what was left in it.

Two nodes never look through one folder: the right to do so is a lease, a row with an end. A process
that dies keeps no lease for long: where it ran on this machine, it is seen at once that it is gone.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta

from sqlalchemy.exc import SQLAlchemyError

from gateway.clock import Clock, new_id
from gateway.errors import Transient
from gateway.pipeline.polling_port import Sighting
from gateway.pipeline.reaper import place as this_place
from gateway.pipeline.reaper import surely_dead
from gateway.pipeline.store_port import Store, Transaction, database_is_unwell


class StoredFolderMemory:
    """The memory of one folder, in the store."""

    def __init__(
        self,
        store: Store,
        place: str,
        *,
        clock: Clock,
        holder: str | None = None,
        lasting: timedelta = timedelta(seconds=90),
    ) -> None:
        self.place = place
        self._store = store
        self._clock = clock
        self._holder = holder or f"gateway:{os.getpid()}:{new_id()}@{this_place()}"
        self._lasting = lasting
        self._renew_at: datetime | None = None

    def hold(self) -> bool:
        """Take the lease or renew it; False while somebody else has it."""
        now = self._clock()
        if self._renew_at is not None and now < self._renew_at:
            return True
        with self._transaction() as transaction:
            polling = transaction.polling
            until = now + self._lasting
            holder = polling.lease(self.place, self._holder, now, until)
            if holder != self._holder and _is_dead(holder):
                polling.end_lease(self.place, holder)
                holder = polling.lease(self.place, self._holder, now, until)
        ours = holder == self._holder
        # Renewed long before its end, and without a transaction for every look in between.
        self._renew_at = now + self._lasting / 4 if ours else None
        return ours

    def let_go(self) -> None:
        """Give the lease back, if it is ours."""
        self._renew_at = None
        with self._transaction() as transaction:
            transaction.polling.end_lease(self.place, self._holder)

    def left_there(self) -> Mapping[str, Sighting]:
        """Return the files that were taken and left where they lay, by name."""
        with self._transaction() as transaction:
            return transaction.polling.sightings(self.place)

    def remember(self, sightings: Mapping[str, Sighting]) -> None:
        """Note that files, by name, were taken and are left where they lie."""
        with self._transaction() as transaction:
            transaction.polling.remember(self.place, sightings)

    def forget(self, names: Collection[str]) -> None:
        """Forget files that do not lie there any more."""
        with self._transaction() as transaction:
            transaction.polling.forget(self.place, names)

    @contextmanager
    def _transaction(self) -> Iterator[Transaction]:
        """Begin a transaction; raise Transient where the store is unwell, as transports expect."""
        try:
            with self._store.transaction() as transaction:
                yield transaction
        except SQLAlchemyError as fault:
            if not database_is_unwell(fault):
                raise
            raise Transient("the store is unwell") from fault


def _is_dead(holder: str) -> bool:
    executor, _, at = holder.partition("@")
    return surely_dead(executor, at)
