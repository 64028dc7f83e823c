"""Shows one document with everything that is known of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

import orjson
from rich.console import Console
from rich.json import JSON
from rich.markup import escape

from gateway.canonical import X12_SET
from gateway.cli import show_exchanges, show_findings
from gateway.cli.document_rows import coloured, key_text
from gateway.cli.show_acknowledgments import acknowledged_json, print_acknowledged, print_said
from gateway.cli.show_deliveries import print_deliveries
from gateway.cli.showing import print_facts, print_timelines
from gateway.cli.terminal import results, table
from gateway.cli.waiting_rows import because, goes_out
from gateway.findings import Severity
from gateway.pipeline.outcome import RELEASABLE, Reason
from gateway.pipeline.outgoing_records import OutgoingRecord
from gateway.pipeline.reconciliation_records import Acknowledged
from gateway.pipeline.records import DocumentRecord, FindingRecord
from gateway.pipeline.states import AwaitedStatus, DeliveryStatus
from gateway.pipeline.views import DocumentSummary, DocumentView
from gateway.x12.characters import from_ebcdic, is_ebcdic
from gateway.x12.model import Delimiters

_TAKEN: Mapping[str, str] = {
    Severity.NOTE: "noted: taken by agreement",
    Severity.IGNORE: "ignored",
}

_NEXT_STEPS: Mapping[str, tuple[str, str]] = {
    DeliveryStatus.QUARANTINED: ("documents retranslate", "once its map is mended"),
    DeliveryStatus.DEAD: ("documents redeliver", "once its destination takes it"),
}
_REROUTE = ("documents reroute", "once routes.yaml is mended")

_NEXT_STEPS_OUT: Mapping[str, tuple[str, str]] = {
    DeliveryStatus.QUARANTINED: ("outbound rewrite", "once its map or the agreement is mended"),
    DeliveryStatus.DEAD: ("outbound resend", "once the partner's place takes it"),
}
"""Of documents of ours."""


def print_view(
    view: DocumentView,
    home: Path,
    about: Sequence[Acknowledged] = (),
    resting: Mapping[str, str] = {},
) -> None:
    """Print a document in sections, what matters most first; paths as seen from its home.

    `resting` says of destinations, by their names, why nothing is sent there now.
    """
    console = results()
    _print_head(view, console)
    if view.findings:
        _heading("Findings", console)
        for record in view.findings:
            _print_finding(record, view, console)
    if view.deliveries:
        _heading("Deliveries", console)
        print_deliveries(view, resting, console)
    if view.outgoing is not None:
        _print_outgoing(view.outgoing, console)
    if view.verdicts:
        _heading("What the partner said", console)
        print_said(view.verdicts, console)
    print_acknowledged(about, console)
    if view.waiting is not None:
        reason = because(view.waiting, view.hold)
        said = f"{view.waiting.state}: {reason}" if reason else view.waiting.state
        _heading(f"Waits for an interchange: {escape(said)}", console)
        console.print(f"  goes out {goes_out(view.waiting, view.hold)}")
    for acknowledgment in view.acknowledgments:
        _print_acknowledgment(acknowledgment, console)
    _print_order(view, console)
    print_timelines(view.timeline, home)
    if view.raw:
        _heading("As sent" if view.document.direction == "out" else "As received", console)
        _print_segments(view.raw, _delimiters(view).terminator, console)
    if view.document.canonical is not None:
        _heading("Canonical document", console)
        console.print(JSON(view.document.canonical.decode(), highlight=True))


def as_json(view: DocumentView, said: Sequence[Acknowledged] = ()) -> dict[str, object]:
    """Return a document as JSON can hold it."""
    document = _without(asdict(view.document), "canonical")
    canonical = view.document.canonical
    return {
        "document": document,
        "canonical": orjson.loads(canonical) if canonical is not None else None,
        "raw": view.raw.decode("latin-1"),
        "payload": _without(asdict(view.payload), "content"),
        "interchange": asdict(view.interchange) if view.interchange is not None else None,
        "outgoing": _outgoing_json(view.outgoing) if view.outgoing is not None else None,
        "keys": [{"name": key.name, "value": key.value} for key in view.keys],
        "findings": [show_findings.as_json(finding) for finding in view.findings],
        "deliveries": [asdict(delivery) for delivery in view.deliveries],
        "held_behind": {held: asdict(first) for held, first in view.held_behind.items()},
        "attempts": [asdict(attempt) for attempt in view.attempts],
        "exchanges": [show_exchanges.as_json(one) for one in view.exchanges],
        "acknowledgments": [_outgoing_json(one) for one in view.acknowledgments],
        "verdicts": [asdict(one) for one in view.verdicts],
        "acknowledged": acknowledged_json(said),
        "related": [_related_json(one.document) for one in view.related],
        "timeline": [asdict(entry) for entry in view.timeline],
    }


def _related_json(one: DocumentRecord) -> dict[str, object]:
    return _without(asdict(one), "canonical")


def _outgoing_json(one: OutgoingRecord) -> dict[str, object]:
    return {**asdict(one), "content": one.content.decode("latin-1")}


def _without(values: dict[str, object], name: str) -> dict[str, object]:
    return {key: value for key, value in values.items() if key != name}


def _heading(text: str, console: Console) -> None:
    console.print(f"\n[bold]{text}[/]")


def _print_head(view: DocumentView, console: Console) -> None:
    document = view.document
    keys = ", ".join(f"{key.name.replace('_', ' ')} {key.value}" for key in view.keys)
    console.print(f"[bold]{escape(document.set_id)} {escape(keys)}[/]  {document.id}")
    facts: Mapping[str, str] = {
        "partner": f"{document.partner}{_parties(view)}",
        "usage": {"P": "production", "T": "test"}.get(document.usage, document.usage),
        "payload": f"{view.payload.name}, {view.payload.size} bytes, "
        f"{'submitted' if document.direction == 'out' else 'received'} "
        f"{view.payload.received_at:%Y-%m-%d %H:%M:%S}",
        "numbers": _numbers(view),
        "correlation id": view.payload.id,
        "map": f"{_map(document)}, {_outcome(document)}",
        "validation": document.validation.replace("_", " "),
        "delivery": document.delivery,
        "acknowledgment": document.acknowledgment,
    }
    print_facts(facts)
    if document.because:
        owner = f" ({document.owner} acts)" if document.owner else ""
        console.print(
            f"  [red]{escape(document.reason or 'reason')}[/]: "
            f"{escape(document.because)}{escape(owner)}",
        )
    steps = _NEXT_STEPS_OUT if document.direction == "out" else _NEXT_STEPS
    if document.reason in RELEASABLE and document.delivery == DeliveryStatus.QUARANTINED:
        short = document.id[:8]
        console.print(f"  [dim]next[/]: gateway quarantine release {short}, or refuse {short}")
    elif document.delivery in steps:
        command, when = steps[document.delivery]
        if document.direction == "in" and document.reason == Reason.NO_ROUTE:
            command, when = _REROUTE
        short = document.id[:8]
        console.print(f"  [dim]next[/]: gateway {command} {short}, {when}")
        if refusing := _refusing(document):
            console.print(f"        or gateway {refusing} {short}, where nobody wants it any more")


def _refusing(document: DocumentRecord) -> str:
    """Say which command gives a document up that waits; nothing for what went out."""
    if document.direction == "in":
        return "quarantine refuse"
    return "outbound refuse" if document.delivery == DeliveryStatus.QUARANTINED else ""


def _map(document: DocumentRecord) -> str:
    if document.document_type == X12_SET:
        return "none: its agreement names no map"
    version = f" version {document.map_hash}" if document.map and document.map_hash else ""
    return f"{document.map or 'none'}{version}"


def _parties(view: DocumentView) -> str:
    envelope = view.interchange or view.outgoing
    return f"  {envelope.sender} → {envelope.receiver}" if envelope is not None else ""


def _numbers(view: DocumentView) -> str:
    document, envelope = view.document, view.interchange or view.outgoing
    if envelope is None:
        return "none yet"
    return (
        f"interchange {envelope.control_number}, group {document.group_control_number}, "
        f"set {document.control_number}"
    )


def _outcome(document: DocumentRecord) -> str:
    """Say what the map made; statuses say the rest."""
    return (
        f"made {document.document_type.replace('_', ' ')}"
        if document.document_type
        else "made no document"
    )


def _print_finding(record: FindingRecord, view: DocumentView, console: Console) -> None:
    start = view.document.start
    lines = show_findings.lines(
        show_findings.finding_of(record), view.raw, _delimiters(view), start=start
    )
    for number, line in enumerate(lines):
        line.pad_left(2)
        if number == 0 and record.severity in _TAKEN:
            line.append(f"  ({_TAKEN[record.severity]})", style="dim")
        console.print(line)


def _delimiters(view: DocumentView) -> Delimiters:
    """Read the separators off the ST segment, whose content is known."""
    raw = from_ebcdic(view.raw) if is_ebcdic(view.raw) else view.raw
    text = raw.decode("latin-1")
    document = view.document
    element = text[2:3] or "*"
    end = len(f"ST{element}{document.set_id}{element}{document.control_number}")
    terminator = text[end : end + 1]
    if terminator == element:  # ST has more elements than it may
        terminator = text[-1:]
    return Delimiters(element=element, terminator=terminator or "~")


def _print_order(view: DocumentView, console: Console) -> None:
    """Print the documents of the same order as a table, this one among them."""
    if not view.related:
        return
    this = DocumentSummary(view.document, view.payload.name, view.keys)
    _heading("Documents of the same order", console)
    shown = table("", "when (UTC)", "set", "key", "partner", "delivery", "acknowledgment", "")
    for one in sorted((this, *view.related), key=lambda s: (s.document.received_at, s.document.id)):
        document = one.document
        shown.add_row(
            "→" if one is this else "",
            f"{document.received_at:%Y-%m-%d %H:%M:%S}",
            escape(f"{document.set_id} {document.direction}"),
            escape(key_text(one)),
            escape(document.partner),
            coloured(document.delivery),
            coloured(document.acknowledgment),
            f"{document.id[:8]}{_cause(document)}",
        )
    console.print(shown, soft_wrap=False)


def _cause(document: DocumentRecord) -> str:
    if document.caused_by is None:
        return ""
    about = "made of" if document.direction == "out" else "about"
    return f", {about} {document.caused_by[:8]}"


def _print_outgoing(outgoing: OutgoingRecord, console: Console) -> None:
    _heading(f"Goes out in {escape(outgoing.name)}: {outgoing.state}", console)
    if outgoing.sent_at is not None:
        console.print(f"  sent {outgoing.sent_at:%Y-%m-%d %H:%M:%S %Z}")
    if outgoing.last_error is not None:
        console.print(f"  last answer: {escape(outgoing.last_error)}")
    if outgoing.expects is not None and outgoing.acknowledged_at is None:
        due = outgoing.acknowledgment_due_at
        by = f" by {due:%Y-%m-%d %H:%M:%S %Z}" if due is not None else ", once it was sent"
        late = ": overdue" if outgoing.acknowledgment == AwaitedStatus.OVERDUE else ""
        console.print(f"  {outgoing.expects} expected{by}{late}")
    console.print(f"  [dim]gateway outbound show {outgoing.id[:8]}[/]")


def _print_acknowledgment(acknowledgment: OutgoingRecord, console: Console) -> None:
    _heading(f"Acknowledgment {acknowledgment.kind}: {acknowledgment.state}", console)
    console.print(f"  [dim]{escape(acknowledgment.name)}[/]")
    # ISA is 106 bytes; its last one is the terminator of everything that follows.
    terminator = acknowledgment.content[105:106].decode("latin-1") or "~"
    _print_segments(acknowledgment.content, terminator, console)


def _print_segments(content: bytes, terminator: str, console: Console) -> None:
    """Print one segment a line, whatever ends it and wherever lines were broken."""
    # Split first: the terminator may be a line break itself.
    for segment in content.decode("latin-1").split(terminator):
        if shown := segment.replace("\r", "").replace("\n", ""):
            console.print(f"  {escape(shown)}")
