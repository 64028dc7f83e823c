"""How many failed messages are answered: whoever forges them gets few receipts out of us.

Names in headers are everybody's to write. A forged message makes us sign a receipt, store it and
post it to the partner, who never asked. So failures are counted, by where they come from and for
each partner over all sources, and beyond a few they are answered by HTTP alone. A message that is
sound is taken whatever the count says: forging must not keep the partner out.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock

_REMEMBERED = 10_000
"""Sources that are remembered; who has that many addresses still meets the partner's own limit."""


@dataclass(frozen=True, slots=True)
class FailureRules:
    """So many failed messages at once, and one more each so often."""

    of_a_source: int = 20
    of_a_partner: int = 100
    one_more_every: timedelta = timedelta(minutes=1)
    """For one source; a partner has as many more as its count is larger."""


@dataclass(slots=True)
class _Count:
    """What is left of an allowance, and since when that is so."""

    left: float
    at: datetime
    told: bool = False
    """Whether the log says already that it is used up."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A failure too many."""

    retry_after: int
    """Seconds until one more is answered."""
    first: bool
    """Whether it is the first one since an allowance was used up: said once, not each time."""


class Failures:
    """Counts failed messages. Any thread may call."""

    def __init__(self, rules: FailureRules) -> None:
        self._rules = rules
        self._lock = Lock()
        self._counts: OrderedDict[tuple[str, str], _Count] = OrderedDict()

    def note(self, peer: str, partner: str, now: datetime) -> Refusal | None:
        """Count a failure; return a refusal where it is one too many to be answered."""
        rules = self._rules
        every = rules.one_more_every.total_seconds()
        # A stranger is no partner: all strangers together have no common allowance to use up.
        wider = every * rules.of_a_source / rules.of_a_partner
        with self._lock:
            counts = [(self._count((peer, partner), rules.of_a_source, every, now), every)]
            if partner:
                counts.append((self._count(("", partner), rules.of_a_partner, wider, now), wider))
            lacking = [(count, pace) for count, pace in counts if count.left < 1]
            if not lacking:
                for count, _ in counts:
                    count.left -= 1
                return None
            first = not all(count.told for count, _ in lacking)
            for count, _ in lacking:
                count.told = True
            seconds = max((1 - count.left) * pace for count, pace in lacking)
            return Refusal(int(seconds) + 1, first)

    def _count(self, key: tuple[str, str], most: int, every: float, now: datetime) -> _Count:
        """Return what is left now of an allowance that grows by one each so many seconds."""
        count = self._counts.setdefault(key, _Count(most, now))
        self._counts.move_to_end(key)
        while len(self._counts) > _REMEMBERED:
            self._counts.popitem(last=False)
        # A clock that is set back gives nothing.
        passed = max((now - count.at).total_seconds(), 0.0)
        count.left = min(most, count.left + passed / every)
        count.at = now
        count.told = count.told and count.left < most
        return count
