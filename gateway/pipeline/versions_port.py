"""What is kept of the versions of maps: what each was made of, and since when it has been in force.

A version is what decides how a set is translated: the map with all that it extends, the tables, the
partner's guide and the schema. Its contents are kept once each, by their hash.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class VersionRecord:
    """A version, and a moment since which it has been in force."""

    subject: str
    """What there is one version of at a time: map, version of X12 and guide."""
    since: datetime
    hash: str
    map: str
    files: str
    """What it was made of, as JSON: names to the hashes of contents."""

    @property
    def contents(self) -> Mapping[str, str]:
        """Return the hash of each content by its name, such as `map:acme-940`."""
        found: Mapping[str, str] = json.loads(self.files)
        return found

    @property
    def x12(self) -> str:
        """Return the version of X12 that it reads and writes."""
        return self.subject.split(" ")[1]


@dataclass(frozen=True, slots=True)
class VersionUse:
    """How many documents a version made, and when the first and the last of them came."""

    documents: int
    first: datetime
    last: datetime


@dataclass(frozen=True, slots=True)
class WantedVersion:
    """Which version a person asks for: that of a day, or one by the beginning of its hash."""

    as_of: datetime | None = None
    hash: str | None = None

    def choose(self, records: Sequence[VersionRecord], subject: str) -> VersionRecord | str:
        """Return one of the versions of a map, oldest first; or why there is none."""
        if not records:
            return "the store keeps no version of its map"
        name = records[0].map
        if self.hash is not None:
            found = {one.hash: one for one in records if one.hash.startswith(self.hash)}
            if len(found) == 1:
                return next(iter(found.values()))
            what = "no version" if not found else "more than one version"
            return f"{what} of map '{name}' begins with {self.hash}: {_told(records)}"
        own = [one for one in records if one.subject == subject]
        before = [one for one in own if self.as_of is None or one.since <= self.as_of]
        if before:
            return before[-1]
        return f"no version of map '{name}' is kept from so early: {_told(own or records)}"


def _told(records: Sequence[VersionRecord]) -> str:
    told = dict.fromkeys(f"{one.hash} since {one.since:%Y-%m-%d %H:%M}" for one in records)
    return f"there is {', '.join(told)}"


class Versions(Protocol):
    """The store's verbs about versions."""

    def keep(self, records: Sequence[VersionRecord], contents: Mapping[str, bytes]) -> int:
        """Keep the versions that are in force now, with contents by hash; return how many are new.

        One that is in force already stays as it is.
        """

    def listed(self, name: str | None = None) -> list[VersionRecord]:
        """List versions, of one map or of all, oldest first."""

    def used(self) -> Mapping[str, VersionUse]:
        """Return what each version was used for, by its hash."""

    def contents(self, hashes: Collection[str]) -> Mapping[str, bytes]:
        """Return contents by their hashes."""

    def forget(self, before: datetime) -> int:
        """Remove versions older than a moment that no document needs and that are not in force."""
