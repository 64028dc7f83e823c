"""`gateway translate`: X12 in, canonical JSON out, or the other way round; nothing is stored."""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
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
    fail,
    read_input,
    remarks,
    shown_name,
    write_bytes,
)
from gateway.cli.traced import show_read, show_written
from gateway.counting import counted
from gateway.findings import Finding, Severity
from gateway.mapping.compiled import CompiledMap
from gateway.mapping.plan import Json
from gateway.mapping.trace import TracedMap, WriteTrace
from gateway.pipeline.stages.locate import located
from gateway.pipeline.stages.parse import SetReading
from gateway.pipeline.stages.translate import faults_of
from gateway.shaping import JsonFault
from gateway.shaping.exact_json import require_single
from gateway.x12.characters import BYTE_ORDER_MARK
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
    trace: Annotated[
        bool,
        typer.Option(
            "--trace", help="Say instead where each value came from: place, map line, conversions."
        ),
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="With --trace: JSON, for programs, with the result.")
    ] = False,
) -> None:
    """Translate a file by one map, in the direction that its content asks for.

    X12 gives one JSON document for each transaction set of the map, each on a line where there are
    several. A set that is written is held to the standard, as before it is sent. Exits 1 where
    there are findings: they are told on standard error.
    """
    if as_json and not trace:
        fail("--json goes with --trace: without it a document is JSON already, and X12 is no JSON")
    instance = config.load(home, maps_too=False) if home else None
    maps = MapsInUse(instance)
    payload = read_input(file)
    json_text = payload.removeprefix(BYTE_ORDER_MARK).lstrip()
    traced = TracedMap(maps.compiled(map_name), maps.resolved(map_name).source)
    if json_text[:1] in (b"{", b"["):
        writer = Writer(maps, map_name, envelope=envelope)
        document = canonical_document(
            shown_name(file), json_text, traced.compiled, wanted=maps.document(map_name)
        )
        if trace:
            payload, findings = writer.trace(document, traced, Examiner(instance), as_json)
        else:
            payload, findings = writer.write(document, Examiner(instance))
    else:
        show = partial(show_read, traced, as_json=as_json) if trace else None
        reader = _Reader(traced.compiled, maps.set_id(map_name), show)
        findings = reader.read(payload, Examiner(instance))
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


@dataclass(slots=True)
class _Reader:
    """Prints the documents of every set that a map is for, or whatever `show` shows of the sets."""

    compiled: CompiledMap
    wanted: str
    show: Callable[[Sequence[SetReading]], None] | None = None

    def read(self, payload: bytes, examiner: Examiner) -> list[_Told]:
        """Read a payload; return what was found in the sets that the map is for."""
        documents: list[Document] = []
        findings: list[_Told] = []
        sets: list[SetReading] = []
        met: set[str] = set()
        for one in examiner.sets(payload):
            set_id = one.reading.transaction_set.set_id
            met.add(set_id)
            if set_id == self.wanted and one.reading.tree is not None:
                found = _translated(one.reading, one.reading.tree, self.compiled, documents)
                delimiters = one.reading.transaction_set.delimiters
                told = [*one.findings, *graded(found, one.severity)]
                findings += [(finding, delimiters) for finding in told]
                sets += [one.reading] if self.show is not None else []
        if not documents:
            held, name = ", ".join(sorted(met)) or "none", self.compiled.name
            raise InputUnreadable(f"map '{name}' is for set {self.wanted}; the file has {held}")
        if self.show is not None:
            self.show(sets)
        else:
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
    told = [_named(segments, "segment"), _named(elements, "element")]
    if segments or elements:
        remarks().print(f"[dim]kept as unmapped:[/] {escape(' and '.join(filter(None, told)))}")


def _named(found: Counter[str], what: str) -> str:
    if not found:
        return ""
    names = ", ".join(f"{name} ×{count}" if count > 1 else name for name, count in found.items())
    return f"{counted(found.total(), what)} ({names})"


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


class Writer:
    """Writes the transaction set that one document, or the parts of a split one, become."""

    def __init__(self, maps: MapsInUse, map_name: str, *, envelope: bool = True) -> None:
        self._compiled, self._schema = maps.compiled(map_name), maps.schema(map_name)
        self._envelope = envelope

    def write(self, document: Mapping[str, Json], examiner: Examiner) -> tuple[bytes, list[_Told]]:
        """Print the set; return what was printed, and what was found in the document or in it."""
        writing = self._compiled.write(document, _DELIMITERS)
        content = self._content(writing.segments)
        shown, _ = self._shown(content)
        write_bytes(shown)
        return shown, self._judged(content, writing.findings, examiner)

    def trace(
        self, document: Mapping[str, Json], traced: TracedMap, examiner: Examiner, as_json: bool
    ) -> tuple[bytes, list[_Told]]:
        """Print why each element of the set is written; return what `write` returns."""
        content, trace = self.traced(document, traced)
        shown, outside = self._shown(content)
        show_written(content, trace, shown=(outside, shown), as_json=as_json)
        return shown, self._judged(content, trace.findings, examiner)

    def traced(self, document: Mapping[str, Json], traced: TracedMap) -> tuple[bytes, WriteTrace]:
        """Return an interchange with the set in it, and why each element is written."""
        trace = traced.write(document, _DELIMITERS)
        return self._content(trace.segments), trace

    def _shown(self, content: bytes) -> tuple[bytes, int]:
        """Return what is printed of an interchange, and how many bytes before it are not."""
        if self._envelope:
            return content, 0
        lines = content.splitlines(keepends=True)
        return b"".join(lines[2:-2]), len(lines[0] + lines[1])

    def _judged(self, content: bytes, mapped: Sequence[Finding], examiner: Examiner) -> list[_Told]:
        """Return what the map found or, where that is nothing, the standard, at its place."""
        if found := _found(mapped):
            return found
        _, outside = self._shown(content)
        sets = examiner.sets(content)
        return [
            ((_moved(finding, outside), severity), _DELIMITERS)
            for one in sets
            for finding, severity in one.findings
        ]

    def _content(self, segments: list[list[str]]) -> bytes:
        one = OutboundSet(self._schema.set_id, ControlNumber("0001"), segments)
        return _interchange(one, self._schema)


def _found(findings: Sequence[Finding]) -> list[_Told]:
    return [(finding, _DELIMITERS) for finding in graded(findings, strictly)]


def _moved(finding: Finding, back: int) -> Finding:
    """Return a finding with its place counted from so many bytes later."""
    place = finding.location
    if place.offset is None:
        return finding
    return replace(finding, location=replace(place, offset=place.offset - back))


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


def canonical_document(
    name: str, payload: bytes, compiled: CompiledMap, *, wanted: str
) -> Mapping[str, Json]:
    """Read one document, or merge the documents of one split; refuse what is not canonical."""
    try:
        given = orjson.loads(payload)
    except orjson.JSONDecodeError as fault:
        raise InputUnreadable(f"{name} is not well-formed JSON: {fault}") from fault
    try:
        require_single(payload)
    except JsonFault as fault:
        raise InputUnreadable(f"{name} {fault}") from fault
    documents = given if isinstance(given, list) else [given]
    if not documents or not all(isinstance(document, dict) for document in documents):
        raise InputUnreadable(f"{name} holds no document: expected a JSON object")
    for document in documents:
        for pointer, message in canonical.check(document):
            raise InputUnreadable(f"{name} is not a canonical document: {pointer}: {message}")
        if (found := document["document"]) != wanted:
            raise InputUnreadable(f"map '{compiled.name}' is for {wanted}; {name} holds {found}")
    return compiled.merge(documents) if len(documents) > 1 else documents[0]
