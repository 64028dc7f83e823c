from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.acks import reply
from gateway.acks.reply import acknowledge
from gateway.acks.results import (
    GroupResult,
    InterchangeResult,
    SetResult,
    result_of,
    strictly,
)
from gateway.findings import Finding, FindingCode, Level, Location, Severity
from gateway.partners.acknowledging import AcknowledgmentPolicy
from gateway.x12.model import (
    ControlNumber,
    Delimiters,
    GroupHeader,
    InterchangeHeader,
)
from gateway.x12.reader import read_interchanges
from tests.unit.acks.results import envelope
from tests.unit.x12.interchanges import codes, payload, segments

EVERYTHING = AcknowledgmentPolicy.model_validate({"997": "always", "ta1": "always"})
ALWAYS = AcknowledgmentPolicy.model_validate({"997": "always", "ta1": "never"})
NUMBER = ControlNumber("0001")
SAMPLE = payload(segments(sets=2, asked="1"))

SEVERITIES = st.dictionaries(st.sampled_from(FindingCode), st.sampled_from(Severity))
LOCATIONS = st.builds(
    Location,
    segment_position=st.none() | st.integers(1, 2_000_000),
    segment_id=st.none() | st.sampled_from(["W05", "N1", "", "LONG", "*"]) | st.text(max_size=3),
    element=st.none() | st.integers(1, 99),
    component=st.none() | st.integers(1, 99),
)
FINDINGS = st.lists(
    st.builds(
        Finding,
        st.sampled_from([code for code in FindingCode if code.level is not Level.INTERCHANGE]),
        LOCATIONS,
        st.none() | st.text(max_size=120),
        data_element=st.none() | st.sampled_from(["373", "C040", "66"]),
    ),
    max_size=8,
).map(tuple)


@given(
    st.lists(
        st.tuples(st.integers(106, len(SAMPLE) - 1), st.binary(max_size=3)), min_size=1, max_size=8
    ),
    FINDINGS,
    SEVERITIES,
)
def test_whatever_can_be_read_can_be_answered(
    changes: list[tuple[int, bytes]],
    found: tuple[Finding, ...],
    severities: dict[FindingCode, Severity],
) -> None:
    data = bytearray(SAMPLE)
    for place, new in changes:
        data[place : place + 1] = new
    for interchange in read_interchanges(bytes(data)):
        acknowledged = acknowledge(
            result_of(interchange, lambda _set: found),
            lambda finding: severities.get(finding.code, Severity.REJECT),
            policy=EVERYTHING,
            envelope=envelope(),
        )
        if acknowledged.payload is not None:
            (reply,) = read_interchanges(acknowledged.payload)
            # Who sent a spoiled GS is told by it: its parties come back as they were.
            assert set(codes(reply)) <= {"group_header_invalid"}


PLAIN = st.text("AB1", min_size=4, max_size=9)
ODD = st.text("AB1 *~>{}é", min_size=1, max_size=16)
NAMES = st.one_of(*(st.lists(text, min_size=8, max_size=8) for text in (PLAIN, PLAIN | ODD)))
PLAIN_MARKS = st.builds(Delimiters, suffix=st.sampled_from(["", "\n"]))
MARKS = st.builds(
    Delimiters,
    element=st.sampled_from("*|{"),
    component=st.sampled_from(">:§"),
    terminator=st.sampled_from("~\n}"),
    suffix=st.sampled_from(["", "\r\n"]),
)


@given(NAMES, PLAIN_MARKS | MARKS, st.integers(0, 3))
def test_a_plain_acknowledgment_has_the_bytes_that_any_writer_gives(
    names: list[str], delimiters: Delimiters, count: int
) -> None:
    *parties, sender, receiver, functional_id, number, version, set_id = names
    isa = ["ISA", "00", "", "00", "", "ZZ", parties[0], "01", parties[1], "260115", "1200", "U"]
    header = InterchangeHeader([*isa, "00401", "000000007", "0", sender[0], ">"], Delimiters())
    gs = ["GS", functional_id, sender, receiver, "20260115", "1200", number, "X"]
    group = GroupHeader([*gs, "004010" if count else version])
    sets = (SetResult("940", ControlNumber(set_id)),) * count + (SetResult(set_id, NUMBER),)
    result = InterchangeResult(header, (GroupResult(group, sets, len(sets)),))
    asked = replace(envelope(), delimiters=delimiters, next_group_number=lambda: NUMBER)

    def answer() -> bytes | None:
        done = acknowledge(result, strictly, policy=ALWAYS, envelope=asked)
        return done.payload

    quickly = answer()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reply, "form_of", lambda *_: None)
        assert answer() == quickly
