"""Shows one document with everything that is known of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict

import orjson
from rich.console import Console
from rich.json import JSON
from rich.markup import escape

from gateway.cli import show_findings
from gateway.cli.document_rows import coloured
from gateway.cli.terminal import results, table
from gateway.findings import Finding, FindingCode, Location, Severity
from gateway.pipeline.flow import DeliveryStatus
from gateway.pipeline.records import (
    AcknowledgmentRecord,
    DocumentRecord,
    DocumentView,
    FindingRecord,
)
from gateway.x12.model import Delimiters

_TAKEN: Mapping[str, str] = {
    Severity.NOTE: "noted: taken by agreement",
    Severity.IGNORE: "ignored by agreement",
}

_NEXT_STEPS: Mapping[str, tuple[str, str]] = {
    DeliveryStatus.QUARANTINED: ("retranslate", "once its map or route is mended"),
    DeliveryStatus.DEAD: ("redeliver", "once its destination takes it"),
}


def print_view(view: DocumentView) -> None:
    """Print a document in sections, what matters most first."""
    console = results()
    _print_head(view, console)
    if view.findings:
        _heading("Findings", console)
        for record in view.findings:
            _print_finding(record, view, console)
    _print_deliveries(view, console)
    for acknowledgment in view.acknowledgments:
        _print_acknowledgment(acknowledgment, console)
    _heading("Timeline", console)
    shown = table("when", "what", "verb", "detail")
    for entry in view.timeline:
        when = f"{entry.at:%Y-%m-%d %H:%M:%S.%f}"[:-3]
        shown.add_row(when, entry.subject, entry.verb, escape(entry.detail))
    console.print(shown, soft_wrap=False)
    _heading("As received", console)
    delimiters = _delimiters(view)
    text = view.raw.decode("latin-1").replace("\r", "").replace("\n", "")
    for segment in text.split(delimiters.terminator):
        if segment:
            console.print(f"  {escape(segment)}")
    if view.document.canonical is not None:
        _heading("Canonical document", console)
        console.print(JSON(view.document.canonical.decode(), highlight=True))


def as_json(view: DocumentView) -> dict[str, object]:
    """Return a document as JSON can hold it."""
    document = _without(asdict(view.document), "canonical")
    canonical = view.document.canonical
    return {
        "document": document,
        "canonical": orjson.loads(canonical) if canonical is not None else None,
        "raw": view.raw.decode("latin-1"),
        "payload": _without(asdict(view.payload), "content"),
        "interchange": asdict(view.interchange),
        "keys": [{"name": key.name, "value": key.value} for key in view.keys],
        "findings": [_finding_json(finding) for finding in view.findings],
        "deliveries": [asdict(delivery) for delivery in view.deliveries],
        "attempts": [asdict(attempt) for attempt in view.attempts],
        "acknowledgments": [
            {**asdict(one), "content": one.content.decode("latin-1")}
            for one in view.acknowledgments
        ],
        "timeline": [asdict(entry) for entry in view.timeline],
    }


def _without(values: dict[str, object], name: str) -> dict[str, object]:
    return {key: value for key, value in values.items() if key != name}


def _finding_json(finding: FindingRecord) -> dict[str, object]:
    return {**asdict(finding), "location": orjson.loads(finding.location or "{}")}


def _heading(text: str, console: Console) -> None:
    console.print(f"\n[bold]{text}[/]")


def _print_head(view: DocumentView, console: Console) -> None:
    document, interchange = view.document, view.interchange
    keys = ", ".join(f"{key.name.replace('_', ' ')} {key.value}" for key in view.keys)
    console.print(f"[bold]{escape(document.set_id)} {escape(keys)}[/]  {document.id}")
    facts: Mapping[str, str] = {
        "partner": f"{document.partner}  {interchange.sender} → {interchange.receiver}",
        "payload": f"{view.payload.name}, {view.payload.size} bytes, "
        f"received {view.payload.received_at:%Y-%m-%d %H:%M:%S}",
        "numbers": f"interchange {interchange.control_number}, group "
        f"{document.group_control_number}, set {document.control_number}",
        "map": f"{document.map or 'none'}, {_outcome(document)}",
        "validation": document.validation,
        "delivery": document.delivery,
        "acknowledgment": document.acknowledgment,
    }
    for name, value in facts.items():
        console.print(f"  [dim]{name:<15}[/]{escape(value.replace('_', ' '))}")
    if document.because:
        owner = f" ({document.owner} acts)" if document.owner else ""
        console.print(
            f"  [red]{escape(document.reason or 'reason')}[/]: "
            f"{escape(document.because)}{escape(owner)}",
        )
    if document.delivery in _NEXT_STEPS:
        command, when = _NEXT_STEPS[document.delivery]
        console.print(f"  [dim]next[/]: gateway documents {command} {document.id[:8]}, {when}")


def _outcome(document: DocumentRecord) -> str:
    """Say what the map made; statuses say the rest."""
    return f"made {document.document_type}" if document.document_type else "made no document"


def _print_finding(record: FindingRecord, view: DocumentView, console: Console) -> None:
    start = view.document.start
    lines = show_findings.lines(_finding(record), view.raw, _delimiters(view), start=start)
    for number, line in enumerate(lines):
        line.pad_left(2)
        if number == 0 and record.severity in _TAKEN:
            line.append(f"  ({_TAKEN[record.severity]})", style="dim")
        console.print(line)


def _finding(record: FindingRecord) -> Finding:
    return Finding(
        FindingCode(record.code),
        Location(**orjson.loads(record.location or "{}")),
        record.value,
        record.detail,
        record.data_element,
        record.field,
    )


def _delimiters(view: DocumentView) -> Delimiters:
    """Read the separators off the ST segment, whose content is known."""
    text = view.raw.decode("latin-1")
    document = view.document
    element = text[2:3] or "*"
    end = len(f"ST{element}{document.set_id}{element}{document.control_number}")
    return Delimiters(element=element, terminator=text[end : end + 1] or "~")


def _print_deliveries(view: DocumentView, console: Console) -> None:
    if not view.deliveries:
        return
    _heading("Deliveries", console)
    for delivery in view.deliveries:
        answers = [one.answer for one in view.attempts if one.delivery_id == delivery.id]
        last = delivery.last_error or (answers[-1] if answers else "")
        attempts = "1 attempt" if delivery.attempt == 1 else f"{delivery.attempt} attempts"
        console.print(
            f"  {escape(delivery.destination)}: {coloured(delivery.state)} after {attempts}"
            f"{escape(f', last answer: {last}' if last else '')}"
        )
        console.print(
            f"    [dim]by route {escape(delivery.route)}, "
            f"idempotency key {delivery.idempotency_key}[/]"
        )


def _print_acknowledgment(acknowledgment: AcknowledgmentRecord, console: Console) -> None:
    _heading(f"Acknowledgment {acknowledgment.kind}: {acknowledgment.state}", console)
    console.print(f"  [dim]{escape(acknowledgment.name)}[/]")
    text = acknowledgment.content.decode("latin-1")
    # ISA is 106 bytes; its last one is the terminator of everything that follows.
    for segment in text.split(text[105:106] or "~"):
        if segment.strip():
            console.print(f"  {escape(segment.strip())}")
