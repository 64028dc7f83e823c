"""Who sent an interchange, and what is said of those we do not know."""

from __future__ import annotations

import pytest

from gateway.findings import FindingCode
from gateway.partners import Identity, Parties, PartnerLookup, UnknownParty
from tests.unit.partners.agreements import partner

NORTHSTAR = partner(
    identities=[{"qualifier": "02", "id": "NORTHSTAR"}, {"qualifier": "ZZ", "id": "NSTAR OLD"}]
)
BLUEBIRD = partner(partner="bluebird", identities=[{"qualifier": "12", "id": "5550100"}])
OURS = Identity(qualifier="ZZ", id="HARBOR")
LOOKUP = PartnerLookup([NORTHSTAR, BLUEBIRD], [OURS])
US = ("ZZ", "HARBOR")


@pytest.mark.parametrize("sender", [("02", "NORTHSTAR"), ("ZZ", "NSTAR OLD")])
def test_a_partner_is_known_by_each_of_its_identities(sender: tuple[str, str]) -> None:
    found = LOOKUP.find(sender, US)
    assert isinstance(found, Parties)
    assert found.partner is NORTHSTAR
    assert found.theirs.key == sender
    assert found.ours is OURS
    assert LOOKUP.partner_of(sender) is NORTHSTAR


@pytest.mark.parametrize(
    ("sender", "hint"),
    [
        (("2", "NORTHSTAR"), "02/NORTHSTAR? the qualifier lacks its leading zero"),
        (("ZZ", "NORTHSTAR"), "02/NORTHSTAR? the qualifier differs"),
        (("02", "NorthStar"), "02/NORTHSTAR? upper and lower case differ"),
        (("ZZ", "NSTAROLD"), "ZZ/NSTAR OLD? blanks or punctuation differ"),
        (("01", "nstar-old"), "ZZ/NSTAR OLD? qualifier and spelling differ"),
        (("02", "NORTHSTARS"), "02/NORTHSTAR? the id is spelled differently"),
    ],
)
def test_an_unknown_sender_is_told_with_the_nearest_partner(
    sender: tuple[str, str], hint: str
) -> None:
    message = (
        f"sender {sender[0]}/{sender[1]} is no partner of ours "
        f"(did you mean partner 'northstar', {hint})"
    )
    assert LOOKUP.find(sender, US) == UnknownParty(FindingCode.SENDER_UNKNOWN, message)
    assert LOOKUP.partner_of(sender) is None


@pytest.mark.parametrize(
    ("sender", "written"), [(("ZZ", "ACME"), "ZZ/ACME"), (("", ""), "(blank)/(blank)")]
)
def test_nothing_is_suggested_where_nothing_is_near(sender: tuple[str, str], written: str) -> None:
    message = f"sender {written} is no partner of ours"
    assert LOOKUP.find(sender, US) == UnknownParty(FindingCode.SENDER_UNKNOWN, message)


def test_an_interchange_that_we_sent_ourselves_is_told_from_a_stranger() -> None:
    message = (
        "this is our own identity: ZZ/HARBOR; either we sent this payload, or its sender and "
        "receiver are the wrong way round"
    )
    found = LOOKUP.find(US, ("02", "NORTHSTAR"))
    assert found == UnknownParty(FindingCode.SENDER_UNKNOWN, message)


def test_an_interchange_for_somebody_else_names_its_sender() -> None:
    message = "receiver 01/HARBOR is not us (did you mean ZZ/HARBOR? the qualifier differs)"
    found = LOOKUP.find(("12", "5550100"), ("01", "HARBOR"))
    assert found == UnknownParty(FindingCode.RECEIVER_UNKNOWN, message, BLUEBIRD)
