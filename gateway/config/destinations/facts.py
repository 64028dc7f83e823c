"""Facts of a destination: what its templates know beside the document, from tables."""

from __future__ import annotations

from pydantic import ConfigDict, model_validator
from pydantic.config import JsonDict

from gateway.config.destinations.expressions import Expression
from gateway.partners.fields import Settings


def _with_short_form(schema: JsonDict) -> None:
    long_form = dict(schema)
    schema.clear()
    schema["anyOf"] = [{"type": "string"}, long_form]


class Fact(Settings):
    """A text that stands in `facts`: always the same, or looked up in a table."""

    model_config = ConfigDict(json_schema_extra=_with_short_form)

    fixed: str | None = None
    """Always this one; a plain text means this."""
    by: Expression | None = None
    """What it depends on: JMESPath over the document, such as `fact('partner')`."""
    table: dict[str, str] | None = None
    """From that to the fact; it is the fact itself if left out. What is not in the table keeps the
    document from being sent: it waits for a person, who is told."""

    @model_validator(mode="before")
    @classmethod
    def _short_form(cls, value: object) -> object:
        return {"fixed": value} if isinstance(value, str) else value

    @model_validator(mode="after")
    def _one_of(self) -> Fact:
        if (self.fixed is None) == (self.by is None):
            raise ValueError("expected a text, or 'by' with what it depends on")
        if self.table is not None and self.by is None:
            raise ValueError("'table' belongs to 'by'")
        return self
