"""kill -9 between any two steps of what partners connect to, and of AS2 both ways.

One instance lives through all of a test: it is killed at a step, started again, and the partner
does what a partner does that heard no answer. What was announced and is killed nowhere fails too.
"""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import asyncssh
import httpx
import paramiko
import pytest

from gateway import resources
from gateway.as2 import MdnMode, Message, OutgoingMessage, Payload, Profile, build_message, read_mdn
from gateway.cli.receiver import Receiver
from gateway.clock import utc_now
from gateway.pipeline.views import DocumentFilter
from gateway.store import SqlStore, open_database
from gateway.transports.as2.owed import Owed, read_owed
from tests.as2_desk import As2Desk, as2_desk, party
from tests.as2_instance import with_as2
from tests.as2_peers import OURS, THEIRS, our_keys
from tests.durability.instance import KilledInstance
from tests.durability.mortal import Mortal
from tests.durability.test_kill import TRANSITIONS
from tests.integration.test_http_in import free_port
from tests.integration.world import wait_for

pytestmark = pytest.mark.slow

PARTNER = "northstar-3pl"
SAMPLE = resources.directory("samples") / PARTNER / "945-parcels-by-third-party.edi"
PEER = Profile(OURS, THEIRS)

RECEIVED = ("payload.receive", "payload.settle")
"""Before and after the caller could have been answered; what comes later is the same for all."""
INBOUND = {
    "http": RECEIVED,
    "drop box": RECEIVED,
    "as2": RECEIVED,
    "as2, asynchronous": (*RECEIVED, "message.owe", "outgoing.hand_over", "outgoing.send"),
}
SENT = ("message.begin", "message.close", "outgoing.hand_over", "outgoing.send")
SENT_FOR_LATER = ("message.begin", "outgoing.hand_over", "outgoing.send", "message.answer")
KILLED = {
    *TRANSITIONS,
    *SENT,
    *SENT_FOR_LATER,
    *(m for moments in INBOUND.values() for m in moments),
}
"""Every step at which some test of this folder kills."""


class Unanswered(Exception):
    """The gateway died before it said that it had taken something."""


@dataclass
class Lived:
    """An instance, the process that runs it, and those around it."""

    killed: KilledInstance
    mortal: Mortal
    http: int
    sftp: int = 0
    mdns: list[bytes] = field(default_factory=list)
    """Asynchronous MDNs that were posted to the partner."""
    mdn_url: str = ""
    identity: str = ""

    def stored(self) -> SqlStore:
        return SqlStore(open_database(f"sqlite:///{self.killed.home}/state/gateway.db"))

    def sample(self, number: int) -> bytes:
        text = SAMPLE.read_bytes()
        return text.replace(text[90:99], b"%09d" % (700_000_000 + number))


def post(here: Lived, number: int) -> None:
    answer = httpx.post(
        f"http://127.0.0.1:{here.http}/partners/{PARTNER}/payloads",
        content=here.sample(number),
        headers={"X-Api-Key": "k3y", "Idempotency-Key": f"945-{number}"},
        timeout=60,
    )
    assert answer.status_code == 202


def upload(here: Lived, number: int) -> None:
    transport = paramiko.Transport(("127.0.0.1", here.sftp))
    with closing(transport):
        pkey = paramiko.Ed25519Key.from_private_key(io.StringIO(here.identity))
        transport.connect(username=PARTNER, pkey=pkey)
        client = paramiko.SFTPClient.from_transport(transport)
        assert client is not None
        client.putfo(io.BytesIO(here.sample(number)), f"in/{number}.edi")


def send_message(here: Lived, number: int) -> None:
    made = _made(here, number, PEER)
    answer = _posted(here, made.headers.fields, made.body)
    mdn = Message(made.headers.of(answer.headers.items()), answer.content)
    result = read_mdn(mdn, PEER, sent=made.sent, keys=our_keys(), now=utc_now())
    assert (result.verdict.value, result.signed) == ("accepted", True)


def send_message_for_later(here: Lived, number: int) -> None:
    made = _made(here, number, replace(PEER, mdn=MdnMode.ASYNC, mdn_url=here.mdn_url))
    assert _posted(here, made.headers.fields, made.body).content == b""


def _made(here: Lived, number: int, profile: Profile) -> OutgoingMessage:
    return build_message(
        Payload(here.sample(number), filename=f"{number}.edi"),
        profile,
        keys=our_keys(),
        message_id=f"<{number}@acme>",
        now=utc_now(),
    )


def _posted(here: Lived, headers: Sequence[tuple[str, str]], body: bytes) -> httpx.Response:
    answer = httpx.post(
        f"http://127.0.0.1:{here.http}/as2", content=body, headers=list(headers), timeout=60
    )
    assert answer.status_code == 200
    return answer


CALLS: dict[str, Callable[[Lived, int], None]] = {
    "http": post,
    "drop box": upload,
    "as2": send_message,
    "as2, asynchronous": send_message_for_later,
}
LOST = (httpx.TransportError, paramiko.SSHException, EOFError, OSError)
"""How it looks to a partner that a gateway died."""


@contextmanager
def collector(into: list[bytes]) -> Iterator[str]:
    """Take what is posted, as a partner takes MDNs; yield the address."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            into.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_said: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/mdn"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def alive(home: Path, erp: Receiver, url: str, more: str = "") -> Iterator[Lived]:
    """Make an instance that speaks everything, and a process that can be killed."""
    killed = KilledInstance.make(home, f"sqlite:///{home}/state/gateway.db", erp)
    here = Lived(killed, Mortal(home), free_port())
    with_as2(home, PARTNER, port=here.http, url=url, more=more)
    try:
        yield here
    finally:
        here.mortal.close()


def _add(file: Path, *lines: str) -> None:
    file.write_text("\n".join([file.read_text(), *lines, ""]))


def no_step_was_forgotten(here: Lived) -> None:
    assert here.mortal.transitions - KILLED == set(), "announced, and no test kills there"


def test_what_partners_bring_counts_once_whenever_the_gateway_dies(
    tmp_path: Path, erp: Receiver
) -> None:
    key = asyncssh.generate_private_key("ssh-ed25519")
    mdns: list[bytes] = []
    with collector(mdns) as mdn_url, alive(tmp_path / "home", erp, mdn_url) as here:
        here.mdns, here.mdn_url, here.sftp = mdns, mdn_url, free_port()
        here.identity = key.export_private_key("openssh").decode()
        public = key.export_public_key("openssh").decode().strip()
        (here.killed.home / "secrets" / "key").write_text("k3y")
        _add(here.killed.home / "gateway.yaml", f"sftp_server: {{port: {here.sftp}}}")
        _add(
            here.killed.home / "partners" / f"{PARTNER}.yaml",
            "http: {api_keys: ['${file:secrets/key}']}",
            f"drop_box: {{public_keys: ['{public}']}}",
        )
        here.mortal.live()
        number = 0
        for kind, moments in INBOUND.items():
            for moment in moments:
                number += 1
                die_within(here, kind, moment, number)
        for kind in INBOUND:  # and once without a death
            number += 1
            CALLS[kind](here, number)
        each_came_once(here, erp, number)
        no_step_was_forgotten(here)
    asynchronous = len(INBOUND["as2, asynchronous"]) + 1
    answered = Counter(found for one in mdns for found in re.findall(rb"<\d+@acme>", one))
    assert len(answered) == asynchronous, "each message has its MDN"
    assert len(set(mdns)) == asynchronous, "and where it came twice it was the same"


def die_within(here: Lived, kind: str, moment: str, number: int) -> None:
    """Let the gateway die in a call, start it again, and do what the partner does."""
    here.mortal.die_at(moment)
    answered = False
    with suppress(*LOST):
        CALLS[kind](here, number)
        answered = True
    assert here.mortal.died(), f"{kind} never came to {moment}"
    here.mortal.live()
    if not answered:
        CALLS[kind](here, number)


def each_came_once(here: Lived, erp: Receiver, number: int) -> None:
    outbox = here.killed.home / "sftp_inbox" / PARTNER / "out"
    wait_for(lambda: len(list(outbox.glob("*.edi"))) >= number, seconds=60)
    wait_for(lambda: len(erp.documents) >= number, seconds=60)
    wait_for(lambda: len(set(here.mdns)) >= len(INBOUND["as2, asynchronous"]) + 1, seconds=60)
    with closing(here.stored()) as store:
        wait_for(lambda: not any(store.desk.backlog(utc_now()).values()), seconds=60)
        listed = store.desk.documents(DocumentFilter(direction="in", limit=1000))
    assert Counter(one.document.delivery for one in listed) == {"delivered": number}
    assert len(erp.documents) == number, "each under a key of its own"
    assert len(here.killed.acknowledgments()) == number, "each interchange was seen once"
    assert here.killed.left_over() == []


def test_what_goes_out_over_as2_counts_once_whenever_the_gateway_dies(
    tmp_path: Path, erp: Receiver
) -> None:
    (tmp_path / "peer").mkdir()
    with (
        as2_desk(tmp_path / "peer", [party(PEER, our_keys())], utc_now()) as peer,
        alive(tmp_path / "home", erp, peer.url) as here,
    ):
        _add(here.killed.home / "partners" / f"{PARTNER}.yaml", "send: {connection: as2}")
        here.mortal.live()
        for number, moment in enumerate(SENT):
            order = here.killed.order(number)
            here.mortal.die_at(moment)
            here.mortal.submit(order)
            assert here.mortal.died(), f"never came to {moment}"
            here.mortal.live()
            here.mortal.submit(order)  # whoever heard no answer asks again, under the same key
            # What still waits when the next order comes would go in one interchange with it.
            # Where the partner has it and that is not noted, it goes once more: not that is to die.
            each_went_out_once(here, peer, number + 1)
        order = here.killed.order(len(SENT))
        dies_while_the_partner_answers(here, peer, order)
        each_went_out_once(here, peer, len(SENT) + 1)
        no_step_was_forgotten(here)


def dies_while_the_partner_answers(here: Lived, peer: As2Desk, order: Path) -> None:
    """The partner has the message and we do not know it: the worst moment there is."""
    taken = len(peer.taken)
    peer.before_answer = here.mortal.kill
    here.mortal.submit(order)
    wait_for(lambda: len(peer.taken) > taken, seconds=60)
    assert here.mortal.died()
    peer.before_answer = None
    here.mortal.live()


def orders_at(peer: As2Desk) -> Counter[bytes]:
    """Count how often the partner has each order."""
    return Counter(found for one in peer.kept for found in re.findall(rb"OUT-\d+", one))


def each_went_out_once(here: Lived, peer: As2Desk, rounds: int) -> None:
    wait_for(lambda: len(orders_at(peer)) == rounds, seconds=60)
    with closing(here.stored()) as store:
        wait_for(lambda: _delivered(store) == rounds, seconds=60)
    assert set(orders_at(peer).values()) == {1}, "the partner has each of them once"
    assert len({one[90:99] for one in peer.kept}) == rounds, "each under a number of its own"


def _delivered(store: SqlStore) -> int:
    listed = store.desk.documents(DocumentFilter(direction="out", limit=1000))
    return [one.document.delivery for one in listed].count("delivered")


def test_what_is_answered_later_counts_once_whenever_the_gateway_dies(
    tmp_path: Path, erp: Receiver
) -> None:
    (tmp_path / "peer").mkdir()
    with (
        as2_desk(tmp_path / "peer", [party(PEER, our_keys())], utc_now()) as peer,
        alive(tmp_path / "home", erp, peer.url, more="mdn: async") as here,
    ):
        _add(here.killed.home / "partners" / f"{PARTNER}.yaml", "send: {connection: as2}")
        here.mortal.live()
        for number, moment in enumerate(SENT_FOR_LATER):
            before, order = {one.id for one in peer.owed}, here.killed.order(number)
            answering = moment == "message.answer"
            if not answering:
                here.mortal.die_at(moment)
            here.mortal.submit(order)
            if not answering:
                assert here.mortal.died(), f"never came to {moment}"
                here.mortal.live()
                here.mortal.submit(order)
            wait_for(lambda: len(peer.owed) == number + 1, seconds=60)  # noqa: B023 - asked now
            [owed] = [read_owed(one.content) for one in peer.owed if one.id not in before]
            if answering:
                here.mortal.die_at(moment)
                with suppress(httpx.TransportError):
                    _answered(owed)
                assert here.mortal.died(), f"never came to {moment}"
                here.mortal.live()
            # Its partner heard nothing, or posts it for the first time.
            _answered(owed)
        each_went_out_once(here, peer, len(SENT_FOR_LATER))
        with closing(here.stored()) as store:
            messages = store.desk.outbound.outgoing()
            assert Counter(one.state for one in messages) == {"sent": len(SENT_FOR_LATER)}
        no_step_was_forgotten(here)


def _answered(owed: Owed) -> None:
    headers = list(owed.mdn.headers.fields)
    answer = httpx.post(owed.url, content=owed.mdn.body, headers=headers, timeout=60)
    assert answer.status_code == 200
