"""Tokens: who may call the API, for what, for whose documents, and until when.

A token is `edigw_`, 256 random bits in hexadecimal, and eight digits of checksum, so that scanners
for lost secrets know one when they see it and a mistyped one is refused without asking anybody. It
is shown once; what is kept is its hash. Every call looks it up anew, so that a revocation counts at
once, in every process.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import zlib
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy.exc import SQLAlchemyError

from gateway.clock import Clock
from gateway.errors import GatewayError
from gateway.pipeline.store_port import Store, database_is_unwell
from gateway.pipeline.token_port import TokenRecord

PREFIX = "edigw_"

_FORM = re.compile(rf"{PREFIX}([0-9a-f]{{64}})([0-9a-f]{{8}})")

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")

_NOTED_EVERY = timedelta(minutes=5)
"""When a token was used is kept this coarsely: a write for each call would cost more than it."""


class Scope(StrEnum):
    """What a token may be for."""

    READ = "documents:read"
    """List and look at documents."""
    WRITE = "documents:write"
    """Submit documents, and see what would be sent."""
    RAW = "documents:raw"
    """Fetch X12 as it was received or sent."""
    OPERATIONS = "operations"
    """Translate anew, deliver again."""


class TokenRefused(GatewayError):
    """This token counts for nothing."""


class NotMade(GatewayError):
    """A token cannot be made so."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls, as its token says."""

    name: str
    scopes: frozenset[str]
    partners: frozenset[str] | None
    """Whose documents it is for; None for all."""

    def may_see(self, partner: str) -> bool:
        """Say whether a partner's documents are its business."""
        return self.partners is None or partner in self.partners

    @property
    def spoken(self) -> str:
        """Name it as timelines do."""
        return f"API token {self.name}"


def new_token() -> str:
    """Return a token that nobody has."""
    drawn = secrets.token_hex(32)
    return f"{PREFIX}{drawn}{_checksum(drawn)}"


def is_token(text: str) -> bool:
    """Say whether a text has the form of a token, and its checksum is right."""
    found = _FORM.fullmatch(text)
    return found is not None and hmac.compare_digest(_checksum(found[1]), found[2])


def _checksum(drawn: str) -> str:
    return f"{zlib.crc32(drawn.encode('ascii')):08x}"


def _hash(token: str) -> str:
    # No slow hash: nobody guesses 256 random bits.
    return hashlib.sha256(token.encode()).hexdigest()


class Tokens:
    """Makes tokens, revokes them, and recognises who shows one."""

    def __init__(self, store: Store, *, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def create(
        self,
        name: str,
        scopes: Collection[Scope],
        *,
        partners: Collection[str] = (),
        lasts: timedelta | None = None,
    ) -> str:
        """Make a token and return it, which is the only time that it can be seen."""
        if not _NAME.fullmatch(name):
            raise NotMade(
                f"'{name}' does not fit; expected a name of lower-case letters, digits, '.', '-' "
                "and '_', such as erp-orders"
            )
        if not scopes:
            raise NotMade(f"a token needs a scope: one or more of {', '.join(Scope)}")
        token, now = new_token(), self._clock()
        record = TokenRecord(
            name=name,
            sha256=_hash(token),
            scopes=" ".join(sorted(set(scopes))),
            partners=" ".join(sorted(set(partners))) or None,
            created_at=now,
            expires_at=now + lasts if lasts is not None else None,
        )
        with self._store.transaction() as transaction:
            if not transaction.tokens.add(record):
                raise NotMade(
                    f"there is or was a token '{name}'; expected a name of its own, since "
                    "timelines keep it"
                )
        return token

    def listed(self) -> list[TokenRecord]:
        """List all tokens by their names, revoked ones too."""
        with self._store.transaction() as transaction:
            return transaction.tokens.listed()

    def revoke(self, name: str) -> TokenRecord | None:
        """Let a token count no more; return it as it is then, or None where there is none.

        One that was revoked before stays revoked since then.
        """
        with self._store.transaction() as transaction:
            transaction.tokens.revoke(name, self._clock())
            return transaction.tokens.named(name)

    def caller(self, token: str) -> Caller:
        """Return who shows a token; raise TokenRefused where it does not count."""
        if not is_token(token):
            raise TokenRefused("this is no token of ours, or not all of it")
        digest, now = _hash(token), self._clock()
        with self._store.transaction() as transaction:
            found = transaction.tokens.token(digest)
        # The look-up went by the hash alone, which tells nobody how near a guess came.
        if found is None or not hmac.compare_digest(found.sha256, digest):
            raise TokenRefused("there is no such token")
        fault = why_not(found, now)
        if fault:
            raise TokenRefused(f"token '{found.name}' {fault}")
        self._note_use(found, now)
        partners = frozenset(found.partners.split()) if found.partners is not None else None
        return Caller(found.name, frozenset(found.scopes.split()), partners)

    def _note_use(self, found: TokenRecord, now: datetime) -> None:
        since = now - _NOTED_EVERY
        if found.last_used_at is not None and found.last_used_at >= since:
            return
        try:
            with self._store.transaction() as transaction:
                transaction.tokens.note_use(found.name, now, since)
        except SQLAlchemyError as fault:
            # Who only looks is answered while nothing can be written; the next call notes it.
            if not database_is_unwell(fault):
                raise


def why_not(token: TokenRecord, now: datetime) -> str:
    """Say why a token counts no more; empty where it does."""
    if token.revoked_at is not None:
        return f"was revoked at {token.revoked_at:%Y-%m-%d %H:%M} UTC"
    if token.expires_at is not None and token.expires_at <= now:
        return f"expired at {token.expires_at:%Y-%m-%d %H:%M} UTC"
    return ""
