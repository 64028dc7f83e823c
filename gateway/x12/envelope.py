"""The rules of ISA, GS, ST, SE, GE and IEA: what their elements may hold, and that they agree.

Each function looks at one segment, or at a header and its trailer, and returns findings. Whether a
segment is there at all is the reader's business.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from gateway.findings import Finding, FindingCode, Location
from gateway.x12.data_types import DAYS, TIMES, is_date, is_digits, is_time
from gateway.x12.leniency import Leniency
from gateway.x12.model import GroupHeader, InterchangeHeader, Segment

FUNCTIONAL_IDS = {
    "180": "AN",
    "810": "IN",
    "820": "RA",
    "824": "AG",
    "846": "IB",
    "850": "PO",
    "855": "PR",
    "856": "SH",
    "860": "PC",
    "864": "TX",
    "940": "OW",
    "943": "AR",
    "944": "RE",
    "945": "SW",
    "947": "AW",
    "997": "FA",
    "999": "FA",
}
"""The GS01 that groups of a transaction set have; other sets are not ours to judge."""

AUTHORIZATION_QUALIFIERS = frozenset({"00", "01", "02", "03", "04", "05", "06"})
SECURITY_QUALIFIERS = frozenset({"00", "01"})
ID_QUALIFIERS = frozenset(
    {f"{number:02d}" for number in range(1, 39)} - {"05", "06"} | {"AM", "NR", "SA", "SN", "ZZ"}
)
INTERCHANGE_VERSIONS = frozenset(
    {"00200", "00201", "00204", "00300", "00301", "00302", "00303", "00304", "00305", "00306"}
    | {"00307"}
    | {f"004{release:02d}" for release in range(7)}
    | {f"005{release:02d}" for release in range(6)}
    | {f"006{release:02d}" for release in range(6)}
    | {f"007{release:02d}" for release in range(7)}
    | {f"008{release:02d}" for release in range(5)}
)
_BLANK_ID = "!"
"""Text that starts with the first character after the blank, or a later one, is no padding."""
FIRST_VERSION_WITHOUT_STANDARDS_ID = "00402"

_VERSION = re.compile(r"[0-9]{5}", re.ASCII)


def as_number(text: str) -> int | None:
    """Return an N0 value, or None where the text is none; twenty digits are more than any holds."""
    bare = text.strip()
    return int(bare) if is_digits(bare) and len(bare) <= 20 else None


def element_of(segment: Sequence[str], position: int) -> str:
    """Return an element, or empty text where the segment ends before it."""
    return segment[position] if position < len(segment) else ""


_HeaderRule = tuple[int, Callable[[str], bool], FindingCode, str]

_ISA_RULES: tuple[_HeaderRule, ...] = (
    (
        1,
        AUTHORIZATION_QUALIFIERS.__contains__,
        FindingCode.AUTHORIZATION_QUALIFIER_INVALID,
        "a code of element I01, 00 to 06",
    ),
    (
        3,
        SECURITY_QUALIFIERS.__contains__,
        FindingCode.SECURITY_QUALIFIER_INVALID,
        "00 or 01",
    ),
    (
        5,
        ID_QUALIFIERS.__contains__,
        FindingCode.SENDER_QUALIFIER_INVALID,
        "a code of element I05, such as 01, 02, 12 or ZZ",
    ),
    (6, lambda value: bool(value.strip()), FindingCode.SENDER_ID_INVALID, "an identification"),
    (
        7,
        ID_QUALIFIERS.__contains__,
        FindingCode.RECEIVER_QUALIFIER_INVALID,
        "a code of element I05, such as 01, 02, 12 or ZZ",
    ),
    (8, lambda value: bool(value.strip()), FindingCode.RECEIVER_ID_INVALID, "an identification"),
    (
        9,
        lambda value: len(value) == 6 and is_date(value),
        FindingCode.INTERCHANGE_DATE_INVALID,
        "a calendar day as YYMMDD",
    ),
    (
        10,
        lambda value: len(value) == 4 and is_time(value),
        FindingCode.INTERCHANGE_TIME_INVALID,
        "a time of day as HHMM",
    ),
    (
        12,
        lambda value: _VERSION.fullmatch(value) is not None,
        FindingCode.INTERCHANGE_VERSION_INVALID,
        "five digits",
    ),
    (
        14,
        frozenset({"0", "1"}).__contains__,
        FindingCode.ACKNOWLEDGMENT_REQUESTED_INVALID,
        "0 or 1",
    ),
    (15, frozenset({"P", "T", "I"}).__contains__, FindingCode.USAGE_INDICATOR_INVALID, "P, T or I"),
)


def check_interchange_header(header: InterchangeHeader, leniency: Leniency) -> list[Finding]:
    """Return what is wrong with the values of an ISA; widths and delimiters are judged apart."""
    elements = header.elements
    if _is_sound_isa(elements):
        return []
    findings = [
        _fault(code, "ISA", position, elements[position], f"expected {expected}")
        for position, holds, code, expected in _ISA_RULES
        if not holds(elements[position])
    ]
    version = elements[12]
    if _VERSION.fullmatch(version) and version not in INTERCHANGE_VERSIONS:
        code = FindingCode.INTERCHANGE_VERSION_NOT_SUPPORTED
        expected = "expected a published version, 00200 to 00804"
        findings.append(_fault(code, "ISA", 12, version, expected))
    if (
        version < FIRST_VERSION_WITHOUT_STANDARDS_ID
        and elements[11] != "U"
        and not leniency.any_standards_identifier
    ):
        code = FindingCode.INTERCHANGE_STANDARD_INVALID
        findings.append(_fault(code, "ISA", 11, elements[11], "expected U"))
    number = elements[13]
    if leniency.short_control_number and len(number) <= 9:
        number = number.strip().zfill(9)
    if not is_digits(number) or len(number) != 9:
        code = FindingCode.INTERCHANGE_CONTROL_NUMBER_INVALID
        findings.append(_fault(code, "ISA", 13, elements[13], "expected nine digits"))
    return findings


def _is_sound_isa(elements: Sequence[str]) -> bool:
    """Say whether the rules of ISA hold, most likely: a no is looked into, rule by rule."""
    _, i01, _, i03, _, i05, sender, i07, receiver, day, time, i11, version, number, i14, i15, _ = (
        elements
    )
    return (
        i01 in AUTHORIZATION_QUALIFIERS
        and i03 in SECURITY_QUALIFIERS
        and i05 in ID_QUALIFIERS
        and i07 in ID_QUALIFIERS
        and sender > _BLANK_ID
        and receiver > _BLANK_ID
        and version in INTERCHANGE_VERSIONS
        and i11 == "U"
        and i14 in ("0", "1")
        and i15 in ("P", "T", "I")
        and len(number) == 9
        and number.isascii()
        and number.isdigit()
        and len(day) == 6
        and day[2:] in DAYS
        and day.isascii()
        and day.isdigit()
        and time in TIMES
    )


def check_interchange_trailer(
    header: InterchangeHeader, trailer: Segment, received: int
) -> list[Finding]:
    """Return where IEA does not agree with ISA and with the number of groups."""
    findings = []
    declared, number = element_of(trailer, 1), element_of(trailer, 2)
    if declared != str(received) and as_number(declared) != received:
        code = FindingCode.GROUP_COUNT_WRONG
        expected = f"expected {received}, the number of groups received"
        findings.append(_fault(code, "IEA", 1, declared, expected))
    if not same_number(number, header.control_number):
        code = FindingCode.INTERCHANGE_CONTROL_NUMBERS_DIFFER
        expected = f"expected {header.control_number}, as in ISA13"
        findings.append(_fault(code, "IEA", 2, number, expected))
    return findings


_GS_RULES: tuple[tuple[int, Callable[[str], bool], str], ...] = (
    (1, lambda value: len(value) == 2 and value.isalnum(), "two letters or digits"),
    (2, lambda value: 2 <= len(value.rstrip()) <= 15, "2 to 15 characters"),
    (3, lambda value: 2 <= len(value.rstrip()) <= 15, "2 to 15 characters"),
    (5, is_time, "a time of day as HHMM, HHMMSS or with decimal seconds"),
    (7, frozenset({"X", "T"}).__contains__, "X or T"),
    (8, lambda value: 1 <= len(value.strip()) <= 12, "1 to 12 characters, such as 004010"),
)


def check_group_header(group: GroupHeader) -> list[Finding]:
    """Return what is wrong with the values of a GS."""
    elements = group.elements
    if _is_sound_gs(elements):
        return []
    findings = [
        _fault(
            FindingCode.GROUP_HEADER_INVALID,
            "GS",
            position,
            elements[position],
            f"expected {expected}",
        )
        for position, holds, expected in _GS_RULES
        if not holds(elements[position])
    ]
    # Element 373 has had its century since 004010; the releases before it write YYMMDD.
    shape = "YYMMDD" if "0" < group.version < "004010" else "CCYYMMDD"
    if not is_date(elements[4]) or len(elements[4]) != len(shape):
        code = FindingCode.GROUP_HEADER_INVALID
        expected = f"expected a calendar day as {shape}"
        findings.append(_fault(code, "GS", 4, elements[4], expected))
    if not is_digits(elements[6]) or len(elements[6]) > 9:
        code = FindingCode.GROUP_CONTROL_NUMBER_INVALID
        findings.append(_fault(code, "GS", 6, elements[6], "expected 1 to 9 digits"))
    return findings


def _is_sound_gs(elements: Sequence[str]) -> bool:
    """Say whether the rules of GS hold, most likely: a no is looked into, rule by rule."""
    _, functional_id, sender, receiver, day, time, number, agency, version = elements
    return (
        len(functional_id) == 2
        and functional_id.isalnum()
        and 2 <= len(sender.rstrip()) <= 15
        and 2 <= len(receiver.rstrip()) <= 15
        and len(day) == 8
        and day[4:] in DAYS
        and day > "0001"
        and day.isascii()
        and day.isdigit()
        and 0 < len(number) <= 9
        and number.isascii()
        and number.isdigit()
        and agency in ("X", "T")
        and version.isascii()
        and "004010" <= version <= "009999"
        and len(version) <= 12
        and time in TIMES
    )


def check_group_trailer(group: GroupHeader, trailer: Segment, received: int) -> list[Finding]:
    """Return where GE does not agree with GS and with the number of transaction sets."""
    findings = []
    declared, number = element_of(trailer, 1), element_of(trailer, 2)
    if declared != str(received) and as_number(declared) != received:
        code = FindingCode.TRANSACTION_SET_COUNT_WRONG
        expected = f"expected {received}, the number of transaction sets received"
        findings.append(_fault(code, "GE", 1, declared, expected))
    if not same_number(number, group.control_number):
        code = FindingCode.GROUP_CONTROL_NUMBERS_DIFFER
        expected = f"expected {group.control_number}, as in GS06"
        findings.append(_fault(code, "GE", 2, number, expected))
    return findings


def check_set_header(header: Segment, functional_id: str) -> list[Finding]:
    """Return what is wrong with the values of an ST, and whether its set belongs in the group."""
    set_id, number = element_of(header, 1), element_of(header, 2)
    if _is_sound_st(set_id, number, functional_id):
        return []
    findings = []
    if len(set_id) != 3 or not set_id.isalnum():
        code = FindingCode.TRANSACTION_SET_ID_INVALID
        findings.append(_fault(code, "ST", 1, set_id, "expected three digits"))
    elif FUNCTIONAL_IDS.get(set_id, functional_id) != functional_id:
        code = FindingCode.TRANSACTION_SET_NOT_IN_GROUP
        expected = f"expected a set of group {functional_id}, or {FUNCTIONAL_IDS[set_id]} in GS01"
        findings.append(_fault(code, "ST", 1, set_id, expected))
    if not 4 <= len(number) <= 9 or not number.strip():
        code = FindingCode.TRANSACTION_SET_CONTROL_NUMBER_INVALID
        findings.append(_fault(code, "ST", 2, number, "expected 4 to 9 characters"))
    return findings


def _is_sound_st(set_id: str, number: str, functional_id: str) -> bool:
    """Say whether the rules of ST hold, most likely: a no is looked into, rule by rule."""
    known = FUNCTIONAL_IDS.get(set_id)
    return known == functional_id and number > _BLANK_ID and 4 <= len(number) <= 9


def check_set_trailer(header: Segment, trailer: Segment, received: int) -> list[Finding]:
    """Return where SE does not agree with ST and with the number of segments."""
    findings = []
    declared, number = element_of(trailer, 1), element_of(trailer, 2)
    if declared != str(received) and as_number(declared) != received:
        code = FindingCode.SEGMENT_COUNT_WRONG
        expected = f"expected {received}, the number of segments from ST to SE"
        findings.append(_fault(code, "SE", 1, declared, expected))
    if number != element_of(header, 2):
        code = FindingCode.TRANSACTION_SET_CONTROL_NUMBERS_DIFFER
        expected = f"expected {element_of(header, 2)}, as in ST02"
        findings.append(_fault(code, "SE", 2, number, expected))
    return findings


def same_number(one: str, other: str) -> bool:
    """Compare control numbers as numbers: senders drop leading zeros."""
    if one == other:
        return True
    number = as_number(one)
    return number == as_number(other) if number is not None else one.strip() == other.strip()


def placed(findings: list[Finding], place: Location) -> list[Finding]:
    """Put what the reader knows of a place into findings that know their segment and element."""
    return [
        replace(
            finding,
            location=replace(
                place,
                segment_id=finding.location.segment_id,
                element=finding.location.element,
            ),
        )
        for finding in findings
    ]


def _fault(code: FindingCode, tag: str, element: int, value: str, detail: str) -> Finding:
    return Finding(code, Location(segment_id=tag, element=element), value, detail)
