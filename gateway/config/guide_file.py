"""A partner's guide as it is written: `partners/<partner>/guides/<name>.yaml`."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema

from gateway.findings import Forwarding, Severity
from gateway.partners.fields import SetId, Settings, quoted
from gateway.routing import patterns
from gateway.x12.schema import UNBOUNDED

_LENGTH = re.compile(r"([1-9]\d{0,5})(?:/([1-9]\d{0,5}))?")
_LEVELS = re.compile(r"[A-Z0-9]{1,2}(?:/[A-Z0-9]{1,2})*")


def _length(value: object) -> object:
    """Read `2/35`, or `8` for exactly eight."""
    found = _LENGTH.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        if isinstance(value, str):
            raise ValueError(f"{quoted(value)} does not fit; expected a length such as 8 or 2/35")
        return value
    low, high = int(found[1]), int(found[2] or found[1])
    if low > high:
        raise ValueError(f"{quoted(str(value))} does not fit; expected the shorter length first")
    return low, high


def _times(value: object) -> object:
    if value == ">1":
        return UNBOUNDED
    if isinstance(value, str) and not (value.isascii() and value.isdigit() and int(value) > 0):
        raise ValueError(f"{quoted(value)} does not fit; expected a number from 1, or '>1'")
    return value


def _codes(value: object) -> object:
    """Take codes alone, one or several, or codes with what they mean."""
    if isinstance(value, str):
        return {value: ""}
    if isinstance(value, list) and all(isinstance(code, str) for code in value):
        return dict.fromkeys(value, "")
    if isinstance(value, dict):
        return {code: meaning or "" for code, meaning in value.items()}
    return value


def _pattern(value: str) -> str:
    patterns.check(value)
    return value


def _chains(value: object) -> object:
    if isinstance(value, str):
        value = [value]
    if isinstance(value, list):
        for one in value:
            if not isinstance(one, str) or _LEVELS.fullmatch(one) is None:
                raise ValueError(
                    f"{quoted(str(one))} does not fit; expected levels such as S/O/P/I"
                )
        return tuple(tuple(one.split("/")) for one in value)
    return value


Length = Annotated[
    tuple[int, int],
    BeforeValidator(_length),
    WithJsonSchema({"type": ["string", "integer"], "pattern": r"^\d+(/\d+)?$"}),
]
"""A length as the standard writes it: 2/35; one number for exactly so many."""

Times = Annotated[
    int,
    BeforeValidator(_times),
    WithJsonSchema({"anyOf": [{"type": "integer", "minimum": 1}, {"const": ">1"}]}),
]

Codes = Annotated[
    dict[str, str],
    BeforeValidator(_codes),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string"},
                {"type": "array", "items": {"type": "string"}},
                {"type": "object", "additionalProperties": {"type": ["string", "null"]}},
            ]
        }
    ),
]
"""Codes, one or several, or each with what it means."""

Structures = Annotated[
    tuple[tuple[str, ...], ...],
    BeforeValidator(_chains),
    WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}),
]
"""Chains of levels: S/O/P/I."""

BalanceName = Literal[
    "ctt_line_count",
    "ctt_hash_total",
    "w76_totals",
    "w03_totals",
    "w14_totals",
    "tds_total",
    "tds_lines",
    "lot_totals",
    "hl_structure",
    "sscc_check_digits",
    "sscc_once",
    "gtin_check_digits",
]

_SAID = {"none": Severity.IGNORE, "note": Severity.NOTE, "reject": Severity.REJECT}


class Consequence(Settings):
    """What becomes of a set that breaks a rule."""

    acknowledgment: Literal["none", "note", "reject"] | None = None
    """What the partner is told: nothing, accepted with errors, or rejected; what the agreement
    makes of such a finding if left out."""
    forwarding: Forwarding | None = None
    """What becomes of the document, whatever the partner is told: it goes on, or waits for a
    person. Left out, what is rejected becomes no document, and what is accepted goes on."""

    @property
    def severity(self) -> Severity | None:
        """Return what the acknowledgment makes of it; None leaves that to the agreement."""
        return _SAID[self.acknowledgment] if self.acknowledgment is not None else None


class GuidePlace(Consequence):
    """What holds at one place: a segment, a loop, an element or a component."""

    use: Literal["required", "optional", "not_used"] | None = None
    """Whether it has to stand there; as the standard says if left out."""
    min: Times | None = None
    """How often a segment or loop stands at least, wherever that around it does."""
    max: Times | None = None
    """How often a segment or loop stands at most; `>1` for any number."""
    length: Length | None = None
    """Length of an element: shortest and longest, such as 2/35; one number for exactly so many."""
    codes: Codes | None = None
    """The codes that an element may have, and no others; with meanings where they are the partner's
    own."""
    more_codes: Codes = Field(default_factory=dict)
    """Codes besides those of the standard."""
    pattern: Annotated[str, AfterValidator(_pattern)] | None = None
    """Regular expression that the whole value fits."""
    loosen: bool = False
    """Takes more than the standard does at this place; without it that is an error."""
    note: str = ""
    """A sentence for the partner, printed with the place."""


class GuideBalance(Consequence):
    """A rule about the whole set."""

    tolerance: Annotated[Decimal, Field(ge=0)] = Decimal(0)
    """By how much a total may differ."""
    structures: Structures = ()
    """The chains of levels that `hl_structure` takes, from the outermost inwards, such as S/O/P/I;
    any if left out."""
    signed_allowances: bool = False
    """For `tds_total`: the amount of an allowance (SAC01 is A) has a minus that says no more than
    that it is one; without this it is taken to reverse it."""
    qualifiers: tuple[str, ...] = ()
    """For `lot_totals`: the qualifiers of lots in N901 or REF01; LT if left out."""


class GuideExample(Settings):
    """A piece of X12 that shows what is meant."""

    title: str
    """What it shows."""
    segments: str
    """The segments, one a line."""


class GuideFile(Settings):
    """What a partner asks of one transaction set beyond the standard, or allows."""

    set: SetId
    """ST01, such as 945."""
    title: str = ""
    """A line for people."""
    notes: str = ""
    """What the partner has to know of the set as a whole."""
    places: dict[str, GuidePlace] = Field(default_factory=dict)
    """By place: a segment or loop (`W27`, `LX/W12`), an element (`W0602`), or either where a value
    stands in the segment (`N1*ST`, `N1*ST/N104`, `HL***O|T/PRF`)."""
    balance: dict[BalanceName, GuideBalance | None] = Field(default_factory=dict)
    """Rules about the set as a whole that are held; a name alone holds it as it is."""
    examples: tuple[GuideExample, ...] = ()
    """Pieces of X12 that show what is meant."""
