"""Finds the tests that lie beside maps and runs them, with X12 as the syntax."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from gateway import resources
from gateway.cli.maps_in_use import MapsInUse
from gateway.config.map_tests import FoundTests, MapTests, find_map_tests, unrunnable
from gateway.errors import ConfigProblems, InterchangeUnreadable
from gateway.mapping.ports import Node
from gateway.mapping.testing import CaseResult, Syntax, run_tests
from gateway.small_files import read_small
from gateway.x12.model import ControlNumber, Delimiters, Segment, TransactionSet
from gateway.x12.order import segments_in_order
from gateway.x12.reader import read
from gateway.x12.schema import SetSchema
from gateway.x12.validate import Validator

_PLAIN = Delimiters()
"""Tests are compared in these separators, whatever their samples are written in."""


def find_tests(
    home: Path | None, maps: MapsInUse, names: Sequence[str], *, packaged: bool = False
) -> FoundTests:
    """Read an instance's own tests, and those of packaged maps that are named or asked for.

    Without an instance there are only packaged ones; with names, only those of these maps.
    """
    found: list[FoundTests] = []
    tests: list[MapTests] = []
    if packaged or names or home is None:
        found.append(find_map_tests(resources.directory("maps"), "packaged:maps"))
        # A map of the instance that replaces a packaged one is right where its own tests pass.
        tests += [one for one in found[0].files if maps.files[one.tests.map].packaged]
    if home is not None:
        found.append(find_map_tests(home / "maps", "maps"))
        tests += found[-1].files
    wanted = tuple(one for one in tests if not names or one.tests.map in names)
    return FoundTests(wanted, tuple(problem for each in found for problem in each.problems))


def run_file(one: MapTests, maps: MapsInUse) -> list[CaseResult]:
    """Run the cases of one file; raise GatewayError where they cannot be run at all."""
    problems = unrunnable(one, maps.files)
    if problems:
        raise ConfigProblems(problems)

    def load(name: str) -> str:
        return read_small(one.path.parent / name).decode("latin-1")

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
