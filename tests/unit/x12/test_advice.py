"""Every finding has words; what to send follows from the schema."""

from __future__ import annotations

import pytest

from gateway import resources
from gateway.findings import Finding, FindingCode, GuideRule, Location
from gateway.x12.advice import advise, skeleton, what_to_send
from gateway.x12.guides.hits import said_by
from gateway.x12.names import Names
from gateway.x12.schema import ElementUse
from tests.x12_sets import LIBRARY, a_set, findings_of

NAMES = Names(LIBRARY, resources.schema_text)


def test_every_code_has_a_title_with_and_without_a_place() -> None:
    use = NAMES.segment("004010", "W05")
    for code in FindingCode:
        for place in (
            Location(),
            Location(segment_id="W05", element=2),
            Location(segment_id="W05"),
        ):
            title = advise(Finding(code, place, "x", "expected y"), use, NAMES).title
            assert title.endswith(": 'x'"), code
            assert title.startswith(place.reference), code
            assert len(title) > 6


def first(body: str, set_id: str = "940") -> tuple[str, str, str]:
    """Advise on the first finding of a set."""
    finding = findings_of(a_set(set_id, body))[0]
    found = advise(finding, NAMES.segment("004010", finding.location.segment_id or ""), NAMES)
    return found.title, found.rule, found.send


def test_what_to_send_by_a_guide_are_the_codes_of_the_guide() -> None:
    rule = GuideRule("N1*CN/N103", "acme's guide for 940", "guides/acme.yaml", 7)
    place = Location(segment_id="N1", element=3)
    found = said_by(Finding(FindingCode.CODE_NOT_IN_LIST, place, "ZQ", "expected one of 94"), rule)
    told = advise(found, NAMES.segment("004010", "N1"), NAMES)
    assert told.send == "one of 94"
    assert told.rule.startswith("one of 94 (rule N1*CN/N103 of acme's guide for 940, guides/acme")


REST = "N1*ST*SHOP*92*42~LX*1~W01*10*EA**VN*SKU1~W76*10~"


@pytest.mark.parametrize(
    ("body", "title", "rule", "send"),
    [
        (
            f"W05**DO-1~{REST}",
            "W0501 Order Status Code is missing",
            "mandatory in every W05 (Shipping Order Identification)",
            "a code of 1 character, such as F (cancel), N (new)",
        ),
        (
            f"W05*N*DO-1**001002~{REST}",
            "W0505 Master Reference (Link) Number is missing",
            "P0405: all or none of W0504 and W0505 (data element 474, AN 1/22)",
            "text of 1 to 22 characters; or leave out W0504",
        ),
        (
            f"W05*N*DO-1*******9~{REST}",
            "W0509 is one element too many: '9'",
            "at most 7 elements",
            "nothing here: W05 ends with W0507",
        ),
        (
            REST,
            "W05 Shipping Order Identification is missing",
            "W05 is mandatory in 940",
            "W05*(Order Status Code)*(Depositor Order Number) before this place",
        ),
        (
            f"W05*N*DO-1~G62*10*2026~{REST}",
            "G6202 Date is too short: '2026'",
            "at least 8 characters (data element 373, DT 8/8)",
            "a day as CCYYMMDD, such as 20260302",
        ),
        (
            f"W05*N*DO-1~W05*N*DO-1~{REST}",
            "W05 Shipping Order Identification stands there once too often",
            "at most 1 of W05",
            "no more of them than that",
        ),
    ],
)
def test_a_fault_is_put_into_words(body: str, title: str, rule: str, send: str) -> None:
    assert first(body) == (title, rule, send)


@pytest.mark.parametrize(
    ("kind", "minimum", "maximum", "said"),
    [
        ("AN", 1, 1, "text of 1 character"),
        ("ID", 2, 3, "a code of 2 to 3 characters"),
        ("N0", 1, 9, "digits, at most 9"),
        ("N2", 1, 9, "digits, at most 9, the last 2 of them decimals: 12.5 is sent as 1250"),
        ("R", 1, 9, "a number such as 12.5, with at most 9 digits"),
        ("DT", 6, 6, "a day as YYMMDD, such as 260302"),
        ("TM", 4, 8, "a time as HHMM, or with seconds, such as 0915"),
        ("B", 1, 5, "1 to 5 characters of any bytes"),
        ("composite", 0, 0, "its components"),
    ],
)
def test_what_to_send_follows_from_the_type(
    kind: str, minimum: int, maximum: int, said: str
) -> None:
    assert what_to_send(ElementUse(1, "none", "Name", kind, minimum, maximum), NAMES) == said


def test_a_segment_is_written_with_the_names_of_what_it_must_have() -> None:
    shown = {tag: NAMES.segment("004010", tag) for tag in ("W05", "N3", "NTE")}
    assert [skeleton(use) for use in shown.values() if use] == [
        "W05*(Order Status Code)*(Depositor Order Number)",
        "N3*(Address Information)",
        "NTE**(Description)",
    ]
