"""Which answers refuse the document, and which would refuse any."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from gateway.errors import Permanent, Refused, Transient
from gateway.pipeline.answers import Answer, Finder, Judge, Rule, Verdict, statuses

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


@pytest.mark.parametrize(
    "moment",
    [
        "Mon, 01 Jan 99999999999999 00:00:00 GMT",
        "Mon, 01 Jan 2024 00:00:00 +9999999999999999",
        "soon",
    ],
)
def test_a_moment_that_no_calendar_has_says_nothing_of_when(moment: str) -> None:
    with pytest.raises(Transient) as later:
        Judge().judge(Answer(503, {"retry-after": moment}), now=NOW)
    assert later.value.retry_after is None


def test_a_part_of_a_pattern_that_found_nothing_is_nothing() -> None:
    finder = Finder.compile("header:Location /orders/([0-9]+)|/none")
    assert finder.find(Answer(201, {"location": "/orders/7"})) == "7"
    assert finder.find(Answer(201, {"location": "/none"})) is None


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_xml_is_read_with_the_mark_of_its_encoding_before_it(encoding: str) -> None:
    body = "<order><id>7</id></order>".encode(encoding)
    assert Finder.compile("//id").find(Answer(200, body=body)) == "7"


def test_a_rule_of_the_configuration_means_the_document_whatever_the_status() -> None:
    judge = Judge((Rule(Verdict.REFUSED, (statuses("404"),)),))
    with pytest.raises(Refused, match="HTTP 404: no such article"):
        judge.judge(Answer(404, body=b"no such article"), now=NOW)
