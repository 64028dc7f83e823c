"""When documents go out: intervals, cut-off times of a calendar, and what a file may not say."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from pydantic import ValidationError

from gateway.partners.outgoing import Batch, ExpectedAcknowledgment
from tests.unit.partners.agreements import agreement


def batch(**settings: object) -> Batch:
    return Batch.model_validate(settings)


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_a_document_waits_no_longer_than_its_interval() -> None:
    assert batch(every="15m").due_at(moment("2026-03-02 09:00")) == moment("2026-03-02 09:15")


@pytest.mark.parametrize(
    ("submitted", "due"),
    [
        ("2026-03-02 08:59", "2026-03-02 09:00"),  # 10:00 in Berlin
        ("2026-03-02 09:00", "2026-03-02 09:00"),
        ("2026-03-02 09:01", "2026-03-02 15:00"),
        ("2026-03-02 15:01", "2026-03-03 09:00"),
        ("2026-03-06 15:01", "2026-03-09 09:00"),  # Friday evening waits for Monday
        ("2026-03-07 00:00", "2026-03-09 09:00"),
        ("2026-03-27 16:00", "2026-03-30 08:00"),  # summer time begins on the Sunday between
        ("2026-10-23 16:00", "2026-10-26 09:00"),  # and ends
    ],
)
def test_a_document_goes_out_at_the_next_cut_off(submitted: str, due: str) -> None:
    calendar = batch(
        at=["16:00", "10:00"],
        time_zone="Europe/Berlin",
        weekdays=["mon", "tue", "wed", "thu", "fri"],
    )
    assert calendar.due_at(moment(submitted)) == moment(due)


def test_a_cut_off_in_the_hour_that_the_clocks_leave_out_is_an_hour_later() -> None:
    calendar = batch(at="02:30", time_zone="Europe/Berlin")
    assert calendar.due_at(moment("2026-03-29 00:00")) == moment("2026-03-29 01:30")


def test_one_weekday_is_awaited_for_a_week() -> None:
    calendar = batch(at="10:00", weekdays="mon")
    assert calendar.due_at(moment("2026-03-02 10:01")) == moment("2026-03-09 10:00")


def test_what_comes_first_decides() -> None:
    both = batch(every="15m", at="10:00")
    assert both.due_at(moment("2026-03-02 09:55")) == moment("2026-03-02 10:00")
    assert both.due_at(moment("2026-03-02 09:30")) == moment("2026-03-02 09:45")


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        (
            {"count": "50"},
            "nothing says how long a document may wait; expected `every` or `at`, "
            "beside `count` and `size` or by itself",
        ),
        ({"at": "25:00"}, "'25:00' does not fit; expected a time of day such as 16:00"),
        (
            {"at": "10:00", "time_zone": "Mars/Olympus"},
            "'Mars/Olympus' is no time zone of this machine; expected one such as Europe/Berlin",
        ),
        (
            {"at": "10:00", "time_zone": "../../etc/passwd"},
            "'../../etc/passwd' is no time zone of this machine; "
            "expected one such as Europe/Berlin",
        ),
        (
            {"at": "10:00", "weekdays": []},
            "`at` holds on no day; expected at least one of `weekdays`",
        ),
    ],
)
def test_what_makes_no_sense_is_refused_in_a_sentence(
    settings: dict[str, object], said: str
) -> None:
    with pytest.raises(ValidationError) as refused:
        Batch.model_validate(settings)
    assert [str(error["ctx"]["error"]) for error in refused.value.errors()] == [said]


@pytest.mark.parametrize("name", ["batch", "expect"])
def test_what_is_about_sending_has_no_place_where_we_receive(name: str) -> None:
    with pytest.raises(ValidationError) as refused:
        agreement(**{name: {"every": "1h"} if name == "batch" else {}})
    assert [str(error["ctx"]["error"]) for error in refused.value.errors()] == [
        f"`{name}` is about what we send; this agreement is of `in`"
    ]


def test_a_997_is_expected_within_a_day_unless_the_agreement_says_otherwise() -> None:
    sent = agreement(direction="out")
    assert (sent.expect.kind, sent.expect.within) == ("997", timedelta(hours=24))
    assert sent.expect.seconds == 86_400


def test_nothing_is_expected_of_a_partner_that_sends_no_acknowledgments() -> None:
    none = ExpectedAcknowledgment.model_validate({"acknowledgment": "none"})
    assert (none.kind, none.seconds) == (None, None)
