from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gateway.acks.build997 import build997
from gateway.acks.model import Status
from gateway.acks.reply import acknowledge
from gateway.acks.results import GroupResult, SetResult, result_of
from gateway.acks.segments997 import read997, write997
from gateway.findings import Finding, FindingCode, Level, Location, Severity
from gateway.partners.agreement import AcknowledgmentPolicy
from gateway.x12.model import ControlNumber, Delimiters, TransactionSet
from gateway.x12.reader import read_interchanges
from tests.unit.acks.results import envelope, group_header
from tests.unit.x12.interchanges import codes, payload, segments

EVERYTHING = AcknowledgmentPolicy.model_validate({"997": "always", "ta1": "always"})
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
SETS = st.builds(SetResult, st.just("940"), st.just(ControlNumber("0001")), FINDINGS)
GROUPS = st.builds(
    GroupResult,
    st.just(group_header()),
    st.lists(SETS, max_size=4).map(tuple),
    st.none() | st.integers(0, 10**7),
    FINDINGS,
)


@given(GROUPS, SEVERITIES)
def test_a_997_adds_up_and_reads_back_as_it_was_built(
    group: GroupResult, severities: dict[FindingCode, Severity]
) -> None:
    verdict = build997(
        group,
        lambda finding: severities.get(finding.code, Severity.REJECT),
        delimiters=Delimiters(),
    )
    built = verdict.acknowledgment
    taken = sum(status is not Status.REJECTED for status in verdict.set_statuses)
    assert built.received == len(group.sets)
    assert built.accepted == (taken if built.status is not Status.REJECTED else 0)
    assert (built.status is Status.REJECTED) or built.accepted > 0
    assert len(built.codes) <= 5
    for one in built.sets:
        assert len(one.codes) <= 5
        assert ("5" in one.codes) is bool(one.segments)
        keys = [(note.segment_id, note.position, note.code) for note in one.segments]
        assert len(keys) == len(set(keys))
        positions = [note.position for note in one.segments]
        assert positions == sorted(positions)
    written = write997(built, Delimiters())
    assert not any("*" in value or "~" in value for segment in written for value in segment)
    received = TransactionSet(
        written, [], Delimiters(), ControlNumber("000000001"), ControlNumber("1")
    )
    assert read997(received) == built


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
