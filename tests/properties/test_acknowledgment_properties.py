from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.acks import reply
from gateway.acks.model import Status
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


AGREED = st.fixed_dictionaries(
    {},
    optional={
        "997": st.sampled_from(["always", "on_reject", "never"]),
        "ta1": st.sampled_from(["requested", "always", "on_reject", "never"]),
        "list_accepted_sets": st.booleans(),
        "envelope": st.sampled_from([{"sender": {"id": "OTHER", "gs": "OTHERGS"}}, {"usage": "I"}]),
    },
).map(AcknowledgmentPolicy.model_validate)


@given(NAMES, PLAIN_MARKS | MARKS, st.integers(0, 3), st.just(ALWAYS) | AGREED)
def test_a_plain_acknowledgment_is_what_any_judge_and_any_writer_gives(
    names: list[str], delimiters: Delimiters, count: int, policy: AcknowledgmentPolicy
) -> None:
    *parties, sender, receiver, functional_id, number, version, set_id = names
    isa = ["ISA", "00", "", "00", "", "ZZ", parties[0], "01", parties[1], "260115", "1200", "U"]
    asked_for = str(count % 2)
    header = InterchangeHeader(
        [*isa, "00401", "000000007", asked_for, sender[0], ">"], Delimiters()
    )
    plain = count > 0
    gs = ["GS", "OW" if plain else functional_id, sender, receiver, "20260115", "1200"]
    group = GroupHeader([*gs, "17" if plain else number, "X", "004010" if plain else version])
    sets = (SetResult("940", ControlNumber(set_id)),) * count + (SetResult(set_id[:3], NUMBER),)
    result = InterchangeResult(header, (GroupResult(group, sets, len(sets)),))
    asked = replace(envelope(), delimiters=delimiters, next_group_number=lambda: NUMBER)

    def answer() -> tuple[object, ...]:
        done = acknowledge(result, strictly, policy=policy, envelope=asked)
        return done.payload, done.ta1, done.groups, done.verdict

    quickly = answer()
    with pytest.MonkeyPatch.context() as patch:
        for name in ("_wholly_accepted", "_plain_answer", "accepted_version"):
            patch.setattr(reply, name, lambda *_: None)
        assert answer() == quickly


def test_most_interchanges_take_the_quick_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reply, "_acknowledged", None)
    [interchange] = read_interchanges(payload(segments(sets=2)))
    result = result_of(interchange, lambda _set: ())
    done = acknowledge(result, strictly, policy=ALWAYS, envelope=envelope())
    assert done.payload is not None
    assert [one.status for one in done.verdict.groups] == [Status.ACCEPTED]
