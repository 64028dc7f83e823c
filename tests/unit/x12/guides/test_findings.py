"""What a guide finds in a set: at its place, with the rule and the line that says it."""

from __future__ import annotations

import pytest

from gateway.findings import Forwarding, GuideRule, Severity
from gateway.resources import schema_text, schema_versions
from gateway.x12.guides.validator import GuidedValidator, guided_validator, standing_in
from gateway.x12.library import SchemaLibrary
from gateway.x12.model import Delimiters
from gateway.x12.validate import Validator
from tests.unit.x12.guides.written import FILE, findings, guide, said
from tests.x12_sets import LIBRARY, a_set, schema_of

BODY = (
    "W05*N*SO-1~N1*ST*Store*92*11~N4*Duluth*MN~N9*CN*1~N9*BM*2~W66*CC*M***UPS~"
    "LX*1~W01*1*EA**VN*A~N9*LT*L1~W01*2*EA**VN*B~N9*PC*X~LX*2~W01*3*EA**VN*C~W76*6~"
)


@pytest.mark.parametrize(
    ("places", "expected"),
    [
        # Found by the schema that the guide made.
        ("W09: {use: required}",
         ("mandatory_segment_missing", 7, "W09", "W09 is mandatory in 940")),
        ("W0503: {use: required}",
         ("mandatory_element_missing", 2, "W0503", "expected Purchase Order Number")),
        ("W0502: {length: 8/12}",
         ("element_too_short", 2, "W0502", "expected at least 8 characters")),
        ("W0502: {length: 1/3}",
         ("element_too_long", 2, "W0502", "expected at most 3 characters")),
        ("N9: {max: 1}", ("segment_over_maximum", 6, "N9", "expected at most 1 of N9")),
        ("LX: {max: 1}", ("loop_over_maximum", 13, "LX", "expected at most 1 of loop 0300")),
        ("LX/W01: {max: 1}",
         ("loop_over_maximum", 11, "W01", "expected at most 1 of loop 0310 in loop 0300")),
        ("LX/W01/W0102: {codes: [CA, CS]}",
         ("code_not_in_list", 9, "W0102", "expected one of CA, CS")),
        # Rules after the walk.
        ("N1*SF: {use: required}",
         ("mandatory_segment_missing", 5, "N1", "expected N1*SF in the set")),
        ("N1*ST/N3: {use: required}",
         ("mandatory_segment_missing", 4, "N3", "expected N3 in loop 0100")),
        ("N1*ST/N104: {codes: [\"12\"]}", ("code_not_in_list", 3, "N104", "expected one of 12")),
        ("N1*ST/N4/N403: {use: required}",
         ("mandatory_element_missing", 4, "N403", "expected Postal Code")),
        ("N9*BM: {use: not_used}", ("segment_not_used", 6, "N9", "expected no N9*BM")),
        ("LX*2: {use: not_used}", ("segment_not_used", 13, "LX", "expected no LX*2")),
        ("N1*ST: {min: 2}", ("loop_under_minimum", 3, "N1", "expected at least 2 of N1*ST")),
        ("N9: {min: 3}", ("segment_under_minimum", 6, "N9", "expected at least 3 of N9")),
        ("N9*CN|BM: {max: 1}",
         ("segment_over_maximum", 6, "N9", "expected at most 1 of N9*CN|BM")),
        ("W6605: {use: not_used}", ("element_not_used", 7, "W6605", "expected nothing here")),
        ("W0502: {pattern: \"SO-[0-9]{4}\"}",
         ("pattern_differs", 2, "W0502", "expected what fits SO-[0-9]{4}")),
        ("LX*2/W01/W0101: {length: 2/9}",
         ("element_too_short", 14, "W0101", "expected at least 2 characters")),
        ("LX*1/W01*2/W0101: {codes: [\"1\"]}",
         ("code_not_in_list", 11, "W0101", "expected one of 1")),
    ],
)  # fmt: skip
def test_what_breaks_a_guide_is_found_with_its_rule(
    places: str, expected: tuple[str, int, str, str]
) -> None:
    found = findings("940", f"places:\n  {places}\n", BODY)
    name = places.split(":")[0]
    assert said(found)[0] == expected
    assert {one.rule for one in found} == {GuideRule(name, "acme's guide for 940", FILE, 3)}
    assert found[0].detail.endswith(f" (rule {name} of acme's guide for 940, {FILE}:3)")


def test_a_set_that_fits_its_guide_has_no_findings() -> None:
    text = """
places:
  N1*ST: {use: required, min: 1, max: 1}
  N1*ST/N104: {use: required, length: 1/4, pattern: "[0-9]+"}
  N1*SF: {use: not_used}
  N9*CN: {use: required}
  LX/W01/W0105: {use: required}
  LX/W01/W0102: {codes: {EA: Each, CA: Case}}
  W0507: {use: not_used}
balance: {w76_totals: }
"""
    assert findings("940", text, BODY) == []


def test_what_the_standard_refuses_too_is_no_rule_of_the_guide() -> None:
    text = """
places:
  W0502: {length: 1/10, use: required}
  W05: {use: required}
  SAC/SAC01: {codes: [C]}
"""
    too_long = findings("940", "places: {W0502: {length: 1/10}}", "W05*N*" + "9" * 23 + "~LX*1~")
    assert [one.rule for one in too_long if one.code == "element_too_long"] == [None]
    unknown = findings("810", "places: {SAC/SAC01: {codes: [C]}}",
                       "BIG*20260101*1~IT1*1*1*EA*1~TDS*100~SAC*X*D240~")  # fmt: skip
    assert [one.rule for one in unknown] == [None]
    missing = findings("940", "places: {W05: {use: required}}", "LX*1~W01*1*EA**VN*A~")
    assert [one.rule for one in missing if one.location.segment_id == "W05"] == [None]
    assert guide("810", text).set_id == "810"


def test_a_looser_guide_takes_what_the_standard_does_not() -> None:
    body = "BIG*20260101*1~IT1*1*1*EA*1~TDS*100~SAC*X*D240~"
    assert said(findings("810", "", body)) == [
        ("code_not_in_list", 5, "SAC01", "expected one of A, C, N, P, Q, R, S")
    ]
    assert findings("810", "places: {SAC/SAC01: {more_codes: {X: Freight}}}", body) == []


def test_a_rule_inside_a_loop_asks_only_where_the_loop_is() -> None:
    text = "places: {N1*ST/N3: {use: required}, N1*BT/N3: {use: required}}"
    assert len(findings("940", text, BODY)) == 1


def test_a_component_and_a_repetition_are_judged_by_themselves() -> None:
    text = "places: {POC**DI/POC05-1: {codes: [EA]}, POC/POC05-2: {use: not_used}}"
    body = "BCH*01*SA*PO-1***20260101~POC*1*DI*1*1*CA>1~POC*2*QI*1*1*CA~"
    found = findings("860", text, body)
    assert said(found) == [
        ("code_not_in_list", 3, "POC05-1", "expected one of EA"),
        ("element_not_used", 3, "POC05-2", "expected nothing here"),
    ]
    repeated = a_set("940", "W05*N*A^BB~LX*1~W01*1*EA**VN*A~", Delimiters(repetition="^"))
    made = GuidedValidator(
        Validator(schema_of("940")), guide("940", 'places: {W0502: {pattern: "[A-Z]"}}')
    )
    assert [one.value for one in made.parse(repeated).findings if one.rule] == ["BB"]


def test_what_becomes_of_a_finding_is_said_by_its_rule() -> None:
    text = """
places:
  N1*SF: {use: required, acknowledgment: none, forwarding: hold}
  N9*BM: {use: not_used, acknowledgment: note}
  W6605: {use: not_used, acknowledgment: reject}
"""
    found = {one.rule.name: one.rule for one in findings("940", text, BODY) if one.rule}
    assert {
        name: (rule.acknowledgment, rule.forwarding, rule.line) for name, rule in found.items()
    } == {
        "N1*SF": (Severity.IGNORE, Forwarding.HOLD, 4),
        "N9*BM": (Severity.NOTE, None, 5),
        "W6605": (Severity.REJECT, None, 6),
    }


def test_findings_come_in_the_order_of_the_payload() -> None:
    text = "places: {W6605: {use: not_used}, N1*ST/N3: {use: required}, W0502: {length: 8/9}}"
    assert [one.location.segment_position for one in findings("940", text, BODY)] == [2, 4, 7]


def test_offsets_point_at_what_is_meant() -> None:
    text = "places: {W6605: {use: not_used}, N1*ST/N104: {codes: [XX]}, N1*SF: {use: required}}"
    one = a_set("940", BODY)
    payload = "".join("*".join(segment) + "~" for segment in one.segments)
    found = GuidedValidator(Validator(schema_of("940")), guide("940", text)).parse(one).findings
    assert [payload[one.location.offset or 0 :][:5] for one in found] == ["11~N4", "N9*CN", "UPS~L"]


def test_a_set_without_a_guide_is_validated_by_the_schema_alone() -> None:
    assert type(guided_validator(LIBRARY, "004010", "940", None)) is Validator
    assert type(guided_validator(LIBRARY, "004010", "940", guide("940", ""))) is GuidedValidator
    assert guided_validator(LIBRARY, "004010", "999", guide("940", "")) is None


def test_rules_bear_a_set_whose_structure_is_broken() -> None:
    text = """
places:
  N1*ST/N104: {use: required}
  LX/W01/N9*LT: {use: required}
  W0502: {pattern: "SO-.*"}
balance: {w76_totals: }
"""
    found = findings("940", text, "N4*Duluth*MN~LX*1~W01*1*EA**VN*A~W76*99~")
    assert "control_total_wrong" not in [one.code for one in found]
    assert [one for one in found if one.rule and one.rule.name == "LX/W01/N9*LT"]


def test_what_a_guide_asks_is_no_matter_of_versions() -> None:
    library = SchemaLibrary(schema_text, schema_versions())
    made = guided_validator(library, "003060", "940", guide("940", "places: {W0502: {length: 8}}"))
    assert made is not None
    assert standing_in(made) == "004010"
    body = BODY.replace("*M***UPS~", "*MANYFOLD~")
    ours, of_standard = made.parse(a_set("940", body)).findings
    assert (ours.rule is not None, ours.judged_by) == (True, None)
    assert (of_standard.rule, of_standard.judged_by) == (None, "004010")
