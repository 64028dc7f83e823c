"""Which maps were found to be sound before, so that a start need not hold all against schemas.

A file in the state folder lists fingerprints: of each map's text with all that it extends, of the
shared tables, and of the program with its schemas. It holds no maps, and nothing in it is run:
whoever forges it has a wrong map told at its first use, and not at the start. A file that is not
what it should be is as good as none.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

import orjson

from gateway import resources
from gateway.small_files import read_small

NAME = "sound-maps.json"


class SoundMaps:
    """The fingerprints of sound maps, as they were kept and as they are now."""

    def __init__(self, folder: Path | None) -> None:
        """Read what is kept in a folder; without one, nothing is known and nothing is kept."""
        self._path = folder / NAME if folder is not None else None
        self._program = program()
        self._known = frozenset(_kept(self._path, self._program))
        self._now: set[str] = set()

    def knows(self, fingerprint: str) -> bool:
        """Say whether a map was found to be sound before."""
        known = bool(fingerprint) and fingerprint in self._known
        if known:
            self._now.add(fingerprint)
        return known

    def add(self, fingerprint: str) -> None:
        """Note that a map is sound."""
        if fingerprint:
            self._now.add(fingerprint)

    def keep(self) -> None:
        """Write what is known now, whole or not at all; that it cannot be written is no fault."""
        if self._path is None or self._now == self._known:
            return
        content = orjson.dumps({"program": self._program, "sound": sorted(self._now)})
        with suppress(OSError):
            handle, name = tempfile.mkstemp(dir=self._path.parent, prefix=f".{NAME}.")
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(content)
                Path(name).replace(self._path)
            except OSError:
                Path(name).unlink(missing_ok=True)


def _kept(path: Path | None, program_: str) -> Iterator[str]:
    if path is None:
        return
    try:
        value = orjson.loads(read_small(path))
    except (OSError, orjson.JSONDecodeError):
        return
    if not isinstance(value, dict) or value.get("program") != program_:
        return
    sound = value.get("sound")
    yield from (one for one in sound if isinstance(one, str)) if isinstance(sound, list) else ()


def program() -> str:
    """Return what changes with every change of the program or of what comes with it."""
    package = Path(__file__).parents[1]
    folders = (package / "mapping", package / "canonical", resources.directory("schemas"))
    return hashlib.sha256("\n".join(_states(folders)).encode()).hexdigest()


def _states(folders: Iterable[Path]) -> Iterator[str]:
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if path.suffix in (".py", ".yaml", ".json"):
                state = path.stat()
                yield f"{path} {state.st_size} {state.st_mtime_ns}"
