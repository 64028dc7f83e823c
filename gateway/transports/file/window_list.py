"""The list of one window: what is to stand in its file, on the disk before it counts as delivered.

Each record is a line of its own with a checksum before it, and is on the disk before the next one
is begun. So a crash can leave one broken line, the last, which nobody was told of: it is cut off
when the list is read next. Whoever reads or writes a list holds the lock of its folder.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import IO
from zlib import crc32

import orjson

from gateway.clock import new_id
from gateway.errors import Transient

_SUM = 8
"""Digits of a checksum."""


@dataclass(slots=True)
class Known:
    """What a list says."""

    ends: datetime | None = None
    """When its window ends; None for a list that says nothing yet."""
    heading: str = ""
    """What its files begin with."""
    keys: dict[str, int] = field(default_factory=dict)
    """Documents by their idempotency keys, numbered from one."""
    begin: int = 0
    """Where the records of the part begin that is gathered now."""
    documents: int = 0
    """In that part."""
    size: int = 0
    """Of what they are, in bytes."""
    parts: int = 0
    """How many were handed over."""
    closing: str | None = None
    """The name under which a part is being handed over."""

    def take(self, record: dict[str, object], end: int) -> None:
        """Take in what a record says; `end` is where it ends."""
        match record:
            case {"ends": str(ends), "heading": str(heading)}:
                self.ends, self.heading = datetime.fromisoformat(ends), heading
                self.begin = end
            case {"key": str(key), **more}:
                self.keys[key] = len(self.keys) + 1
                if isinstance(text := more.get("text"), str):
                    self.documents += 1
                    self.size += len(text.encode())
                else:  # Of a part that was handed over long ago.
                    self.begin = end
            case {"closing": str(name)}:
                self.parts += self.closing is None
                self.closing = name
                self.begin, self.documents, self.size = end, 0, 0
            case {"closed": str()}:
                self.closing = None
                self.begin = end
            case _:
                raise ValueError("no record of a list")


class WindowList:
    """A list as it lies in a folder, and what this process knows of it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._known = Known()
        self._read = 0
        self._first = b""
        """Its first line, which no two lists share: another process may have put another list in
        the place of the one that was read."""

    def known(self) -> Known:
        """Return what the list says now; what a crash left unfinished is cut off."""
        try:
            with self.path.open("r+b") as file:
                first, size = file.readline(), file.seek(0, os.SEEK_END)
                if first != self._first or size < self._read:
                    self._known, self._read = Known(), 0
                if size > self._read:
                    self._read_on(file)
        except FileNotFoundError:
            self._known, self._read, self._first = Known(), 0, b""
        return self._known

    def add(self, record: dict[str, object]) -> None:
        """Add a record to what was read; it is on the disk when this returns."""
        line = _line(record)
        with self.path.open("ab", buffering=0) as file:
            try:
                rest = memoryview(line)
                while rest:
                    rest = rest[file.write(rest) :]
                os.fsync(file.fileno())
            except OSError:
                # Of a disk that is full, or that failed: what it says it has is not believed.
                file.truncate(self._read)
                raise
        self._took(record, line)

    def texts(self) -> Iterator[bytes]:
        """Yield what is gathered for the present part, document by document."""
        with self.path.open("rb") as file:
            file.seek(self._known.begin)
            for line in file:
                text = _record(line).get("text")
                if isinstance(text, str):
                    yield text.encode()

    def shortened(self) -> bytes:
        """Return the list without what was handed over: what is needed to know a repeat."""
        with self.path.open("rb") as file:
            records = [_record(line) for line in file]
        for record in records:
            record.pop("text", None)
        records[0] |= {"id": new_id()}
        records[0]["id"] = new_id()
        return b"".join(_line(record) for record in records)

    def _read_on(self, file: IO[bytes]) -> None:
        file.seek(self._read)
        broken = False
        for line in file:
            try:
                record = _record(line)
            except ValueError:
                broken = True
                continue
            if broken:
                raise Transient(_damaged(self.path, self._read))
            self._took(record, line)
        if broken:
            file.truncate(self._read)
        # Another process wrote this and was killed before it could wait for the disk.
        os.fsync(file.fileno())

    def _took(self, record: dict[str, object], line: bytes) -> None:
        if self._read == 0:
            self._first = line
        self._read += len(line)
        self._known.take(record, self._read)


def seen(path: Path) -> tuple[Known, str]:
    """Return what a list says, and what is wrong with it, without changing it or waiting.

    What stands behind a line that is not whole was damaged; the last line may be in the making.
    """
    known, end, broken = Known(), 0, False
    with path.open("rb") as file:
        for line in file:
            try:
                record = _record(line)
            except ValueError:
                broken = True
                continue
            if broken:
                return known, _damaged(path, end)
            end += len(line)
            known.take(record, end)
    return known, ""


def _damaged(path: Path, end: int) -> str:
    return (
        f"{path} is damaged at byte {end}, and not by a crash: mend that line, or move the file "
        "away"
    )


def _line(record: dict[str, object]) -> bytes:
    content = orjson.dumps(record)
    return b"%08x %b\n" % (crc32(content), content)


def _record(line: bytes) -> dict[str, object]:
    """Return what a line says; raise ValueError where it is not whole."""
    content = line[_SUM + 1 : -1]
    if not line.endswith(b"\n") or line[:_SUM] != b"%08x" % crc32(content):
        raise ValueError("not whole")
    record = orjson.loads(content)
    if not isinstance(record, dict):
        raise ValueError("no record")  # noqa: TRY004 - of a file that somebody changed
    return record
