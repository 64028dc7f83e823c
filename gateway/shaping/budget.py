"""What one rendering may take: its steps are counted, for nothing here knows the time.

A loop takes a step for each item, however little it prints; so does a filter or a comparison that
goes over a list. A text takes a step for each thousand characters. The counting is put into a
template's tree, as filters under names that no template can write.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Literal, cast

from jinja2 import Undefined, nodes, pass_context
from jinja2.runtime import Context
from jinja2.visitor import NodeTransformer

MAX_STEPS = 5_000_000
"""For one document: some seconds; ten thousand lines may each go through five hundred of a list."""

BUDGET = "(budget)"
"""Under which a rendering is given its steps."""

_CHARACTERS = 1000
"""Of a text that one step goes over."""

_How = Literal["(items)", "(over)", "(through)"]
_AT_ONCE = frozenset(("default", "d", "first", "last", "length"))
"""Filters whose work does not grow with what they are given."""
_THROUGHOUT = frozenset(("json", "join", "~"))
"""Filters that go through everything within what they are given."""


class Budget:
    """The steps that a rendering has left."""

    __slots__ = ("_left",)

    def __init__(self) -> None:
        """Begin with all of them."""
        self._left = MAX_STEPS

    def spend(self, steps: int) -> None:
        """Count steps; raise ValueError where they are too many."""
        self._left -= steps
        if self._left < 0:
            raise ValueError(
                f"it takes more than {MAX_STEPS} steps: loops within loops, or over long lists"
            )


class Counting(NodeTransformer):
    """Puts the counting into a tree."""

    def visit_For(self, node: nodes.For) -> nodes.For:
        """Count the items of a loop when it begins."""
        self.generic_visit(node)
        node.iter = _counted(cast(nodes.Expr, node.iter), "(items)")
        return node

    def visit_Compare(self, node: nodes.Compare) -> nodes.Compare:
        """Count what is compared, or searched."""
        self.generic_visit(node)
        node.expr = _counted(node.expr, "(through)")
        for operand in node.ops:
            operand.expr = _counted(operand.expr, "(through)")
        return node

    def visit_Test(self, node: nodes.Test) -> nodes.Test:
        """Count what is tested by comparing."""
        self.generic_visit(node)
        node.args = [_counted(argument, "(through)") for argument in node.args]
        return node

    def visit_Filter(self, node: nodes.Filter) -> nodes.Filter:
        """Count what a filter goes over."""
        self.generic_visit(node)
        if isinstance(node.node, nodes.Expr) and node.name not in _AT_ONCE:
            how: _How = "(through)" if node.name in _THROUGHOUT else "(over)"
            node.node = _counted(node.node, how)
        return node

    def visit_Getitem(self, node: nodes.Getitem) -> nodes.Getitem:
        """Count what a part is cut out of."""
        self.generic_visit(node)
        if isinstance(node.arg, nodes.Slice):
            node.node = _counted(node.node, "(over)")
        return node


def _counted(node: nodes.Expr, how: _How) -> nodes.Expr:
    # A constant is written in the template, and so is as long as that; a loop over one counts.
    if isinstance(node, nodes.Const) and how != "(items)":
        return node
    return nodes.Filter(node, how, [], [], None, None, lineno=node.lineno)


def _spend(context: Context, steps: int) -> None:
    cast(Budget, context[BUDGET]).spend(steps)


@pass_context  # Which also keeps it from being computed when the template is compiled.
def _items(context: Context, value: object) -> object:
    """Count the items of a loop; what makes its items one by one makes them all."""
    if isinstance(value, Undefined):
        return value  # Going over it says what is not there.
    items = value if isinstance(value, Sequence | Mapping) else list(cast(Iterable[object], value))
    _spend(context, len(items))
    return items


@pass_context
def _over(context: Context, value: object) -> object:
    """Count what is gone over once, without what lies within it."""
    if isinstance(value, str):
        if len(value) >= _CHARACTERS:
            _spend(context, len(value) // _CHARACTERS)
    elif isinstance(value, list | tuple | dict):  # What JSON and a template's literals are.
        _spend(context, len(value))
    return value


@pass_context
def _through(context: Context, value: object) -> object:
    """Count what is gone through, with everything within it."""
    level = [value]
    while level:
        inner: list[object] = []
        for one in level:
            _over(context, one)
            if isinstance(one, dict):
                inner += one.values()
            elif isinstance(one, list | tuple):
                inner += one
        level = inner
    return value


COUNTS: Mapping[str, Callable[..., object]] = {
    "(items)": _items,
    "(over)": _over,
    "(through)": _through,
}
"""The filters that count."""
