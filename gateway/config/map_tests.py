"""The tests beside maps as files: which there are, and whether they can be run at all."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from gateway.config.reading import read_source
from gateway.errors import ConfigProblems, Problem
from gateway.mapping.grammar import TestFile
from gateway.mapping.testing import files_of, load_tests
from gateway.small_files import read_small
from gateway.yaml_source import Source, suggestion


@dataclass(frozen=True, slots=True)
class MapTests:
    """One file of tests."""

    path: Path
    source: Source
    tests: TestFile

    @property
    def file(self) -> str:
        """Return the file's name as people know it: `maps/acme/940.test.yaml`."""
        return self.source.file


@dataclass(frozen=True, slots=True)
class FoundTests:
    """The files of tests that could be read, and what is wrong with the others."""

    files: tuple[MapTests, ...]
    problems: tuple[Problem, ...]


def find_map_tests(root: Path, label: str) -> FoundTests:
    """Read every `*.test.yaml` below a folder; messages call the folder by its label."""
    files: list[MapTests] = []
    problems: list[Problem] = []
    for path in sorted(root.rglob("*.test.yaml")):
        try:
            source = read_source(path, f"{label}/{path.relative_to(root).as_posix()}")
            files.append(MapTests(path, source, load_tests(source)))
        except ConfigProblems as fault:
            problems += fault.problems
    return FoundTests(tuple(files), tuple(problems))


def check(home: Path, maps: Collection[str]) -> list[Problem]:
    """Return what keeps the tests of an instance from being run; the gateway runs without them."""
    found = find_map_tests(home / "maps", "maps")
    return [
        *found.problems,
        *(problem for one in found.files for problem in unrunnable(one, maps)),
    ]


def unrunnable(one: MapTests, maps: Collection[str]) -> list[Problem]:
    """Return what keeps a file of tests from being run: a map or a sample that is not there."""
    problems = list(_missing_files(one))
    name = one.tests.map
    if name not in maps:
        message = f"there is no map '{name}'{suggestion(name, maps)}"
        problems.insert(0, one.source.problem(("map",), message))
    return problems


def _missing_files(one: MapTests) -> Iterator[Problem]:
    for index, case in enumerate(one.tests.cases):
        for key, name in files_of(case):
            try:
                read_small(one.path.parent / name)
            except OSError as fault:
                tried = (one.path.parent / name).absolute()
                message = (
                    f"{name} cannot be read: {fault.strerror or fault}; paths start at the folder "
                    f"of this file, tried {tried}"
                )
                yield one.source.problem(("cases", index, key), message)
