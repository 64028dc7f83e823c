"""Payloads over HTTP, against the real server and a real store."""

from __future__ import annotations

import hashlib
import socket
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from sqlalchemy.exc import OperationalError

from gateway.errors import Permanent
from gateway.pipeline.ports import Received
from gateway.pipeline.stages.receive import payload_record
from gateway.store import SqlStore, open_database
from gateway.transports.http.inbound import Caller, Inbound, PostingRules
from gateway.transports.server import Listening, Server
from tests.databases import sqlite_url

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
KEY = b"k3y-of-quayside"
FINGERPRINT = "ab" * 32
RULES = PostingRules(
    {
        "quayside": Caller((b"older-k3y", KEY, "schlüssel".encode()), frozenset({FINGERPRINT})),
        "bluebird": Caller((b"k3y-of-bluebird",)),
    },
    max_bytes=1000,
    deadline=timedelta(seconds=30),
    certificate_header="X-Client-SHA256",
    refuse_after=timedelta(0),
)
ISA = b"ISA*00*"
BEARER = {"Authorization": f"Bearer {KEY.decode()}"}


@dataclass
class Desk:
    """The gateway's side: what it took, and the server that partners call."""

    store: SqlStore
    client: httpx.Client
    url: str
    fault: Exception | None = None

    def take(self, batch: Sequence[Received]) -> Sequence[str]:
        if self.fault is not None:
            raise self.fault
        [one] = batch
        record = payload_record(one.payload, str(len(self.kept)), NOW)
        with self.store.transaction() as transaction:
            if not transaction.ledger.stored_receipts("http", [record.receipt]):
                transaction.ledger.add([record])
        return [record.id]

    @property
    def kept(self) -> list[str]:
        return [one.name for one in self.store.desk.payloads()]

    def post(
        self, content: bytes = ISA, partner: str = "quayside", **headers: str
    ) -> httpx.Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.post(
            f"/partners/{partner}/payloads", content=content, headers=BEARER | named
        )


@contextmanager
def opened(folder: Path, rules: PostingRules = RULES) -> Iterator[Desk]:
    store = SqlStore(open_database(sqlite_url(folder)))
    here = Desk(store, httpx.Client(), "")
    server = Server(Listening(port=0), Inbound(lambda b: here.take(b), store.desk, rules).routes())
    server.connect()
    here.url = f"http://127.0.0.1:{server.port}"
    here.client = httpx.Client(base_url=here.url, timeout=60)
    with closing(store), closing(server), here.client:
        yield here


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with opened(tmp_path) as here:
        yield here


def test_a_payload_is_kept_before_the_answer_and_can_be_asked_for(desk: Desk) -> None:
    answer = desk.post(Content_Disposition='attachment; filename="a/b/orders.edi"')
    assert answer.status_code == 202
    assert answer.headers["Location"] == answer.json()["status"]
    assert desk.kept == ["orders.edi"]
    standing = desk.client.get(answer.headers["Location"], headers=BEARER)
    assert standing.status_code == 200
    assert standing.json() == {
        "id": answer.json()["id"],
        "name": "orders.edi",
        "received_at": "2026-03-01T12:00:00+00:00",
        "size": 7,
        "sha256": hashlib.sha256(ISA).hexdigest(),
        "state": "received",
        "interchanges": [],
    }


def test_the_same_key_again_keeps_one_payload_and_gives_the_same_answer(desk: Desk) -> None:
    first = desk.post(Idempotency_Key="order-7")
    again = desk.post(Idempotency_Key="order-7")
    assert (first.status_code, first.json()) == (again.status_code, again.json())
    assert len(desk.kept) == 1
    assert desk.post().status_code == desk.post().status_code == 202
    assert len(desk.kept) == 3, "without a key every call is a payload of its own"


def test_a_key_that_another_payload_used_is_refused(desk: Desk) -> None:
    desk.post(Idempotency_Key="order-7")
    answer = desk.post(b"ISA*99*", Idempotency_Key="order-7")
    assert answer.status_code == 409
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["detail"] == "this Idempotency-Key was used for another payload before"
    assert len(desk.kept) == 1


def test_two_partners_may_use_the_same_key(desk: Desk) -> None:
    theirs = {"Authorization": "Bearer k3y-of-bluebird"}
    assert desk.post(Idempotency_Key="1").status_code == 202
    assert desk.post(b"ISA*99*", "bluebird", Idempotency_Key="1", **theirs).status_code == 202
    assert len(desk.kept) == 2


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({}, id="nothing"),
        pytest.param({"Authorization": "Bearer k3y-of-bluebird"}, id="another-partners-key"),
        pytest.param({"Authorization": "Bearer"}, id="an-empty-key"),
        pytest.param({"Authorization": "Basic " + KEY.decode()}, id="another-scheme"),
        pytest.param({"X-Api-Key": "k3y"}, id="half-a-key"),
        pytest.param({"X-Client-SHA256": "cd" * 32}, id="another-certificate"),
    ],
)
def test_who_does_not_prove_it_is_refused_and_nothing_is_kept(
    desk: Desk, headers: dict[str, str]
) -> None:
    for partner in ("quayside", "nobody"):
        path = f"/partners/{partner}/payloads"
        answer = desk.client.post(path, content=ISA, headers=headers)
        assert answer.status_code == 401
        assert answer.json() == {
            "status": 401,
            "detail": "expected this partner's key as 'Authorization: Bearer …' or 'X-Api-Key'",
        }
    assert desk.kept == []


def test_an_older_key_an_api_key_header_and_a_certificate_prove_it_too(desk: Desk) -> None:
    shown = ({"Authorization": "bearer older-k3y"}, {"X-Api-Key": KEY.decode()})
    colons = ":".join([FINGERPRINT[:2].upper()] * 32)
    for headers in (*shown, {"X-Client-SHA256": colons}):
        path = "/partners/quayside/payloads"
        assert desk.client.post(path, content=ISA, headers=headers).status_code == 202


def test_a_certificate_header_from_elsewhere_is_not_believed(tmp_path: Path) -> None:
    rules = PostingRules(
        {"quayside": Caller(fingerprints=frozenset({FINGERPRINT}))},
        certificate_header="X-Client-SHA256",
        trusted_proxies=frozenset({"192.0.2.1"}),
        refuse_after=timedelta(0),
    )
    store = SqlStore(open_database(sqlite_url(tmp_path)))
    server = Server(Listening(port=0), Inbound(lambda batch: [], store.desk, rules).routes())
    server.connect()
    with closing(store), closing(server):
        url = f"http://127.0.0.1:{server.port}/partners/quayside/payloads"
        answer = httpx.post(url, content=ISA, headers={"X-Client-SHA256": FINGERPRINT})
    assert answer.status_code == 401


def test_one_partner_does_not_see_what_another_posted(desk: Desk) -> None:
    id_ = desk.post().json()["id"]
    theirs = {"Authorization": "Bearer k3y-of-bluebird"}
    answer = desk.client.get(f"/partners/bluebird/payloads/{id_}", headers=theirs)
    assert answer.status_code == 404
    assert answer.json()["detail"] == "there is no such payload of yours"


def test_an_empty_body_and_one_that_is_too_large_are_refused(desk: Desk) -> None:
    assert desk.post(b"").json()["detail"] == "the body is empty; expected an X12 interchange"
    for content in (b"x" * 1001, iter([b"x" * 600] * 3)):
        answer = desk.client.post("/partners/quayside/payloads", content=content, headers=BEARER)
        assert answer.status_code == 413
        assert answer.json()["detail"] == "larger than the limit of 1000 bytes"
    assert desk.post(Idempotency_Key="k" * 201).status_code == 400
    assert desk.kept == []


def test_a_body_that_never_ends_is_given_up(tmp_path: Path) -> None:
    head = f"POST /partners/quayside/payloads HTTP/1.1\r\nHost: x\r\nX-Api-Key: {KEY.decode()}\r\n"
    with opened(tmp_path, replace(RULES, deadline=timedelta(seconds=0.2))) as desk:
        address = httpx.URL(desk.url)
        with socket.create_connection((address.host, address.port or 0), timeout=60) as peer:
            peer.sendall(head.encode() + b"Content-Length: 100\r\n\r\nISA*")
            answer = peer.recv(4096)
        assert answer.startswith(b"HTTP/1.1 408 ")
        assert desk.kept == []


def test_a_caller_that_hangs_up_leaves_nothing_and_disturbs_nobody(desk: Desk) -> None:
    head = f"POST /partners/quayside/payloads HTTP/1.1\r\nHost: x\r\nX-Api-Key: {KEY.decode()}\r\n"
    address = httpx.URL(desk.url)
    with socket.create_connection((address.host, address.port or 0), timeout=60) as peer:
        peer.sendall(head.encode() + b"Content-Length: 100\r\n\r\nISA*")
    assert desk.post().status_code == 202
    assert len(desk.kept) == 1


def test_a_database_that_is_unwell_is_said_so_that_the_caller_sends_again(desk: Desk) -> None:
    desk.fault = OperationalError("INSERT", {}, Exception("disk full"))
    answer = desk.post()
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "5"
    assert answer.json()["detail"] == "the payload was not stored; send it again"


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ('attachment; filename="../../etc/passwd"', "passwd"),
        ('attachment; filename="C:\\\\edi\\\\940.edi"', "940.edi"),
        ("attachment; filename*=utf-8''%0d%0a%00940%1b%5b31m.edi", "?940?[31m.edi"),
        ("attachment; filename*=no-such-charset''940.edi", "940.edi"),
        ("attachment; filename*=utf-8''%ff%fe.edi", "\ufffd\ufffd.edi"),
        (f'attachment; filename="{"9" * 5000}"', "9" * 200),
        ('attachment; filename=".."', ".."),
        ('attachment; filename="', '"'),
        ('"""";;;=;filename', "payload.x12"),
    ],
)
def test_a_name_is_only_shown_whatever_it_is(desk: Desk, header: str, name: str) -> None:
    assert desk.post(Content_Disposition=header).status_code == 202
    assert desk.kept == [name]


def test_a_key_may_have_letters_of_any_language(desk: Desk) -> None:
    place = f"{desk.url}/partners/quayside/payloads"
    for shown in ("schlüssel", "schlussel"):
        named = [(b"X-Api-Key", shown.encode())]
        answer = desk.client.post(place, content=ISA, headers=named)
        assert answer.status_code == (202 if shown == "schlüssel" else 401)


@pytest.mark.parametrize(
    "key", ["a b", "\u00e9", "'; drop table payload; --", "%00", "{{7*7}}", "../x"]
)
def test_an_idempotency_key_may_have_any_characters(desk: Desk, key: str) -> None:
    named = [(b"Idempotency-Key", key.encode()), (b"X-Api-Key", KEY)]
    place = f"{desk.url}/partners/quayside/payloads"
    first, again = (desk.client.post(place, content=ISA, headers=named) for _ in range(2))
    assert first.status_code == 202
    assert first.json() == again.json()
    assert len(desk.kept) == 1


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/partners/quayside/payloads", 405),
        ("PUT", "/partners/quayside/payloads", 405),
        ("OPTIONS", "/partners/quayside/payloads", 405),
        ("POST", "/partners/quayside%2fpayloads", 400),
        ("POST", "/partners/../partners/nobody/payloads", 401),
        ("POST", "/partners/bluebird%2f..%2fquayside/payloads", 404),
        ("POST", "/partners//payloads", 404),
        ("POST", "/partners/quayside%00/payloads", 401),
        ("GET", "/partners/quayside/payloads/%00", 404),
        ("GET", "/partners/quayside/payloads/%ff%fe", 404),
        ("GET", "/partners/quayside/payloads/" + "9" * 5000, 404),
        ("HEAD", "/partners/quayside/payloads/1", 404),
    ],
)
def test_odd_paths_and_methods_are_answered_and_change_nothing(
    desk: Desk, method: str, path: str, status: int
) -> None:
    answer = desk.client.request(method, desk.url + path, headers=BEARER)
    assert answer.status_code == status
    assert desk.kept == []


def test_a_database_that_cannot_be_asked_is_said(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = desk.post().headers["Location"]

    def gone(_id: str) -> None:
        raise OperationalError("SELECT", {}, Exception("connection refused"))

    monkeypatch.setattr(type(desk.store.desk), "payload", lambda _desk, id_: gone(id_))
    answer = desk.client.get(place, headers=BEARER)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert answer.json()["detail"] == "this cannot be told now; ask again"


def test_a_port_that_is_taken_is_said(desk: Desk) -> None:
    port = httpx.URL(desk.url).port or 0
    with pytest.raises(Permanent) as refused:
        Server(Listening(port=port), []).connect()
    assert str(refused.value) == (
        f"the HTTP server cannot listen on 127.0.0.1:{port}: Address already in use"
    )
