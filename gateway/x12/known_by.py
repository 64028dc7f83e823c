"""The number that people know a transaction set by: of the order, the shipment, the invoice."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from gateway.x12.envelope import element_of
from gateway.x12.model import TransactionSet


class KnownBy(NamedTuple):
    """Where the number stands, and what it is of."""

    segment: str
    element: int
    what: str

    def value(self, one: TransactionSet) -> str:
        """Return the number that a set has there, or nothing."""
        first = next((each for each in one.segments[:_FURTHEST] if each[0] == self.segment), [])
        return element_of(first, self.element)


_FURTHEST = 100
"""Segments that are looked at: the number stands in the heading."""

KNOWN_BY: Mapping[str, KnownBy] = {
    "180": KnownBy("BGN", 2, "return number"),
    "810": KnownBy("BIG", 2, "invoice"),
    "820": KnownBy("TRN", 2, "trace number"),
    "824": KnownBy("BGN", 2, "advice number"),
    "846": KnownBy("BIA", 3, "inventory report number"),
    "850": KnownBy("BEG", 3, "order"),
    "855": KnownBy("BAK", 3, "order"),
    "856": KnownBy("BSN", 2, "shipment"),
    "860": KnownBy("BCH", 3, "order"),
    "864": KnownBy("BMG", 2, "subject"),
    "940": KnownBy("W05", 2, "order"),
    "943": KnownBy("W06", 2, "order"),
    "944": KnownBy("W17", 3, "warehouse receipt number"),
    "945": KnownBy("W06", 2, "order"),
    "947": KnownBy("W15", 2, "adjustment number"),
}
"""By transaction set; the others have none that is theirs alone."""


def known_as(one: TransactionSet) -> tuple[str, str]:
    """Return where the number stands, such as W0502, and the number; two empty texts for none."""
    known = KNOWN_BY.get(one.set_id)
    number = known.value(one).strip() if known is not None else ""
    if known is None or not number:
        return "", ""
    return f"{known.segment}{known.element:02d}", number
