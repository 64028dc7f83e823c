"""Kinds of value that configuration files share: names, codes, paths, one or many.

Values come from YAML as text, so every kind starts from text. The sentence that says what was
expected stands beside the pattern that decides.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import PurePath
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    WithJsonSchema,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

_SHOWN = 40
"""How much of a wrong value a message repeats."""


class Settings(BaseModel):
    """A part of a configuration file: nothing unknown is taken, nothing changes after reading."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


@dataclass(frozen=True, slots=True)
class Like:
    """Text of a certain form, and the words that say which."""

    pattern: str
    expected: str

    def check(self, value: str) -> str:
        """Return a value that has the form; say what was expected otherwise."""
        if re.fullmatch(self.pattern, value) is None:
            raise ValueError(f"{quoted(value)} does not fit; expected {self.expected}")
        return value

    def __get_pydantic_core_schema__(
        self, source: object, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return core_schema.no_info_after_validator_function(self.check, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return handler(schema) | {"pattern": f"^(?:{self.pattern})$"}


def quoted(value: str) -> str:
    """Return a value as messages repeat it: in quotes, printable, not longer than needed."""
    shown = "".join(character if character.isprintable() else "?" for character in value)
    return f"'{shown[:_SHOWN]}...'" if len(shown) > _SHOWN else f"'{shown}'"


def _path(value: str) -> str:
    if not value.strip() or "\0" in value or value.startswith("~"):
        raise ValueError(f"{quoted(value)} does not fit; expected a path below the home")
    if ".." in PurePath(value.replace("\\", "/")).parts:
        raise ValueError(f"{quoted(value)} leaves the home; expected a path without '..'")
    return value


HomePath = Annotated[str, AfterValidator(_path)]
"""A path below the instance's home. An absolute one is taken here and refused by `gateway check`
unless `gateway.yaml` allows it."""

NAME = Like(
    r"[a-z0-9](?:[a-z0-9_-]{0,62}[a-z0-9])?",
    "small letters, digits, '-' and '_', such as northstar-3pl",
)
SET_ID = Like(r"[0-9]{3}", "three digits, such as 940")
DOCUMENT_TYPE = Like(r"[a-z][a-z0-9_]*", "a document type, such as shipment_order")

Name = Annotated[str, NAME]
"""Safe as the name of a folder on every system, and easy to type."""

MapName = Annotated[
    str, Like(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}", "the name of a map, such as base-940")
]
"""The `map:` of a map file."""

SetId = Annotated[str, SET_ID]
"""ST01."""

Version = Annotated[
    str, Like(r"[0-9]{6}[A-Z0-9]{0,6}", "six digits and perhaps a suffix, such as 004010UCS")
]
"""GS08: version, release and subrelease in six digits, then an industry's suffix such as UCS."""

Qualifier = Annotated[str, Like(r"[A-Z0-9]{1,2}", "two letters or digits, such as ZZ or 01")]
"""ISA05 or ISA07 without padding."""

InterchangeId = Annotated[
    str, Like(r"\S(.{0,13}\S)?", "1 to 15 characters without blanks at the ends")
]
"""ISA06 or ISA08 without padding: 1 to 15 characters, no blank at either end."""

GroupId = Annotated[str, Like(r"\S.{0,13}\S", "2 to 15 characters without blanks at the ends")]
"""GS02 or GS03 without padding: 2 to 15 characters."""

InterchangeVersion = Annotated[
    str, Like(r"00[2-8][0-9]{2}", "five digits of an interchange's version, such as 00401")
]
"""ISA12."""

Usage = Literal["P", "T", "I"]
"""ISA15: production, test, information."""

Direction = Literal["in", "out"]
"""Seen from us: `in` is what the partner sends."""


def many(value: object) -> object:
    """Take a single value where a list is expected, as people write it."""
    return [value] if isinstance(value, str) else value


def one_or_many(**item: object) -> WithJsonSchema:
    """Return the JSON Schema of a list of text that may be written as its only item."""
    single = {"type": "string", **item}
    return WithJsonSchema({"anyOf": [single, {"type": "array", "items": single}]})


Usages = Annotated[tuple[Usage, ...], BeforeValidator(many), one_or_many(enum=["P", "T", "I"])]
Texts = Annotated[tuple[str, ...], BeforeValidator(many), one_or_many()]
Names = Annotated[tuple[Name, ...], BeforeValidator(many), one_or_many()]
SetIds = Annotated[tuple[SetId, ...], BeforeValidator(many), one_or_many(pattern="^[0-9]{3}$")]
DocumentTypes = Annotated[
    tuple[Annotated[str, DOCUMENT_TYPE], ...], BeforeValidator(many), one_or_many()
]
