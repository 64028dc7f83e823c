"""Occurrences of a loop that are read by their shape are read as by the reader of any shape."""

from __future__ import annotations

import ast
import json
import random
from collections.abc import Iterator, Sequence
from types import FunctionType
from typing import cast

import pytest

from gateway.config.schemas import packaged_schemas
from gateway.mapping.compiled import CompiledMap
from gateway.mapping.library import MapLibrary
from gateway.mapping.loop_shapes import LoopShapes
from gateway.x12.model import Delimiters, Segment
from gateway.yaml_source import load
from tests.benchmarks.documents import BODIES, transaction_set
from tests.properties.test_rows import QUIET
from tests.samples.maps import compiled_map
from tests.samples.test_round_trips import taken_sets
from tests.samples.test_samples import SAMPLES
from tests.x12_sets import of_segments, validator_of

SETS = 60


def fresh(name: str) -> CompiledMap:
    """Return a map that has seen no set yet."""
    return CompiledMap.of(compiled_map(name).plan)


def loops_of(made: CompiledMap) -> Sequence[LoopShapes]:
    """Return the loops of a map's reader of rows."""
    space = getattr(made._read_row, "__globals__", {})
    return [one for one in space.values() if isinstance(one, LoopShapes)]


def known(made: CompiledMap) -> int:
    """Return how many shapes a map's loops have."""
    return sum(len(one.shapes) for one in loops_of(made))


def agree(made: CompiledMap, set_id: str, segments: list[Segment]) -> bool:
    """Read a set both ways, to the order of each object's members; say whether its row was read."""
    tree = validator_of(set_id).parse(of_segments(segments)).tree
    careful = compiled_map(made.name).read_tree(tree, Delimiters())
    quick = made.read_row(tree, Delimiters())
    if quick is None:
        return False
    assert quick == careful
    assert json.dumps(quick.documents) == json.dumps(careful.documents)
    return True


def uneven(chance: random.Random, segments: list[Segment]) -> list[Segment]:
    """Return a set of which a few segments in the middle are broken, missing or there twice."""
    segments = [list(segment) for segment in segments]
    for _ in range(chance.choice((1, 2, 3, 6)) if len(segments) > 8 else 0):
        at = chance.randrange(max(1, len(segments) // 3), len(segments))
        match chance.randrange(4):
            case 0:
                chance.choice(QUIET)(chance, segments)
            case 1:
                segments.insert(at, list(segments[at]))
            case 2:
                del segments[at]
            case _ if len(segments[at]) > 1:
                segments[at][chance.randrange(1, len(segments[at]))] = chance.choice(
                    ("", "0", "1.50", "007", "VN", "IN", "LT", "SE", "20261301", "-4", "9" * 20)
                )
    return segments


@pytest.mark.parametrize("set_id", BODIES)
def test_a_set_is_read_by_shapes_as_from_its_tree(set_id: str) -> None:
    made, chance = fresh(f"base-{set_id}"), random.Random(f"shapes {set_id}")
    for _ in range(4):
        assert agree(made, set_id, transaction_set(chance, set_id))
    assert known(made) > 1
    by_row = sum(
        agree(made, set_id, uneven(chance, transaction_set(chance, set_id))) for _ in range(SETS)
    )
    assert SETS // 5 < by_row < SETS, "both ways were gone"


def test_the_lines_of_samples_are_read_by_shapes_as_from_their_trees() -> None:
    chance, shapes = random.Random("shapes of samples"), 0
    for name, parsed in (found for sample in SAMPLES for found in taken_sets(sample)):
        made, segments = compiled_map(name), list(parsed.transaction_set.segments)
        for _ in range(3):
            agree(made, parsed.transaction_set.set_id, segments)
        for _ in range(6):
            agree(made, parsed.transaction_set.set_id, uneven(chance, segments))
        shapes += known(made)
    assert shapes > 100


def levels(chance: random.Random, cartons: Sequence[int]) -> list[Segment]:
    """Return an 856 with so many items in each carton; a number of a level may be wrong."""
    body = transaction_set(chance, "856")
    first = next(at for at, segment in enumerate(body) if segment[3:] == ["P"])
    carton, item = body[first : first + 2], body[first + 2 : first + 6]
    segments, number = body[:first], 2
    for items in cartons:
        number += 1
        own = str(number)
        segments += [["HL", own, "2", "P"], carton[1]]
        for _ in range(items):
            number += 1
            segments += [["HL", str(number), own, "I"], *item[1:]]
    if chance.random() < 0.5:
        at = chance.choice([at for at, one in enumerate(segments) if one[0] == "HL"])
        segments[at][chance.choice((1, 2))] = chance.choice(("1", "2", "3", "4", str(number), "99"))
    segments.append(["CTT", str(number)])
    return [*segments, ["SE", str(len(segments) + 1), "0001"]]


def test_cartons_with_any_number_of_items_are_read_by_shapes_as_from_the_tree() -> None:
    made, chance = fresh("base-856"), random.Random("levels")
    by_row = 0
    for _ in range(2 * SETS):
        cartons = [chance.choice((0, 1, 1, 1, 2, 3)) for _ in range(chance.randrange(1, 12))]
        by_row += agree(made, "856", levels(chance, cartons))
    assert by_row > SETS
    assert known(made) > 5


def lines(count: int, elements: Sequence[str]) -> list[Segment]:
    """Return a 940 of so many lines with these elements of W01 behind the quantity."""
    chance = random.Random(940)
    body = transaction_set(chance, "940")
    first = next(at for at, segment in enumerate(body) if segment[0] == "LX")
    segments = body[:first]
    for number in range(1, count + 1):
        segments += [["LX", str(number)], ["W01", str(number), *elements], ["G69", "BLUE KITE"]]
    segments.append(["W76", str(sum(range(1, count + 1)))])
    return [*segments, ["SE", str(len(segments) + 1), "0001"]]


def kinds() -> Iterator[list[Segment]]:
    """Yield sets each of which has lines of another kind, more kinds than are ever kept."""
    for notes in range(60):
        found = lines(4, ["EA", "", "VN", "SKU-1"])
        at = next(at for at, segment in enumerate(found) if segment[0] == "G69")
        found[at + 1 : at + 1] = [["N9", "LI", "7"] for _ in range(notes)]
        yield [*found[:-1], ["SE", str(len(found)), "0001"]]


def test_no_more_shapes_are_kept_than_pay() -> None:
    made = fresh("base-940")
    for mask in range(1, 32):
        upc, freight, scheme, code, tiers = (str(mask) if mask >> at & 1 else "" for at in range(5))
        rest = ["", "", freight, "", scheme, code, tiers]
        agree(made, "940", lines(5, ["EA", upc, "VN", "SKU", *rest]))
    for _ in range(4):
        for one in kinds():
            agree(made, "940", one)
    most = max(len(one.shapes) for one in loops_of(made))
    assert 5 <= most <= 200


def test_of_many_lines_a_run_ends_before_the_last_and_another_begins() -> None:
    made = fresh("base-940")
    for count in (3, 24, 25, 47, 100):
        assert agree(made, "940", lines(count, ["EA", "", "VN", "SKU-1"]))


TWO_LISTS = """
map: two-lists
transaction_set: "940"
document: any
unmapped: drop
fields:
  loads: {in: LX, fields: {pallet: {at: MAN02, as: integer}}}
  lines: {in: LX/W01, fields: {quantity: {at: W0101, as: decimal}}}
"""


def of_two_lists() -> CompiledMap:
    """Return a map that fills two lists from one loop."""

    def entries(name: str, kind: str) -> dict[str, object]:
        return {"items": {"type": "object", "properties": {name: {"type": kind}}}, "type": "array"}

    model = {"loads": entries("pallet", "integer"), "lines": entries("quantity", "string")}
    schema = packaged_schemas().get("004010", "940")
    assert schema is not None
    library = MapLibrary([load(TWO_LISTS, "two-lists.map.yaml")])
    return library.compile("two-lists", schema.root, {"type": "object", "properties": model})


def test_a_value_that_cannot_be_converted_is_told_where_an_occurrence_fills_two_lists() -> None:
    made, segments = of_two_lists(), lines(9, ["EA", "", "VN", "SKU-1"])
    for at in reversed([at for at, one in enumerate(segments) if one[0] == "LX"]):
        segments.insert(at + 1, ["MAN", "GM", segments[at][1]])
    for pallet in ("1", "1", "x", "1"):
        segments[-5][2] = pallet
        assert segments[-5][:2] == ["MAN", "GM"]
        tree = validator_of("940").parse(of_segments(segments)).tree
        quick, careful = made.read_row(tree, Delimiters()), made.read_tree(tree, Delimiters())
        assert len(careful.findings) == (pallet == "x")
        assert quick == (careful if pallet != "x" else None)
    assert known(made) > 0


def test_where_source_cannot_be_parsed_now_the_general_reader_and_writer_are_left(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = fresh("base-940")
    assert agree(made, "940", lines(2, ["EA", "", "VN", "SKU-1"]))

    def parse(*_: object, **__: object) -> None:
        raise SystemError("AST constructor recursion depth mismatch (before=39, after=31)")

    tree = validator_of("940").parse(of_segments(lines(9, ["EA", "", "VN", "SKU-1"]))).tree
    with monkeypatch.context() as patched:
        patched.setattr(ast, "parse", parse)
        reading = made.read_row(tree, Delimiters())
        assert reading == made.read_tree(tree, Delimiters())
        assert made.write_fast(reading.documents[0], Delimiters()) is not None
    assert known(made) == 0


def test_no_value_of_a_partner_is_kept_with_a_shape() -> None:
    made, secret = fresh("base-940"), "SKU-5QJ7"
    for _ in range(3):
        assert agree(made, "940", lines(9, ["EA", "", "VN", secret]))
    assert known(made)
    for one in loops_of(made):
        assert secret not in repr(
            [cast("FunctionType", shape.read).__code__.co_consts for shape in one.shapes]
        )
