"""The rows of cross-reference tables: what stands in a CSV file beside the table's own file."""

from __future__ import annotations

import csv
import hashlib
import io
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

from gateway.errors import Problem
from gateway.small_files import read_small
from gateway.yaml_source import Source, Value, suggestion


def fill_rows(source: Source, path: Path) -> list[Problem]:
    """Put the rows of a table's CSV file into the table; return what is wrong with them."""
    table = source.value
    name = table.get("csv") if isinstance(table, dict) else None
    if not isinstance(table, dict) or not isinstance(name, str):
        return []
    if "rows" in table:
        return [source.problem(("csv",), "`csv:` and `rows:` exclude each other")]
    if Path(name).name != name:
        return [source.problem(("csv",), f"'{name}' does not lie in the folder of this file")]
    try:
        # A spreadsheet writes a byte order mark.
        text = read_small(path.parent / name).decode("utf-8-sig")
    except OSError as fault:
        because = fault.strerror or fault
        message = f"{name} cannot be read: {because}; it lies in the folder of this file"
        return [source.problem(("csv",), message)]
    except UnicodeDecodeError as fault:
        return [source.problem(("csv",), f"{name} is no UTF-8 text (byte {fault.start})")]
    shown = (Path(source.file).parent / name).as_posix()
    problems: list[Problem] = []
    # What was made of a table is remembered by its digest: the rows are a part of it.
    source.digest = hashlib.sha256(f"{source.digest}\n{text}".encode()).hexdigest()
    table["rows"] = _rows(text, _wanted(table), (source, shown, problems))
    return problems


def _wanted(table: Mapping[str, Value]) -> str | None:
    code = table.get("code")
    return code if isinstance(code, str) else None


def _rows(text: str, code: str | None, run: tuple[Source, str, list[Problem]]) -> dict[str, Value]:
    source, shown, problems = run
    lines = csv.reader(io.StringIO(text, newline=""), strict=True)
    rows: dict[str, Value] = {}
    first_of: dict[str, int] = {}
    try:
        columns = [column.strip() for column in next(lines, [])]
        code = code or (columns[0] if columns else "")
        if code not in columns:
            hint = suggestion(code, columns)
            message = f"{shown} has no column '{code}'{hint}"
            problems.append(source.problem(("code",), message))
            return {}
        if twice := [name for name, count in Counter(columns).items() if name and count > 1]:
            problems.append(Problem(shown, 1, 1, twice[0], "is the name of two columns"))
            return {}
        for row in filter(None, lines):
            key, members, fault = _row(row, columns, code)
            if key in first_of:
                fault = f"'{key}' stands in line {first_of[key]} already"
            if fault:
                problems.append(Problem(shown, lines.line_num, 1, code, fault))
            else:
                first_of[key], rows[key] = lines.line_num, dict(members)
    except csv.Error as fault:
        problems.append(Problem(shown, lines.line_num, 1, "", f"is no CSV: {fault}"))
    return rows


def _row(row: list[str], columns: list[str], code: str) -> tuple[str, Mapping[str, str], str]:
    """Return the code of a row, its members that say something, and what is wrong with it."""
    if len(row) != len(columns):
        message = f"has {len(row)} values, the first line names {len(columns)} columns"
        return "", {}, message
    members = dict(_members(row, columns))
    key = members.pop(code, "")
    return key, members, "" if key else f"the column '{code}' is empty"


def _members(row: list[str], columns: list[str]) -> Iterator[tuple[str, str]]:
    for column, value in zip(columns, row, strict=True):
        if value.strip():
            yield column, value.strip()
