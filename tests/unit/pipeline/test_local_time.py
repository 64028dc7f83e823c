"""Dates and times of envelopes, by the clock that the partner looks at."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from gateway.partners import Partner
from gateway.pipeline.outbound.envelope import Envelope, Numbers
from gateway.x12.model import ControlNumber, Delimiters

WINTER = datetime(2026, 1, 1, 3, 5, tzinfo=UTC)
SUMMER = datetime(2026, 7, 1, 3, 5, tzinfo=UTC)
FIRST_OF_THE_TWO = datetime(2026, 11, 1, 6, 30, tzinfo=UTC)
SECOND_OF_THE_TWO = datetime(2026, 11, 1, 7, 30, tzinfo=UTC)
"""Both half past one in Chicago."""


def envelope(zone: str, *, version: str = "004010") -> Envelope:
    return Envelope(
        partner="quayside", set_id="940", functional_id="OW", version=version, usage="P",
        sender=("ZZ", "HARBOR"), receiver=("ZZ", "QUAYSIDE"), group_sender="HARBOR",
        group_receiver="QUAYSIDE", delimiters=Delimiters(), expects=None, expect_within=None,
        resends=0, series_mark="", first_interchange=1, first_group=1, time_zone=zone,
    )  # fmt: skip


def written(zone: str, moment: datetime, **changes: str) -> str:
    number = ControlNumber("000000001")
    numbers = Numbers(number, ControlNumber("1"), [ControlNumber("0001")])
    return envelope(zone, **changes).write([[["W05", "N", "SO-1"]]], numbers, moment).decode()


@pytest.mark.parametrize(
    ("zone", "moment", "day", "time"),
    [
        ("UTC", WINTER, "260101", "0305"),
        ("America/Chicago", WINTER, "251231", "2105"),
        ("America/Chicago", SUMMER, "260630", "2205"),
        ("America/Chicago", FIRST_OF_THE_TWO, "261101", "0130"),
        ("America/Chicago", SECOND_OF_THE_TWO, "261101", "0130"),
        ("Asia/Kolkata", WINTER, "260101", "0835"),
    ],
)
def test_an_interchange_has_the_time_of_the_zone(
    zone: str, moment: datetime, day: str, time: str
) -> None:
    assert written(zone, moment) == (
        "ISA*00*          *00*          *ZZ*HARBOR         *ZZ*QUAYSIDE       "
        f"*{day}*{time}*U*00401*000000001*0*P*>~"
        f"GS*OW*HARBOR*QUAYSIDE*20{day}*{time}*1*X*004010~"
        "ST*940*0001~W05*N*SO-1~SE*3*0001~GE*1*1~IEA*1*000000001~"
    )


def test_an_envelope_that_waits_keeps_its_zone() -> None:
    one = envelope("America/Chicago")
    assert Envelope.loads(one.dumps()) == one
    assert one.batch != envelope("America/New_York").batch


def them(**agreement: object) -> Partner:
    return Partner.model_validate(
        {
            "partner": "quayside",
            "name": "Quayside",
            "identities": [{"qualifier": "ZZ", "id": "QUAYSIDE"}],
            "time_zone": "America/Chicago",
            "agreements": [{"set": "940", "direction": "out", "map": "plain-940", **agreement}],
        }
    )


def test_an_agreement_has_the_partner_s_zone_or_one_of_its_own() -> None:
    assert them().agreements[0].time_zone == "America/Chicago"
    assert them(time_zone="Asia/Kolkata").agreements[0].time_zone == "Asia/Kolkata"


def test_a_zone_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ValueError, match="'Mars/Olympus' is no time zone of this machine"):
        them(time_zone="Mars/Olympus")


def test_what_we_receive_has_no_zone_of_its_own() -> None:
    with pytest.raises(ValueError, match="`time_zone` is about what we send"):
        them(direction="in", time_zone="UTC")
