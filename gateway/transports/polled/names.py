"""Which names in a folder are payloads, and what we made of others: pure judgment of a listing."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase

from gateway.partners.connections import PickUp, QuietWindow, named_after
from gateway.transports.arrival import ArrivalRules

INCOMPLETE = "{name}.incomplete"
"""What a file is renamed to that never became whole: seen, kept here, and not taken again."""


@dataclass(frozen=True, slots=True)
class PollRules:
    """How a folder is looked through."""

    pick_up: PickUp
    arrival: ArrivalRules
    quiet: tuple[QuietWindow, ...] = ()


class Names:
    """Tells the names in one folder apart."""

    def __init__(self, rules: PollRules, *, claims: bool = True) -> None:
        pick_up = rules.pick_up
        never = not claims or pick_up.claim == "none" or pick_up.after == "leave"
        self._wanted = [pattern.lower() for pattern in pick_up.names]
        self._arrival = rules.arrival
        self._trigger = pick_up.trigger
        self.claim = None if never else pick_up.claim
        """What a file is renamed to before it is read; None where it is read as it lies."""
        self._claimed = _matching(self.claim) if self.claim else None
        own = [INCOMPLETE, pick_up.rename, pick_up.trigger]
        self._never = [_matching(pattern) for pattern in own if pattern and "/" not in pattern]

    def takes(self, name: str) -> bool:
        """Say whether a file of this name is wanted at all."""
        lowered = name.lower()
        return (
            any(fnmatchcase(lowered, pattern) for pattern in self._wanted)
            and not self._arrival.ignores(name)
            and self.claimed_from(name) is None
            and not any(pattern.fullmatch(name) for pattern in self._never)
        )

    def claimed_from(self, name: str) -> str | None:
        """Return the name that a claimed file had before; None where it is not a claimed one."""
        found = self._claimed.fullmatch(name) if self._claimed else None
        return found["name"] if found else None

    def claimed(self, name: str) -> str | None:
        """Return what a file is renamed to before it is read."""
        return named_after(self.claim, name) if self.claim else None

    def trigger(self, name: str) -> str | None:
        """Return the name of the file that says that this one may be taken."""
        return named_after(self._trigger, name) if self._trigger else None

    def released(self, name: str, present: Iterable[str]) -> bool:
        """Say whether a file may be taken as far as its trigger file goes."""
        trigger = self.trigger(name)
        return trigger is None or trigger in present


def _matching(pattern: str) -> re.Pattern[str]:
    text = re.escape(pattern)
    for part in ("name", "stem"):
        text = text.replace(re.escape(f"{{{part}}}"), f"(?P<{part}>.+)")
    return re.compile(text, re.DOTALL)
