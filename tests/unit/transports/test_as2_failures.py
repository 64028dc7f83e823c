"""Counting failed AS2 messages: by source, by partner, bounded."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from gateway.transports.as2.failures import FailureRules, Failures, Refusal

NOW = datetime(2026, 3, 15, 9, 12, tzinfo=UTC)
RULES = FailureRules(of_a_source=2, of_a_partner=4, one_more_every=timedelta(minutes=1))


def test_each_source_has_its_own_count_and_a_partner_one_over_all() -> None:
    failures = Failures(RULES)
    noted = [failures.note(f"10.0.0.{number // 2}", "acme", NOW) for number in range(6)]
    assert noted == [None] * 4 + [Refusal(31, first=True), Refusal(31, first=False)]
    assert failures.note("10.0.0.1", "northstar", NOW) is None


def test_strangers_have_no_count_in_common() -> None:
    failures = Failures(RULES)
    assert {failures.note(f"10.0.0.{number}", "", NOW) for number in range(50)} == {None}


def test_a_clock_that_is_set_back_gives_nothing() -> None:
    failures = Failures(RULES)
    assert [failures.note("10.0.0.1", "acme", NOW) for _ in range(2)] == [None, None]
    assert failures.note("10.0.0.1", "acme", NOW - timedelta(days=1)) == Refusal(61, first=True)


def test_it_is_said_anew_once_the_allowance_was_whole_again() -> None:
    failures, later = Failures(RULES), NOW + timedelta(minutes=10)
    said = [failures.note("10.0.0.1", "acme", NOW) for _ in range(4)][2:]
    assert [one and one.first for one in said] == [True, False]
    said = [failures.note("10.0.0.1", "acme", later) for _ in range(3)][2:]
    assert [one and one.first for one in said] == [True]
