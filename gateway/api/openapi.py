"""OpenAPI 3.1, written from the table of calls and the models that check and answer them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pydantic import BaseModel, TypeAdapter
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from gateway.api.calls import JSON, Operation
from gateway.api.deprecations import Deprecated
from gateway.api.models import Problem
from gateway.api.parameters import HEADER, PATH, Parameters
from gateway.api.problems import MEDIA_TYPE, Kind
from gateway.api.views import BASE
from gateway.canonical import DOCUMENTS

Node = dict[str, Any]
"""A part of the description."""

VERSION = "v1"

_REF = "#/components/schemas/"

_ALWAYS = (Kind.BROKEN_REQUEST, Kind.FAILED, Kind.UNAVAILABLE)
_WITH_A_TOKEN = (Kind.NOT_AUTHENTICATED, Kind.TOO_MANY_CALLS)
_WITH_A_BODY = (Kind.BODY_TOO_SLOW, Kind.BODY_TOO_LARGE, Kind.MEDIA_TYPE)


class _Plain(GenerateJsonSchema):
    """Leaves out titles that only repeat a name, and nulls, which are never written."""

    def field_title_should_be_set(self, schema: object) -> bool:
        """Say that no field needs a title."""
        return False

    def nullable_schema(self, schema: core_schema.NullableSchema) -> JsonSchemaValue:
        """Return what stands there where something does."""
        return self.generate_inner(schema["schema"])

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        """Say no default where it is that nothing is said."""
        if schema.get("default", ...) is None:
            return self.generate_inner(schema["schema"])
        return super().default_schema(schema)


def describe(operations: Sequence[Operation[Any]], deprecated: Sequence[Deprecated]) -> Node:
    """Return the whole description."""
    refs, components = _schemas(operations)
    paths: dict[str, Node] = {}
    gone = {row.what for row in deprecated}
    for one in operations:
        described = _operation(one, refs, gone)
        paths.setdefault(BASE + one.path, {})[one.method.lower()] = described
    for name, schema in components.items():
        _mark(name, schema.get("properties", {}), gone)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "EDI gateway",
            "version": "1.0",
            "description": "Canonical documents to partners, and what became of every document.",
        },
        "servers": [{"url": "/"}],
        "security": [{"token": []}],
        "paths": paths,
        "components": {
            "schemas": components,
            "securitySchemes": {
                "token": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "A token that `gateway api tokens create` printed.",
                }
            },
        },
    }


def models_of(operation: Operation[Any]) -> frozenset[str]:
    """Return the names of all models that the answers of an operation are made of."""
    _, components = _schemas([operation])
    names = {answer.model.__name__ for answer in operation.answers.values() if answer.model}
    found: set[str] = set()
    while names:
        name = names.pop()
        found.add(name)
        names |= {*_refs(components[name])} - found
    return frozenset(found)


def _refs(node: object) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(ref := node.get("$ref"), str):
            yield ref.removeprefix(_REF)
        for member in node.values():
            yield from _refs(member)
    elif isinstance(node, list):
        for member in node:
            yield from _refs(member)


def _schemas(operations: Sequence[Operation[Any]]) -> tuple[Mapping[str, Node], dict[str, Node]]:
    """Return how each model and document is referred to, and the schemas themselves."""
    answers = [answer.model for one in operations for answer in one.answers.values()]
    models: dict[str, type[BaseModel]] = {Problem.__name__: Problem}
    models |= {model.__name__: model for model in answers if model is not None}
    inputs: list[tuple[str, Any, TypeAdapter[Any]]] = [
        (name, "serialization", TypeAdapter(models[name])) for name in sorted(models)
    ]
    bodies = sorted({one.document for one in operations if one.document is not None})
    inputs += [(name, "validation", DOCUMENTS[name].adapter) for name in bodies]
    refs, definitions = TypeAdapter.json_schemas(
        inputs, ref_template=_REF + "{model}", schema_generator=_Plain
    )
    named = {name: {"$ref": schema["$ref"]} for (name, _), schema in refs.items()}
    return named, dict(definitions.get("$defs", {}))


def _operation(one: Operation[Any], refs: Mapping[str, Node], gone: set[str]) -> Node:
    described: Node = {
        "operationId": one.id,
        "summary": one.summary,
        "parameters": [*_path_parameters(one.path), *_parameters(one.parameters, gone)],
        "responses": _answers(one, refs),
    }
    if one.details:
        described["description"] = " ".join(one.details.split())
    if one.public:
        described["security"] = []
    elif one.scope is not None:
        described["description"] = " ".join(
            [*described.get("description", "").split(), f"Scope: `{one.scope}`."]
        )
    if one.document is not None:
        described["requestBody"] = {
            "required": True,
            "content": {JSON: {"schema": refs[one.document]}},
        }
    if gone & {VERSION, one.id}:
        described["deprecated"] = True
    return described


def _path_parameters(path: str) -> Iterator[Node]:
    for name, (description, pattern) in PATH.items():
        if f"{{{name}}}" in path:
            schema = {"type": "string", "pattern": f"^({pattern})$"}
            yield {
                "name": name,
                "in": "path",
                "required": True,
                "description": description,
                "schema": schema,
            }


def _parameters(kind: type[Parameters], gone: set[str]) -> Iterator[Node]:
    schema = kind.model_json_schema(by_alias=True, schema_generator=_Plain)
    required = schema.get("required", [])
    for name, node in schema.get("properties", {}).items():
        described = {
            "name": name,
            "in": "header" if node.pop(HEADER, False) else "query",
            "required": name in required,
            "description": " ".join(node.pop("description", "").split()),
            "schema": node,
        }
        if f"{kind.__name__}.{name}" in gone:
            described["deprecated"] = True
        yield described


def _answers(one: Operation[Any], refs: Mapping[str, Node]) -> Node:
    answers: Node = {}
    for status, answer in one.answers.items():
        described: Node = {"description": answer.means}
        if answer.model is not None:
            described["content"] = {answer.media_type: {"schema": refs[answer.model.__name__]}}
        elif status != 304:  # which has no body
            described["content"] = {answer.media_type: {}}
        answers[str(status)] = described
    for kind in problems_of(one):
        told = answers.setdefault(
            str(kind.status),
            {"description": "", "content": {MEDIA_TYPE: {"schema": refs[Problem.__name__]}}},
        )
        told["description"] = f"{told['description']} {kind.title} (`{kind.type}`).".strip()
    return answers


def problems_of(one: Operation[Any]) -> tuple[Kind, ...]:
    """Return every kind of problem that a call may meet."""
    found = [*_ALWAYS, *one.problems]
    if not one.public:
        found += _WITH_A_TOKEN
    if one.scope is not None:
        found.append(Kind.NOT_ALLOWED)
    if "{" in one.path:
        found.append(Kind.NOT_FOUND)
    if one.document is not None:
        found += _WITH_A_BODY
    return tuple(kind for kind in Kind if kind in found)


def _mark(model: str, properties: Mapping[str, Node], gone: set[str]) -> None:
    for name, node in properties.items():
        if f"{model}.{name}" in gone:
            node["deprecated"] = True
