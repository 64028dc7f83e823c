"""What `documents show` prints of a document, whatever its partner's files look like."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
import typer

from gateway.cli import show_document
from gateway.cli.answers import print_answers
from gateway.pipeline.asked import Done
from gateway.pipeline.records import (
    DeliveryRecord,
    DocumentRecord,
    FindingRecord,
    InterchangeRecord,
    PayloadRecord,
    TimelineRecord,
)
from gateway.pipeline.views import DocumentView

AT = datetime(2026, 3, 2, 9, 15, tzinfo=UTC)
HOME = Path("/srv/edi")


def view(raw: bytes = b"ST*940*0001~W05*N*1~SE*3*0001~", **changes: object) -> DocumentView:
    payload = PayloadRecord(
        "payload-1", "read", "tidewater", "directory", "", "a.edi", AT, 9, "hash", b""
    )
    interchange = InterchangeRecord(
        "interchange-1", "payload-1", "routed", "tidewater", "ZZ/A", "ZZ/B", "000000001", "00401",
        "P", 0, 9, "hash", AT,
    )  # fmt: skip
    document = DocumentRecord(
        "document-1", "payload-1", "interchange-1", "in", "tidewater", "940", "004010", "P", "1",
        "0001", 0, len(raw), 0, None, AT, "accepted", "pending", "sent",
    )  # fmt: skip
    made = DocumentView(document, payload, interchange, None, None, raw, (), (), (), (), (), ())
    return replace(made, **changes)  # type: ignore[arg-type]  # of the fields by their names


def printed(shown: DocumentView, capsys: pytest.CaptureFixture[str]) -> list[str]:
    show_document.print_view(shown, HOME)
    return capsys.readouterr().out.splitlines()


@pytest.mark.parametrize(
    "raw",
    [
        b"ST*940*0001\nW05*N*1\nSE*3*0001\n",
        b"ST*940*0001\r\nW05*N*1\r\nSE*3*0001\r",
        b"ST*940*0001~\r\nW05*N*1~\r\nSE*3*0001~",
        b"ST*940*0001~W05*N\n*1~SE*3*0001~",
        b"ST*940*0001'W05*N*1'SE*3*0001'",
    ],
)
def test_each_segment_has_a_line_whatever_ends_it(
    raw: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = printed(view(raw), capsys)
    received = lines[lines.index("As received") + 1 :]
    assert received == ["  ST*940*0001", "  W05*N*1", "  SE*3*0001"]


def test_an_st_with_too_many_elements_does_not_hide_the_terminator(
    capsys: pytest.CaptureFixture[str],
) -> None:
    lines = printed(view(b"ST*940*0001*X~W05*N*1~SE*3*0001~"), capsys)
    assert lines[-3:] == ["  ST*940*0001*X", "  W05*N*1", "  SE*3*0001"]


def test_the_head_names_the_correlation_id_and_names_keep_their_underscores(
    capsys: pytest.CaptureFixture[str],
) -> None:
    shown = view()
    shown = replace(shown, payload=replace(shown.payload, name="po_7.edi"))
    lines = printed(shown, capsys)
    assert "  correlation id payload-1" in lines
    assert "  payload        po_7.edi, 9 bytes, received 2026-03-02 09:15:00" in lines


def test_a_delivery_that_waits_says_when_it_is_tried_next(
    capsys: pytest.CaptureFixture[str],
) -> None:
    waiting = DeliveryRecord(
        "d", "document-1", "erp", 1, "due", 2, 12, AT, "orders", "d", "payload-1", "hash",
        last_error="HTTP 503",
    )  # fmt: skip
    lines = printed(view(deliveries=(waiting,)), capsys)
    assert "  erp: due after 2 attempts, last answer: HTTP 503" in lines
    assert "    next attempt 2026-03-02 09:15:00 UTC" in lines
    fresh = replace(waiting, attempt=0, last_error=None)
    assert "next attempt" not in "".join(printed(view(deliveries=(fresh,)), capsys))


@pytest.mark.parametrize(
    ("severity", "mark"),
    [
        ("reject", ""),
        ("note", "  (noted: taken by agreement)"),
        ("ignore", "  (ignored)"),
    ],
)
def test_what_an_agreement_tolerates_is_marked_so(
    severity: str, mark: str, capsys: pytest.CaptureFixture[str]
) -> None:
    finding = FindingRecord(
        "interchange-1", "document-1", "element_too_long", "element", severity,
        '{"segment_id": "W05", "element": 1, "segment_position": 2, "offset": 12}',
        "N", "expected at most 0", None, None,
    )  # fmt: skip
    lines = printed(view(findings=(finding,)), capsys)
    at = lines.index("Findings") + 1
    said = "W0501, segment 2, byte 12  element too long: expected at most 0, found 'N'"
    assert lines[at : at + 3] == [f"  {said}{mark}", "    W05*N*1", "        ^"]


def test_paths_in_the_timeline_are_told_from_the_home(
    capsys: pytest.CaptureFixture[str],
) -> None:
    sent = TimelineRecord("acknowledgment", "a", AT, "send", "/srv/edi/sftp_inbox/t/out/1.edi")
    lines = printed(view(timeline=(sent,)), capsys)
    assert any(line.endswith(" sftp_inbox/t/out/1.edi") for line in map(str.rstrip, lines))


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (Done("d", done=True, what="goes to erp"), 0),
        (Done("d", done=False, what="translates to the same content", needless=True), 0),
        (Done("d", done=False, what="has no delivery"), 1),
    ],
)
def test_only_what_could_not_be_done_exits_1(answer: Done, code: int) -> None:
    with pytest.raises(typer.Exit) as left:
        print_answers([answer], as_json=False)
    assert left.value.exit_code == code


def test_a_delivery_that_was_given_up_says_who_acts(capsys: pytest.CaptureFixture[str]) -> None:
    dead = DeliveryRecord(
        "d", "document-1", "erp", 1, "dead", 12, 12, AT, "orders", "d", "payload-1", "hash",
        last_error="HTTP 503", owner="erp-team",
    )  # fmt: skip
    lines = printed(view(deliveries=(dead,)), capsys)
    at = lines.index("  erp: dead after 12 attempts, last answer: HTTP 503")
    assert lines[at + 1] == "    given up (erp-team acts)"
