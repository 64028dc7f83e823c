"""What the conformance tests need of each drop box: the sender's side, and a look inside."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol

from gateway.pipeline.ports import Inbound
from gateway.transports import memory
from gateway.transports.arrival import ArrivalRules
from gateway.transports.directory import inbound as directory
from gateway.transports.directory.box import Folder

MANY = 1000
ODD_NAMES = (
    "latin-1 \udce4.edi",
    "ünïcödé 発注.edi",
    "two\nlines.edi",
    "-rf *.edi",
    "${env:HOME}.edi",
    "a" * 200 + ".edi",
    "no suffix",
)

RULES = ArrivalRules(stable_for=timedelta(seconds=2), incomplete_after=timedelta(seconds=60))


class Clock:
    """Time that passes when a test says so."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 1, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def passes(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


class Box(Protocol):
    """A drop box as its sender and its owner see it."""

    clock: Clock
    claims: bool
    """Whether a file is renamed before it is read."""
    many: int
    """So many files are many for it."""
    odd_names: tuple[str, ...]
    """Names that it can have at all."""

    def put(self, name: str, content: bytes) -> None: ...
    def append(self, name: str, content: bytes) -> None: ...
    def remove(self, name: str) -> None: ...
    def date(self, name: str, seconds: int) -> None: ...
    def names(self) -> set[str]: ...
    def archived(self) -> list[bytes]: ...
    def quarantined(self) -> list[bytes]: ...
    def poller(self, rules: ArrivalRules = RULES) -> Inbound: ...


class DirectoryBox:
    claims = True
    many = MANY
    odd_names = ODD_NAMES

    def __init__(self, home: Path) -> None:
        self.clock = Clock()
        self.folder = Folder("northstar-3pl", home / "in", home / "archive")
        self.folder.inbox.mkdir()

    def put(self, name: str, content: bytes) -> None:
        (self.folder.inbox / name).write_bytes(content)

    def append(self, name: str, content: bytes) -> None:
        with (self.folder.inbox / name).open("ab") as file:
            file.write(content)

    def remove(self, name: str) -> None:
        (self.folder.inbox / name).unlink()

    def date(self, name: str, seconds: int) -> None:
        os.utime(self.folder.inbox / name, (seconds, seconds))

    def names(self) -> set[str]:
        return {entry.name for entry in self.folder.inbox.iterdir() if entry.is_file()}

    def archived(self) -> list[bytes]:
        return [path.read_bytes() for path in sorted(self.folder.archive.glob("*/*"))]

    def quarantined(self) -> list[bytes]:
        return [p.read_bytes() for p in sorted(self.folder.inbox.glob(".quarantine/*/*"))]

    def poller(self, rules: ArrivalRules = RULES) -> Inbound:
        watched = directory.DirectoryRules(rules, events=False)
        return directory.Inbound([self.folder], watched, clock=self.clock)


class MemoryBox:
    claims = True
    many = MANY
    odd_names = ODD_NAMES

    def __init__(self) -> None:
        self.clock = Clock()
        self.box = memory.DropBox("northstar-3pl")

    def put(self, name: str, content: bytes) -> None:
        self.box.put(name, content)

    def append(self, name: str, content: bytes) -> None:
        self.box.put(name, self.box.items[name].content + content)

    def remove(self, name: str) -> None:
        self.box.remove(name)

    def date(self, name: str, seconds: int) -> None:
        item = self.box.items[name]
        self.box.items[name] = memory.Item(item.content, seconds * 1_000_000_000)

    def names(self) -> set[str]:
        return set(self.box.items)

    def archived(self) -> list[bytes]:
        return [content for _, content in self.box.archived]

    def quarantined(self) -> list[bytes]:
        return [content for _, content in self.box.quarantined]

    def poller(self, rules: ArrivalRules = RULES) -> Inbound:
        return memory.Inbound([self.box], rules, clock=self.clock)
