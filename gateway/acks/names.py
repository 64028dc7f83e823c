"""What a partner called its own envelopes, as the elements of an acknowledgment can hold it.

An acknowledgment repeats what was received, so that the partner finds what it is about. What breaks
the rules of the element that repeats it is brought as near as these rules allow: else the partner's
translator would refuse the very acknowledgment that tells of the fault.
"""

from __future__ import annotations

from gateway.x12.data_types import is_digits
from gateway.x12.model import ControlNumber, Delimiters

REPLACEMENT = "?"
"""Written for what a partner sent and an acknowledgment cannot carry back."""


def sendable_group_id(functional_id: str, delimiters: Delimiters) -> str:
    """Return GS01 for AK101, which has two characters."""
    if len(functional_id) == 2 and _is_plain(functional_id):
        return functional_id
    return _carried(functional_id, delimiters)[:2].ljust(2, REPLACEMENT)


def sendable_group_number(number: ControlNumber) -> ControlNumber:
    """Return GS06 for AK102, which has one to nine digits."""
    if _is_digits(number, 1, 9):
        return number
    return ControlNumber(_digits(number)[:9] or "0")


def sendable_set_id(set_id: str, delimiters: Delimiters) -> str:
    """Return ST01 for AK201, which has three characters."""
    if len(set_id) == 3 and _is_plain(set_id):
        return set_id
    return _carried(set_id, delimiters)[:3].ljust(3, REPLACEMENT)


def sendable_set_number(number: ControlNumber, delimiters: Delimiters) -> ControlNumber:
    """Return ST02 for AK202, which has four to nine characters."""
    if 4 <= len(number) <= 9 and _is_plain(number):
        return number
    return ControlNumber(_carried(number, delimiters)[:9].rstrip().rjust(4, "0"))


def sendable_convention(convention: str, delimiters: Delimiters) -> str:
    """Return ST03 for AK203, which has one to 35 characters."""
    return _carried(convention, delimiters)[:35].rstrip()


def sendable_version(version: str, delimiters: Delimiters) -> str:
    """Return GS08 for AK103, which has one to twelve characters."""
    return _carried(version, delimiters)[:12].rstrip()


def sendable_interchange_number(number: ControlNumber) -> ControlNumber:
    """Return ISA13 for TA101, which has nine digits."""
    if _is_digits(number, 9, 9):
        return number
    return ControlNumber(_digits(number)[:9].zfill(9))


def sendable_moment(date: str, time: str) -> tuple[str, str]:
    """Return ISA09 and ISA10 for TA102 and TA103, which have six and four digits."""
    return (
        date if _is_digits(date, 6, 6) else "000000",
        time if _is_digits(time, 4, 4) else "0000",
    )


def _is_digits(text: str, fewest: int, most: int) -> bool:
    return fewest <= len(text) <= most and is_digits(text)


def _digits(text: str) -> str:
    return "".join(character for character in text if is_digits(character))


def _is_plain(text: str) -> bool:
    """Say whether a text needs no change to be carried; most are so, and it is asked first."""
    return text.isascii() and text.isalnum()


def _carried(text: str, delimiters: Delimiters) -> str:
    """Return a text with what the delimiters of the acknowledgment cannot carry replaced."""
    if _is_plain(text):
        return text
    separators = (
        delimiters.element,
        delimiters.component,
        delimiters.terminator,
        delimiters.repetition,
    )
    return "".join(
        character
        if character.isascii() and character.isprintable() and character not in separators
        else REPLACEMENT
        for character in text.strip()
    )
