"""Identify: who sent this interchange, is it meant for us, and have we seen it before?"""

from __future__ import annotations

from gateway.findings import Finding, FindingCode, Location
from gateway.partners import PartnerLookup, UnknownParty
from gateway.partners.partner import Partner
from gateway.pipeline.outcome import Advance, Duplicate, Outcome, Quarantine, Reason, Reject
from gateway.pipeline.records import NumberRecord
from gateway.x12.model import InterchangeHeader


def identify(
    header: InterchangeHeader, lookup: PartnerLookup, came_through: str | None
) -> tuple[Partner | None, Outcome]:
    """Recognise both ends; `came_through` is the partner at whose place the payload arrived."""
    found = lookup.find(header.sender, header.receiver)
    if not isinstance(found, UnknownParty):
        if came_through not in (None, found.partner.id):
            because = (
                f"sender is partner '{found.partner.id}', but it came through the folder "
                f"of '{came_through}'"
            )
            return found.partner, Quarantine(Reason.SENDER_ELSEWHERE, because)
        return found.partner, Advance("identify")
    if found.code is FindingCode.RECEIVER_UNKNOWN and found.partner is not None:
        # We know whom to tell: a TA1 says that this is not for us.
        place = Location(interchange=header.control_number, offset=header.offset)
        value = "/".join(header.receiver)
        return found.partner, Reject((Finding(found.code, place, value, found.message),))
    return None, Quarantine(Reason.SENDER_UNKNOWN, found.message)


def compare(first: NumberRecord | None, sha256: str, interchange_id: str) -> Outcome:
    """Compare with the interchange that used the same control number first."""
    if first is None or first.interchange_id == interchange_id:
        return Advance("identify")
    if first.sha256 == sha256:
        return Duplicate(first.interchange_id)
    return Quarantine(
        Reason.CONTROL_NUMBER_REUSED,
        f"control number {first.control_number} was used before by interchange "
        f"{first.interchange_id}, with other content",
    )
