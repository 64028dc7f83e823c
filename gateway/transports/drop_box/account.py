"""Who may come in: accounts with their keys and password hashes, and what guessing costs."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import asyncssh
import bcrypt

# Compared with where there is no such account or no password, so that an answer takes as long.
_NOBODYS_HASH = bcrypt.hashpw(b"nobody", bcrypt.gensalt(10))

_FREE_TRIES = 3
"""Clients offer several keys before the right one: so many refusals cost nothing."""
_FIRST_PAUSE, _LONGEST_PAUSE = 0.25, 10.0
_FORGOTTEN_AFTER = 600.0
_REMEMBERED_PEERS = 10_000


@dataclass(frozen=True, slots=True)
class Account:
    """One partner's account: how it proves who it is, and the folders it sees."""

    user: str
    partner: str
    inbox: Path
    outbox: Path
    archive: Path
    keys: tuple[asyncssh.SSHKey, ...] = ()
    password_hash: bytes = field(default=b"", repr=False)
    """bcrypt; empty: no password is taken."""
    max_bytes: int = 50 * 1024 * 1024
    """Of one file."""
    quota_bytes: int = 1024 * 1024 * 1024
    """Of everything that lies in `in`."""
    quota_files: int = 10_000

    def knows_key(self, shown: asyncssh.SSHKey) -> bool:
        """Say whether a public key is one of this account's."""
        return any(key.public_data == shown.public_data for key in self.keys)


def password_fits(account: Account | None, password: str) -> bool:
    """Compare a password with an account's hash; as slow where there is no such account."""
    kept = account.password_hash if account is not None else b""
    # bcrypt takes 72 bytes; what is longer was never hashed by it.
    shown = password.encode()[:72]
    return bcrypt.checkpw(shown, kept or _NOBODYS_HASH) and bool(kept)


class Throttle:
    """Makes guessing slow: each refusal of one address doubles the pause before the next answer."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._refusals: OrderedDict[str, tuple[int, float]] = OrderedDict()

    def pause(self, peer: str) -> float:
        """Return how many seconds an address waits for its answer."""
        count = self._count(peer) - _FREE_TRIES
        # The exponent is bounded before the power: a peer may try for days.
        return min(_FIRST_PAUSE * 2 ** min(count, 10), _LONGEST_PAUSE) if count > 0 else 0.0

    def refused(self, peer: str) -> None:
        """Note that an address was refused."""
        self._refusals[peer] = (self._count(peer) + 1, self._monotonic())
        self._refusals.move_to_end(peer)
        while len(self._refusals) > _REMEMBERED_PEERS:
            self._refusals.popitem(last=False)

    def _count(self, peer: str) -> int:
        count, at = self._refusals.get(peer, (0, 0.0))
        return count if self._monotonic() - at < _FORGOTTEN_AFTER else 0
