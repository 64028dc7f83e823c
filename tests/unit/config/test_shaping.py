"""Shapes in configuration: compiled when it is checked, every fault at its file and line."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from gateway.config.shaping import Shaping, shape_of
from gateway.errors import ConfigProblems
from gateway.yaml_source import load

SOURCE = load("destinations:\n  erp:\n    body:\n      select: a b\n", "gateway.yaml")
AT = ("destinations", "erp", "body")


def problems(home: Path, **settings: str) -> list[str]:
    with pytest.raises(ConfigProblems) as fault:
        shape_of(Shaping.model_validate(settings), home, SOURCE, AT)
    return [str(problem) for problem in fault.value.problems]


def test_a_wrong_expression_is_placed_where_it_is_written(tmp_path: Path) -> None:
    assert problems(tmp_path, select="a b") == [
        "gateway.yaml:4:7: destinations.erp.body.select: "
        "no JMESPath: 'b' is not expected here (column 3 of it)"
    ]


def test_a_wrong_template_is_placed_in_its_own_file(tmp_path: Path) -> None:
    (tmp_path / "order.xml.j2").write_text("<a>\n{{ x | shout }}</a>")
    (tmp_path / "order.xsd").write_text("<a>\n</b>")
    assert problems(tmp_path, template="order.xml.j2", xsd="order.xsd") == [
        "order.xml.j2:2:1: No filter named 'shout'.",
        "order.xsd:2:1: Opening and ending tag mismatch: a line 1 and b",
    ]


def test_a_file_that_is_not_there_or_no_text_is_named(tmp_path: Path) -> None:
    assert problems(tmp_path, xslt="none.xsl") == [
        "gateway.yaml:3:5: destinations.erp.body.xslt: "
        "none.xsl cannot be read: No such file or directory"
    ]
    (tmp_path / "a.j2").write_bytes(b"\xff")
    assert problems(tmp_path, template="a.j2") == ["a.j2:1:1: not UTF-8 text"]


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"template": "a.j2", "xslt": "b"}, "'template' and 'xslt' exclude each other"),
        ({"writes": "xml"}, "'writes' is said of a 'template'"),
        ({"select": "a", "xsd": "a.xsd"},
         "'xsd' checks XML; expected 'xslt', or a 'template' that writes xml"),
        ({"template": "/etc/a.j2"},
         "'/etc/a.j2' is absolute; expected a path such as shapes/order.xml.j2"),
    ],
)  # fmt: skip
def test_settings_that_do_not_fit_together(settings: dict[str, str], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        Shaping.model_validate(settings)


def test_a_shape_is_ready_for_use(tmp_path: Path) -> None:
    (tmp_path / "order.json.j2").write_text('{"no": {{ document.n }}}')
    shaping = Shaping(select="{n: number}", template="order.json.j2")
    assert shaping.files == ("order.json.j2",)
    shape = shape_of(shaping, tmp_path, SOURCE, AT)
    assert shape.shaped({"number": "7"}, {}).content == b'{"no":"7"}'
    assert shape_of(None, tmp_path, SOURCE, AT).is_identity
