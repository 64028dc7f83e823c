from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.unit.cli.edi import ACK_ONLY, FAULTY_940, ISA, SOUND_940
from tests.unit.cli.test_validate import run


def segments(text: str) -> list[str]:
    return [segment.strip() for segment in text.split("~") if segment.strip()]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "order.edi"


def test_a_sound_file_gets_a_997_that_accepts_it(file: Path) -> None:
    file.write_bytes(SOUND_940)
    code, out, err = run("ack", file)
    assert (code, err) == (0, "")
    written = segments(out)
    assert written[0].startswith("ISA*00*          *00*          *ZZ*ACME           *ZZ*NORTHSTAR")
    assert written[2:7] == ["ST*997*0001", "AK1*OW*1", "AK2*940*0001", "AK5*A", "AK9*A*1*1*1"]


def test_a_faulty_file_gets_a_997_that_says_where_and_exits_1(file: Path) -> None:
    file.write_bytes(FAULTY_940)
    code, out, _ = run("ack", file)
    assert code == 1
    assert segments(out)[5:9] == ["AK3*W05*2**8", "AK4*1*473*5*NX", "AK5*R*5", "AK9*R*1*1*0"]


def test_a_ta1_speaks_of_the_envelope_only(file: Path) -> None:
    file.write_bytes(FAULTY_940)
    code, out, _ = run("ack", file, "--type", "ta1", "--control-number", "77")
    assert code == 0
    assert segments(out)[1:] == ["TA1*000000001*260301*1200*A*000", "IEA*0*000000077"]


def test_several_interchanges_are_numbered_one_after_another(file: Path) -> None:
    file.write_bytes(SOUND_940 + SOUND_940.replace(b"000000001", b"000000002"))
    code, out, _ = run("ack", file, "--type", "ta1", "--control-number", "8")
    assert code == 0
    assert [s for s in segments(out) if s.startswith("IEA")] == [
        "IEA*0*000000008",
        "IEA*0*000000009",
    ]


def test_an_acknowledgment_is_never_acknowledged(file: Path) -> None:
    file.write_bytes(ACK_ONLY)
    code, out, err = run("ack", file)
    assert (code, out) == (0, "")
    assert err == (
        "nothing to write for interchange 000000001: it carries acknowledgments itself, "
        "or has no group that could be named\n"
    )


def test_an_envelope_that_is_rejected_points_to_the_ta1(file: Path) -> None:
    file.write_bytes(SOUND_940.replace(b"IEA*1*000000001~", b"IEA*1*000000009~"))
    code, out, err = run("ack", file)
    assert (code, out) == (1, "")
    assert err == (
        "nothing to write for interchange 000000001: it is rejected as a whole, "
        "which only a TA1 can say (--type ta1)\n"
    )


def test_json_holds_the_verdict_and_the_payload(file: Path) -> None:
    file.write_bytes(SOUND_940)
    code, out, _ = run("ack", file, "--json")
    assert code == 0
    (answer,) = json.loads(out)
    assert answer["groups"][0]["status"] == "A"
    assert answer["payload"].startswith(ISA[:35])


def test_what_is_no_x12_exits_2_with_a_sentence(file: Path) -> None:
    file.write_bytes(b"")
    assert run("ack", file) == (
        2,
        "",
        "error: The payload is empty: expected an ISA segment.\n",
    )
