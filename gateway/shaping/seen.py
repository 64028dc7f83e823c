"""What a template looks at: the fields of the document and the facts that it names.

A misspelt name is found out by the first document that comes, unless whoever knows the names holds
these against them before.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from jinja2 import meta, nodes

DOCUMENT = "document"
FACTS = "facts"
ROOTS = (DOCUMENT, FACTS)
"""What every template sees."""


@dataclass(frozen=True, slots=True)
class Named:
    """A name that a template asks for, and its line."""

    name: str
    line: int


@dataclass(frozen=True, slots=True)
class Seen:
    """What a template asks for, each name once, where it stands first."""

    fields: tuple[Named, ...]
    """Fields of the document itself."""
    facts: tuple[Named, ...]
    strange: tuple[Named, ...]
    """Neither the document nor the facts, nor set by the template itself."""


def seen(tree: nodes.Template) -> Seen:
    """Return what a template asks for, of its tree as it was parsed."""
    undeclared = meta.find_undeclared_variables(tree) - {*ROOTS}
    strange = [
        Named(node.name, node.lineno)
        for node in tree.find_all(nodes.Name)
        if node.name in undeclared and node.ctx == "load"
    ]
    return Seen(_once(_members(tree, DOCUMENT)), _once(_members(tree, FACTS)), _once(iter(strange)))


def _members(tree: nodes.Template, root: str) -> Iterator[Named]:
    """Yield the members that are asked of what every template sees.

    One that may be absent is let pass: it has a default, or the template asks whether it is there.
    """
    lenient = {id(node) for node in _where_absence_is_meant(tree)}
    for node in tree.find_all(nodes.Getattr):
        if _is(node.node, root) and id(node) not in lenient:
            yield Named(node.attr, node.lineno)
    for item in tree.find_all(nodes.Getitem):
        name = item.arg.value if isinstance(item.arg, nodes.Const) else None
        if _is(item.node, root) and isinstance(name, str) and id(item) not in lenient:
            yield Named(name, item.lineno)


def _is(node: nodes.Node, root: str) -> bool:
    return isinstance(node, nodes.Name) and node.name == root


def _where_absence_is_meant(tree: nodes.Template) -> Iterator[nodes.Node]:
    for filtered in tree.find_all(nodes.Filter):
        if filtered.name in ("default", "d") and filtered.node is not None:
            yield filtered.node
    for test in tree.find_all(nodes.Test):
        if test.name in ("defined", "undefined"):
            yield test.node


def _once(found: Iterator[Named]) -> tuple[Named, ...]:
    first: dict[str, Named] = {}
    for one in found:
        if one.name not in first or one.line < first[one.name].line:
            first[one.name] = one
    return tuple(sorted(first.values(), key=lambda one: (one.line, one.name)))
