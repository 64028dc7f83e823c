"""The delivery policy: how often and how hard each kind of destination is asked."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from pydantic import Field, field_validator, model_validator

from gateway.config.hours import Hours
from gateway.partners.fields import Settings, Texts
from gateway.partners.kinds import Duration
from gateway.pipeline.ports import DeliveryPolicy
from gateway.pipeline.rate import Rate


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
    """How long it stays open at first; then one delivery is tried."""
    longest: Duration = timedelta(minutes=15)
    """How long it stays open at most: each trial that fails doubles the pause."""


class RateLimit(Settings):
    """So many calls in so much time, over all processes."""

    calls: Annotated[int, Field(ge=1, le=1_000_000)]
    """Calls that may begin within any such stretch of time."""
    per: Duration
    """How long it is."""

    @field_validator("per")
    @classmethod
    def _short(cls, per: timedelta) -> timedelta:
        if per > timedelta(days=1):
            raise ValueError("expected a day at most")
        return per


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
    rate: RateLimit | None = None
    """How many calls in how much time; without it as many as go."""
    ordering_key: Texts = ()
    """Business keys, fields of the document, or `partner`: deliveries that agree in all of them go
    one after another. One that failed or is dead holds those behind it, and nobody else."""
    hours: Hours | None = None
    """When something may be sent; without it always."""
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
            breaker_longest=self.breaker.longest,
            rate=Rate(self.rate.calls, self.rate.per) if self.rate is not None else None,
            hours=self.hours.compiled() if self.hours is not None else None,
            ordered=bool(self.ordering_key),
            owner=self.owner or owner,
        )
