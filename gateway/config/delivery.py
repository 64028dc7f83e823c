"""The delivery policy: how often and how hard each kind of destination is asked."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from pydantic import Field, model_validator

from gateway.partners.fields import Settings
from gateway.partners.kinds import Duration
from gateway.pipeline.ports import DeliveryPolicy


class Backoff(Settings):
    """How long to wait between attempts: doubling from `first` up to `longest`, with jitter."""

    first: Duration = timedelta(seconds=2)
    """Wait after the first attempt."""
    longest: Duration = timedelta(minutes=15)
    """Never wait longer than this between two attempts."""

    @model_validator(mode="after")
    def _rises(self) -> Backoff:
        if self.longest < self.first:
            raise ValueError("'longest' is shorter than 'first'")
        return self


class Breaker(Settings):
    """When a destination is left alone for a while: no attempt is used up meanwhile."""

    failures: Annotated[int, Field(ge=1, le=1000)] = 5
    """Failures in a row that open the circuit breaker."""
    pause: Duration = timedelta(seconds=30)
    """How long it stays open."""


class Delivering(Settings):
    """What every kind of destination inherits: how it is to be treated."""

    production: bool
    """Whether this is a production system. Only documents with usage indicator P reach one. There
    is no default: a guess would be wrong one day."""
    attempts: Annotated[int, Field(ge=1, le=1000)] = 12
    """After this many the delivery waits for a person."""
    backoff: Backoff = Backoff()
    """Wait between attempts."""
    breaker: Breaker = Breaker()
    """When to leave the destination alone."""
    concurrency: Annotated[int, Field(ge=1, le=256)] = 4
    """Calls at the same time."""
    owner: str | None = None
    """Who acts when deliveries here wait for a person."""

    def policy(self, owner: str) -> DeliveryPolicy:
        """Return how often and how hard to ask; `owner` acts if the destination names none."""
        return DeliveryPolicy(
            concurrency=self.concurrency,
            attempts=self.attempts,
            first_pause=self.backoff.first,
            longest_pause=self.backoff.longest,
            breaker_failures=self.breaker.failures,
            breaker_pause=self.breaker.pause,
            owner=self.owner or owner,
        )
