"""Rows of documents for people: as wide as the terminal allows, never cut."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.markup import escape

from gateway.canonical import DOCUMENTS, X12_SET
from gateway.cli.terminal import table
from gateway.pipeline.states import DeliveryState
from gateway.pipeline.views import DocumentSummary

_WIDE = 150
"""From here on each document has one line; below it, two."""

_BESIDE_THE_FILE = 60
"""What the narrow list's other columns take."""

_SHORTEST_FILE = 20

_NAMES = {
    name: tuple(path.rpartition(".")[2] for path in kind.business_keys)
    for name, kind in DOCUMENTS.items()
    if name != X12_SET  # whose keys are those of each set's schema
}
"""The business keys of each document type, the one that people know it by first."""

_COLOURS = {
    "accepted": "green",
    "delivered": "green",
    "routed": "green",
    "duplicate": "yellow",
    "held": "red",
    "sent": "green",
    "open": "red",
    "acknowledged": "yellow",
    "resolved": "green",
    "accepted_with_findings": "yellow",
    "accepted_with_errors": "yellow",
    "partly_accepted": "yellow",
    "overdue": "red",
    "unreadable": "red",
    "pending": "yellow",
    "rejected": "red",
    "rejected_yet_taken": "red",
    "quarantined": "red",
    "dead": "red",
    "refused": "yellow",
    "advised": "yellow",
    "none": "dim",
}


def print_list(
    summaries: Sequence[DocumentSummary], console: Console, *, asked: str | None = None
) -> None:
    """Print documents as a table, with the key that was asked for where one was."""
    if console.width >= _WIDE:
        shown = table(
            "id", "received (UTC)", "partner", "set", "key", "validation", "delivery",
            "acknowledgment", "file",
        )  # fmt: skip
        for summary in summaries:
            shown.add_row(*_wide_row(summary, asked or key_text(summary)))
    else:
        shown = table("id, UTC", "partner, file", "set, key", "validation, delivery, 997")
        for summary in summaries:
            shown.add_row(*_narrow_row(summary, asked or key_text(summary), width=console.width))
    console.print(shown, soft_wrap=False)


def print_reasons(summaries: Sequence[DocumentSummary], console: Console) -> None:
    """Print below a list why what did not arrive, or waits for a person, does so."""
    stuck = [summary for summary in summaries if _reasons(summary)]
    if not stuck:
        return
    console.print("[bold]Why they wait[/]")
    for summary in stuck:
        for number, (what, because) in enumerate(_reasons(summary)):
            short = summary.document.id[:8] if number == 0 else " " * 8
            line = f"  {short}  {escape(what)}: {escape(because)}"
            console.print(line, soft_wrap=True)


def _reasons(summary: DocumentSummary) -> list[tuple[str, str]]:
    document = summary.document
    if document.reason and document.because:
        return [(document.reason, document.because)]
    return [
        (one.destination if one.state == DeliveryState.DEAD else f"{one.destination}, again later",
         one.because)
        for one in summary.stuck
    ]  # fmt: skip


def coloured(status: str) -> str:
    """Return a status as markup, in the colour of what it means."""
    colour = _COLOURS.get(status, "default")
    return f"[{colour}]{escape(status.replace('_', ' '))}[/]"


def key_text(summary: DocumentSummary) -> str:
    """Return the business key that people know a document by: the first that its model names."""
    values = {key.name: key.value for key in reversed(summary.keys)}
    named = _NAMES.get(summary.document.document_type or "") or _named_like(values)
    some = next((key.value for key in summary.keys), "")
    return next((values[name] for name in named if name in values), some)


def _named_like(values: Iterable[str]) -> Sequence[str]:
    """Return the key names of the model that a set may have been meant for that became none."""
    fitting = [names for names in _NAMES.values() if {*values} <= {*names}]
    return min(fitting, key=len, default=())


def folded(name: str, room: int) -> str:
    """Break a name after hyphens, so that no line of it is longer than there is room."""
    lines = [""]
    for part in re.findall(r"[^-]+-?|-", name):
        if lines[-1] and len(lines[-1] + part) > room:
            lines.append("  ")
        lines[-1] += part
    return "\n".join(lines)


def _wide_row(summary: DocumentSummary, key: str) -> list[str]:
    document = summary.document
    return [
        document.id[:8],
        f"{document.received_at:%Y-%m-%d %H:%M:%S}",
        escape(document.partner),
        escape(document.set_id),
        escape(key),
        coloured(document.validation),
        coloured(document.delivery),
        coloured(document.acknowledgment),
        escape(summary.payload_name),
    ]


def _narrow_row(summary: DocumentSummary, key: str, *, width: int) -> list[str]:
    document = summary.document
    file = folded(summary.payload_name, max(_SHORTEST_FILE, width - _BESIDE_THE_FILE))
    return [
        f"{document.id[:8]}\n[dim]{document.received_at:%m-%d %H:%M}[/]",
        f"{escape(document.partner)}\n[dim]{escape(file)}[/]",
        f"{escape(document.set_id)}\n{escape(key)}",
        f"{coloured(document.validation)}\n"
        f"{coloured(document.delivery)}, {coloured(document.acknowledgment)}",
    ]
