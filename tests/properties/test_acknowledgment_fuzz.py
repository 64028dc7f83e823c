"""Any findings about any interchange become acknowledgments that our own schemas accept.

And that read back as they were built. A few seconds; `ACKNOWLEDGMENT_EXAMPLES` asks for more.
"""

from __future__ import annotations

import os
from dataclasses import replace

from hypothesis import example, given, settings
from hypothesis import strategies as st

from gateway.acks.build import build_group
from gateway.acks.forms import Form
from gateway.acks.model import (
    Status,
)
from gateway.acks.reply import acknowledge
from gateway.acks.results import GroupResult, InterchangeResult, SetResult
from gateway.acks.segments import read_group, write_group
from gateway.acks.sets import Listing
from gateway.acks.ta1 import read_ta1
from gateway.findings import Finding, FindingCode, GuideRule, Level, Location, Severity
from gateway.partners.acknowledging import AcknowledgmentPolicy
from gateway.x12.model import (
    ControlNumber,
    Delimiters,
    GroupHeader,
    Interchange,
    InterchangeHeader,
    TransactionSet,
)
from gateway.x12.reader import read_interchanges
from tests.unit.acks.results import envelope
from tests.x12_sets import validator_of

EXAMPLES = int(os.environ.get("ACKNOWLEDGMENT_EXAMPLES", "60"))
FUZZ = settings(max_examples=EXAMPLES, deadline=None)

FORMS = [Form("997", "004010"), Form("997", "005010"), Form("999", "005010X231A1")]

TEXT = st.text("AZ09 *~>^:|-?\n\x00é\x85", max_size=45)
NAMES = st.sampled_from(["940", "0001", "OW", "77", "", "W05", "X", "0000000001234"]) | TEXT
RULES = st.none() | st.builds(
    GuideRule,
    st.sampled_from(["N1*ST/N104", "W05", "LX/W12/N9**LT", "ctt_line_count", "N1*", "/", "N1*ST"]),
    st.just("a guide"),
    st.just("945.yaml"),
    st.just(1),
)
LOCATIONS = st.builds(
    Location,
    segment_position=st.none() | st.integers(1, 20_000_000_000),
    segment_id=st.none() | st.sampled_from(["W05", "N1", "N9", "", "LONG", "*"]) | NAMES,
    element=st.none() | st.integers(1, 200),
    component=st.none() | st.integers(1, 200),
    repetition=st.none() | st.integers(1, 9999),
)
CODES = [code for code in FindingCode if code.level is not Level.INTERCHANGE]
FINDINGS = st.lists(
    st.builds(
        Finding,
        st.sampled_from(CODES),
        LOCATIONS,
        st.none() | st.text(max_size=120) | TEXT,
        data_element=st.none() | st.sampled_from(["373", "C040", "66", "12345", "²"]),
        rule=RULES,
    ),
    max_size=8,
).map(tuple)
SEVERITIES = st.dictionaries(st.sampled_from(FindingCode), st.sampled_from(Severity))
SETS = st.builds(
    SetResult,
    NAMES,
    NAMES.map(ControlNumber),
    FINDINGS,
    convention=NAMES,
    reference=st.tuples(st.sampled_from(["", "W0502"]), NAMES),
)
VERSIONS = st.sampled_from(["004010", "005010", "004010UCS", "005010X220A1", "4010", ""]) | TEXT
HEADERS = st.builds(
    lambda name, sender, receiver, number, version: GroupHeader(
        ("GS", name, sender, receiver, "20261121", "0855", number, "X", version)
    ),
    NAMES, NAMES, NAMES, NAMES, VERSIONS,
)  # fmt: skip
GROUPS = st.builds(
    GroupResult,
    HEADERS,
    st.lists(SETS, max_size=4).map(tuple),
    st.none() | st.integers(0, 10**7),
    FINDINGS,
)
MARKS = st.builds(
    Delimiters,
    element=st.sampled_from("*|"),
    component=st.sampled_from(">:"),
    repetition=st.sampled_from([None, "^", "!"]),
    terminator=st.sampled_from("~\n"),
)
HEADER = InterchangeHeader(
    ("ISA", "00", "", "00", "", "ZZ", "NORTHSTAR", "ZZ", "HARBORGOODS", "260115", "1200", "U",
     "00401", "000000007", "1", "P", ">"),
    Delimiters(),
)  # fmt: skip

FAR_OUT = Finding(
    FindingCode.TOO_MANY_ELEMENTS, Location(segment_position=2, segment_id="W05", element=120)
)
SUPERSCRIPT = Finding(
    FindingCode.INVALID_DATE, Location(segment_position=2, segment_id="W05", element=1),
    data_element="²",
)  # fmt: skip
"""Python takes it for a digit; X12 does not."""
FULL = tuple(
    Finding(code, Location(segment_position=3, segment_id="N1"))
    for code in CODES
    if code.level in (Level.TRANSACTION_SET, Level.SEGMENT)
)


WORST = GroupResult(
    GroupHeader(("GS", "OW", "A1", "B1", "20260101", "1200", "1", "X", "005010")),
    (SetResult("940", ControlNumber("0001"), (FAR_OUT, SUPERSCRIPT, *FULL)),),
)
NUMBER = ControlNumber("1")
LISTINGS = st.builds(Listing, MARKS, st.booleans(), st.sampled_from(FORMS))


def validated(interchange: Interchange) -> None:
    """Assert that an acknowledgment interchange of ours is sound by our own schemas."""
    assert not interchange.findings
    for group in interchange.groups:
        assert not group.findings
        for one in group.transaction_sets:
            assert not one.findings
            nearest = "005010" if group.header.version >= "005010" else "004010"
            validator = validator_of(one.set_id, nearest)
            assert [(each.code, each.location.reference, each.value, each.detail)
                    for each in validator.parse(one).findings] == []  # fmt: skip


@FUZZ
@given(GROUPS, SEVERITIES, MARKS, LISTINGS)
@example(WORST, {}, Delimiters(), Listing(Delimiters(), form=FORMS[2]))
def test_any_group_gets_an_acknowledgment_that_adds_up_and_reads_back(
    group: GroupResult,
    severities: dict[FindingCode, Severity],
    delimiters: Delimiters,
    listing: Listing,
) -> None:
    form, listing = listing.form, replace(listing, delimiters=delimiters)
    verdict = build_group(
        group, lambda finding: severities.get(finding.code, Severity.REJECT), listing
    )
    built = verdict.acknowledgment
    taken = sum(status.taken for status in verdict.set_statuses)
    assert built.received == len(group.sets)
    assert built.accepted == (taken if built.status.taken else 0)
    assert (built.status is Status.REJECTED) or built.accepted > 0
    for one in built.sets:
        assert len(one.codes) == len(set(one.codes)) <= 5
        assert bool({"5", "I5"} & set(one.codes)) is bool(one.segments)
        positions = [note.position for note in one.segments]
        assert positions == sorted(positions)
    written = write_group(built, delimiters)
    received = TransactionSet(
        [["ST", form.set_id, "0001"], *written],
        [],
        delimiters,
        ControlNumber("1"),
        ControlNumber("1"),
    )
    assert read_group(received, form.version) == built


@FUZZ
@given(
    st.lists(GROUPS, max_size=3).map(tuple), FINDINGS, SEVERITIES, MARKS,
    st.sampled_from(["997", "999", "both"]),
)  # fmt: skip
@example((WORST,), (), {}, Delimiters(), "999")
@example((WORST,), (), {}, Delimiters(), "997")
def test_any_interchange_gets_an_answer_that_our_own_validator_accepts(
    groups: tuple[GroupResult, ...],
    found: tuple[Finding, ...],
    severities: dict[FindingCode, Severity],
    delimiters: Delimiters,
    wanted: str,
) -> None:
    policy = AcknowledgmentPolicy.model_validate(
        {
            "997": "always",
            "999": "never" if wanted == "997" else "always",
            "ta1": "always",
            "versions": {"005010": "005010X231A1"} if wanted == "both" else {},
        }
    )
    answered = acknowledge(
        InterchangeResult(HEADER, groups, found),
        lambda finding: severities.get(finding.code, Severity.NOTE),
        policy=policy,
        envelope=replace(envelope(), delimiters=delimiters),
    )
    if all(group.is_acknowledgment for group in groups) and groups:
        assert answered.payload is None
        return
    assert answered.payload is not None
    (read,) = read_interchanges(answered.payload)
    validated(read)
    assert [read_ta1(one) for one in read.acknowledgments] == [answered.ta1]
    back = [
        read_group(one, group.header.version)
        for group in read.groups
        for one in group.transaction_sets
    ]
    assert sorted(back, key=repr) == sorted(answered.groups, key=repr)
