"""What an export asks of a source of records; `gateway.transports.sources` satisfies it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from gateway.errors import GatewayError
from gateway.shaping import Json


class PlaceLost(GatewayError):
    """The source does not know the place in its pages any more: the reading begins anew."""


def _nothing() -> None:
    """Settle nothing: reading changed nothing there."""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Something of a page that holds no records, such as a file that is no JSON."""

    name: str
    because: str
    beginning: str
    """How it begins, for people."""


@dataclass(frozen=True, slots=True)
class Page:
    """Some records, in the source's order."""

    records: Sequence[Json]
    following: str | None
    """Where the next page is; None where this was the last."""
    size: int
    """Bytes that it took."""
    unreadable: Sequence[Unreadable] = ()
    """What a person must look at; it stops nothing else."""
    settle: Callable[[], None] = _nothing
    """Call after the commit of all its records, never before. Calling it twice is harmless."""
    release: Callable[[], None] = _nothing
    """Call instead of `settle` where they could not be kept: they will come again."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked of a source."""

    since: str | None
    """The value of the cursor to begin at; None for everything."""
    position: str | None
    """Where to go on, as a page said; None for the first page."""
    most_bytes: int
    """A page that is larger is refused."""


class Source(Protocol):
    """Somewhere records come from. One thread calls `open`, then `page`, then `close`."""

    @property
    def shifts(self) -> bool:
        """Say whether a record may come to another page while pages are read one by one.

        Then they are read again until no new one is found.
        """

    def open(self) -> None:
        """Make ready; raise Transient or Permanent where that is not possible."""

    def page(self, asked: Asked) -> Page:
        """Return one page; raise Transient to be asked again, Permanent to give up, PlaceLost."""

    def close(self) -> None:
        """Let go of connections."""
