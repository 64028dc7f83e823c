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


def in_vain(home: Path, settings: str, files: dict[str, str], routes: str = "") -> list[str]:
    write_home(home, settings, files)
    if routes:
        (home / "routes.yaml").write_text(routes)
    instance = config.load(home, {}, maps_too=False)
    asked = ("no document has a field", "there is no fact")
    return [str(one) for one in instance.warnings if one.message.startswith(asked)]


def test_what_a_template_of_a_destination_asks_for_in_vain(tmp_path: Path) -> None:
    template = (
        "{% for line in document.linez %}{{ line.anything }}{% endfor %}\n"
        "{{ document['purchase_order_numbr'] }}{{ facts.partner }}\n"
        "{{ document.maybe | default('') }}{% if document.perhaps is defined %}{% endif %}\n"
        "{{ facts.custmer }}{{ facts.customer }}\n"
    )
    settings = (
        "type: http\nurl: 'http://x.example/{{ document.purchase_ordr }}'\n"
        "facts: {customer: C-1}\nbody: {template: shapes/a.txt}\n"
    )
    assert in_vain(tmp_path, settings, {"shapes/a.txt": template}) == [
        "gateway.yaml:6:5: destinations.erp.url: no document has a field 'purchase_ordr' "
        "(did you mean 'purchase_order_type'?)",
        "shapes/a.txt:1:1: no document has a field 'linez' (did you mean 'lines'?)",
        "shapes/a.txt:2:1: no document has a field 'purchase_order_numbr' "
        "(did you mean 'purchase_order_number'?)",
        "shapes/a.txt:4:1: there is no fact 'custmer' (did you mean 'customer'?)",
    ]


def test_a_template_behind_an_expression_sees_what_that_made(tmp_path: Path) -> None:
    settings = (
        "type: http\nurl: http://x.example\nbody: {select: '{no: `1`}', template: a.json.j2}\n"
    )
    assert in_vain(tmp_path, settings, {"a.json.j2": "{{ document.no }}"}) == []


def test_templates_of_next_documents_and_of_shapes_that_go_on(tmp_path: Path) -> None:
    routes = (
        "rules:\n  - {name: all, to: erp}\n"
        "shapes:\n  unused: {template: a.json.j2}\n"
        "next:\n  - {name: one, body: {template: b.json.j2}}\n"
    )
    files = {
        "a.json.j2": "{{ document.delivered.at }}{{ facts.idempotency_key }}",
        "b.json.j2": "{{ document.delivered.at }}\n{{ document.linez }}",
    }
    settings = "type: http\nurl: http://x.example\n"
    assert in_vain(tmp_path, settings, files, routes) == [
        "a.json.j2:1:1: no document has a field 'delivered' (did you mean 'delivery_terms'?)",
        "a.json.j2:1:1: there is no fact 'idempotency_key'",
        "b.json.j2:2:1: no document has a field 'linez' (did you mean 'lines'?)",
    ]
