"""How often a token may call: a bucket for each, which fills steadily and empties by calls."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from time import monotonic


@dataclass(frozen=True, slots=True)
class Rate:
    """What a token may do."""

    calls: float = 50.0
    """A second, on average."""
    burst: int = 200
    """At once, after a pause."""


@dataclass(slots=True)
class _Bucket:
    left: float
    at: float


@dataclass(frozen=True, slots=True)
class Allowance:
    """What a token may still do."""

    allowed: bool
    """This call."""
    headers: Mapping[str, str]
    """What the answer says about it."""


class Rates:
    """Counts the calls of each token, in this process."""

    def __init__(self, rate: Rate, now: Callable[[], float] = monotonic) -> None:
        self._rate = rate
        self._now = now
        self._buckets: dict[str, _Bucket] = {}

    def take(self, name: str) -> Allowance:
        """Count a call of a token."""
        rate, now = self._rate, self._now()
        bucket = self._buckets.setdefault(name, _Bucket(rate.burst, now))
        bucket.left = min(float(rate.burst), bucket.left + (now - bucket.at) * rate.calls)
        bucket.at = now
        allowed = bucket.left >= 1
        bucket.left -= allowed
        return Allowance(allowed, self._headers(bucket.left, allowed=allowed))

    def _headers(self, left: float, *, allowed: bool) -> Mapping[str, str]:
        rate = self._rate
        # Draft of the IETF's HTTPAPI group: quota and window, what remains, seconds until it is
        # full.
        window = max(1, math.ceil(rate.burst / rate.calls))
        until_full = math.ceil((rate.burst - left) / rate.calls)
        headers = {
            "RateLimit-Policy": f'"token";q={rate.burst};w={window}',
            "RateLimit": f'"token";r={int(left)};t={until_full}',
        }
        if not allowed:
            headers["Retry-After"] = str(max(1, math.ceil((1 - left) / rate.calls)))
        return headers
