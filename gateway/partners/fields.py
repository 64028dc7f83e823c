"""Kinds of value that partner files and routing rules share: names, codes, one or many.

Values come from YAML as text. The JSON Schema beside each kind says what an editor should accept,
which is more than text: people write `30` and `true` without quotes, and the reader gives both as
text.
"""

from __future__ import annotations

from pathlib import PurePath
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    StringConstraints,
    WithJsonSchema,
)


class Settings(BaseModel):
    """A part of a configuration file: nothing unknown is taken, nothing changes after reading."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


def _path(value: str) -> str:
    if not value.strip() or "\0" in value or value.startswith("~"):
        raise ValueError("expected a path below the instance's home")
    if ".." in PurePath(value.replace("\\", "/")).parts:
        raise ValueError("expected a path without '..', below the instance's home")
    return value


HomePath = Annotated[str, AfterValidator(_path)]
"""A path below the instance's home. An absolute one is taken here and refused by `gateway check`
unless `gateway.yaml` allows it."""


def many(value: object) -> object:
    """Take a single value where a list is expected, as people write it."""
    return [value] if isinstance(value, str) else value


Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9](?:[a-z0-9_-]{0,62}[a-z0-9])?$")]
"""Safe as the name of a folder on every system, and easy to type."""

MapName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,79}$")]
"""The `map:` of a map file."""

SetId = Annotated[str, StringConstraints(pattern=r"^[0-9]{3}$")]
"""ST01."""

Version = Annotated[str, StringConstraints(pattern=r"^[0-9]{6}[A-Z0-9]{0,6}$")]
"""GS08: version, release and subrelease in six digits, then an industry's suffix such as UCS."""

Usage = Literal["P", "T", "I"]
"""ISA15: production, test, information."""

Direction = Literal["in", "out"]
"""Seen from us: `in` is what the partner sends."""


def one_or_many(item: dict[str, object]) -> WithJsonSchema:
    """Return the JSON Schema of a list that may be written as its only item."""
    return WithJsonSchema({"anyOf": [item, {"type": "array", "items": item, "minItems": 1}]})


_USAGE: dict[str, object] = {"type": "string", "enum": ["P", "T", "I"]}

Usages = Annotated[tuple[Usage, ...], BeforeValidator(many), one_or_many(_USAGE)]
Texts = Annotated[tuple[str, ...], BeforeValidator(many), one_or_many({"type": "string"})]
SetIds = Annotated[
    tuple[SetId, ...],
    BeforeValidator(many),
    one_or_many({"type": "string", "pattern": r"^[0-9]{3}$"}),
]
