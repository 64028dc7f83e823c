"""The whole of a file in `exports/`."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal, InvalidOperation
from typing import Annotated, Literal

from pydantic import ConfigDict, Field, model_validator
from pydantic.config import JsonDict

from gateway.config.exports.expressions import Expression
from gateway.config.exports.schedule import Missed, ScheduleSettings
from gateway.config.exports.sources import SourceSettings
from gateway.config.shaping import Shaping
from gateway.partners.fields import DOCUMENT_TYPE, HomePath, Name, SetId, Settings, Usage
from gateway.partners.kinds import Duration, Size
from gateway.pipeline.exports.cursor import Cursor

_MEGABYTE = 1024 * 1024

Overlap = Annotated[str, Field(pattern=r"^\d+(\.\d+)?\s*(ms|s|m|h|d)?$")]


class CursorSettings(Settings):
    """What makes a source incremental: a value that grows as records change."""

    field: Expression
    """Its value in a record, such as `updated_at`."""
    kind: Literal["time", "number", "text"] = "time"
    """How two values are compared."""
    start: str | None = None
    """The value that the first run begins at; everything if left out."""
    overlap: Overlap | None = None
    """Reading begins so much before the highest value that was seen, since records may be committed
    late: a duration for times, a number for numbers. What comes again unchanged is not sent."""
    pattern: str = "%Y-%m-%dT%H:%M:%SZ"
    """How a time is written for the source, by strftime, in UTC."""

    @model_validator(mode="after")
    def _overlap_fits(self) -> CursorSettings:
        self.cursor()
        return self

    def cursor(self) -> Cursor:
        """Return how values are compared and written."""
        if self.overlap is None:
            return Cursor(self.kind, None, self.pattern)
        if self.kind == "text":
            raise ValueError("'overlap' means nothing for a cursor that is text")
        if self.kind == "number":
            try:
                return Cursor(self.kind, Decimal(self.overlap), self.pattern)
            except InvalidOperation:
                raise ValueError("'overlap' of a number is a number") from None
        span = _Overlap(span=self.overlap).span
        return Cursor(self.kind, span, self.pattern)


class _Overlap(Settings):
    span: Duration
    """A duration."""


class DocumentSettings(Settings):
    """What a record becomes: a canonical document."""

    type: Annotated[str, DOCUMENT_TYPE]
    """Its type, such as shipment_order; with it, `document` and `version` need not be written."""
    shape: Shaping = Shaping()
    """How: JMESPath in `select`, or a Jinja2 template that writes JSON; the record as it is if left
    out. The facts are `export`, `key` and `version`, which counts a record's changes."""
    set: SetId | None = None
    """Where the partner takes such a document in several sets."""
    usage: Usage | None = None
    """ISA15, where the agreement allows another than its own."""


def _with_short_form(schema: JsonDict) -> None:
    long_form = dict(schema)
    schema.clear()
    schema["anyOf"] = [{"type": "string"}, long_form]


class PartnerSettings(Settings):
    """For whom the documents are: a partner, or how to tell by the record."""

    model_config = ConfigDict(json_schema_extra=_with_short_form)

    fixed: Name | None = None
    """Always the same one; a plain name means this."""
    by: Expression | None = None
    """What the record says, such as `warehouse.code`."""
    table: dict[str, Name] | None = None
    """From that to a partner; it is a partner's id itself if left out."""

    @model_validator(mode="before")
    @classmethod
    def _short_form(cls, value: object) -> object:
        return {"fixed": value} if isinstance(value, str) else value

    @model_validator(mode="after")
    def _one_of(self) -> PartnerSettings:
        if (self.fixed is None) == (self.by is None):
            raise ValueError("expected a partner, or 'by' with how the record tells")
        if self.table is not None and self.by is None:
            raise ValueError("'table' belongs to 'by'")
        return self


class Unchanged(Settings):
    """Which records are not sent again."""

    compare: Expression = "@"
    """What makes a record a changed one: the whole of it, or what this selects of it, such as
    `{status: status, lines: lines}`. Leave out what changes by being read or marked."""
    changed: Literal["again", "ignore"] = "again"
    """A changed record is sent again, under a new idempotency key, or not."""
    set: dict[str, str] = Field(default_factory=dict)
    """Fields that a document gets which changes an earlier one, such as `status: change`."""


class RunLimits(Settings):
    """How much one run reads at most; the next run goes on from there."""

    records: Annotated[int, Field(ge=1)] = 10_000
    """Records that the source answers with."""
    bytes: Size = Field(100 * _MEGABYTE, json_schema_extra={"default": "100MB"})
    """Bytes that the source answers with."""
    page: Size = Field(50 * _MEGABYTE, json_schema_extra={"default": "50MB"})
    """A page or a file that is larger is refused."""
    time: Duration = timedelta(minutes=30)
    """How long it may take."""
    attempts: Annotated[int, Field(ge=1, le=100)] = 5
    """How often one page is asked for, where the source is briefly unwell, before the run fails."""
    pause: Duration = timedelta(seconds=1)
    """Before the second attempt; it doubles each time, up to 30 s, unless the source says when."""


class DoneSettings(Settings):
    """What the ERP is told, so that it knows what became of a record."""

    when: Literal["accepted", "sent", "acknowledged"] = "sent"
    """Once the document is fit to leave, left, or was accepted by the partner's acknowledgment
    (where it owes none: left)."""
    destination: Name
    """The destination of `gateway.yaml` that makes the call. It gets JSON with `export`, `key`,
    `document_id`, `partner`, `control_number` and the `record`, under an idempotency key."""


class ExportFile(Settings):
    """Records of an ERP that become documents for partners, by a schedule."""

    export: Name
    """Its name."""
    extends: HomePath | None = None
    """A file below the home that says the rest, such as `connectors/sap/exports/deliveries.yaml`;
    what stands here goes before it, member by member."""
    schedule: ScheduleSettings
    """When it runs."""
    missed: Missed = Missed()
    """What becomes of slots at which nothing ran."""
    source: SourceSettings
    """Where records come from."""
    cursor: CursorSettings | None = None
    """What makes the source incremental; every run reads everything if left out."""
    select: Expression | None = None
    """Which records are taken: a condition, such as `status == 'ready'`."""
    key: Expression
    """What tells a record from others, such as `id` or `[company, number]`."""
    unchanged: Unchanged = Unchanged()
    """What is compared to tell that a record was sent already, and what becomes of changes."""
    document: DocumentSettings
    """What a record becomes."""
    partner: PartnerSettings
    """For whom: a partner's id, or `by` with how the record tells."""
    done: DoneSettings | None = None
    """What the ERP is told."""
    limits: RunLimits = RunLimits()
    """How much one run reads."""
    owner: str | None = None
    """Who acts where it fails; `owner` of `gateway.yaml` if left out."""
