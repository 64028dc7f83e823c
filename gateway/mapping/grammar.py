"""The shape of a map file: which keys it may have and what kind of value each takes.

Whether positions, fields and tables exist is the planner's question; here a file is only told apart
from nonsense. The published JSON Schema for editors comes from these models.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    ValidationError,
)
from pydantic_core import PydanticCustomError

from gateway.errors import Problem
from gateway.mapping.rework_grammar import MinusSpec, RecallSpec, ScaleSpec, TailSpec, WrapSpec
from gateway.yaml_source import Path, Source, Value, suggestion

DROP = "~drop"
"""What an overlay writes in place of a part that it takes away."""

PLACES = ("at", "first", "in", "each", "pairs", "level", "value", "expr")
"""The keys that say where a field's value stands."""

Text = Annotated[str, Field(min_length=1)]


def _named(name: str) -> str:
    if re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}", name) is None:
        raise PydanticCustomError(
            "map_name",
            "expected 1 to 80 letters, digits, '.', '-' and '_', such as acme-940, "
            "the first a letter or digit",
        )
    return name


MapName = Annotated[Text, AfterValidator(_named)]
"""What agreements call a map, with no character that means something in a path."""
Texts = Text | list[Text]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class ConstantSpec(_Part):
    """An element that is written always."""

    value: str = Field(description="What is written, and expected on read.")
    read: Literal["check", "ignore"] = Field(
        "check", description="Whether another value on read is a finding."
    )


class ComputedSpec(_Part):
    """An element whose value follows from the rest of the set."""

    count: Text | None = Field(None, description="Loop or segment that is counted.")
    sum: Text | None = Field(None, description="Elements that are summed, or a product of two.")
    as_: Text | None = Field(None, alias="as", description="Conversion of the sum.")
    when: Text | None = Field(None, description="Condition for writing, on the document.")


class TableSpec(_Part):
    """A code table with its rules."""

    codes: dict[str, str] = Field(default_factory=dict, description="X12 code to document word.")
    write: dict[str, str] = Field(
        default_factory=dict, description="For words of several codes: the code that is written."
    )
    unknown: Literal["fail", "keep", "default"] = Field(
        "fail", description="What happens to a value that is not in the table."
    )
    default: str | None = Field(None, description="Word for codes that are not in the table.")
    write_default: str | None = Field(None, description="Code for words that are not in the table.")
    rows: dict[str, dict[str, str]] = Field(
        default_factory=dict, description="Rows of a cross reference: code, then column and value."
    )
    word: Text | None = Field(None, description="The column that has the document's word.")
    note: str | None = Field(None, description="A sentence for people.")


class HierarchySpec(_Part):
    """How HL levels find their parents."""

    parents: Literal["pointer", "order"] = Field(
        "pointer", description="HL02 (by order where it is missing), or always by order."
    )
    child_code: bool = Field(True, description="Whether HL04 is written.")


class SplitSpec(_Part):
    """One set read into several documents, several documents written into one set."""

    by: Text = Field(description="List member that tells documents apart.")
    to: Text | None = Field(None, description="Document field that keeps the value.")
    set: dict[str, Text] = Field(
        default_factory=dict, description="Line fields that take a value of the allocation."
    )


def _kind(value: object) -> str:
    return "position" if isinstance(value, str) else "field"


class FieldSpec(_Part):
    """One field of the document: a place and options."""

    at: Texts | None = Field(None, description="The position of the value.")
    first: list[Text] | None = Field(None, description="Positions; the first with a value is read.")
    write_to: Text | None = Field(None, description="The position written, for `first`.")
    in_: Text | None = Field(None, alias="in", description="The loop that the fields are in.")
    each: Text | None = Field(None, description="The repeating segment; one list entry for each.")
    pairs: Texts | None = Field(None, description="Qualifier/value pairs inside a segment.")
    qualifier: Text | None = Field(None, description="With pairs: the qualifiers of one value.")
    level: Text | None = Field(None, description="HL level code, or a path of them.")
    value: str | None = Field(None, description="A value that the field always has.")
    expr: Text | None = Field(None, description="Jinja2 expression, one direction only.")
    fields: dict[str, FieldEntry] | None = Field(
        None, description="Members of the object or entry."
    )
    as_: Texts | None = Field(None, alias="as", description="Conversions, in reading order.")
    table: Text | None = Field(None, description="Code table by name.")
    default: str | None = Field(None, description="The value where the set says nothing.")
    write_default: str | None = Field(
        None, description="What is written where the document is silent."
    )
    required: bool = Field(False, description="A missing value is a finding.")
    when: Texts | None = Field(None, description="Conditions; all must hold.")
    otherwise: Text | None = Field(
        None, description="Expression for where the set says nothing; not written where it holds."
    )
    tail: TailSpec | None = Field(None, description="Another field, in the same element.")
    wrap: WrapSpec | None = Field(None, description="How a long text is cut and put together.")
    scale: ScaleSpec | None = Field(None, description="Packs in X12, units in the document.")
    minus: MinusSpec | None = Field(
        None, description="A minus that another field says as well: which side writes it."
    )
    recall: RecallSpec | None = Field(
        None, description="What an earlier document had, where this one says nothing."
    )
    with_: dict[str, Text] | None = Field(
        None, alias="with", description="Elements of the same segment written along."
    )
    read_only: bool = Field(False, description="Never written.")
    write_only: bool = Field(False, description="Never read.")
    constants: dict[str, ConstantEntry] | None = Field(None, description="Elements written always.")
    ignore: list[Text] | None = Field(None, description="What is deliberately not mapped.")
    use: Text | None = Field(None, description="Block whose members are merged under this field.")
    replace: bool = Field(False, description="Forget what the extended map says of this field.")
    note: str | None = Field(None, description="A sentence for people.")


FieldEntry = Annotated[
    Annotated[Text, Tag("position")] | Annotated[FieldSpec, Tag("field")], Discriminator(_kind)
]
ConstantEntry = Annotated[
    Annotated[str, Tag("position")] | Annotated[ConstantSpec, Tag("field")], Discriminator(_kind)
]
ComputedEntry = Annotated[
    Annotated[Literal["counter"], Tag("position")] | Annotated[ComputedSpec, Tag("field")],
    Discriminator(_kind),
]


def _table_kind(value: object) -> str:
    full = isinstance(value, TableSpec) or (
        isinstance(value, dict) and bool(set(TableSpec.model_fields) & set(value))
    )
    return "full" if full else "short"


TableEntry = Annotated[
    Annotated[dict[str, str], Tag("short")] | Annotated[TableSpec, Tag("full")],
    Discriminator(_table_kind),
]


class VersionSpec(_Part):
    """What a map says differently of one version of the standard, laid over the rest of it."""

    fields: dict[str, FieldEntry] = Field(
        default_factory=dict, description="Fields that stand elsewhere in this version."
    )
    constants: dict[str, ConstantEntry] = Field(
        default_factory=dict, description="Elements that are written always."
    )
    computed: dict[str, ComputedEntry] = Field(
        default_factory=dict, description="Counters and totals."
    )
    ignore: list[Text] = Field(default_factory=list, description="What is deliberately not mapped.")
    tables: dict[str, TableEntry] = Field(default_factory=dict, description="Code tables by name.")
    blocks: dict[str, FieldSpec] = Field(
        default_factory=dict, description="Parts shared by fields."
    )
    note: str | None = Field(None, description="A sentence for people.")


class MapFile(_Part):
    """A map: which position of a transaction set is which field of a document, both ways."""

    map: MapName = Field(description="The map's name, unique in the instance.")
    extends: Text | None = Field(None, description="The map that this one changes.")
    transaction_set: Text | None = Field(None, description="Such as 940.")
    version: Text | None = Field(None, description="Such as 004010.")
    document: Text | None = Field(None, description="The canonical document type.")
    fields: dict[str, FieldEntry] = Field(
        default_factory=dict, description="Fields of the document."
    )
    constants: dict[str, ConstantEntry] = Field(
        default_factory=dict, description="Elements that are written always."
    )
    computed: dict[str, ComputedEntry] = Field(
        default_factory=dict, description="Counters and totals."
    )
    ignore: list[Text] = Field(default_factory=list, description="What is deliberately not mapped.")
    unmapped: Literal["keep", "write_back", "drop"] = Field(
        "keep",
        description="What becomes of positions that the map does not name; write_back: a set is "
        "written as it came.",
    )
    keys: list[Text] = Field(default_factory=list, description="Business keys people search by.")
    tables: dict[str, TableEntry] = Field(default_factory=dict, description="Code tables by name.")
    blocks: dict[str, FieldSpec] = Field(
        default_factory=dict, description="Parts shared by fields."
    )
    hierarchy: HierarchySpec | None = Field(None, description="How HL levels are read and written.")
    split: SplitSpec | None = Field(None, description="One set, several documents.")
    versions: dict[str, VersionSpec] = Field(
        default_factory=dict,
        description="By version of the standard, such as 005010: what is said differently of it.",
    )
    note: str | None = Field(None, description="A sentence for people.")


class TableFile(TableSpec):
    """A code table shared by the maps of an instance."""

    table: Text = Field(description="The table's name, unique in the instance.")
    csv: Text | None = Field(
        None, description="File with the rows, beside this one; its first line names the columns."
    )
    code: Text | None = Field(None, description="The column of the file that has the code.")


class CaseSpec(_Part):
    """One test of a map: what is given decides what is tested."""

    name: Text = Field(description="A sentence that names the situation.")
    edi: Text | None = Field(None, description="The set: a path, or the segments themselves.")
    document: Text | None = Field(
        None, description="The document: a path, or the JSON text itself; a list for splits."
    )
    earlier: list[Text] = Field(
        default_factory=list,
        description="Documents that came before, which the map recalls: paths, or JSON text.",
    )
    findings: list[Text] = Field(
        default_factory=list, description="Findings expected: code and JSON Pointer."
    )
    directions: list[Literal["read", "write", "round_trip"]] | None = Field(
        None, description="What is tested; everything the given parts allow otherwise."
    )


class TestFile(_Part):
    """The tests of one map."""

    map: Text = Field(description="The map under test.")
    cases: list[CaseSpec] = Field(description="The cases, each on its own.", min_length=1)


_EXPECTED = {
    "missing": "is missing",
    "string_type": "expected text",
    "string_too_short": "expected text, found nothing",
    "dict_type": "expected a mapping",
    "list_type": "expected a list",
    "too_short": "expected at least one",
    "model_attributes_type": "expected a mapping",
    "model_type": "expected a mapping",
    "bool_parsing": "expected true or false",
    "bool_type": "expected true or false",
}


def problems_of(
    fault: ValidationError, source: Source, model: type[BaseModel]
) -> Iterator[Problem]:
    """Turn pydantic's errors into problems placed in the file, one for each place."""
    seen: set[Path] = set()
    for error in fault.errors(include_url=False, include_input=False):
        path = _written(error["loc"], source.value)
        if path in seen:
            continue
        seen.add(path)
        kind, last = error["type"], str(path[-1]) if path else ""
        if kind == "extra_forbidden":
            message = f"unknown key '{last}'{suggestion(last, _keys_near(path, model))}"
        elif kind == "literal_error":
            message = f"expected {error['ctx']['expected']}"
        elif kind == "missing":
            message = f"'{error['loc'][-1]}' is missing"
        else:
            message = _EXPECTED.get(kind, error["msg"])
        mark = source.mark(path)
        yield Problem(mark.file, mark.line, mark.column, field_path(path), message)


def _written(location: tuple[int | str, ...], value: Value) -> Path:
    """Drop what pydantic adds to a location: names of union members that nobody wrote."""
    path: list[str | int] = []
    for part in location:
        if isinstance(value, dict) and part in value:
            value = value[str(part)]
        elif isinstance(value, list) and isinstance(part, int) and part < len(value):
            value = value[part]
        else:
            continue
        path.append(part)
    return tuple(path)


_SECTIONS: dict[str, type[BaseModel]] = {
    "tables": TableSpec,
    "computed": ComputedSpec,
    "constants": ConstantSpec,
    "hierarchy": HierarchySpec,
    "split": SplitSpec,
    "cases": CaseSpec,
    "fields": FieldSpec,
    "blocks": FieldSpec,
    "versions": VersionSpec,
}


def _keys_near(path: Path, model: type[BaseModel]) -> list[str]:
    inner = _SECTIONS.get(str(path[0]), model) if len(path) > 1 else model
    return [info.alias or name for name, info in inner.model_fields.items()]


def field_path(path: Path) -> str:
    """Write a place of a map as people read it, without the `fields` keys between names."""
    parts: list[str] = []
    for index, part in enumerate(path):
        if isinstance(part, int):
            parts.append(f"{parts.pop() if parts else ''}[{part}]")
        elif not (part == "fields" and index % 2 == 0 and len(path) > index + 1):
            parts.append(part)
    return ".".join(parts)


def without_drops(value: Value) -> Value:
    """Return a value without the members that say `~drop`, which no model knows."""
    if isinstance(value, dict):
        return {key: without_drops(item) for key, item in value.items() if item != DROP}
    if isinstance(value, list):
        return [without_drops(item) for item in value]
    return value
