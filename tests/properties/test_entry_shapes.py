"""Entries of a list that are written by their shape are written as by the careful writer."""

from __future__ import annotations

import copy
import random
from collections.abc import Iterator
from types import FunctionType
from typing import cast

import pytest

from gateway.mapping.compiled import CompiledMap
from gateway.mapping.entry_shapes import EntryShapes
from gateway.mapping.plan import Document, JsonValue
from gateway.x12.model import Delimiters
from tests.benchmarks.documents import BODIES, transaction_set
from tests.samples.maps import compiled_map
from tests.x12_sets import of_segments, validator_of

DOCUMENTS = 60
ODD: tuple[JsonValue, ...] = (
    None, "", "0", 1, -1, True, [], {}, ["a", "b"], "A*B", "~", "VN", "UPC", "upc", "12.50", "7"
)  # fmt: skip


def fresh(set_id: str) -> CompiledMap:
    """Return a base map that has written no document yet."""
    return CompiledMap.of(compiled_map(f"base-{set_id}").plan)


def lists_of(made: CompiledMap) -> list[EntryShapes]:
    """Return the lists of a map's writer that have shapes."""
    space = getattr(made._write_fast, "__globals__", {})
    return [one for one in space.values() if isinstance(one, EntryShapes)]


def known(made: CompiledMap) -> int:
    """Return how many shapes are known."""
    return sum(len(one.shapes) for one in lists_of(made))


def document(chance: random.Random, set_id: str) -> Document:
    """Return what a sound set of the benchmark says."""
    tree = validator_of(set_id).parse(of_segments(transaction_set(chance, set_id))).tree
    found = compiled_map(f"base-{set_id}").read(tree, Delimiters()).document
    found.pop("unmapped", None)
    return found


def agree(made: CompiledMap, found: Document) -> bool:
    """Write a document both ways; say whether no care was needed."""
    before = copy.deepcopy(found)
    written = made.write_fast(found, Delimiters())
    if written is None:
        return False
    careful = made.write_carefully(found, Delimiters())
    assert not careful.findings
    assert written == careful.segments
    assert found == before
    return True


def holders(value: JsonValue) -> Iterator[dict[str, JsonValue] | list[JsonValue]]:
    """Yield every object and list of a document."""
    if isinstance(value, dict | list):
        yield value
        for one in list(value.values() if isinstance(value, dict) else value):
            yield from holders(one)


def changed(chance: random.Random, found: Document) -> Document:
    """Return a document of which a few values in its lines are odd, missing or there twice."""
    found = copy.deepcopy(found)
    for _ in range(chance.choice((1, 1, 2, 3, 6))):
        lists = [found[name] for name in found if isinstance(found[name], list) and found[name]]
        holder = chance.choice([one for one in holders(chance.choice(lists)) if one])
        if isinstance(holder, list):
            at = chance.randrange(len(holder))
            match chance.randrange(3):
                case 0:
                    holder.insert(at, copy.deepcopy(chance.choice(holder)))
                case 1:
                    del holder[at]
                case _:
                    holder[at] = chance.choice(ODD)
        elif chance.random() < 0.3:
            del holder[chance.choice(list(holder))]
        else:
            holder[chance.choice(list(holder))] = copy.deepcopy(chance.choice(ODD))
    return found


@pytest.mark.parametrize("set_id", BODIES)
def test_a_document_is_written_by_shapes_as_by_the_careful_writer(set_id: str) -> None:
    made, chance = fresh(set_id), random.Random(f"entries {set_id}")
    for _ in range(5):
        assert agree(made, document(chance, set_id))
    assert known(made) > 1
    plain = sum(agree(made, changed(chance, document(chance, set_id))) for _ in range(DOCUMENTS))
    assert DOCUMENTS // 10 < plain < DOCUMENTS, "both ways were gone"


def test_lines_that_share_a_loop_are_written_by_shapes_as_by_the_careful_writer() -> None:
    made, chance = fresh("940"), random.Random("shared")
    for _ in range(DOCUMENTS):
        found = document(chance, "940")
        for line in cast("list[dict[str, JsonValue]]", found["lines"]):
            line["line_number"] = chance.choice((1, 2, 2, 3))
            if chance.random() < 0.4:
                line["marks"] = [{"type": "serial_shipping_container", "value": "1"}]
            if chance.random() < 0.4:
                line["description"] = ["A", "B", "C"][: chance.randrange(1, 4)]
        agree(made, found)
    assert known(made) > 2


def test_no_more_shapes_of_entries_are_kept_than_pay() -> None:
    made, chance = fresh("940"), random.Random("many")
    for _ in range(DOCUMENTS):
        found = document(chance, "940")
        orders = [chance.sample(range(7), 7) for _ in range(2)]
        for line in cast("list[dict[str, JsonValue]]", found["lines"]):
            line["references"] = [{"type": "LI", "value": "7"}] * chance.randrange(1, 9)
            members, order = list(line.items()), chance.choice(orders)
            line.clear()
            line.update(members[at] for at in order)
        agree(made, found)
    assert 5 <= max(len(one.shapes) for one in lists_of(made)) <= 200


def test_no_value_of_a_document_is_kept_with_a_shape() -> None:
    made, secret = fresh("940"), "SKU-5QJ7"
    for _ in range(3):
        found = document(random.Random(7), "940")
        for line in cast("list[dict[str, JsonValue]]", found["lines"]):
            line["sku"] = secret
            line["item_ids"] = [{"scheme": "vendor_item", "value": secret}]
        assert agree(made, found)
    assert known(made)
    for one in lists_of(made):
        codes = [cast("FunctionType", shape).__code__ for shape in one.shapes]
        assert secret not in repr([code.co_consts for code in codes])
