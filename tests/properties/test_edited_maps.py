"""Whatever an editor leaves in a map, checking it gives problems with places, and no traceback."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway import resources, yaml_source
from gateway.config.schemas import document_schema, packaged_schemas
from gateway.errors import ConfigProblems, Problem
from gateway.mapping.library import MapLibrary
from gateway.yaml_source import Source

FOLDER = resources.directory("maps")
COMMON = yaml_source.load((FOLDER / "base" / "common.map.yaml").read_text(), "common.map.yaml")
EDITED = {
    "base-945": ("945", "shipping_advice", (FOLDER / "base" / "945.map.yaml").read_text()),
    "base-856": ("856", "ship_notice", (FOLDER / "base" / "856.map.yaml").read_text()),
    "northstar-945": (
        "945", "shipping_advice", (FOLDER / "northstar-3pl" / "945.map.yaml").read_text()
    ),
}  # fmt: skip
BASES = {name: yaml_source.load(text, f"{name}.map.yaml") for name, (_, _, text) in EDITED.items()}
WORDS = (
    "~drop", "{}", "[]", "''", "null", "W0699", "W06", "LX/W12", "../LX01", "../../W0602", "HL",
    "N9[01=BM].02", "'N1[01=ST'", "[W0602]", "{at: W0602}", "{each: N9}", "{in: N1, fields: {}}",
    "{value: x}", "{expr: a, read_only: true}", "{use: nothing}", "decimal", "[date, time]",
    "implied(2)", "date(", "unit", "{codes: {A: x, B: x}}", "true", "maybe", "-1", "9" * 40, "é",
    "{pairs: W1207/08, fields: {scheme: qualifier, value: value}}", "{level: S/O, fields: {a: b}}",
    "{first: []}", "{as: date}", "{at: W0602, when: '='}", "{at: W0602, with: {x: y}}",
    "{table: unit}", "{replace: true}", "{required: 7}", "{fields: {fields: {fields: W0602}}}",
    "{at: .}", "{each: ., fields: {value: '02'}}", "counter", "{count: LX}", "{sum: W0602 * W0602}",
)  # fmt: skip


@st.composite
def edits(draw: st.DrawFn) -> tuple[str, str]:
    """Return a map's name and its text after a few edits of lines and values."""
    name = draw(st.sampled_from(sorted(EDITED)))
    lines = EDITED[name][2].splitlines()
    for _ in range(draw(st.integers(1, 4))):
        place = draw(st.integers(0, len(lines) - 1))
        line = lines[place]
        match draw(st.integers(0, 6)):
            case 0:
                del lines[place]
            case 1:
                lines.insert(place, lines[draw(st.integers(0, len(lines) - 1))])
            case 2:
                lines[place] = f"  {line}"
            case 3:
                at = draw(st.integers(0, len(line)))
                sign = draw(st.sampled_from("{}[]:,'\"#&*!~|-.0Z\t "))
                lines[place] = line[:at] + sign + line[at:]
            case 4:
                at = draw(st.integers(0, len(line)))
                lines[place] = line[:at] + line[at + 1 :]
            case 5:
                key, colon, _ = line.partition(":")
                lines[place] = f"{key}{colon} {draw(st.sampled_from(WORDS))}"
            case _:
                key = draw(
                    st.sampled_from(["at", "first", "in", "each", "level", "pairs", "fields"])
                )
                lines[place] = line.replace("at:", f"{key}:")
        lines = lines or [""]
    return name, "\n".join(lines)


def problems_in(name: str, text: str) -> tuple[Problem, ...]:
    """Check a map as an instance does."""
    set_id, document, _ = EDITED[name]
    try:
        source = yaml_source.load(text, f"{name}.map.yaml")
        library = MapLibrary(_with(name, source))
        schema = packaged_schemas().get("004010", set_id)
        assert schema is not None
        return tuple(library.check(name, schema.root, document_schema(document)))
    except ConfigProblems as fault:
        return fault.problems


def _with(name: str, source: Source) -> list[Source]:
    return [COMMON, source, *(base for other, base in BASES.items() if other != name)]


def test_the_maps_are_sound_as_they_are() -> None:
    for name, (_, _, text) in EDITED.items():
        assert problems_in(name, text) == ()


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)
@given(edits())
def test_an_edited_map_is_sound_or_has_problems_with_places(edited: tuple[str, str]) -> None:
    name, text = edited
    files = {f"{one}.map.yaml" for one in EDITED} | {"common.map.yaml", "maps"}
    for problem in problems_in(name, text):
        assert problem.file in files
        assert problem.line >= 1
        assert problem.column >= 1
        assert problem.message
        assert "\n" not in str(problem)
        assert "Traceback" not in problem.message
        assert "pydantic" not in problem.message.lower()
