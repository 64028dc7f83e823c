"""Compare and set: a row changes as it was read, or somebody was quicker and is named."""

from __future__ import annotations

import sqlalchemy as sa

from gateway.pipeline.store_port import LostRace


def change_one(connection: sa.Connection, statement: sa.Update, lost: str) -> None:
    """Change the row that a statement is about; raise `LostRace` where it is not as expected."""
    if connection.execute(statement).rowcount != 1:
        raise LostRace(lost)
