"""Control numbers of what we send: which sequence each comes from, and how a position is written.

A sequence is a counter that only grows. The number at a position is what X12 has room for: after
999999999 comes 1 again, a billion interchanges later, and the counter says how often that was.
"""

from __future__ import annotations

from enum import StrEnum

from gateway.x12.model import ControlNumber

LARGEST = 999_999_999
"""ISA13 has nine digits, GS06 and ST02 up to nine."""


class NumberLevel(StrEnum):
    """Which number of the envelope a sequence gives."""

    INTERCHANGE = "isa"
    """ISA13, of one partner."""
    GROUP = "gs"
    """GS06, of one partner."""
    SET = "st"
    """ST02, of one partner and one transaction set."""


def interchange_series(partner: str) -> str:
    """Name the sequence of ISA13 in what we send to a partner."""
    return f"{NumberLevel.INTERCHANGE}:{partner}"


def group_series(partner: str) -> str:
    """Name the sequence of GS06 in what we send to a partner."""
    return f"{NumberLevel.GROUP}:{partner}"


def set_series(partner: str, set_id: str) -> str:
    """Name the sequence of ST02 in what we send to a partner, of one transaction set."""
    return f"{NumberLevel.SET}:{partner}:{set_id}"


def number_at(position: int) -> int:
    """Return the control number at a position of its sequence, which counts from one."""
    return (position - 1) % LARGEST + 1


def rounds_before(position: int) -> int:
    """Say how often the numbers of a sequence were used up before a position."""
    return (position - 1) // LARGEST


def written(level: NumberLevel, position: int) -> ControlNumber:
    """Return the control number at a position as it stands in the envelope."""
    # ISA13 is of fixed width; ST02 has at least four digits; GS06 needs no zeros.
    digits = {NumberLevel.INTERCHANGE: 9, NumberLevel.GROUP: 1, NumberLevel.SET: 4}[level]
    return ControlNumber(f"{number_at(position):0{digits}d}")
