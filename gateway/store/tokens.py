"""API tokens in the database: the verbs of `token_port.Tokens`."""

from __future__ import annotations

from dataclasses import asdict, fields
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from gateway.pipeline.token_port import TokenRecord
from gateway.store.tables import api_tokens

_COLUMNS = [api_tokens.c[field.name] for field in fields(TokenRecord)]


class SqlTokens:
    """The verbs about API tokens, on one connection."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection
        self._dialect = postgresql if connection.dialect.name == "postgresql" else sqlite

    def add(self, record: TokenRecord) -> bool:
        """Keep a token; say whether its name was free."""
        statement = self._dialect.insert(api_tokens).values(asdict(record))
        free = statement.on_conflict_do_nothing(index_elements=["name"])
        return self._connection.scalar(free.returning(api_tokens.c.name)) is not None

    def token(self, sha256: str) -> TokenRecord | None:
        """Return the token with this hash."""
        return self._one(api_tokens.c.sha256 == sha256)

    def named(self, name: str) -> TokenRecord | None:
        """Return the token of this name."""
        return self._one(api_tokens.c.name == name)

    def listed(self) -> list[TokenRecord]:
        """List all tokens by their names, revoked ones too."""
        query = sa.select(*_COLUMNS).order_by(api_tokens.c.name)
        return [TokenRecord(*row) for row in self._connection.execute(query)]

    def revoke(self, name: str, now: datetime) -> bool:
        """Let a token count no more; say whether it did until now."""
        statement = sa.update(api_tokens).where(
            api_tokens.c.name == name, api_tokens.c.revoked_at.is_(None)
        )
        return self._connection.execute(statement.values(revoked_at=now)).rowcount == 1

    def note_use(self, name: str, now: datetime, unless_since: datetime) -> None:
        """Note that a token was used, unless that was noted since a moment."""
        used = api_tokens.c.last_used_at
        statement = sa.update(api_tokens).where(
            api_tokens.c.name == name, sa.or_(used.is_(None), used < unless_since)
        )
        self._connection.execute(statement.values(last_used_at=now))

    def _one(self, condition: sa.ColumnElement[bool]) -> TokenRecord | None:
        row = self._connection.execute(sa.select(*_COLUMNS).where(condition)).first()
        return None if row is None else TokenRecord(*row)
