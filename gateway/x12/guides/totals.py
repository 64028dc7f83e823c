"""Totals against lines: CTT, W76, W03, W14, TDS. One that cannot be worked out is not judged."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import ROUND_HALF_UP, Decimal

from gateway.findings import FindingCode
from gateway.x12.guides.hits import Hit
from gateway.x12.guides.model import Balance
from gateway.x12.guides.view import SetView, cents, number, shown, text
from gateway.x12.model import Segment

_CODE = FindingCode.CONTROL_TOTAL_WRONG
_CENT = Decimal("0.01")

LINES: Mapping[str, tuple[str, int]] = {
    "810": ("IT1", 2),
    "846": ("LIN", 0),
    "850": ("PO1", 2),
    "855": ("PO1", 2),
    "856": ("HL", 0),
    "860": ("POC", 3),
}
"""Set to the segment that CTT01 counts and the element of it that CTT02 sums up, 0 for another."""

_HASHED = {"846": ("QTY", 2), "856": ("SN1", 2)}
"""What CTT02 sums up where it is no element of the line's first segment."""

_LARGEST_HASH = 10**10
"""CTT02 has ten digits; what does not fit is cut off on the left."""


def line_count(view: SetView, _balance: Balance) -> Iterator[Hit]:
    """CTT01 is the number of lines: of IT1, PO1, POC, LIN or HL segments."""
    ctt = view.top("CTT")
    declared = number(ctt, 1) if ctt is not None else None
    if ctt is None or declared is None or view.schema.set_id not in LINES:
        return
    tag, _ = LINES[view.schema.set_id]
    counted = sum(1 for _ in view.all(tag))
    if declared != counted:
        yield _wrong(ctt, 1, f"expected {counted}, the number of {tag} segments")


def hash_total(view: SetView, _balance: Balance) -> Iterator[Hit]:
    """CTT02 is the sum of the lines' quantities: as numbers, or as digits, as the standard says.

    The standard sums without regard to points and signs, and cuts off on the left; most partners
    send the plain sum. Either is taken.
    """
    ctt = view.top("CTT")
    declared = number(ctt, 2) if ctt is not None else None
    if ctt is None or declared is None or view.schema.set_id not in LINES:
        return
    tag, element = LINES[view.schema.set_id]
    tag, element = _HASHED.get(view.schema.set_id, (tag, element))
    values = [text(one, element) for one in view.all(tag)]
    plain = sum((number(one, element) or Decimal(0) for one in view.all(tag)), Decimal(0))
    digits = sum(int(value.replace(".", "").lstrip("-") or 0) for value in values if _fits(value))
    hashed = int(text(ctt, 2).replace(".", "").lstrip("-"))
    if declared != plain and hashed != digits % _LARGEST_HASH:
        yield _wrong(ctt, 2, f"expected {shown(plain)}, the sum of {tag}{element:02d}")


def _fits(value: str) -> bool:
    return value.isascii() and value.replace(".", "").lstrip("-").isdigit()


def order_totals(view: SetView, balance: Balance) -> Iterator[Hit]:
    """W7601 of a 940 is the sum of the ordered quantities, W0101."""
    yield from _total(view, balance, ("W76", 1), ("W01", 1))


def shipment_totals(view: SetView, balance: Balance) -> Iterator[Hit]:
    """W0301 is the sum of the shipped quantities: W1203 in a 945, W0401 in a 943.

    W0302 is held against the weights of the lines (W1210) where every line has one in the unit of
    the total.
    """
    line = ("W12", 3) if view.schema.set_id == "945" else ("W04", 1)
    yield from _total(view, balance, ("W03", 1), line)
    total = view.top("W03")
    if total is None or view.schema.set_id != "945":
        return
    lines = list(view.all("W12"))
    unit = text(total, 3)[:1]  # LB and KG here, L and K there
    weights = [number(one, 10) for one in lines if text(one, 12) == unit]
    if not lines or len(weights) < len(lines) or None in weights:
        return
    yield from _compared(total, 2, weights, "W1210", balance)


def receipt_totals(view: SetView, balance: Balance) -> Iterator[Hit]:
    """W1401 of a 944 is the sum of the received quantities, W0701; W1403 that of the exceptions."""
    yield from _total(view, balance, ("W14", 1), ("W07", 1))
    yield from _total(view, balance, ("W14", 3), ("W13", 1))


def _total(
    view: SetView, balance: Balance, total: tuple[str, int], line: tuple[str, int]
) -> Iterator[Hit]:
    segment = view.top(total[0])
    if segment is not None:
        values = [number(one, line[1]) for one in view.all(line[0])]
        yield from _compared(segment, total[1], values, f"{line[0]}{line[1]:02d}", balance)


def _compared(
    total: Segment, element: int, values: Iterable[Decimal | None], summed: str, balance: Balance
) -> Iterator[Hit]:
    declared = number(total, element)
    if declared is None:
        return
    expected = sum((value for value in values if value is not None), Decimal(0))
    if abs(declared - expected) > balance.tolerance:
        yield _wrong(total, element, f"expected {shown(expected)}, the sum of {summed}")


def invoice_total(view: SetView, balance: Balance) -> Iterator[Hit]:
    """TDS01 of an 810 is what the lines cost, with charges and taxes, less allowances.

    Lines may be rounded one by one or in total: either sum is taken. A set in which a price or an
    amount is left out is not judged.
    """
    tds = view.top("TDS")
    declared = cents(tds, 1) if tds is not None else None
    lines = [_cost(one) for one in view.all("IT1")]
    signed = balance.signed_allowances
    charges = [_charge(one, signed=signed) for one in view.all("SAC")]
    others = [*charges, *map(_tax, view.all("TXI"))]
    known = [one for one in lines if one is not None]
    added = [one for one in others if one is not None]
    if tds is None or declared is None or len(known) < len(lines) or len(added) < len(others):
        return
    extra = sum(added, Decimal(0))
    whole = _rounded(sum(known, Decimal(0)) + extra)
    single = sum(map(_rounded, known), Decimal(0)) + extra
    if text(view.top("BIG") or [], 7) == "CR":
        # A credit memo may say by its type what another says by a minus.
        declared, whole, single = abs(declared), abs(whole), abs(single)
    if min(abs(declared - whole), abs(declared - single)) > balance.tolerance:
        lines_and_others = f"lines {shown(whole - extra)}, charges and the like {shown(extra)}"
        yield _wrong(tds, 1, f"expected {int(whole * 100)}: {lines_and_others}")


def invoice_lines(view: SetView, balance: Balance) -> Iterator[Hit]:
    """TDS02 of an 810, where it is sent, is what the lines cost, without anything added."""
    tds = view.top("TDS")
    declared = cents(tds, 2) if tds is not None else None
    lines = [_cost(one) for one in view.all("IT1")]
    known = [one for one in lines if one is not None]
    if tds is None or declared is None or len(known) < len(lines):
        return
    whole, single = _rounded(sum(known, Decimal(0))), sum(map(_rounded, known), Decimal(0))
    if min(abs(declared - whole), abs(declared - single)) > balance.tolerance:
        yield _wrong(tds, 2, f"expected {int(single * 100)}, what the lines cost")


def _cost(line: Segment) -> Decimal | None:
    quantity, price = number(line, 2), number(line, 4)
    return None if quantity is None or price is None else quantity * price


def _charge(sac: Segment, *, signed: bool) -> Decimal | None:
    """Return what a SAC adds; None where it names no amount that could be added.

    Where allowances are signed, the minus of one repeats SAC01 = A and does not reverse it.
    """
    sign = {"C": 1, "A": -1}.get(text(sac, 1), 0)
    if not sign:
        return Decimal(0)
    amount = cents(sac, 5)
    if amount is None:
        return None
    return -abs(amount) if signed and sign < 0 else sign * amount


def _tax(txi: Segment) -> Decimal | None:
    """Return what a TXI adds: nothing where it only informs (TXI07 is O)."""
    sign = {"": 1, "A": 1, "D": -1}.get(text(txi, 7), 0)
    amount = number(txi, 2)
    if not sign:
        return Decimal(0)
    return None if amount is None else sign * amount


def _rounded(value: Decimal) -> Decimal:
    return value.quantize(_CENT, ROUND_HALF_UP)


def _wrong(segment: Segment, element: int, expected: str) -> Hit:
    return Hit(_CODE, segment, expected, element, value=text(segment, element))
