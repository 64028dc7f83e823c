"""The acknowledgments of a slice, with their control numbers: written before they are taken.

SQLite lets one transaction write at a time, and writing acknowledgments is much of what recording
takes. So they are written with the numbers that would come next; the transaction takes its numbers,
and only where others took some meanwhile are the acknowledgments written anew.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import count

from gateway.acks.answer import Answer
from gateway.acks.results import ACKNOWLEDGMENT_GROUP
from gateway.partners import Partner
from gateway.pipeline.control_numbers import group_series, interchange_series
from gateway.pipeline.examined import Examined
from gateway.pipeline.outgoing_records import OutgoingRecord
from gateway.pipeline.records import kept
from gateway.pipeline.rulebook import identity_text
from gateway.pipeline.stages.acknowledge import answer
from gateway.pipeline.store_port import Transaction

_Firsts = Mapping[str, int]
"""The first number that is taken of each series."""


@dataclass(frozen=True, slots=True)
class _Due:
    """What is to be said of one interchange, and the series that its numbers are of."""

    about: Examined
    said: Answer
    partner: Partner
    interchange: str
    groups: tuple[str, ...]


class Answers:
    """What is to be said at once about interchanges."""

    def __init__(self, examined: Sequence[Examined], now: datetime) -> None:
        self._now = now
        self._due = [due for one in examined if (due := _due(one)) is not None]
        self._begin: dict[str, int] = {}
        self._wanted = self._count()
        self._expected: _Firsts = {}
        self.ahead: list[OutgoingRecord] = []
        """What was written with numbers that nobody has taken yet."""

    def write_ahead(self, transaction: Transaction) -> None:
        """Write them with the numbers that would come next, in a transaction that only reads."""
        known = transaction.ledger.following(self._begin)
        self._expected = {name: known.get(name, first) for name, first in self._begin.items()}
        self.ahead = self._written(self._expected)

    def take(self, transaction: Transaction) -> list[OutgoingRecord]:
        """Take the numbers, and return what is written with them."""
        # In one order everywhere, so that two transactions never wait for each other.
        taken = {
            name: transaction.ledger.allocate(name, self._wanted[rank, name], self._begin[name])
            for rank, name in sorted(self._wanted)
        }
        return self.ahead if taken == self._expected else self._written(taken)

    def _count(self) -> Counter[tuple[int, str]]:
        wanted: Counter[tuple[int, str]] = Counter()
        for one in self._due:
            numbers = one.partner.control_numbers
            names = [(numbers.first_interchange, one.interchange)]
            names += [(numbers.first_group, name) for name in one.groups]
            for rank, (first, name) in enumerate(names):
                # All interchanges go before all groups.
                wanted[min(rank, 1), name] += 1
                self._begin.setdefault(name, first)
        return wanted

    def _written(self, firsts: _Firsts) -> list[OutgoingRecord]:
        numbers = {name: count(first) for name, first in firsts.items()}
        return [
            answer(
                one.about.record,
                one.said,
                one.partner,
                number=next(numbers[one.interchange]),
                group_numbers=map(next, [numbers[name] for name in one.groups]),
                now=self._now,
            )
            for one in self._due
        ]


def _due(one: Examined) -> _Due | None:
    """Return what is to be said at once of an interchange, and not together with other things."""
    if one.concluded is None or one.partner is None:
        return None
    said = one.concluded.answer
    if not said.due or said.policy.batch is not None:
        return None
    heading = said.heading
    mark = one.partner.control_numbers.mark(heading.usage)
    sender, receiver = (kept(identity_text(at)) for at in (heading.sender, heading.receiver))
    groups = (
        group_series(kept(to.sender), kept(to.receiver), ACKNOWLEDGMENT_GROUP, mark)
        for to in said.addresses
    )
    series = interchange_series(sender, receiver, mark)
    return _Due(one, said, one.partner, series, tuple(groups))
