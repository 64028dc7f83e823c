"""What the sets of one version share: segments, composites, elements and code lists.

Files are those of `gateway.x12.library`; a segment is read and built when a set first uses it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from gateway.errors import ConfigProblems
from gateway.x12.notation import (
    NotationFault,
    element_definition,
    member_line,
    syntax_note,
)
from gateway.x12.schema import ElementUse, SyntaxNote
from gateway.x12.segment_texts import SegmentTexts, members_of
from gateway.yaml_source import Path, Source, Value, suggestion

Read = TypeVar("Read")
Definition = tuple[str, tuple[ElementUse, ...], tuple[SyntaxNote, ...]]
"""Of a segment or composite: name, elements or components, notes."""


@dataclass
class Dictionary:
    """What the sets of one version share; segments are built when a set first uses them."""

    segments: SegmentTexts
    elements: Source
    composites: Source
    codes: Source
    _built: dict[str, Definition] = field(default_factory=dict)

    def segment(self, tag: str) -> Definition | None:
        """Return a segment's name, elements and notes, or None where it is not defined.

        The same tuples are returned each time: who compiles them may tell by identity.
        """
        if tag not in self._built:
            source = self.segments.source(tag)
            if source is None:
                return None
            self._built[tag] = self._definition(source, tag, "elements")
        return self._built[tag]

    def _definition(self, source: Source, key: str, members: str) -> Definition:
        entry = members_of(source, (key,))
        unknown = [name for name in entry if name not in ("name", "notes", members)]
        if unknown:
            hint = suggestion(unknown[0], ("name", "notes", members))
            raise ConfigProblems([source.problem((key, unknown[0]), f"unknown key{hint}")])
        elements = tuple(
            self._use(source, (key, members, index), index + 1, text_of(source, line, key))
            for index, line in enumerate(list_of(source, entry.get(members), (key, members)))
        )
        notes = tuple(
            placed(source, (key, "notes", index), syntax_note, text_of(source, note, key))
            for index, note in enumerate(list_of(source, entry.get("notes", []), (key, "notes")))
        )
        for index, note in enumerate(notes):
            if max(note.positions) > len(elements):
                message = f"'{note}' names a position past the last, {len(elements)}"
                raise ConfigProblems([source.problem((key, "notes", index), message)])
        return text_of(source, entry.get("name"), key), elements, notes

    def _use(self, source: Source, path: Path, position: int, line: str) -> ElementUse:
        number, requirement, repeat = placed(source, path, member_line, line)
        if number in members_of(self.composites, ()):
            name, components, notes = self._definition(self.composites, number, "components")
            shape = (position, number, name, "composite", 0, 0, requirement, repeat, None)
            return ElementUse(*shape, components, notes)
        defined = members_of(self.elements, ()).get(number)
        if defined is None:
            raise ConfigProblems([source.problem(path, f"element '{number}' is not defined")])
        text = text_of(self.elements, defined, number)
        kind, minimum, maximum, name = placed(self.elements, (number,), element_definition, text)
        codes = self._code_list(number)
        return ElementUse(
            position, number, name, kind, minimum, maximum, requirement, repeat, codes
        )

    def _code_list(self, number: str) -> Mapping[str, str] | None:
        if number not in members_of(self.codes, ()):
            return None
        entry = members_of(self.codes, (number,))
        return {code: text_of(self.codes, meaning, code) for code, meaning in entry.items()}


def list_of(source: Source, value: Value, path: Path) -> list[Value]:
    """Return a list as it is; raise ConfigProblems where it is none."""
    if not isinstance(value, list):
        raise ConfigProblems([source.problem(path, "expected a list")])
    return value


def text_of(source: Source, value: Value, key: str) -> str:
    """Return a text as it is; raise ConfigProblems where it is none."""
    if not isinstance(value, str):
        raise ConfigProblems([source.problem((key,), "expected text")])
    return value


def placed(source: Source, path: Path, read: Callable[[str], Read], line: str) -> Read:
    """Return what a line says; raise ConfigProblems with its place where it says nothing."""
    try:
        return read(line)
    except NotationFault as fault:
        raise ConfigProblems([source.problem(path, str(fault))]) from fault
