"""Writing Python source line by line: names, constants, predicates, conversions.

Only names that are made here and `repr` of text enter the source, so nothing in a map can become
code.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from gateway.mapping.kinds import Fit
from gateway.mapping.lifted import is_open
from gateway.mapping.plan import ValueRule
from gateway.mapping.positions import Test
from gateway.mapping.scopes import Path
from gateway.mapping.values import read_decimal, read_integer

Where = tuple[str, int | str, int | None]
"""Segment id, element (or the variable that holds its number) and component."""

QUANTITIES = {str(number): number for number in range(1, 2000)}
"""The whole numbers that most quantities are: to find one costs less than to ask what it is."""
STOP = "raise NeedsCareError"
"""What a function does that leaves what is not plain to another."""
NONLOCAL = "  nonlocal "
"""The first line of a function apart; the variables that all of them share are known at the end."""


@dataclass(slots=True)
class Emitter:
    """The source so far, and the values it needs."""

    lines: list[str] = field(default_factory=list)
    names: dict[str, object] = field(default_factory=dict)
    indent: int = 1
    pointers: dict[int, Path] = field(default_factory=dict)
    """JSON Pointer of every planned field, by the plan's identity."""
    made: list[str] = field(default_factory=list)
    """Every name that was made here, of variables and constants."""
    functions: list[str] = field(default_factory=list)
    """The lines that stand deeper than Python nests them."""
    shared: dict[int, str] = field(default_factory=dict)
    """Names of functions that many lines call, by the identity of what they were made for."""
    stops: bool = False
    """The function stops where something is not plain: another explains it. A segment without any
    element is not, so the first is asked for without looking whether there is one."""

    def put(self, line: str, inner: int = 0) -> None:
        """Write one line."""
        self.lines.append(" " * (self.indent + inner) + line)

    def fresh(self, prefix: str) -> str:
        """Return a name that nothing uses."""
        self.made.append(f"{prefix}_{len(self.made) + 1}")
        return self.made[-1]

    def constant(self, prefix: str, value: object) -> str:
        """Return a name for a value that the source needs."""
        name = self.fresh(prefix)
        self.names[name] = value
        return name

    def function(self, prefix: str, value: object, made_for: object) -> str:
        """Return the name of a function: the same one wherever it is called.

        The reader has these as parameters, for a local variable is found faster than a global one.
        """
        if id(made_for) not in self.shared:
            self.shared[id(made_for)] = self.constant(prefix, value)
        return self.shared[id(made_for)]

    @property
    def parameters(self) -> str:
        """Return parameters for the functions that many lines call, and for what tables say.

        What maps of one structure differ in stands there and nowhere else: as their defaults.
        """
        known = dict.fromkeys((*self.shared.values(), *self.said))
        return "".join(f", {name}={name}" for name in known)

    @property
    def said(self) -> list[str]:
        """Return the names of what tables have a say in."""
        return [name for name, value in self.names.items() if is_open(value)]

    @contextmanager
    def function_apart(self) -> Iterator[None]:
        """Write lines into a function of its own, and here no more than its call.

        It shares all variables with the function around it, and `NONLOCAL` stands for their names.
        """
        name = self.fresh("deep")
        self.put(f"{name}()")
        outside, self.lines = self.lines, []
        indent, self.indent = self.indent, 2
        yield
        self.functions += [f" def {name}():", NONLOCAL, *self.lines]
        self.lines, self.indent = outside, indent

    def test(self, test: Test, segment: str, length: str) -> str:
        """Return the expression of one predicate."""
        element = test.element
        if test.component is not None:
            name = self.constant("T", test)
            return f"{name}.holds({segment}, sink.separator)"
        text = f"{segment}[{element}]"
        if not test.values:
            present = f"({length} > {element} and {text})"
            return f"not {present}" if test.negated else present
        values = repr(test.values[0])
        same = f"{text} == {values}" if len(test.values) == 1 else f"{text} in {test.values!r}"
        if test.negated:
            return f"not ({length} > {element} and {same})"
        if self.stops and element == 1:
            return same
        return f"{length} > {element} and {same}"

    def reset(self, slots: Sequence[str]) -> None:
        """Write the emptying of variables; a list is made when its first entry is."""
        for empty, is_list in (("None", False), ("()", True)):
            names = [name for name in dict.fromkeys(slots) if (name[0] == "l") is is_list]
            if names:
                self.put(" = ".join(names) + f" = {empty}")

    def append(self, name: str, value: str) -> None:
        """Write the adding of an entry to a list."""
        self.put(f"if {name}: {name}.append({value})")
        self.put(f"else: {name} = [{value}]")

    def tested(self, tests: Sequence[Test]) -> None:
        """Open a condition where there is one."""
        if tests:
            self.put(f"if {' and '.join(self.test(test, 's', 'n') for test in tests)}:")
            self.indent += 1

    def converted(self, line: str, rule: ValueRule, where: Where, pointer: Path) -> None:
        """Write a conversion of v, with a finding where it fails."""
        if rule.read is None:
            self.put(line.format(sure("v", rule)))
            return
        if rule.codes is not None:
            found = f"{self.function('t', rule.codes.get, rule.codes)}(v, v)"
            self.put(line.format(sure(found, rule)))
            return
        if self.stops:
            self.put(line.format(self._reading(rule)))
            return
        self.put("try:")
        self.put(line.format(self._reading(rule)), 1)
        self.put("except ValueError as fault:")
        tag, element, component = where
        bit = ~(1 << element) if isinstance(element, int) else f"~(1 << {element})"
        self.put(f"m &= {bit}", 1)
        shown = f"({tag!r}, {element}, {component})"
        self.put(f"sink.bad(fault, v, {shown}, {pointer.code})", 1)

    def _reading(self, rule: ValueRule) -> str:
        """Return the expression that converts v; most numbers are plain digits: they need no call.

        Those stand for themselves as a decimal, and are certainly not below zero.
        """
        if rule.read is None:
            return "v"
        read = f"{self.function('c', rule.read, rule.read)}(v)"
        whole = rule.read is read_integer and rule.fits is not Fit.UNSURE
        if self.stops and (whole or rule.read is read_decimal):
            known = self.function("q", QUANTITIES, QUANTITIES)
            if not whole:
                return sure(f"v if v in {known} else {read}", rule)
            return f"{known}[v] if v in {known} else {_whole(read, rule)}"
        if rule.read is read_decimal:
            return sure(f"v if v.isdigit() and v.isascii() and v[0] != '0' else {read}", rule)
        return _whole(read, rule) if whole else sure(read, rule)


def _whole(read: str, rule: ValueRule) -> str:
    """Return the expression that reads a whole number: of few digits, it is certain to fit."""
    return f"int(v) if v.isdigit() and v.isascii() and len(v) < 19 else {sure(read, rule)}"


def sure(value: str, rule: ValueRule) -> str:
    """Return an expression with the note that its value has to be checked, where it has to be."""
    return value if rule.fits is Fit.SURE else f"sink.unsure({value})"
