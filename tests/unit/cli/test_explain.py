"""`gateway explain` in plain words: faults, 997, TA1, 824, with the segment that is meant."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from gateway import app as composition
from gateway import resources
from gateway.cli import app
from gateway.cli.init import write_instance
from tests.unit.cli.edi import ACK_ONLY, FAULTY_940, ISA, SOUND_940

BASE = resources.directory("samples") / "base"
SHOWN = Path(__file__).parent / "shown"
Golden = Callable[[Path, bytes], None]


def on_80_columns(*arguments: object, stdin: bytes = b"") -> tuple[int, str, str]:
    """Run a command as on a terminal of 80 columns."""
    runner = CliRunner(env={"COLUMNS": "80"})
    result = runner.invoke(app, [str(argument) for argument in arguments], input=stdin)
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result.exit_code, result.stdout, result.stderr


def explained(*arguments: object, stdin: bytes = b"") -> tuple[int, str, str]:
    return on_80_columns("explain", *arguments, stdin=stdin)


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("elements", ["940-invalid-elements.edi"]),
        ("structure", ["940-invalid-structure.edi", "945-invalid-order-of-segments.edi"]),
        ("envelope", ["855-invalid-control-numbers.edi"]),
        ("997", ["940-invalid-elements.997.edi"]),
        ("997-of", ["940-invalid-elements.997.edi", "--of", "940-invalid-elements.edi"]),
        (
            "ta1-of",
            ["855-invalid-control-numbers.ta1.edi", "--of", "855-invalid-control-numbers.edi"],
        ),
        ("824", ["824-order-refused.edi"]),
    ],
)
def test_what_people_see(
    name: str, arguments: list[str], golden: Golden, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(BASE)
    code, out, err = explained(*arguments)
    assert (code, err) == (1, "")
    assert max(map(len, out.splitlines())) <= 80
    golden(SHOWN / f"explain-{name}.txt", out.encode())


def test_a_sound_file_has_nothing_to_explain() -> None:
    code, out, err = explained("-", stdin=SOUND_940)
    assert (code, err) == (0, "")
    assert out.splitlines() == [
        "standard input",
        "  interchange 000000001, ZZ/NORTHSTAR to ZZ/ACME, production",
        "",
        "  ✓ 1 transaction set: valid",
        "",
    ]


def test_what_only_another_versions_schema_finds_is_a_doubt_and_no_fault(tmp_path: Path) -> None:
    file = tmp_path / "order.edi"
    file.write_bytes(FAULTY_940.replace(b"*004010~", b"*006020~"))
    code, out, _ = explained(file)
    assert code == 0
    assert "✓ 940 0001, order DO-1: 1 doubt\n" in out
    assert "also  its own version may allow it: it is not held against the set\n" in out


def test_an_acknowledgment_that_accepts_is_well() -> None:
    code, out, _ = explained("-", stdin=ACK_ONLY)
    assert code == 0
    said = "  ✓ 997 0001 about group OW 1: accepted; 1 set sent, 1 received, 1 accepted"
    assert said in out.splitlines()


def test_a_fault_that_only_they_find_is_said_so(tmp_path: Path) -> None:
    theirs = ACK_ONLY.replace(
        b"AK9*A*1*1*1~SE*4*", b"AK2*940*0001~AK3*W05*2**8~AK4*1*473*7*N~AK5*R*5~AK9*R*1*1*0~SE*8*"
    )
    ours = tmp_path / "ours.edi"
    ours.write_bytes(SOUND_940)
    code, out, _ = explained("-", "--of", ours, stdin=theirs)
    assert code == 1
    at = out.index("1. W0501 Order Status Code is none of its codes: 'N'")
    assert out[at:].splitlines()[1:8] == [
        "       segment 2, byte 164",
        "         W05*N*DO-1*PO1",
        "             ^",
        "       rule  the acknowledgment says: code not in list (data element 473, ID",
        "             1/1)",
        "       send  a code of 1 character, such as F (cancel), N (new)",
        "       also  our own check finds nothing wrong there: ask by which guide they",
    ]


def test_an_original_that_is_another_is_said_so(tmp_path: Path) -> None:
    rejected = ACK_ONLY.replace(b"AK1*OW*1~AK9*A", b"AK1*OW*77~AK9*R")
    ours = tmp_path / "ours.edi"
    ours.write_bytes(SOUND_940)
    _, out, _ = explained("-", "--of", ours, stdin=rejected)
    assert "The file has no group OW 77." in out
    assert "It names no set: what it says holds for all of them." in out


def test_an_acknowledgment_without_its_end_says_nothing() -> None:
    code, out, _ = explained("-", stdin=ACK_ONLY.replace(b"AK9*A*1*1*1~", b""))
    assert code == 1
    assert "AK1 or AK9 is missing: it says nothing that could be understood" in " ".join(
        out.split()
    )


def test_json_has_words_and_mark() -> None:
    code, out, _ = explained("-", "--json", stdin=FAULTY_940)
    assert code == 1
    [file] = json.loads(out)
    [subject] = file["interchanges"][0]["subjects"]
    assert subject["subject"] == "940 0001, order DO-1"
    assert subject["verdict"] == "rejected"
    [fault] = subject["faults"]
    assert fault["title"] == "W0501 Order Status Code is too long: 'NX'"
    assert fault["segment"][slice(*fault["mark"])] == "NX"
    assert (fault["line"], fault["offset"]) == (None, FAULTY_940.index(b"NX"))


def test_a_file_that_is_no_x12_does_not_stop_the_others(tmp_path: Path) -> None:
    for name, content in (("a.edi", b"nothing"), ("b.edi", FAULTY_940), (".c.edi", b"hidden")):
        (tmp_path / name).write_bytes(content)
    code, out, err = explained(tmp_path)
    assert code == 2
    assert "W0501 Order Status Code is too long" in out
    assert err == f"{tmp_path}/a.edi\n  ✗ No ISA segment was found in 7 bytes.\n"


def test_every_sample_is_explained_within_80_columns_and_without_a_traceback() -> None:
    code, out, err = explained(resources.directory("samples"))
    assert (code, err) == (1, "")
    wide = [line for line in out.splitlines() if len(line) > 80 and "/samples/" not in line]
    assert wide == []


def test_every_cut_of_a_file_is_explained() -> None:
    for end in range(0, len(SOUND_940), 7):
        code, out, err = explained("-", stdin=SOUND_940[:end])
        assert code in (1, 2), f"cut at byte {end}"
        assert "Traceback" not in out + err


def test_an_isa_with_a_fault_is_marked_in_it() -> None:
    wrong = SOUND_940.replace(ISA[:-3].encode(), ISA[:-3].replace("*P", "*Q").encode())
    _, out, _ = explained("-", stdin=wrong)
    assert "1. ISA15 Usage Indicator is not valid: 'Q'" in out
    assert "       send  P, T or I" in out.splitlines()


def test_an_instance_knows_what_an_acknowledgment_answers(tmp_path: Path) -> None:
    home = tmp_path / "edi"
    write_instance(home)
    sample = home / "samples" / "northstar-3pl" / "945-counts-wrong.edi"
    inbox = home / "sftp_inbox" / "northstar-3pl" / "in"
    (inbox / sample.name).write_bytes(sample.read_bytes())
    with composition.open_instance(home) as opened, opened.running(reachable=False):
        opened.drain(threading.Event())
    [reply] = (home / "sftp_inbox" / "northstar-3pl" / "out").glob("997*")
    code, out, _ = explained(reply, "--home", home)
    assert code == 1
    assert "! 945 0001, order NS-HG-200418: accepted, with errors: segment count" in out
    assert "         SE*9*0001\n            ^\n" in out


def test_a_store_that_cannot_be_used_is_told_and_the_rest_explained(tmp_path: Path) -> None:
    home = tmp_path / "edi"
    write_instance(home)
    settings = home / "gateway.yaml"
    (home / "folder.db").mkdir()
    url = f"sqlite:///{home / 'folder.db'}"
    settings.write_text(settings.read_text() + f"\nstore: {{url: '{url}'}}\n")
    code, out, err = explained(BASE / "940-invalid-elements.997.edi", "--home", home)
    assert code == 1
    assert err.count("cannot be used") == 1
    assert "W0502 Depositor Order Number is missing" in out


def test_an_824_is_shown_in_the_document_that_it_is_about(tmp_path: Path) -> None:
    order = SOUND_940.replace(b"*1*X*004010", b"*101*X*004010").replace(b"GE*1*1~", b"GE*1*101~")
    (tmp_path / "order.edi").write_bytes(order)
    advice = (
        ISA + "GS*AG*NORTHSTAR*ACME*20260301*1200*1*X*004010~ST*824*0001~BGN*00*A1*20260302~"
        "OTI*TR*IL*DO-1*A*B***0101*0001*940~TED*024*unknown article*W01*5*5*234*SKU1*SKU2~"
        "NTE**ask your buyer~SE*6*0001~GE*1*1~IEA*1*000000001~"
    ).encode()
    code, out, _ = explained("-", "--of", tmp_path / "order.edi", stdin=advice)
    assert code == 1
    at = out.index("✗ 824 0001 about reference IL DO-1 (940 0001): set rejected (TR)")
    assert out[at:].splitlines()[2:] == [
        "    1. W0105 other reason: unknown article: 'SKU1'",
        "       segment 5, byte 205",
        "         W01*10*EA**VN*SKU1",
        "                       ^^^^",
        "       rule  ask your buyer",
        "       send  SKU2",
        "",
    ]


@pytest.mark.parametrize(
    ("reference", "group", "number"),
    [("DO-1", "", ""), ("PO1", "", ""), ("other", "", "1"), ("DO-1", "0999", "0001")],
    ids=["its own number", "another number in it", "ST02 alone", "a group that is not there"],
)
def test_an_824_finds_its_document_by_whatever_it_names(
    reference: str, group: str, number: str, tmp_path: Path
) -> None:
    (tmp_path / "order.edi").write_bytes(SOUND_940)
    advice = (
        ISA + "GS*AG*NORTHSTAR*ACME*20260301*1200*1*X*004010~ST*824*0001~BGN*00*A1*20260302~"
        f"OTI*TR*IL*{reference}*A*B***{group}*{number}*940~TED*024*unknown article*W01*5*5*234~"
        "SE*5*0001~GE*1*1~IEA*1*000000001~"
    ).encode()
    code, out, _ = explained("-", "--of", tmp_path / "order.edi", stdin=advice)
    assert code == 1
    assert "         W01*10*EA**VN*SKU1" in out.splitlines()


def test_a_999_is_explained_with_what_its_contexts_say(tmp_path: Path) -> None:
    (tmp_path / "order.edi").write_bytes(SOUND_940.replace(b"004010", b"005010"))
    told = (
        ISA + "GS*FA*ACME*NORTHSTAR*20260301*1200*1*X*005010~ST*999*0001~AK1*OW*1*005010~"
        "AK2*940*0001~IK3*W01*5**8~CTX*W0502>DO-1~IK4*1*330*I12*10~"
        "CTX*SITUATIONAL TRIGGER*W01*5**2~IK5*R*I5~AK9*R*1*1*0~SE*10*0001~GE*1*1~IEA*1*000000001~"
    ).encode()
    code, out, _ = explained("-", "--of", tmp_path / "order.edi", stdin=told)
    text = " ".join(out.split())
    assert code == 1
    assert "✗ 940 0001, order DO-1: rejected: the implementation guide is not kept" in text
    assert "value does not fit the implementation guide" in text
    assert "it stands in W0502 DO-1; because of W0102, segment 5" in text
    assert "W01*10*EA**VN*SKU1" in text


def test_of_many_sets_only_those_are_named_that_were_not_taken(tmp_path: Path) -> None:
    named = "".join(f"AK2*940*{number:04d}~AK5*A~" for number in range(2, 9))
    reply = ACK_ONLY.replace(b"AK9*A*1*1*1~SE*4*", f"{named}AK9*A*7*7*7~SE*18*".encode())
    code, out, _ = explained("-", stdin=reply)
    assert code == 0
    assert "  ✓ 7 other sets: accepted" in out.splitlines()
    assert "940 0002" not in out


def test_a_set_that_was_not_sent_and_a_fault_of_another_kind_are_said(tmp_path: Path) -> None:
    ours = tmp_path / "ours.edi"
    ours.write_bytes(FAULTY_940)
    notes = "AK3*W05*2**8~AK4*1*473*7*NX~AK5*R*5~AK2*940*0077~AK5*R*1~"
    reply = ACK_ONLY.replace(
        b"AK9*A*1*1*1~SE*4*", f"AK2*940*0001~{notes}AK9*R*2*2*0~SE*10*".encode()
    )
    _, out, _ = explained("-", "--of", ours, stdin=reply)
    assert "       also  our own check finds there: element too long" in out.splitlines()
    assert "    group 1 that was sent has no such set" in out.splitlines()
    assert "  ✗ 940 0077: rejected: transaction set not supported" in out.splitlines()


def test_json_says_which_file_is_no_x12(tmp_path: Path) -> None:
    code, out, _ = explained("-", "--json", stdin=b"nothing")
    assert code == 2
    assert json.loads(out) == [
        {
            "file": "standard input",
            "unreadable": "No ISA segment was found in 7 bytes.",
            "interchanges": [],
        }
    ]


def test_without_the_original_the_version_is_that_of_the_acknowledgment() -> None:
    notes = "AK2*940*0001~IK3*N9*3**8~IK4*2*127*5*Q~IK5*R*5~"
    reply = ACK_ONLY.replace(b"AK9*A*1*1*1~SE*4*", f"{notes}AK9*R*1*1*0~SE*8*".encode())
    reply = reply.replace(b"ST*997", b"ST*999").replace(b"X*004010", b"X*005010")
    for version, element in ((b"005010", "127, AN 1/50"), (b"004010", "127, AN 1/30")):
        _, out, _ = explained("-", stdin=reply.replace(b"X*005010", b"X*" + version))
        assert f"(data element {element})" in " ".join(out.split())


def test_what_a_partner_wrote_moves_no_cursor() -> None:
    hostile = FAULTY_940.replace(b"DO-1", b"\x1b[2JDO").replace(b"SE*7*", b"SE*\x1b[1m*")
    hostile = hostile.replace(b"000000001*0*P", b"\x1b[31m001*0*P")
    for command in ("explain", "repair", "validate"):
        arguments = ["--dry-run"] if command == "repair" else []
        _, out, err = on_80_columns(command, "-", *arguments, stdin=hostile)
        assert "\x1b" not in out + err
        assert "[2JDO" in out or command == "repair"


NEW_ORDER = (BASE / "940-new-order.edi").read_bytes()


def test_a_count_is_told_last_and_to_be_made_again_where_a_segment_is_missing() -> None:
    without = re.sub(rb"W05[^~]*~\s*", b"", NEW_ORDER, count=1)
    code, out, _ = explained("-", stdin=without)
    assert code == 1
    assert out.index("1. W05 ") < out.index("2. SE01 ")
    assert "; count again" in out


def test_a_count_alone_is_told_without_more() -> None:
    wrong = re.sub(rb"SE\*\d+", b"SE*99", NEW_ORDER, count=1)
    code, out, _ = explained("-", stdin=wrong)
    assert code == 1
    assert "the number of segments from ST to SE\n" in out
    assert "count again" not in out


def test_a_set_in_the_wrong_group_is_said_and_found_behind_the_code_of_a_997(
    tmp_path: Path,
) -> None:
    sent, answer = tmp_path / "sent.edi", tmp_path / "answer.edi"
    sent.write_bytes(NEW_ORDER.replace(b"GS*OW*", b"GS*SW*"))
    _, acknowledgment, _ = on_80_columns("ack", sent)
    answer.write_text(acknowledgment)
    assert "AK5*R*6" in acknowledgment
    for arguments in ((sent,), (answer, "--of", sent)):
        code, out, _ = explained(*arguments)
        assert code == 1
        assert "ST01 Transaction Set Identifier Code does not belong in this group: '940'" in out
        assert "send  a set of group SW, or OW in GS01" in out


def test_what_is_not_supported_or_not_agreed_is_said_with_what_would_be(tmp_path: Path) -> None:
    home = tmp_path / "instance"
    write_instance(home)
    old = tmp_path / "old.edi"
    sample = BASE.parent / "northstar-3pl" / "945-parcels-by-third-party.edi"
    old.write_bytes(sample.read_bytes().replace(b"004010UCS", b"002040"))
    _, alone, _ = explained(old)
    assert "ST begins a set that is not taken: '945'" in alone
    assert "send  a set of which there is a schema, in a version" in alone
    _, agreed, _ = explained(old, "--home", home)
    assert "send  what was agreed on, or agree on this set first" in agreed


def test_a_sender_that_nobody_knows_is_said(tmp_path: Path) -> None:
    home = tmp_path / "instance"
    write_instance(home)
    file = tmp_path / "order.edi"
    file.write_bytes(NEW_ORDER.replace(b"ZZ*TIDEWATER", b"ZZ*SOUTHSTAR"))
    said = "is no partner of ours"
    for command in ("explain", "validate"):
        code, out, _ = on_80_columns(command, file, "--home", home)
        assert (code, said in out) == (0, True), out
        _, out, _ = on_80_columns(command, file)
        assert said not in out
    _, out, _ = on_80_columns("validate", file, "--home", home, "--json")
    assert said in out
