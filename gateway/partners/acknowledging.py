"""How what a partner sends is acknowledged: which sets, when, how strictly, in which envelope."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

from pydantic import Field

from gateway.partners.fields import (
    GroupId,
    InterchangeId,
    InterchangeVersion,
    Qualifier,
    Settings,
    Usage,
    Version,
)
from gateway.partners.outgoing import Batch
from gateway.partners.separators import OutgoingDelimiters


class Strictness(StrEnum):
    """What becomes of a finding in what we receive that the agreement does not name."""

    STRICT = "strict"
    """Any finding refuses the transaction set."""
    NOTE_ERRORS = "note_errors"
    """Findings are reported (accepted with errors) and the transaction set is taken."""
    ACCEPT_ALL = "accept_all"
    """Findings stay in our ledger and the transaction set is acknowledged as accepted."""


class PartyOverride(Settings):
    """How one of the two parties is named in acknowledgments; what is left out follows the partner.

    It follows the interchange that is acknowledged, the other way round.
    """

    qualifier: Qualifier | None = None
    """ISA05 or ISA07."""
    id: InterchangeId | None = None
    """ISA06 or ISA08."""
    gs: GroupId | None = None
    """GS02 or GS03."""


class AcknowledgmentEnvelope(Settings):
    """What stands in the envelope of acknowledgments, where it does not follow what came in."""

    sender: PartyOverride = PartyOverride()
    """Us."""
    receiver: PartyOverride = PartyOverride()
    """The partner."""
    version: InterchangeVersion | None = None
    """ISA12; 00501 where anything in it is of 005010 or later, else 00401, if left out."""
    usage: Usage | None = None
    """ISA15; that of what came in if left out."""
    delimiters: OutgoingDelimiters | None = None
    """Separators; the partner's if left out."""


class AcknowledgmentPolicy(Settings):
    """When and how what a partner sends is acknowledged."""

    send_997: Literal["always", "on_reject", "never"] = Field("always", alias="997")
    """Functional acknowledgment (997) for each functional group received."""
    send_999: Literal["always", "on_reject", "never"] = Field("never", alias="999")
    """Implementation acknowledgment (999) in place of the 997, for groups of 005010 and later;
    those before have none, and `997` says what they get."""
    send_ta1: Literal["requested", "always", "on_reject", "never"] = Field("requested", alias="ta1")
    """Interchange acknowledgment (TA1); `requested` follows the partner's ISA14."""
    strictness: Strictness = Strictness.STRICT
    """What becomes of a finding in what we receive that `findings` does not name; in what we send
    it refuses."""
    list_accepted_sets: bool = True
    """Name accepted transaction sets too (AK2/AK5), not only the faulty ones."""
    versions: dict[Version, Version] = Field(default_factory=dict)
    """GS08 of what acknowledges groups of a version, where it is not the same without its suffix:
    `{"004010": 004010UCS, "005010": 005010X231A1}`. A 999 names a version with a suffix in ST03
    too."""
    envelope: AcknowledgmentEnvelope = AcknowledgmentEnvelope()
    """What stands in ISA and GS of what we send."""
    batch: Batch | None = None
    """Gathers acknowledgments and sends them together in one interchange, with `count` that of the
    interchanges received; each is acknowledged at once, by one of its own, if left out."""

    def overridden_by(self, other: AcknowledgmentPolicy) -> AcknowledgmentPolicy:
        """Return this policy with the settings that were written in the other one."""
        written = {name: getattr(other, name) for name in other.model_fields_set}
        return self.model_copy(update=written)
