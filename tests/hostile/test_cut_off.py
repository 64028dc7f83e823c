"""A sample cut off at every byte, from the reader to the map, and through the program."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway import resources
from gateway.errors import InterchangeUnreadable
from tests.hostile.chain import assert_speaks_x12, pass_through
from tests.unit.cli.test_validate import run

SAMPLES = resources.directory("samples")
ONE_OF_EACH_SET = (
    "bluebird-retail/940-store-behind-the-distribution-center.edi",
    "northstar-3pl/945-parcels-by-third-party.edi",
    "northstar-3pl/856-levels-by-order-only.edi",
    "northstar-3pl/810-storage-and-handling.edi",
    "bluebird-retail/850-quantities-by-store.edi",
    "base/855-accepted-with-changes.edi",
)


@pytest.mark.parametrize("name", ONE_OF_EACH_SET)
def test_a_sample_cut_off_at_any_byte_is_unreadable_or_has_findings(name: str) -> None:
    content = (SAMPLES / name).read_bytes()
    whole = len(content.rstrip())
    unreadable = 0
    for past in range(whole - 1):
        try:
            passed = pass_through(content[:past])
        except InterchangeUnreadable:
            unreadable += 1
            continue
        assert all(one.findings for one in passed), past
        for one in passed:
            assert_speaks_x12(one.answer)
    # ISA and its terminator, or one byte less: a terminator before GS would do for both.
    assert unreadable in (105, 106)


CUTS = (0, 3, 50, 105, 106, 107, 150, 300, 700, 1150)


@pytest.mark.parametrize("past", CUTS)
@pytest.mark.parametrize(
    "command",
    [("validate",), ("ack",), ("ack", "--type", "ta1"), ("translate", "--map", "base-940")],
)
def test_the_program_says_what_is_wrong_with_a_sample_that_was_cut_off(
    command: tuple[str, ...], past: int, tmp_path: Path
) -> None:
    file = tmp_path / "order.edi"
    file.write_bytes((SAMPLES / "base" / "940-new-order.edi").read_bytes()[:past])
    code, out, err = run(command[0], file, *command[1:])
    if past < 106:
        assert (code, out.removeprefix(f"{file}\n")) == (2, "")
        assert ("The payload is empty" if past == 0 else "in 106 bytes; the payload has") in err
    else:
        assert code in (1, 2)
        assert out + err
    assert "Traceback" not in err


def test_an_856_without_its_first_level_is_translated_as_far_as_it_goes(tmp_path: Path) -> None:
    sample = (SAMPLES / "base" / "856-pallets-cartons-items.edi").read_text()
    assert "HL*1**S~\n" in sample
    file = tmp_path / "notice.edi"
    file.write_text(sample.replace("HL*1**S~\n", ""))
    code, out, err = run("translate", file, "--map", "base-856")
    assert code == 1
    assert out.startswith('{"document":"ship_notice"')
    assert "HL is mandatory in loop" in err


def test_an_isa_that_declares_a_blank_as_terminator_is_answered_with_usual_separators(
    tmp_path: Path,
) -> None:
    file = tmp_path / "order.edi"
    file.write_bytes((SAMPLES / "base" / "940-new-order.edi").read_bytes().replace(b">~\n", b"> "))
    code, out, _ = run("ack", file, "--type", "ta1")
    assert code == 1
    assert "~TA1*000000101*260302*0915*R*" in out
