"""Which acknowledgment a functional group gets: the set, and the version that it is written in.

The version follows that of the group. A 999 exists from 005010 on; groups before get a 997 whatever
is agreed.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from gateway.partners.acknowledging import AcknowledgmentPolicy

FIRST_VERSION_WITH_999 = "005010"
"""From this version on AK103, AK203, repetitions in AK4 and the 999 exist."""


@dataclass(frozen=True, slots=True)
class Form:
    """An acknowledgment's set and version: they decide which segments and codes it has."""

    set_id: Literal["997", "999"] = "997"
    version: str = "004010"
    """GS08 of the acknowledgment, such as 004010 or 005010X231A1."""

    @property
    def is_999(self) -> bool:
        """Say whether it is an implementation acknowledgment."""
        return self.set_id == "999"

    @property
    def is_later(self) -> bool:
        """Say whether it is of 005010 or later."""
        return self.version >= FIRST_VERSION_WITH_999

    @property
    def convention(self) -> str:
        """Return ST03: the implementation guide that a 999 is written by, where one is named."""
        return self.version if self.is_999 and len(self.version) > 6 else ""


PLAIN = Form()
"""A 997 in 004010."""


def acknowledgment_version(group_version: str) -> str:
    """Return the version of a group's acknowledgment: its GS08 without the industry's suffix."""
    version = group_version[:6]
    return version if len(version) == 6 and version.isascii() and version.isdigit() else "004010"


def form_for(group_version: str, policy: AcknowledgmentPolicy) -> Form:
    """Return which acknowledgment a group of this GS08 gets under a policy."""
    if not policy.versions and policy.send_999 == "never":
        return _usual(group_version)
    version = acknowledgment_version(group_version)
    named = policy.versions.get(group_version) or policy.versions.get(version) or version
    wanted = policy.send_999 != "never" and named >= FIRST_VERSION_WITH_999
    return Form("999" if wanted else "997", named)


@lru_cache(maxsize=256)
def _usual(group_version: str) -> Form:
    return Form("997", acknowledgment_version(group_version))
