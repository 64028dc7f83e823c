"""Envelopes are mended where there is no doubt, data never is, a second time changes nothing."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from gateway import resources
from gateway.errors import InterchangeUnreadable
from gateway.x12 import repair
from gateway.x12.reader import read_interchanges
from gateway.x12.repair import repaired
from tests.unit.cli.edi import SOUND_940

SAMPLES = [path.read_bytes() for path in sorted(resources.directory("samples").rglob("*.edi"))]


@pytest.mark.parametrize(
    ("damage", "changes"),
    [
        (lambda p: p.replace(b"SE*7*", b"SE*12*"), ["SE01 12 7"]),
        (lambda p: p.replace(b"SE*7*0001", b"SE*x*0009"), ["SE01 x 7", "SE02 0009 0001"]),
        (lambda p: p.replace(b"SE*7*0001", b"SE"), ["SE01  7", "SE02  0001"]),
        (lambda p: p.replace(b"GE*1*1~", b"GE*2*7~"), ["GE01 2 1", "GE02 7 1"]),
        (lambda p: p.replace(b"IEA*1*000000001", b"IEA*9*9"), ["IEA01 9 1", "IEA02 9 000000001"]),
        (lambda p: p.replace(b"IEA*1*000000001", b"IEA*1*1"), ["IEA02 1 000000001"]),
        (lambda p: p[:-1], ["IEA  ~"]),
        (
            lambda p: p.replace(b"NORTHSTAR      *", b"NORTHSTAR*", 1).replace(
                b"*000000001*0*", b"*1*0*"
            ),
            ["ISA06 NORTHSTAR NORTHSTAR      ", "ISA13 1 000000001"],
        ),
        (lambda p: p.replace(b"*00*          *", b"*00**", 1), ["ISA02  " + " " * 10]),
        (
            lambda p: p.replace(b"~LX", b"~\r\n  LX").replace(b"~W76", b"~\nW76"),
            [" CR LF and blanks nothing", " LF nothing"],
        ),
        (lambda p: p.replace(b"~LX", b"~~LX"), [" two terminators in a row one"]),
        (lambda p: p.replace(b"*P*>~", b"*P*~"), ["ISA16  >"]),
    ],
)
def test_what_was_damaged_is_as_it_was(
    damage: Callable[[bytes], bytes], changes: list[str]
) -> None:
    damaged = damage(SOUND_940)
    assert damaged != SOUND_940
    found = repaired(damaged)
    assert found.payload == SOUND_940
    assert found.refusals == ()
    told = [
        f"{change.reference} {change.before} {change.after}"
        for edit in found.edits
        for change in edit.changes
    ]
    assert len(told) >= len(changes)
    for change, expected in zip(told, changes, strict=False):
        assert change.startswith(expected), told
    assert b"".join(edit.before for edit in found.edits) != b"".join(e.after for e in found.edits)


@pytest.mark.parametrize(
    ("damage", "because"),
    [
        (
            lambda p: p.replace(b"SE*7*0001~", b""),
            "it may have been cut off, and nobody knows what is missing",
        ),
        (
            lambda p: p[: p.index(b"GE*")],
            "it may have been cut off, and nobody knows what is missing",
        ),
        (lambda p: b"Subject: orders\n" + p, "it may be data that was meant for somebody"),
        (lambda p: p + b"and more", "it may be data that was meant for somebody"),
        (lambda p: p.replace(b"*260301*", b"*269901*", 1), "only the sender knows what was meant"),
        (lambda p: p.replace(b"GS*OW*", b"GS*SW*"), "only the sender knows what was meant"),
        (
            lambda p: p.replace(b"ZZ*NORTHSTAR      ", b"ZZ*NORTHSTAR-AND-SONS", 1),
            "it is longer than its place, and nothing may be cut off",
        ),
        (
            lambda p: p.replace(b"ST*940*0001", b"ST*940*1"),
            "control numbers are the sender's to give",
        ),
    ],
)
def test_what_nobody_can_know_is_left_with_the_reason(
    damage: Callable[[bytes], bytes], because: str
) -> None:
    damaged = damage(SOUND_940)
    found = repaired(damaged)
    assert because in [refusal.because for refusal in found.refusals]
    assert repaired(found.payload).edits == ()


def test_envelopes_that_run_into_each_other_are_left_alone() -> None:
    glued = SOUND_940.replace(b"IEA*1*000000001~", b"IEA") + SOUND_940.replace(b"GE*1*1", b"GE*2*1")
    found = repaired(glued)
    assert found.edits == ()
    assert {refusal.because for refusal in found.refusals} == {
        "the envelopes run into each other: what belongs together cannot be told"
    }


def test_nothing_is_changed_in_what_is_sound() -> None:
    found = repaired(SOUND_940)
    assert (found.edits, found.refusals, found.payload) == ((), (), SOUND_940)


def test_what_is_no_x12_is_not_repaired() -> None:
    with pytest.raises(InterchangeUnreadable):
        repaired(b"nothing")


def test_what_was_mended_is_not_changed_again_and_data_never_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    chance = random.Random(20260303)
    noise = [b"~", b"~~", b"*", b"\r\n", b" ", b"9", b"", b"ISA*", b"SE*1*1~", b"GE*", b"IEA*1*2~"]
    changed = 0
    for _ in range(500):
        payload = bytearray(chance.choice(SAMPLES))
        for _ in range(chance.randint(1, 4)):
            at = chance.randrange(len(payload))
            payload[at : at + chance.randint(0, 4)] = chance.choice(noise)
        damaged = bytes(payload)
        try:
            found = repaired(damaged)
        except InterchangeUnreadable:
            continue
        changed += bool(found.edits)
        again = repaired(found.payload)
        assert again.edits == (), damaged
        assert bodies(found.payload) == bodies(damaged)
        # Segment by segment the same is found as where only the envelope is looked at.
        with monkeypatch.context() as patched:
            patched.setattr(repair, "_regular_gap", lambda *_: None)
            assert repaired(damaged) == found
    assert changed > 100


def bodies(payload: bytes) -> list[list[str]]:
    """Return every segment between ST and SE."""
    return [
        segment
        for interchange in read_interchanges(payload)
        for group in interchange.groups
        for one in group.transaction_sets
        for segment in one.segments
        if segment[0] not in ("ST", "SE")
    ]
