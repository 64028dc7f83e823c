"""Delivers documents to a destination over HTTP, each attempt under the same key."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Literal, Protocol

import httpx

from gateway.clock import Clock, utc_now
from gateway.errors import Transient
from gateway.pipeline.answers import Finder, Judge
from gateway.pipeline.ports import Consignment, Exchange, Receipt
from gateway.transports.documents import document_of
from gateway.transports.http.authentication import Authenticator
from gateway.transports.http.calls import Answered, Calls, Line, shown_address
from gateway.transports.http.deadline import Identity
from gateway.transports.http.request import Request
from gateway.transports.http.writing import Address, Writer

_SUCCESS = range(200, 300)
_NOT_FOUND = 404


@dataclass(frozen=True, slots=True)
class HttpDestination:
    """Where documents are sent to, and how."""

    url: str = field(repr=False)
    """With secrets in it where its path or query has any, so never shown: see `shown`."""
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Sent with each request, such as Authorization: secrets, already resolved, so never shown."""
    timeout: timedelta = timedelta(seconds=30)
    """For a whole call, from connecting to the last byte of the answer."""
    connections: int = 8
    """Kept open and used again."""
    method: Literal["POST", "PUT", "PATCH"] = "POST"
    identity: Identity = field(default_factory=Identity, repr=False)
    """Our certificate, and whom to trust."""

    @property
    def shown(self) -> str:
        """Name it for people: scheme, host and port, and nothing that may be a secret."""
        return shown_address(self.url)


class Caller(Protocol):
    """Makes calls."""

    def connect(self) -> None:
        """Make ready to call."""

    def call(self, request: Request, tell: Callable[[Exchange], None]) -> Answered:
        """Make a call; raise Transient or Permanent where there is no answer to judge."""

    def break_off(self) -> None:
        """Let every call that is under way end now."""

    def close(self) -> None:
        """Let go of connections."""


@dataclass(frozen=True, slots=True)
class LookUp:
    """Asks whether a document is there already, before an attempt that is not the first.

    For systems that keep no idempotency keys: an attempt whose answer was lost may have succeeded.
    """

    address: Address
    found: Finder
    """Finds something in the answer where the document is there."""
    reference: Mapping[str, Finder] = field(default_factory=dict)
    always: bool = False
    """Asks before the first attempt too."""

    def is_due(self, consignment: Consignment) -> bool:
        """Say whether it is asked before this attempt."""
        return self.always or consignment.attempt > 1

    def receipt(self, consignment: Consignment, caller: Caller) -> Receipt | None:
        """Return the receipt of an earlier attempt; None where it did not arrive."""
        url = self.address(document_of(consignment), consignment.facts)
        request = Request("GET", url, {"Accept": "application/json"})
        answered = caller.call(request, consignment.tell)
        answer = answered.answer
        if answer.status == _NOT_FOUND:
            return None
        if answer.status not in _SUCCESS or answered.broken:
            raise Transient(f"whether it is there already could not be asked: HTTP {answer.status}")
        puzzling = self.found.puzzled_by(answer)
        if puzzling is not None:
            raise Transient(f"whether it is there already could not be asked: {puzzling}")
        if not self.found.holds(answer):
            return None
        found = Judge(reference=self.reference).receipt(answer, repeated=True)
        return replace(found, reference=f"found there: {found.reference}")


Session = Callable[[Calls], Caller]


@dataclass(frozen=True, slots=True)
class Rules:
    """What a kind of destination does its own way; what is left out is as for plain HTTP."""

    writer: Writer | None = None
    judge: Judge = field(default_factory=Judge)
    look_up: LookUp | None = None
    session: Session | None = None
    """Puts what a service wants around calls, such as tokens against forged ones."""


class Outbound:
    """An HTTP destination."""

    def __init__(
        self,
        destination: HttpDestination,
        *,
        clock: Clock = utc_now,
        transport: httpx.BaseTransport | None = None,
        authenticator: Authenticator | None = None,
        rules: Rules | None = None,
    ) -> None:
        rules = rules or Rules()
        self._destination = destination
        self._clock = clock
        self._judge = rules.judge
        self._look_up = rules.look_up
        self._writer = rules.writer or Writer(destination.method, destination.url)
        line = Line(
            destination.timeout,
            destination.connections,
            destination.identity,
            destination.headers,
        )
        calls = Calls(line, authenticator, transport=transport)
        self._caller = rules.session(calls) if rules.session is not None else calls

    def connect(self) -> None:
        """Open the pool of connections; the destination itself is reached by the first delivery."""
        self._caller.connect()

    def deliver(self, consignment: Consignment) -> Receipt:
        """Hand over one document; raise Transient or Permanent by what the destination answers."""
        request = self._writer.request(consignment)
        if self._look_up is not None and self._look_up.is_due(consignment):
            earlier = self._look_up.receipt(consignment, self._caller)
            if earlier is not None:
                return earlier
        answered = self._caller.call(request, consignment.tell)
        if answered.broken and self._judge.is_success(answered.answer):
            # A server says 200 before it has done everything, and breaks off when the rest fails.
            said = f"HTTP {answered.answer.status}, but the answer broke off"
            raise Transient(f"{self._destination.shown}: {said}: {answered.broken}")
        return self._judge.judge(answered.answer, now=self._clock())

    def break_off(self) -> None:
        """Let every call that is under way end now."""
        self._caller.break_off()

    def close(self) -> None:
        """Close the connections."""
        self._caller.close()
