"""What a map says once everything it extends and uses is merged in, and who said each part.

The merged map is a `Source` again: its marks name the file, line and column each part comes from.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from gateway.errors import ConfigProblems, Problem
from gateway.mapping.grammar import DROP, PLACES, TableSpec
from gateway.yaml_source import Mark, Path, Source, Value, suggestion

VERSIONS = "versions"
"""The key under which a map says what is different in a version of the standard."""


@dataclass(frozen=True, slots=True)
class Part:
    """A value and where it was written; exactly one of the three kinds is set, or none for null."""

    mark: Mark
    text: str | None = None
    items: tuple[Part, ...] | None = None
    members: Mapping[str, Part] | None = None


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


def resolve(
    name: str, sources: Mapping[str, Source], parts: dict[str, Part], version: str = ""
) -> Source:
    """Merge a map with all it extends, blocks in place; raise ConfigProblems otherwise.

    What a file says of a version of the standard is laid over that file, below those that extend
    it. `parts` remembers files from call to call: many maps extend the same few.
    """
    chain: list[Source] = [sources[name]]
    seen = [name]
    while (base := _extended(chain[-1])) is not None:
        if base in seen:
            circle = " -> ".join([*seen[seen.index(base) :], base])
            raise ConfigProblems(
                [chain[-1].problem(("extends",), f"maps extend each other: {circle}")]
            )
        if base not in sources:
            message = f"there is no map '{base}'{suggestion(base, sources)}"
            raise ConfigProblems([chain[-1].problem(("extends",), message)])
        seen.append(base)
        chain.append(sources[base])
    for one in seen:
        if one not in parts:
            parts[one] = part_of(sources[one])
    merged, *others = [one for each in reversed(seen) for one in _layers(parts[each], version)]
    for over in others:
        merged = merge(merged, over, ())
    return source_of(_use_blocks(merged))


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


def _use_blocks(merged: Part) -> Part:
    members = dict(merged.members or {})
    blocks = (members.get("blocks") or Part(merged.mark)).members or {}
    problems: list[Problem] = []
    if "fields" in members:
        members["fields"] = _used(members["fields"], ("fields",), blocks, problems)
    if problems:
        raise ConfigProblems(problems)
    members.pop("blocks", None)
    return replace(merged, members=members)


def _used(
    part: Part, path: Path, blocks: Mapping[str, Part], problems: list[Problem], depth: int = 0
) -> Part:
    """Put blocks under the fields that use them; a block may use others."""
    name = _text(part, "use")
    if name is not None and part.members is not None:
        mark = part.members["use"].mark
        if name not in blocks or depth > len(blocks):
            reason = f"there is no block '{name}'{suggestion(name, blocks)}"
            message = f"block '{name}' uses itself" if name in blocks else reason
            shown = ".".join(str(item) for item in path if item != "fields")
            problems.append(Problem(mark.file, mark.line, mark.column, shown, message))
            return part
        own = {key: item for key, item in part.members.items() if key != "use"}
        joined = merge(blocks[name], replace(part, members=own), ("fields", "-"))
        return _used(joined, path, blocks, problems, depth + 1)
    if part.members is None:
        return part
    members = {
        key: item if item.members is None else _used(item, (*path, key), blocks, problems, depth)
        for key, item in part.members.items()
    }
    same = all(members[key] is item for key, item in part.members.items())
    return part if same else replace(part, members=members)
