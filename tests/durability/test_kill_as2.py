"""kill -9 around a message and its MDN, in both directions: sent again it counts once."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from gateway.as2 import Message, Payload, Profile, build_message, read_mdn
from gateway.cli.receiver import Receiver
from gateway.clock import utc_now
from tests.as2_desk import as2_desk, party
from tests.as2_instance import with_as2
from tests.as2_peers import OURS, THEIRS, our_keys
from tests.durability.instance import KilledInstance
from tests.durability.test_kill_listeners import (
    MOMENTS,
    PARTNER,
    SAMPLE,
    came_once,
    handed_over_again_until_answered,
)
from tests.integration.test_http_in import free_port

pytestmark = pytest.mark.slow

PEER = Profile(OURS, THEIRS)


@pytest.fixture
def erp() -> Iterator[Receiver]:
    receiver = Receiver()
    receiver.start()
    with closing(receiver):
        yield receiver


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_message_sent_again_counts_once_whenever_the_gateway_dies(
    tmp_path: Path, erp: Receiver, moment: str
) -> None:
    home, port = tmp_path / "home", free_port()
    killed = KilledInstance.make(home, f"sqlite:///{home}/state/gateway.db", erp)
    with_as2(home, PARTNER, port=port, url="http://127.0.0.1:9/as2")
    made = build_message(
        Payload(SAMPLE.read_bytes(), filename="945.edi"),
        PEER,
        keys=our_keys(),
        message_id="<945@acme>",
        now=utc_now(),
    )

    def post(port: int) -> None:
        answer = httpx.post(
            f"http://127.0.0.1:{port}/as2",
            content=made.body,
            headers=list(made.headers.fields),
            timeout=60,
        )
        mdn = Message(made.headers.of(answer.headers.items()), answer.content)
        result = read_mdn(mdn, PEER, sent=made.sent, keys=our_keys(), now=utc_now())
        assert (result.verdict.value, result.signed) == ("accepted", True)

    assert handed_over_again_until_answered(home, port, moment, post) == 2
    came_once(killed)


@pytest.mark.parametrize("moment", ["outgoing.hand_over", "document.envelope", "outgoing.send"])
def test_a_message_of_ours_counts_once_whenever_the_gateway_dies(
    tmp_path: Path, erp: Receiver, moment: str
) -> None:
    home, there = tmp_path / "home", tmp_path / "peer"
    there.mkdir()
    killed = KilledInstance.make(home, f"sqlite:///{home}/state/gateway.db", erp)
    with as2_desk(there, [party(PEER, our_keys())], utc_now()) as peer:
        with_as2(home, PARTNER, port=free_port(), url=peer.url)
        file = home / "partners" / f"{PARTNER}.yaml"
        file.write_text(f"{file.read_text()}\nsend: {{connection: as2}}\n")
        order = killed.order(1)
        assert killed.run_until(moment, order) == -signal.SIGKILL
        assert killed.run_once() == 0
        [content] = peer.kept
        assert content.count(b"ST*940*") == 1
    [document] = killed.documents("out")
    assert document["delivery"] == "delivered"
