"""Whatever a document says in its fields, its base map writes it so that it reads the same again.

The fullest sample of each set is the pattern: every field stays, and every value becomes another of
its kind. Which kind that is, the document's own check decides.
"""

from __future__ import annotations

import copy
import string
from collections.abc import Iterator
from datetime import date
from typing import Any

import orjson
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from gateway.canonical import check
from gateway.mapping.values import canonical_decimal
from gateway.x12.model import Delimiters
from tests.samples.maps import compiled_map
from tests.samples.test_samples import FOLDER

PATTERNS = {
    "180": "180-damaged-goods-may-go-back",
    "810": "810-charges-and-terms",
    "820": "820-invoices-paid-less-damaged-goods",
    "824": "824-order-refused",
    "846": "846-lots-and-states-of-stock",
    "850": "850-stand-alone-order",
    "855": "855-accepted-with-changes",
    "856": "856-pallets-cartons-items",
    "860": "860-lines-added-changed-and-deleted",
    "864": "864-closed-on-a-holiday",
    "940": "940-new-order",
    "943": "943-container-of-three-items",
    "944": "944-short-damaged-and-over",
    "945": "945-shipped-in-full-and-short",
    "947": "947-counted-damaged-and-put-on-hold",
}
KEPT = {
    *("document", "version"),
    *("type", "line_number"),  # say which of several places a value has
    *("ids", "item_ids", "sku", "scac", "sscc"),  # say each other
    *("allocations", "total_lines"),  # follow from the lines
}
"""Fields whose values are not free."""

LEFT_OUT = ("unmapped", "total_quantity", "total_received")
"""Fields that are not written, or not as they are given."""

Path = tuple[str | int, ...]

KINDS: dict[str, st.SearchStrategy[str]] = {
    "x": st.text(string.ascii_letters + string.digits + " .,-/&'#()", max_size=12).map(
        lambda text: f"x{text}x"
    ),
    "1.5": st.decimals(-99_999, 99_999, places=2).map(lambda one: canonical_decimal(f"{one:f}")),
    "2026-03-02": st.dates(date(1980, 1, 1), date(2079, 12, 31)).map(str),
    "12:30": st.times().map(lambda time: time.isoformat("minutes")),
}
"""A value that only this kind of field takes, and all values of the kind; text comes first."""

STRATEGIES: dict[str, st.SearchStrategy[str] | st.SearchStrategy[int]] = {
    **KINDS,
    "int": st.integers(0, 9_999),
    "bool": st.booleans(),
}
"""All kinds: those of values that are no text have the name of their type."""


@pytest.mark.parametrize("set_id", PATTERNS)
@given(data=st.data())
@settings(max_examples=30, deadline=None, phases=[Phase.generate])  # many draws shrink slowly
def test_any_values_survive_writing_and_reading(set_id: str, data: st.DataObject) -> None:
    document = pattern(set_id)
    for path, kind in KIND_OF[set_id].items():
        put(document, path, data.draw(STRATEGIES[kind]))
    assert check(document) == []
    compiled, delimiters = compiled_map(f"base-{set_id}"), Delimiters()
    writing = compiled.write(document, delimiters)
    reading = compiled.read(writing.tree, delimiters)
    assert [finding.code for finding in (*writing.findings, *reading.findings)] == []
    for computed in LEFT_OUT:
        reading.document.pop(computed, None)
    assert reading.document == document


def pattern(set_id: str) -> dict[str, Any]:
    """Return the document that is varied, without what its map does not write as it is."""
    text = (FOLDER / "base" / f"{PATTERNS[set_id]}.json").read_bytes()
    document: dict[str, Any] = orjson.loads(text)[0]
    return {name: value for name, value in document.items() if name not in LEFT_OUT}


def kinds(document: dict[str, Any]) -> Iterator[tuple[Path, str]]:
    """Yield every free value's place with its kind."""
    for path, value in leaves(document, ()):
        if isinstance(value, int):
            yield path, type(value).__name__
            continue
        for kind in KINDS:
            probe = copy.deepcopy(document)
            put(probe, path, kind)
            if not check(probe):
                yield path, kind
                break


def leaves(part: Any, path: Path) -> Iterator[tuple[Path, Any]]:
    """Yield the values of a document that are free, with their places."""
    if isinstance(part, dict):
        for name, member in part.items():
            if name not in KEPT:
                yield from leaves(member, (*path, name))
    elif isinstance(part, list):
        for index, member in enumerate(part):
            yield from leaves(member, (*path, index))
    else:
        yield path, part


def put(document: Any, path: Path, value: object) -> None:
    """Replace the value at a place."""
    for part in path[:-1]:
        document = document[part]
    document[path[-1]] = value


KIND_OF = {set_id: dict(kinds(pattern(set_id))) for set_id in PATTERNS}
