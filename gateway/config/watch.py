"""Notices that the files of an instance changed, so that a running gateway can read them anew."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from gateway.config.environments import FOLDER as ENVIRONMENTS
from gateway.config.files import EXPORTS, PARTNERS, ROUTES, SETTINGS
from gateway.secrets import files_named_in
from gateway.small_files import read_small

Fingerprint = frozenset[tuple[str, int, int, int]]
"""Of each file its path, inode, modification time and size: cheap, and different after any save."""

_FOLDERS = {
    PARTNERS: "*.yaml",
    EXPORTS: "*.yaml",
    ENVIRONMENTS: "*.yaml",
    "certificates": "*",
    "secrets": "*",
    "maps": "*.map.yaml",
    "tables": "*",
    "shapes": "*",
    "connectors": "*",
}


_SETTINGS_FOLDERS = (PARTNERS, EXPORTS, ENVIRONMENTS)
"""Where references to secrets are written, besides the files of the home itself."""

_MOST = 1000
"""So many secrets may lie anywhere: a file of nonsense must not make us look at the whole disk."""


def fingerprint(home: Path, elsewhere: Iterable[Path] = ()) -> Fingerprint:
    """Look at every file that the configuration is read from, without reading any."""
    paths = [home / SETTINGS, home / ROUTES, *elsewhere]
    for folder, pattern in _FOLDERS.items():
        paths += (home / folder).rglob(pattern)
    found = set()
    for path in paths:
        try:
            status = path.stat()
        except (OSError, ValueError):
            continue  # Removed, or about to be replaced by what an editor has written beside it.
        found.add((str(path), status.st_ino, status.st_mtime_ns, status.st_size))
    return frozenset(found)


def referenced(home: Path) -> tuple[Path, ...]:
    """Return the secret files that the settings name, wherever they lie.

    They are looked for in the text: settings that have a fault name theirs all the same, and it may
    be the secret that is at fault.
    """
    sources = [home / SETTINGS]
    for folder in _SETTINGS_FOLDERS:
        sources += sorted((home / folder).rglob("*.yaml"))
    names: set[str] = set()
    for source in sources:
        with suppress(OSError):
            names |= files_named_in(read_small(source).decode("utf-8", "replace"))
    # An absolute path stays what it is.
    return tuple(home / name for name in sorted(names)[:_MOST])


class Watch:
    """Compares the files with what they were; make it before they are read."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._secrets = referenced(home)
        self._known = self._last = fingerprint(home, self._secrets)

    def changed(self) -> bool:
        """Say once for each change that there was one.

        It is told when two looks agree: files that are still being copied are waited for.
        """
        before, self._last = self._last, fingerprint(self._home, self._secrets)
        if self._last != before:
            # What changed may name other secrets.
            self._secrets = referenced(self._home)
            self._last = fingerprint(self._home, self._secrets)
            return False
        if self._last == self._known:
            return False
        self._known = self._last
        return True
