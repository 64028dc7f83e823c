"""Which keys of a field go together, before anybody looks where its value stands."""

from __future__ import annotations

from functools import lru_cache

from gateway.mapping.grammar import PLACES, FieldSpec


def as_spec(entry: FieldSpec | str) -> FieldSpec:
    """Return a field written as a bare position in its full form."""
    return entry if isinstance(entry, FieldSpec) else _at(entry)


@lru_cache(maxsize=8192)
def _at(position: str) -> FieldSpec:
    """Return the field at a position: the very same one each time."""
    return FieldSpec(at=position)


_ALONE = {"at", "first", "value", "expr", "in", "level"}

_SINGLE = {"at", "first", "value", "expr"}
"""Places of one value, which has no members."""


def misfit(spec: FieldSpec) -> str:
    """Say which keys of a field do not go together."""
    written = [
        key
        for key in ("at", "first", "in", "each", "pairs", "level", "value", "expr")
        if getattr(spec, {"in": "in_"}.get(key, key)) is not None
    ]
    places_written = [key for key in written if key in _ALONE]
    if spec.expr is not None and not (spec.read_only or spec.write_only):
        return "an expression goes one way: say `read_only: true` or `write_only: true`"
    if spec.expr is not None and spec.write_only:
        places_written.remove("expr")
        if spec.at is None:
            return "an expression that is written needs `at:`"
    elif len(places_written) > 1:
        return f"`{places_written[0]}:` and `{places_written[1]}:` exclude each other"
    single = next((key for key in written if key in _SINGLE), None)
    if single and spec.fields is not None:
        return f"`{single}:` and `fields:` exclude each other"
    if not written and spec.fields is None:
        return f"no place is given, such as {', '.join(f'`{key}:`' for key in PLACES)}"
    if (spec.in_ or spec.level or spec.each == ".") and spec.fields is None:
        return f"`{'in:' if spec.in_ else 'level:' if spec.level else 'each: .'}` needs `fields:`"
    if spec.each is not None and spec.pairs is None and (spec.fields is None) == (spec.at is None):
        return "`each:` needs either `fields:` or `at:`"
    if spec.read_only and spec.write_only:
        return "`read_only:` and `write_only:` exclude each other"
    return ""
