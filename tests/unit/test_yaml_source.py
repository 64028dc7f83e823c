"""YAML whose values remember where they were written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway import yaml_source
from gateway.errors import ConfigProblems
from gateway.yaml_source import Mark, Value


def _value(text: str) -> Value:
    return yaml_source.load(text, "f.yaml").value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a: 01", {"a": "01"}),
        ("a: NO", {"a": "NO"}),
        ("a: 1e3", {"a": "1e3"}),
        ("a: 2026-01-31", {"a": "2026-01-31"}),
        ("a: 0x1F", {"a": "0x1F"}),
        ("997: always", {"997": "always"}),
        ("a: |\n  x\n  y\n", {"a": "x\ny\n"}),
        ("a: [x, [y]]", {"a": ["x", ["y"]]}),
        ("&x a: b", {"a": "b"}),
        ("\ufeffa: b", {"a": "b"}),
        ("<<: {a: b}", {"<<": {"a": "b"}}),
    ],
)
def test_a_scalar_stays_the_text_that_was_written(text: str, value: Value) -> None:
    assert _value(text) == value


@pytest.mark.parametrize("text", ["a:", "a: ~", "a: null"])
def test_an_empty_plain_value_is_none(text: str) -> None:
    assert _value(text) == {"a": None}


@pytest.mark.parametrize("text", ["a: ''", "a: '~'", 'a: "null"'])
def test_a_quoted_value_is_never_none(text: str) -> None:
    assert _value(text) == {"a": text[4:-1]}


@pytest.mark.parametrize("text", ["", "# only a comment\n", "---\n"])
def test_a_file_without_content_has_no_value(text: str) -> None:
    source = yaml_source.load(text, "f.yaml")
    assert source.value is None
    assert source.mark() == Mark("f.yaml", 1, 1)


def test_each_value_knows_its_line_and_column() -> None:
    source = yaml_source.load("a: x\nb:\n  - c: [y, z]\n    d: 1\n", "f.yaml")
    places = {path: (mark.line, mark.column) for path, mark in source.marks.items()}
    assert places == {
        (): (1, 1),
        ("a",): (1, 1),
        ("b",): (2, 1),
        ("b", 0): (3, 5),
        ("b", 0, "c"): (3, 5),
        ("b", 0, "c", 0): (3, 9),
        ("b", 0, "c", 1): (3, 12),
        ("b", 0, "d"): (4, 5),
    }


def test_what_was_not_written_is_placed_at_the_nearest_part_that_was() -> None:
    source = yaml_source.load("a:\n  b: x\n", "f.yaml")
    assert source.mark(("a", "missing", 0)) == Mark("f.yaml", 1, 1)
    assert str(source.problem(("a", "b"), "no")) == "f.yaml:2:3: a.b: no"


_BEGINS = "; text that begins with '{}' stands in quotes"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a: [x\n", "f.yaml:2:1: did not find expected ',' or ']'"),
        ("a: 'x", "f.yaml:1:6: found unexpected end of stream"),
        (
            "a:\n\t- b",
            "f.yaml:2:1: found character that cannot start any token; YAML is indented with "
            "spaces, not with tabs",
        ),
        ("a: 1\na: 2", "f.yaml:2:1: 'a' is written twice"),
        ("o: {a: 1, a: 2}", "f.yaml:1:11: o: 'a' is written twice"),
        ("a: &x 1\nb: *x", "f.yaml:2:4: b: YAML aliases are not taken" + _BEGINS.format("*")),
        ("a: !x", "f.yaml:1:4: a: YAML tags are not taken: !x" + _BEGINS.format("!")),
        ("a: !!binary x", "f.yaml:1:4: a: YAML tags are not taken: tag:yaml.org,2002:binary"),
        ("a: 1\n---\nb: 2", "f.yaml:2:1: a second document starts here; expected one"),
        ("? [a]\n: b", "f.yaml:1:3: a key is text"),
        ("é: 1\nb: \x07", "f.yaml:2:4: character #x0007 is not taken"),
        ('b: "x\\0"', "f.yaml:1:4: b: character #x0000 is not taken"),
        ('o: {"a\\0": 1}', "f.yaml:1:5: o: character #x0000 is not taken"),
        ("[" * 100_000, "f.yaml:1:66: [0]: nested more than 64 deep"),
    ],
)
def test_what_is_not_taken_is_refused_at_its_place(text: str, line: str) -> None:
    with pytest.raises(ConfigProblems) as refused:
        yaml_source.load(text, "f.yaml")
    assert str(refused.value) == line


_BRACKETS = "; inside { } and [ ] text with brackets stands in quotes: "
_WHOLE = "; text that begins with {} stands in quotes as a whole: "


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("a: {key: items[0].sku}", f'{_BRACKETS}"items[0].sku"'),
        ("a: {x: 1, key: items[0].sku, y: 2}", f'{_BRACKETS}"items[0].sku"'),
        ("key: [number, items[0].sku]", f'{_BRACKETS}"items[0].sku"'),
        ("a: {key: lines[].{a: b, c: d}, e: f}", f'{_BRACKETS}"lines[].{{a: b, c: d}}"'),
        ("a: {key: items[?sku=='1'].x}", f"{_BRACKETS}\"items[?sku=='1'].x\""),
        ("a: {at: N9[01=BM].02}", f'{_BRACKETS}"N9[01=BM].02"'),
        ("""a: {key: items[?"a b"=='1'].x}""", f"{_BRACKETS}'items[?\"a b\"==''1''].x'"),
        ("key: [a, b][0]", f'{_WHOLE.format("[")}"[a, b][0]"'),
        ("- key: {a: b}.x", f'{_WHOLE.format("{")}"{{a: b}}.x"'),
        ('key: "ship to".city', f"{_WHOLE.format(chr(34))}'\"ship to\".city'"),
        ("key: @.number", "; text that begins with '@' stands in quotes: \"@.number\""),
        ("key: `1`", "; text that begins with '`' stands in quotes: \"`1`\""),
        ("key: a: b", "; text with ': ' in it stands in quotes: \"a: b\""),
        ("a: 1\n  b: 2", ""),
        ("a: [x\nb: 2", ""),
    ],
)
def test_text_that_yaml_reads_otherwise_is_shown_in_quotes(text: str, hint: str) -> None:
    with pytest.raises(ConfigProblems) as refused:
        yaml_source.load(text, "f.yaml")
    said, semicolon, rest = str(refused.value).partition(";")
    assert (said[:7], semicolon + rest) == ("f.yaml:", hint)
    if hint:
        # What it says to write is taken, and is the text that was meant.
        shown = hint[hint.index("quotes") :].partition(": ")[2]
        assert str(yaml_source.load(shown, "f").value) in text


def test_a_file_that_nobody_edits_by_hand_is_refused_by_its_size() -> None:
    with pytest.raises(ConfigProblems) as refused:
        yaml_source.load("#" * (yaml_source.MAX_BYTES + 1), "f.yaml")
    assert str(refused.value) == "f.yaml:1:1: larger than 4194304 bytes"


@given(st.text(alphabet="ab:-[]{}*&!#?'\"|>%@,~\n \t\x00é", max_size=60))
def test_any_text_gives_a_value_or_problems(text: str) -> None:
    try:
        place = yaml_source.load(text, "f.yaml").mark()
    except ConfigProblems as refused:
        place = Mark(*(getattr(refused.problems[0], name) for name in ("file", "line", "column")))
    assert place.file == "f.yaml"
    assert place.line >= 1
    assert place.column >= 1


@pytest.mark.parametrize(
    ("word", "known", "expected"),
    [
        ("decimel", ["decimal", "date"], " (did you mean 'decimal'?)"),
        ("xyz", ["decimal", "date"], ""),
        ("any", [], ""),
    ],
)
def test_the_nearest_known_word_is_suggested(word: str, known: list[str], expected: str) -> None:
    assert yaml_source.suggestion(word, known) == expected


def test_a_path_is_written_as_people_read_it() -> None:
    assert yaml_source.dotted(("agreements", 0, "set")) == "agreements[0].set"
    assert yaml_source.dotted(()) == ""
