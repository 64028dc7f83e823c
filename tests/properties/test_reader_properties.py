from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import InterchangeUnreadable
from gateway.findings import Finding
from gateway.x12 import reader, reader_segments
from gateway.x12.leniency import Leniency
from gateway.x12.model import Interchange, TransactionSet
from gateway.x12.reader import Event, GroupEnd, InterchangeEnd, read, read_interchanges
from gateway.x12.writer import rewrite
from tests.unit.x12.interchanges import gs, isa, payload, segments, transaction_set

SAMPLE = payload(segments(sets=2), suffix="\n") + payload(segments(number="000000002"))
LENIENT = Leniency(**dict.fromkeys(Leniency.__dataclass_fields__, True))

VALUE = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"], exclude_characters="*~"),
    min_size=1,
    max_size=12,
).filter(lambda value: "\x85" not in value)
SEGMENT = st.tuples(
    st.sampled_from(["N1", "LX", "W01", "NTE", "ISA", "TA1"]), st.lists(VALUE, min_size=1)
)
BODIES = st.lists(st.lists(SEGMENT, max_size=6), max_size=4)


def _events(data: bytes, leniency: Leniency) -> list[Event]:
    return list(read(data, lambda _header: leniency))


def _findings(events: list[Event]) -> Iterator[Finding]:
    for event in events:
        if isinstance(event, TransactionSet | GroupEnd | InterchangeEnd):
            yield from event.findings


def _well_formed(bodies: list[list[tuple[str, list[str]]]], suffix: str) -> bytes:
    lines = [isa(), gs()]
    for index, body in enumerate(bodies, start=1):
        texts = ["*".join([tag, *values]) for tag, values in body]
        lines += transaction_set(number=f"{index:04d}", body=texts)
    lines += [f"GE*{len(bodies)}*11", "IEA*1*000000001"]
    return "".join(line + "~" + suffix for line in lines).encode()


def _must_read(data: bytes) -> None:
    for leniency in (Leniency(), LENIENT):
        try:
            events = _events(data, leniency)
        except InterchangeUnreadable:
            continue
        for event in events:
            if isinstance(event, TransactionSet):
                assert len(event.offsets) == len(event.segments)
                assert list(event.offsets) == sorted(event.offsets)


@given(st.binary(max_size=400))
def test_any_bytes_give_events_or_one_named_exception(data: bytes) -> None:
    _must_read(data)
    _must_read(SAMPLE[:106] + data)


@given(st.lists(st.sampled_from([*SAMPLE.decode().split("~"), "", " ", "\n", "ISA", "*"])))
def test_segments_in_any_order_give_events(lines: list[str]) -> None:
    _must_read("~".join([*lines, ""]).encode())
    _must_read((isa() + "~" + "~".join([*lines, ""])).encode())


@given(
    st.lists(
        st.tuples(st.integers(0, len(SAMPLE) - 1), st.binary(max_size=3)), min_size=1, max_size=8
    )
)
def test_a_sample_spoiled_anywhere_gives_events(changes: list[tuple[int, bytes]]) -> None:
    data = bytearray(SAMPLE)
    for place, new in changes:
        data[place : place + 1] = new
    _must_read(bytes(data))


def test_a_sample_cut_off_at_any_byte_keeps_what_is_whole_and_says_so() -> None:
    assert [past for past in range(len(SAMPLE) + 1) if not _is_kept_and_said(past)] == []


def _is_kept_and_said(past: int) -> bool:
    """Say whether the sample that ends there keeps each whole set, and a finding where it must."""
    data = SAMPLE[:past]
    if past < 106:
        with suppress(InterchangeUnreadable):
            _events(data, Leniency())
            return False
        return True
    events = _events(data, Leniency())
    whole = data.count(b"SE*6*000") - (not data.endswith(b"~")) * data[-9:].count(b"SE*6*000")
    complete = [
        event for event in events if isinstance(event, TransactionSet) and not event.findings
    ]
    first = len(payload(segments(sets=2), suffix="\n"))
    clean = past == len(SAMPLE) or past in (first, first - 1)
    return len(complete) in (whole, whole - 1) and (not list(_findings(events))) is clean


@given(BODIES, st.sampled_from(["", "\n", "\r\n"]))
def test_writing_what_was_read_gives_the_same_bytes(
    bodies: list[list[tuple[str, list[str]]]], suffix: str
) -> None:
    data = _well_formed(bodies, suffix)
    (interchange,) = read_interchanges(data)
    assert interchange.findings == []
    assert rewrite(interchange) == data


@given(BODIES, st.sampled_from(["", "\n", "\r\n"]), st.integers(1, 300))
def test_windows_of_any_size_give_the_same_events(
    bodies: list[list[tuple[str, list[str]]]], suffix: str, window: int
) -> None:
    data = _well_formed(bodies, suffix) * 2
    expected = _comparable(_events(data, Leniency()))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reader_segments, "WINDOW", window)
        assert _comparable(_events(data, Leniency())) == expected


def _comparable(events: list[Event]) -> list[Event]:
    return [_bare(event) if isinstance(event, TransactionSet) else event for event in events]


def _bare(one: TransactionSet) -> TransactionSet:
    """Return a set with its offsets counted, and without how quickly it was read."""
    return replace(one, offsets=list(one.offsets), plain=False)


LONE = payload(segments()), payload(segments(), suffix="\n"), payload(segments(), terminator="\n")
PIECES = (b"~", b"*", b" ", b"\n", b"ST", b"STAR*1~", b"SE*2*0001~", b"GE*1*11~", b"ISA*", b"\xc3")
"""What damages an interchange where it counts: envelopes, blanks, terminators."""


def test_a_lone_set_gives_the_events_that_its_segments_give_one_by_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    chance = random.Random(17)
    spoiled = [_spoiled(chance, chance.choice(LONE)) for _ in range(3000)]
    payloads = [*LONE, LONE[0] + LONE[1], LONE[0] + b"\r\n", LONE[0] + b"rest", *spoiled]
    quick = [_outcome(data, LENIENT if index % 5 == 4 else Leniency())
             for index, data in enumerate(payloads)]  # fmt: skip
    asked = []
    monkeypatch.setattr(reader, "read_lone", lambda *args: asked.append(args))
    slow = [_outcome(data, LENIENT if index % 5 == 4 else Leniency())
            for index, data in enumerate(payloads)]  # fmt: skip

    assert quick == slow
    assert len(asked) > 2000


def _spoiled(chance: random.Random, data: bytes) -> bytes:
    """Put a piece into a payload, or in place of some bytes of it."""
    at = chance.randrange(100, len(data))
    return data[:at] + chance.choice(PIECES) + data[at + chance.choice((0, 0, 1, 3, 12)) :]


def _outcome(data: bytes, leniency: Leniency) -> tuple[list[Event], list[Interchange]] | str:
    try:
        whole = list(read_interchanges(data, lambda _header: leniency))
        for group in (group for one in whole for group in one.groups):
            group.transaction_sets = [_bare(one) for one in group.transaction_sets]
        return _comparable(_events(data, leniency)), whole
    except InterchangeUnreadable as fault:
        return str(fault)
