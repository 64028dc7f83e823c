"""The two sides of `gateway maps diff`: what OLD and NEW name, and the maps that each stands for.

In this order: the name of a map, a map file, a folder, a git revision of the instance's folder; a
folder or a revision may be followed by `:` and the name of one map.
"""

from __future__ import annotations

import io
import subprocess
import tarfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from gateway.cli.maps_in_use import MapsInUse, MapUnusable, packaged_maps
from gateway.config.files import PARTNERS, SETTINGS
from gateway.config.maps import MapFiles, find_maps, laid_over
from gateway.config.reading import read_model, read_source
from gateway.errors import ConfigProblems, GatewayError
from gateway.partners import Partner
from gateway.yaml_source import suggestion

_FOLDERS = ("maps", "tables", PARTNERS)
"""What decides how a document is translated, below the folder of an instance."""


class SideUnknown(GatewayError):
    """What was named is no map, no file, no folder and no revision."""


class SideBroken(GatewayError):
    """A map or a partner of one side cannot be used."""


@dataclass(frozen=True, slots=True)
class Side:
    """What was named, in a form that another process can read again."""

    shown: str
    home: Path | None = None
    """An instance, or nothing but the packaged maps."""
    over: Path | None = None
    """A map file or a folder of maps, in place of those of the same names."""
    map: str = ""
    """The one map that is meant; empty for whatever each agreement names."""

    def files(self) -> MapFiles:
        """Read the maps of this side; raise ConfigProblems where some cannot be read."""
        found = find_maps(self.home) if self.home is not None else packaged_maps()
        if self.over is not None:
            found = laid_over(found, self.over)
        if found.problems:
            raise ConfigProblems(found.problems)
        return found

    def maps(self) -> MapsInUse:
        """Return the maps of this side, ready for use."""
        with self.named():
            return MapsInUse(found=self.files())

    @contextmanager
    def named(self) -> Iterator[None]:
        """Say of problems which side has them: files of both have the same names."""
        try:
            yield
        except ConfigProblems as fault:
            lines = "\n".join(f"{self.shown}: {problem}" for problem in fault.problems)
            raise SideBroken(lines) from fault

    def partners(self) -> Mapping[str, Partner] | None:
        """Return the partners that this side has agreements of; None where it has none itself."""
        paths = sorted((self.home / PARTNERS).glob("*.yaml")) if self.home is not None else []
        found: dict[str, Partner] = {}
        for path in paths:
            read = read_model(path, f"{PARTNERS}/{path.name}", Partner)
            if read.model is None:
                raise ConfigProblems(read.problems)
            found[read.model.id] = read.model
        return found or None


@dataclass(frozen=True, slots=True)
class Naming:
    """Finds out what OLD and NEW mean, seen from an instance or from nowhere."""

    home: Path | None
    checkouts: Path
    """Where the files of git revisions are put for as long as the command runs."""

    def side(self, text: str) -> Side:
        """Return the side that a text names; raise SideUnknown where it names nothing."""
        here = Side(text, self.home)
        known = here.files().files
        if text in known:
            return replace(here, map=text)
        path = Path(text)
        if path.is_file():
            return replace(here, over=path, map=_map_in(path))
        if (folder := self._place(text)) is not None:
            return folder
        where, colon, name = text.rpartition(":")
        folder = self._place(where) if colon and where else None
        if folder is None:
            raise SideUnknown(
                f"'{text}' is no map{suggestion(text, known)}, no file, no folder, and no git "
                f"revision of {self.home or 'an instance'}"
            )
        folder.maps().require(name)
        return replace(folder, shown=text, map=name)

    def _place(self, text: str) -> Side | None:
        """Return a folder or a revision; None where the text names neither."""
        path = Path(text)
        if path.is_dir():
            if (path / SETTINGS).is_file() or (path / "maps").is_dir():
                return Side(text, path)
            return Side(text, self.home, path)
        if self.home is None or text.startswith("-"):
            return None
        return self._checked_out(self.home, text)

    def _checked_out(self, home: Path, revision: str) -> Side | None:
        """Put what a revision has of an instance into a folder; None where there is none."""
        commit = _git(home, "rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}")
        if commit is None:
            return None
        text = commit.decode().strip()
        listed = _git(home, "ls-tree", "--name-only", text, *_FOLDERS) or b""
        names = listed.decode().split()
        if not names:
            raise SideUnknown(f"revision '{revision}' has no {', '.join(_FOLDERS)} in {home}")
        into = self.checkouts / text
        if not into.exists():
            packed = _git(home, "archive", "--format=tar", text, "--", *names)
            if packed is None:
                raise SideUnknown(f"revision '{revision}' cannot be read by git")
            with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
                archive.extractall(into, filter="data")
        return Side(revision, into)


def _git(folder: Path, *arguments: str) -> bytes | None:
    """Return what git says; None where it refuses, or is not there."""
    try:
        done = subprocess.run(  # noqa: S603 - a fixed program; a revision never starts with `-`
            ["git", "-C", str(folder), *arguments],  # noqa: S607 - the user's own git
            capture_output=True,
            check=False,
        )
    except OSError:
        return None
    return done.stdout if done.returncode == 0 else None


def _map_in(path: Path) -> str:
    value = read_source(path, path.as_posix()).value
    name = value.get("map") if isinstance(value, dict) else None
    if not isinstance(name, str) or not name:
        raise MapUnusable(f"{path} is no map file: it has no `map:`")
    return name


def both(naming: Naming, old: str, new: str) -> tuple[Side, Side]:
    """Return both sides; where only one names a map, the other is asked for the same."""
    before, after = naming.side(old), naming.side(new)
    if before.map and not after.map:
        after.maps().require(before.map)
        after = replace(after, map=before.map)
    elif after.map and not before.map:
        before.maps().require(after.map)
        before = replace(before, map=after.map)
    return before, after


def checkouts() -> TemporaryDirectory[str]:
    """Return a folder for the files of revisions, which goes with the command."""
    return TemporaryDirectory(prefix="gateway-maps-")
