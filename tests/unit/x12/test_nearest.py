"""A version without schemas is judged by the nearest one, and what that may explain is marked."""

from __future__ import annotations

import pytest

from gateway.x12.model import TransactionSet
from gateway.x12.nearest import validator_for
from gateway.x12.releases import by_nearness
from tests.x12_sets import LIBRARY, a_set, briefly

PACKAGED = ("004010", "005010")


@pytest.mark.parametrize(
    ("version", "order"),
    [
        ("003060", ["004010", "005010"]),
        ("003070", ["004010", "005010"]),
        ("004030", ["004010", "005010"]),
        ("004031", ["004010", "005010"]),
        ("004040", ["005010", "004010"]),  # three releases from both: the newer one
        ("004060", ["005010", "004010"]),
        ("006020", ["005010", "004010"]),
        ("008010", ["005010", "004010"]),
    ],
)
def test_the_nearest_release_goes_first_and_the_newer_of_two(
    version: str, order: list[str]
) -> None:
    assert by_nearness(version, PACKAGED) == order


@pytest.mark.parametrize(
    "version", ["001010", "002040", "003080", "004070", "009010", "4010", "21", "", "00401~"]
)
def test_what_names_no_published_release_is_near_to_none(version: str) -> None:
    assert by_nearness(version, PACKAGED) == []
    assert LIBRARY.get(version, "850") is None


def test_an_industry_suffix_and_a_guide_are_left_out_of_the_choice() -> None:
    for version, judged_by in (("006020VICS", "005010"), ("003060UCS", "004010")):
        schema = LIBRARY.get(version, "850")
        assert schema is not None
        assert schema.version == judged_by


def test_a_set_that_a_packaged_version_has_not_is_judged_by_no_other() -> None:
    assert LIBRARY.get("004010", "999") is None
    later = LIBRARY.get("004020", "999")  # the nearest that has it at all
    assert later is not None
    assert later.version == "005010"


def marks(body: TransactionSet, version: str) -> dict[str, str | None]:
    """Return each finding, and the version that made it where that may explain it."""
    validator = validator_for(LIBRARY, version, body.set_id)
    assert validator is not None
    findings = validator.parse(body).findings
    lines = briefly(findings)
    return {line: one.judged_by for line, one in zip(lines, findings, strict=True)}


ORDER = "BEG*00*SA*PO1**20260105~"
LINE = "PO1*1*5*EA*1.25~"


def test_the_own_schema_marks_nothing() -> None:
    order = a_set("850", "BEG*00*SA*PO1**260105~PO1*1*5*EA~ZZZ*1~")
    assert set(marks(order, "004010VICS").values()) == {None}


def test_before_all_schemas_dates_of_six_digits_may_be_the_versions_and_wrong_days_are_not() -> (
    None
):
    order = a_set("850", f"BEG*00*SA*PO1**260105~DTM*002*20260231~{LINE}")
    assert marks(order, "003060") == {
        "element_too_short 2 BEG05": "004010",
        "invalid_date 3 DTM02": None,
    }


def test_between_two_schemas_what_both_find_is_held_against_the_set() -> None:
    # A reference may have 30 characters in 004010 and 50 in 005010; both want a PO1.
    long = a_set("850", f"{ORDER}REF*CO*{'1' * 40}~{LINE}")
    assert marks(long, "004010") == {"element_too_long 3 REF02": None}
    assert marks(long, "004030") == {"element_too_long 3 REF02": "004010"}
    assert marks(long, "004060") == {}
    assert marks(a_set("850", ORDER), "004030") == {"mandatory_segment_missing 3 PO1": None}


def test_after_all_schemas_what_later_releases_may_have_made_room_for_is_marked() -> None:
    order = a_set("850", f"{ORDER}REF*CO*{'1' * 60}~ZZZ*1~PO1*1*5x*EA~")
    assert marks(order, "006020") == {
        "element_too_long 3 REF02": "005010",
        "segment_unknown 4 ZZZ": "005010",
        "invalid_character 5 PO102": None,
    }


def test_a_marked_finding_says_so_in_words() -> None:
    validator = validator_for(LIBRARY, "006020", "850")
    assert validator is not None
    [finding] = validator.parse(a_set("850", f"{ORDER}ZZZ*1~{LINE}")).findings
    assert finding.detail == (
        "no segment of 005010 is known by this id (by the schema of 005010; 006020 may differ)"
    )
