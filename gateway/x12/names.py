"""What elements and codes are called: for people who read X12, and for nothing else.

The names of ISA, GS and their trailers stand in no version's schema, and most code lists are open:
both are read from `names.yaml`, and what a version's schema knows itself comes first.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from gateway.errors import ConfigProblems
from gateway.x12.data_types import is_date, is_digits, is_time
from gateway.x12.library import FOLDER, SchemaLibrary
from gateway.x12.notation import NotationFault, element_definition
from gateway.x12.schema import ElementUse, SegmentUse
from gateway.yaml_source import Source, Value, load

_FILE = f"{FOLDER}/names.yaml"
_MOST_KEPT = 2000
"""Segments whose use is remembered: more than any version has, and a bound for what is no X12."""
_FIRST_YEAR_OF_CENTURY = "70"
"""A year of two digits from here on is of the last century."""


class Names:
    """Names segments and elements of any version, and says what values mean."""

    def __init__(self, library: SchemaLibrary, read: Callable[[str], str]) -> None:
        """Take the schemas, and the function that they are read with."""
        self._library = library
        self._segments: dict[tuple[str, str], SegmentUse | None] = {}
        source = load(read(_FILE), _FILE)
        self._envelope = {
            tag: _segment(source, tag, _mapping(source, entry, tag))
            for tag, entry in _mapping(source, _member(source, "envelope"), "envelope").items()
        }
        self._meanings: Mapping[str, Mapping[str, str]] = {
            number: _texts(source, codes, number)
            for number, codes in _mapping(source, _member(source, "meanings"), "meanings").items()
        }

    def segment(self, version: str, tag: str) -> SegmentUse | None:
        """Return a segment as a version (GS08) has it, envelope included; None where none knows."""
        key = (version, tag)
        if key not in self._segments:
            if len(self._segments) >= _MOST_KEPT:
                self._segments.clear()
            found = self._envelope.get(tag) or self._library.segment(version, tag)
            self._segments[key] = found
        return self._segments[key]

    def meaning(self, element: ElementUse, value: str) -> str:
        """Say what a value means, where more is to be said than it says itself; else nothing."""
        codes = element.codes or {}
        known = codes.get(value) or self._meanings.get(element.number, {}).get(value)
        return known or plain_value(element.type, value)

    def codes(self, element: ElementUse) -> Mapping[str, str]:
        """Return the codes that are known of an element: all where its list is closed."""
        return element.codes or self._meanings.get(element.number, {})


def plain_value(kind: str, value: str) -> str:
    """Write a day, a time, or a number with an implied decimal point as people do; else nothing."""
    if kind == "DT" and is_date(value):
        century = "19" if value[:2] >= _FIRST_YEAR_OF_CENTURY else "20"
        whole = value if len(value) == 8 else century + value
        return f"{whole[:4]}-{whole[4:6]}-{whole[6:]}"
    if kind == "TM" and is_time(value):
        return ":".join(value[at : at + 2] for at in range(0, min(len(value), 6), 2))
    if kind[:1] == "N" and kind[1:] not in ("", "0"):
        places, digits = int(kind[1:]), value.removeprefix("-")
        if is_digits(digits):
            digits = digits.zfill(places + 1)
            return f"{'-' * value.startswith('-')}{digits[:-places]}.{digits[-places:]}"
    return ""


def _segment(source: Source, tag: str, entry: Mapping[str, Value]) -> SegmentUse:
    name, lines = entry.get("name"), entry.get("elements")
    if not isinstance(name, str) or not isinstance(lines, list):
        raise ConfigProblems([source.problem(("envelope", tag), "expected name and elements")])
    elements = []
    for position, line in enumerate(lines, 1):
        number, _, rest = str(line).partition(" ")
        try:
            kind, minimum, maximum, title = element_definition(rest)
        except NotationFault as fault:
            place = ("envelope", tag, "elements", position - 1)
            raise ConfigProblems([source.problem(place, str(fault))]) from fault
        elements.append(ElementUse(position, number, title, kind, minimum, maximum, "M"))
    return SegmentUse(tag, name, "M", 1, tuple(elements))


def _member(source: Source, key: str) -> Value:
    return _mapping(source, source.value, "").get(key)


def _mapping(source: Source, value: Value, key: str) -> Mapping[str, Value]:
    if not isinstance(value, dict):
        raise ConfigProblems([source.problem((key,) if key else (), "expected keys and values")])
    return value


def _texts(source: Source, value: Value, key: str) -> Mapping[str, str]:
    return {code: str(text) for code, text in _mapping(source, value, key).items()}
