"""Which map files an instance has: the packaged ones, and its own laid over them by name."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from gateway import resources
from gateway.config.cross_references import fill_rows
from gateway.config.reading import read_source
from gateway.errors import ConfigProblems, Problem
from gateway.yaml_source import Source

DEFAULT_VERSION = "004010"
"""The version of a map that neither an agreement nor the map itself gives one."""


@dataclass(frozen=True, slots=True)
class MapFile:
    """One map file, read but not yet checked by the map language."""

    name: str
    """Its `map:`."""
    path: Path
    source: Source
    packaged: bool
    """It came with the product; the instance has no file of this name."""


@dataclass(frozen=True, slots=True)
class MapFiles:
    """All map files by name, and what is wrong with finding them."""

    files: Mapping[str, MapFile]
    packaged: Mapping[str, MapFile]
    """Those that came with the product, replaced ones too."""
    tables: tuple[Source, ...]
    """Code tables that maps share."""
    problems: tuple[Problem, ...]


def find_maps(home: Path) -> MapFiles:
    """Read every map of the product and of the instance, and the instance's shared tables."""
    problems: list[Problem] = []
    packaged = _by_name(resources.directory("maps"), "packaged:maps", problems, packaged=True)
    own = _by_name(home / "maps", "maps", problems, packaged=False)
    tables = _sources(home / "tables", "tables", problems, suffix=".table.yaml")
    for path, source in tables:
        problems += fill_rows(source, path)
    return MapFiles(
        packaged | own, packaged, tuple(source for _, source in tables), tuple(problems)
    )


def laid_over(found: MapFiles, path: Path) -> MapFiles:
    """Return maps with one map file, or all maps and tables of a folder, in place of their own.

    What these extend is looked for among all of them.
    """
    problems: list[Problem] = []
    if path.is_dir():
        own = _by_name(path, path.as_posix(), problems, packaged=False)
        tables = _sources(path, path.as_posix(), problems, suffix=".table.yaml")
    else:
        own, tables = {}, []
        try:
            source = read_source(path, path.as_posix())
            own = _named([(path, source)], problems, packaged=False)
        except ConfigProblems as fault:
            problems += fault.problems
    replaced = {_name(source, "table") for _, source in tables}
    kept = [source for source in found.tables if _name(source, "table") not in replaced]
    return MapFiles(
        {**found.files, **own},
        found.packaged,
        (*kept, *(source for _, source in tables)),
        (*found.problems, *problems),
    )


def _by_name(
    root: Path, label: str, problems: list[Problem], *, packaged: bool
) -> dict[str, MapFile]:
    read = _read_packaged if packaged else read_source
    sources = _sources(root, label, problems, suffix=".map.yaml", read=read)
    return _named(sources, problems, packaged=packaged)


def _named(
    sources: Iterable[tuple[Path, Source]], problems: list[Problem], *, packaged: bool
) -> dict[str, MapFile]:
    files: dict[str, MapFile] = {}
    for path, source in sources:
        name = _name(source, "map")
        if name is None:
            problems.append(source.problem((), "'map' is missing; a map file says its name"))
        elif name in files:
            first = files[name].source.file
            problems.append(source.problem(("map",), f"'{name}' is the name of {first} already"))
        else:
            files[name] = MapFile(name, path, source, packaged)
    return files


def _sources(
    root: Path,
    label: str,
    problems: list[Problem],
    *,
    suffix: str,
    read: Callable[[Path, str], Source] = read_source,
) -> list[tuple[Path, Source]]:
    sources = []
    for path in sorted(root.rglob(f"*{suffix}")):
        try:
            name = f"{label}/{path.relative_to(root).as_posix()}"
            sources.append((path, read(path, name)))
        except ConfigProblems as fault:
            problems += fault.problems
    return sources


def _read_packaged(path: Path, name: str) -> Source:
    """Read a map of the product: once in the life of a process, however often it is reloaded.

    Whoever works on the product itself edits them, so not without a look.
    """
    try:
        seen = path.stat()
    except OSError:
        return read_source(path, name)  # which says why it cannot be read
    return _read_once(path, name, (seen.st_mtime_ns, seen.st_size))


@lru_cache(maxsize=256)
def _read_once(path: Path, name: str, _state: tuple[int, int]) -> Source:
    return read_source(path, name)


def _name(source: Source, key: str) -> str | None:
    name = source.value.get(key) if isinstance(source.value, dict) else None
    return name if isinstance(name, str) and name else None


def inherited(name: str, key: str, maps: Mapping[str, MapFile]) -> str | None:
    """Return what a map says under a key, or what the nearest map that it extends says."""
    seen: set[str] = set()
    while name in maps and name not in seen:
        seen.add(name)
        value = maps[name].source.value
        said = value.get(key) if isinstance(value, dict) else None
        if isinstance(said, str):
            return said
        parent = value.get("extends") if isinstance(value, dict) else None
        name = parent if isinstance(parent, str) else ""
    return None
