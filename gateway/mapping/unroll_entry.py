"""The source of a function that writes a run of entries like one that was followed."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from gateway.mapping.unroll_values import Known
from gateway.mapping.unroll_writing import Following
from gateway.mapping.unroll_written import Built, Live, Written, lists_in, source_of

ENTRY = "o"
"""The variable of the entry."""


def unrolled_entry(one: Following, carried: Sequence[str], outer: Sequence[str]) -> str:
    """Return the source of a function that writes a run of entries like the one followed.

    `carried` are the variables of the writer that an entry leaves to the next one; they are among
    the `outer` ones, which the function is given.
    """
    ends = {name: one.env[name] for name in carried if name in one.env}
    changed = {name: value for name, value in ends.items() if value != Live(name, None)}
    named = _named([*one.effects, *(("=", Known(0), value) for value in changed.values())])
    # What fails before anything is done leaves the entry to the writer's loop; nothing else may.
    lines = [*one.fetched, f"if not ({' and '.join(one.guards)}): break"]
    done_lines = named + [_effect(*effect) for effect in one.effects]
    if changed:
        values = ", ".join(source_of(value) for value in changed.values())
        done_lines.append(f"{', '.join(changed)} = {values}")
    done = "\n".join(f"   {line}" for line in [*done_lines, "at += 1"])
    body = "\n".join(["   try:", *(f"    {line}" for line in lines), _ELSE, done])
    used = {
        node.id
        for node in ast.walk(ast.parse("def write():\n  for _ in ():\n" + body))
        if isinstance(node, ast.Name)
    }
    known = sorted((used & one.space.keys()).difference(outer) | {"NeedsCareError"})
    constants = "".join(f", {name}={name}" for name in known)
    return (
        f"def write({', '.join(['entries', 'at', *outer])}{constants}):\n"
        f" for {ENTRY} in entries:\n{body}\n"
        f" return {', '.join(['at', *carried])},\n"
    )


_ELSE = "   except (NeedsCareError, ValueError, TypeError, LookupError, AttributeError): break"
"""What a writer stops at; here its own loop decides what becomes of the entry."""


def _named(effects: Sequence[tuple[str, Written, Written]]) -> list[str]:
    """Give a variable to each list that is spoken of more than once; return the lines."""
    times: dict[int, int] = {}
    found: dict[int, Built] = {}
    for kind, what, value in effects:
        for one in (*lists_in(what), *lists_in(value)):
            found[id(one)] = one
            times[id(one)] = times.get(id(one), 0) + 1 + (kind == "parent")
    lines: list[str] = []
    for key, one in found.items():
        if times[key] > 1:
            name = f"b{len(lines)}"
            lines.append(f"{name} = {source_of(one)}")
            one.name = name
    return lines


def _effect(kind: str, what: Written, value: Written) -> str:
    match kind:
        case "begin":
            name, entry = source_of(what), source_of(value)
            return f"if {name}: {name}.append({entry})\n   else: {name} = [{entry}]"
        case "maybe":
            return f"if {source_of(value)}: {source_of(what)} += {source_of(value)}"
        case "append":
            return f"{source_of(what)}.append({source_of(value)})"
        case "parent":
            return f"parents[id({source_of(what)})] = {source_of(value)}"
        case _:
            return f"{source_of(what)} += {source_of(value)}"
