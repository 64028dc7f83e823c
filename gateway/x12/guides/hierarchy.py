"""The levels of a hierarchy (HL): numbers, parents, kinds, and which may stand in which."""

from __future__ import annotations

from collections.abc import Iterator

from gateway.findings import FindingCode
from gateway.x12.guides.hits import Hit
from gateway.x12.guides.model import Balance
from gateway.x12.guides.view import SetView, text
from gateway.x12.model import Segment

_MOST_LEVELS = 64
"""No hierarchy of business data is deeper; a chain that is goes round in a circle."""


def structure(view: SetView, balance: Balance) -> Iterator[Hit]:
    """HL01 counts from 1, HL02 names a level before it, HL04 says whether others stand in it.

    Where the guide names structures, each chain of HL03 from the outermost level inwards is one.
    """
    levels = list(view.all("HL"))
    by_number: dict[str, Segment] = {}
    parents = {text(one, 2) for one in levels}
    chains: dict[str, tuple[str, ...]] = {}
    for index, level in enumerate(levels, 1):
        own, parent = text(level, 1), text(level, 2)
        if own != str(index):
            yield _wrong(level, 1, f"expected {index}: HL01 counts from 1 without gaps")
        if index == 1 and parent:
            yield _wrong(level, 2, "expected nothing: the first level stands in none")
        elif index > 1 and parent not in by_number:
            yield _wrong(level, 2, "expected the HL01 of a level before it")
        has = own in parents
        if text(level, 4) and (text(level, 4) == "1") != has:
            inside = "others stand in it" if has else "no other stands in it"
            yield _wrong(level, 4, f"expected {int(has)}: {inside}")
        by_number[own] = level
        chains[own] = (*chains.get(parent, ())[:_MOST_LEVELS], text(level, 3))
        if balance.structures and not has and chains[own] not in balance.structures:
            wanted = " or ".join("/".join(one) for one in balance.structures)
            found = "/".join(chains[own])
            yield _wrong(level, 3, f"expected the levels {wanted}, found {found}")


def _wrong(level: Segment, element: int, expected: str) -> Hit:
    code = FindingCode.LEVEL_OUT_OF_PLACE
    return Hit(code, level, expected, element, value=text(level, element) or None)
