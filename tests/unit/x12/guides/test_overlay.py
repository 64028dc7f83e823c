"""A guide over a schema: what becomes part of the schema, and what does not fit."""

from __future__ import annotations

import pytest

from gateway.x12.guides.overlay import Overlaid
from gateway.x12.schema import UNBOUNDED
from tests.unit.x12.guides.written import misfits, overlaid
from tests.x12_sets import schema_of


def _rules(made: Overlaid) -> list[str]:
    return [one.entry.path.text for one in made.rules]


def test_what_a_schema_can_say_becomes_part_of_it_and_no_rule() -> None:
    made = overlaid(
        "940",
        """
places:
  W66: {use: required}
  N9: {max: 3}
  N1: {use: required, max: 4}
  W0502: {length: 4/10}
  W0503: {use: required}
  LX/W01/W0102: {codes: [EA, CA]}
  LX/N1: {use: required}
""",
    )
    root = made.schema.root
    assert made.misfits == ()
    assert made.rules == ()
    assert root.segments["W66"].requirement == "M"
    assert root.segments["N9"].maximum == 3
    assert (root.loops["N1"].requirement, root.loops["N1"].maximum) == ("M", 4)
    w05 = root.segments["W05"].elements
    assert (w05[1].minimum, w05[1].maximum, w05[2].requirement) == (4, 10, "M")
    line = root.loops["LX"].loops["W01"].segments["W01"]
    assert line.elements[1].codes == {"EA": "", "CA": ""}
    assert root.loops["LX"].segments["N1"].requirement == "M"


def test_what_is_not_touched_is_the_same_object() -> None:
    before = schema_of("940").root
    after = overlaid("940", "places: {W0502: {length: 4/10}}").schema.root
    assert after.segments["N9"] is before.segments["N9"]
    assert after.loops["LX"] is before.loops["LX"]
    assert after.segments["W05"].notes is before.segments["W05"].notes


def test_an_empty_guide_leaves_the_schema_as_it_is() -> None:
    made = overlaid("940", "")
    assert made.schema == schema_of("940")
    assert made.rules == ()


def test_what_depends_on_values_forbids_or_asks_for_a_pattern_remains_a_rule() -> None:
    made = overlaid(
        "940",
        """
places:
  N1*ST: {use: required}
  N1*ST/N104: {use: required}
  NTE: {use: not_used}
  W0502: {pattern: "SO-[0-9]+"}
  LX: {min: 2}
  LX/W01/W0101: {codes: ["1", "2"]}
  W66: {note: Only a note.}
""",
    )
    assert _rules(made) == ["N1*ST", "N1*ST/N104", "NTE", "W0502", "LX", "LX/W01/W0101"]
    assert made.schema.root.loops["N1"] == schema_of("940").root.loops["N1"]
    assert made.schema.root.loops["LX"].requirement == "M"


def test_a_guide_may_loosen_where_it_says_so() -> None:
    made = overlaid(
        "943",
        """
places:
  W27: {use: optional, loosen: true}
  N9: {max: ">1", loosen: true}
  W0601: {use: optional, length: 1/3, loosen: true}
""",
    )
    root = made.schema.root
    assert made.misfits == ()
    assert root.segments["W27"].requirement == "O"
    assert root.segments["N9"].maximum == UNBOUNDED
    first = root.segments["W06"].elements[0]
    assert (first.requirement, first.minimum, first.maximum) == ("O", 1, 3)


def test_more_codes_stand_beside_those_of_the_standard() -> None:
    made = overlaid("810", "places: {SAC/SAC01: {more_codes: {X: Freight}}}")
    codes = made.schema.root.loops["SAC"].segments["SAC"].elements[0].codes
    assert codes is not None
    assert codes["C"] == "Charge"
    assert codes["X"] == "Freight"


def test_a_component_may_be_tightened() -> None:
    made = overlaid("860", "places: {POC/POC05-1: {codes: EA}}")
    composite = made.schema.root.loops["POC"].segments["POC"].elements[4]
    assert composite.components[0].codes == {"EA": ""}


@pytest.mark.parametrize(
    ("set_id", "places", "expected"),
    [
        ("940", "W0502: {length: 1/60}",
         ("W0502", "length", "1/60 is wider than the standard's 1/22; narrow it, or say "
          "`loosen: true`")),
        ("940", "W05: {use: optional}",
         ("W05", "use", "W05 is mandatory in the standard; leave it so, or say `loosen: true`")),
        ("940", "W0502: {use: not_used}",
         ("W0502", "use",
          "W0502 is mandatory in the standard; leave it so, or say `loosen: true`")),
        ("940", "N9: {max: 11}",
         ("N9", "max", "the standard has at most 10 of N9; expected 1 to 10, or say "
          "`loosen: true`")),
        ("940", "N9: {min: 11}", ("N9", "min", "there are at most 10 of N9")),
        ("940", "N9: {min: 3, max: 2}", ("N9", "min", "there are at most 2 of N9")),
        ("940", "N9: {codes: [A]}",
         ("N9", "codes", "is about an element; expected it at one, such as N901")),
        ("940", "W0502: {max: 2}",
         ("W0502", "max", "is about a segment or loop; W0502 is an element")),
        ("940", "NTE: {use: not_used, max: 2}",
         ("NTE", "use", "NTE is not used: nothing else can be said of it but a note")),
        ("810", "SAC/SAC01: {codes: [C, X]}",
         ("SAC/SAC01", "codes", "SAC01 has no code 'X' in the standard; name it under "
          "`more_codes`, or say `loosen: true`")),
        ("940", "W0501: {codes: [NEW]}",
         ("W0501", "codes", "'NEW' cannot stand in W0501: it has 1 to 1 characters")),
        ("940", "W0502: {more_codes: [A]}",
         ("W0502", "more_codes",
          "W0502 takes any code already; expected `codes` to name those taken")),
        ("860", "POC/POC05: {codes: [EA]}",
         ("POC/POC05", "codes", "POC05 is a composite; expected a component, POC05-1")),
        ("940", "W99: {use: required}",
         ("W99", "", "940 has no segment W99 (did you mean 'W09'?)")),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_told_and_left_out(
    set_id: str, places: str, expected: tuple[str, str, str]
) -> None:
    text = f"places:\n  {places}\n"
    assert misfits(set_id, text) == [expected]
    assert overlaid(set_id, text).schema == schema_of(set_id)
