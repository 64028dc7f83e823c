"""The tests beside a map: what is run, what passes, and what a failure looks like."""

import pytest

from gateway.errors import ConfigProblems
from gateway.mapping.testing import Syntax, load_tests, run_tests
from gateway.yaml_source import load
from tests.unit.mapping.little_sets import DELIMITERS, compiled, lines, model, tree

MAP = compiled(
    "fields: {no: {at: W0502, required: true}, day: {at: W0503, as: date}}", model("no day")
)
SYNTAX = Syntax(tree, lines, DELIMITERS)
FILES = {"a.edi": "W05**1*20260131", "a.json": '{"no": "1", "day": "2026-01-31"}'}
ENVELOPE = '"document": "d", "version": ""'


def run(body: str):
    tests = load_tests(load("map: m\ncases:\n" + body, "940.test.yaml"))
    return run_tests(tests, MAP, SYNTAX, FILES.__getitem__)


def test_a_case_with_both_parts_is_tested_in_every_direction() -> None:
    document = "{" + ENVELOPE + ', "no": "1", "day": "2026-01-31"}'
    results = run(f"  - name: plain\n    edi: a.edi\n    document: '{document}'\n")
    assert [(one.name, one.direction, one.difference) for one in results] == [
        ("plain", "read", ""),
        ("plain", "write", ""),
        ("plain", "round_trip", ""),
    ]


def test_a_difference_is_shown_line_by_line() -> None:
    (result,) = run(
        "  - {name: x, edi: 'W05**2', directions: [read], "
        f'document: \'{{{ENVELOPE}, "no": "1"}}\'}}\n'
    )
    assert not result.passed
    assert result.difference == (
        '--- expected\n+++ found\n@@ -1,5 +1,5 @@\n {\n   "document": "d",\n-  "no": "1",\n'
        '+  "no": "2",\n   "version": ""\n }\n'
    )


def test_expected_findings_are_named_by_code_and_field() -> None:
    (passed,) = run(
        "  - {name: x, edi: 'W05***1', "
        "findings: [value_not_convertible /day, required_field_missing /no]}\n"
    )
    assert passed.passed
    (failed,) = run("  - {name: x, edi: 'W05***1', findings: [required_field_missing /no]}\n")
    assert failed.difference.splitlines()[-1] == "+value_not_convertible /day"


def test_a_round_trip_that_loses_something_fails() -> None:
    results = run("  - {name: x, edi: 'W05**1**lost', directions: [round_trip]}\n")
    assert "-W05**1**lost" in results[0].difference


def test_a_direction_without_its_part_fails() -> None:
    (result,) = run("  - {name: x, edi: 'W05**1', directions: [write]}\n")
    assert result.difference == "the case gives no document"


def test_a_document_alone_is_tested_for_its_round_trip() -> None:
    (result,) = run(
        f'  - {{name: x, document: \'{{{ENVELOPE}, "no": "1", "day": "2026-01-31"}}\'}}\n'
    )
    assert (result.direction, result.passed) == ("round_trip", True)


def test_a_test_file_is_checked_with_places() -> None:
    with pytest.raises(ConfigProblems) as caught:
        load_tests(load("map: m\ncases:\n  - {nam: x, directions: [up]}\n", "t.test.yaml"))
    assert str(caught.value) == (
        "t.test.yaml:3:5: cases[0]: 'name' is missing\n"
        "t.test.yaml:3:6: cases[0].nam: unknown key 'nam' (did you mean 'name'?)\n"
        "t.test.yaml:3:27: cases[0].directions[0]: expected 'read', 'write' or 'round_trip'"
    )
