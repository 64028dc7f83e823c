"""`gateway format`: X12 as people read it, one segment a line, and back to the very bytes."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import Annotated

import typer
from rich.text import Text

from gateway import resources
from gateway.cli.inputs import in_memory, mapped
from gateway.cli.terminal import (
    ExitCode,
    fail,
    remarks,
    results,
    shown_name,
)
from gateway.x12.characters import from_ebcdic, is_ebcdic
from gateway.x12.layout import annotated, compact, is_annotated, one_a_line, restored
from gateway.x12.library import SchemaLibrary
from gateway.x12.model import Octets
from gateway.x12.names import Names
from gateway.x12.pieces import pieces

_CHUNK = 1 << 20


class Form(StrEnum):
    """What is written."""

    ANNOTATED = "annotated"
    PLAIN = "plain"
    COMPACT = "compact"
    RESTORE = "restore"


def format(
    file: Annotated[str, typer.Argument(metavar="FILE", help="X12; `-` is standard input.")],
    plain: Annotated[
        bool, typer.Option("--plain", help="One segment a line, without remarks: X12 as well.")
    ] = False,
    compact: Annotated[
        bool, typer.Option("--compact", help="One segment right after the other.")
    ] = False,
    restore: Annotated[
        bool, typer.Option("--restore", help="The very bytes that annotated text was made of.")
    ] = False,
) -> None:
    """Show X12 one segment a line, with the names of elements and what codes mean.

    Nothing is lost: FILE may be what this command wrote, in any form. What is malformed is shown as
    far as it goes. Exits 0, 1 where no interchange was found, 2 where FILE cannot be read.
    """
    asked = {Form.PLAIN: plain, Form.COMPACT: compact, Form.RESTORE: restore}
    chosen = [form for form, wanted in asked.items() if wanted]
    if len(chosen) > 1:
        fail("--plain, --compact and --restore exclude each other")
    form = chosen[0] if chosen else Form.ANNOTATED
    with mapped(file) as given, tempfile.TemporaryFile() as bytes_again:
        if is_annotated(given):
            bytes_again.writelines(restored(_lines(given)))
            with in_memory(bytes_again) as payload:
                _format(payload, form, shown_name(file))
        elif form is Form.RESTORE:
            fail(f"{shown_name(file)} is no annotated text: there is nothing to restore")
        else:
            _format(given, form, shown_name(file))


def _format(given: Octets, form: Form, name: str) -> None:
    if is_ebcdic(given):
        remarks().print(f"{name}: EBCDIC, shown as Latin-1", markup=False)
        given = from_ebcdic(given)
    _write(given, form)
    if all(piece.interchange is None for piece in pieces(given)):
        remarks().print(f"{name}: no ISA segment was found", markup=False)
        raise typer.Exit(ExitCode.FINDINGS)


def _lines(given: Octets) -> Iterator[str]:
    start = 0
    while start <= len(given):
        end = given.find(b"\n", start)
        end = end if end >= 0 else len(given)
        # A terminal or an editor may have changed the encoding of text that a person kept.
        yield given[start:end].decode("utf-8", "backslashreplace")
        start = end + 1


def _write(given: Octets, form: Form) -> None:
    match form:
        case Form.RESTORE:
            _write_all(given[at : at + _CHUNK] for at in range(0, len(given), _CHUNK))
        case Form.COMPACT:
            _write_all(compact(given))
        case Form.PLAIN:
            _write_all(one_a_line(given))
        case Form.ANNOTATED:
            _write_annotated(given)


def _write_all(parts: Iterable[bytes]) -> None:
    sys.stdout.flush()
    sys.stdout.buffer.writelines(parts)
    sys.stdout.buffer.flush()


def _write_annotated(given: Octets) -> None:
    lines = annotated(
        given,
        Names(
            SchemaLibrary(resources.schema_text, resources.schema_versions()), resources.schema_text
        ),
    )
    if not sys.stdout.isatty():
        _write_all(line.encode() for line in lines)
        return
    console = results()
    for line in lines:
        remark = line[:1] in " #"
        console.print(Text(line, style="dim" if remark else "bold"), end="")
