"""YAML whose values remember file, line and column.

Every plain scalar stays text: `01` keeps its zero, `NO` is not false, `1e3` is a code and not a
thousand. The model that takes the value says what it is. Only an empty value (or `~`, `null`) is
None. Aliases are refused: a small file from a partner's folder must not grow on reading.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import yaml

from gateway.errors import ConfigProblems, Problem

Value = str | None | list["Value"] | dict[str, "Value"]
Path = tuple[str | int, ...]

MAX_BYTES = 4 * 1024 * 1024
"""No file that a person edits is larger; a larger one is a mistake or an attack."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A place in a file, line and column from one."""

    file: str
    line: int
    column: int


@dataclass(slots=True)
class Source:
    """One YAML file: its value as plain Python, and where each part of it was written."""

    file: str
    value: Value
    marks: dict[Path, Mark] = field(default_factory=dict)
    """Each value's place by path; a mapping's member is placed at its key."""

    def mark(self, path: Sequence[str | int] = ()) -> Mark:
        """Return the place of a path, or of the nearest part of it that was written."""
        parts = tuple(path)
        while parts:
            if parts in self.marks:
                return self.marks[parts]
            parts = parts[:-1]
        return self.marks.get((), Mark(self.file, 1, 1))

    def problem(self, path: Sequence[str | int], message: str) -> Problem:
        """Place a message at a path of this file."""
        mark = self.mark(path)
        return Problem(mark.file, mark.line, mark.column, dotted(path), message)


def dotted(path: Iterable[str | int]) -> str:
    """Write a path as people read it: `agreements[0].set`."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def suggestion(word: str, known: Iterable[str]) -> str:
    """Return ` (did you mean 'x'?)` for the nearest known word, or nothing."""
    nearest = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f" (did you mean '{nearest[0]}'?)" if nearest else ""


def load(text: str, file: str) -> Source:
    """Read one YAML document; raise ConfigProblems with the place where it is not well formed."""
    if len(text) > MAX_BYTES:
        raise ConfigProblems([Problem(file, 1, 1, "", f"larger than {MAX_BYTES} bytes")])
    loader = yaml.CSafeLoader(text)
    try:
        _refuse_aliases(text, file)
        node = loader.get_single_node()
    except yaml.MarkedYAMLError as fault:
        mark = fault.problem_mark or fault.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        message = fault.problem or fault.context or "not well-formed YAML"
        raise ConfigProblems([Problem(file, line, column, "", message)]) from fault
    except yaml.YAMLError as fault:
        raise ConfigProblems([Problem(file, 1, 1, "", str(fault))]) from fault
    finally:
        loader.dispose()
    source = Source(file, None)
    source.marks[()] = Mark(file, 1, 1)
    if node is not None:
        source.value = _value(node, (), source)
    return source


def _refuse_aliases(text: str, file: str) -> None:
    for event in yaml.parse(text, Loader=yaml.CSafeLoader):
        if isinstance(event, yaml.AliasEvent):
            mark = event.start_mark
            line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
            raise ConfigProblems([Problem(file, line, column, "", "YAML aliases are not taken")])


def _value(node: yaml.Node, path: Path, source: Source) -> Value:
    mark = Mark(source.file, node.start_mark.line + 1, node.start_mark.column + 1)
    source.marks.setdefault(path, mark)
    if isinstance(node, yaml.ScalarNode):
        plain = not node.style
        return None if plain and node.value in ("", "~", "null") else str(node.value)
    if isinstance(node, yaml.SequenceNode):
        return [_value(item, (*path, index), source) for index, item in enumerate(node.value)]
    return _mapping(node, path, source)


def _mapping(node: yaml.Node, path: Path, source: Source) -> dict[str, Value]:
    members: dict[str, Value] = {}
    for key, value in node.value:
        line, column = key.start_mark.line + 1, key.start_mark.column + 1
        if not isinstance(key, yaml.ScalarNode):
            raise ConfigProblems(
                [Problem(source.file, line, column, dotted(path), "a key is text")]
            )
        name = str(key.value)
        if name in members:
            message = f"'{name}' is written twice"
            raise ConfigProblems([Problem(source.file, line, column, dotted(path), message)])
        source.marks[(*path, name)] = Mark(source.file, line, column)
        members[name] = _value(value, (*path, name), source)
    return members
