"""Notices that the files of an instance changed, so that a running gateway can read them anew."""

from __future__ import annotations

from pathlib import Path

from gateway.config.environments import FOLDER as ENVIRONMENTS
from gateway.config.files import PARTNERS, ROUTES, SETTINGS

Fingerprint = frozenset[tuple[str, int, int, int]]
"""Of each file its path, inode, modification time and size: cheap, and different after any save."""

_FOLDERS = {
    PARTNERS: "*.yaml",
    ENVIRONMENTS: "*.yaml",
    "certificates": "*",
    "secrets": "*",
    "maps": "*.map.yaml",
    "tables": "*.table.yaml",
}


def fingerprint(home: Path) -> Fingerprint:
    """Look at every file that the configuration is read from, without reading any."""
    paths = [home / SETTINGS, home / ROUTES]
    for folder, pattern in _FOLDERS.items():
        paths += (home / folder).rglob(pattern)
    found = set()
    for path in paths:
        try:
            status = path.stat()
        except OSError:
            continue  # Removed, or about to be replaced by what an editor has written beside it.
        found.add((str(path), status.st_ino, status.st_mtime_ns, status.st_size))
    return frozenset(found)


class Watch:
    """Compares the files with what they were; make it before they are read."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._known = self._last = fingerprint(home)

    def changed(self) -> bool:
        """Say once for each change that there was one.

        It is told when two looks agree: files that are still being copied are waited for.
        """
        before, self._last = self._last, fingerprint(self._home)
        if self._last == self._known or self._last != before:
            return False
        self._known = self._last
        return True
