"""What a trace says: where each field of a document came from, and why each element was written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from gateway.findings import Finding
from gateway.mapping.plan import Document, JsonValue
from gateway.mapping.ports import Separators


class Received(Protocol):
    """A transaction set as received; `gateway.x12.model.TransactionSet` is one."""

    @property
    def segments(self) -> Sequence[Sequence[str]]:
        """Return its segments, ST first."""

    @property
    def offsets(self) -> Sequence[int]:
        """Return the byte offset of each segment in its file."""

    @property
    def delimiters(self) -> Separators:
        """Return what separates its elements."""

    @property
    def set_id(self) -> str:
        """Return ST01."""

    @property
    def interchange_control_number(self) -> str:
        """Return ISA13."""

    @property
    def group_control_number(self) -> str:
        """Return GS06."""

    @property
    def control_number(self) -> str:
        """Return ST02."""


class Origin(StrEnum):
    """What kind of thing gave a field its value."""

    ELEMENT = "element"
    """`at:`, the one position that the map names."""
    FIRST = "first"
    """`first:`, one of several positions that the map names."""
    EACH = "each"
    """`each:`, an element of a segment that makes an entry of a list."""
    PAIR = "pair"
    """`pairs:`, one of the two elements of a qualifier and value."""
    QUALIFIER = "qualifier"
    """The qualifier that the map gives to an element without one: `UP=W0103`."""
    VALUE = "value"
    """`value:`, what the map says in any case."""
    DEFAULT = "default"
    """`default:`, what the map says where the set says nothing."""
    EXPRESSION = "expression"
    """`expr:`, computed from other fields."""
    SPLIT = "split"
    """Set by `split:`, from the allocations of the part."""
    REWORK = "rework"
    """Changed with other fields after reading: `tail:`, `wrap:`, `minus:` and the like."""
    UNMAPPED = "unmapped"
    """No field took it: it is kept in the list `unmapped`."""
    MODEL = "model"
    """Type and version of the document: the map is for it."""


class Reason(StrEnum):
    """Why an element was written."""

    FIELD = "field"
    """A field of the document says it."""
    PREDICATE = "predicate"
    """A selection such as `N1[01=ST]` says it."""
    QUALIFIER = "qualifier"
    """`qualifier:` says it, of a field among pairs."""
    CONSTANT = "constant"
    """`constants:` says it."""
    WITH = "with"
    """`with:` says it: written along with a field."""
    WRITE_DEFAULT = "write_default"
    """`write_default:` says it, where the document says nothing."""
    EXPRESSION = "expression"
    """`expr:`, computed from fields of the document."""
    COUNTER = "counter"
    """`computed:`, the number of a loop within its parent."""
    COUNT = "count"
    """`computed:`, how many loops or segments there are."""
    SUM = "sum"
    """`computed:`, a total."""
    HIERARCHY = "hierarchy"
    """Number, parent or child code of an HL level."""
    UNMAPPED = "unmapped"
    """Written back from the document's list `unmapped`."""
    ENVELOPE = "envelope"
    """ST and SE: set id, control number, number of segments."""


@dataclass(frozen=True, slots=True)
class MapLine:
    """A place in a map file, and what stands there: `at: W0502`."""

    file: str
    line: int
    column: int
    says: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class Applied:
    """A conversion or a table between the element and the field."""

    kind: str
    """`as` or `table`."""
    name: str
    """The conversion as it is called, or the table's name."""
    line: MapLine
    entry: MapLine | None = None
    """The line of the table for this code, where it has one in a map."""


@dataclass(frozen=True, slots=True)
class SetPlace:
    """An element of a transaction set."""

    interchange: str
    group: str
    set_id: str
    control_number: str
    loop: str
    """Such as `LX[2]/W01[1]`; HL levels with their code: `HL[1=S]/HL[2=O]`."""
    segment_position: int
    """ST is 1."""
    segment: str
    element: int
    """0 is the segment's id."""
    component: int | None
    offset: int | None
    """Of the text in the file, in bytes; None where the file is not known."""
    length: int
    text: str
    """As it stands in the file."""

    @property
    def reference(self) -> str:
        """Return the short name, such as W0502 or SV101-2."""
        if not self.element:
            return self.segment
        component = f"-{self.component}" if self.component else ""
        return f"{self.segment}{self.element:02d}{component}"


@dataclass(frozen=True, slots=True)
class FieldTrace:
    """Where one value of a document came from."""

    pointer: str
    origin: Origin
    value: JsonValue
    place: SetPlace | None
    """None where the set did not say it."""
    line: MapLine | None
    """The line of the map, of its base or overlay; None for `unmapped` and what the model fixes."""
    position: str = ""
    """As the map writes it, such as `N9[01=BM].02`."""
    applied: tuple[Applied, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class ElementTrace:
    """Why one element of a set was written."""

    place: SetPlace
    reason: Reason
    pointer: str | None
    """The field of the document that says it."""
    line: MapLine | None
    position: str = ""
    applied: tuple[Applied, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class DocumentTrace:
    """One document, with where each of its values came from, in its order."""

    document: Document
    fields: tuple[FieldTrace, ...]

    def of(self, pointer: str) -> FieldTrace | None:
        """Return the trace of one value; None where the document has none there."""
        return next((one for one in self.fields if one.pointer == pointer), None)


@dataclass(frozen=True, slots=True)
class ReadTrace:
    """What a set was read into: its documents (one, unless the map splits), and the findings."""

    documents: tuple[DocumentTrace, ...]
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class WriteTrace:
    """What a document was written into, with why each element of it was written, in its order."""

    segments: list[list[str]]
    """Without ST and SE."""
    elements: tuple[ElementTrace, ...]
    findings: tuple[Finding, ...]
