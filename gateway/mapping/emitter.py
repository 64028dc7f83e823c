"""Writing Python source line by line: names, constants, predicates, conversions.

Only names that are made here and `repr` of text enter the source, so nothing in a map can become
code.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from gateway.mapping.layout import Path
from gateway.mapping.plan import ValueRule
from gateway.mapping.positions import Test

Where = tuple[str, int | str, int | None]
"""Segment id, element (or the variable that holds its number) and component."""


@dataclass(slots=True)
class Emitter:
    """The source so far, and the values it needs."""

    lines: list[str] = field(default_factory=list)
    names: dict[str, object] = field(default_factory=dict)
    indent: int = 1
    pointers: dict[int, Path] = field(default_factory=dict)
    """JSON Pointer of every planned field, by the plan's identity."""
    counter: int = 0

    def put(self, line: str, inner: int = 0) -> None:
        """Write one line."""
        self.lines.append(" " * (self.indent + inner) + line)

    def fresh(self, prefix: str) -> str:
        """Return a name that nothing uses."""
        self.counter += 1
        return f"{prefix}_{self.counter}"

    def constant(self, prefix: str, value: object) -> str:
        """Return a name for a value that the source needs."""
        name = self.fresh(prefix)
        self.names[name] = value
        return name

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
        return f"{length} > {element} and {same}"

    def reset(self, slots: Sequence[str]) -> None:
        """Write the emptying of variables."""
        plain = [name for name in dict.fromkeys(slots) if name[0] != "l"]
        if plain:
            self.put(" = ".join(plain) + " = None")
        for name in dict.fromkeys(slots):
            if name[0] == "l":
                self.put(f"{name} = []")

    def tested(self, tests: Sequence[Test]) -> None:
        """Open a condition where there is one."""
        if tests:
            self.put(f"if {' and '.join(self.test(test, 's', 'n') for test in tests)}:")
            self.indent += 1

    def converted(self, line: str, rule: ValueRule, where: Where, pointer: Path) -> None:
        """Write a conversion of v, with a finding where it fails."""
        if rule.read is None:
            self.put(line.format("v"))
            return
        if rule.codes is not None:
            self.put(line.format(f"{self.constant('t', rule.codes.get)}(v, v)"))
            return
        name = self.constant("c", rule.read)
        self.put("try:")
        self.put(line.format(f"{name}(v)"), 1)
        self.put("except ValueError as fault:")
        tag, element, component = where
        bit = ~(1 << element) if isinstance(element, int) else f"~(1 << {element})"
        self.put(f"m &= {bit}", 1)
        shown = f"({tag!r}, {element}, {component})"
        self.put(f"sink.bad(fault, v, {shown}, {pointer.code})", 1)
