"""What a checked map means, as values: the plan that the reader and the writer are made from.

The planner makes it; nothing in a plan can be wrong any more. Places are relative to where their
field stands: `up` loops outwards, then into `loops`, then a segment.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from gateway.findings import Finding, FindingCode
from gateway.mapping.conversions import Scalar
from gateway.mapping.kinds import Fit, Gives
from gateway.mapping.ports import LoopShape
from gateway.mapping.positions import Slot, Step

Json = str | int | float | bool | None | Sequence["Json"] | Mapping[str, "Json"]
"""A value of a document as this package reads it."""

JsonValue = str | int | float | bool | None | list["JsonValue"] | dict[str, "JsonValue"]
Document = dict[str, JsonValue]
"""A document as it is made here: plain, mutable, ready for orjson."""

AS_RECEIVED = "as_received"
ENVELOPE_FIELDS = ("document", "version", "meta", "unmapped", AS_RECEIVED)
"""Members of a document that the engine or the pipeline fills, never a map."""

Expression = Callable[[Mapping[str, "Json"], Mapping[str, "Json"]], JsonValue]
"""Computes a value from the object it belongs to and the whole document."""


@dataclass(frozen=True, slots=True)
class Place:
    """An element that is known to exist."""

    text: str
    up: int
    loops: tuple[Step, ...]
    segment: Step | None
    """None inside an `each:` entry: the segment that the entry is about."""
    single: bool
    """The segment occurs once at its place, so predicates are conditions and select nothing."""
    element: int
    component: int | None = None


@dataclass(frozen=True, slots=True)
class ValueRule:
    """How text of X12 and a value of the document become each other; None means as it stands."""

    read: Callable[[str], Scalar] | None = None
    write: Callable[[Scalar], str] | None = None
    codes: Mapping[str, str] | None = None
    """A table that keeps what it does not know: the generated reader looks it up without a call."""
    gives: Gives = Gives.TEXT
    fits: Fit = Fit.UNSURE
    """Whether what is read is known to fit the document's model."""
    words: Mapping[str, str] | None = None
    """The same table the other way, for the generated writer."""
    table: TableUse | None = None
    """The table that is left open: the functions and tables here stand for what it will say."""

    def fitting(self, fits: Fit) -> ValueRule:
        """Return the rule with what is known of its values; `replace` takes thrice as long."""
        return ValueRule(
            self.read, self.write, self.codes, self.gives, fits, self.words, self.table
        )


@dataclass(frozen=True, slots=True)
class TableForm:
    """What a plan knows of a table: maps that differ in nothing but what it says have one plan."""

    name: str
    unknown: str
    gives: Gives
    words: tuple[str, ...] = ()
    """All that it gives: only where a map is looked through for all that is wrong with it."""

    @property
    def told(self) -> str:
        """Return what is the same for two forms only where they are."""
        return f"{self.name!r} {self.unknown} {self.gives.name}"


@dataclass(frozen=True, slots=True)
class TableUse:
    """A table that a rule leaves open."""

    form: TableForm
    first: ValueRule
    """What is done to a text before it is looked up."""
    misfit: Callable[[str], str] | None
    """Says why the model does not take a word; None where it takes all."""


@dataclass(frozen=True, slots=True)
class PlannedCondition:
    """A `when:` condition on an element or on a field."""

    place: Place | None
    field: str | None
    root: bool
    values: frozenset[str]
    negated: bool

    def holds(self, text: str | None) -> bool:
        """Say whether the value found (None where there is none) satisfies the condition."""
        found = text in self.values if self.values else text is not None
        return found is not self.negated


@dataclass(frozen=True, slots=True)
class ConstantPlan:
    """An element that is written always."""

    place: Place
    value: str
    check: bool


@dataclass(frozen=True, slots=True)
class ComputedPlan:
    """A counter or total; paths are from the whole set."""

    place: Place
    kind: str
    """counter, count or sum."""
    loops: tuple[Step, ...] = ()
    factors: tuple[Place, ...] = ()
    rule: ValueRule = ValueRule()
    when: PlannedCondition | None = None


@dataclass(frozen=True, slots=True)
class LeafPlan:
    """One value."""

    name: str
    path: str
    sources: tuple[Place, ...]
    target: Place | None
    rule: ValueRule = ValueRule()
    default: JsonValue = None
    write_default: JsonValue = None
    required: bool = False
    when: tuple[PlannedCondition, ...] = ()
    along: tuple[tuple[int, str], ...] = ()
    """Elements of the same segment that are written along."""
    reads: bool = True
    writes: bool = True
    expression: Expression | None = None
    fixed: JsonValue = None
    """The `value:` that the field always has."""

    @property
    def direct(self) -> bool:
        """Say whether the value is simply that of one position."""
        return len(self.sources) == 1 and not self.when

    def by(self, rule: ValueRule) -> LeafPlan:
        """Return the same value by another rule; `replace` takes twice as long, for thousands."""
        return LeafPlan(
            self.name, self.path, self.sources, self.target, rule, self.default,
            self.write_default, self.required, self.when, self.along, self.reads, self.writes,
            self.expression, self.fixed,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class PairPlan:
    """One value among qualifier/value pairs, by qualifiers in order of preference."""

    name: str
    path: str
    segment: Place
    slots: tuple[Slot, ...]
    qualifiers: tuple[str, ...]
    rule: ValueRule = ValueRule()
    default: JsonValue = None
    required: bool = False
    reads: bool = True
    writes: bool = True


@dataclass(frozen=True, slots=True)
class PairsPlan:
    """A list of entries from qualifier/value pairs; `shared` are other elements of the segment."""

    name: str
    path: str
    segment: Place
    slots: tuple[Slot, ...]
    qualifier: tuple[str, ValueRule]
    value: tuple[str, ValueRule]
    shared: tuple[LeafPlan, ...] = ()
    each: bool = False
    """The segment repeats: every occurrence gives entries."""
    required: bool = False
    reads: bool = True
    writes: bool = True
    needs: tuple[str, ...] = ()
    """Members that the model requires of an entry."""


@dataclass(frozen=True, slots=True)
class ValuesPlan:
    """A list of values, one for each non-empty element of a repeating segment."""

    name: str
    path: str
    segment: Place
    elements: tuple[int, ...]
    rule: ValueRule = ValueRule()
    required: bool = False
    reads: bool = True
    writes: bool = True


@dataclass(frozen=True, slots=True)
class ObjectPlan:
    """An object or a list of them: from loops, from segments, or from the level itself."""

    name: str
    path: str
    fields: tuple[FieldPlan, ...]
    up: int = 0
    loops: tuple[Step, ...] = ()
    many: bool = False
    """One list entry for each occurrence of the last loop."""
    segment: Place | None = None
    """With `each:`, the repeating segment that entries are made of."""
    wrapped: bool = False
    """A list of at most one entry, from the level itself."""
    constants: tuple[ConstantPlan, ...] = ()
    ignored: tuple[Ignored, ...] = ()
    required: bool = False
    reads: bool = True
    writes: bool = True
    needs: tuple[str, ...] = ()
    """Members that the model requires of it."""

    def of(self, fields: tuple[FieldPlan, ...]) -> ObjectPlan:
        """Return the same object of other members; `replace` takes twice as long, for thousands."""
        return ObjectPlan(
            self.name, self.path, fields, self.up, self.loops, self.many, self.segment,
            self.wrapped, self.constants, self.ignored, self.required, self.reads, self.writes,
            self.needs,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Ignored:
    """An element, a segment or a loop that is deliberately not mapped."""

    loops: tuple[Step, ...]
    segment: Step | None
    element: int | None = None


FieldPlan = LeafPlan | PairPlan | PairsPlan | ValuesPlan | ObjectPlan


@dataclass(frozen=True, slots=True)
class HierarchyPlan:
    """How HL levels find their parents, and which level may stand in which."""

    pointers: bool
    child_code: bool
    allowed: frozenset[tuple[str, str]]
    """Pairs of parent level and child level; the parent of the outermost is empty text."""


@dataclass(frozen=True, slots=True)
class SplitPlan:
    """One set, several documents: by which member of which list in which list."""

    lines: str
    allocations: str
    by: str
    to: str | None
    set: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class At:
    """Where a step is taken."""

    document: Document
    pointer: str
    """JSON Pointer of the object."""
    findings: list[Finding]

    def note(
        self,
        name: str,
        value: str,
        detail: str,
        code: FindingCode = FindingCode.VALUE_NOT_CONVERTIBLE,
    ) -> None:
        """Note a value that a step cannot take, or that would be read as something else."""
        pointer = f"{self.pointer}/{name}"
        self.findings.append(Finding(code, value=value, detail=detail, field=pointer))


class Change(Protocol):
    """One change of an object, with its undoing."""

    def read(self, own: Document, at: At) -> None:
        """Change an object that was read."""

    def write(self, own: Document, at: At) -> None:
        """Undo it in an object that will be written."""


@dataclass(frozen=True, slots=True)
class Rework:
    """A step, and the objects that it is taken in: members from the document inwards."""

    path: tuple[str, ...]
    step: Change


@dataclass(frozen=True, slots=True)
class Recall:
    """One field that takes its value from an earlier document where it has none."""

    path: tuple[str, ...]
    """Members from the document to the object that the field is in."""
    name: str
    document: str
    by: str
    root: bool
    """`by` is a field of the whole document."""
    key: str
    field: tuple[str, ...]
    same_partner: bool = True
    required: bool = False
    default: str | None = None


@dataclass(frozen=True, slots=True)
class MapPlan:
    """A whole map, checked."""

    name: str
    document: str
    document_version: str
    shape: LoopShape
    root: ObjectPlan
    computed: tuple[ComputedPlan, ...]
    unmapped: str
    keys: tuple[str, ...]
    hierarchy: HierarchyPlan | None
    split: SplitPlan | None
    version: str
    """Hash of the resolved map and its tables."""
    reworks: tuple[Rework, ...] = ()
    """What is changed in documents after reading, and undone before writing."""
    recalls: tuple[Recall, ...] = ()
    """What is taken from earlier documents."""
    provable: bool = False
    """A reader can tell which documents are certain to fit the model."""
