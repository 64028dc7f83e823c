"""Which keys a JSON Schema knows at a path: for suggestions, and for paths that routes name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

Schema = Mapping[str, object]


def keys_at(root: Schema, path: Sequence[str | int]) -> frozenset[str]:
    """Return the names that an object at a path may have; a list is entered by a number."""
    nodes = [root]
    for part in path:
        nodes = [inner for node in nodes for inner in _below(node, part, root)]
    return frozenset(
        name
        for node in nodes
        for form in _forms(node, root)
        for name in _object(form, "properties")
    )


def unknown_part(root: Schema, names: Sequence[str]) -> tuple[str, frozenset[str]] | None:
    """Return the first name of a dotted path that is not there, and what is; None if all are.

    Lists on the way are entered without being named.
    """
    nodes = [root]
    for name in names:
        forms = [form for node in nodes for form in _items(node, root)]
        known = frozenset(key for form in forms for key in _object(form, "properties"))
        nodes = [
            inner
            for form in forms
            if isinstance(inner := _object(form, "properties").get(name), dict)
        ]
        if not nodes:
            return name, known
    return None


def _items(node: Schema, root: Schema) -> list[Schema]:
    forms = []
    for form in _forms(node, root):
        items = form.get("items")
        forms += _items(items, root) if isinstance(items, dict) else [form]
    return forms


def _below(node: Schema, part: str | int, root: Schema) -> list[Schema]:
    inner = []
    for form in _forms(node, root):
        if isinstance(part, int):
            inner.append(_object(form, "items"))
        else:
            named = _object(form, "properties").get(part)
            inner.append(
                named if isinstance(named, dict) else _object(form, "additionalProperties")
            )
            patterns = _object(form, "patternProperties").values()
            inner += [found for found in patterns if isinstance(found, dict)]
    return inner


def _forms(node: Schema, root: Schema) -> list[Schema]:
    """Return a schema, or what it refers to, or each of its alternatives."""
    reference = node.get("$ref")
    if isinstance(reference, str):
        target = _object(_object(root, "$defs"), reference.rpartition("/")[2])
        return _forms(target, root)
    choices = node.get("anyOf") or node.get("oneOf")
    if isinstance(choices, list):
        return [form for choice in choices for form in _forms(choice, root)]
    return [node]


def _object(node: Schema, name: str) -> Schema:
    found = node.get(name)
    return found if isinstance(found, dict) else {}
