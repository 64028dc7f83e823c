"""What every command shares: where it prints, how it exits, and the options with one meaning.

Results go to standard output, everything said about them to standard error, so that a pipe gets the
results and a person gets both.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from enum import IntEnum
from pathlib import Path
from typing import Annotated, NoReturn

import orjson
import typer
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from gateway.errors import GatewayError

_PLAIN_WIDTH = 160
"""Wide enough for every table where there is no terminal whose width could be asked."""


class ExitCode(IntEnum):
    """What a script may rely on."""

    FINE = 0
    FINDINGS = 1
    """Findings in the data, or something that could not be done."""
    UNUSABLE = 2
    """Wrong usage, or input or configuration that cannot be read."""


Home = Annotated[
    Path,
    typer.Option(
        "--home",
        envvar="GATEWAY_HOME",
        help="Folder of the instance: gateway.yaml, partners, routes, maps.",
        file_okay=False,
    ),
]


def _here(named: Path | None) -> Path | None:
    """Take the current folder where it is an instance and nobody names another."""
    return Path() if named is None and Path("gateway.yaml").is_file() else named


OptionalHome = Annotated[
    Path | None,
    typer.Option(
        "--home",
        envvar="GATEWAY_HOME",
        help="Instance whose partners, agreements and maps count; the current folder if it is one, "
        "otherwise only the packaged maps and the strict standard.",
        file_okay=False,
        callback=_here,
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]


def results() -> Console:
    """Return the console for results; made anew because tests and pipes replace the stream."""
    return _console(stderr=False)


def remarks() -> Console:
    """Return the console for everything that is not the result itself."""
    return _console(stderr=True)


def _console(*, stderr: bool) -> Console:
    stream = sys.stderr if stderr else sys.stdout
    wide = not stream.isatty() and "COLUMNS" not in os.environ
    return Console(
        stderr=stderr,
        highlight=False,
        # Long lines are the terminal's to break: whoever copies or greps them wants them whole.
        soft_wrap=True,
        width=_PLAIN_WIDTH if wide else None,
        emoji=False,
    )


def print_json(value: object) -> None:
    """Print a value as indented JSON."""
    options = orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE
    try:
        content = orjson.dumps(value, option=options)
    except TypeError:
        # A file's name may be no UTF-8; Python writes each such byte as half a character.
        content = orjson.dumps(_spelled(value), option=options)
    write_bytes(content)


def _spelled(value: object) -> object:
    """Return a value with the bytes in it that are no UTF-8 as `\\xff`."""
    if isinstance(value, str):
        return value.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    if isinstance(value, Mapping):
        return {_spelled(key): _spelled(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_spelled(one) for one in value]
    return value


def write_bytes(content: bytes) -> None:
    """Write bytes to standard output exactly as they are."""
    sys.stdout.flush()
    sys.stdout.buffer.write(content)
    sys.stdout.buffer.flush()


def write_segments(interchange: bytes) -> None:
    """Print an interchange as people read it: a segment in a line."""
    # ISA is 106 bytes; its last one is the terminator of everything that follows.
    terminator = interchange[105:106] or b"~"
    kept = terminator.strip()  # it may be a line break itself
    segments = [one.strip(b"\r\n") for one in interchange.split(terminator)]
    write_bytes(b"".join(one + kept + b"\n" for one in segments if one))


def fail(message: str, code: ExitCode = ExitCode.UNUSABLE) -> NoReturn:
    """Say why a command cannot go on, in a sentence, and exit."""
    remarks().print(f"[bold red]error:[/] {escape(message)}")
    raise typer.Exit(code)


class InputUnreadable(GatewayError):
    """The input cannot be read."""


def read_input(name: str) -> bytes:
    """Return the bytes of a file, or of standard input for `-`."""
    try:
        return sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
    except (OSError, ValueError) as fault:
        reason = getattr(fault, "strerror", None) or str(fault)
        raise InputUnreadable(f"{name} cannot be read: {reason}") from fault


def printable(text: str) -> str:
    """Return text that came from outside with one place of the screen for each character.

    What a partner wrote must neither move the cursor nor colour anything.
    """
    if text.isprintable():
        return text
    return "".join(character if character.isprintable() else "·" for character in text)


def shown_name(name: str) -> str:
    """Name an input for people."""
    return "standard input" if name == "-" else name


def table(*columns: str) -> Table:
    """Return an empty table in the house's style; where it is too narrow, cells are folded."""
    made = Table(header_style="bold", border_style="dim", box=SIMPLE_HEAD, padding=(0, 1, 0, 0))
    for column in columns:
        made.add_column(column, overflow="fold")
    return made


def print_rows(columns: Sequence[str], rows: Sequence[Sequence[str]], nothing: str) -> None:
    """Print rows as a table, or a sentence where there are none. Cells may hold markup."""
    if not rows:
        remarks().print(nothing)
        return
    made = table(*columns)
    for row in rows:
        made.add_row(*row)
    results().print(made, soft_wrap=False)
