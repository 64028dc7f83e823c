"""Which answers refuse the document, and which would refuse any."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from gateway.errors import Permanent, Refused
from gateway.pipeline.answers import Answer, Judge, Rule, Verdict, statuses

NOW = datetime(2026, 3, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, Refused),
        (422, Refused),
        (401, Permanent),
        (403, Permanent),
        (404, Permanent),
        (302, Permanent),
        (413, Permanent),
    ],
)
def test_a_status_says_whether_the_document_is_meant(status: int, kind: type[Exception]) -> None:
    judge = Judge()
    with pytest.raises(Permanent) as refused:
        judge.judge(Answer(status, body=b"no such article"), now=NOW)
    assert type(refused.value) is kind
    assert str(refused.value).startswith(f"HTTP {status}: no such article")


def test_a_rule_of_the_configuration_means_the_document_whatever_the_status() -> None:
    judge = Judge((Rule(Verdict.REFUSED, (statuses("404"),)),))
    with pytest.raises(Refused, match="HTTP 404: no such article"):
        judge.judge(Answer(404, body=b"no such article"), now=NOW)
