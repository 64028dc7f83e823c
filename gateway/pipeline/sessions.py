"""Where the timeline keeps what partners did on our SFTP server."""

from __future__ import annotations

from gateway.clock import derived_id

SESSIONS = "sessions"
"""The subject of these entries: they belong to a partner, and no transition is about them."""


def sessions_of(partner: str) -> str:
    """Return what a partner's entries stand under; an empty name is an account that nobody has."""
    return derived_id(SESSIONS, partner)
