"""A rate limit: so many calls within any stretch of time that is as long as the rate says.

The calls of the last such stretch stand in the lane's row, committed before they are made, so that
the limit holds over restarts and over all processes. They are kept in a few sums, each at the
moment of its latest call: what is remembered is never less than what was done.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

_SUMS = 20
"""Into so many parts a stretch of time is divided; a sum counts until its last call is over."""

Calls = Sequence[tuple[float, int]]
"""Sums of calls, the oldest first: the moment of the latest call in each, and how many."""


@dataclass(frozen=True, slots=True)
class Rate:
    """So many calls in so much time, and not one more."""

    calls: int
    per: timedelta

    def left(self, kept: str, now: datetime) -> int:
        """Return how many calls may begin now."""
        return max(0, self.calls - sum(count for _, count in self._recent(kept, now)))

    def opens(self, kept: str, now: datetime) -> datetime:
        """Return when the next call may begin, where none may now."""
        recent = self._recent(kept, now)
        if not recent or self.left(kept, now):
            return now
        return datetime.fromtimestamp(recent[0][0], now.tzinfo) + self.per

    def after(self, kept: str, count: int, now: datetime) -> str:
        """Return what is kept once so many calls more begin."""
        recent, at = list(self._recent(kept, now)), now.timestamp()
        width = self.per.total_seconds() / _SUMS
        if recent and at // width == recent[-1][0] // width:
            recent[-1] = at, recent[-1][1] + count
        elif count:
            recent.append((at, count))
        return json.dumps(recent)

    def ended(self, kept: str, unused: int, now: datetime) -> str:
        """Return what is kept where the latest calls began until now, but for some that did not."""
        # The last of them may have begun just now, however long ago the first did.
        *before, (_, count) = _sums(kept) or [(0.0, unused)]
        ended = json.dumps([*before, (now.timestamp(), count - unused)])
        return json.dumps(self._recent(ended, now))

    def _recent(self, kept: str, now: datetime) -> Calls:
        # The clocks of two processes differ a little. What is later by more than the rate counts
        # was called before a clock was put back: nothing waits for its time to come again.
        per, at = self.per.total_seconds(), now.timestamp()
        return [one for one in _sums(kept) if at - per < one[0] <= at + per]


def _sums(kept: str) -> list[tuple[float, int]]:
    return [(at, count) for at, count in json.loads(kept or "[]")]
