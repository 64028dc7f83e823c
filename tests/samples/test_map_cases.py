"""The cases beside each packaged map pass, in every direction that they allow."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from gateway import resources
from gateway.mapping.ports import Node
from gateway.mapping.testing import Syntax, load_tests, run_tests
from gateway.x12.model import ControlNumber, Delimiters, TransactionSet
from gateway.x12.order import Tree, segments_in_order
from gateway.x12.validate import Validator
from gateway.yaml_source import load
from tests.samples.maps import compiled_map, library
from tests.samples.outcome import validator

FOLDER = resources.directory("maps")
FILES = sorted(FOLDER.rglob("*.test.yaml"))
DELIMITERS = Delimiters()


@pytest.mark.parametrize("file", FILES, ids=[f"{file.parent.name}/{file.name}" for file in FILES])
def test_cases_beside_a_map_pass(file: Path) -> None:
    tests = load_tests(load(file.read_text(encoding="utf-8"), file.name))
    spec = library().resolve(tests.map).spec
    assert spec.transaction_set is not None
    syntax = _x12(validator(spec.transaction_set))
    results = run_tests(tests, compiled_map(tests.map), syntax, _no_file)
    assert [(one.name, one.direction, one.difference) for one in results if not one.passed] == []
    assert {one.name for one in results} == {case.name for case in tests.cases}


def test_every_map_that_an_agreement_can_name_has_cases_beside_it() -> None:
    tested = {load_tests(load(file.read_text(encoding="utf-8"), file.name)).map for file in FILES}
    assert tested == {name for name in library().names if library().resolve(name).spec.document}


def _x12(validator: Validator) -> Syntax:
    def parse(text: str) -> Node:
        body = [segment.strip().split("*") for segment in text.split("~") if segment.strip()]
        number = ControlNumber("0001")
        segments = [
            ["ST", validator.schema.set_id, number],
            *body,
            ["SE", str(len(body) + 2), number],
        ]
        return validator.parse(
            TransactionSet(
                segments, range(len(segments)), DELIMITERS, ControlNumber("1"), ControlNumber("1")
            )
        ).tree

    def serialise(tree: Tree) -> Sequence[str]:
        segments = segments_in_order(validator.schema, tree)
        return ["*".join(one) for one in segments if one[0] not in ("ST", "SE")]

    return Syntax(parse, serialise, DELIMITERS)


def _no_file(name: str) -> str:
    raise AssertionError(f"{name}: the cases beside packaged maps hold their own text")
