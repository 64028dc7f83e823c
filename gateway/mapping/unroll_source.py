"""Writes the reader of a run of occurrences, once the first of their shape is evaluated.

See `gateway.mapping.unroll`. What is not certain of all occurrences becomes a condition: the run
ends where one of them does not hold.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence

from gateway.mapping.places import HIERARCHY_LOOP
from gateway.mapping.unroll import COUNTER, Unrolling
from gateway.mapping.unroll_values import CannotUnrollError, Element, objects_in

_SCRATCH = frozenset(("s", "n", "v", "w", "z", "m", "e", "i", "at", "k"))
"""What every segment sets anew before it is looked at."""
_FREE = frozenset(("sink", "int", "len", "after"))
"""What kept source may use besides."""


def unrolled(one: Unrolling, loop: ast.While, later: frozenset[str]) -> str:
    """Return the source of a function that reads a run of occurrences of one shape.

    `later` are the names that the rest of the reader knows: of those none may be set here.
    """
    one.occurrence(loop)
    lasting = {name for name in one.assigned - _SCRATCH if not COUNTER.fullmatch(name)}
    if not one.appended or lasting & later:
        raise CannotUnrollError
    identities = [inner for _, value in one.appended for inner in objects_in(value)]
    if len(identities) > len(set(identities)):
        raise CannotUnrollError
    lines = _appending([(name, one.source(value)) for name, value in one.appended])
    if not all(any(source in line for line in lines) for source in one.conversions):
        raise CannotUnrollError
    lines += [*one.effects, *(f"levels.add({number})" for number in one.added)]
    conditions = [*_of_elements(one), *one.guards, *_of_levels(one)]
    if conditions:
        lines.insert(0, f"if not ({' and '.join(conditions)}): break")
    body = "\n".join(f"  {line}" for line in lines)
    before = "".join(f" {name} = {source}\n" for source, name in one.looked_up.items())
    used = _names_in(body + "\n" + before)
    rows = one.rows[: one.length]
    unpacked = [_unpacked(row, number, used) for number, row in enumerate(rows)]
    taken = ["one"] * len(rows)
    if one.peeks:
        unpacked.append("after")
        taken.append(f"rows[{len(rows)}::{len(rows)}]")
    known = sorted((used & one.space.keys()).difference(one.outside))
    free = {*_FREE, *map(_entry, range(len(one.appended)))}
    if used - {*known, *one.outside, *one.looked_up.values(), *free, *_elements(rows)}:
        raise CannotUnrollError
    constants = "".join(f", {name}={name}" for name in known)
    return (
        f"def read({', '.join(['rows', 'sink', *one.outside])}{constants}):\n"
        f" one = iter(rows)\n{before}"
        f" for {', '.join(unpacked)}, in zip({', '.join(taken)}):\n{body}\n"
    )


def _appending(entries: Sequence[tuple[str, str]]) -> list[str]:
    """Return the statements that append entries to lists: all of them, or none.

    A value that cannot be converted ends the run, and no list may have an entry of its occurrence.
    """
    if len(entries) == 1:
        return [f"{name}.append({source})" for name, source in entries]
    made = [f"{_entry(number)} = {source}" for number, (_, source) in enumerate(entries)]
    return made + [f"{name}.append({_entry(at)})" for at, (name, _) in enumerate(entries)]


def _entry(number: int) -> str:
    """Return the variable of an entry that waits for the others."""
    return f"entry_{number}"


def _of_elements(one: Unrolling) -> list[str]:
    """Return the conditions on single elements."""
    tests = []
    for element, there in one.there.items():
        if element not in one.exact:
            tests.append(element.name if there else f"not {element.name}")
    tests += [f"{element.name} == {text!r}" for element, text in one.exact.items()]
    for element, codes in one.others.items():
        if element not in one.exact:
            tests.append(f"{element.name} not in {{{', '.join(map(repr, sorted(codes)))}}}")
    return tests


def _of_levels(one: Unrolling) -> list[str]:
    """Return the conditions that what follows a level is not below it."""
    tests = []
    for at, own in one.ended:
        if at == one.length:
            tests.append(f"(after[0] != {HIERARCHY_LOOP!r} or after[2] != {own})")
        else:
            tests.append(f"{Element(at, 2).name} != {own}")
    return tests


def _names_in(body: str) -> set[str]:
    parsed = ast.parse(f"def read():\n for _ in ():\n{body}")
    return {one.id for one in ast.walk(parsed) if isinstance(one, ast.Name)} - {"_"}


def _elements(rows: Sequence[Sequence[str]]) -> set[str]:
    return {Element(at, number).name for at, row in enumerate(rows) for number in range(len(row))}


def _unpacked(row: Sequence[str], number: int, used: set[str]) -> str:
    """Return the variables that a segment is unpacked into, as many as it has elements."""
    names = [Element(number, index).name for index in range(len(row))]
    return "(" + "".join(f"{name if name in used else '_'}, " for name in names) + ")"
