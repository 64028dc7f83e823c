"""The published releases of the standard, in order, and which of some is nearest to another.

GS08 says which release a group is of: its first six places, version, release and subrelease, such
as 004010; what follows names an industry or a guide. ISA12 is about the envelope alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

PLACES = 6
"""Of GS08, before an industry's suffix."""

_RELEASES = {"003": 7, "004": 6, "005": 5, "006": 5, "007": 6, "008": 4}
"""How many releases a version has: 003010 to 003070, and so on."""

_RELEASE = re.compile(r"(00[3-8])(\d\d)\d", re.ASCII)


def by_nearness(version: str, among: Iterable[str]) -> list[str]:
    """Return releases with the nearest first, counted in releases that lie between.

    Of two that are equally near the newer one goes first: releases add more than they take away.
    """
    at = _number(version)
    if at is None:
        return []
    numbers = {one: number for one in among if (number := _number(one)) is not None}
    return sorted(numbers, key=lambda one: (abs(numbers[one] - at), -numbers[one]))


def _number(version: str) -> int | None:
    """Count the releases up to this one; a subrelease counts as its release."""
    found = _RELEASE.fullmatch(version)
    if found is None or not 1 <= int(found[2]) <= _RELEASES[found[1]]:
        return None
    return int(found[2]) + sum(count for major, count in _RELEASES.items() if major < found[1])
