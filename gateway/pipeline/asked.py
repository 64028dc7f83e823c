"""What people ask for: each request about one subject is committed, and answered, by itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from gateway.clock import Clock
from gateway.pipeline.contention import insist
from gateway.pipeline.records import TimelineRecord, asked_by, kept
from gateway.pipeline.states import Subject
from gateway.pipeline.store_port import LostRace, Store, Transaction


@dataclass(frozen=True, slots=True)
class Done:
    """What became of a request about one subject."""

    id: str
    done: bool
    what: str
    """A sentence."""
    needless: bool = False
    """Nothing was done because all is as it was asked for."""


Request = Callable[[Transaction, str], Done]
"""Does what is asked for about the subject with an id."""


def answered(store: Store, id_: str, request: Request) -> Done:
    """Do what is asked for in a transaction of its own; say so where others come in its way."""

    def transact() -> Done:
        with store.transaction() as transaction:
            return request(transaction, id_)

    try:
        return insist(transact)
    except LostRace as race:
        return Done(id_, done=False, what=f"{race}; ask again")


@dataclass(frozen=True, slots=True)
class Notes:
    """Writes into timelines what a person did."""

    clock: Clock
    asker: str = ""
    """Who asks, where that is known."""

    def add(
        self, transaction: Transaction, subject: Subject, id_: str, verb: str, *, detail: str = ""
    ) -> None:
        """Note what was done with a subject."""
        said = kept(asked_by(self.asker, detail))
        transaction.ledger.add([TimelineRecord(subject, id_, self.clock(), verb, said)])
