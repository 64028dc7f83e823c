"""Unrolls a loop of a generated writer for one shape of its entries.

The lines of a document mostly have the same members, and the lists in them the same lengths. The
body of the writer's own loop is followed once with the first such entry: every question that it
asks is decided as it was there, and becomes a condition under which the next entry is written in
the same way; what is left is the making of the segments. What is not followed is left to the loop.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from gateway.mapping.unroll_values import CannotUnrollError, Known
from gateway.mapping.unroll_written import (
    Built,
    Live,
    Made,
    Written,
    source_of,
    truth_of,
)

_MOST_STEPS = 5_000
_BUILTINS = {one.__name__: one for one in (dict, list, str, int, bool)}
_PURE = ("w_", "c_")
"""The conversions of a map: what they give depends on what they get alone."""
_COMPARED: Mapping[type[ast.cmpop], tuple[str, str, Callable[[object, object], bool]]] = {
    ast.Eq: ("==", "!=", lambda left, right: left == right),
    ast.NotEq: ("!=", "==", lambda left, right: left != right),
    ast.Is: ("is", "is not", lambda left, right: left is right),
    ast.IsNot: ("is not", "is", lambda left, right: left is not right),
}
_ORDERED: Mapping[type[ast.cmpop], Callable[[int, int], bool]] = {
    ast.Lt: lambda left, right: left < right,
    ast.LtE: lambda left, right: left <= right,
    ast.Gt: lambda left, right: left > right,
    ast.GtE: lambda left, right: left >= right,
}


@dataclass(slots=True)
class Following:
    """One entry, as far as it is written."""

    space: Mapping[str, object]
    """The constants and functions of the writer."""
    env: dict[str, Written]
    """The variables, those from outside first."""
    fetched: list[str] = field(default_factory=list)
    """What is looked up and converted, line by line."""
    guards: dict[str, None] = field(default_factory=dict)
    effects: list[tuple[str, Written, Written]] = field(default_factory=list)
    """What is done to what is outside: how, to what, and with what."""
    members: dict[str, dict[str, Live]] = field(default_factory=dict)
    items: dict[str, list[Written]] = field(default_factory=dict)
    samples: dict[str, object] = field(default_factory=dict)
    steps: int = 0

    def live(self, source: str, sample: object) -> Live:
        """Write that something is looked up or computed; return its variable."""
        name = f"a{len(self.samples)}"
        self.fetched.append(f"{name} = {source}")
        self.samples[name] = sample
        return Live(name, sample)

    def guard(self, source: str, *, holds: bool = True) -> None:
        """Note a condition."""
        self.guards[source if holds else f"not {source}"] = None

    def decided(self, value: Written) -> bool:
        """Decide a condition as it was in the first entry."""
        if isinstance(value, Live):
            found = bool(value.sample)
            self.guard(value.source, holds=found)
            return found
        return truth_of(value)

    # Statements

    def block(self, body: Sequence[ast.stmt]) -> None:
        """Follow statements."""
        for one in body:
            self.steps += 1
            if self.steps > _MOST_STEPS:
                raise CannotUnrollError
            match one:
                case ast.If():
                    self.choice(one)
                case ast.Assign(targets, value):
                    self.assign(targets, self.value(value))
                case ast.AugAssign(ast.Name(name), op, value):
                    self.increase(name, op, self.value(value))
                case ast.Expr(ast.Call() as call):
                    self.called(call)
                case ast.For() | ast.While():
                    self.repeat(one)
                case _:
                    self.refuse(one)

    def refuse(self, one: ast.stmt) -> None:
        """Refuse what is not followed; nothing at all is."""
        if not isinstance(one, ast.Pass):
            raise CannotUnrollError

    def repeat(self, one: ast.For | ast.While) -> None:
        """Follow a loop inside as often as it goes round."""
        if isinstance(one, ast.While):
            while self.asked(one.test):
                self.block(one.body)
            return
        if not isinstance(one.target, ast.Name):
            raise CannotUnrollError
        for entry in self.items_of(self.value(one.iter)):
            self.env[one.target.id] = entry
            self.block(one.body)

    def choice(self, one: ast.If) -> None:
        """Follow the branch that was taken; nobody asks for shapes of loops inside."""
        names = (inner.id for inner in ast.walk(one.test) if isinstance(inner, ast.Name))
        if any(name.startswith("Y_") for name in names):
            return
        if not self.put_outside(one):
            self.block(one.body if self.decided(self.value(one.test)) else one.orelse)

    def put_outside(self, one: ast.If) -> bool:
        """Follow the adding to a list outside, or of one, that may not have been begun."""
        match one:
            case ast.If(
                ast.Name(name), [ast.Expr(ast.Call(ast.Attribute(_, "append"), [entry]))], [_]
            ) if self.is_outside(name):
                self.effects.append(("begin", Live(name, []), self.value(entry)))
                self.env[name] = Live(name, [None])
                return True
            case ast.If(
                ast.Name(name), [ast.AugAssign(ast.Name(into), ast.Add(), ast.Name(more))], []
            ) if name == more and self.is_outside(name) and self.is_outside(into):
                self.effects.append(("maybe", self.env[into], Live(name, [])))
                return True
        return False

    def is_outside(self, name: str) -> bool:
        """Say whether a variable is a list outside, or may become one."""
        value = self.env.get(name)
        return (
            isinstance(value, Live)
            and value.source == name
            and (value.sample is None or isinstance(value.sample, list))
        )

    def assign(self, targets: Sequence[ast.expr], value: Written) -> None:
        """Follow an assignment."""
        for target in targets:
            match target:
                case ast.Name(name):
                    self.env[name] = value
                case ast.Subscript(ast.Name("parents"), ast.Call(ast.Name("id"), [segment])):
                    self.effects.append(("parent", self.value(segment), value))
                case _:
                    raise CannotUnrollError

    def increase(self, name: str, op: ast.operator, more: Written) -> None:
        """Follow `+=`, and `-=` of a number."""
        if isinstance(op, ast.Sub):
            self.env[name] = Known(self.number(self.env[name]) - self.number(more))
            return
        before = self.env.get(name)
        match before, more:
            case Known(int(number)), Known(int(added)):
                self.env[name] = Known(number + added)
            case Built(), Built(entries) | Made(entries):
                before.entries += entries
            case Live(sample=list()), Built(entries):
                self.effects.append(("+=", before, Built(list(entries))))
            case Live(sample=list()), Live(sample=list()):
                self.effects.append(("+=", before, more))
            case Live(sample=int()), Known(int()):
                if name[:2] != "c_":  # What totals count is looked at when all is written.
                    raise CannotUnrollError
                self.effects.append(("+=", before, more))
            case _:
                raise CannotUnrollError

    def called(self, call: ast.Call) -> None:
        """Follow a call for its effect."""
        match call:
            case ast.Call(ast.Attribute(ast.Name(name), "append"), [one]):
                into, value = self.env.get(name), self.value(one)
                if isinstance(into, Built):
                    into.entries.append(value)
                elif isinstance(into, Live):
                    self.effects.append(("append", into, value))
                else:
                    raise CannotUnrollError
            case ast.Call(ast.Attribute(ast.Name(name), "pop"), []):
                self.built(self.env.get(name)).entries.pop()
            case ast.Call(ast.Attribute(ast.Name(name), "clear"), []):
                self.built(self.env.get(name)).entries.clear()
            case ast.Call(ast.Name("put"), [segment, ast.Constant(int(element)), text]):
                self.put(self.built(self.value(segment)), element, self.value(text))
            case ast.Call(ast.Name("put_all"), [segment, ast.Tuple(elements), texts]):
                into, given = self.built(self.value(segment)), self.items_of(self.value(texts))
                for position, text_ in zip(elements, given, strict=False):
                    self.put(into, self.number(self.value(position)), text_)
            case ast.Call(ast.Name("put_free"), [segment, ast.Constant(int(element)), text]):
                self.put_free(self.built(self.value(segment)), element, self.value(text))
            case _:
                raise CannotUnrollError

    def put(self, segment: Built, element: int, text: Written) -> None:
        """Set an element, whatever is there."""
        while len(segment.entries) <= element:
            segment.entries.append(Known(""))
        segment.entries[element] = text

    def put_free(self, segment: Built, element: int, text: Written) -> None:
        """Set an element that is empty."""
        while len(segment.entries) <= element:
            segment.entries.append(Known(""))
        if segment.entries[element] != Known(""):
            raise CannotUnrollError
        segment.entries[element] = text

    def built(self, value: Written | None) -> Built:
        """Return a list in the making."""
        if isinstance(value, Built):
            return value
        raise CannotUnrollError

    def number(self, value: Written) -> int:
        """Return a number that is known."""
        if isinstance(value, Known) and isinstance(value.value, int):
            return value.value
        raise CannotUnrollError

    # Expressions

    def value(self, node: ast.expr) -> Written:
        """Follow an expression."""
        match node:
            case ast.Constant(known):
                return Known(known)
            case ast.Name(name):
                return self.named(name)
            case ast.NamedExpr(ast.Name(name), inner):
                value = self.env[name] = self.value(inner)
                return value
            case ast.List(entries):
                return self.several(entries)
            case ast.Tuple(entries):
                return Made([self.value(one) for one in entries])
            case ast.Subscript(base, index):
                return self.part(self.value(base), index)
            case ast.IfExp():
                return self.either(node)
            case ast.Call():
                return self.call(node)
        return Known(self.reckoned(node))

    def several(self, nodes: Sequence[ast.expr]) -> Built:
        """Follow the making of a list, of values and at its end of all that another one has."""
        made: list[Written] = []
        for one in nodes:
            if isinstance(one, ast.Starred):
                made += self.items_of(self.value(one.value))
            else:
                made.append(self.value(one))
        return Built(made)

    def reckoned(self, node: ast.expr) -> int:
        """Follow a condition, or a sum: they are as they were in the first entry."""
        match node:
            case ast.UnaryOp(ast.Not(), inner):
                return not self.asked(inner)
            case ast.UnaryOp(ast.USub(), ast.Constant(int(number))):
                return -number
            case ast.BinOp(left, ast.Add(), right):
                return self.number(self.value(left)) + self.number(self.value(right))
            case ast.BoolOp(ast.Or(), parts):
                return any(self.asked(one) for one in parts)
            case ast.BoolOp(_, parts):
                return all(self.asked(one) for one in parts)
            case ast.Compare(left, [op], [right]):
                return self.compared(self.value(left), op, self.value(right))
            case ast.Compare(left, ops, comparators):
                values = [self.number(self.value(one)) for one in (left, *comparators)]
                asked = zip(values, ops, values[1:], strict=False)
                return all(_ORDERED[type(op)](low, high) for low, op, high in asked)
        raise CannotUnrollError

    def asked(self, node: ast.expr) -> bool:
        """Decide one part of a condition."""
        return self.decided(self.value(node))

    def named(self, name: str) -> Written:
        """Return a variable, or a constant of the writer."""
        if name in self.env:
            return self.env[name]
        if name in _BUILTINS:
            return Live(name, _BUILTINS[name])
        if name in self.space:
            return Live(name, self.space[name])
        raise CannotUnrollError

    def compared(self, left: Written, op: ast.cmpop, right: Written) -> bool:
        """Follow a comparison."""
        if isinstance(op, ast.In):
            return self.inside(left, right)
        if type(op) in _ORDERED:
            return _ORDERED[type(op)](self.number(left), self.number(right))
        if type(op) not in _COMPARED:
            raise CannotUnrollError
        word, opposite, compare = _COMPARED[type(op)]
        if isinstance(left, Known) and isinstance(right, Known):
            return compare(left.value, right.value)
        if isinstance(left, Built | Made) and right == Known(None):
            return isinstance(op, ast.IsNot)
        found = compare(self.sample(left), self.sample(right))
        self.guard(f"{source_of(left)} {word if found else opposite} {source_of(right)}")
        return found

    def inside(self, left: Written, right: Written) -> bool:
        """Follow `in`: a member of an object, a text among elements, or among codes."""
        match left, right:
            case Known(str(member)), Live(sample=dict()) if right.source in self.samples:
                return member in self.members_of(right)
            case _, Built(entries) | Made(entries):
                others = [one for one in entries if one != Known("")]
                if len(others) < 2:
                    return self.compared(left, ast.Eq(), others[0]) if others else False
                shown = ", ".join(map(source_of, others))
                found = self.sample(left) in [self.sample(one) for one in others]
                self.guard(f"{source_of(left)} {'in' if found else 'not in'} ({shown})")
                return found
            case Known(str(code)), Live(sample=frozenset() as codes):
                return code in codes
            case Live(), Live(sample=frozenset() as codes):
                found = left.sample in codes
                self.guard(f"{left.source} {'in' if found else 'not in'} {right.source}")
                return found
        raise CannotUnrollError

    def sample(self, value: Written) -> object:
        """Return what a value was in the first entry."""
        match value:
            case Known(known):
                return known
            case Live():
                return value.sample
            case Made(entries):
                return tuple(self.sample(one) for one in entries)
        raise CannotUnrollError

    def members_of(self, record: Live) -> dict[str, Live]:
        """Return the members of an object; the shape has exactly these."""
        if record.source not in self.members:
            sample = record.sample
            if not isinstance(sample, dict):
                raise CannotUnrollError
            self.guard(f"len({record.source}) == {len(sample)}")
            self.guard(f"type({record.source}) is dict")
            self.members[record.source] = {
                name: self.live(f"{record.source}[{name!r}]", one) for name, one in sample.items()
            }
        return self.members[record.source]

    def items_of(self, value: Written) -> Sequence[Written]:
        """Return the entries of a list; the shape has as many."""
        match value:
            case Built(entries) | Made(entries):
                return entries
            case Live(source, list() as sample):
                if source not in self.items:
                    self.guard(f"type({source}) is list")
                    self.items[source] = self.unpacked(source, sample)
                return self.items[source]
        raise CannotUnrollError

    def unpacked(self, source: str, sample: Sequence[object]) -> list[Written]:
        """Write that a list is unpacked, which fails where it has more entries, or less."""
        first = len(self.samples)
        names = [f"a{first + at}" for at in range(len(sample))]
        self.samples.update(zip(names, sample, strict=True))
        if names:
            self.fetched.append(f"{', '.join(names)}, = {source}")
        else:
            self.guard(f"not {source}")
        return [Live(name, one) for name, one in zip(names, sample, strict=True)]

    def part(self, base: Written, index: ast.expr) -> Written:
        """Follow the look-up of a member, an entry, or the blanks before an element."""
        match base, index:
            case Live("BLANKS"), ast.Slice(ast.expr() as low, ast.expr() as high):
                missing = self.number(self.value(high)) - self.number(self.value(low))
                return Built([Known("")] * missing)
            case Built(entries), ast.Slice(ast.expr() as low, ast.expr() as high):
                return Built(entries[self.number(self.value(low)) : self.number(self.value(high))])
            case Live(sample=dict()), ast.Constant(str(member)):
                if member in (members := self.members_of(base)):
                    return members[member]
            case _, ast.Constant() | ast.Name():
                return self.items_of(base)[self.number(self.value(index))]
        raise CannotUnrollError

    def call(self, node: ast.Call) -> Written:
        """Follow a call for what it gives."""
        match node.func, node.args:
            case ast.Name("len"), [one]:
                return Known(self.length_of(self.value(one)))
            case ast.Name("type"), [one]:
                value = self.value(one)
                return Live(f"type({source_of(value)})", type(self.sample(value)))
            case ast.Name("all" | "texts_of" | "only_entry" as name), [one, *_]:
                return self.looked_through(name, self.items_of(self.value(one)), node)
            case ast.Name("range"), [_, _, _] as ends:
                numbers = [self.number(self.value(end)) for end in ends]
                return Made([Known(at) for at in range(*numbers)])
            case ast.Attribute(ast.Name(name), "get"), [ast.Constant(str(member))]:
                record = self.env.get(name)
                if isinstance(record, Live):
                    return self.members_of(record).get(member, Known(None))
            case ast.Name(name), _ if name == "str" or name[:2] in _PURE:
                return self.computed(node)
        raise CannotUnrollError

    def length_of(self, value: Written) -> int:
        """Return how many members or entries there are; the shape has as many."""
        if isinstance(value, Live) and isinstance(value.sample, dict):
            return len(self.members_of(value))
        return len(self.items_of(value))

    def looked_through(self, name: str, entries: Sequence[Written], node: ast.Call) -> Written:
        """Follow the look at all entries of a list."""
        if name == "all":
            return Known(all(self.decided(one) for one in entries))
        if name == "only_entry":
            if len(entries) != 1 or not isinstance(entries[0], Live):
                raise CannotUnrollError
            self.members_of(entries[0])
            return entries[0]
        for text in entries:
            self.guard(f"type({source_of(text)}) is str")
            plain = type(self.sample(text)) is str and self.decided(text)
            if not plain or not isinstance(node.args[1], ast.Constant):
                raise CannotUnrollError
        return Built(list(entries))

    def either(self, node: ast.IfExp) -> Written:
        """Follow a choice by what is known; any other is made anew for each entry."""
        match node.test:
            case ast.Compare(ast.Constant(), [ast.In()], [ast.Name()]):
                return self.value(node.body if self.asked(node.test) else node.orelse)
        names = (one.id for one in ast.walk(node.test) if isinstance(one, ast.Name))
        if not any(isinstance(self.env.get(name), Live) for name in names):
            return self.value(node.body if self.asked(node.test) else node.orelse)
        return self.computed(node)

    def computed(self, node: ast.expr) -> Written:
        """Write that something is computed anew for each entry."""
        source = ast.unparse(_Renamed(self).visit(ast.parse(ast.unparse(node), mode="eval")))
        space = {**self.space, **self.samples}
        outside = {one.source: one.sample for one in self.env.values() if isinstance(one, Live)}
        return self.live(source, eval(source, {**space, **outside}))  # noqa: S307 - the writer's own source


class _Renamed(ast.NodeTransformer):
    """Puts what variables are known to be into source."""

    def __init__(self, following: Following) -> None:
        self._following = following

    def visit_Name(self, node: ast.Name) -> ast.expr:
        """Exchange a variable."""
        value = self._following.env.get(node.id)
        return node if value is None else ast.parse(source_of(value), mode="eval").body
