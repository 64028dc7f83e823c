"""Finds the tests that lie beside maps and runs them, with X12 as the syntax."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from gateway import resources, yaml_source
from gateway.cli.maps_in_use import MapsInUse
from gateway.errors import ConfigProblems, InterchangeUnreadable, Problem
from gateway.mapping.grammar import TestFile
from gateway.mapping.ports import Node
from gateway.mapping.testing import CaseResult, Syntax, load_tests, run_tests
from gateway.x12.model import ControlNumber, Delimiters, Segment, TransactionSet
from gateway.x12.order import segments_in_order
from gateway.x12.reader import read
from gateway.x12.schema import SetSchema
from gateway.x12.validate import Validator

_PLAIN = Delimiters()
"""Tests are compared in these separators, whatever their samples are written in."""


@dataclass(frozen=True, slots=True)
class MapTests:
    """One file of tests."""

    path: Path
    file: str
    """As people know it: `maps/acme/940.test.yaml`."""
    tests: TestFile


def find_tests(home: Path | None, names: Sequence[str]) -> list[MapTests]:
    """Read every `*.test.yaml` of the product and of an instance; only those of maps if named."""
    roots = [(resources.directory("maps"), "packaged:maps")]
    if home is not None:
        roots.append((home / "maps", "maps"))
    found = [
        _load(path, f"{label}/{path.relative_to(root).as_posix()}")
        for root, label in roots
        for path in sorted(root.rglob("*.test.yaml"))
    ]
    return [one for one in found if not names or one.tests.map in names]


def run_file(one: MapTests, maps: MapsInUse) -> list[CaseResult]:
    """Run the cases of one file."""

    def load(name: str) -> str:
        try:
            return (one.path.parent / name).read_bytes().decode("latin-1")
        except OSError as fault:
            reason = f"{name} cannot be read: {fault.strerror or fault}"
            raise ConfigProblems([Problem(one.file, 1, 1, "", reason)]) from fault

    return run_tests(one.tests, maps.compiled(one.tests.map), x12(maps.schema(one.tests.map)), load)


def x12(schema: SetSchema) -> Syntax:
    """Return X12 as map tests ask for it, for the sets of one schema."""
    validator = Validator(schema)

    def parse(text: str) -> Node:
        return validator.parse(_transaction_set(text, schema)).tree

    def serialise(tree: Node) -> list[str]:
        segments = segments_in_order(schema, tree)
        return [_PLAIN.element.join(one) for one in segments if one[0] not in ("ST", "SE")]

    return Syntax(parse, serialise, _PLAIN)


def _load(path: Path, file: str) -> MapTests:
    return MapTests(path, file, load_tests(yaml_source.load(path.read_text("utf-8"), file)))


def _transaction_set(text: str, schema: SetSchema) -> TransactionSet:
    """Return the first set of the schema's kind in a payload, or the one that bare segments are."""
    payload = text.encode("latin-1", "replace")
    if not text.lstrip().startswith("ISA"):
        return _wrapped(list(_segments(text)), schema)
    for event in read(payload):
        if isinstance(event, TransactionSet) and event.set_id == schema.set_id:
            return _in_plain_separators(event)
    raise InterchangeUnreadable(f"the case's payload holds no {schema.set_id}")


def _segments(text: str) -> Iterator[Segment]:
    for line in text.replace("\n", "").replace("\r", "").split(_PLAIN.terminator):
        if line.strip():
            yield line.strip().split(_PLAIN.element)


def _wrapped(segments: list[Segment], schema: SetSchema) -> TransactionSet:
    if segments and segments[0][0] != "ST":
        segments = [
            ["ST", schema.set_id, "0001"],
            *segments,
            ["SE", str(len(segments) + 2), "0001"],
        ]
    number = ControlNumber("1")
    return TransactionSet(segments, [0] * len(segments), _PLAIN, number, number)


def _in_plain_separators(received: TransactionSet) -> TransactionSet:
    theirs = received.delimiters
    if theirs.component == _PLAIN.component:
        return received
    segments = [
        [element.replace(theirs.component, _PLAIN.component) for element in segment]
        for segment in received.segments
    ]
    return replace(received, segments=segments, delimiters=_PLAIN)
