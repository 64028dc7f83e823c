"""A partner's file as it is in production: agreements leave `stage: test`, all else stays written.

The text is edited where the reader of the file says that a value stands, so that comments, order
and style stay those of whoever wrote them.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from gateway.errors import ConfigProblems
from gateway.yaml_source import Path, Source, Value, load

_STAGE = re.compile(r"""(["']?)stage\1\s*:\s*(["']?)(?P<value>test)\2(?=\s*(?:[,}#]|$))""")
_USAGE = re.compile(
    r"""(["']?)usage\1\s*:\s*(?P<value>\[\s*(["']?)T\3\s*\]|(["']?)T\4)(?=\s*(?:[,}#]|$))"""
)


def promoted(text: str, file: str, agreements: Collection[int]) -> str:
    """Return a partner's file with these of its agreements in production.

    Where one takes only tests (`usage: T`), it takes production instead. Raise ConfigProblems where
    a value is written in a way that is not edited here.
    """
    source = load(text, file)
    lines = text.splitlines(keepends=True)
    edits: list[tuple[int, int, int, str]] = []
    for index in agreements:
        path: Path = ("agreements", index)
        edits.append(_edit(source, lines, (*path, "stage"), _STAGE, "production"))
        if _usage(source, index) in ("T", ["T"]):
            edits.append(_edit(source, lines, (*path, "usage"), _USAGE, "P"))
    # From the end, so that what stands before keeps its place.
    for line, start, end, new in sorted(edits, reverse=True):
        lines[line] = lines[line][:start] + new + lines[line][end:]
    return "".join(lines)


def _usage(source: Source, index: int) -> Value:
    agreements = source.value["agreements"] if isinstance(source.value, dict) else None
    one = agreements[index] if isinstance(agreements, list) else None
    return one.get("usage") if isinstance(one, dict) else None


def _edit(
    source: Source, lines: list[str], path: Path, written: re.Pattern[str], new: str
) -> tuple[int, int, int, str]:
    """Return line, start and end of a value, and what is to stand there."""
    mark = source.marks.get(path)
    found = None
    if mark is not None:
        found = written.match(lines[mark.line - 1].rstrip("\r\n"), mark.column - 1)
    if mark is None or found is None:
        message = f"cannot be changed as it is written; expected it on one line, or {new} by hand"
        raise ConfigProblems([source.problem(path, message)])
    return mark.line - 1, found.start("value"), found.end("value"), new
