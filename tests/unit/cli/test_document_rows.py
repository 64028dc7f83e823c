"""What is said below a list of documents: why those that did not arrive did not."""

from __future__ import annotations

import io
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
import typer
from rich.console import Console

from gateway.cli.document_rows import print_reasons
from gateway.cli.named import document_named
from gateway.pipeline.records import DocumentRecord
from gateway.pipeline.views import DocumentFilter, DocumentSummary, Stuck

FINE = DocumentRecord(
    id="11111111-0000", payload_id="p", interchange_id="i", direction="in", partner="quayside",
    set_id="850", version="004010", usage="P", group_control_number="1", control_number="0001",
    start=0, end=1, part=0, document_type="order", received_at=datetime(2026, 3, 2, tzinfo=UTC),
    validation="accepted", delivery="delivered", acknowledgment="sent",
)  # fmt: skip


def said(*summaries: DocumentSummary) -> list[str]:
    console = Console(file=io.StringIO(), width=80)
    print_reasons(summaries, console)
    return console.file.getvalue().splitlines()  # type: ignore[attr-defined]  # a StringIO


def test_each_delivery_that_did_not_arrive_says_why() -> None:
    dead = replace(FINE, id="22222222-0000", delivery="dead")
    waiting = replace(FINE, id="33333333-0000", reason="no_route", because="no rule [takes] it")
    stuck = (Stuck("erp", "dead", "HTTP 422: locked"), Stuck("bus", "due", "refused " * 20))
    assert said(
        DocumentSummary(FINE, "a.edi", ()),
        DocumentSummary(dead, "b.edi", (), stuck),
        DocumentSummary(waiting, "c.edi", ()),
    ) == [
        "Why they wait",
        "  22222222  erp: HTTP 422: locked",
        f"            bus, again later: {'refused ' * 20}",
        "  33333333  no_route: no rule [takes] it",
    ]


@dataclass
class Desk:
    """Looks up documents that all have one number."""

    found: list[DocumentSummary]

    def document(self, beginning: str) -> None:
        return None

    def documents(self, wanted: DocumentFilter) -> list[DocumentSummary]:
        assert wanted.key == "PO-7"
        return self.found[: wanted.limit]


def test_a_number_that_several_documents_have_names_each_by_its_id(
    capsys: pytest.CaptureFixture[str],
) -> None:
    two = [DocumentSummary(replace(FINE, direction=way), "a.edi", ()) for way in ("in", "out")]
    for found, ending in ((two, ""), (two * 6, " and more: gateway documents list --key PO-7")):
        with pytest.raises(typer.Exit) as stopped:
            document_named(SimpleNamespace(desk=Desk(found)), "PO-7")  # type: ignore[arg-type]  # only the desk is asked
        assert stopped.value.exit_code == 1
        named = ", ".join(
            f"11111111 (850 {one.document.direction}, quayside)" for one in found[:10]
        )
        said = f"several documents have the number 'PO-7'; by their ids: {named}{ending}\n"
        assert capsys.readouterr().err.endswith(said)


def test_a_list_of_what_arrived_says_nothing() -> None:
    assert said(DocumentSummary(FINE, "a.edi", ())) == []
