"""Names made from other names, and the times at which a partner is left alone."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from gateway.partners.connections import QuietWindow, named_after, quiet_until


def _window(**settings: object) -> QuietWindow:
    return QuietWindow.model_validate({"from": "22:30", "until": "04:00"} | settings)


def _utc(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 3, day, hour, minute, tzinfo=UTC)  # the first is a Sunday


@pytest.mark.parametrize(
    ("pattern", "made"),
    [
        ("{name}.claimed", "order.940.edi.claimed"),
        ("taken/{name}", "taken/order.940.edi"),
        ("{stem}.ok", "order.940.ok"),
    ],
)
def test_a_pattern_makes_a_name_of_another(pattern: str, made: str) -> None:
    assert named_after(pattern, "order.940.edi") == made


@pytest.mark.parametrize(
    ("now", "until"),
    [
        (_utc(3, 22, 29), None),
        (_utc(3, 22, 30), _utc(4, 4)),
        (_utc(4, 3, 59), _utc(4, 4)),
        (_utc(4, 4), None),
    ],
)
def test_a_window_reaches_over_midnight(now: datetime, until: datetime | None) -> None:
    assert _window().until(now) == until


def test_a_window_begins_only_on_its_days_and_ends_on_the_next() -> None:
    window = _window(days=["sun"])
    assert window.until(_utc(1, 23)) == _utc(2, 4)
    assert window.until(_utc(2, 3)) == _utc(2, 4)
    assert window.until(_utc(2, 23)) is None


def test_the_times_are_meant_where_the_partner_is() -> None:
    window = _window(timezone="America/Chicago")
    # Six hours behind UTC in winter, five from the eighth of March on.
    assert window.until(_utc(4, 4, 30)) == _utc(4, 10)
    assert window.until(_utc(11, 3, 30)) == _utc(11, 9)
    assert window.until(_utc(11, 9)) is None


def test_of_two_windows_the_later_end_counts() -> None:
    windows = [_window(), _window(**{"from": "00:00", "until": "06:00"})]
    assert quiet_until(windows, _utc(4, 1)) == _utc(4, 6)
    assert quiet_until(windows, _utc(4, 7)) is None
    assert quiet_until([], _utc(4, 1)) is None
