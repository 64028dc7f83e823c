"""Schemas from YAML: read once, checked as a whole, and placed where they are wrong."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

from gateway.errors import ConfigProblems
from gateway.x12.envelope import FUNCTIONAL_IDS
from gateway.x12.library import SchemaLibrary
from gateway.x12.schema import UNBOUNDED, LoopUse, SyntaxNote
from tests.x12_sets import EVERY_SET, schema_of

FILES: Mapping[str, str] = {
    "segments": """\
ST:
  name: Header
  elements: [143 M, 329 M]
N1:
  name: Name
  notes: [R0203]
  elements:
    - 98 M
    - 93 X
    - C040 O
SE:
  name: Trailer
  elements: [96 M, 329 M]
""",
    "elements": """\
"143": ID 3/3 Set Identifier
"329": AN 4/9 Control Number
"98": ID 2/3 Entity
"93": AN 1/60 Name
"96": N0 1/10 Segments
"128": ID 2/3 Qualifier
"127": AN 1/30 Reference
""",
    "composites": """\
C040:
  name: Reference Identifier
  notes: [P0102]
  components: [128 M, 127 O]
""",
    "codes": """\
"98":
  ST: Ship to
  "NO": Not Norway, and not false
""",
    "900": """\
set: "900"
version: "004010"
name: Toy
functional_id: TY
structure:
  - ST M 1
  - loop 0100 O >1:
      - N1 M 1
  - SE M 1
""",
}


def a_library(**changed: str) -> tuple[SchemaLibrary, list[str]]:
    """Return a library over the files above, and the list of what it reads."""
    files = {**FILES, **{name.lstrip("_"): text for name, text in changed.items()}}
    asked: list[str] = []

    def read(path: str) -> str:
        asked.append(path)
        name = path.removeprefix("x12/004010/").removesuffix(".yaml")
        if name not in files:
            raise FileNotFoundError(path)
        return files[name]

    return SchemaLibrary(read), asked


def problems_of(load: Callable[[], object]) -> list[str]:
    with pytest.raises(ConfigProblems) as raised:
        load()
    return [str(problem) for problem in raised.value.problems]


def problems_with(**changed: str) -> list[str]:
    library, _ = a_library(**changed)
    return problems_of(lambda: library.get("004010", "900"))


def test_a_set_is_read_with_everything_it_shares() -> None:
    library, _ = a_library()
    schema = library.get("004010", "900")
    assert schema is not None
    assert (schema.set_id, schema.version, schema.name) == ("900", "004010", "Toy")
    assert schema.functional_id == "TY"
    assert schema.known_segments == {"ST", "N1", "SE"}
    [loop] = schema.root.loops.values()
    assert (loop.id, loop.trigger, loop.requirement, loop.maximum) == ("0100", "N1", "O", UNBOUNDED)
    use = loop.segments["N1"]
    assert use.notes == (SyntaxNote("R", (2, 3)),)
    entity, name, reference = use.elements
    assert entity.codes == {"ST": "Ship to", "NO": "Not Norway, and not false"}
    assert (name.number, name.type, name.minimum, name.maximum) == ("93", "AN", 1, 60)
    assert reference.type == "composite"
    assert [component.number for component in reference.components] == ["128", "127"]
    assert reference.notes == (SyntaxNote("P", (1, 2)),)


def test_a_file_is_read_once_however_often_it_is_asked_for() -> None:
    library, asked = a_library()
    assert library.get("004010", "900") is library.get("004010", "900")
    assert library.get("004010", "901") is None
    assert library.get("004010", "901") is None
    assert sorted(asked) == sorted({*asked})


def test_an_industry_suffix_names_the_same_version() -> None:
    library, _ = a_library()
    assert library.get("004010VICS", "900") is library.get("004010", "900")


@pytest.mark.parametrize("version", ["005010", "", "../..", "00401/"])
def test_a_version_that_is_not_there_has_no_schema(version: str) -> None:
    library, _ = a_library()
    assert library.get(version, "900") is None


@pytest.mark.parametrize("set_id", ["", "../900", "segments/", "9 0"])
def test_a_set_id_is_never_a_path(set_id: str) -> None:
    library, asked = a_library()
    assert library.get("004010", set_id) is None
    assert asked == []


@pytest.mark.parametrize("set_id", ["segments", "elements"])
def test_a_shared_file_is_no_set(set_id: str) -> None:
    library, _ = a_library()
    assert library.get("004010", set_id) is None


def test_all_problems_of_a_set_are_told_at_once_and_placed() -> None:
    text = (
        FILES["900"]
        .replace("N1 M 1", "N1 Q 1")
        .replace("SE M 1", "SX M 1")
        .replace("name:", "nam:")
    )
    assert problems_with(_900=text) == [
        "x12/004010/900.yaml:1:1: name: 'name' is missing",
        "x12/004010/900.yaml:3:1: nam: unknown key (did you mean 'name'?)",
        "x12/004010/900.yaml:8:9: structure[1].loop 0100 O >1[0]: "
        "'N1 Q 1': expected a segment, such as 'N1 O 10'",
        "x12/004010/900.yaml:9:5: structure[2]: segment 'SX' is not defined",
    ]


def test_a_segment_id_stands_once_in_a_level() -> None:
    text = FILES["900"].replace("  - SE M 1", "  - N1 O 1\n  - SE M 1")
    assert problems_with(_900=text) == [
        "x12/004010/900.yaml:9:5: structure[2]: 'N1' stands twice in its level"
    ]


def test_what_people_know_a_set_by_is_read() -> None:
    text = FILES["900"].replace("structure:", "keys: {order: SE02}\nstructure:")
    schema = a_library(_900=text)[0].get("004010", "900")
    assert schema is not None
    assert schema.keys == {"order": ("SE", 2)}


def test_what_people_know_a_set_by_stands_in_a_segment_at_the_top() -> None:
    lines = "keys: {order: SE2, item: N101, place: SE09}\nstructure:"
    assert problems_with(_900=FILES["900"].replace("structure:", lines)) == [
        "x12/004010/900.yaml:5:8: keys.order: "
        "'SE2': expected an element of a segment, such as 'BCH03'",
        "x12/004010/900.yaml:5:20: keys.item: no segment at the top has N101",
        "x12/004010/900.yaml:5:32: keys.place: no segment at the top has SE09",
    ]


def test_a_loop_starts_with_a_segment_that_occurs_once() -> None:
    assert problems_with(_900=FILES["900"].replace("N1 M 1", "N1 M 2")) == [
        "x12/004010/900.yaml:7:5: structure[1]: "
        "a loop starts with its trigger segment, which occurs once"
    ]


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("98 M", "97 M", "segments.yaml:8:7: N1.elements[0]: element '97' is not defined"),
        (
            "98 M",
            "98 W",
            "segments.yaml:8:7: N1.elements[0]: '98 W': expected an element, such as '373 X'",
        ),
        (
            "R0203",
            "R0204",
            "segments.yaml:6:11: N1.notes[0]: 'R0204' names a position past the last, 3",
        ),
        (
            "R0203",
            "Q0203",
            "segments.yaml:6:11: N1.notes[0]: 'Q0203': expected a note, such as 'P0304'",
        ),
        (
            "R0203",
            "R0202",
            "segments.yaml:6:11: N1.notes[0]: 'R0202': positions count from 01 and stand once each",
        ),
        ("  notes:", "  note:", "segments.yaml:6:3: N1.note: unknown key (did you mean 'notes'?)"),
    ],
)
def test_a_fault_in_the_segments_is_placed(old: str, new: str, problem: str) -> None:
    text = FILES["segments"].replace(old, new)
    assert problems_with(segments=text) == [f"x12/004010/{problem}"]


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("- {N1: []}", "[0]: 'N1': expected a loop, such as 'loop 0310 O >1'"),
        ("- {loop A O 1: [N1 M 1], loop B O 1: [N1 M 1]}", "[0]: expected a segment or one loop"),
        ("- [N1]", "[0]: expected a segment or one loop"),
        ("- loop A O 1: []", "[0]: a loop starts with its trigger segment, which occurs once"),
    ],
)
def test_a_line_that_is_neither_a_segment_nor_a_loop_is_a_problem(line: str, problem: str) -> None:
    text = FILES["900"].split("structure:")[0] + f"structure:\n  {line}\n"
    assert problems_with(_900=text) == [f"x12/004010/900.yaml:6:5: structure{problem}"]


def test_a_name_must_be_text() -> None:
    text = FILES["segments"].replace("name: Name", "name: [Name]")
    assert problems_with(segments=text) == ["x12/004010/segments.yaml:4:1: N1: expected text"]


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("AX 1/60 Name", "'AX 1/60 Name': expected a type, such as 'ID 2/3 Country Code'"),
        ("AN 6/1 Name", "lengths 6/1: expected at least 1 and not descending"),
        ("AN 0/1 Name", "lengths 0/1: expected at least 1 and not descending"),
    ],
)
def test_a_fault_in_the_elements_is_placed(line: str, problem: str) -> None:
    text = FILES["elements"].replace("AN 1/60 Name", line)
    assert problems_with(elements=text) == [f"x12/004010/elements.yaml:4:1: 93: {problem}"]


def test_a_file_that_is_no_YAML_is_a_problem_and_no_traceback() -> None:
    assert problems_with(_900="set: ]") == [
        "x12/004010/900.yaml:1:6: did not find expected node content"
    ]
    assert problems_with(_900="just text") == ["x12/004010/900.yaml:1:1: expected keys and values"]
    assert problems_with(_900='set: "900"') == [
        "x12/004010/900.yaml:1:1: structure: expected a list"
    ]


@pytest.mark.parametrize(("version", "set_id"), EVERY_SET)
def test_every_packaged_set_is_read_and_its_loops_start_with_their_triggers(
    version: str, set_id: str
) -> None:
    schema = schema_of(set_id, version)
    assert (schema.set_id, schema.version) == (set_id, version)
    assert schema.functional_id == FUNCTIONAL_IDS[set_id]
    assert next(iter(schema.root.segments)) == "ST"

    def look(loop: LoopUse) -> None:
        for inner in loop.loops.values():
            assert inner.content[0] is inner.segments[inner.trigger]
            look(inner)

    look(schema.root)
