"""The words of one line of a schema file: `W05 M 1`, `loop 0310 O >1`, `ID 1/2 Name`, `P0304`."""

from __future__ import annotations

import re
from typing import cast

from gateway.x12.schema import UNBOUNDED, NoteKind, Requirement, SyntaxNote

_SEGMENT = re.compile(r"([A-Z][A-Z0-9]{1,2}) +([MO]) +(>1|[1-9]\d*)")
_LOOP = re.compile(r"loop (\w+) +([MO]) +(>1|[1-9]\d*)")
_MEMBER = re.compile(r"(\w+) +([MOX])(?: +(>1|[1-9]\d*))?")
_ELEMENT = re.compile(r"(AN|ID|N\d|R|DT|TM|B) +(\d+)/(\d+) +(\S.*)")
_KEY = re.compile(r"([A-Z][A-Z0-9]{1,2})(\d\d)")
_NOTE = re.compile(r"([PRECL])((?:\d\d){2,})")


class NotationFault(ValueError):
    """A line of a schema file does not say what its place asks for."""


def segment_line(line: str) -> tuple[str, Requirement, int]:
    """Read `N1 O 10`: segment id, requirement, maximum use."""
    tag, requirement, maximum = _match(_SEGMENT, line, "a segment, such as 'N1 O 10'")
    return tag, cast("Requirement", requirement), _limit(maximum)


def loop_line(line: str) -> tuple[str, Requirement, int]:
    """Read `loop 0310 O >1`: loop identifier, requirement, how often."""
    identifier, requirement, maximum = _match(_LOOP, line, "a loop, such as 'loop 0310 O >1'")
    return identifier, cast("Requirement", requirement), _limit(maximum)


def member_line(line: str) -> tuple[str, Requirement, int]:
    """Read `373 X` or `1271 O 5`: element number, requirement, repetitions where more than one."""
    number, requirement, repeat = _match(_MEMBER, line, "an element, such as '373 X'")
    return number, cast("Requirement", requirement), _limit(repeat or "1")


def element_definition(line: str) -> tuple[str, int, int, str]:
    """Read `ID 2/3 Country Code`: type, minimum and maximum length, name."""
    kind, minimum, maximum, name = _match(_ELEMENT, line, "a type, such as 'ID 2/3 Country Code'")
    if not 1 <= int(minimum) <= int(maximum):
        raise NotationFault(f"lengths {minimum}/{maximum}: expected at least 1 and not descending")
    return kind, int(minimum), int(maximum), name


def key_line(text: str) -> tuple[str, int]:
    """Read `BCH03`: segment id and element."""
    tag, position = _match(_KEY, text, "an element of a segment, such as 'BCH03'")
    return tag, int(position)


def syntax_note(text: str) -> SyntaxNote:
    """Read `P0304`: kind and positions."""
    kind, digits = _match(_NOTE, text, "a note, such as 'P0304'")
    positions = tuple(int(digits[at : at + 2]) for at in range(0, len(digits), 2))
    if 0 in positions or len(set(positions)) != len(positions):
        raise NotationFault(f"'{text}': positions count from 01 and stand once each")
    return SyntaxNote(cast("NoteKind", kind), positions)


def _match(pattern: re.Pattern[str], text: str, expected: str) -> tuple[str, ...]:
    found = pattern.fullmatch(text)
    if found is None:
        raise NotationFault(f"'{text}': expected {expected}")
    return found.groups()


def _limit(text: str) -> int:
    return UNBOUNDED if text == ">1" else int(text)
