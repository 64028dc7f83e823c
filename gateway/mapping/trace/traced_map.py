"""A map that says of everything it reads and writes where it came from.

It reads and writes by the code that every map does: only the texts are others, that remember where
they stood (`gateway.mapping.trace.texts`). Who does not ask for a trace pays nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

from gateway.findings import Finding
from gateway.mapping.compiled import CompiledMap
from gateway.mapping.generate import Reader, generate
from gateway.mapping.hierarchy import NO_LEVELS, levels
from gateway.mapping.layout import lay_out
from gateway.mapping.plan import Document, Json
from gateway.mapping.ports import Node, Separators
from gateway.mapping.reading import Sink
from gateway.mapping.rework import copied, reworked, undone
from gateway.mapping.skipped import retell
from gateway.mapping.split import split
from gateway.mapping.trace.absence import Absence, Inquiry, rows_of
from gateway.mapping.trace.lines import MapLines
from gateway.mapping.trace.model import DocumentTrace, ReadTrace, Received, WriteTrace
from gateway.mapping.trace.places import remembering
from gateway.mapping.trace.reading import At, Follower
from gateway.mapping.trace.reworks import Names, Touch, touches
from gateway.mapping.trace.rules import traced
from gateway.mapping.trace.texts import Separator
from gateway.mapping.trace.writing import Author, Sweeper, TracedRun, tagged
from gateway.mapping.write_order import as_tree
from gateway.yaml_source import Source


class TracedMap:
    """A map that reads and writes like the one it is made of, and tells all that it does."""

    def __init__(self, compiled: CompiledMap, source: Source) -> None:
        """Take a map, and what it says with all that it extends, as `ResolvedMap.source`."""
        self.compiled = compiled
        self.lines = MapLines(source)

    @cached_property
    def _told(self) -> CompiledMap:
        return CompiledMap.of(traced(self.compiled.plan))

    @cached_property
    def _reader(self) -> Reader:
        return generate(self._told.plan, lay_out(self._told.plan))

    @cached_property
    def _touched(self) -> Mapping[Names, Touch]:
        return touches(self.compiled.plan.root, self.lines)

    @cached_property
    def _sweeper(self) -> Sweeper:
        return Sweeper(self.compiled.plan)

    def read(self, tree: Node, received: Received, delimiters: Separators) -> ReadTrace:
        """Read a set into documents, and say of each value where it stood; `tree` is its tree."""
        reading = self.compiled.read_tree(tree, delimiters)
        whole = self._whole(tree, received, delimiters)
        plan = self.compiled.plan
        parts = [whole] if plan.split is None else split(whole, plan.split, [])
        is_split = parts[0] is not whole
        follower = Follower(plan, self.lines, received, delimiters, self._touched, is_split)
        documents = [
            DocumentTrace(document, tuple(follower.document(self._at(document, part))))
            for document, part in zip(reading.documents, parts, strict=True)
        ]
        return ReadTrace(tuple(documents), tuple(reading.findings))

    def why_absent(
        self, tree: Node, received: Received, document: DocumentTrace, pointer: str
    ) -> Absence | None:
        """Say why a document that was read has no value; None where it has one.

        Raises NoSuchField where the map knows no such field.
        """
        plan = self.compiled.plan
        separator = received.delimiters.component
        told = remembering(tree, received, plan.hierarchy)
        rows = sorted(rows_of(self.compiled.gathered(told, separator)), key=lambda row: row.index)
        findings = self.compiled.read_tree(tree, received.delimiters).findings
        return Inquiry(plan.root, self.lines, rows, document, findings, separator).why(pointer)

    def _at(self, document: Document, part: Document) -> At:
        """Return a document beside what it was read as, before and after it was reworked."""
        plan = self.compiled.plan
        told = reworked(copied(part), plan.reworks, []) if plan.reworks else part
        return At((), "", document, told, part)

    def _whole(self, tree: Node, received: Received, delimiters: Separators) -> Document:
        """Return what a set says before it is split, values with the texts they were made of."""
        plan, sink = self._told.plan, Sink(delimiters.component)
        remembered = remembering(tree, received, plan.hierarchy)
        root = self._told.gathered(remembered, delimiters.component)
        below = levels(root, plan.hierarchy, []) if plan.hierarchy else NO_LEVELS
        whole = self._reader(root, sink, below)
        if sink.skipped and sink.unmapped:
            retell(sink)
        if sink.unmapped:
            whole["unmapped"] = sink.unmapped
        return whole

    def write(
        self, document: Mapping[str, Json], delimiters: Separators, replacement: str | None = None
    ) -> WriteTrace:
        """Write a document, and say of each element why it is written."""
        marks = (
            delimiters.element, delimiters.component, delimiters.terminator, delimiters.repetition
        )  # fmt: skip
        forbidden = frozenset(mark for mark in marks if mark)
        separator = Separator(delimiters.component)
        given, faults = document, list[Finding]()
        if self.compiled.plan.reworks:
            document = undone(document, self.compiled.plan.reworks, faults)
        run = TracedRun(tagged(document), separator, forbidden, replacement)
        segments = self._told.carried_out(run, self._sweeper.sweep)
        tree = as_tree(segments, self.compiled.plan.shape)
        author = Author(self.compiled.plan, self.lines, document, given)
        elements = tuple(author.elements(segments, tree))
        return WriteTrace(segments, elements, (*faults, *run.findings))
