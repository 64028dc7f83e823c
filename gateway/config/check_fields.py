"""Fields that expressions ask of a document and that no document has: a typing error, as a rule."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from gateway.canonical import DOCUMENTS
from gateway.config.destinations import (
    Destination,
    FileDestination,
    StepsDestination,
    TableDestination,
)
from gateway.config.schemas import document_schema
from gateway.config.shapes import keys_at
from gateway.config.shaping import Place, Shaping
from gateway.shaping import NotCompiled, Selection
from gateway.yaml_source import suggestion


def expressions_of(destination: Destination) -> Iterator[tuple[Place, str]]:
    """Yield the expressions of a destination that look at the whole document, with their places."""
    if isinstance(destination, StepsDestination):
        return  # They look at what earlier steps took as well.
    body = getattr(destination, "body", None)
    shaped = isinstance(body, Shaping) and body.select is not None
    if isinstance(body, Shaping) and body.select is not None:
        yield ("body", "select"), body.select
    if isinstance(destination, FileDestination) and destination.rows and not shaped:
        yield ("rows",), destination.rows
    if isinstance(destination, TableDestination):
        for column, expression in destination.columns.items():
            yield ("columns", column), expression
        for place, child in enumerate(destination.children):
            yield ("children", place, "each"), child.each


def unknown_fields(expression: str) -> list[str]:
    """Return a sentence for each field that no document has; what is wrong otherwise is said."""
    try:
        asked = Selection.compile(expression).root_fields
    except NotCompiled:
        return []
    known = _fields()
    return [
        f"no document has a field '{name}'{suggestion(name, sorted(known))}: it is always null"
        for name in asked
        if name not in known
    ]


@cache
def _fields() -> frozenset[str]:
    return frozenset(name for kind in DOCUMENTS for name in keys_at(document_schema(kind), ()))
