from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager

import httpx
import pytest

from gateway.cli.receiver import Receiver
from gateway.errors import Permanent, Transient
from gateway.pipeline.ports import Consignment
from gateway.transports.http.outbound import HttpDestination, Outbound

ORDER = Consignment(b'{"document":"order"}', "order.json", "document:7", "interchange:7")


@contextmanager
def running(receiver: Receiver) -> Iterator[Receiver]:
    receiver.start()
    with closing(receiver):
        yield receiver


@contextmanager
def delivering_to(receiver: Receiver, token: str = "") -> Iterator[Outbound]:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    outbound = Outbound(HttpDestination(receiver.url, headers))
    outbound.connect()
    with closing(outbound):
        yield outbound


def test_a_repeat_under_the_same_key_is_counted_and_changes_nothing() -> None:
    with running(Receiver()) as receiver, delivering_to(receiver) as outbound:
        assert outbound.deliver(ORDER).reference == "HTTP 201"
        assert outbound.deliver(ORDER).reference == "HTTP 200"
        (kept,) = receiver.documents
        assert (kept.key, kept.correlation_id, kept.content, kept.calls) == (
            "document:7",
            "interchange:7",
            ORDER.content,
            2,
        )
        assert receiver.repeats == 1


def test_it_is_unwell_as_often_as_it_was_told_to_be() -> None:
    with running(Receiver(fail_first=2)) as receiver, delivering_to(receiver) as outbound:
        for _ in range(2):
            with pytest.raises(Transient, match="HTTP 503: closed for stocktaking") as why:
                outbound.deliver(ORDER)
            assert why.value.retry_after == 1.0
        assert outbound.deliver(ORDER).reference == "HTTP 201"
        assert (receiver.refused, receiver.repeats) == (2, 0)


def test_a_wrong_token_is_refused() -> None:
    with running(Receiver(token="s3cret")) as receiver:
        with delivering_to(receiver, "guess") as outbound, pytest.raises(Permanent, match="401"):
            outbound.deliver(ORDER)
        with delivering_to(receiver, "s3cret") as outbound:
            assert outbound.deliver(ORDER).reference == "HTTP 201"


def test_a_key_that_comes_with_other_content_is_refused() -> None:
    with running(Receiver()) as receiver:
        key = {"Idempotency-Key": "k"}
        assert httpx.post(receiver.url, content=b"{}", headers=key).status_code == 201
        assert httpx.post(receiver.url, content=b"[]", headers=key).status_code == 422


def test_what_is_no_document_is_refused() -> None:
    with running(Receiver()) as receiver:
        assert httpx.post(receiver.url, content=b"{}").status_code == 400
        answer = httpx.post(receiver.url, content=b"no", headers={"Idempotency-Key": "k"})
        assert (answer.status_code, answer.text) == (422, "expected a JSON document")
        assert receiver.documents == []


def test_it_says_what_it_has() -> None:
    with running(Receiver()) as receiver, delivering_to(receiver) as outbound:
        outbound.deliver(ORDER)
        assert httpx.get(receiver.url).json() == [
            {
                "calls": 1,
                "correlation_id": "interchange:7",
                "document_id": "",
                "key": "document:7",
            }
        ]
