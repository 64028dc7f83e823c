"""Records in files that an ERP writes: one file is one page, archived once its records are kept.

A file is claimed by renaming it, so that exactly one process takes it; what a process that died had
claimed is taken again. A file that holds no records is refused by its name, and archived as well.
"""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Literal

import structlog

from gateway.clock import Clock, new_id
from gateway.errors import Permanent
from gateway.pipeline.exports.source import Asked, Page, Unreadable
from gateway.shaping import Json, JsonFault, NotShaped, Selection, loads
from gateway.transports.directory import files
from gateway.transports.directory.claims import Claims
from gateway.transports.shown import printable

Format = Literal["json", "json_lines", "csv"]

_FORMATS: dict[str, Format] = {
    ".json": "json",
    ".jsonl": "json_lines",
    ".ndjson": "json_lines",
    ".csv": "csv",
}

_MORE = "more"
"""The position of whatever file is next: a place in a folder needs no name."""

_BEGINNING = 500

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class FolderQuestion:
    """Which files are taken, and what they hold."""

    path: Path
    archive: Path
    records: Selection
    format: Format | None = None
    names: Sequence[str] = ("*",)
    ignore: Sequence[str] = ()
    stable_for: timedelta = timedelta(seconds=2)
    delimiter: str = ","
    encoding: str = "utf-8-sig"


class FolderSource:
    """A folder of files with records."""

    def __init__(self, question: FolderQuestion, *, clock: Clock) -> None:
        self._question = question
        self._clock = clock
        self._claims = Claims(question.path, new_id())
        self._adopted: list[Path] = []

    @property
    def shifts(self) -> bool:
        """Say that pages stay what they are: each is a file."""
        return False

    def open(self) -> None:
        """Make the folder where it is missing, and take over what was left behind."""
        try:
            self._question.path.mkdir(parents=True, exist_ok=True)
            self._claims.open()
            self._adopted = self._claims.adopt()
        except OSError as fault:
            shown = printable(str(self._question.path))
            raise Permanent(f"{shown} cannot be used: {fault.strerror or fault}") from fault

    def close(self) -> None:
        """Let others take what was not settled."""
        self._claims.close()

    def page(self, asked: Asked) -> Page:
        """Take the oldest file."""
        while (taken := self._take()) is not None:
            page = self._read(taken, asked.most_bytes)
            if page is not None:
                return page
        return Page([], None, 0)

    def _take(self) -> Path | None:
        if self._adopted:
            return self._adopted.pop(0)
        for name in self._quiet():
            taken = self._claims.claim(self._question.path / name)
            if taken is not None:
                return taken
        return None

    def _quiet(self) -> list[str]:
        """Return the names of files that may be taken, the oldest first."""
        found = []
        longest, now = self._question.stable_for.total_seconds(), self._clock().timestamp()
        try:
            with os.scandir(self._question.path) as entries:
                for entry in entries:
                    if not self._wanted(entry.name):
                        continue
                    status = entry.stat(follow_symlinks=False)
                    quiet = now - max(status.st_mtime, status.st_ctime) >= longest
                    if quiet and not files.kind_of(status.st_mode):
                        found.append((status.st_mtime, entry.name))
        except OSError as fault:
            shown = printable(str(self._question.path))
            raise Permanent(f"{shown} cannot be read: {fault.strerror or fault}") from fault
        return [name for _, name in sorted(found)]

    def _wanted(self, name: str) -> bool:
        lowered = name.lower()
        if any(fnmatchcase(lowered, pattern.lower()) for pattern in self._question.ignore):
            return False
        return any(fnmatchcase(lowered, pattern.lower()) for pattern in self._question.names)

    def _read(self, path: Path, most: int) -> Page | None:
        """Read a file that is claimed; None where it is still being written."""
        name = printable(path.name)
        content = b""
        try:
            signature = files.signature_of(path.lstat())
            _require_small(signature.size, most)
            read = files.read_unchanged(path, signature, most)
            if read is None:
                self._put_back(path)
                return None
            content = read
            records = self._records(path.suffix.lower(), content)
        except (_NotRead, OSError) as fault:
            because = f"the file {name} cannot be read: {fault}"
            beginning = content[:_BEGINNING].decode("utf-8", "replace")
            refused = [Unreadable(name, because, "".join(map(_shown, beginning)))]
            return self._paged([], len(content), path, refused)
        return self._paged(records, len(content), path, [])

    def _paged(
        self, records: list[Json], size: int, path: Path, refused: Sequence[Unreadable]
    ) -> Page:
        return Page(
            records,
            _MORE,
            size,
            unreadable=refused,
            settle=lambda: self._archive(path),
            release=lambda: self._put_back(path),
        )

    def _records(self, suffix: str, content: bytes) -> list[Json]:
        kind = self._question.format or _FORMATS.get(suffix)
        match kind:
            case "json":
                return self._of_json(content)
            case "json_lines":
                lines = self._text(content).splitlines()
                return [_json(line, f"line {n}: ") for n, line in enumerate(lines, 1) if line]
            case "csv":
                return self._of_csv(self._text(content))
            case None:
                raise _NotRead(f"'{suffix}' says not what it holds; expected 'format'")

    def _of_json(self, content: bytes) -> list[Json]:
        try:
            found = self._question.records.select(_json(content, ""), {})
        except NotShaped as fault:
            raise _NotRead(f"'{self._question.records.source}': {fault}") from fault
        # A single object is a file of one record.
        if isinstance(found, dict):
            return [found]
        if not isinstance(found, list):
            raise _NotRead(f"'{self._question.records.source}' finds no list of records")
        return found

    def _of_csv(self, text: str) -> list[Json]:
        rows = csv.reader(io.StringIO(text), delimiter=self._question.delimiter, strict=True)
        try:
            names = next(rows, None)
            if not names or len(set(names)) != len(names):
                raise _NotRead("its first line does not name each column once")
            records: list[Json] = []
            for number, row in enumerate(rows, 2):
                if not row:
                    continue
                if len(row) != len(names):
                    raise _NotRead(f"row {number} has {len(row)} values, expected {len(names)}")
                records.append(dict(zip(names, row, strict=True)))
        except csv.Error as fault:
            raise _NotRead(f"row {rows.line_num}: {fault}") from fault
        return records

    def _text(self, content: bytes) -> str:
        try:
            return content.decode(self._question.encoding)
        except (UnicodeDecodeError, LookupError) as fault:
            raise _NotRead(f"it is not text in {self._question.encoding}") from fault

    def _archive(self, path: Path) -> None:
        self._move(path, self._question.archive / self._clock().date().isoformat())

    def _put_back(self, path: Path) -> None:
        self._move(path, self._question.path)

    def _move(self, path: Path, folder: Path) -> None:
        try:
            if path.exists():
                files.move_aside(path, folder)
        except OSError as fault:
            # It stays claimed: the next run takes it again, and its records are known by then.
            reason = fault.strerror or str(fault)
            log.warning("file_not_moved", path=printable(str(path)), reason=reason)


class _NotRead(Exception):
    """A file holds no records."""


def _require_small(size: int, most: int) -> None:
    if size > most:
        raise _NotRead(f"it is larger than the limit of {most} bytes: {size}")


def _json(content: bytes | str, where: str) -> Json:
    try:
        return loads(content)
    except JsonFault as fault:
        raise _NotRead(f"{where}it is no JSON: {fault}") from fault


def _shown(character: str) -> str:
    return character if character.isprintable() or character in "\r\n\t" else "?"
