"""Cross-reference tables in CSV: what is read of them, and what is wrong with them, by line."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.config.maps import find_maps
from gateway.yaml_source import load

TABLE = "table: stores\ncsv: stores.csv\ncode: store\n"


def found(tmp_path: Path, rows: str | bytes, table: str = TABLE) -> tuple[object, list[str]]:
    """Return the rows of a table, and the problems with it."""
    folder = tmp_path / "tables" / "maple"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "stores.table.yaml").write_text(table, encoding="utf-8")
    content = rows if isinstance(rows, bytes) else rows.encode()
    (folder / "stores.csv").write_bytes(content)
    files = find_maps(tmp_path)
    [source] = files.tables
    value = source.value
    assert isinstance(value, dict)
    return value.get("rows"), [str(one) for one in files.problems]


def test_rows_are_read_as_a_spreadsheet_saves_them(tmp_path: Path) -> None:
    text = '\ufeffstore,dc,"name"\r\n0417,7001,"Elm, Street"\r\n\r\n0502, 7002 ,\r\n'
    assert found(tmp_path, text) == (
        {"0417": {"dc": "7001", "name": "Elm, Street"}, "0502": {"dc": "7002"}},
        [],
    )


def test_the_first_column_is_the_code_where_none_is_named(tmp_path: Path) -> None:
    table = TABLE.replace("code: store\n", "")
    assert found(tmp_path, "number,dc\n1,2\n", table) == ({"1": {"dc": "2"}}, [])


def test_lines_end_where_csv_says_so_and_nowhere_else(tmp_path: Path) -> None:
    text = ' store ,dc\n1,"Elm\nStreet"\n2,Oak\u2028Street\x85\x0cEast\n'
    assert found(tmp_path, text) == (
        {"1": {"dc": "Elm\nStreet"}, "2": {"dc": "Oak\u2028Street\x85\x0cEast"}},
        [],
    )


@pytest.mark.parametrize(
    ("rows", "table", "problem"),
    [
        (
            "store,dc\n1,2\n1,3\n",
            TABLE,
            "tables/maple/stores.csv:3:1: store: '1' stands in line 2 already",
        ),
        (
            "store,dc,dc\n1,2,3\n",
            TABLE,
            "tables/maple/stores.csv:1:1: dc: is the name of two columns",
        ),
        (
            "store,dc\n1\n",
            TABLE,
            "tables/maple/stores.csv:2:1: store: has 1 values, the first line names 2 columns",
        ),
        (
            "store,dc\n,2\n",
            TABLE,
            "tables/maple/stores.csv:2:1: store: the column 'store' is empty",
        ),
        (
            "shop,dc\n1,2\n",
            TABLE,
            "tables/maple/stores.table.yaml:3:1: code: "
            "tables/maple/stores.csv has no column 'store'",
        ),
        (
            "",
            TABLE,
            "tables/maple/stores.table.yaml:3:1: code: "
            "tables/maple/stores.csv has no column 'store'",
        ),
        (
            'store,dc\n"1,2\n',
            TABLE,
            "tables/maple/stores.csv:2:1: is no CSV: unexpected end of data",
        ),
        (
            b"store,dc\n1,\xff\n",
            TABLE,
            "tables/maple/stores.table.yaml:2:1: csv: stores.csv is no UTF-8 text (byte 11)",
        ),
        (
            "store,dc\n",
            TABLE.replace("csv: stores.csv", "csv: shops.csv"),
            "tables/maple/stores.table.yaml:2:1: csv: shops.csv cannot be read: "
            "No such file or directory; it lies in the folder of this file",
        ),
        (
            "store,dc\n",
            TABLE.replace("csv: stores.csv", "csv: ../stores.csv"),
            "tables/maple/stores.table.yaml:2:1: csv: '../stores.csv' does not lie in the folder "
            "of this file",
        ),
        (
            "store,dc\n",
            TABLE + "rows: {}\n",
            "tables/maple/stores.table.yaml:2:1: csv: `csv:` and `rows:` exclude each other",
        ),
    ],
)
def test_what_is_wrong_is_told_with_its_line(
    tmp_path: Path, rows: str | bytes, table: str, problem: str
) -> None:
    assert found(tmp_path, rows, table)[1] == [problem]


def test_other_rows_make_another_table_of_what_is_remembered(tmp_path: Path) -> None:
    found(tmp_path, "store,dc\n1,2\n")
    [before] = find_maps(tmp_path).tables
    [same] = find_maps(tmp_path).tables
    found(tmp_path, "store,dc\n1,3\n")
    [after] = find_maps(tmp_path).tables
    assert before.digest == same.digest != after.digest
    assert load(TABLE, "t.yaml").digest not in ("", before.digest)
