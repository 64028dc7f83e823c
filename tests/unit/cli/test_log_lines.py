"""What the log says of transitions, and how loudly."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from structlog.testing import capture_logs

from gateway.cli.logs import log_event
from gateway.pipeline.ports import Event

AT = datetime(2026, 3, 2, 9, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    ("subject", "verb", "outcome", "level"),
    [
        ("delivery", "retry", "failed", "warning"),
        ("delivery", "retry", "parked", "info"),
        ("delivery", "bury", "refused", "warning"),
        ("delivery", "deliver", "delivered", "info"),
        ("interchange", "hold", "", "warning"),
        ("payload", "receive", "", "info"),
    ],
)
def test_what_a_person_should_see_is_a_warning(
    subject: str, verb: str, outcome: str, level: str
) -> None:
    with capture_logs() as lines:
        log_event(Event(subject, verb, "id-1", AT, {"outcome": outcome}))
    assert lines == [
        {"event": f"{subject}.{verb}", "id": "id-1", "outcome": outcome, "log_level": level}
    ]
