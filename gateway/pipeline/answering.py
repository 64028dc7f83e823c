"""The acknowledgments of a slice, with their control numbers: written before they are taken.

SQLite lets one transaction write at a time, and writing acknowledgments is much of what recording
takes. So they are written with the numbers that would come next; the transaction takes its numbers,
and only where others took some meanwhile are the acknowledgments written anew.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import count

from gateway.acks.results import ACKNOWLEDGMENT_GROUP
from gateway.partners.partner import ControlNumbers
from gateway.pipeline.control_numbers import group_series, interchange_series
from gateway.pipeline.examined import Examined
from gateway.pipeline.outgoing_records import OutgoingRecord
from gateway.pipeline.records import kept
from gateway.pipeline.rulebook import identity_text
from gateway.pipeline.stages.acknowledge import answer
from gateway.pipeline.store_port import Transaction

_Firsts = Mapping[str, int]
"""The first number that is taken of each series."""


class Answers:
    """What is to be said at once about interchanges."""

    def __init__(self, examined: Sequence[Examined], now: datetime) -> None:
        self._now = now
        self._due = [one for one in examined if _is_due(one)]
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
            settings = _settings(one)
            names = [(settings.first_interchange, _interchange_series(one))]
            names += [(settings.first_group, name) for name in _group_series(one)]
            for rank, (first, name) in enumerate(names):
                # All interchanges go before all groups.
                wanted[min(rank, 1), name] += 1
                self._begin.setdefault(name, first)
        return wanted

    def _written(self, firsts: _Firsts) -> list[OutgoingRecord]:
        numbers = {name: count(first) for name, first in firsts.items()}
        return [
            answer(
                one.record,
                one.concluded.answer,
                one.partner,
                number=next(numbers[_interchange_series(one)]),
                group_numbers=_of_groups(one, numbers),
                now=self._now,
            )
            for one in self._due
            if one.concluded is not None and one.partner is not None
        ]


def _is_due(one: Examined) -> bool:
    """Say whether something is to be said at once, and not together with other things."""
    if one.concluded is None or one.partner is None:
        return False
    said = one.concluded.answer
    return said.due and said.policy.batch is None


def _of_groups(one: Examined, numbers: Mapping[str, Iterator[int]]) -> Iterator[int]:
    return (next(numbers[name]) for name in _group_series(one))


def _settings(one: Examined) -> ControlNumbers:
    return one.partner.control_numbers if one.partner is not None else ControlNumbers()


def _mark(one: Examined) -> str:
    usage = one.concluded.answer.heading.usage if one.concluded is not None else ""
    return _settings(one).mark(usage)


def _interchange_series(one: Examined) -> str:
    """Name the sequence of an answer, by those between whom it goes."""
    if one.concluded is None:
        return ""
    heading = one.concluded.answer.heading
    sender, receiver = (identity_text(party) for party in (heading.sender, heading.receiver))
    return interchange_series(kept(sender), kept(receiver), _mark(one))


def _group_series(one: Examined) -> list[str]:
    if one.concluded is None:
        return []
    return [
        group_series(kept(to.sender), kept(to.receiver), ACKNOWLEDGMENT_GROUP, _mark(one))
        for to in one.concluded.answer.addresses
    ]
