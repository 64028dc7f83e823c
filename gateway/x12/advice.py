"""A finding in plain words: what is wrong, which rule says so, and what to send instead.

The words are for whoever must correct a document, and may never have seen the standard's tables.
What was found stands in the finding; what may stand there, in the schema's use of the segment.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from gateway.counting import counted
from gateway.findings import Finding, FindingCode, Level
from gateway.x12.names import Names
from gateway.x12.schema import ElementUse, SegmentUse

_MOST_CODES = 6
"""Codes that are named as examples."""
_LONGEST_VALUE = 40
_EXAMPLE_DAY, _EXAMPLE_TIME = "20260302", "0915"


@dataclass(frozen=True, slots=True)
class Advice:
    """What is said of one finding."""

    title: str
    """What is wrong, as one sentence without a full stop."""
    rule: str
    send: str
    """What to send instead; empty where only the sender can know."""


_WRONG: Mapping[FindingCode, str] = {
    FindingCode.MANDATORY_ELEMENT_MISSING: "is missing",
    FindingCode.CONDITIONAL_ELEMENT_MISSING: "is missing",
    FindingCode.TOO_MANY_ELEMENTS: "is one element too many",
    FindingCode.TOO_MANY_COMPONENTS: "has too many components",
    FindingCode.TOO_MANY_REPETITIONS: "is repeated too often",
    FindingCode.ELEMENT_TOO_SHORT: "is too short",
    FindingCode.ELEMENT_TOO_LONG: "is too long",
    FindingCode.INVALID_CHARACTER: "has a character that it may not have",
    FindingCode.CODE_NOT_IN_LIST: "is none of its codes",
    FindingCode.INVALID_DATE: "is no day of the calendar",
    FindingCode.INVALID_TIME: "is no time of day",
    FindingCode.ELEMENTS_MUTUALLY_EXCLUSIVE: "may not stand beside what is there already",
    FindingCode.ELEMENT_NOT_USED: "is not to be used",
    FindingCode.PATTERN_DIFFERS: "does not look as agreed",
    FindingCode.CONTROL_TOTAL_WRONG: "is not the total of what it counts",
    FindingCode.CHECK_DIGIT_WRONG: "has a wrong check digit",
    FindingCode.LEVEL_OUT_OF_PLACE: "stands at a level where it may not",
    FindingCode.SEGMENT_UNKNOWN: "is a segment that nobody knows",
    FindingCode.SEGMENT_UNEXPECTED: "has no place here",
    FindingCode.MANDATORY_SEGMENT_MISSING: "is missing",
    FindingCode.LOOP_OVER_MAXIMUM: "starts its loop once too often",
    FindingCode.SEGMENT_OVER_MAXIMUM: "stands there once too often",
    FindingCode.SEGMENT_NOT_IN_SET: "is no segment of this set",
    FindingCode.SEGMENT_OUT_OF_SEQUENCE: "stands in the wrong place",
    FindingCode.SEGMENT_EMPTY: "is empty",
    FindingCode.SEGMENT_COUNT_WRONG: "counts the segments wrongly",
    FindingCode.TRANSACTION_SET_COUNT_WRONG: "counts the transaction sets wrongly",
    FindingCode.GROUP_COUNT_WRONG: "counts the groups wrongly",
    FindingCode.TRANSACTION_SET_CONTROL_NUMBERS_DIFFER: "differs between header and trailer",
    FindingCode.GROUP_CONTROL_NUMBERS_DIFFER: "differs between header and trailer",
    FindingCode.INTERCHANGE_CONTROL_NUMBERS_DIFFER: "differs between header and trailer",
    FindingCode.TRANSACTION_SET_TRAILER_MISSING: "is missing: the transaction set has no end",
    FindingCode.GROUP_TRAILER_MISSING: "is missing: the group has no end",
    FindingCode.INTERCHANGE_TRAILER_MISSING: "IEA is missing: the interchange has no end",
    FindingCode.INTERCHANGE_WIDTHS_WRONG: "does not have its fixed width",
    FindingCode.INTERCHANGE_DUPLICATE: "was used before",
    FindingCode.GROUP_CONTROL_NUMBER_REPEATED: "was used before in this interchange",
    FindingCode.TRANSACTION_SET_CONTROL_NUMBER_REPEATED: "was used before in this group",
    FindingCode.TRANSACTION_SET_NOT_IN_GROUP: "does not belong in this group",
    FindingCode.TRANSACTION_SET_NOT_SUPPORTED: "begins a set that is not taken",
    FindingCode.GROUP_HEADER_INVALID: "is not valid",
}
"""After the name of the place; any other finding is called by its code."""

_ENDINGS = {"_invalid": "is not valid", "_unknown": "is not known", "_not_supported": "is unknown"}
"""By how a code ends, where its place says what it is about."""

_OF_VALUES = frozenset(
    {
        FindingCode.MANDATORY_ELEMENT_MISSING,
        FindingCode.CONDITIONAL_ELEMENT_MISSING,
        FindingCode.ELEMENT_TOO_SHORT,
        FindingCode.ELEMENT_TOO_LONG,
        FindingCode.INVALID_CHARACTER,
        FindingCode.CODE_NOT_IN_LIST,
        FindingCode.INVALID_DATE,
        FindingCode.INVALID_TIME,
    }
)
"""Findings that go away where a value of the right kind is sent."""


def advise(finding: Finding, use: SegmentUse | None, names: Names) -> Advice:
    """Put a finding into words; `use` is its segment as the schema has it, where it knows it."""
    element = _element(finding, use)
    return Advice(
        _title(finding, use, element), _rule(finding, use, element), _send(finding, use, names)
    )


def what_to_send(element: ElementUse, names: Names) -> str:
    """Say what values an element takes, with an example where one helps."""
    kind = element.type
    if kind == "composite":
        return "its components"
    codes = names.codes(element)
    if codes:
        known = [f"{code} ({meaning})" for code, meaning in codes.items()][:_MOST_CODES]
        lead = "one of " if element.codes else f"a code of {_length(element)}, such as "
        return lead + ", ".join(known) + (", …" if len(codes) > len(known) else "")
    return _KINDS[kind[0]](element)


def _day(element: ElementUse) -> str:
    shape = "CCYYMMDD" if element.maximum == 8 else "YYMMDD"
    return f"a day as {shape}, such as {_EXAMPLE_DAY[8 - element.maximum :]}"


def _integer(element: ElementUse) -> str:
    places = int(element.type[1:] or 0)
    digits = f"digits, at most {element.maximum}"
    if not places:
        return digits
    sent = f"125{'0' * (places - 1)}"
    return f"{digits}, the last {places} of them decimals: 12.5 is sent as {sent}"


_KINDS: Mapping[str, Callable[[ElementUse], str]] = {
    "A": lambda element: f"text of {_length(element)}",
    "I": lambda element: f"a code of {_length(element)}",
    "N": _integer,
    "R": lambda element: f"a number such as 12.5, with at most {element.maximum} digits",
    "D": _day,
    "T": lambda _: f"a time as HHMM, or with seconds, such as {_EXAMPLE_TIME}",
    "B": lambda element: f"{_length(element)} of any bytes",
}
"""By the first letter of the type."""


def _length(element: ElementUse) -> str:
    if element.minimum == element.maximum:
        return counted(element.maximum, "character")
    return f"{element.minimum} to {element.maximum} characters"


def _element(finding: Finding, use: SegmentUse | None) -> ElementUse | None:
    place = finding.location
    element = use.element(place.element) if use is not None and place.element else None
    if element is not None and place.component:
        return next(iter(element.components[place.component - 1 : place.component]), None)
    return element


def _title(finding: Finding, use: SegmentUse | None, element: ElementUse | None) -> str:
    place, wrong = finding.location, _wrong(finding)
    name = element.name if element is not None else ""
    if place.element is None and use is not None and finding.level is Level.SEGMENT:
        name = use.name
    called = " ".join(filter(None, (place.reference, name)))
    code = finding.code.replace("_", " ")
    said = f"{called} {wrong}" if wrong else f"{called}: {code}" if called else code
    return f"{said}: {_quoted(finding.value)}" if finding.value else said.strip()


def _wrong(finding: Finding) -> str | None:
    if finding.code in _WRONG or finding.location.element is None:
        return _WRONG.get(finding.code)
    return next((said for end, said in _ENDINGS.items() if finding.code.endswith(end)), None)


def _quoted(value: str) -> str:
    return repr(value if len(value) <= _LONGEST_VALUE else value[: _LONGEST_VALUE - 1] + "…")


def _rule(finding: Finding, use: SegmentUse | None, element: ElementUse | None) -> str:
    code, detail = finding.code, _bare(finding)
    if code is FindingCode.MANDATORY_ELEMENT_MISSING and use is not None:
        place = replace(finding.location, component=None).reference
        within = f"composite {place}" if finding.location.component else f"{use.tag} ({use.name})"
        return f"mandatory in every {within}"
    if finding.level is Level.ELEMENT and element is not None and element.type != "composite":
        of = f"data element {element.number}, {element.type} {element.minimum}/{element.maximum}"
        return f"{detail} ({of})" if detail else of
    return "" if _is_envelope(finding) else detail


def _send(finding: Finding, use: SegmentUse | None, names: Names) -> str:
    code, element = finding.code, _element(finding, use)
    if code is FindingCode.CODE_NOT_IN_LIST and finding.rule is not None:
        # The standard's codes, which the names are of, are more than the guide takes.
        return _bare(finding).removesuffix(f" ({finding.rule})")
    if code in _OF_VALUES and element is not None:
        other = _other(finding) if code is FindingCode.CONDITIONAL_ELEMENT_MISSING else ""
        return what_to_send(element, names) + (f"; or {other}" if other else "")
    if code is FindingCode.TOO_MANY_ELEMENTS and use is not None:
        return f"nothing here: {use.tag} ends with {use.tag}{len(use.elements):02d}"
    if code is FindingCode.MANDATORY_SEGMENT_MISSING and use is not None:
        return f"{skeleton(use)} before this place"
    if code is FindingCode.TRANSACTION_SET_NOT_SUPPORTED:
        return _taken(finding.detail)
    return _INSTEAD.get(code) or (_bare(finding) if _is_envelope(finding) else "")


def _taken(because: str) -> str:
    """Say what would be taken; nothing where a limit is what stopped the reading."""
    if because.startswith("there is no schema"):
        return "a set of which there is a schema, in a version of which there is one (GS08)"
    agreed = "agreement" in because or "agreed" in because
    return "what was agreed on, or agree on this set first" if agreed else ""


def _bare(finding: Finding) -> str:
    return finding.detail.replace("expected ", "", 1)


def _is_envelope(finding: Finding) -> bool:
    """Say whether what was expected is what to send: the reader knows the right counts."""
    of_envelope = finding.level in (Level.INTERCHANGE, Level.GROUP, Level.TRANSACTION_SET)
    return of_envelope and finding.detail.startswith("expected ")


def _other(finding: Finding) -> str:
    """Name the other way to keep a note: `P0304: all or none of N103 and N104`."""
    place, detail = finding.location, finding.detail
    named = re.findall(rf"{re.escape(place.segment_id or '')}\d\d(?:-\d)?", detail)
    others = [one for one in named if one != place.reference]
    match detail[:1]:
        case "P":
            return f"leave out {' and '.join(others)}"
        case "R":
            return f"{' or '.join(others)} instead"
        case "C" | "L" if named:
            return f"leave out {named[-1]}"
    return ""


_INSTEAD: Mapping[FindingCode, str] = {
    FindingCode.ELEMENTS_MUTUALLY_EXCLUSIVE: "only one of them",
    FindingCode.SEGMENT_UNKNOWN: "the set without it, or the segment id that was meant",
    FindingCode.SEGMENT_NOT_IN_SET: "the set without it",
    FindingCode.SEGMENT_UNEXPECTED: "it inside its loop, or the set without it",
    FindingCode.SEGMENT_EMPTY: "its elements, or the set without it",
    FindingCode.SEGMENT_OUT_OF_SEQUENCE: "the same segments in the order of the standard",
    FindingCode.SEGMENT_OVER_MAXIMUM: "no more of them than that",
    FindingCode.LOOP_OVER_MAXIMUM: "no more of them than that, the rest in another set",
    FindingCode.TRANSACTION_SET_TRAILER_MISSING: "the whole set again: it may have been cut off",
    FindingCode.GROUP_TRAILER_MISSING: "the whole group again: it may have been cut off",
    FindingCode.INTERCHANGE_TRAILER_MISSING: "the whole interchange again: it may be cut off",
}
"""What to send instead where it does not depend on the schema."""


def skeleton(use: SegmentUse) -> str:
    """Write a segment with the names of what it must have: `W76*(Quantity Ordered)`."""
    parts = [use.tag]
    for element in use.elements:
        parts.append(f"({element.name})" if element.requirement == "M" else "")
    text = "*".join(parts).rstrip("*")
    return text if "*" in text else f"a segment {use.tag} ({use.name})"
