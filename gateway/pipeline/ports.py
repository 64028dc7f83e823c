"""What the pipeline asks of the outside: transports, destinations, observers.

Transports implement these protocols without importing each other; the pipeline calls them without
knowing which they are. What it asks of a store stands in `gateway.pipeline.store_port`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Stored:
    """Tells a transport that its payload is durable: it may archive, delete or answer now."""

    payload_id: str
    first_time: bool = True
    """False: the same receipt had been stored before a crash; settle it all the same."""


@dataclass(frozen=True, slots=True)
class Received:
    """A payload as a transport received it, and how to tell the transport that it is safe."""

    payload: bytes
    transport: str
    """Name of the transport, such as `directory`."""
    receipt: str
    """Identifies this arrival, the same again after a crash: a claimed file's unique path, a message
    id. A receipt that is already in the ledger is settled and not stored a second time."""
    name: str
    """What people call it: the file name."""
    received_at: datetime
    settle: Callable[[Stored], None]
    """Called once, after the commit. What it raises does not undo the commit."""
    partner: str | None = None
    """Name of the partner at whose place it arrived; None where the place does not tell."""
    problem: str | None = None
    """Set where the transport gave up on it, such as a file that never became complete: the bytes are
    kept and quarantined with this reason."""


class Inbound(Protocol):
    """Brings payloads in. Who calls: one thread, `connect` once, `receive` repeatedly, `close` once."""

    name: str

    def connect(self) -> None:
        """Begin watching; raise `ConfigProblems` or `Permanent` where that cannot work."""

    def receive(self) -> Sequence[Received]:
        """Return what is there now, oldest first; empty where there is nothing. Never waits."""

    def close(self) -> None:
        """Let go of everything; what was returned and not settled comes again after `connect`."""


@dataclass(frozen=True, slots=True)
class Parcel:
    """Bytes for a partner: an acknowledgment or an outbound interchange."""

    payload: bytes
    name: str
    """File name. Sending the same name twice leaves one file."""
    partner: str
    correlation_id: str


class Outbound(Protocol):
    """Takes payloads to partners. Who calls: any thread, at most one at a time for each partner."""

    name: str

    def connect(self) -> None:
        """Make ready to send."""

    def send(self, parcel: Parcel) -> None:
        """Return only when it is durable over there; raise `Transient` or `Permanent`."""

    def close(self) -> None:
        """Let go of everything."""


@dataclass(frozen=True, slots=True)
class DeliveryRequest:
    """One attempt to hand a document to a destination."""

    body: bytes
    """The canonical document as JSON."""
    document_id: str
    document_type: str
    idempotency_key: str
    """The same for every attempt at one obligation: whoever sees it twice acts once."""
    correlation_id: str
    """The same for everything that came of one payload."""
    partner: str
    attempt: int
    """Counted from one."""
    content_type: str = "application/json"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a destination said yes with."""

    status: int | None = None
    excerpt: str = ""
    """The beginning of the answer, for the person who looks at the attempt."""


class Destination(Protocol):
    """Takes documents to an application. Who calls: several threads, up to the policy's limit."""

    name: str

    def connect(self) -> None:
        """Make ready to deliver."""

    def deliver(self, request: DeliveryRequest) -> Answer:
        """Return the answer that means yes; raise `Transient` or `Permanent` otherwise."""

    def close(self) -> None:
        """Let go of everything."""


@dataclass(frozen=True, slots=True)
class DeliveryPolicy:
    """How a destination is to be treated."""

    concurrency: int = 4
    """Attempts under way at one moment."""
    max_attempts: int = 10
    first_pause: timedelta = timedelta(seconds=2)
    longest_pause: timedelta = timedelta(minutes=15)
    breaker_failures: int = 5
    """Failures in a row that open the circuit breaker."""
    breaker_pause: timedelta = timedelta(seconds=30)
    owner: str = "operations"
    """Who looks after what could not be delivered."""


@dataclass(frozen=True, slots=True)
class Event:
    """A transition that has just happened, or is about to be committed."""

    subject: str
    verb: str
    id: str
    at: datetime
    details: Mapping[str, str] = field(default_factory=dict)


Observer = Callable[[Event], None]
"""Called at each transition: log lines, progress display, crash tests."""


def ignore(event: Event) -> None:
    """Observe nothing."""
