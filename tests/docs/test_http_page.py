"""What docs/http.md promises an ERP is what is sent, and what its answers come to."""

from __future__ import annotations

import re
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from pydantic import ValidationError

from gateway.clock import utc_now
from gateway.config.destinations import HttpDestination as Settings
from gateway.errors import Permanent, Transient
from gateway.pipeline.stages.deliver import consignment
from gateway.pipeline.stages.route import Owed, owe
from gateway.pipeline.views import DueDelivery
from gateway.transports.http.answers import judge
from gateway.transports.http.outbound import HttpDestination, Outbound

PAGE = (Path(__file__).parents[2] / "docs" / "http.md").read_text(encoding="utf-8")
CALL, ANSWER = PAGE.split("## The call")[1].split("## The answer")
DOCUMENT = '{"document":"order"}'
NOW = datetime(2026, 3, 1, tzinfo=UTC)
OWED = Owed("document-7", "payload-3", "hash", NOW)


def due() -> DueDelivery:
    delivery = owe(OWED, "erp", route="all", allowance=3)
    return DueDelivery(delivery, DOCUMENT.encode(), "order", "acme", "P", NOW)


def sent(one: DueDelivery) -> httpx.Request:
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(204, stream=httpx.ByteStream(b""))

    erp = HttpDestination("http://erp.example/documents")
    outbound = Outbound(erp, clock=utc_now, transport=httpx.MockTransport(answer))
    outbound.connect()
    with closing(outbound):
        outbound.deliver(consignment(one))
    return seen[0]


def test_each_header_of_the_page_is_sent_and_says_what_the_page_says() -> None:
    named = re.findall(r"^\| `([A-Za-z-]+)` \|", CALL, re.MULTILINE)
    request = sent(due())
    assert {name: request.headers.get(name) for name in named} == {
        "Content-Type": "application/json",
        "Idempotency-Key": due().delivery.idempotency_key,
        "X-Correlation-Id": "payload-3",
        "X-Document-Id": "document-7",
        "X-Document-Type": "order",
        "X-Partner": "acme",
    }
    assert request.content == DOCUMENT.encode()


@pytest.mark.parametrize("name", re.findall(r"^\| `([A-Za-z-]+)` \|", CALL, re.MULTILINE))
def test_no_destination_can_set_a_header_of_the_page_itself(name: str) -> None:
    destination = {"type": "http", "url": "https://erp.example/", "production": "false"}
    Settings.model_validate(destination | {"headers": {"X-Environment": "test"}})
    with pytest.raises(ValidationError, match="the gateway sets this header itself"):
        Settings.model_validate(destination | {"headers": {name: "x"}})


@pytest.mark.parametrize("name", ["Transfer-Encoding", "te", "Trailer", "Upgrade", "Expect"])
def test_no_destination_says_how_a_call_is_framed(name: str) -> None:
    with pytest.raises(ValidationError, match="the gateway sets this header itself"):
        Settings.model_validate(
            {"type": "http", "url": "https://erp.example/", "production": "false"}
            | {"headers": {name: "x"}}
        )


def test_the_example_call_has_the_headers_of_the_table() -> None:
    named = set(re.findall(r"^\| `([A-Za-z-]+)` \|", CALL, re.MULTILINE))
    assert set(re.findall(r"-H '([A-Za-z-]+):", PAGE)) == named | {"Authorization"}


def test_no_header_of_ours_is_missing_on_the_page() -> None:
    ours = {name for name in sent(due()).headers if name.startswith(("x-", "idempotency"))}
    assert ours == {name.lower() for name in re.findall(r"^\| `([XI][\w-]+)`", CALL, re.MULTILINE)}


def test_another_attempt_has_the_same_key() -> None:
    again = replace(due(), delivery=replace(due().delivery, attempt=2))
    assert sent(again).headers["Idempotency-Key"] == sent(due()).headers["Idempotency-Key"]


@pytest.mark.parametrize(
    ("status", "row"),
    [
        (200, "done"), (201, "done"), (204, "done"), (409, "already there, by this key"),
        (408, "not now"), (425, "not now"), (429, "not now"), (500, "not now"), (503, "not now"),
        (301, "refused"), (400, "refused"), (401, "refused"), (404, "refused"), (422, "refused"),
    ],
)  # fmt: skip
def test_an_answer_means_what_the_page_says(status: int, row: str) -> None:
    assert f"| {row}" in ANSWER
    assert _meaning(status) == row


def _meaning(status: int) -> str:
    try:
        receipt = judge(status, None, b"", now=utc_now())
    except Transient:
        return "not now"
    except Permanent:
        return "refused"
    return "already there, by this key" if receipt.repeated else "done"


def test_a_busy_erp_says_when_it_is_asked_again() -> None:
    with pytest.raises(Transient) as later:
        judge(503, "30", b"", now=utc_now())
    assert later.value.retry_after == 30.0
