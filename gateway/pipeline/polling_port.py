"""What is kept of folders at partners: records, the verbs on them, what a transport is given."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Sighting:
    """A file as it was when it was taken."""

    size: int
    modified: int
    digest: str
    """Of its content: a file that was only touched has not come anew."""


@dataclass(frozen=True, slots=True)
class Look:
    """How the last look at a folder ended."""

    place: str
    """`partner/connection:folder`."""
    looked_at: datetime
    fault: str
    """What keeps it from being looked through; empty where nothing does."""
    since: datetime
    """Since when that is so."""


class FolderMemory(Protocol):
    """What a transport that polls is given for each folder."""

    def hold(self) -> bool:
        """Take the lease or renew it; False while somebody else has it."""

    def let_go(self) -> None:
        """Give the lease back, if it is ours."""

    def left_there(self) -> Mapping[str, Sighting]:
        """Return the files that were taken and left where they lay, by name."""

    def remember(self, sightings: Mapping[str, Sighting]) -> None:
        """Note that files, by name, were taken and are left where they lie."""

    def forget(self, names: Collection[str]) -> None:
        """Forget files that do not lie there any more."""


class Polling(Protocol):
    """The store's verbs about folders that are looked through."""

    def lease(self, name: str, holder: str, now: datetime, until: datetime) -> str:
        """Take a lease that is free, over or ours; return who has it now."""

    def end_lease(self, name: str, holder: str) -> None:
        """End a lease, if this holder has it."""

    def sightings(self, place: str) -> Mapping[str, Sighting]:
        """Return the files of a folder that were taken and left there."""

    def remember(self, place: str, seen: Mapping[str, Sighting]) -> None:
        """Note files, by name, as they were when they were taken."""

    def forget(self, place: str, names: Collection[str]) -> None:
        """Forget files of a folder."""

    def note(self, look: Look) -> None:
        """Keep how the last look at a folder ended."""

    def looks(self) -> list[Look]:
        """Return how the last look at each folder ended."""

    def purge(self, before: datetime) -> None:
        """Forget folders that nobody has looked through since, with what was left in them."""
