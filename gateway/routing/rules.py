"""`routes.yaml`: ordered rules that turn a document into deliveries."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import ConfigDict, Field, field_validator, model_validator
from pydantic.config import JsonDict

from gateway.partners.fields import DocumentTypes, Like, Names, SetIds, Settings, Usages
from gateway.routing import patterns
from gateway.routing.targets import Targets

FieldPath = Annotated[
    str,
    Like(
        r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*",
        "a canonical field, such as ship_to.postal_code",
    ),
]
"""A canonical field: names with dots; a list on the way matches if any of its items does."""

Title = Annotated[str, Like(r"\S.{0,79}", "1 to 80 characters")]
"""The name of a rule, for people."""


def _with_short_forms(schema: JsonDict) -> None:
    """Let editors take text and lists too, which stand for `equals` and `one_of`."""
    whole: JsonDict = dict(schema)
    text: JsonDict = {"type": ["string", "number", "boolean"]}
    schema.clear()
    schema["anyOf"] = [text, {"type": "array", "items": text, "minItems": 1}, whole]


class FieldCondition(Settings):
    """What a canonical field must satisfy; several tests must all hold for the same value."""

    model_config = ConfigDict(json_schema_extra=_with_short_forms)

    equals: str | None = None
    """Exactly this text; a number or true/false is compared as it stands in the JSON."""
    one_of: Annotated[tuple[str, ...], Field(min_length=1)] | None = None
    """One of these texts."""
    pattern: str | None = None
    """A regular expression (RE2) that is found somewhere in the text; anchor it with ^ and $."""
    present: bool | None = None
    """Whether the field is there at all."""
    above: Decimal | None = None
    """A number greater than this."""
    at_least: Decimal | None = None
    """A number not less than this."""
    below: Decimal | None = None
    """A number less than this."""
    at_most: Decimal | None = None
    """A number not greater than this."""

    @model_validator(mode="before")
    @classmethod
    def _short_forms(cls, value: object) -> object:
        if isinstance(value, str):
            return {"equals": value}
        return {"one_of": value} if isinstance(value, list) else value

    @field_validator("pattern")
    @classmethod
    def _compiles(cls, pattern: str | None) -> str | None:
        if pattern is not None:
            patterns.check(pattern)
        return pattern

    @model_validator(mode="after")
    def _asks_something(self) -> FieldCondition:
        asked = {name for name in type(self).model_fields if getattr(self, name) is not None}
        if not asked:
            raise ValueError("nothing is asked of this field")
        if self.present is False and len(asked) > 1:
            raise ValueError("a field that must be absent has no value to compare")
        return self


class When(Settings):
    """Which documents a rule takes; everything written here must hold. Left out means any."""

    partner: Names = ()
    """Partner, or several."""
    set: SetIds = ()
    """Transaction set (ST01), or several."""
    document: DocumentTypes = ()
    """Document type, such as shipment_order, or several."""
    usage: Usages = ()
    """Usage indicator (ISA15), or several."""
    fields: dict[FieldPath, FieldCondition] = Field(default_factory=dict)
    """Canonical fields by path. Text means equality, a list one of its items."""


class Rule(Settings):
    """One rule: which documents, and where they go."""

    name: Title
    """Shown wherever this rule is the reason."""
    when: When = When()
    """Which documents; every document if left out."""
    to: Targets = ()
    """Destinations, by their names in `gateway.yaml`. `partner:ID` or `partner:ID/SET` submits the
    document to that partner, as `gateway send` does; ` as SHAPE` behind it, what that shape makes
    of the document."""
    keep: bool = False
    """In place of `to`: such documents are kept and found, and go to nobody. What no rule takes
    waits for a person."""

    @model_validator(mode="after")
    def _goes_somewhere_or_is_kept(self) -> Rule:
        if self.keep and self.to:
            raise ValueError("'keep' and 'to' exclude each other")
        if not self.keep and not self.to:
            raise ValueError("'to' is missing; `keep: true` is for what goes to nobody")
        return self

    @property
    def destinations(self) -> tuple[str, ...]:
        """Return the names of the deliveries that a document is owed by this rule."""
        return tuple(dict.fromkeys(str(target) for target in self.to))


class Routes(Settings):
    """The whole of `routes.yaml`."""

    mode: Literal["first_match", "all"] = "first_match"
    """`first_match`: the first rule that takes a document decides. `all`: every rule that takes it
    adds its destinations."""
    rules: Annotated[tuple[Rule, ...], Field(min_length=1)]
    """In this order."""
