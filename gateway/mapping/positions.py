"""The position grammar: `W0502`, `SV101-2`, `N9[01=BM|MB].02`, `N1[01=ST]/N401`, `../LX01`.

This module reads the text of a position into values; whether the schema has such a place is decided
by `gateway.mapping.places`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

_STEP = re.compile(
    r"(?P<tag>\+?[A-Z][A-Z0-9]{1,2}?|[A-Z][A-Z0-9]{1,2}\+)"
    r"(?P<element>[0-9]{2})?(?P<brackets>(?:\[[^\[\]]*\])*)"
    r"(?:\.(?P<dotted>[0-9]{2}))?(?:-(?P<component>[1-9][0-9]?))?"
)
_ELEMENT = re.compile(r"(?P<element>[0-9]{2})(?:-(?P<component>[1-9][0-9]?))?")
_BRACKET = re.compile(r"\[([^\[\]]*)\]")
_TEST = re.compile(
    r"(?P<absent>!)?(?P<element>[0-9]{2})(?:-(?P<component>[1-9][0-9]?))?"
    r"(?:(?P<operator>!?=)(?P<values>.*))?"
)
_PAIR = re.compile(
    r"(?:(?P<fixed>[A-Z0-9]{1,3})=)?(?P<tag>[A-Z][A-Z0-9]{1,2}?)?(?P<first>[0-9]{2})"
)
_RANGE = re.compile(
    r"(?P<tag>[A-Z][A-Z0-9]{1,2}?)?(?P<first>[0-9]{2})/(?P<second>[0-9]{2})"
    r"(?:\.\.(?P<last_first>[0-9]{2})/(?P<last_second>[0-9]{2}))?"
)
_FIELD = re.compile(r"/?[a-z][a-z0-9_]*")

EXAMPLES = "such as W0502, SV101-2, N9[01=BM].02, N1[01=ST]/N401 or ../LX01"


class PositionError(ValueError):
    """The text is no position."""


@dataclass(frozen=True, slots=True)
class Test:
    """One condition in brackets: an element has one of the values, or is present."""

    element: int
    component: int | None = None
    values: tuple[str, ...] = ()
    negated: bool = False

    def __str__(self) -> str:
        place = f"{self.element:02d}" + (f"-{self.component}" if self.component else "")
        if not self.values:
            return f"!{place}" if self.negated else place
        return f"{place}{'!=' if self.negated else '='}{'|'.join(self.values)}"

    def holds(self, segment: list[str] | tuple[str, ...], separator: str) -> bool:
        """Say whether a segment passes; the readable twin of what the generated reader does."""
        text = element_text(segment, self.element, self.component, separator)
        found = text in self.values if self.values else text != ""
        return found is not self.negated


def element_text(
    segment: list[str] | tuple[str, ...], element: int, component: int | None, separator: str
) -> str:
    """Return an element or component of a segment; empty text where it is not there."""
    text = segment[element] if len(segment) > element else ""
    if component is None or not text:
        return text
    parts = text.split(separator)
    return parts[component - 1] if len(parts) >= component else ""


@dataclass(frozen=True, slots=True)
class Step:
    """A segment or loop by its id, with what selects one occurrence among several."""

    tag: str
    tests: tuple[Test, ...] = ()
    occurrence: int | None = None

    def __str__(self) -> str:
        text = self.tag
        if self.tests:
            text += f"[{','.join(map(str, self.tests))}]"
        return f"{text}[#{self.occurrence}]" if self.occurrence else text


@dataclass(frozen=True, slots=True)
class Position:
    """A position as written; `element` is None where a whole segment or loop is named."""

    text: str
    up: int = 0
    steps: tuple[Step, ...] = ()
    element: int | None = None
    component: int | None = None


@dataclass(frozen=True, slots=True)
class Slot:
    """A qualifier/value pair of elements; `fixed` is the qualifier that has no element."""

    value: int
    qualifier: int | None = None
    fixed: str | None = None


@dataclass(frozen=True, slots=True)
class Condition:
    """`when:` as written: about a position or about a field of the document."""

    text: str
    position: Position | None = None
    field: str | None = None
    """A field's name; with a leading `/` a field of the whole document."""
    values: tuple[str, ...] = ()
    negated: bool = False


@lru_cache(maxsize=8192)
def parse(text: str) -> Position:
    """Read a position; raise PositionError with what is wrong."""
    rest, up = text.strip(), 0
    while rest.startswith("../"):
        rest, up = rest[3:], up + 1
    short = _ELEMENT.fullmatch(rest)
    if short and not up:
        return Position(text, 0, (), int(short["element"]), _number(short["component"]))
    steps: list[Step] = []
    element = component = None
    parts = re.split(r"/(?![^\[]*\])", rest)
    for part in parts:
        if element is not None:
            raise PositionError(f"'{text}': nothing may follow an element")
        step, element, component = _step(part, text)
        steps.append(step)
    return Position(text, up, tuple(steps), element, component)


def _number(text: str | None) -> int | None:
    return int(text) if text else None


def _step(part: str, text: str) -> tuple[Step, int | None, int | None]:
    found = _STEP.fullmatch(part)
    if not found or (found["element"] and (found["dotted"] or found["brackets"])):
        raise PositionError(f"'{text}' is no position, {EXAMPLES}")
    tests: list[Test] = []
    occurrence: int | None = None
    for bracket in _BRACKET.findall(found["brackets"]):
        if re.fullmatch(r"#[1-9][0-9]{0,5}", bracket):
            occurrence = int(bracket[1:])
        else:
            tests += [_test(item, text) for item in bracket.split(",")]
    element = _number(found["element"] or found["dotted"])
    if element == 0 or (found["component"] and element is None):
        raise PositionError(f"'{text}': elements count from 01")
    step = Step(found["tag"], tuple(tests), occurrence)
    return step, element, _number(found["component"])


def _test(item: str, text: str) -> Test:
    found = _TEST.fullmatch(item.strip())
    if not found or (found["absent"] and found["operator"]) or found["values"] == "":
        raise PositionError(f"'{text}': [{item}] is no predicate, such as [01=ST], [01!=ZZ], [02]")
    values = tuple(found["values"].split("|")) if found["values"] else ()
    negated = found["operator"] == "!=" or bool(found["absent"])
    return Test(int(found["element"]), _number(found["component"]), values, negated)


def parse_pairs(texts: list[str]) -> tuple[str | None, tuple[Slot, ...]]:
    """Read `PO106/07..24/25`, `W0104/05` or `UP=W0103` into the segment's id and its slots."""
    tag: str | None = None
    slots: list[Slot] = []
    for text in texts:
        ranged, fixed = _RANGE.fullmatch(text), _PAIR.fullmatch(text)
        if ranged:
            named, added = ranged["tag"], _range(ranged, text)
        elif fixed and fixed["fixed"]:
            named = fixed["tag"]
            added = [Slot(int(fixed["first"]), None, fixed["fixed"])]
        else:
            message = f"'{text}' are no pairs, such as PO106/07..24/25, W0104/05 or UP=W0103"
            raise PositionError(message)
        if named and tag and named != tag:
            raise PositionError(f"'{text}': all pairs of a field are in one segment, here {tag}")
        tag = tag or named
        slots += added
    return tag, tuple(slots)


def _range(found: re.Match[str], text: str) -> list[Slot]:
    first, second = int(found["first"]), int(found["second"])
    if not found["last_first"]:
        return [Slot(second, first)]
    last, width = int(found["last_first"]), 2
    if last < first or (last - first) % width or int(found["last_second"]) - last != second - first:
        raise PositionError(f"'{text}': the last pair does not continue the first")
    shift = second - first
    return [Slot(number + shift, number) for number in range(first, last + 1, width)]


def parse_condition(text: str) -> Condition:
    """Read a `when:` condition; raise PositionError with what is wrong."""
    found = _split_condition(text.strip())
    if not found:
        message = f"'{text}' is no condition, such as W0501=N|F, !W0504 or status=new"
        raise PositionError(message)
    absent, what, operator, values = found
    negated = operator == "!=" or absent
    choices = tuple(values.split("|")) if values else ()
    if _FIELD.fullmatch(what):
        return Condition(text, None, what, choices, negated)
    position = parse(what)
    if position.element is None:
        raise PositionError(f"'{text}': a condition is about an element or a field")
    return Condition(text, position, None, choices, negated)


def _split_condition(text: str) -> tuple[bool, str, str, str] | None:
    """Split at the operator outside brackets: predicates have operators of their own."""
    absent, text = text.startswith("!"), text.removeprefix("!")
    head = re.match(r"(?:[^\[\]=!]|\[[^\]]*\])+", text)
    if not head:
        return None
    tail = re.fullmatch(r"(!?=)(.+)", text[head.end() :])
    if text[head.end() :] and (not tail or absent):
        return None
    return absent, head.group().strip(), tail[1] if tail else "", tail[2] if tail else ""
