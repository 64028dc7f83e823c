"""The two sides of one AS2 connection, with everything that its settings say."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from gateway.as2 import Keys, Profile
from gateway.clock import derived_id
from gateway.partners.connections import QuietWindow

TRANSPORT = "as2"

_NO_DOMAIN = re.compile(r"[^A-Za-z0-9.-]+")


@dataclass(frozen=True, slots=True)
class Party:
    """A partner's AS2 system, and what we are towards it."""

    partner: str
    connection: str
    """Its name in the partner's file."""
    profile: Profile
    keys: Keys = field(repr=False)
    url: str
    """Where it takes messages."""
    mdn_hosts: frozenset[str] = frozenset()
    """Hosts that asynchronous MDNs may be posted to, in lower case."""
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Sent with each call, such as Authorization: a secret, already resolved, so never shown."""
    pins: frozenset[str] = frozenset()
    """SHA-256 of the certificates that its server may show; empty: any that is trusted."""
    timeout: timedelta = timedelta(minutes=5)
    content_type: str = "application/edi-x12"
    mdn_within: timedelta = timedelta(hours=2)
    resends: int = 0
    quiet: tuple[QuietWindow, ...] = ()

    @property
    def names(self) -> tuple[str, str]:
        """Return what its messages have as AS2-From and AS2-To."""
        return self.profile.partner_id, self.profile.our_id

    def message_id(self, *of: str) -> str:
        """Return the one Message-ID that these parts always give."""
        return message_id(self.profile.our_id, *of)


def message_id(our_id: str, *of: str) -> str:
    """Return the one Message-ID that we give to what these parts name: the same at each attempt."""
    domain = _NO_DOMAIN.sub("-", our_id).strip("-.") or "as2"
    return f"<{derived_id('as2', our_id, *of)}@{domain}>"
