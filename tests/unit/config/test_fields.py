"""A misspelt field of an expression is noticed before it is sent as nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway import config
from tests.destination_world import write_home


def warnings(home: Path, settings: str) -> list[str]:
    instance = config.load(write_home(home, settings), {}, maps_too=False)
    return [str(problem) for problem in instance.warnings if "no document" in problem.message]


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        (
            "type: http\nurl: http://x.example\nbody: {select: '{no: purchase_ordr_number}'}\n",
            ["gateway.yaml:7:12: destinations.erp.body.select: no document has a field "
             "'purchase_ordr_number' (did you mean 'purchase_order_number'?): it is always null"],
        ),
        ("type: http\nurl: http://x.example\nbody: {select: 'lines[].sku'}\n", []),
        (
            "type: file\nfolder: out\nformat: json_lines\nrows: line\n",
            ["gateway.yaml:8:5: destinations.erp.rows: no document has a field 'line' "
             "(did you mean 'lines'?): it is always null"],
        ),
        ("type: file\nfolder: out\nformat: json_lines\nbody: {select: lines}\nrows: '@[].x'\n", []),
        (
            "type: table\nurl: sqlite:///x.db\ntable: t\nkey: a\ncolumns: {a: zzz}\n"
            "children: [{table: c, each: linez, columns: {b: sku}, parent: {p: a}}]\n",
            ["gateway.yaml:9:15: destinations.erp.columns.a: "
             "no document has a field 'zzz': it is always null",
             "gateway.yaml:10:27: destinations.erp.children[0].each: no document has a field "
             "'linez' (did you mean 'lines'?): it is always null"],
        ),
    ],
)  # fmt: skip
def test_a_field_that_no_document_has(tmp_path: Path, settings: str, said: list[str]) -> None:
    assert warnings(tmp_path, settings) == said


def test_what_a_template_asks_for_and_nobody_knows(tmp_path: Path) -> None:
    settings = (
        "type: http\n"
        "url: 'http://x.example/{{ document.purchase_ordr_number }}/{{ facts.partnr }}'\n"
        "facts: {dock: D1}\n"
        "look_up: {url: 'http://x.example/{{ facts.dok }}/{{ facts.dock }}', found: id}\n"
    )
    instance = config.load(write_home(tmp_path, settings), {}, maps_too=False)
    assert [str(problem) for problem in instance.warnings if problem.column > 1] == [
        "gateway.yaml:6:5: destinations.erp.url: no document has a field 'purchase_ordr_number' "
        "(did you mean 'purchase_order_number'?)",
        "gateway.yaml:6:5: destinations.erp.url: there is no fact 'partnr' "
        "(did you mean 'partner'?)",
        "gateway.yaml:8:15: destinations.erp.look_up.url: there is no fact 'dok' "
        "(did you mean 'dock'?)",
    ]


def test_steps_know_what_they_took_and_what_they_are_at(tmp_path: Path) -> None:
    settings = (
        "type: steps\nurl: http://x.example\n"
        "steps: [{name: look, path: '/{{ document.taken.x }}/{{ document.item.y }}'},\n"
        "  {name: tell, path: '/{{ document.takn.x }}'}]\n"
    )
    instance = config.load(write_home(tmp_path, settings), {}, maps_too=False)
    assert [str(problem) for problem in instance.warnings if problem.column > 1] == [
        "gateway.yaml:8:20: destinations.erp.steps[1].path: no document has a field 'takn' "
        "(did you mean 'taken'?)"
    ]
