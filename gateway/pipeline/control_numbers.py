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
    """ISA13, between a sender and a receiver of interchanges (ISA05 to ISA08)."""
    GROUP = "gs"
    """GS06, between a sender and a receiver of groups (GS02, GS03), of one GS01."""
    SET = "st"
    """ST02, between the same, of one transaction set."""


TESTS = "T"
"""Marks the sequences of tests, where a partner wants those apart."""

_LONGEST_NAME = 40
"""Of a party in a series: longer than an envelope of ours can hold, and no danger to a column."""


def interchange_series(sender: str, receiver: str, mark: str = "") -> str:
    """Name the sequence of ISA13 between identities, such as `ZZ/US` and `ZZ/THEM`."""
    return _series(NumberLevel.INTERCHANGE, sender, receiver, mark)


def group_series(sender: str, receiver: str, functional_id: str, mark: str = "") -> str:
    """Name the sequence of GS06 between GS02 and GS03, of one GS01."""
    return _series(NumberLevel.GROUP, sender, receiver, functional_id, mark)


def set_series(sender: str, receiver: str, set_id: str, mark: str = "") -> str:
    """Name the sequence of ST02 between GS02 and GS03, of one transaction set."""
    return _series(NumberLevel.SET, sender, receiver, set_id, mark)


def _series(level: NumberLevel, sender: str, receiver: str, *rest: str) -> str:
    between = f"{sender[:_LONGEST_NAME]}>{receiver[:_LONGEST_NAME]}"
    return ":".join([level, between, *filter(None, rest)])


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
