"""YAML whose values remember file, line and column.

Every plain scalar stays text: `01` keeps its zero, `NO` is not false, `1e3` is a code and not a
thousand. The model that takes the value says what it is. Only an empty value (or `~`, `null`) is
None. Aliases are refused: a small file must not grow on reading. Tags are refused: the model says
what a value is.
"""

from __future__ import annotations

import difflib
import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import yaml

from gateway.errors import ConfigProblems, Problem
from gateway.small_files import MAX_BYTES

Value = str | None | list["Value"] | dict[str, "Value"]
Path = tuple[str | int, ...]

MAX_DEPTH = 64
"""No file that a person edits is nested deeper."""

_BEGINS = "; text that begins with '{}' stands in quotes"


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
    digest: str = ""
    """A hash of the file's name and text; empty for what was put together of several."""

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
    try:
        source = _Reader(text, file).read()
        source.digest = hashlib.sha256(f"{file}\n{text}".encode("utf-8", "replace")).hexdigest()
        return source
    except yaml.MarkedYAMLError as fault:
        mark = fault.problem_mark or fault.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        message = fault.problem or fault.context or "not well-formed YAML"
        hint = _hint(message, (text.split("\n")[line - 1 : line] or [""])[0], column - 1)
        raise ConfigProblems([Problem(file, line, column, "", message + hint)]) from fault
    except yaml.reader.ReaderError as fault:
        # The parser counts bytes of UTF-8, editors count characters.
        before = text.encode()[: fault.position].decode(errors="ignore")
        line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
        message = f"character #x{ord(text[len(before)]):04x} is not taken"
        raise ConfigProblems([Problem(file, line, column, "", message)]) from fault


def _hint(message: str, line: str, at: int) -> str:
    """Say what helps where text that YAML reads otherwise was not put in quotes; often a selector.

    `line` is the one that the parser came to, `at` the place in it.
    """
    here, before = line[at : at + 1], line[:at]
    value = _VALUE.match(line)
    begun = value[2] if value is not None and at > value.start(2) else ""
    if "expected ',' or" in message and here in _BRACKETS and before[-1:].strip(" ,[{"):
        start = max(before.rfind(sign) for sign in ("{", "[", ",", ": ")) + 1
        said = _up_to_the_end(line[start:].strip())
        return f"; inside {{ }} and [ ] text with brackets stands in quotes: {_in_quotes(said)}"
    if "cannot start any token" in message and here:
        if here == "\t":
            return "; YAML is indented with spaces, not with tabs"
        return f"; text that begins with '{here}' stands in quotes: {_in_quotes(line[at:].strip())}"
    if "expected key" in message or "comment or line break" in message:
        if begun[:1] in _OPENING and line[at:].strip():
            said = _in_quotes(begun.strip())
            return f"; text that begins with {begun[0]} stands in quotes as a whole: {said}"
    elif "mapping values are not allowed" in message and ": " in begun:
        return f"; text with ': ' in it stands in quotes: {_in_quotes(begun.strip())}"
    return ""


_VALUE = re.compile(r"((?:\s|- )*[\w.-]+:\s+)(.+)")
_OPENING = ("[", "{", '"', "'")
_BRACKETS = ("[", "{", "]", "}")


def _up_to_the_end(text: str) -> str:
    """Return text up to the comma or bracket that ends it in a list or mapping on one line."""
    depth = 0
    for place, sign in enumerate(text):
        if sign in "[{(":
            depth += 1
        elif sign in "]})":
            depth -= 1
        if depth < 0 or (depth == 0 and sign == ","):
            return text[:place].strip()
    return text


def _in_quotes(text: str) -> str:
    """Return text as YAML takes it whatever stands in it."""
    if '"' not in text and "\\" not in text:
        return f'"{text}"'
    doubled = text.replace("'", "''")
    return f"'{doubled}'"


def laid_over(base: Source, over: Source) -> Source:
    """Return a file with another one's settings in place of its own.

    Mappings are joined member by member; anything else, a list too, is replaced as a whole. Each
    value keeps the file and place where it was written.
    """
    made = Source(base.file, None, dict(base.marks))
    made.value = _joined(base.value, over.value, (), made, over)
    return made


def laid_under(own: Source, brought: Source) -> Source:
    """Return a file with what another one brings wherever it says nothing itself."""
    made = laid_over(brought, own)
    made.file = own.file
    made.marks[()] = own.mark()
    return made


def only(source: Source, name: str) -> Source:
    """Return a file as if one member of it, if it is there, were all that was written."""
    if not isinstance(source.value, dict) or name not in source.value:
        return Source(source.file, {})
    marks = {path: mark for path, mark in source.marks.items() if path[:1] in ((), (name,))}
    return Source(source.file, {name: source.value[name]}, marks)


def followed_by(first: Source, second: Source, name: str) -> Source:
    """Return a file with the items of another one's list after those of its own.

    A file whose member of this name is no list is returned as it is: its model says so.
    """
    if not isinstance(first.value, dict):
        return first
    own = _list(first, name) if name in first.value else []
    more = _list(second, name)
    if own is None or more is None:
        return first
    marks = dict(first.marks)
    for path, mark in second.marks.items():
        if len(path) > 1 and path[0] == name and isinstance(path[1], int):
            marks[(name, path[1] + len(own), *path[2:])] = mark
    return Source(first.file, {**first.value, name: [*own, *more]}, marks)


def _list(source: Source, name: str) -> list[Value] | None:
    found = source.value.get(name) if isinstance(source.value, dict) else None
    return found if isinstance(found, list) else None


def _joined(base: Value, over: Value, path: Path, made: Source, source: Source) -> Value:
    if isinstance(base, dict) and isinstance(over, dict):
        members = dict(base)
        for name, value in over.items():
            below = (*path, name)
            if name in base:
                members[name] = _joined(base[name], value, below, made, source)
            else:
                members[name] = _replaced(value, below, made, source)
        return members
    return _replaced(over, path, made, source)


def _replaced(value: Value, path: Path, made: Source, source: Source) -> Value:
    """Take a value of the other file, with its places instead of those that were here."""
    depth = len(path)
    for known in [one for one in made.marks if one[:depth] == path]:
        del made.marks[known]
    made.marks.update({one: mark for one, mark in source.marks.items() if one[:depth] == path})
    return value


class _Reader:
    """Makes a Source of the parser's events, in one pass and without the nodes between."""

    def __init__(self, text: str, file: str) -> None:
        self._events = yaml.parse(text, Loader=yaml.CSafeLoader)
        self._source = Source(file, None)

    def read(self) -> Source:
        """Return the only document."""
        source = self._source
        source.marks[()] = Mark(source.file, 1, 1)
        documents = 0
        for event in self._events:
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    raise self._problem(event, (), "a second document starts here; expected one")
            elif isinstance(event, yaml.NodeEvent):
                source.value = self._value(event, ())
        return source

    def _value(self, event: yaml.Event, path: Path) -> Value:
        if isinstance(event, yaml.AliasEvent):
            raise self._problem(event, path, f"YAML aliases are not taken{_BEGINS.format('*')}")
        if len(path) > MAX_DEPTH:
            raise self._problem(event, path[:1], f"nested more than {MAX_DEPTH} deep")
        tag = getattr(event, "tag", None)
        if tag is not None:
            said = _BEGINS.format("!") if not tag.startswith("tag:") else ""
            raise self._problem(event, path, f"YAML tags are not taken: {tag}{said}")
        self._source.marks.setdefault(path, self._mark(event))
        if isinstance(event, yaml.ScalarEvent):
            text = self._text(event, path)
            return None if not event.style and text in ("", "~", "null") else text
        if isinstance(event, yaml.SequenceStartEvent):
            return self._items(path)
        return self._members(path)

    def _items(self, path: Path) -> list[Value]:
        items: list[Value] = []
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            items.append(self._value(event, (*path, len(items))))
        return items

    def _members(self, path: Path) -> dict[str, Value]:
        members: dict[str, Value] = {}
        while not isinstance(key := next(self._events), yaml.MappingEndEvent):
            if not isinstance(key, yaml.ScalarEvent):
                raise self._problem(key, path, "a key is text")
            name = self._text(key, path)
            if name in members:
                raise self._problem(key, path, f"'{name}' is written twice")
            # A member is placed at its key, where people look for it.
            self._source.marks[(*path, name)] = self._mark(key)
            members[name] = self._value(next(self._events), (*path, name))
        return members

    def _text(self, event: yaml.ScalarEvent, path: Path) -> str:
        if "\0" in event.value:  # Written as an escape; neither databases nor paths take it.
            raise self._problem(event, path, "character #x0000 is not taken")
        return str(event.value)

    def _mark(self, event: yaml.Event) -> Mark:
        start = event.start_mark
        # The parser places every event; the type allows none for events that a program makes.
        line, column = (start.line, start.column) if start else (0, 0)
        return Mark(self._source.file, line + 1, column + 1)

    def _problem(self, event: yaml.Event, path: Path, message: str) -> ConfigProblems:
        mark = self._mark(event)
        return ConfigProblems([Problem(mark.file, mark.line, mark.column, dotted(path), message)])
