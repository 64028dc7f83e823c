"""What the demo shows at its end: each document's three statuses, sums, and where to look next."""

from __future__ import annotations

import shlex
import shutil
import sys
from collections import Counter
from pathlib import Path

from rich.cells import cell_len
from rich.console import Console
from rich.markup import escape, render

from gateway.app import App
from gateway.cli.document_rows import coloured, folded, key_text
from gateway.cli.receiver import Receiver
from gateway.cli.terminal import table
from gateway.pipeline.outgoing_records import DOCUMENTS
from gateway.pipeline.views import DocumentFilter, DocumentSummary

_ALL = 100_000

_COLUMNS = ("file", "set", "business key", "validation", "delivery", "997")
_EXAMPLES = (
    ("delivered", "from bytes to the ERP"),
    ("rejected", "findings, and the 997 that says so"),
    ("quarantined", "valid, but its map cannot take it"),
)
_SHORTEST_FILE = 20
_BETWEEN = 2
"""Blanks after each column of a table; one more stands before the first."""


def print_report(app: App, receiver: Receiver, console: Console) -> None:
    """Print the table, the sums and the next steps."""
    summaries = sorted(
        app.desk.documents(DocumentFilter(limit=_ALL)),
        key=lambda one: (one.document.partner, one.payload_name, one.document.start),
    )
    _print_documents(summaries, console)
    _print_legend(summaries, console)
    _print_interchanges_without_documents(app, summaries, console)
    _print_sums(app, summaries, receiver, console)
    _print_next_steps(app, summaries, console)


def _print_documents(summaries: list[DocumentSummary], console: Console) -> None:
    """Print a row for each document, below its partner; file names break where they have to."""
    shown = table(*_COLUMNS)
    rows = [_statuses_row(summary) for summary in summaries]
    room = max(_SHORTEST_FILE, console.width - _width_of(rows))
    before = ("", "")
    for summary, row in zip(summaries, rows, strict=True):
        name = (summary.document.partner, summary.payload_name)
        if name[0] != before[0]:
            shown.add_row(f"[bold]{escape(name[0])}[/]")
        file = "" if name == before else folded(name[1].removesuffix(".edi"), room)
        shown.add_row(escape(file), *row)
        before = name
    console.print(shown, soft_wrap=False)


def _statuses_row(summary: DocumentSummary) -> tuple[str, ...]:
    document = summary.document
    validation = coloured(document.validation)
    return (
        escape(document.set_id),
        escape(key_text(summary)),
        # The whole word is twenty characters wider than any other; the legend says it.
        validation.replace("accepted with findings", "accepted*"),
        coloured(document.delivery),
        coloured(document.acknowledgment),
    )


def _width_of(rows: list[tuple[str, ...]]) -> int:
    """Return how wide everything but the file's column is."""
    columns = zip(*([escape(title) for title in _COLUMNS[1:]], *rows), strict=True)
    widths = (max(cell_len(render(cell).plain) for cell in column) for column in columns)
    return sum(width + _BETWEEN for width in widths) + _BETWEEN + 1


def _print_legend(summaries: list[DocumentSummary], console: Console) -> None:
    if any(one.document.validation == "accepted_with_findings" for one in summaries):
        console.print("  * with findings that the agreement with the partner lets pass")
    console.print(
        "  Files called invalid- are faulty on purpose. What is rejected is answered by\n"
        "  a 997 that says why; what is quarantined is valid X12 that waits for a person.\n"
    )


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
    came = [summary.document for summary in summaries if summary.document.direction == "in"]
    validation = Counter(document.validation for document in came)
    delivery = Counter(document.delivery for document in came)
    sent = Counter(one.kind == DOCUMENTS for one in app.desk.outbound.outgoing("sent", limit=_ALL))
    accepted = validation["accepted"] + validation["accepted_with_findings"]
    console.print(
        f"  {len(came)} transaction sets came: {validation['rejected']} rejected, "
        f"{accepted} accepted, {delivery['quarantined']} of them quarantined\n"
        f"  the ERP refused {receiver.refused} calls, then took {len(receiver.documents)} "
        f"documents, each once ({receiver.repeats} repeats)\n"
        f"  {sent[False]} acknowledgment files and {sent[True]} order of ours lie in "
        "sftp_inbox/*/out",
    )


def _print_next_steps(app: App, summaries: list[DocumentSummary], console: Console) -> None:
    home = shlex.quote(str(app.instance.home))
    console.print("\n[bold]Where to look next[/]")
    if shutil.which("gateway") is None:
        activate = shlex.quote(str(Path(sys.executable).parent / "activate"))
        console.print(f"  . {escape(activate)}")
    console.print(f"  export GATEWAY_HOME={escape(home)}")
    came = [summary.document for summary in summaries if summary.document.direction == "in"]
    ours = next((s.document for s in summaries if s.document.direction == "out"), None)
    if ours is not None:
        _print_step(
            f"gateway documents show {ours.id[:8]}", "an order of ours, and its X12", console
        )
    for status, what in _EXAMPLES:
        found = next((d for d in came if status in (d.validation, d.delivery)), None)
        if found is not None:
            _print_step(f"gateway documents show {found.id[:8]}", what, console)
    [(key, _)] = Counter(filter(None, map(key_text, summaries))).most_common(1) or [("KEY", 0)]
    step = f"gateway documents list --key {shlex.quote(key)}"
    _print_step(step, "all that came about one order", console)
    _print_step("gateway run", "go on with this instance", console)
    _print_step("gateway init DIR", "make one of your own", console)


def _print_step(command: str, what: str, console: Console) -> None:
    console.print(f"  {escape(command):<40} [dim]# {what}[/]")
