"""The only place that asks what time it is or invents an identifier; everything else is told."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from uuid import NAMESPACE_OID, uuid4, uuid5

Clock = Callable[[], datetime]
"""Returns the present moment, always with a time zone (UTC)."""


def utc_now() -> datetime:
    """Return the present moment in UTC."""
    return datetime.now(UTC)


def new_id() -> str:
    """Return an identifier that nobody has used."""
    return str(uuid4())


def derived_id(*parts: str) -> str:
    """Return the one identifier that these parts always give: doing it twice is harmless."""
    return str(uuid5(NAMESPACE_OID, "\x1f".join(parts)))
