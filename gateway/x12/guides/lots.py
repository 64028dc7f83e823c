"""The lots of a line against the line: what they name of the quantity, they name all of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal

from gateway.findings import FindingCode
from gateway.x12.guides.hits import Hit
from gateway.x12.guides.model import Balance
from gateway.x12.guides.view import SetView, number, shown, text
from gateway.x12.model import Loop, Segment

USUAL = ("LT",)
"""The qualifier of a lot where a guide names none."""

_PLACES: Mapping[str, tuple[str, int, str]] = {
    "810": ("IT1", 2, "REF"),
    "856": ("SN1", 2, "REF"),
    "945": ("W12", 3, "N9"),
}
"""Set to the segment and element that have the quantity of a line, and the segment of its lots; of
these the third element has the quantity."""

_QUANTITY = 3


def lot_totals(view: SetView, balance: Balance) -> Iterator[Hit]:
    """The quantities that a line's lots name sum up to that of the line.

    A line of which no lot, or not every lot, names a quantity is not judged.
    """
    if view.schema.set_id not in _PLACES:
        return
    tag, element, lots = _PLACES[view.schema.set_id]
    wanted = balance.qualifiers or USUAL
    for line, level in _lines(view.tree, tag):
        named = [one for one in level.segments.get(lots, ()) if text(one, 1) in wanted]
        parts = [value for one in named if (value := number(one, _QUANTITY)) is not None]
        whole = number(line, element)
        if not named or len(parts) < len(named) or whole is None:
            continue
        total = sum(parts, Decimal(0))
        if abs(whole - total) > balance.tolerance:
            summed = f"{lots}{_QUANTITY:02d} of {lots}*{'|'.join(wanted)}"
            expected = f"expected {shown(total)}, the sum of {summed}"
            code = FindingCode.CONTROL_TOTAL_WRONG
            yield Hit(code, line, expected, element, value=text(line, element))


def _lines(loop: Loop, tag: str) -> Iterator[tuple[Segment, Loop]]:
    """Yield every segment that has a line's quantity, with the loop it is in."""
    for segment in loop.segments.get(tag, ()):
        yield segment, loop
    for inner in (inner for found in loop.loops.values() for inner in found):
        yield from _lines(inner, tag)
