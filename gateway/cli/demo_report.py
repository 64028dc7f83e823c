"""What the demo shows at its end: each document's three statuses, sums, and where to look next."""

from __future__ import annotations

from collections import Counter

from rich.console import Console
from rich.markup import escape

from gateway.app import App
from gateway.cli.documents import coloured, key_text
from gateway.cli.receiver import Receiver
from gateway.cli.terminal import table
from gateway.pipeline.records import DocumentFilter, DocumentSummary

_ALL = 100_000


def print_report(app: App, receiver: Receiver, console: Console) -> None:
    """Print the table, the sums and the next steps."""
    summaries = sorted(
        app.desk.documents(DocumentFilter(limit=_ALL)),
        key=lambda one: (one.document.partner, one.payload_name, one.document.start),
    )
    _print_documents(summaries, console)
    _print_interchanges_without_documents(app, summaries, console)
    _print_sums(app, summaries, receiver, console)
    _print_next_steps(app, summaries, console)


def _print_documents(summaries: list[DocumentSummary], console: Console) -> None:
    columns = (
        "file", "partner", "set", "business key", "validation", "delivery", "acknowledgment"
    )  # fmt: skip
    shown = table(*columns, narrow=("file", "partner", "business key"))
    before = ("", "")
    for summary in summaries:
        document = summary.document
        name = (document.partner, summary.payload_name)
        shown.add_row(
            "" if name == before else escape(summary.payload_name.removesuffix(".edi")),
            "" if name[0] == before[0] else escape(document.partner),
            escape(document.set_id),
            escape(key_text(summary)),
            coloured(document.validation),
            coloured(document.delivery),
            coloured(document.acknowledgment),
        )
        before = name
    console.print(shown, soft_wrap=False)


def _print_interchanges_without_documents(
    app: App, summaries: list[DocumentSummary], console: Console
) -> None:
    """Print what waits for a person before it could become a document."""
    known = {summary.document.interchange_id for summary in summaries}
    for interchange in app.desk.interchanges(limit=_ALL):
        if interchange.id not in known and interchange.because:
            console.print(
                f"  [red]{escape(interchange.state)}[/] interchange "
                f"{escape(interchange.control_number)}: {escape(interchange.because)}",
            )
    for payload in app.desk.payloads(state="quarantined", limit=_ALL):
        console.print(
            f"  [red]quarantined[/] {escape(payload.name)}: {escape(payload.because or '')}"
        )


def _print_sums(
    app: App, summaries: list[DocumentSummary], receiver: Receiver, console: Console
) -> None:
    validation = Counter(summary.document.validation for summary in summaries)
    delivery = Counter(summary.document.delivery for summary in summaries)
    acknowledgments = [
        path
        for partner in app.instance.partners.values()
        for path in app.instance.outbound_folder(partner).glob("[!.]*")
    ]
    accepted = validation["accepted"] + validation["accepted_with_findings"]
    console.print(
        f"\n  {len(summaries)} transaction sets: {accepted} accepted, "
        f"{validation['rejected']} rejected, {delivery['quarantined']} waiting for a person\n"
        f"  the ERP refused {receiver.refused} calls, then took {len(receiver.documents)} "
        f"documents under as many idempotency keys ({receiver.repeats} repeats)\n"
        f"  {len(acknowledgments)} acknowledgment files lie in sftp_inbox/*/out",
    )


def _print_next_steps(app: App, summaries: list[DocumentSummary], console: Console) -> None:
    home = escape(str(app.instance.home))
    console.print("\n[bold]Where to look next[/]")
    examples = (
        ("delivered", "a document from bytes to ERP"),
        ("rejected", "findings at their place, and the 997 that says so"),
        ("quarantined", "valid X12 that its map cannot take"),
    )
    for status, what in examples:
        found = next((s.document for s in summaries if status in _statuses(s)), None)
        if found is not None:
            command = f"gateway documents show {found.id[:8]} --home {home}"
            console.print(f"  {command}   [dim]# {what}[/]")
    console.print(f"  gateway run --home {home}   [dim]# go on with this instance[/]")
    console.print("  gateway init DIR   [dim]# one of your own[/]")


def _statuses(summary: DocumentSummary) -> tuple[str, str]:
    return summary.document.validation, summary.document.delivery
