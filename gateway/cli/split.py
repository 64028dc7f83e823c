"""`gateway split`: one file for each interchange, group or transaction set."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Annotated

import typer
from rich.text import Text

from gateway.cli.inputs import mapped
from gateway.cli.meter import Meter
from gateway.cli.show_findings import place, sentence
from gateway.cli.terminal import (
    AsJson,
    ExitCode,
    print_json,
    remarks,
    results,
    shown_name,
)
from gateway.counting import counted
from gateway.errors import GatewayError
from gateway.findings import Finding
from gateway.x12.split import (
    By,
    KeptAsReceived,
    LeftOut,
    PartEnd,
    PartStart,
    SplitEvent,
    split_into,
)

_UNUSABLE = re.compile(r"[^A-Za-z0-9_-]+")
_LONGEST_WORD = 40
_MOST_SHOWN = 40
"""Names that are printed; JSON has them all."""


def split(
    file: Annotated[str, typer.Argument(metavar="FILE", help="X12; `-` is standard input.")],
    by: Annotated[By, typer.Option("--by", help="What each file holds one of.")] = By.INTERCHANGE,
    into: Annotated[
        Path, typer.Option("--into", help="Folder for the files; made if need be.", file_okay=False)
    ] = Path(),
    force: Annotated[bool, typer.Option("--force", help="Overwrite files of that name.")] = False,
    as_json: AsJson = False,
) -> None:
    """Write one file for each interchange, group or transaction set, in an envelope of its own.

    Files are named by control numbers: 000000103-OW-103.edi, 000000103-103-940-0001.edi. What is
    there already stays, unless --force. Sets are copied as they are: a wrong count or number is
    told. Exits 0, 1 where a file was there, or anything is left out or wrong.
    """
    writer = _Writer(into, force)
    with mapped(file) as payload:
        meter = Meter(len(payload))
        meter.begin(shown_name(file))
        for event in split_into(payload, by):
            writer.take(event)
            meter.at(writer.written)
        meter.close()
    if as_json:
        print_json(
            {
                "files": writer.names,
                "kept": writer.kept,
                "left_out": writer.left_out,
                "as_received": writer.as_received,
            }
        )
    else:
        _show(writer, into)
    open_ = writer.kept or writer.left_out or writer.as_received
    raise typer.Exit(ExitCode.FINDINGS if open_ else ExitCode.FINE)


def _show(writer: _Writer, into: Path) -> None:
    console = results()
    for name in writer.names[:_MOST_SHOWN]:
        console.print(Text(str(into / name)))
    more = len(writer.names) - _MOST_SHOWN
    if more > 0:
        console.print(f"… and {more} more")
    said = f"{counted(len(writer.names), 'file')} written"
    remarks().print(f"{said}, {counted(writer.sets, 'transaction set')}")
    for name in writer.kept[:_MOST_SHOWN]:
        remarks().print(
            Text.assemble(("✗ ", "red"), f"{into / name} is there already: --force overwrites it")
        )
    for one in writer.left_out[:_MOST_SHOWN]:
        remarks().print(Text.assemble(("! ", "yellow"), one))
    for one in writer.as_received[:_MOST_SHOWN]:
        remarks().print(Text.assemble(("! ", "yellow"), one, "; copied as it is"))


class Unwritable(GatewayError):
    """A file cannot be written."""


@dataclass(slots=True)
class _Writer:
    """Writes parts as they come, each under a name of its own."""

    into: Path
    force: bool
    names: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    """Names of files that were there, and stay."""
    left_out: list[str] = field(default_factory=list)
    as_received: list[str] = field(default_factory=list)
    """What is wrong with sets that were copied as they are."""
    sets: int = 0
    written: int = 0
    _given: set[str] = field(default_factory=set)
    _name: str = ""
    _file: IO[bytes] | None = None

    def take(self, event: SplitEvent) -> None:
        """Take the next event."""
        match event:
            case PartStart():
                self._begin(event)
            case bytes():
                self.written += len(event)
                if self._file is not None:
                    self._file.write(event)
            case PartEnd():
                self._end(event)
            case LeftOut():
                self.left_out += _told(event.control_number, event.findings)
            case KeptAsReceived():
                self.as_received += _told(event.control_number, event.findings)

    def _begin(self, part: PartStart) -> None:
        self._name = self._free_name(part.words)
        if not self.force and (self.into / self._name).exists():
            self.kept.append(self._name)
            return
        try:
            self.into.mkdir(parents=True, exist_ok=True)
            self._file = self._part.open("wb")
        except OSError as fault:
            raise Unwritable(f"{self._part} cannot be written: {fault.strerror}") from fault

    def _end(self, part: PartEnd) -> None:
        if self._file is None:
            return
        self._file.close()
        self._file = None
        if self._placed():
            self.names.append(self._name)
            self.sets += part.sets
        else:
            self.kept.append(self._name)

    def _placed(self) -> bool:
        """Give a part its name, whole as it is; say no where somebody else took it meanwhile."""
        target = self.into / self._name
        if not self.force:
            try:
                os.link(self._part, target)
                self._part.unlink()
                return True
            except FileExistsError:
                self._part.unlink()
                return False
            except OSError:
                pass  # a file system without hard links
        os.replace(self._part, target)
        return True

    @property
    def _part(self) -> Path:
        return self.into / f".{self._name}.part"

    def _free_name(self, words: tuple[str, ...]) -> str:
        """Name a part; of several with the same numbers, the later ones with a count."""
        # Numbers come from outside: nothing of them may be a path.
        stem = "-".join(
            _UNUSABLE.sub("_", word.strip())[:_LONGEST_WORD] or "none" for word in words
        )
        name, count = f"{stem}.edi", 1
        while name in self._given:
            count += 1
            name = f"{stem}.{count}.edi"
        self._given.add(name)
        return name


def _told(control_number: str, findings: Sequence[Finding]) -> list[str]:
    about = f"interchange {control_number}"
    return [f"{about}: {place(one)}: {sentence(one)}" for one in findings]
