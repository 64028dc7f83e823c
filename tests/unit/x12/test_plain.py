"""Plain text is told from the rest, by the set, by the segment and by the reader."""

from __future__ import annotations

import pytest

from gateway.x12.model import Delimiters, TransactionSet
from gateway.x12.plain import is_plain_segment, is_plain_set
from gateway.x12.reader import read
from tests.benchmarks.documents import interchanges
from tests.x12_sets import a_set

DELIMITERS = (
    Delimiters(),
    Delimiters(suffix="\n"),
    Delimiters(suffix="\r\n"),
    Delimiters("|", ":", None, "\n"),
    Delimiters("*", ">", "^", "~"),
)
NOT_PLAIN = ("A>B", "A ", " ", "A\tB", "A\x00B", "A\x7fB", "Café", "²")


def with_value(value: str, delimiters: Delimiters) -> TransactionSet:
    value = value.replace(">", delimiters.component)
    one = a_set("940", "", delimiters)
    one.segments.insert(1, ["NTE", "GEN", value])
    return one


@pytest.mark.parametrize("delimiters", DELIMITERS)
@pytest.mark.parametrize("value", ["A", " A", "A B", "", "-1.5", "^"])
def test_ordinary_text_is_plain_whatever_the_delimiters(value: str, delimiters: Delimiters) -> None:
    one = with_value(value, delimiters)
    plain = value != delimiters.repetition
    assert is_plain_set(one) is plain
    assert is_plain_segment(one.segments[1], delimiters) is plain


@pytest.mark.parametrize("delimiters", DELIMITERS)
@pytest.mark.parametrize("value", NOT_PLAIN)
def test_text_that_needs_a_closer_look_is_not_plain(value: str, delimiters: Delimiters) -> None:
    one = with_value(value, delimiters)
    assert not is_plain_set(one)
    assert not is_plain_segment(one.segments[1], delimiters)
    assert is_plain_segment(one.segments[0], delimiters)


@pytest.mark.parametrize("end", [b"~", b"~\n", b"~\r\n", b"\n"])
def test_the_reader_sees_plain_text_at_once(end: bytes) -> None:
    [payload] = interchanges(1)
    [one] = sets_of(payload.replace(b"~", end))
    assert one.plain
    [other] = sets_of(payload.replace(b"*US~", b"*US *~").replace(b"~", end))
    assert not other.plain
    assert not is_plain_set(other)


def sets_of(payload: bytes) -> list[TransactionSet]:
    return [event for event in read(payload) if isinstance(event, TransactionSet)]
