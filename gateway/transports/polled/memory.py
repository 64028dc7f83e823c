"""A partner's folders in memory: what a server is to SFTP, FTPS and S3, without a network.

It keeps the promises of `far_side` and can be told to break off, refuse, stall and fill up at each
operation, by the names that the tests' real servers know too. `tests/conformance` runs the same
tests over all of them, so that a test which uses the twin says something about the product.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from threading import Event, RLock

from gateway.errors import Transient
from gateway.transports.arrival import Signature
from gateway.transports.polled.far_side import FarFile, add_by_renaming, one_by_one

REFUSAL = "the administrator does not allow it"


@dataclass(slots=True)
class Faults:
    """What a server does wrong.

    Operations are `list`, `look`, `open`, `read`, `create`, `write`, `close`, `rename`, `remove`
    and `mkdir`.
    """

    denied: set[str] = field(default_factory=set)
    """Operations that are refused for want of a right."""
    failing: set[str] = field(default_factory=set)
    """Operations that fail without a reason."""
    cut: str = ""
    """Operation at which the connection is cut, before it is done."""
    cut_after: str = ""
    """Operation at which the connection is cut, when it is done and before it is answered."""
    stalled: set[str] = field(default_factory=set)
    """Operations that are never answered."""
    disk: int | None = None
    """Bytes that fit on the disk: a write beyond them is said to have gone well, as on a network
    disk, and has not."""
    disk_full: bool = False
    """Whether each write is refused."""
    touches: bool = False
    """Whether a rename changes a file's time, as on object stores."""
    before: Callable[[str, bytes], None] | None = None
    """Called before each operation, with its name and path."""
    counted: Counter[str] = field(default_factory=Counter)
    """How often each operation was asked for."""
    connections: int = 0
    """How often somebody connected."""


@dataclass(slots=True)
class FarFolders:
    """The files on the far side, shared by all sessions and by whoever else writes there."""

    objects: bool = False
    """Whether it keeps objects, which appear whole and cannot be renamed, only copied."""
    faults: Faults = field(default_factory=Faults)
    files: dict[str, tuple[bytes, int]] = field(default_factory=dict)
    """Content and time of change, by path."""
    folders: set[str] = field(default_factory=set)
    lock: RLock = field(default_factory=RLock)
    changes: int = 0

    def put(self, path: str, content: bytes, modified: int | None = None) -> None:
        """Write a file, new or changed, as somebody else does."""
        with self.lock:
            self.changes += 1
            self.files[_absolute(path)] = content, self.changes if modified is None else modified

    def below(self, folder: str) -> dict[str, bytes]:
        """Return every file below a folder, by its path from there."""
        top = f"{_absolute(folder)}/"
        with self.lock:
            return {
                path.removeprefix(top): content
                for path, (content, _) in self.files.items()
                if path.startswith(top)
            }


class MemoryFiles:
    """One session."""

    def __init__(
        self, there: FarFolders, *, address: str = "memory", timeout: float = 30.0
    ) -> None:
        self._there = there
        self._address = address
        self._timeout = timeout
        self._ended: Event | None = None

    @property
    def renames(self) -> bool:
        """Say whether a file is renamed in one step."""
        return not self._there.objects

    def connect(self) -> None:
        """Connect, where that has not been done."""
        if self._ended is None:
            self._there.faults.connections += 1
            self._ended = Event()

    def close(self) -> None:
        """Let go of the session; a call under way ends with Transient."""
        ended, self._ended = self._ended, None
        if ended is not None:
            ended.set()

    def entries(self, folder: str) -> list[FarFile]:
        """Return what lies in a folder."""
        top = _absolute(folder)
        with self._asked("list", top):
            if not self._there.objects and top not in self._there.folders:
                raise FileNotFoundError(f"{top} is not there")
            found = {f"{top}/{name.partition('/')[0]}" for name in self._there.below(top)}
            found |= {one for one in self._there.folders if _parent(one) == top}
            return [one for path in sorted(found) if (one := self._file(path)) is not None]

    def look(self, path: str) -> FarFile | None:
        """Return what lies under a name, or None."""
        with self._asked("look", path):
            return self._file(_absolute(path))

    def looks(self, paths: Sequence[str]) -> list[FarFile | None]:
        """Return what lies under each of some names."""
        return [self.look(path) for path in paths]

    def read(self, path: str, start: int, length: int) -> bytes:
        """Return so many bytes from there on, fewer where the file ends."""
        with self._asked("open", path):
            content, _ = self._there.files[self._existing(path)]
        with self._asked("read", path):
            return content[start : start + length]

    def write(self, path: str, content: bytes) -> None:
        """Write a file, replacing one of that name; it is there from its first byte on."""
        faults = self._there.faults
        with self._asked("create", path):
            self._require_folder(path)
            if not self._there.objects:
                self._there.put(path, b"")
        with self._asked("write", path):
            if faults.disk_full:
                raise OSError("No space left on device")
            fits = content if faults.disk is None else content[: faults.disk]
            self._there.put(path, fits)
        with self._asked("close", path):
            size = len(self._there.files[self._existing(path)][0])
        if size != len(content):
            raise OSError(f"{size} of {len(content)} bytes have arrived: is its disk full?")

    def add(self, path: str, content: bytes, *, temporary: str) -> None:
        """Let a whole file appear at once."""
        if not self._there.objects:
            add_by_renaming(self, path, content, temporary)
            return
        with self._asked("create", path):
            self._require_free(path)
            if self._there.faults.disk_full:
                raise OSError("No space left on device")
            self._there.put(path, content)

    def move(self, source: str, target: str) -> None:
        """Rename a file, or copy and remove an object; never over what is there."""
        with self._asked("rename", source):
            self._require_folder(target)
            content, modified = self._there.files[self._existing(source)]
            self._require_free(target)
            changed = self._there.objects or self._there.faults.touches
            self._there.put(target, content, None if changed else modified)
            if not self._there.objects:
                del self._there.files[_absolute(source)]
        if self._there.objects:
            self.remove(source)

    def moves(self, pairs: Sequence[tuple[str, str]]) -> list[OSError | None]:
        """Rename files one after another."""
        return one_by_one(self.move, pairs)

    def remove(self, path: str) -> None:
        """Remove a file."""
        with self._asked("remove", path):
            del self._there.files[self._existing(path)]

    def make_folder(self, path: str) -> None:
        """Make a folder; it may be there already."""
        with self._asked("mkdir", path):
            self._there.folders.add(_absolute(path))

    def _file(self, path: str) -> FarFile | None:
        name = PurePosixPath(path).name
        if path in self._there.files:
            content, modified = self._there.files[path]
            return FarFile(name, Signature(len(content), modified))
        if path in self._there.folders:
            return FarFile(name, Signature(0, 0), "a folder")
        return None

    def _existing(self, path: str) -> str:
        if _absolute(path) not in self._there.files:
            raise FileNotFoundError(f"{path} is gone")
        return _absolute(path)

    def _require_free(self, path: str) -> None:
        if _absolute(path) in self._there.files:
            raise FileExistsError(f"{path} is there already")

    def _require_folder(self, path: str) -> None:
        folder = _parent(_absolute(path))
        if not self._there.objects and folder and folder not in self._there.folders:
            raise FileNotFoundError(f"{folder} is not there")

    @contextmanager
    def _asked(self, operation: str, path: str) -> Iterator[None]:
        """Ask for one operation, and meet what goes wrong before it and after it."""
        self.connect()
        faults = self._there.faults
        faults.counted[operation] += 1
        if faults.before is not None:
            faults.before(operation, os.fsencode(_absolute(path)))
        if operation in faults.stalled:
            self._stall()
        if faults.cut == operation:
            faults.cut = ""
            raise self._lost()
        if operation in faults.denied:
            raise PermissionError(REFUSAL)
        if operation in faults.failing:
            raise OSError("Failure")
        with self._there.lock:
            yield
        if faults.cut_after == operation:
            faults.cut_after = ""
            raise self._lost()

    def _stall(self) -> None:
        ended = self._ended
        if ended is None or ended.wait(self._timeout):
            raise self._lost()
        self.close()
        raise Transient(f"{self._address}: no answer in time")

    def _lost(self) -> Transient:
        self.close()
        return Transient(f"{self._address}: the connection was lost")


def _absolute(path: str) -> str:
    return f"/{path.strip('/')}"


def _parent(path: str) -> str:
    return path.rpartition("/")[0]
