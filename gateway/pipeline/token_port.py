"""What is kept of API tokens: a hash of each, what it may do, and when it was used."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class TokenRecord:
    """An API token; the token itself is kept nowhere."""

    name: str
    """What people, timelines and logs call it; no other token ever has the same."""
    sha256: str
    """Of the whole token, in hexadecimal."""
    scopes: str
    """What it may do, separated by blanks."""
    partners: str | None
    """Whose documents it is for, separated by blanks; None for all."""
    created_at: datetime
    expires_at: datetime | None = None
    revoked_at: datetime | None = None
    last_used_at: datetime | None = None
    """Not later than a few minutes before it was last used."""


class Tokens(Protocol):
    """The store's verbs about API tokens."""

    def add(self, record: TokenRecord) -> bool:
        """Keep a token; say whether its name was free."""

    def token(self, sha256: str) -> TokenRecord | None:
        """Return the token with this hash."""

    def named(self, name: str) -> TokenRecord | None:
        """Return the token of this name."""

    def listed(self) -> list[TokenRecord]:
        """List all tokens by their names, revoked ones too."""

    def revoke(self, name: str, now: datetime) -> bool:
        """Let a token count no more; say whether it did until now."""

    def note_use(self, name: str, now: datetime, unless_since: datetime) -> None:
        """Note that a token was used, unless that was noted since a moment."""
