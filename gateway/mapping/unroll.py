"""Unrolls a loop of a generated reader for one shape of its occurrences.

The line items of a partner mostly have one shape: the same segments, each with the same elements
there. The general reader asks for every element whether it is there, in each line anew. Here its
own source is evaluated once with the first such occurrence: what follows from the shape alone is
decided, and what is left is a condition on the elements and one display of the entry. So there is
no second description of how a map reads: whatever is not understood is left to the general reader.

Of a partner's data only the shape is kept, and codes that the map itself names.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import cast

from gateway.mapping.unroll_expressions import Expressions
from gateway.mapping.unroll_values import (
    Beyond,
    CannotUnrollError,
    Computed,
    Element,
    Items,
    Known,
    Lent,
    Record,
    Value,
)

_MOST_STEPS = 20_000
COUNTER = re.compile(r"[ob]_\d+")
"""Counts of occurrences: they say where the leftovers of lists stand, and the tree keeps those."""


class _Broken(Exception):
    """A loop inside was left."""


@dataclass(slots=True)
class Unrolling(Expressions):
    """One occurrence, as far as it is read."""

    appended: list[tuple[str, Value]] = field(default_factory=list)
    """Which list outside gets what."""
    effects: list[str] = field(default_factory=list)
    ended: list[tuple[int, str]] = field(default_factory=list)
    """Where no HL level stands that is below one of the occurrence, and the number of that."""
    assigned: set[str] = field(default_factory=set)
    conversions: list[str] = field(default_factory=list)
    """Each has to be made, for the reader stops at a value that cannot be converted."""
    steps: int = 0

    @property
    def peeks(self) -> bool:
        """Say whether the segment after the occurrence is looked at."""
        return any(at == self.length for at, _ in self.ended)

    def occurrence(self, loop: ast.While) -> None:
        """Evaluate the body of the outermost loop once."""
        self.env |= {"at": Known(0), "k": Known(self.numbers[0])}
        self.block(loop.body)
        if self.env["k"] != Beyond() or self.env["at"] != Known(self.length):
            raise CannotUnrollError

    def block(self, body: Sequence[ast.stmt]) -> None:
        """Evaluate statements."""
        for statement in body:
            self.steps += 1
            if self.steps > _MOST_STEPS:
                raise CannotUnrollError
            known = _STATEMENTS.get(type(statement))
            if known is None:
                raise CannotUnrollError
            known(self, statement)

    def choice(self, statement: ast.If) -> None:
        """Evaluate the branch that is taken; a stop under a condition is a condition to go on."""
        if _asks_for_shapes(statement) or (self.at_level(statement) and not self.below(statement)):
            return
        found = self.truth(self.value(statement.test))
        if found is None:
            if not isinstance(statement.body[0], ast.Raise | ast.Break) or statement.orelse:
                raise CannotUnrollError
            self.guards.append(f"not ({self.source(self.value(statement.test))})")
        else:
            self.block(statement.body if found else statement.orelse)

    def repeat(self, statement: ast.While) -> None:
        """Evaluate a loop inside as often as it goes round."""
        while self.below(statement) if self.at_level(statement) else self.decided(statement.test):
            try:
                self.block(statement.body)
            except _Broken:
                return

    def at_level(self, statement: ast.If | ast.While) -> bool:
        """Say whether it is asked here if an HL level follows that is below the one in hand."""
        match statement.test:
            case ast.Compare(ast.Name("k"), [ast.Eq()], [ast.Constant(first)]):
                return first == self.numbers[0] and self.env["k"] == Beyond()
        return False

    def below(self, statement: ast.If | ast.While) -> bool:
        """Take the level that follows into the occurrence, if it is below the one in hand."""
        own = self.env.get(next(_parents(statement), ""))
        if not isinstance(own, Element):
            raise CannotUnrollError
        at = self.length
        if at >= len(self.rows):
            raise CannotUnrollError
        row = self.rows[at]
        if self.numbers[at] != self.numbers[0] or len(row) < 3 or row[2] != self.text(own):
            self.ended.append((at, own.name))
            return False
        self.length += 1
        while self.numbers[0] < self.numbers[self.length] <= self.last:
            self.length += 1
            if self.length >= len(self.rows):
                raise CannotUnrollError
        self.env["k"] = Known(self.numbers[0])
        return True

    def leave(self, _: ast.stmt) -> None:
        """Leave a loop inside."""
        raise _Broken

    def stop(self, _: ast.stmt) -> None:
        """Refuse what the general reader refuses."""
        raise CannotUnrollError

    def nothing(self, _: ast.stmt) -> None:
        """Pass."""

    def assign(self, statement: ast.Assign) -> None:
        """Evaluate an assignment to variables, to a member of an object or to the note of doubt."""
        value = self.value(statement.value)
        if isinstance(value, Computed):
            self.conversions.append(value.source)
        for target in statement.targets:
            match target:
                case ast.Name(name):
                    self.env[name] = value
                    self.assigned.add(name)
                case ast.Subscript(ast.Name(name), ast.Constant(str(member))):
                    record = self.env.get(name)
                    if not isinstance(record, Record):
                        raise CannotUnrollError
                    record.members[member] = value
                case ast.Attribute(ast.Name("sink"), "doubtful"):
                    self.effects.append("sink.doubtful = True")
                case _:
                    raise CannotUnrollError

    def increase(self, statement: ast.AugAssign) -> None:
        """Evaluate `+=` and `|=` of what is known; counts that began outside do not matter."""
        if not isinstance(statement.target, ast.Name):
            raise CannotUnrollError
        name = statement.target.id
        before, more = self.env.get(name), self.value(statement.value)
        if before is None and COUNTER.fullmatch(name):
            self.env[name] = Lent()
        elif isinstance(before, Known) and isinstance(more, Known):
            self.env[name] = Known(self.combined(statement.op, before.value, more.value))
        elif not isinstance(before, Lent):
            raise CannotUnrollError

    def called(self, statement: ast.Expr) -> None:
        """Evaluate a call for its effect."""
        match statement.value:
            case ast.Call(ast.Attribute(ast.Name(name), "append"), [entry]):
                into, value = self.env.get(name), self.value(entry)
                if isinstance(into, Items):
                    into.entries.append(value)
                elif into is None and name in self.outside:
                    self.appended.append((name, value))
                else:
                    raise CannotUnrollError
            case ast.Call(ast.Attribute(ast.Name("levels"), "add"), [number]):
                self.added.append(self.source(self.value(number)))
            case ast.Call(ast.Attribute(ast.Name("sink"), "components"), [row, element, *_]):
                if self.truth(self.element(row, element)) is not False:
                    raise CannotUnrollError
            case _:
                raise CannotUnrollError


_STATEMENTS = cast(
    "Mapping[type[ast.stmt], Callable[[Unrolling, ast.stmt], None]]",
    {
        ast.If: Unrolling.choice,
        ast.While: Unrolling.repeat,
        ast.Assign: Unrolling.assign,
        ast.AugAssign: Unrolling.increase,
        ast.Expr: Unrolling.called,
        ast.Break: Unrolling.leave,
        ast.Raise: Unrolling.stop,
        ast.Pass: Unrolling.nothing,
    },
)  # Each takes the kind of statement that it is found by.


def _parents(statement: ast.stmt) -> Iterator[str]:
    """Yield the variables of numbers that HL levels are compared with, the nearest first."""
    for one in ast.walk(statement):
        match one:
            case ast.Compare(
                ast.Subscript(ast.Name("s"), ast.Constant(2)), [ast.NotEq()], [ast.Name(own)]
            ):
                yield own


def _asks_for_shapes(statement: ast.If) -> bool:
    """Say whether this is where a loop asks for shapes itself."""
    names = (one.id for one in ast.walk(statement.test) if isinstance(one, ast.Name))
    return any(name.startswith("Y_") for name in names)
