"""What is to be said about one received interchange, and what was said.

Between the two it gets control numbers, and may wait for others.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from gateway.acks.build import GroupVerdict
from gateway.acks.model import GroupAcknowledgment, InterchangeAcknowledgment
from gateway.acks.results import GroupResult, InterchangeResult
from gateway.acks.segments import write_group
from gateway.acks.ta1 import write_ta1
from gateway.acks.told import Address, Heading, Told, ToldGroup, convention_of
from gateway.partners.acknowledging import AcknowledgmentPolicy, PartyOverride
from gateway.x12.model import Delimiters


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of an interchange, of its groups and of their sets."""

    interchange: InterchangeAcknowledgment
    groups: tuple[GroupVerdict, ...]
    """One for each group received, in order; acknowledgment groups too, though none is sent."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What is to be said about an interchange, before it has control numbers."""

    result: InterchangeResult
    ta1: InterchangeAcknowledgment | None
    groups: tuple[tuple[GroupResult, GroupVerdict], ...]
    """Those that get a 997 or 999, in the order received."""
    policy: AcknowledgmentPolicy
    """Whose envelope it goes out in, and whether it waits for others."""

    @property
    def due(self) -> bool:
        """Say whether anything is to be said at all."""
        return self.ta1 is not None or bool(self.groups)

    @property
    def heading(self) -> Heading:
        """Return what its ISA says: what came in the other way round, but for what was agreed."""
        header, agreed = self.result.header, self.policy.envelope
        usage = agreed.usage or header.usage
        return Heading(
            fitting(named(header.receiver, agreed.sender)),
            fitting(named(header.sender, agreed.receiver)),
            usage if usage in ("P", "T", "I") else "P",
            agreed.version or "",
        )

    @property
    def addresses(self) -> list[Address]:
        """Return the groups FA that it goes out in, in their order: each takes a GS06."""
        heading = self.heading
        return sorted({self._address(group, judged, heading) for group, judged in self.groups})

    def told(self, delimiters: Delimiters) -> Told:
        """Return all of it as segments."""
        heading = self.heading
        return Told(
            None if self.ta1 is None else write_ta1(self.ta1),
            tuple(
                [
                    self._told_group(group, judged, heading, delimiters)
                    for group, judged in self.groups
                ]
            ),
        )

    def _told_group(
        self, group: GroupResult, judged: GroupVerdict, heading: Heading, delimiters: Delimiters
    ) -> ToldGroup:
        one = judged.acknowledgment
        return ToldGroup(
            self._address(group, judged, heading),
            convention_of(one.version, one.set_id),
            write_group(one, delimiters),
        )

    def _address(self, group: GroupResult, judged: GroupVerdict, heading: Heading) -> Address:
        """Return where the acknowledgment of a group belongs.

        A group that did not name its parties, or in a way that no GS can hold, is answered between
        those of the interchange.
        """
        agreed, one = self.policy.envelope, judged.acknowledgment
        sender = agreed.sender.gs or party(group.header.receiver)
        receiver = agreed.receiver.gs or party(group.header.sender)
        return Address(
            one.version, one.set_id, sender or heading.sender[1], receiver or heading.receiver[1]
        )


class Acknowledged:
    """A verdict, and the interchange that says it."""

    __slots__ = ("_groups", "_verdict", "payload", "ta1")

    def __init__(
        self,
        verdict: Verdict | Callable[[], Verdict],
        payload: bytes | None,
        ta1: InterchangeAcknowledgment | None = None,
        groups: tuple[GroupAcknowledgment, ...] | None = None,
    ) -> None:
        """Take a verdict, or what makes it, and what was said of it; no groups are all of them.

        That all was accepted has a dozen parts: most who answer need none of them.
        """
        self._verdict = verdict
        self._groups = groups
        self.payload = payload
        """None where nothing is to be said."""
        self.ta1 = ta1
        """The TA1 in the payload."""

    @property
    def verdict(self) -> Verdict:
        """Return what became of the interchange, of its groups and of their sets."""
        if not isinstance(self._verdict, Verdict):
            self._verdict = self._verdict()
        return self._verdict

    @property
    def groups(self) -> tuple[GroupAcknowledgment, ...]:
        """Return the 997s and 999s in the payload."""
        if self._groups is None:
            self._groups = tuple([one.acknowledgment for one in self.verdict.groups])
        return self._groups


def named(followed: tuple[str, str], agreed: PartyOverride) -> tuple[str, str]:
    """Return a party as it was named to us, but for what was agreed."""
    return agreed.qualifier or followed[0], agreed.id or followed[1]


def fitting(identity: tuple[str, str]) -> tuple[str, str]:
    """Cut what an ISA of wrong widths named to the widths of ours: it has to get an answer too."""
    qualifier, name = identity
    return qualifier[:2], name[:15]


def party(name: str) -> str:
    """Return GS02 or GS03 as a GS of ours can name it, or nothing."""
    return name if 2 <= len(name.strip()) <= 15 else ""
