"""What a map says once everything it extends and uses is merged in, and who said each part."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from gateway.errors import ConfigProblems, Problem
from gateway.mapping.grammar import DROP, PLACES, TableSpec
from gateway.mapping.kept import Kept
from gateway.mapping.parts import Part, part_of
from gateway.yaml_source import Path, Source, suggestion

VERSIONS = "versions"
"""The key under which a map says what is different in a version of the standard."""


class Resolver:
    """Merges maps with all they extend; what several have in common is merged once."""

    def __init__(self, sources: Mapping[str, Source]) -> None:
        self._sources = sources
        self._files: dict[str, Part] = {}
        self._merged: dict[tuple[str, str], Part] = {}
        self._joined: Kept[str, _Joined] = Kept()

    def resolve(self, name: str, version: str = "") -> Part:
        """Merge a map with all it extends, blocks in place; raise ConfigProblems otherwise.

        What a file says of a version of the standard is laid over that file, below those that
        extend it.
        """
        merged: Part | None = None
        for one in reversed(self._chain(name)):
            merged = self._over(merged, one, version)
        return _use_blocks(merged or part_of(self._sources[name]), self._joined)

    def _over(self, below: Part | None, name: str, version: str) -> Part:
        """Return a file laid over all that it extends."""
        if (name, version) not in self._merged:
            if name not in self._files:
                self._files[name] = part_of(self._sources[name])
            for layer in _layers(self._files[name], version):
                below = layer if below is None else merge(below, layer, ())
            self._merged[name, version] = below or self._files[name]
        return self._merged[name, version]

    def _chain(self, name: str) -> list[str]:
        """Return a map's name and those of all that it extends, itself first."""
        seen = [name]
        source = self._sources[name]
        while (base := _extended(source)) is not None:
            if base in seen:
                circle = " -> ".join([*seen[seen.index(base) :], base])
                message = f"maps extend each other: {circle}"
                raise ConfigProblems([source.problem(("extends",), message)])
            if base not in self._sources:
                message = f"there is no map '{base}'{suggestion(base, self._sources)}"
                raise ConfigProblems([source.problem(("extends",), message)])
            seen.append(base)
            source = self._sources[base]
        return seen


def _layers(part: Part, version: str) -> Iterator[Part]:
    """Yield what a file says of every version, then what it says of this one."""
    members = dict(part.members or {})
    versions = members.pop(VERSIONS, None)
    yield replace(part, members=members) if versions is not None else part
    different = (versions.members or {}).get(version) if versions is not None else None
    if different is not None:
        yield replace(different, mark=part.mark)


def _extended(source: Source) -> str | None:
    value = source.value.get("extends") if isinstance(source.value, dict) else None
    return value if isinstance(value, str) else None


def merge(base: Part, over: Part, path: Path) -> Part:
    """Lay one part over another, member by member."""
    if _is_field(path):
        base, over = _as_place(base, over)
    if len(path) == 2 and path[0] == "tables":
        base, over = _as_table(base), _as_table(over)
    if base.members is None or over.members is None:
        if path == ("ignore",) and base.items is not None and over.items is not None:
            return replace(over, items=base.items + over.items)
        return over
    if _is_field(path) and _text(over, "replace") == "true":
        return over
    members = dict(base.members)
    if _is_field(path) and any(key in over.members for key in PLACES):
        # A field has one place: the one written here takes the place of the one written there.
        replaced = {*PLACES, "fields"} if _is_single(over) else {*PLACES}
        members = {key: item for key, item in members.items() if key not in replaced}
    for key, item in over.members.items():
        if item.text == DROP:
            members.pop(key, None)
        elif key in members:
            members[key] = merge(members[key], item, (*path, key))
        else:
            members[key] = item
    return replace(over, members=members)


def _is_field(path: Path) -> bool:
    """Say whether a path names a field: `fields.x`, `fields.x.fields.y`, `blocks.b.fields.y`."""
    if len(path) == 2 and path[0] == "blocks":
        return True
    return len(path) >= 2 and path[-2] == "fields" and len(path) % 2 == 0


def _is_single(part: Part) -> bool:
    """Say whether a field has one value, so that members of the field before it are void."""
    members = part.members or {}
    return any(key in members for key in ("at", "first", "value", "expr"))


def _as_place(base: Part, over: Part) -> tuple[Part, Part]:
    """A bare position over a field with options replaces its place only."""
    if over.text is not None and base.members is not None:
        over = Part(over.mark, members={"at": over})
    elif base.text is not None and over.members is not None:
        base = Part(base.mark, members={"at": base})
    return base, over


def _as_table(table: Part) -> Part:
    if table.members is None or set(table.members) & set(TableSpec.model_fields):
        return table
    return Part(table.mark, members={"codes": table})


def _text(part: Part, key: str) -> str | None:
    member = (part.members or {}).get(key)
    return member.text if member else None


def _use_blocks(merged: Part, known: Kept[str, _Joined]) -> Part:
    members = dict(merged.members or {})
    blocks = (members.get("blocks") or Part(merged.mark)).members or {}
    if "fields" in members:
        joining = _Joining(blocks, known)
        members["fields"] = joining.joined(members["fields"], ("fields",), 0).part
        if joining.problems:
            raise ConfigProblems(joining.problems)
    members.pop("blocks", None)
    return replace(merged, members=members)


@dataclass(frozen=True, slots=True)
class _Joined:
    """A part with the blocks that it uses in place, and those blocks by name."""

    part: Part
    blocks: Mapping[str, Part]


@dataclass(slots=True)
class _Joining:
    """Puts blocks under the fields that use them; a block may use others."""

    blocks: Mapping[str, Part]
    known: Kept[str, _Joined]
    problems: list[Problem] = field(default_factory=list)

    def joined(self, part: Part, path: Path, depth: int) -> _Joined:
        """Return a part with its blocks; those of a part without a problem are put in once."""
        if part.members is None:
            return _Joined(part, {})
        found = self.known.find(id(part), self.blocks.get)
        if found is not None:
            return found
        before = len(self.problems)
        name = _text(part, "use")
        made = self._inside(part, path, depth) if name is None else self._used(part, path, depth)
        if len(self.problems) == before:
            self.known.put(id(part), made.blocks, made, part)
        return made

    def _used(self, part: Part, path: Path, depth: int) -> _Joined:
        members = part.members or {}
        name, mark = _text(part, "use") or "", members["use"].mark
        if name not in self.blocks or depth > len(self.blocks):
            reason = f"there is no block '{name}'{suggestion(name, self.blocks)}"
            message = f"block '{name}' uses itself" if name in self.blocks else reason
            shown = ".".join(str(item) for item in path if item != "fields")
            self.problems.append(Problem(mark.file, mark.line, mark.column, shown, message))
            return _Joined(part, {})
        block = self.blocks[name]
        own = {key: item for key, item in members.items() if key != "use"}
        merged = merge(block, replace(part, members=own), ("fields", "-"))
        made = self.joined(merged, path, depth + 1)
        return _Joined(made.part, {name: block, **made.blocks})

    def _inside(self, part: Part, path: Path, depth: int) -> _Joined:
        before = part.members or {}
        made = {key: self.joined(item, (*path, key), depth) for key, item in before.items()}
        blocks: dict[str, Part] = {}
        for one in made.values():
            blocks.update(one.blocks)
        if all(made[key].part is item for key, item in before.items()):
            return _Joined(part, blocks)
        members = {key: one.part for key, one in made.items()}
        return _Joined(replace(part, members=members), blocks)
