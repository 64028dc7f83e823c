"""Values of map files that know where they were written.

Parts are shared: what an overlay does not touch is the very part of the file that it extends. What
was made of a part so serves every map that has it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gateway.mapping.grammar import DROP
from gateway.yaml_source import Mark, Path, Source, Value


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """A value and where it was written; exactly one of the three kinds is set, or none for null."""

    mark: Mark
    text: str | None = None
    items: tuple[Part, ...] | None = None
    members: Mapping[str, Part] | None = None

    def at(self, path: Path) -> Mark:
        """Return the place of a path, or of the nearest part of it that was written."""
        part, mark = self, self.mark
        for step in path:
            found = part.members.get(str(step)) if part.members is not None else None
            if isinstance(step, int) and part.items is not None and step < len(part.items):
                found = part.items[step]
            if found is None:
                break
            part, mark = found, found.mark
        return mark


def part_of(source: Source) -> Part:
    """Return a file's value as parts that know their places."""
    return _part(source.value, (), source)


def _part(value: Value, path: Path, source: Source) -> Part:
    mark = source.mark(path)
    if isinstance(value, dict):
        members = {key: _part(item, (*path, key), source) for key, item in value.items()}
        return Part(mark, members=members)
    if isinstance(value, list):
        items = tuple(_part(item, (*path, index), source) for index, item in enumerate(value))
        return Part(mark, items=items)
    return Part(mark, text=value)


def source_of(part: Part) -> Source:
    """Return parts as one source again."""
    source = Source(part.mark.file, None)
    source.value = _value(part, (), source)
    return source


def _value(part: Part, path: Path, source: Source) -> Value:
    source.marks[path] = part.mark
    if part.members is not None:
        return {key: _value(item, (*path, key), source) for key, item in part.members.items()}
    if part.items is not None:
        return [_value(item, (*path, index), source) for index, item in enumerate(part.items)]
    return part.text


def plain(part: Part) -> Value:
    """Return a part's value without the members that say `~drop`, which no model knows."""
    if part.members is not None:
        return {key: plain(item) for key, item in part.members.items() if item.text != DROP}
    if part.items is not None:
        return [plain(item) for item in part.items]
    return part.text
