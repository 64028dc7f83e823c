"""Fields that expressions ask of a document and that no document has: a typing error, as a rule."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
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
from gateway.partners.fields import Settings
from gateway.secrets import Template
from gateway.shaping import NotCompiled, Selection, TextTemplate
from gateway.shaping.seen import Named, Seen
from gateway.yaml_source import suggestion

_FACTS = frozenset(
    (
        "document_id", "document_type", "partner", "idempotency_key", "correlation_id",
        "generation", "window", "position",
    )
)  # fmt: skip
"""What is known beside every document, and what some kinds know besides."""

_OF_MARKS = frozenset(
    ("export", "key", "told_when", "document_id", "partner", "control_number", "record")
)
"""What an ERP is told of a document that an export sent (`pipeline.exports.marking`)."""

_OF_STEPS = frozenset(("taken", "item"))


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


def unknown_fields(expression: str, *, marks: bool) -> list[str]:
    """Return a sentence for each field that no document has; what is wrong otherwise is said."""
    try:
        asked = Selection.compile(expression).root_fields
    except NotCompiled:
        return []
    known = fields_of_documents() | (_OF_MARKS if marks else frozenset())
    return [
        f"no document has a field '{name}'{suggestion(name, sorted(known))}: it is always null"
        for name in asked
        if name not in known
    ]


def unknown_in_templates(destination: Destination, *, marks: bool) -> Iterator[tuple[Place, str]]:
    """Yield what templates of a destination ask for that no document and no fact has.

    `marks`: an export tells its ERP through it, of documents that are sent.
    """
    fields, facts = known_names(destination, marks=marks)
    for place, text in _texts(destination, ()):
        try:
            template = TextTemplate(text)
        except NotCompiled:
            continue
        for _, sentence in asked_in_vain(template.seen, fields, facts):
            yield place, sentence


def known_names(destination: Destination, *, marks: bool) -> tuple[Sequence[str], Sequence[str]]:
    """Return the fields and the facts that templates of a destination may ask for."""
    own = (getattr(destination, "facts", {}), getattr(destination, "secrets", {}))
    named = {name for facts in own if isinstance(facts, Mapping) for name in facts}
    facts = sorted(named | _FACTS | ({"export"} if marks else set()))
    return sorted(fields_of_documents() | _OF_STEPS | (_OF_MARKS if marks else frozenset())), facts


def asked_in_vain(
    seen: Seen, fields: Sequence[str], facts: Sequence[str]
) -> Iterator[tuple[Named, str]]:
    """Yield what a template asks for and is not there, each with a sentence."""
    for named in seen.fields:
        if named.name not in fields:
            near = suggestion(named.name, fields)
            yield named, f"no document has a field '{named.name}'{near}"
    for named in seen.facts:
        if named.name not in facts:
            yield named, f"there is no fact '{named.name}'{suggestion(named.name, facts)}"


def _texts(value: object, place: Place) -> Iterator[tuple[Place, str]]:
    """Yield the templates that stand in settings themselves, each with its place."""
    match value:
        case Template():
            yield from _texts(value.text, place)
        case str() if "{{" in value or "{%" in value:
            yield place, value
        case Settings():
            for name in type(value).model_fields:
                yield from _texts(getattr(value, name), (*place, name))
        case Mapping():
            for name, inner in value.items():
                yield from _texts(inner, (*place, str(name)))
        case tuple() | list():
            for number, inner in enumerate(value):
                yield from _texts(inner, (*place, number))


@cache
def fields_of_documents() -> frozenset[str]:
    """Return every field that some kind of document has, at its top."""
    return frozenset(name for kind in DOCUMENTS for name in keys_at(document_schema(kind), ()))
