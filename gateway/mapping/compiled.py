"""A map ready for use: `read` and `write`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import cast

from gateway.findings import Finding, FindingCode
from gateway.mapping.as_received import differences
from gateway.mapping.computed import compare, fill
from gateway.mapping.expressions import ExpressionError
from gateway.mapping.fast_writer import FastWriter, Written, written
from gateway.mapping.gathering import scatter
from gateway.mapping.generate import Reader
from gateway.mapping.generate_row import RowReader, document_of
from gateway.mapping.hierarchy import NO_LEVELS, flatten, levels
from gateway.mapping.kept_words import kept_words
from gateway.mapping.layout import ENVELOPE_SEGMENTS, lay_out
from gateway.mapping.lifted import Tables, bound_plan
from gateway.mapping.out_tree import OutNode
from gateway.mapping.places import HIERARCHY_LOOP
from gateway.mapping.plan import (
    AS_RECEIVED,
    ComputedPlan,
    Document,
    Json,
    JsonValue,
    LeafPlan,
    MapPlan,
    ObjectPlan,
    PlannedCondition,
)
from gateway.mapping.ports import LoopShape, Node, Row, Separators
from gateway.mapping.reading import Sink
from gateway.mapping.recall import Earlier, recalled
from gateway.mapping.repeated import is_unchanged, repeated
from gateway.mapping.rework import copied, reworked, undone
from gateway.mapping.rivals import rivals
from gateway.mapping.row_totals import Agree
from gateway.mapping.skipped import retell
from gateway.mapping.split import merge, split
from gateway.mapping.structure import Structure
from gateway.mapping.write_back import write_back
from gateway.mapping.write_order import as_tree, in_order
from gateway.mapping.write_run import Run, pointer_to
from gateway.mapping.write_settle import settle
from gateway.mapping.writing import root_writer

AfterStage = Callable[[OutNode, ComputedPlan | str], None]
"""Sees the tree after a stage of writing: `fields`, `hierarchy`, or one total."""


def _unwatched(_root: OutNode, _stage: ComputedPlan | str) -> None:
    """Nobody watches."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a set says: its documents (one, unless the map splits) and the findings of the map."""

    documents: Sequence[Document]
    findings: Sequence[Finding]
    fits: bool = False
    """The documents are certain to fit the model that the map was checked against."""

    @property
    def document(self) -> Document:
        """Return the first document; a map that does not split has no other."""
        return self.documents[0]


@dataclass(frozen=True, slots=True)
class Writing:
    """What a document became: segments in the order of the set, and the findings of the map."""

    segments: list[list[str]]
    """Without ST and SE."""
    findings: Sequence[Finding]
    shape: LoopShape
    text: str = ""
    """The segments joined by the separators, where all is plain ASCII that can leave as it is;
    nobody needs to look at their elements for separators, blanks or what cannot be printed."""

    @property
    def tree(self) -> Node:
        """Return the segments as a tree of loops, which a map can read."""
        return as_tree(self.segments, self.shape)


class CompiledMap:
    """A checked map with its reader and its writer, each made when first used.

    Making them takes longer than checking the map, and most maps of an instance are used in one
    direction only, or not at all while the program runs. What is made serves all maps of the same
    structure; only the tables are bound to it for each.
    """

    def __init__(
        self, structure: Structure, tables: Tables, *, name: str = "", version: str = ""
    ) -> None:
        """Take the structure of a map, and the tables of this one."""
        self._structure, self._tables = structure, tables
        self._name, self._version = name, version

    @classmethod
    def of(cls, plan: MapPlan) -> CompiledMap:
        """Return a map of a plan that leaves nothing open."""
        return cls(Structure(plan), {}, name=plan.name, version=plan.version)

    @property
    def structure(self) -> Structure:
        """Return what it has in common with other maps."""
        return self._structure

    @cached_property
    def plan(self) -> MapPlan:
        """Return the plan with all that the map's tables say."""
        return bound_plan(self._structure.plan, self._tables, self._name, self._version)

    @cached_property
    def _open(self) -> MapPlan:
        """Everything but the fields: those of the plan with their tables take time to make."""
        return self._structure.plan

    @cached_property
    def _computes(self) -> bool:
        return self._structure.computes

    @cached_property
    def _provable(self) -> bool:
        return self._structure.provable

    @cached_property
    def _read(self) -> Reader:
        return self._structure.read.bound(self._tables)

    @cached_property
    def _read_row(self) -> RowReader | None:
        made = self._structure.read_row
        return None if made is None else made.bound(self._tables)

    @cached_property
    def _outline(self) -> str:
        return self._structure.outline

    @cached_property
    def _agree(self) -> Agree:
        return self._structure.agree

    @cached_property
    def _write(self) -> Callable[[Run], OutNode]:
        return root_writer(self.plan, rivals(lay_out(self.plan)))

    @cached_property
    def _write_fast(self) -> FastWriter | None:
        made = self._structure.write_fast
        return None if made is None else made.bound(self._tables)

    @cached_property
    def _kept(self) -> Callable[[Mapping[str, object]], list[Finding]]:
        return kept_words(self._structure.looked, self._tables)

    @property
    def name(self) -> str:
        """Return the map's name."""
        return self._name

    @property
    def document(self) -> str:
        """Return the type of the documents that it reads and writes."""
        return self._open.document

    @property
    def version(self) -> str:
        """Return the hash of the map and its tables."""
        return self._version

    @property
    def one_way(self) -> tuple[tuple[str, str], ...]:
        """Return the fields that go one way only: path, and `read_only` or `write_only`."""
        return tuple(_one_way(self._open.root))

    def read(self, tree: Node, delimiters: Separators) -> Reading:
        """Read a set into documents; faults become findings, nothing is raised."""
        return self.read_row(tree, delimiters) or self.read_tree(tree, delimiters)

    def read_row(self, tree: Node, delimiters: Separators) -> Reading | None:
        """Read the row that a tree was made of; None where the tree has to be looked at."""
        row: Row | None = getattr(tree, "row", None)
        if row is None or self._read_row is None or row[2] != self._outline or self._repeats:
            return None
        sink = Sink(delimiters.component)
        document = document_of(self._read_row, row, sink)
        if document is None:
            return None
        return self._finished(document, sink, None if self._agree(row) else tree)

    def read_tree(self, tree: Node, delimiters: Separators) -> Reading:
        """Read a set from its tree, whatever is in it."""
        sink, plan = Sink(delimiters.component), self._open
        gathered = self.gathered(tree, delimiters.component)
        below = levels(gathered, plan.hierarchy, sink.findings) if plan.hierarchy else NO_LEVELS
        document = self._read(gathered, sink, below)
        if sink.skipped and sink.unmapped:
            retell(sink)
        reading = self._finished(document, sink, tree)
        return self._as_received(reading, tree, delimiters) if self._repeats else reading

    @property
    def _repeats(self) -> bool:
        """Say whether a partner wants a set back just as it came."""
        return self._open.unmapped == "write_back"

    def _as_received(self, reading: Reading, tree: Node, delimiters: Separators) -> Reading:
        """Keep in the documents how the set came, where they would be written in another way."""
        shape = self._open.shape
        rows = in_order(cast(OutNode, tree), shape)
        came = [row for row in rows if row[0] not in ENVELOPE_SEGMENTS]
        writing = self.write(self.merge(reading.documents), delimiters)
        kept = differences(came, writing.segments, shape)
        told = [{**one, AS_RECEIVED: kept} if kept else one for one in reading.documents]
        return replace(reading, documents=told)

    def gathered(self, tree: Node, separator: str) -> Node:
        """Return a set's tree with the loops that only this map knows."""
        return self._structure.gathering.of(tree, separator) if self._structure.gathering else tree

    def _finished(self, document: Document, sink: Sink, tree: Node | None) -> Reading:
        """Complete a document; totals are compared in a tree, where one is given."""
        plan = self._open
        if tree is not None:
            compare(tree, plan.computed, sink.findings)
        if sink.unmapped:
            document["unmapped"] = sink.unmapped
        documents = [document] if plan.split is None else split(document, plan.split, sink.findings)
        if plan.reworks:
            # Parts of one set share what is not split: each is changed by itself.
            documents = [self._reworked(one, documents, sink) for one in documents]
        if self._computes:
            for one in documents:
                _evaluate(plan.root, one, (one, "", sink.findings))
        fits = self._provable and not (sink.doubtful or sink.findings) and documents[0] is document
        return Reading(documents, sink.findings, fits)

    def _reworked(self, document: Document, parts: Sequence[Document], sink: Sink) -> Document:
        own = document if len(parts) == 1 else copied(document)
        return reworked(own, self._open.reworks, sink.findings)

    def recall(
        self, document: Mapping[str, Json], earlier: Earlier
    ) -> tuple[Mapping[str, Json], Sequence[Finding]]:
        """Return a document with what it takes from earlier ones, and what was not found."""
        if not self._open.recalls:
            return document, ()
        findings: list[Finding] = []
        return recalled(document, self._open.recalls, earlier, findings), findings

    @property
    def recalls(self) -> bool:
        """Say whether the map takes anything from earlier documents."""
        return bool(self._open.recalls)

    def write(
        self, document: Mapping[str, Json], delimiters: Separators, replacement: str | None = None
    ) -> Writing:
        """Write a document into segments; a value with a delimiter in it is refused or replaced."""
        faults: list[Finding] = []
        if self._open.reworks:
            document = undone(document, self._open.reworks, faults)
        done = None if faults else self._written(document, delimiters)
        if done is not None:
            return Writing(done[0], [], self._open.shape, done[1])
        writing = self.write_carefully(document, delimiters, replacement)
        return replace(writing, findings=[*faults, *writing.findings]) if faults else writing

    def kept(self, document: Mapping[str, object]) -> list[Finding]:
        """Name the words of a document that a table let pass without knowing them."""
        return self._kept(document)

    def write_fast(
        self, document: Mapping[str, Json], delimiters: Separators
    ) -> list[list[str]] | None:
        """Write a document that needs no second look; None where one does, or may."""
        done = self._written(document, delimiters)
        return None if done is None else done[0]

    def _written(self, document: Mapping[str, Json], delimiters: Separators) -> Written | None:
        write = self._write_fast
        return None if write is None else written(write, document, delimiters)

    def write_carefully(
        self, document: Mapping[str, Json], delimiters: Separators, replacement: str | None = None
    ) -> Writing:
        """Write any document, with findings for what is wrong with it."""
        marks = (
            delimiters.element, delimiters.component, delimiters.terminator, delimiters.repetition
        )  # fmt: skip
        forbidden = frozenset(mark for mark in marks if mark)
        run = Run(document, delimiters.component, forbidden, replacement)
        return Writing(self.carried_out(run), run.findings, self._open.shape)

    def carried_out(self, run: Run, after: AfterStage = _unwatched) -> list[list[str]]:
        """Write the document of a run in its stages; after each, who watches sees the tree."""
        plan, document = self._open, run.document
        root = self._write(run)
        if run.placed:
            settle(run)
        after(root, "fields")
        told = len(run.findings)
        if self._repeats:
            write_back((root, plan.shape), document.get("unmapped"), run)
        homeless = slice(told, len(run.findings))
        if self._structure.gathering:
            scatter(root)
        if plan.hierarchy:
            _tell_misread(flatten(root, plan.hierarchy), run)
            after(root, "hierarchy")
        for one in plan.computed:
            if one.when is None or _holds(one.when, document):
                fill(root, [one], run.findings)
                after(root, one)
        segments = in_order(root, plan.shape)
        kept = document.get(AS_RECEIVED) if self._repeats else None
        if kept and is_unchanged(segments, kept):
            # What had no place of its own has the one that it came from.
            del run.findings[homeless]
        return repeated(segments, kept, plan.shape) if kept else segments

    def merge(self, documents: Sequence[Mapping[str, Json]]) -> Document:
        """Return the one document that documents of one split came from."""
        return merge(documents, self._open.split)

    def keys(self, document: Mapping[str, Json]) -> list[tuple[str, str]]:
        """Return the business keys of a document: the key's path and its value."""
        found: list[tuple[str, str]] = []
        for path in self._open.keys:
            values = dict.fromkeys(_values(document, path.replace("[]", "").split(".")))
            found += [(path, value) for value in values]
        return found


def _tell_misread(levels: Sequence[tuple[OutNode, OutNode | None]], run: Run) -> None:
    """Note the levels that would come back in another place; mostly there are none."""
    for level, found in levels:
        where = f"as one inside HL*{found.first[1]}" if found else "as an outermost one"
        detail = (
            f"the order of levels alone says their parents: HL*{level.first[1]} is read {where}"
        )
        pointer = pointer_to(run.levels.get(id(level)))
        run.note(FindingCode.READ_AS_ANOTHER_FIELD, pointer, detail, at=HIERARCHY_LOOP)


def _holds(condition: PlannedCondition, document: Mapping[str, Json]) -> bool:
    value = document.get(condition.field or "")
    return condition.holds(None if value is None else str(value))


def _values(value: Json, path: Sequence[str]) -> list[str]:
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [text for item in value for text in _values(item, path)]
    if path:
        return _values(value.get(path[0]), path[1:]) if isinstance(value, Mapping) else []
    return [str(value)] if isinstance(value, str | int) and not isinstance(value, bool) else []


def _one_way(plan: ObjectPlan) -> Iterator[tuple[str, str]]:
    for member in plan.fields:
        if not (member.reads and member.writes):
            yield member.path, "read_only" if member.reads else "write_only"
        elif isinstance(member, ObjectPlan):
            yield from _one_way(member)


def _evaluate(plan: ObjectPlan, own: Document, run: tuple[Document, str, list[Finding]]) -> None:
    """Compute the expressions of an object and of all inside it."""
    document, pointer, findings = run
    for member in plan.fields:
        here = f"{pointer}/{member.name}"
        if isinstance(member, ObjectPlan):
            inner = own.get(member.name)
            if isinstance(inner, dict):
                _evaluate(member, inner, (document, here, findings))
            for index, item in enumerate(inner if isinstance(inner, list) else ()):
                if isinstance(item, dict):
                    _evaluate(member, item, (document, f"{here}/{index}", findings))
        elif isinstance(member, LeafPlan) and member.expression is not None and member.reads:
            _set(member, own, (document, here, findings))


def _set(plan: LeafPlan, own: Document, run: tuple[Document, str, list[Finding]]) -> None:
    document, pointer, findings = run
    value: JsonValue = None
    if plan.expression is not None:
        try:
            value = plan.expression(own, document)
        except ExpressionError as fault:
            code = FindingCode.VALUE_NOT_CONVERTIBLE
            findings.append(Finding(code, detail=f"expression: {fault}", field=pointer))
    if value is None:
        value = plan.default
    if value is not None:
        own[plan.name] = value
    elif plan.required:
        detail = "the map requires a value"
        findings.append(Finding(FindingCode.REQUIRED_FIELD_MISSING, detail=detail, field=pointer))
