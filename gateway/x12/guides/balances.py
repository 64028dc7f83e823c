"""The rules about whole sets that a guide may switch on: what each holds, and of which sets."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from gateway.x12.guides import check_digits, hierarchy, lots, totals
from gateway.x12.guides.hits import Hit
from gateway.x12.guides.model import Balance
from gateway.x12.guides.view import SetView

Check = Callable[[SetView, Balance], Iterator[Hit]]


@dataclass(frozen=True, slots=True)
class BalanceKind:
    """A rule that guides know by name."""

    check: Check
    sentence: str
    """What it holds, for the partner who reads the guide."""
    sets: frozenset[str] | None = None
    """The sets that it is about; None for all."""


def _of(*sets: str) -> frozenset[str]:
    return frozenset(sets)


BALANCES: Mapping[str, BalanceKind] = {
    "ctt_line_count": BalanceKind(
        totals.line_count,
        "CTT01 is the number of lines.",
        frozenset(totals.LINES),
    ),
    "ctt_hash_total": BalanceKind(
        totals.hash_total,
        "CTT02, where it is sent, is the sum of the quantities of the lines.",
        frozenset(totals.LINES),
    ),
    "w76_totals": BalanceKind(
        totals.order_totals, "W7601 is the sum of the quantities ordered in W0101.", _of("940")
    ),
    "w03_totals": BalanceKind(
        totals.shipment_totals,
        "W0301 is the sum of the quantities shipped; W0302 is the sum of the lines' weights, "
        "where every line has one.",
        _of("943", "945"),
    ),
    "w14_totals": BalanceKind(
        totals.receipt_totals,
        "W1401 is the sum of the quantities received in W0701; W1403 is that of the exceptions "
        "in W1301.",
        _of("944"),
    ),
    "tds_total": BalanceKind(
        totals.invoice_total,
        "TDS01 is what the lines cost (IT102 × IT104), with charges (SAC) and taxes (TXI), less "
        "allowances (SAC).",
        _of("810"),
    ),
    "tds_lines": BalanceKind(
        totals.invoice_lines,
        "TDS02, where it is sent, is what the lines cost (IT102 × IT104), without charges, "
        "allowances and taxes.",
        _of("810"),
    ),
    "lot_totals": BalanceKind(
        lots.lot_totals,
        "The quantities that the lots of a line name sum up to that of the line.",
        _of("810", "856", "945"),
    ),
    "hl_structure": BalanceKind(
        hierarchy.structure,
        "HL01 counts from 1 without gaps, HL02 names a level before it, and HL04, where it is "
        "sent, says whether others stand in it.",
        _of("856"),
    ),
    "sscc_check_digits": BalanceKind(
        check_digits.sscc,
        "Each SSCC in MAN (qualifiers GM, AA and AI) has 18 digits, or 20 with 00 before them, and "
        "its check digit is right.",
    ),
    "sscc_once": BalanceKind(
        check_digits.sscc_once, "No SSCC stands for two cartons of one transaction set."
    ),
    "gtin_check_digits": BalanceKind(
        check_digits.gtin,
        "Each article number with the qualifier UP (12 digits), EN (13), UK (14) or EO (8) has so "
        "many digits, and its check digit is right.",
    ),
}
"""Name to rule; `balance:` of a guide names those that are held."""

WITH_TOLERANCE = frozenset(
    {"w76_totals", "w03_totals", "w14_totals", "tds_total", "tds_lines", "lot_totals"}
)
"""Rules about totals that may differ by a tolerance."""

WITH_SIGNED_ALLOWANCES = frozenset({"tds_total"})
"""Rules that add up allowances, whose amounts may have a minus of their own."""

WITH_QUALIFIERS = frozenset({"lot_totals"})
"""Rules about segments that a qualifier tells."""

WITH_STRUCTURES = frozenset({"hl_structure"})
"""Rules about which levels may stand in which."""
