"""Contention: what a person asks for is tried again where somebody else came in its way.

Transactions take their rows in one order (docs/pipeline.md), so that they wait for each other and
not in a circle. A database may break one off all the same, and a person should not learn of that.
Jobs need none of this: the engine does them again.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import sqlalchemy as sa

from gateway.pipeline.store_port import LostRace

MOST_TRIES = 5
"""More means that something else is wrong, or that many ask for the same at once."""

_BROKEN_OFF = "40"
"""Beginning of the SQLSTATEs of a deadlock and of a failure to serialize."""

Result = TypeVar("Result")


def insist(transact: Callable[[], Result]) -> Result:
    """Return what a whole transaction returns; a lost race is run again, from its beginning.

    Raise `LostRace` where it is lost each time.
    """
    for _ in range(MOST_TRIES - 1):
        try:
            return transact()
        except LostRace:
            continue
        except sa.exc.DBAPIError as fault:
            if not was_broken_off(fault):
                raise
    try:
        return transact()
    except sa.exc.DBAPIError as fault:
        if not was_broken_off(fault):
            raise
        raise LostRace("others change the same at this moment") from fault


def was_broken_off(fault: sa.exc.DBAPIError) -> bool:
    """Say whether the database undid a transaction because of another one."""
    return str(getattr(fault.orig, "sqlstate", None) or "").startswith(_BROKEN_OFF)
