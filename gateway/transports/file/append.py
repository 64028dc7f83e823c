"""Gathers the lines of many documents into one file for each window of time.

What is delivered stands in the window's list, which is on the disk. When the window ends, or enough
is gathered, the list becomes a file: written under a temporary name, put on the disk, renamed, so
that whoever looks through the folder sees a whole file or none. A delivery that comes again is in
the list; a file that was handed over is recorded there before and after its renaming, so that a
crash in between neither loses it nor makes it again, even where it was fetched meanwhile.

Threads and processes take turns by the lock of the folder; a lane runs in one process at a time
anyway.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from gateway.clock import Clock, new_id
from gateway.errors import Permanent, Transient
from gateway.pipeline.ports import Consignment, Exchange, OpenWindow, Receipt
from gateway.shaping import TextTemplate
from gateway.transports.directory import files
from gateway.transports.documents import document_of
from gateway.transports.file.content import Lines
from gateway.transports.file.naming import safe_name
from gateway.transports.file.open_windows import LIST, LISTS, file_name, open_windows
from gateway.transports.file.window_list import Known, WindowList
from gateway.transports.file.windows import Window, Windows

_PART, _SHORT, _DONE = ".part", ".short", ".done"


@dataclass(frozen=True, slots=True)
class Gathered:
    """How documents are gathered."""

    windows: Windows
    documents: int | None = None
    """Of a file, at most."""
    size: int | None = None
    """Of a file in bytes: one more document would make it larger."""
    kept: timedelta = timedelta(days=400)
    """For so long after a window is done it is known what was in it."""


class AppendOutbound:
    """Writes documents as lines of files."""

    def __init__(
        self,
        folder: Path,
        name: TextTemplate,
        ending: str,
        *,
        lines: Lines,
        gathered: Gathered,
        clock: Clock,
    ) -> None:
        self._folder = folder
        self._lists = folder / LISTS
        self._name = name
        self._ending = ending
        self._lines = lines
        self._gathered = gathered
        self._clock = clock
        self._open: dict[str, WindowList] = {}

    def connect(self) -> None:
        """Make the folders where they are missing, and hand on what ended while nobody ran."""
        try:
            self._lists.mkdir(parents=True, exist_ok=True)
            files.sync_folder(self._folder)
        except OSError as fault:
            raise Permanent(f"{self._folder}: {fault.strerror or fault}") from fault
        with suppress(Transient):  # The next look says it.
            self.hand_on()

    def deliver(self, consignment: Consignment) -> Receipt:
        """List one document; it is on the disk when this returns, and listed once."""
        document, key = document_of(consignment), consignment.idempotency_key
        window = self._gathered.windows.of(consignment.begun or self._clock())
        facts = {**consignment.facts, "window": window.label}
        text = self._lines.lines(document, facts)
        stem = safe_name(self._name, document, facts)
        with self._turn():
            one = self._list_of(stem)
            known = self._resumed(one)
            repeated = key in known.keys
            if not repeated:
                self._begin(one, known, window)
                self._list(one, known, key, text)
            said = f"document {known.keys[key]} of {stem}"
        consignment.tell(Exchange(f"append to {stem}", text, answer=said))
        return Receipt(said, repeated=repeated)

    def hand_on(self) -> None:
        """Make files of the windows that have ended, and forget what was done long ago."""
        if not self._lists.is_dir():
            return
        with self._turn():
            damaged: list[Transient] = []
            for path in sorted(self._lists.glob(f"*{LIST}")):
                try:
                    self._end(self._list_of(path.name.removesuffix(LIST)))
                except Transient as fault:
                    damaged.append(fault)
            self._forget()
            if damaged:
                raise damaged[0]

    def open_windows(self) -> list[OpenWindow]:
        """Return what is gathered and in no file yet; nobody's turn is waited for."""
        return list(open_windows(self._folder, self._ending))

    def hand_on_now(self, window: str) -> list[str]:
        """Make a file of what a window has gathered; return the names of those made.

        The window stays open: what comes later is in its next file. Asked again, also after a kill,
        it makes no file without anything new in it.
        """
        made: list[str] = []
        with self._turn():
            if (self._lists / f"{window}{LIST}").exists():
                one = self._list_of(window)
                known = one.known()
                if known.closing is not None:
                    made.append(self._rename(one, known))
                if known.documents:
                    made.append(self._make_file(one, known))
        return made

    def close(self) -> None:
        """Nothing is kept open."""

    def _list_of(self, stem: str) -> WindowList:
        """Return the list of a window; one that was done is opened again for what comes late."""
        path, done = self._lists / f"{stem}{LIST}", self._lists / f"{stem}{_DONE}"
        if done.exists():
            if path.exists():
                done.unlink()  # A crash kept it from being put in the place of the list.
            else:
                done.rename(path)
                files.sync_folder(self._lists)
        return self._open.setdefault(stem, WindowList(path))

    def _resumed(self, one: WindowList) -> Known:
        """Return what a list says, once what a crash left half handed over is handed over."""
        known = one.known()
        if known.closing is not None:
            self._rename(one, known)
        return known

    def _begin(self, one: WindowList, known: Known, window: Window) -> None:
        """Say in a list what its files begin with, where it is new or the configuration is."""
        heading = self._lines.heading.decode()
        if (known.ends, known.heading) == (window.ends, heading):
            return
        if known.documents:
            self._make_file(one, known)
        one.add({"id": new_id(), "ends": window.ends.isoformat(), "heading": heading})
        files.sync_folder(self._lists)

    def _list(self, one: WindowList, known: Known, key: str, text: bytes) -> None:
        if self._is_full(known, len(text)):
            self._make_file(one, known)
        one.add({"key": key, "text": text.decode()})
        if self._is_full(known, 1):
            self._make_file(one, known)

    def _is_full(self, known: Known, more: int) -> bool:
        most = self._gathered
        if not known.documents:
            return False
        if most.documents is not None and known.documents >= most.documents:
            return True
        size = len(known.heading.encode()) + known.size
        return most.size is not None and size + more > most.size

    def _end(self, one: WindowList) -> None:
        """Hand on what a window gathered, if it has ended."""
        known = self._resumed(one)
        if known.ends is not None and self._clock() < known.ends:
            return
        if known.documents:
            self._make_file(one, known)
        stem = one.path.stem
        if known.keys:
            short = self._lists / f"{stem}{_SHORT}"
            files.write_durably(short, one.shortened())
            short.rename(self._lists / f"{stem}{_DONE}")
            files.sync_folder(self._lists)
        one.path.unlink()
        self._open.pop(stem, None)

    def _make_file(self, one: WindowList, known: Known) -> str:
        """Make a file of what is gathered; return its name."""
        part = self._lists / f"{one.path.stem}{_PART}"
        with part.open("wb") as file:
            file.write(known.heading.encode())
            file.writelines(one.texts())
            file.flush()
            os.fsync(file.fileno())
        files.sync_folder(self._lists)
        one.add({"closing": self._free_name(one.path.stem, known.parts + 1)})
        return self._rename(one, known)

    def _rename(self, one: WindowList, known: Known) -> str:
        """Put a file under its name; where it is gone from its place, that was done before.

        Return the name.
        """
        part, name = self._lists / f"{one.path.stem}{_PART}", known.closing or ""
        if part.exists():
            if os.path.lexists(self._folder / name):  # Somebody else's, put there just now.
                name = self._free_name(one.path.stem, known.parts)
                one.add({"closing": name})
            part.rename(self._folder / name)
            files.sync_folder(self._folder)
            files.sync_folder(self._lists)
        one.add({"closed": name})
        return name

    def _free_name(self, stem: str, number: int) -> str:
        while True:
            name = file_name(stem, number, self._ending)
            if not os.path.lexists(self._folder / name):
                return name
            number += 1

    def _forget(self) -> None:
        before = (self._clock() - self._gathered.kept).timestamp()
        for done in self._lists.glob(f"*{_DONE}"):
            if done.stat().st_mtime < before:
                done.unlink()

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """Keep others away until the block ends; after a fault nothing read before is believed."""
        try:
            with files.locked(self._folder):
                yield
        except OSError as fault:
            self._open.clear()
            raise Transient(f"{self._folder}: {fault.strerror or fault}") from fault
