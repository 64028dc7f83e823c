"""`gateway translate`: X12 in, canonical JSON out, or the other way round; nothing is stored."""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Annotated, cast

import orjson
import typer
from rich.markup import escape

from gateway import canonical, clock, config
from gateway.acks.results import strictly
from gateway.canonical.envelope import UnmappedSegment
from gateway.cli import show_findings
from gateway.cli.examine import Examiner, Graded, graded
from gateway.cli.maps_in_use import MapsInUse
from gateway.cli.terminal import (
    ExitCode,
    InputUnreadable,
    OptionalHome,
    read_input,
    remarks,
    shown_name,
    write_bytes,
)
from gateway.findings import Finding, Severity
from gateway.mapping.compiled import CompiledMap
from gateway.mapping.plan import Json
from gateway.pipeline.stages.locate import located
from gateway.pipeline.stages.parse import SetReading
from gateway.pipeline.stages.translate import faults_of
from gateway.x12.model import ControlNumber, Delimiters, Loop
from gateway.x12.schema import SetSchema
from gateway.x12.writer import OutboundGroup, OutboundSet, gs, isa, write_interchange
from gateway.yaml_source import Mark, Source

_PLACEHOLDERS = ("ZZ", "SENDER"), ("ZZ", "RECEIVER")
"""In the envelope of what is written: who sends and receives is an agreement's to say."""

_DELIMITERS = Delimiters(suffix="\n")

_SELECTION = re.compile(r"\[[^\]]*\]")
"""Which occurrence of a loop: left out where only its kind matters."""

Document = Mapping[str, object]

_Told = tuple[Graded, Delimiters]
"""A finding with what separates the elements where it stands."""


def translate(
    file: Annotated[str, typer.Argument(metavar="FILE", help="X12 or JSON; `-` is stdin.")],
    map_name: Annotated[str, typer.Option("--map", help="Name of the map, such as base-940.")],
    home: OptionalHome = None,
    envelope: Annotated[
        bool, typer.Option(help="X12 out: with ISA and GS, or only ST to SE.")
    ] = True,
) -> None:
    """Translate a file by one map, in the direction that its content asks for.

    X12 gives one JSON document for each transaction set of the map, each on a line where there are
    several. Exits 1 where there are findings: they are told on standard error.
    """
    instance = config.load(home, maps_too=False) if home else None
    maps = MapsInUse(instance)
    payload = read_input(file)
    if payload.lstrip()[:1] in (b"{", b"["):
        findings = _write(shown_name(file), payload, maps, map_name, envelope=envelope)
    else:
        wanted = maps.set_id(map_name)
        findings = _read(payload, maps.compiled(map_name), wanted, examiner=Examiner(instance))
    _tell(findings, payload, maps.resolved(map_name).source)
    raise typer.Exit(ExitCode.FINDINGS if findings else ExitCode.FINE)


def _tell(findings: Sequence[_Told], payload: bytes, source: Source) -> None:
    """Show findings at their place in the set, and the line of the map that says so."""
    console = remarks()
    for (finding, severity), delimiters in findings:
        for number, line in enumerate(show_findings.lines(finding, payload, delimiters)):
            if number == 0 and severity is Severity.NOTE:
                line.append("  (noted: accepted by agreement)", style="dim")
            console.print(line)
        mark = _in_map(finding.field or "", source)
        if mark is not None:
            console.print(f"  [dim]{escape(f'{mark.file}:{mark.line}: {finding.field}')}[/]")


def _in_map(pointer: str, source: Source) -> Mark | None:
    """Return where the map says what a field is; None where it does not name the field."""
    names = [name for name in pointer.split("/")[1:] if not name.isdigit()]
    path = tuple(part for name in names for part in ("fields", name))
    return source.mark(path) if path and path[:2] in source.marks else None


def _read(payload: bytes, compiled: CompiledMap, wanted: str, *, examiner: Examiner) -> list[_Told]:
    """Print the documents of every set that the map is for."""
    documents: list[Document] = []
    findings: list[_Told] = []
    met: set[str] = set()
    for one in examiner.sets(payload):
        set_id = one.reading.transaction_set.set_id
        met.add(set_id)
        if set_id == wanted and one.reading.tree is not None:
            found = _translated(one.reading, one.reading.tree, compiled, documents)
            delimiters = one.reading.transaction_set.delimiters
            told = [*one.findings, *graded(found, one.severity)]
            findings += [(finding, delimiters) for finding in told]
    if not documents:
        held = ", ".join(sorted(met)) or "none"
        raise InputUnreadable(f"map '{compiled.name}' is for set {wanted}; the file has {held}")
    _print_documents(documents)
    _tell_unmapped(documents)
    return findings


def _tell_unmapped(documents: Sequence[Document]) -> None:
    """Say in one line which segments and elements the map does not take."""
    segments: Counter[str] = Counter()
    elements: Counter[str] = Counter()
    for document in documents:
        for one in cast("Sequence[UnmappedSegment]", document.get("unmapped", ())):
            loop = _SELECTION.sub("", one.get("loop", ""))
            where = f" in {loop}" if loop else ""
            if "of" in one:
                elements.update(f"{one['segment']}{place}{where}" for place in one["elements"])
            else:
                segments[f"{one['segment']}{where}"] += 1
    told = [_counted(segments, "segment"), _counted(elements, "element")]
    if segments or elements:
        remarks().print(f"[dim]kept as unmapped:[/] {escape(' and '.join(filter(None, told)))}")


def _counted(found: Counter[str], what: str) -> str:
    if not found:
        return ""
    total = found.total()
    names = ", ".join(f"{name} ×{count}" if count > 1 else name for name, count in found.items())
    return f"{total} {what}{'s' if total > 1 else ''} ({names})"


def _translated(
    one: SetReading, tree: Loop, compiled: CompiledMap, documents: list[Document]
) -> list[Finding]:
    reading = compiled.read(tree, one.transaction_set.delimiters)
    documents += reading.documents
    faults = [fault for document in reading.documents for fault in faults_of(document)]
    return located([*reading.findings, *faults], one.transaction_set)


def _print_documents(documents: Sequence[Document]) -> None:
    for document in documents:
        content = canonical.dumps(dict(document))
        if len(documents) == 1 and sys.stdout.isatty():
            content = orjson.dumps(orjson.loads(content), option=orjson.OPT_INDENT_2)
        write_bytes(content + b"\n")


def _write(
    name: str, payload: bytes, maps: MapsInUse, map_name: str, *, envelope: bool
) -> list[_Told]:
    """Print the transaction set that one document, or the parts of a split one, become."""
    compiled, schema = maps.compiled(map_name), maps.schema(map_name)
    document = _document(name, payload, compiled, wanted=maps.document(map_name))
    writing = compiled.write(document, _DELIMITERS)
    one = OutboundSet(schema.set_id, ControlNumber("0001"), writing.segments)
    content = _interchange(one, schema)
    if not envelope:
        content = b"".join(content.splitlines(keepends=True)[2:-2])
    write_bytes(content)
    return [(finding, _DELIMITERS) for finding in graded(writing.findings, strictly)]


def _interchange(one: OutboundSet, schema: SetSchema) -> bytes:
    """Wrap a set in an envelope that says it is a test between placeholders."""
    moment = clock.utc_now()
    sender, receiver = _PLACEHOLDERS
    number = ControlNumber("000000001")
    header = isa(sender, receiver, control_number=number, moment=moment, usage="T")
    group = gs(
        schema.functional_id,
        sender=sender[1],
        receiver=receiver[1],
        control_number=ControlNumber("1"),
        moment=moment,
        version=schema.version,
    )
    return write_interchange(header, [OutboundGroup(group, [one])], _DELIMITERS)


def _document(
    name: str, payload: bytes, compiled: CompiledMap, *, wanted: str
) -> Mapping[str, Json]:
    """Read one document, or merge the documents of one split; refuse what is not canonical."""
    try:
        given = orjson.loads(payload)
    except orjson.JSONDecodeError as fault:
        raise InputUnreadable(f"{name} is not well-formed JSON: {fault}") from fault
    documents = given if isinstance(given, list) else [given]
    if not documents or not all(isinstance(document, dict) for document in documents):
        raise InputUnreadable(f"{name} holds no document: expected a JSON object")
    for document in documents:
        for pointer, message in canonical.check(document):
            raise InputUnreadable(f"{name} is not a canonical document: {pointer}: {message}")
        if (found := document["document"]) != wanted:
            raise InputUnreadable(f"map '{compiled.name}' is for {wanted}; {name} holds {found}")
    return compiled.merge(documents) if len(documents) > 1 else documents[0]
