"""The expressions of an unrolled loop: decided where the shape decides them, and kept otherwise."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import cast

from gateway.mapping.unroll_values import (
    Beyond,
    CannotUnrollError,
    Computed,
    Element,
    Items,
    Known,
    Lent,
    Outside,
    Record,
    Segment,
    Value,
    source_of,
)

_OPERATORS = cast(
    "Mapping[type[ast.AST], Callable[[object, object], object]]",
    {
        ast.Add: operator.add,
        ast.BitAnd: operator.and_,
        ast.BitOr: operator.or_,
        ast.Lt: operator.lt,
        ast.LtE: operator.le,
        ast.Gt: operator.gt,
        ast.GtE: operator.ge,
        ast.Eq: operator.eq,
        ast.NotEq: operator.ne,
    },
)  # Of numbers, all of them.
_WORDS: Mapping[type[ast.boolop], str] = {ast.And: " and ", ast.Or: " or "}


@dataclass(slots=True)
class Expressions:
    """What is known while an occurrence is read, and what has to hold for the next of its shape."""

    rows: Sequence[Sequence[str]]
    """The segments of the occurrence, and some that follow."""
    numbers: Sequence[int]
    """Of their places."""
    length: int
    """How many segments the occurrence has; of HL levels, those below may follow."""
    last: int
    """The last place inside of the loop; the first is that of the first segment."""
    outside: Sequence[str]
    """The variables that the occurrence is given."""
    space: Mapping[str, object]
    """The constants and functions of the reader."""
    env: dict[str, Value] = field(default_factory=dict)
    there: dict[Element, bool] = field(default_factory=dict)
    exact: dict[Element, str] = field(default_factory=dict)
    """Codes of the map itself that elements have to be."""
    others: dict[Element, set[str]] = field(default_factory=dict)
    """Codes of the map that elements must not be."""
    guards: list[str] = field(default_factory=list)
    looked_up: dict[str, str] = field(default_factory=dict)
    """What is computed before a run begins, and the variables of it."""
    added: list[str] = field(default_factory=list)
    """Numbers of the HL levels of the occurrence."""

    def value(self, node: ast.expr) -> Value:
        """Evaluate an expression."""
        known = _EXPRESSIONS.get(type(node))
        if known is None:
            raise CannotUnrollError
        return known(self, node)

    def source(self, value: Value) -> str:
        """Return the source that makes a value in each occurrence."""
        return source_of(value, self.exact)

    def truth(self, value: Value) -> bool | None:
        """Say whether a value is true; None where the shape does not tell."""
        match value:
            case Known(known):
                return bool(known)
            case Element():
                if value in self.exact:
                    return True
                return self.there.setdefault(value, bool(self.text(value)))
            case Record(members):
                return bool(members)
            case Items(entries):
                return bool(entries)
            case Segment() | Lent():
                return True
            case Outside(name) if name in self.outside and name[0] == "l" and name != "levels":
                return True  # Who asks for the shape has made the list before.
            case _:
                return None

    def decided(self, node: ast.expr) -> bool:
        """Evaluate a condition that the shape has to decide."""
        found = self.truth(self.value(node))
        if found is None:
            raise CannotUnrollError
        return found

    def text(self, element: Element) -> str:
        """Return what stands in an element of the first occurrence."""
        return self.rows[element.segment][element.number]

    def element(self, row: ast.expr, number: ast.expr) -> Value:
        """Return an element; a text without anything where the segment ends before it."""
        segment, known = self.value(row), self.value(number)
        if not isinstance(segment, Segment) or not isinstance(known, Known):
            raise CannotUnrollError
        position = known.value
        if not isinstance(position, int):
            raise CannotUnrollError
        inside = position < len(self.rows[segment.number])
        return Element(segment.number, position) if inside else Known("")

    def constant(self, node: ast.Constant) -> Value:
        """Return a literal."""
        return Known(node.value)

    def name(self, node: ast.Name) -> Value:
        """Return the value of a variable."""
        return self.env.get(node.id) or Outside(node.id)

    def named(self, node: ast.NamedExpr) -> Value:
        """Evaluate an assignment within an expression."""
        value = self.env[node.target.id] = self.value(node.value)
        return value

    def all_or_any(self, node: ast.BoolOp) -> Value:
        """Evaluate `and` and `or`; one part that decides is enough, wherever it stands."""
        ends = isinstance(node.op, ast.Or)
        open_ends: list[Value] = []
        for one in node.values:
            if open_ends and any(isinstance(inner, ast.NamedExpr) for inner in ast.walk(one)):
                raise CannotUnrollError
            value = self.value(one)
            found = self.truth(value)
            if found is None:
                open_ends.append(value)
            elif found is ends:
                return Known(ends)
        if not open_ends:
            return Known(not ends)
        return Computed(_WORDS[type(node.op)].join(f"({self.source(one)})" for one in open_ends))

    def opposite(self, node: ast.UnaryOp) -> Value:
        """Evaluate `not`."""
        if not isinstance(node.op, ast.Not):
            raise CannotUnrollError
        value = self.value(node.operand)
        found = self.truth(value)
        return Computed(f"not ({self.source(value)})") if found is None else Known(not found)

    def compared(self, node: ast.Compare) -> Value:
        """Evaluate a comparison, or a chain of them."""
        values = [self.value(one) for one in (node.left, *node.comparators)]
        if len(values) == 3 and values[1] == Beyond():
            return self.beyond(values[0], values[2])
        found = [
            self.pair(left, op, right)
            for left, op, right in zip(values, node.ops, values[1:], strict=False)
        ]
        if len(found) == 1:
            return found[0]
        if not all(isinstance(one, Known) for one in found):
            raise CannotUnrollError
        return Known(all(self.truth(one) for one in found))

    def beyond(self, low: Value, high: Value) -> Value:
        """Say that what comes after the occurrence is not inside of the loop."""
        match low, high:
            case Known(int(first)), Known(int(last)) if (
                first >= self.numbers[0] and last <= self.last
            ):
                return Known(False)
        raise CannotUnrollError

    def pair(self, left: Value, op: ast.cmpop, right: Value) -> Value:
        """Evaluate one comparison."""
        if isinstance(left, Element) and not isinstance(op, ast.Is | ast.IsNot):
            return self.with_element(left, op, right)
        match left, op, right:
            case _, ast.Is() | ast.IsNot(), Known(None) if not isinstance(left, Outside | Beyond):
                # Conversions give text, numbers or yes and no: what is computed is there.
                return Known((left == Known(None)) is isinstance(op, ast.Is))
            case Known(name), ast.In() | ast.NotIn(), Record(members):
                return Known((name in members) is isinstance(op, ast.In))
            case Known(first), _, Known(second) if type(op) in _OPERATORS:
                return Known(_OPERATORS[type(op)](first, second))
            case Beyond(), ast.Eq(), Known(int(number)) if self.numbers[0] < number <= self.last:
                return Known(False)
            case Computed(source), ast.Lt(), Known():
                return Computed(f"{source} < {self.source(right)}")
        raise CannotUnrollError

    def with_element(self, left: Element, op: ast.cmpop, right: Value) -> Value:
        """Compare an element: with codes, with the number of an HL level, with a table."""
        match op, right:
            case ast.Eq() | ast.NotEq(), Known(str(code)):
                return Known(self.is_one_of(left, (code,)) is isinstance(op, ast.Eq))
            case ast.In(), Known(tuple(codes)):
                return Known(self.is_one_of(left, codes))
            case ast.In(), Outside("levels"):
                again = "".join(f" or {left.name} == {number}" for number in self.added)
                return Computed(f"{left.name} in levels{again}")
            case ast.In(), Outside(name):
                return Computed(f"{left.name} in {name}")
            case ast.NotEq(), Outside(name):
                return Computed(f"{left.name} != {name}")
            case ast.NotEq(), Element():
                differs = self.text(left) != self.text(right)
                self.guards.append(f"{left.name} {'!=' if differs else '=='} {right.name}")
                return Known(differs)
        raise CannotUnrollError

    def shown(self, value: Value) -> str:
        """Return the source of a value, or the name of one from outside."""
        return value.name if isinstance(value, Outside) else self.source(value)

    def is_one_of(self, element: Element, codes: Sequence[str]) -> bool:
        """Say whether an element is one of the map's codes: in the shape it is that, or none."""
        text = self.text(element)
        if element in self.exact or text in codes:
            self.exact[element] = text
            return text in codes
        self.others.setdefault(element, set()).update(codes)
        return False

    def combined(self, op: ast.operator, left: object, right: object) -> object:
        """Combine two numbers."""
        known = _OPERATORS.get(type(op))
        if known is None:
            raise CannotUnrollError
        return known(left, right)

    def joined(self, node: ast.BinOp) -> Value:
        """Evaluate an operation on numbers; where something stands is never asked for."""
        if isinstance(node.op, ast.Mod):
            return Lent()
        left, right = self.value(node.left), self.value(node.right)
        if isinstance(left, Known) and isinstance(right, Known):
            return Known(self.combined(node.op, left.value, right.value))
        raise CannotUnrollError

    def either(self, node: ast.IfExp) -> Value:
        """Evaluate a choice between two values."""
        test = self.value(node.test)
        found = self.truth(test)
        if found is not None:
            return self.value(node.body if found else node.orelse)
        body, other = self.value(node.body), self.value(node.orelse)
        return Computed(f"({self.source(body)} if {self.source(test)} else {self.source(other)})")

    def part(self, node: ast.Subscript) -> Value:
        """Evaluate `segments[at]`, `route[at]`, an element of a segment, or of a constant."""
        match node.value, self.value(node.slice):
            case ast.Name("segments"), Known(int(at)) if at < self.length:
                return Segment(at)
            case ast.Name("route"), Known(int(at)) if at <= self.length:
                return Known(self.numbers[at]) if at < self.length else Beyond()
            case base, inner:
                value = self.value(base)
                if isinstance(value, Outside | Element):
                    return Computed(f"{self.shown(value)}[{self.source(inner)}]")
        found = self.element(node.value, node.slice)
        if found == Known(""):
            raise CannotUnrollError  # The general reader stops at it.
        return found

    def call(self, node: ast.Call) -> Value:
        """Evaluate a call."""
        match node.func, node.args:
            case ast.Name("len"), [one] if isinstance(row := self.value(one), Segment):
                return Known(len(self.rows[row.number]))
            case ast.Name("part"), [row_node, number, *_]:
                if self.truth(self.element(row_node, number)) is False:
                    return Known("")
                raise CannotUnrollError
            case ast.Attribute(ast.Name(ranks), "get"), [code, otherwise] if ranks[:2] == "R_":
                return self.ranked(self.space[ranks], self.value(code), self.value(otherwise))
            case ast.Name(name), [*args]:
                return self.converted(name, [self.value(one) for one in args])
            case ast.Attribute(base, method), [*args]:
                inner = ", ".join(self.source(self.value(one)) for one in args)
                return Computed(f"{self.shown(self.value(base))}.{method}({inner})")
        raise CannotUnrollError

    def ranked(self, ranks: object, code: Value, otherwise: Value) -> Value:
        """Evaluate which of several qualifiers stands here."""
        if not isinstance(ranks, dict) or not isinstance(code, Element):
            raise CannotUnrollError
        known = self.is_one_of(code, tuple(ranks))
        return Known(ranks[self.text(code)]) if known else otherwise

    def converted(self, name: str, args: Sequence[Value]) -> Value:
        """Evaluate a conversion; a code of the map itself is looked up once for a run."""
        source = f"{name}({', '.join(map(self.source, args))})"
        if name[:2] == "t_" and all(self.code(one) is not None for one in args):
            return Computed(self.looked_up.setdefault(source, f"u{len(self.looked_up)}"))
        return Computed(source)

    def code(self, value: Value) -> str | None:
        """Return the code of the map itself that a value is, in all occurrences of the shape."""
        match value:
            case Known(str(text)):
                return text
            case Element():
                return self.exact.get(value)
        return None

    def record(self, node: ast.Dict) -> Value:
        """Evaluate the making of an object."""
        made = Record()
        for name, one in zip(node.keys, node.values, strict=True):
            if not isinstance(name, ast.Constant) or not isinstance(name.value, str):
                raise CannotUnrollError
            made.members[name.value] = self.value(one)
        return made

    def items(self, node: ast.List) -> Value:
        """Evaluate the making of a list."""
        return Items([self.value(one) for one in node.elts])

    def several(self, node: ast.Tuple) -> Value:
        """Evaluate codes to choose from; any other tuple is something that is lent."""
        if all(isinstance(one, ast.Constant) for one in node.elts):
            return Known(tuple(one.value for one in node.elts if isinstance(one, ast.Constant)))
        return Lent()


_EXPRESSIONS = cast(
    "Mapping[type[ast.expr], Callable[[Expressions, ast.expr], Value]]",
    {
        ast.Constant: Expressions.constant,
        ast.Name: Expressions.name,
        ast.NamedExpr: Expressions.named,
        ast.BoolOp: Expressions.all_or_any,
        ast.UnaryOp: Expressions.opposite,
        ast.Compare: Expressions.compared,
        ast.BinOp: Expressions.joined,
        ast.IfExp: Expressions.either,
        ast.Subscript: Expressions.part,
        ast.Call: Expressions.call,
        ast.Dict: Expressions.record,
        ast.List: Expressions.items,
        ast.Tuple: Expressions.several,
    },
)  # Each takes the kind of expression that it is found by.
