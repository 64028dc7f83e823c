"""Windows of time: which one a moment falls into, and when it ends, by the clock on a wall."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from gateway.transports.file.windows import Kind, Windows


@pytest.mark.parametrize(
    ("kind", "zone", "moment", "label", "ends"),
    [
        ("day", "UTC", "2026-11-21T23:59", "2026-11-21", "2026-11-22T00:00"),
        ("day", "Europe/Berlin", "2026-11-21T23:30", "2026-11-22", "2026-11-22T23:00"),
        # A day of 23 hours, and one of 25.
        ("day", "Europe/Berlin", "2026-03-28T23:30", "2026-03-29", "2026-03-29T22:00"),
        ("day", "Europe/Berlin", "2026-10-24T22:30", "2026-10-25", "2026-10-25T23:00"),
        # A zone where summer begins at midnight: the day begins at one o'clock.
        ("day", "Africa/Cairo", "2026-04-23T20:00", "2026-04-23", "2026-04-23T22:00"),
        ("hour", "America/New_York", "2026-03-08T06:30", "2026-03-08T01", "2026-03-08T07:00"),
        ("hour", "America/New_York", "2026-03-08T07:30", "2026-03-08T03", "2026-03-08T08:00"),
        # One o'clock comes twice in autumn: one window of two hours.
        ("hour", "America/New_York", "2026-11-01T05:30", "2026-11-01T01", "2026-11-01T07:00"),
        ("hour", "America/New_York", "2026-11-01T06:30", "2026-11-01T01", "2026-11-01T07:00"),
        ("hour", "America/New_York", "2026-11-01T04:30", "2026-11-01T00", "2026-11-01T05:00"),
        ("week", "UTC", "2027-01-03T10:00", "2026-W53", "2027-01-04T00:00"),
        ("week", "UTC", "2026-11-16T00:00", "2026-W47", "2026-11-23T00:00"),
        ("month", "UTC", "2026-12-31T10:00", "2026-12", "2027-01-01T00:00"),
        ("month", "UTC", "2027-01-31T10:00", "2027-01", "2027-02-01T00:00"),
    ],
)
def test_a_moment_has_its_window(kind: Kind, zone: str, moment: str, label: str, ends: str) -> None:
    at = datetime.fromisoformat(moment).replace(tzinfo=UTC)
    window = Windows(kind, ZoneInfo(zone)).of(at)
    assert window.label == label
    assert window.ends == datetime.fromisoformat(ends).replace(tzinfo=UTC)
