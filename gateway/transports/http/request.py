"""A request as it is to be made: a value, so that signing one gives another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Request:
    """One request over HTTP."""

    method: str
    url: str = field(repr=False)
    """With secrets in it where its path or query has any, so never shown."""
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    content: bytes = field(default=b"", repr=False)
