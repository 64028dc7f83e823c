"""Does a rule take a document: one sentence for each condition that decides against it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation

from gateway.partners.fields import quoted
from gateway.routing import patterns
from gateway.routing.rules import FieldCondition

_COMPARISONS = {
    "above": ("greater than", Decimal.__gt__),
    "at_least": ("at least", Decimal.__ge__),
    "below": ("less than", Decimal.__lt__),
    "at_most": ("at most", Decimal.__le__),
}
_SHOWN = 5
"""How many values of a list a sentence names."""


def values_at(document: Mapping[str, object], path: str) -> Iterator[str]:
    """Return the values of a canonical field as text; a list gives those of each item."""
    yield from _walk(document, path.split("."))


def _walk(node: object, names: list[str]) -> Iterator[str]:
    if isinstance(node, list | tuple):
        for item in node:
            yield from _walk(item, names)
    elif names:
        if isinstance(node, Mapping) and names[0] in node:
            yield from _walk(node[names[0]], names[1:])
    elif isinstance(node, bool):
        yield "true" if node else "false"
    elif node is not None:
        # A mapping is there, and that is all that can be asked of it.
        yield "" if isinstance(node, Mapping) else str(node)


def mismatch(condition: FieldCondition, path: str, document: Mapping[str, object]) -> str | None:
    """Say why a field does not satisfy a condition, or None where it does."""
    values = list(values_at(document, path))
    if condition.present is False:
        return f"{path} is present, must be absent" if values else None
    if not values:
        return f"{path} is absent, must be {wanted(condition)}"
    if any(_satisfies(value, condition) for value in values):
        return None
    shown = ", ".join(quoted(value) for value in values[:_SHOWN])
    more = ", ..." if len(values) > _SHOWN else ""
    return f"{path} is {shown}{more}, must be {wanted(condition)}"


def _satisfies(value: str, condition: FieldCondition) -> bool:
    if condition.equals is not None and value != condition.equals:
        return False
    if condition.one_of is not None and value not in condition.one_of:
        return False
    if condition.pattern is not None and not patterns.found(condition.pattern, value):
        return False
    return _compares(value, condition)


def _compares(value: str, condition: FieldCondition) -> bool:
    bounds = [(name, getattr(condition, name)) for name in _COMPARISONS]
    asked = [(name, bound) for name, bound in bounds if bound is not None]
    if not asked:
        return True
    try:
        number = Decimal(value)
    except InvalidOperation:
        return False
    if not number.is_finite():
        return False
    return all(_COMPARISONS[name][1](number, bound) for name, bound in asked)


def wanted(condition: FieldCondition) -> str:
    """Say in words what a condition asks of a field."""
    if condition.present is False:
        return "absent"
    parts = []
    if condition.equals is not None:
        parts.append(f"'{condition.equals}'")
    if condition.one_of is not None:
        parts.append("one of " + ", ".join(f"'{item}'" for item in condition.one_of))
    if condition.pattern is not None:
        parts.append(f"like {condition.pattern}")
    for name, (words, _) in _COMPARISONS.items():
        bound = getattr(condition, name)
        if bound is not None:
            parts.append(f"{words} {bound}")
    return " and ".join(parts) or "present"
