"""The values of a guide: which places say what, which balances are held, and what is noted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

from gateway.findings import GuideRule
from gateway.x12.guides.paths import GuidePath

Usage = Literal["required", "optional", "not_used"]


@dataclass(frozen=True, slots=True)
class Entry:
    """What a guide says of one place: a segment, a loop, an element or a component."""

    path: GuidePath
    rule: GuideRule
    use: Usage | None = None
    minimum: int | None = None
    """How often a segment or loop stands at least, where what it stands in is there."""
    maximum: int | None = None
    length: tuple[int, int] | None = None
    codes: Mapping[str, str] | None = None
    """The codes that are taken, and no others; an empty meaning is that of the standard."""
    more_codes: Mapping[str, str] = field(default_factory=dict)
    """Codes that are taken besides those of the standard."""
    pattern: str | None = None
    """A regular expression for the whole value."""
    loosen: bool = False
    """It is meant to allow what the standard does not."""
    note: str = ""
    """For the partner, who reads the guide."""


@dataclass(frozen=True, slots=True)
class Balance:
    """A rule about a whole set that a guide has switched on."""

    kind: str
    """Its name in `gateway.x12.guides.balances`."""
    rule: GuideRule
    tolerance: Decimal = Decimal(0)
    """By how much a total may differ."""
    structures: tuple[tuple[str, ...], ...] = ()
    """The chains of levels (HL03) that a shipment may have, from the outermost inwards."""
    signed_allowances: bool = False
    """The amount of an allowance has a minus, which says no more than that it is one."""
    qualifiers: tuple[str, ...] = ()
    """The qualifiers of the segments that the rule is about; those that are usual if left out."""


@dataclass(frozen=True, slots=True)
class Example:
    """A piece of X12 that shows what is meant."""

    title: str
    segments: str


@dataclass(frozen=True, slots=True)
class Guide:
    """What one partner asks of one transaction set."""

    partner: str
    set_id: str
    title: str = ""
    notes: str = ""
    entries: tuple[Entry, ...] = ()
    balances: tuple[Balance, ...] = ()
    examples: tuple[Example, ...] = ()
