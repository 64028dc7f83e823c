"""What the pipeline needs of the outside: protocols that transports and stores satisfy.

The pipeline never imports a transport or a store; `gateway.app` puts them together.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol, runtime_checkable

from gateway.errors import Permanent, Transient
from gateway.pipeline.rate import Rate
from gateway.pipeline.working_hours import WorkingHours

# --- payloads coming in ---

TEMPORARY_NAMES = (
    ".*", "*~", "*.tmp", "*.temp", "*.part", "*.partial", "*.filepart", "*.inprogress",
    "*.crdownload", "*.swp", "~$*",
)  # fmt: skip
"""What SFTP clients, browsers and editors call a file that they are still writing: inbound
transports leave it alone, unless the settings of an instance name others."""


@dataclass(frozen=True, slots=True)
class Payload:
    """Bytes that a transport received, before anybody knows what they are."""

    content: bytes
    name: str
    """The name the sender gave it, made printable; never used to open anything."""
    partner: str | None = None
    """The partner whose drop box it came through; None where the transport cannot know."""
    transport: str = "directory"
    incomplete: str = ""
    """Why the transport stopped waiting for a whole payload; empty when it is whole."""
    receipt: str = ""
    """Identifies this arrival and stays the same when it is received again after a crash, so that a
    payload that was stored and not settled is settled and not stored twice. For a file: something
    that a rename keeps, such as inode, modification time and size. Empty: every arrival is new."""


@dataclass(frozen=True, slots=True)
class Received:
    """A payload, and what to call when it is durable: the receipt travels with the payload."""

    payload: Payload
    settle: Callable[[], None]
    """Call after the commit, never before: archives the original. Calling it twice is harmless."""
    release: Callable[[], None]
    """Call instead of `settle` when the payload could not be made durable: it will come again."""


class Inbound(Protocol):
    """Something payloads come in through.

    One thread calls `connect`, then `receive` until it wants no more, then `close`. `settle` and
    `release` may be called from any thread. What was received and never settled is received again
    after a restart.
    """

    def connect(self) -> None:
        """Make ready to receive; raise Transient or Permanent where that is not possible."""

    def receive(self, wait: float = 0.0) -> Sequence[Received]:
        """Return what came in, oldest first; wait at most that many seconds for the first."""

    def close(self) -> None:
        """Stop receiving and let others take what was not settled."""


# --- payloads and documents going out ---


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request to another system, and what it answered: for the archive."""

    request: str
    """What was asked of whom: a method and an address, a statement, a subject."""
    content: bytes = b""
    """What was sent, as it was sent."""
    headers: Mapping[str, str] = field(default_factory=dict)
    answer: str = ""
    """The answer's first line, or what went wrong instead."""
    answer_headers: Mapping[str, str] = field(default_factory=dict)
    answer_content: bytes = b""


def _untold(exchange: Exchange) -> None:
    """Keep nothing of an exchange."""


@dataclass(frozen=True, slots=True)
class Consignment:
    """What one delivery hands over, the same at each attempt."""

    content: bytes
    name: str
    """File name, for destinations that keep files."""
    idempotency_key: str
    correlation_id: str
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)
    facts: Mapping[str, str] = field(default_factory=dict)
    """What is known beside a document, for templates and expressions."""
    attempt: int = 1
    """Which attempt this is: the only part that differs from one to the next, but for `tell`."""
    begun: datetime | None = None
    """When the first attempt began, where that is known: the same at each."""
    tell: Callable[[Exchange], None] = _untold
    """Call with each request that was made and its answer: they are archived."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the other side said to a delivery that succeeded."""

    reference: str
    """Where or under what it lies there: a status line, a path."""
    repeated: bool = False
    """The other side had it already: an earlier attempt succeeded without our knowing."""
    keys: tuple[tuple[str, str], ...] = ()
    """What the other side calls it, by name: they become business keys of the document."""


class Outbound(Protocol):
    """A destination. `deliver` may be called by several threads at once."""

    def connect(self) -> None:
        """Make ready to deliver; raise Transient or Permanent where that is not possible."""

    def deliver(self, consignment: Consignment) -> Receipt:
        """Hand over one consignment; raise Transient to be asked again, Permanent to give up."""

    def close(self) -> None:
        """Let go of connections."""


@runtime_checkable
class Batching(Protocol):
    """An outbound transport that takes many consignments at less cost than one by one."""

    def deliver_all(
        self, consignments: Sequence[Consignment]
    ) -> Sequence[Receipt | Transient | Permanent]:
        """Hand over consignments in their order; return for each what `deliver` does or raises."""


@runtime_checkable
class Breakable(Protocol):
    """An outbound transport whose calls may take long, so that they can be broken off."""

    def break_off(self) -> None:
        """Let every call that is under way end soon with Transient; no other is made after it.

        The other side may have taken what was handed over: it is handed over again, the same.
        """


@runtime_checkable
class Gathering(Protocol):
    """An outbound transport that gathers what it was handed, and hands it on by the clock."""

    def hand_on(self) -> None:
        """Hand on what was gathered for long enough; raise Transient to be asked again.

        It is asked twice a minute, and by several processes at once.
        """


@dataclass(frozen=True, slots=True)
class OpenWindow:
    """What a window has gathered for its next file; fields are named as `--json` prints them."""

    window: str
    """The name of its file, without its number and ending."""
    path: str
    """Where its next file is going to lie, unless somebody else's is there by then."""
    documents: int
    size: int
    """Of that file as it is now, in bytes."""
    closes: datetime | None
    """When the window ends; None where that cannot be read."""
    handed_over: int
    """Files of this window that were handed over."""
    fault: str = ""
    """What keeps it from being handed over."""


@dataclass(frozen=True, slots=True)
class DeliveryPolicy:
    """How often and how hard one destination is asked."""

    concurrency: int = 4
    """Attempts under way at one moment."""
    attempts: int = 12
    """After this many a delivery waits for a person."""
    first_pause: timedelta = timedelta(seconds=2)
    longest_pause: timedelta = timedelta(minutes=15)
    breaker_failures: int = 5
    """Failures in a row that open the circuit breaker."""
    breaker_pause: timedelta = timedelta(seconds=30)
    """How long an open breaker parks everything at first; no attempt is consumed meanwhile."""
    breaker_longest: timedelta = timedelta(minutes=15)
    """How long it does so at most, after probe upon probe failed."""
    rate: Rate | None = None
    """So many attempts in so much time; None for no limit."""
    hours: WorkingHours | None = None
    """When something may be sent; None for always."""
    ordered: bool = False
    """Whether deliveries with the same key go one after another."""
    owner: str = "operator"
    """Who looks after what could not be delivered."""


# --- keeping ---


def _no_copies(before: datetime) -> None:
    """Purge nothing: there are no copies outside the store."""


@dataclass(frozen=True, slots=True)
class Retention:
    """How long things are kept that are finished, counted from when they were received."""

    payloads: timedelta = timedelta(days=400)
    """Bytes and documents."""
    ledger: timedelta = timedelta(days=1200)
    """What recognises duplicates and answers them; never shorter than `payloads`."""
    purge_copies: Callable[[datetime], None] = _no_copies
    """Removes the copies that transports keep of payloads received before a moment."""


USUAL_RETENTION = Retention()


# --- watching ---


@dataclass(frozen=True, slots=True)
class Event:
    """A transition: which subject, by its id, did what."""

    subject: str
    verb: str
    id: str
    at: datetime
    details: Mapping[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Name the transition as logs and tests do: `interchange.validate`."""
        return f"{self.subject}.{self.verb}"


Observer = Callable[[Event], None]
"""Called at each transition: log lines, progress display, crash tests."""


def unobserved(event: Event) -> None:
    """Let a transition pass without telling anybody."""
