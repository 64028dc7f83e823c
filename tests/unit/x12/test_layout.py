"""Annotated text gives back the very bytes it was made of, whatever they are."""

from __future__ import annotations

import random

import pytest

from gateway import resources
from gateway.x12.layout import (
    HEAD,
    NotAnnotated,
    annotated,
    compact,
    is_annotated,
    one_a_line,
    restored,
)
from gateway.x12.names import Names, plain_value
from gateway.x12.pieces import pieces
from tests.unit.cli.edi import SOUND_940
from tests.x12_sets import LIBRARY

NAMES = Names(LIBRARY, resources.schema_text)
SAMPLES = sorted(resources.directory("samples").rglob("*.edi"))


def text_of(payload: bytes) -> str:
    return "".join(annotated(payload, NAMES))


def round_trip(payload: bytes) -> None:
    text = text_of(payload)
    again = b"".join(restored(text.split("\n")))
    assert again == payload
    bare = b"".join(compact(payload))
    assert b"".join(compact(b"".join(one_a_line(payload)))) == bare
    assert b"".join(compact(bare)) == bare


def test_every_sample_has_its_bytes_again_however_its_lines_end() -> None:
    assert len(SAMPLES) > 40
    for sample in SAMPLES:
        payload = sample.read_bytes()
        for end in (b"\n", b"", b"\r\n", b"\r", b"\n\n"):
            round_trip(payload.replace(b"~\n", b"~" + end))


def test_compact_and_plain_give_the_bytes_of_who_writes_so() -> None:
    regular = [
        payload
        for payload in (sample.read_bytes() for sample in SAMPLES)
        if payload.startswith(b"ISA") and payload.count(b"~") == payload.count(b"\n")
    ]
    assert len(regular) > 40
    for payload in regular:
        flat = payload.replace(b"~\n", b"~")
        assert b"".join(compact(payload)) == flat
        assert b"".join(one_a_line(flat)) == payload
        assert b"".join(compact(b"".join(restored(text_of(flat).split("\n"))))) == flat


def test_damaged_payloads_have_their_bytes_again() -> None:
    chance = random.Random(20260301)
    noise = [b"~", b"*", b"\n", b"\r\n", b"\\", b"\xff", b"\xc3\xa9", b"\0", b"#", b" ", b"ISA*"]
    for _ in range(400):
        payload = bytearray(chance.choice((SOUND_940, SOUND_940.replace(b"~", b"\n"))) * 2)
        for _ in range(chance.randint(1, 6)):
            at = chance.randrange(len(payload))
            payload[at : at + chance.randint(0, 9)] = chance.choice(noise)
        whole = bytes(payload)
        assert b"".join(piece.whole for piece in pieces(whole)) == whole
        again = b"".join(restored(text_of(whole).split("\n")))
        assert again == whole


@pytest.mark.parametrize(
    "payload",
    [b"", b"\n", b"# no X12", b"\xef\xbb\xbf" + SOUND_940, SOUND_940[:150], b"\xff\n" * 9],
)
def test_what_is_no_interchange_is_shown_as_far_as_it_goes(payload: bytes) -> None:
    assert b"".join(restored(text_of(payload).split("\n"))) == payload


def test_a_segment_stands_on_one_line_with_its_names_below() -> None:
    lines = text_of(SOUND_940).splitlines()
    assert lines[0] == f"{HEAD}nothing"
    at = lines.index("W05*N*DO-1*PO1~")
    assert lines[at + 1 : at + 5] == [
        "  W05    Shipping Order Identification",
        "  W0501  Order Status Code       N  new",
        "  W0502  Depositor Order Number  DO-1",
        "  W0503  Purchase Order Number   PO1",
    ]


def test_the_schema_is_that_of_the_group_and_what_it_does_not_know_is_said() -> None:
    odd = SOUND_940.replace(b"W76*10~", b"QQQ*7~W76*10*1*2*3*4*5*6*7*8*9~")
    text = text_of(odd)
    assert "  QQQ    (no segment that the schemas know)\n" in text
    assert "  W7609  (not defined)" in text
    assert "(no segment that the schemas know)" in text_of(SOUND_940.replace(b"X*004010", b"X*9"))


def test_text_that_was_changed_is_refused_with_its_line() -> None:
    with pytest.raises(NotAnnotated, match=r"^line 1 is not what gateway format writes"):
        list(restored(["ST*1~"]))
    with pytest.raises(NotAnnotated, match=r"^line 2: \\q stands for nothing$"):
        list(restored([f"{HEAD}LF", r"ST*\q~"]))
    assert is_annotated(text_of(SOUND_940).encode())
    assert not is_annotated(SOUND_940)


@pytest.mark.parametrize(
    ("kind", "value", "told"),
    [
        ("DT", "20260302", "2026-03-02"),
        ("DT", "260302", "2026-03-02"),
        ("DT", "991231", "1999-12-31"),
        ("DT", "20261340", ""),
        ("TM", "0915", "09:15"),
        ("TM", "09153012", "09:15:30"),
        ("N2", "18450", "184.50"),
        ("N2", "-5", "-0.05"),
        ("N2", "x", ""),
        ("N0", "12", ""),
        ("AN", "12", ""),
    ],
)
def test_a_value_is_written_as_people_do(kind: str, value: str, told: str) -> None:
    assert plain_value(kind, value) == told
