"""Too much of anything: work and memory grow no faster than the payload, and limits are told."""

from __future__ import annotations

import sys
import tracemalloc
from collections import Counter
from collections.abc import Callable
from types import FrameType

import pytest

from gateway import canonical, resources
from gateway.acks.reply import acknowledge
from gateway.acks.results import result_of, strictly
from gateway.findings import Finding, FindingCode
from gateway.mapping import hierarchy
from gateway.x12 import explain, interpret, reader_group, validate
from gateway.x12.layout import annotated, compact, one_a_line
from gateway.x12.model import Delimiters, TransactionSet
from gateway.x12.names import Names
from gateway.x12.reader import read, read_interchanges
from gateway.x12.repair import repaired
from gateway.x12.split import By, LeftOut, split_into
from gateway.x12.standard import Standard, walk
from tests.benchmarks.inbound import ENVELOPE, POLICY
from tests.hostile.sizes import KINDS, hostile
from tests.samples.maps import compiled_map
from tests.unit.cli.test_validate import run
from tests.x12_sets import LIBRARY, findings_of, validator_of

SMALL = 200
"""Of what a kind has too much of; twice that is four times the work of what is quadratic."""
FIXED = 2_000
"""Calls that do not depend on the size at all, or hardly."""


def through_the_core(payload: bytes) -> None:
    """Read, validate, map to JSON and back, and acknowledge."""
    for interchange in read_interchanges(payload):
        found: dict[int, list[Finding]] = {}
        for group in interchange.groups:
            for one in group.transaction_sets:
                parsed = validator_of(one.set_id, group.header.version).parse(one)
                found[id(one)] = parsed.findings
                made = compiled_map(f"base-{one.set_id}")
                for document in made.read(parsed.tree, one.delimiters).documents:
                    canonical.check(document)
                    canonical.dumps(document)
                    made.write(document, one.delimiters)
        result = result_of(interchange, lambda one: found[id(one)])  # noqa: B023 - called at once
        acknowledge(result, strictly, policy=POLICY, envelope=ENVELOPE)


def shown(payload: bytes) -> None:
    """Print in each form, mend and split."""
    names = Names(LIBRARY, resources.schema_text)
    for parts in (compact(payload), one_a_line(payload), annotated(payload, names)):
        for _ in parts:
            pass
    repaired(payload)
    for by in By:
        for _ in split_into(payload, by):
            pass


def calls(take: Callable[[bytes], None], payload: bytes) -> int:
    """Count the functions that are called, Python's and the interpreter's own."""
    counted = Counter[str]()

    def count(_frame: FrameType, event: str, _argument: object) -> None:
        counted[event] += 1

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        take(payload)
    finally:
        sys.setprofile(before)
    return counted["call"] + counted["c_call"]


@pytest.mark.parametrize("take", [through_the_core, shown])
@pytest.mark.parametrize("kind", KINDS)
def test_twice_as_much_is_no_more_than_twice_the_work(
    kind: str, take: Callable[[bytes], None]
) -> None:
    size = SMALL // 2 if kind in ("sets", "bad_sets", "groups", "many_interchanges") else SMALL
    take(hostile(kind, 2 * size))  # what is made once
    once, twice = (calls(take, hostile(kind, times * size)) for times in (1, 2))
    assert twice <= 2.1 * once + FIXED


def peak(take: Callable[[], object]) -> int:
    """Return the most memory that was held at once."""
    take()
    tracemalloc.start()
    try:
        take()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("kind", ["bad_sets", "groups"])
def test_events_are_read_in_memory_that_does_not_grow_with_the_payload(kind: str) -> None:
    def read_all(payload: bytes) -> None:
        for _ in read(payload):
            pass

    small, large = hostile(kind, 3_000), hostile(kind, 9_000)
    assert peak(lambda: read_all(large)) < 1.5 * peak(lambda: read_all(small)) + 400_000


def test_an_element_of_many_megabytes_is_told_and_never_copied() -> None:
    payload = hostile("one_element", 8_000_000)

    def look() -> list[Finding]:
        [one] = [one for _, one in walk(payload)]
        return one.findings

    assert peak(look) < 4_000_000
    [finding] = look()
    assert finding.code is FindingCode.ELEMENT_TOO_LONG
    assert finding.location.reference == "N101"
    assert finding.location.segment_position == 3
    assert finding.detail == "expected at most 1048576 bytes, found 8000012"


def test_a_set_of_more_segments_than_are_read_says_so_and_keeps_the_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(reader_group, "MOST_SEGMENTS", 300)
    one = hostile("segments", 100)
    large, rest = one[one.index(b"ST*") : one.index(b"GE*")], b"GE*2*1~IEA*1*000000001~"
    small = b"ST*940*0002~W05*N*1234~SE*3*0002~"
    payload = one[: one.index(b"ST*")] + large + small + rest
    [(group, refused), (_, taken)] = walk(payload)
    expected = "expected at most 300 segments in one set: none of it was read"
    [finding] = Standard(LIBRARY).findings(group, refused)
    assert (finding.code, finding.detail) == (
        FindingCode.TRANSACTION_SET_NOT_SUPPORTED, expected
    )  # fmt: skip
    assert finding.location.offset == payload.index(b"ST*")
    assert refused.segments == [["ST", "940", "0001"]]
    assert len(taken.segments) == 3
    assert taken.findings == []
    [interchange] = read_interchanges(payload)
    assert interchange.findings == interchange.groups[0].findings == []


def test_a_set_that_is_too_large_is_left_out_of_what_is_split_and_not_mended(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(reader_group, "MOST_SEGMENTS", 300)
    payload = hostile("segments", 100).replace(b"SE*307*", b"SE*7*")
    [left] = [one for one in split_into(payload, By.SET) if isinstance(one, LeftOut)]
    assert [one.code for one in left.findings] == [FindingCode.TRANSACTION_SET_NOT_SUPPORTED]
    mended = repaired(payload)
    assert (mended.edits, mended.payload) == ((), payload)


def test_a_set_too_large_is_refused_without_its_missing_segments_being_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(reader_group, "MOST_SEGMENTS", 300)
    payload = hostile("segments", 100)
    one = next(event for event in read(payload) if isinstance(event, TransactionSet))
    cut_off = payload[: payload.index(b"SE*")]
    other = next(event for event in read(cut_off) if isinstance(event, TransactionSet))
    assert [found.code for found in one.findings] == [FindingCode.TRANSACTION_SET_NOT_SUPPORTED]
    assert [found.code for found in other.findings] == [
        FindingCode.TRANSACTION_SET_NOT_SUPPORTED,
        FindingCode.TRANSACTION_SET_TRAILER_MISSING,
    ]
    assert other.findings[-1].detail == "expected SE after segment 304"


@pytest.mark.parametrize("kind", ["bad_segments", "strays", "disorder"])
def test_of_too_many_faults_the_first_are_listed_and_that_there_are_more(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (explain, interpret, validate):
        monkeypatch.setattr(module, "MOST_FINDINGS", 20)
    [(_, one)] = walk(hostile(kind, 100))
    findings = findings_of(one)  # the generated checks and the interpreter agree
    assert len(findings) == 21
    assert findings[0].code is FindingCode.TRANSACTION_SET_NOT_SUPPORTED
    assert findings[0].location.reference == "ST"
    assert findings[0].detail == (
        "more than 20 faults: what follows the last that is listed was not read"
    )


def test_a_chain_of_levels_is_read_as_deep_as_business_data_ever_is() -> None:
    [(_, one)] = walk(hostile("deep", 3_000))
    made = compiled_map("base-856")
    reading = made.read(validator_of("856").parse(one).tree, Delimiters())
    [finding] = [found for found in reading.findings if "in each other" in found.detail]
    assert finding.code is FindingCode.HIERARCHY_BROKEN
    assert finding.location.reference == "HL02"
    assert (finding.value, finding.detail) == (
        str(hierarchy.DEEPEST), "expected at most 64 levels in each other"
    )  # fmt: skip
    longest = max(len(entry["loop"]) for entry in reading.documents[0]["unmapped"])
    assert longest < 10 * hierarchy.DEEPEST + 20


def test_of_very_many_bad_sets_the_first_are_shown_and_that_there_are_more() -> None:
    payload = hostile("bad_sets", 230)
    code, out, _ = run("validate", "-", stdin=payload)
    assert (code, out.count("✗ 940 ")) == (1, 200)
    assert out.splitlines()[-1] == "      … and 30 more with findings; --json shows all"
    code, out, _ = run("explain", "-", stdin=payload)
    assert (code, out.count("✗ 940 ")) == (1, 200)
    assert "  … and 30 more; --json has all of them" in out.splitlines()
    for command in ("validate", "explain"):
        code, out, _ = run(command, "-", "--json", stdin=payload)
        assert out.count("segment_unknown") >= 230
