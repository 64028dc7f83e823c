"""Messages that we post over AS2 to a real server: what its answers mean, and what is kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway.as2 import (
    Answer,
    Disposition,
    Headers,
    Keys,
    MdnMode,
    Message,
    Profile,
    Reading,
    build_mdn,
    read_envelope,
    read_message,
)
from gateway.errors import Permanent, Transient
from gateway.partners.connections import QuietWindow
from gateway.pipeline.mdn_port import MDN_TYPE, MessageRecord, MessageState
from gateway.pipeline.ports import Consignment, Receipt
from gateway.transports.as2.outbound import Outbound, Owing, WithMdns
from gateway.transports.as2.owed import Owed, write_owed
from gateway.transports.as2.party import Party
from gateway.transports.memory import Outbound as MemoryOutbound
from gateway.transports.server import Listening, Server
from tests.as2_desk import As2Desk, as2_desk, party
from tests.as2_peers import NOW, OURS, PAYLOAD, THEIRS, our_keys, signing_key, their_keys
from tests.certificates import self_signed

US = Profile(THEIRS, OURS)
PEER = Profile(OURS, THEIRS)
DUPLICATE = Disposition("processed", "error", "duplicate-document")
WHAT = Consignment(PAYLOAD, "po.edi", "key-1", "c-1")

Script = Callable[[Message], Response]


class Peer:
    """The partner's side: it reads each message, and answers by a script."""

    def __init__(self) -> None:
        self.calls: list[Message] = []
        self.script: Script = self.mdn
        self.url = ""

    async def answer(self, request: Request) -> Response:
        fields = [(n.decode("latin-1"), v.decode("latin-1")) for n, v in request.headers.raw]
        message = Message(Headers.of(fields), await request.body())
        self.calls.append(message)
        return self.script(message)

    def read(self, message: Message) -> Reading:
        return read_message(message, PEER, keys=our_keys(), now=NOW)

    def mdn(
        self, message: Message, says: Disposition | None = None, *, mic: bool = True
    ) -> Response:
        """Answer as a partner does that could read it."""
        read = self.read(message)
        answer = Answer(read_envelope(message.headers), says or Disposition(), read.mic)
        answer = answer if mic else replace(answer, mic=None)
        made = build_mdn(answer, PEER, keys=our_keys(), message_id="<mdn@acme>", now=NOW)
        headers = {name: value for name, value in made.headers.fields if name != "Date"}
        return Response(made.body, headers=headers)


@pytest.fixture
def peer() -> Iterator[Peer]:
    made = Peer()
    server = Server(Listening(port=0), [Route("/in", made.answer, methods=["POST"])])
    server.connect()
    made.url = f"http://127.0.0.1:{server.port}/in"
    yield made
    server.close()


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[As2Desk]:
    with as2_desk(tmp_path, [], NOW) as opened:
        yield opened


class Sender:
    """Sends to the peer, with some of the settings changed."""

    def __init__(self, desk: As2Desk, peer: Peer) -> None:
        self.desk = desk
        self.peer = peer

    def party(self, profile: Profile = US, **changes: object) -> Party:
        keys = changes.pop("keys", their_keys())
        assert isinstance(keys, Keys)
        return party(profile, keys, **{"url": self.peer.url, **changes})

    def send(self, profile: Profile = US, **changes: object) -> Receipt:
        made = Outbound(self.party(profile, **changes), self.desk.mdns, clock=lambda: NOW)
        made.connect()
        try:
            return made.deliver(WHAT)
        finally:
            made.close()

    @property
    def message(self) -> MessageRecord:
        found = self.desk.mdns.message(self.party().message_id("key-1"))
        assert found is not None
        return found


@pytest.fixture
def sender(desk: As2Desk, peer: Peer) -> Sender:
    return Sender(desk, peer)


def test_what_is_sent_arrives_whole_and_its_receipt_is_kept(sender: Sender, peer: Peer) -> None:
    assert sender.send() == Receipt("MDN: processed")
    [message] = peer.calls
    read = peer.read(message)
    assert (read.payload, read.filename, read.signed, read.encrypted) == (
        PAYLOAD,
        "po.edi",
        True,
        True,
    )
    assert sender.message.state == MessageState.ACCEPTED
    assert b"Received-Content-MIC" in sender.message.mdn


def test_every_attempt_has_the_same_message_id(sender: Sender, peer: Peer) -> None:
    peer.script = lambda _: Response(status_code=503, headers={"Retry-After": "7"})
    with pytest.raises(Transient, match=r"HTTP 503$") as fault:
        sender.send()
    assert fault.value.retry_after == 7
    peer.script = peer.mdn
    sender.send()
    ids = {message.headers.one("Message-ID") for message in peer.calls}
    assert ids == {sender.party().message_id("key-1")}
    assert sender.message.sends == 2


def test_a_no_is_for_a_person(sender: Sender, peer: Peer) -> None:
    says = Disposition("processed", "error", "authentication-failed")
    peer.script = lambda message: peer.mdn(message, says)
    with pytest.raises(Permanent, match=r"^its MDN says: processed/error: authentication-failed$"):
        sender.send()
    assert sender.message.state == MessageState.REJECTED


def test_a_warning_is_a_yes(sender: Sender, peer: Peer) -> None:
    says = Disposition("processed", "warning", "something-odd")
    peer.script = lambda message: peer.mdn(message, says)
    assert sender.send().reference.startswith("MDN: processed/warning: something-odd")


def test_a_duplicate_of_what_was_sent_before_is_a_yes(sender: Sender, peer: Peer) -> None:
    peer.script = lambda _: Response(b"")
    with pytest.raises(Transient, match=r"^HTTP 200 without the MDN that was asked for$"):
        sender.send()
    peer.script = lambda message: peer.mdn(message, DUPLICATE, mic=False)
    assert sender.send().repeated
    assert sender.message.state == MessageState.ACCEPTED


def test_a_duplicate_of_what_was_never_sent_is_a_no(sender: Sender, peer: Peer) -> None:
    peer.script = lambda message: peer.mdn(message, DUPLICATE, mic=False)
    with pytest.raises(Permanent, match="duplicate-document"):
        sender.send()


def test_a_receipt_that_is_not_believed_is_none(sender: Sender, peer: Peer) -> None:
    def forged(message: Message) -> Response:
        good = peer.mdn(message)
        body = bytes(good.body).replace(b"; processed", b"; processed/warning: x", 1)
        return Response(body, headers={"Content-Type": good.headers["Content-Type"]})

    peer.script = forged
    with pytest.raises(Transient, match=r"^the MDN is not believed: "):
        sender.send()
    assert sender.message.state == MessageState.WAITING


def test_an_answer_without_end_is_cut_off(sender: Sender, peer: Peer) -> None:
    peer.script = lambda _: Response(bytes(2_000_000))
    with pytest.raises(Transient, match=r"the answer is larger than 1000000 bytes$"):
        sender.send()


@pytest.mark.parametrize(
    ("status", "fault"), [(400, Permanent), (401, Permanent), (409, Permanent), (302, Permanent),
                          (408, Transient), (429, Transient), (500, Transient)],
)  # fmt: skip
def test_a_status_says_whether_to_try_again(
    sender: Sender, peer: Peer, status: int, fault: type[Exception]
) -> None:
    peer.script = lambda _: Response(status_code=status, headers={"Location": "http://evil/"})
    with pytest.raises(fault, match=f"^http://127.0.0.1:[0-9]+: HTTP {status}"):
        sender.send()
    assert len(peer.calls) == 1


def test_nobody_there_is_tried_again(sender: Sender) -> None:
    with pytest.raises(Transient, match=r"^http://127.0.0.1:9: "):
        sender.send(url="http://127.0.0.1:9/in")


def test_without_a_receipt_the_status_is_all_there_is(sender: Sender, peer: Peer) -> None:
    peer.script = lambda _: Response(b"thanks")
    receipt = sender.send(replace(US, mdn=MdnMode.NONE))
    assert receipt == Receipt("HTTP 200; no MDN was asked for")


ASYNC = replace(US, mdn=MdnMode.ASYNC, mdn_url="http://127.0.0.1:9/as2")


def test_an_asynchronous_receipt_is_waited_for_until_its_time(sender: Sender, peer: Peer) -> None:
    peer.script = lambda _: Response(b"queued", status_code=202)
    receipt = sender.send(ASYNC, mdn_within=timedelta(hours=3), resends=2)
    assert receipt == Receipt("HTTP 202; its MDN is to come until 2026-05-01 15:00 UTC")
    kept = sender.message
    assert (kept.state, kept.resends) == (MessageState.WAITING, 2)
    assert kept.mdn_due_at == NOW + timedelta(hours=3)
    assert peer.calls[0].headers.one("Receipt-Delivery-Option") == "http://127.0.0.1:9/as2"


def test_a_no_that_comes_at_once_is_taken_though_it_was_to_come_later(
    sender: Sender, peer: Peer
) -> None:
    says = Disposition("processed", "error", "decryption-failed")
    peer.script = lambda message: peer.mdn(message, says)
    with pytest.raises(Permanent, match="decryption-failed"):
        sender.send(ASYNC)


def test_what_is_sent_is_kept_before_it_leaves(sender: Sender, peer: Peer) -> None:
    """Its receipt may come while the call is still under way."""
    states: list[str] = []

    def look(message: Message) -> Response:
        states.append(sender.message.state)
        return peer.mdn(message)

    peer.script = look
    sender.send()
    assert states == [MessageState.WAITING]


def test_a_store_that_is_unwell_lets_nothing_leave(
    sender: Sender, peer: Peer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unwell(record: MessageRecord) -> bool:
        raise OperationalError("insert", {}, Exception("disk is full"))

    monkeypatch.setattr(sender.desk.mdns, "begin", unwell)
    with pytest.raises(Transient, match=r"^the store is unwell$"):
        sender.send()
    assert peer.calls == []


def test_a_receipt_that_cannot_be_kept_is_asked_for_again_under_the_same_message_id(
    sender: Sender, peer: Peer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unwell(*_: object) -> None:
        raise OperationalError("update", {}, Exception("disk is full"))

    with monkeypatch.context() as briefly:
        briefly.setattr(sender.desk.mdns, "close", unwell)
        with pytest.raises(Transient, match=r"^the store is unwell$"):
            sender.send()
    assert sender.send().reference.startswith("MDN: ")
    first, second = (message.headers.one("Message-ID") for message in peer.calls)
    assert first == second


def test_quiet_hours_are_kept(sender: Sender, peer: Peer) -> None:
    window = QuietWindow.model_validate({"from": "11:00", "until": "13:00"})
    with pytest.raises(Transient, match=r"^quiet hours of the partner, until ") as fault:
        sender.send(quiet=(window,))
    assert fault.value.retry_after == 3600
    assert peer.calls == []


def test_no_valid_certificate_is_for_a_person(sender: Sender) -> None:
    ended = replace(their_keys(), ours=(signing_key("retail", end=NOW - timedelta(days=1)),))
    with pytest.raises(Permanent, match=r"^none of our 1 AS2 keys is valid and in use"):
        sender.send(keys=ended)


def test_a_secret_header_is_sent_and_never_shown(sender: Sender, peer: Peer) -> None:
    secret = {"Authorization": "Basic c2VjcmV0"}
    sender.send(headers=secret)
    assert peer.calls[0].headers.one("Authorization") == "Basic c2VjcmV0"
    assert "c2VjcmV0" not in repr(sender.party(headers=secret))


def test_a_pinned_server_is_called_and_no_other(desk: As2Desk, tmp_path: Path, peer: Peer) -> None:
    certificate = self_signed(tmp_path)
    with ExitStack() as closing:
        listening = Listening(port=0, certificate=certificate.pem, key=certificate.key)
        server = Server(listening, [Route("/in", peer.answer, methods=["POST"])])
        server.connect()
        closing.callback(server.close)
        sender = Sender(desk, peer)
        url = f"https://127.0.0.1:{server.port}/in"
        with pytest.raises(Transient, match="self-signed certificate"):
            sender.send(url=url)
        with pytest.raises(Transient, match=f"not pinned: SHA-256 {certificate.fingerprint}$"):
            sender.send(url=url, pins=frozenset({"0" * 64}))
        assert peer.calls == []
        pins = frozenset({"0" * 64, certificate.fingerprint})
        assert sender.send(url=url, pins=pins) == Receipt("MDN: processed")


# --- MDNs that we owe ---


def _owed(url: str, connection: str = "as2") -> Consignment:
    mdn = Message(Headers.of([("Content-Type", "multipart/report; boundary=b")]), b"--b--\r\n\xff")
    content = write_owed(Owed(connection, url, mdn))
    return Consignment(content, "mdn-1", "mdn-1", "mdn-1", content_type=MDN_TYPE)


def test_an_mdn_goes_where_it_was_asked_for_and_all_else_to_the_usual_place(
    sender: Sender, peer: Peer
) -> None:
    peer.script = lambda _: Response(status_code=200)
    usual = MemoryOutbound()
    both = WithMdns(usual, Owing({"as2": sender.party()}, clock=lambda: NOW))
    both.connect()
    try:
        assert both.deliver(_owed(peer.url)) == Receipt("HTTP 200")
        both.deliver(WHAT)
        with pytest.raises(Permanent, match=r"^there is no connection 'gone' any more$"):
            both.deliver(_owed(peer.url, "gone"))
        with pytest.raises(Permanent, match=r"^http://127.0.0.1:x is not an HTTP address$"):
            both.deliver(_owed("http://127.0.0.1:x/in"))
        peer.script = lambda _: Response(status_code=503)
        with pytest.raises(Transient, match=r"HTTP 503$"):
            both.deliver(_owed(peer.url))
    finally:
        both.close()
    assert peer.calls[0].body == b"--b--\r\n\xff"
    assert peer.calls[0].headers.one("Content-Type") == "multipart/report; boundary=b"
    assert list(usual.delivered) == ["po.edi"]


def test_our_password_goes_nowhere_but_to_the_address_that_it_is_for(
    sender: Sender, peer: Peer
) -> None:
    peer.script = lambda _: Response(status_code=200)
    secret = {"Authorization": "Basic c2VjcmV0"}
    same, other = (
        sender.party(headers=secret),
        sender.party(headers=secret, url="https://127.0.0.1/in"),
    )
    for ours in (same, other):
        owing = Owing({"as2": ours})
        owing.connect()
        owing.deliver(_owed(peer.url))
        owing.close()
    shown = [message.headers.one("Authorization") for message in peer.calls]
    assert shown == ["Basic c2VjcmV0", None]


def test_an_mdn_that_was_changed_since_it_was_kept_is_not_posted(sender: Sender) -> None:
    owing = Owing({"as2": sender.party()})
    with pytest.raises(Permanent, match=r"^this is no MDN of ours"):
        owing.deliver(replace(_owed(""), content=b"[1]\nx"))
