"""Words that a table did not know and let pass (`unknown: keep`): named, so that somebody looks.

Seen in the document, where a code that was kept on the way in and a word that is kept on the way
out look the same: neither is one of the table's. The readers and writers that are generated for
speed look tables up without a call, and stay as they are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from gateway.findings import Finding, FindingCode, Location
from gateway.mapping.lifted import Tables
from gateway.mapping.plan import (
    FieldPlan,
    LeafPlan,
    ObjectPlan,
    PairPlan,
    PairsPlan,
    ValueRule,
    ValuesPlan,
)

_MOST = 50
"""So many words of one document are named: more say nothing new about the table."""

Known = frozenset[str]


@dataclass(frozen=True, slots=True)
class _Level:
    """What is looked at in an object: values with a table, and the objects that hold such."""

    values: tuple[tuple[str, Known], ...]
    inner: tuple[tuple[str, _Level], ...]


@dataclass(frozen=True, slots=True)
class Looked:
    """Which members of an object, and of the objects in it, have words of a table."""

    rules: tuple[tuple[str, ValueRule], ...]
    inner: tuple[tuple[str, Looked], ...]


def kept_words(
    looked: Looked | None, tables: Tables
) -> Callable[[Mapping[str, object]], list[Finding]]:
    """Return what names the words of a document that no table of one map has."""
    if looked is None:
        return lambda _: []
    level = _level(looked, tables)

    def look(document: Mapping[str, object]) -> list[Finding]:
        if _all_known(level, [document]):
            return []
        found: dict[tuple[str, str], list[str]] = {}
        for field, word, pointer in _unknown(level, document, "", ""):
            if (field, word) in found or len(found) < _MOST:
                found.setdefault((field, word), []).append(pointer)
        return [_finding(word, pointers) for (_, word), pointers in found.items()]

    return look


def _finding(word: str, pointers: Sequence[str]) -> Finding:
    often = f", {len(pointers)} times in this document" if len(pointers) > 1 else ""
    detail = f"word kept as it came: the map's table does not have it{often}"
    return Finding(FindingCode.WORD_KEPT, Location(), word, detail, field=pointers[0])


def _level(looked: Looked, tables: Tables) -> _Level:
    """Return what is looked at in the documents of one map."""
    return _Level(
        tuple([(name, _known(rule, tables)) for name, rule in looked.rules]),
        tuple([(name, _level(below, tables)) for name, below in looked.inner]),
    )


def _known(rule: ValueRule, tables: Tables) -> Known:
    if rule.table is not None:
        return tables[rule.table.form.name].known
    return frozenset(("", *(rule.words or ()), *(rule.codes or ())))


def looked_at(fields: Sequence[FieldPlan]) -> Looked | None:
    """Return what is to be looked at; None where no field has a table that keeps words."""
    values: list[tuple[str, ValueRule]] = []
    inner: list[tuple[str, Looked]] = []
    for field in fields:
        match field:
            case LeafPlan() | PairPlan() | ValuesPlan():
                values += _with_table(field.name, field.rule)
            case PairsPlan():
                entry = [*_with_table(*field.qualifier), *_with_table(*field.value)]
                shared = looked_at(field.shared)
                entry += shared.rules if shared is not None else ()
                if entry:
                    inner.append((field.name, Looked(tuple(entry), ())))
            case ObjectPlan():
                below = looked_at(field.fields)
                if below is not None:
                    inner.append((field.name, below))
    return Looked(tuple(values), tuple(inner)) if values or inner else None


def _with_table(name: str, rule: ValueRule) -> list[tuple[str, ValueRule]]:
    return [] if rule.words is None else [(name, rule)]


def _all_known(level: _Level, nodes: Sequence[object]) -> bool:
    """Say whether objects of one level, and all in them, hold known words and nothing else.

    They are looked through together, and a no only says that somebody has to look closely.
    """
    try:
        for name, known in level.values:
            if not known.issuperset([node.get(name) or "" for node in nodes]):  # type: ignore[attr-defined]  # see below
                return False
        for name, below in level.inner:
            values = [node[name] for node in nodes if name in node]  # type: ignore[index,operator]  # see below
            if values and not _all_known(below, _entries(values)):
                return False
    except (AttributeError, TypeError):  # no object, or a list where one word was expected
        return False
    return True


def _entries(values: Sequence[object]) -> list[object]:
    """Return objects and the entries of lists in one row."""
    if type(values[0]) is not list:
        return list(values)
    return [entry for value in values for entry in (value if type(value) is list else (value,))]


def _unknown(
    level: _Level, node: object, field: str, pointer: str
) -> Iterator[tuple[str, str, str]]:
    """Yield field without places, word and JSON Pointer of each word that is in no table."""
    if isinstance(node, Mapping):
        for name, known in level.values:
            for word, place in _words(node.get(name), f"{pointer}/{name}"):
                if word not in known:
                    yield f"{field}/{name}", word, place
        for name, below in level.inner:
            if name in node and not _all_known(below, _entries([node[name]])):
                yield from _unknown(below, node[name], f"{field}/{name}", f"{pointer}/{name}")
    elif isinstance(node, Sequence) and not isinstance(node, str):
        for number, entry in enumerate(node):
            yield from _unknown(level, entry, field, f"{pointer}/{number}")


def _words(value: object, pointer: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        if value:
            yield value, pointer
    elif isinstance(value, Sequence):
        for number, entry in enumerate(value):
            yield from _words(entry, f"{pointer}/{number}")
