"""An order over AS2 to a supplier that others wrote, and its answers in any order.

The gateway runs as its own program. django-pyas2 is the supplier's AS2 system, mock-edi the
supplier behind it: it answers an 850 with 997, 855, 856 and 810, and wants our 997 for each of the
three.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from gateway.cli.receiver import Receiver
from tests import programs
from tests.as2_instance import with_as2
from tests.erp import instance_of, receiving
from tests.integration.world import wait_for
from tests.interop.as2_partner import PyAs2, environment, pyas2
from tests.interop.environments import free_port
from tests.interop.test_as2_pyas2 import peer_config
from tests.running_gateway import Running, started

pytestmark = pytest.mark.slow

PARTNER = "mockedi"
SUPPLIER = """\
partner: mockedi
name: Mock EDI Supplies
identities:
  - {qualifier: ZZ, id: MOCKEDI}
acknowledgment: {997: always, ta1: requested}
send: {connection: as2}
agreements:
  - {set: "850", direction: out, map: base-850, usage: T, expect: {acknowledgment: "997"}}
  - set: "855"
    direction: in
    map: base-855
    usage: [P, T]
    # It writes PID behind ACK, which 004010 has the other way round.
    findings: [{finding: segment_out_of_sequence, at: PID, severity: note}]
  - {set: "856", direction: in, map: base-856, usage: [P, T]}
  - {set: "810", direction: in, map: base-810, usage: [P, T]}
"""
ORDER = {
    "document": "order",
    "version": "1.0",
    "purpose": "original",
    "purchase_order_type": "stand_alone",
    "purchase_order_number": "PO-4711",
    "purchase_order_date": "2026-11-20",
    "currency": "USD",
    "requested_delivery_date": "2026-12-09",
    "parties": [
        {
            "role": "ship_to",
            "name": "Harbor Goods",
            "ids": [{"scheme": "assigned_by_buyer", "value": "DC1"}],
            "address": {
                "lines": ["1 Quay"],
                "city": "Duluth",
                "state": "MN",
                "postal_code": "55802",
                "country": "US",
            },
        }
    ],
    "lines": [
        {
            "line_number": "1",
            "item_ids": [{"scheme": "vendor_part", "value": "WIDGET-001"}],
            "ordered_quantity": "100",
            "unit": "each",
            "unit_price": "12.50",
        }
    ],
}


class Supplier:
    """mock-edi, behind django-pyas2."""

    def __init__(self, as2: PyAs2, client: httpx.Client) -> None:
        self._as2 = as2
        self._client = client
        self._read = 0

    @property
    def arrived(self) -> list[dict[str, Any]]:
        """Return what came over AS2 whole: a message is listed there before its payload is."""
        return [one for one in self._as2.received if one["payload"]]

    def read_new(self) -> list[dict[str, object]]:
        """Let it read what came over AS2 since; return what it made of each."""
        new = self.arrived[self._read :]
        self._read += len(new)
        read = []
        for message in new:
            assert message["status"] == "S", message
            answer = self._client.post("/edi", content=message["payload"].encode("latin-1"))
            read.append(dict(answer.json()))
        return read

    def written(self) -> list[str]:
        """Take what it has written since."""
        self._client.post("/_mock/advance?all")
        return [one["payload"] for one in self._client.get("/_mock/mailbox").json()]

    def send(self, payload: str) -> None:
        """Send one interchange over AS2."""
        sent = self._as2.ask("send", payload=payload)
        # Pending until our asynchronous MDN comes.
        assert sent["status"] in ("S", "P"), sent

    @property
    def unacknowledged(self) -> object:
        """Return what it sent and nobody has acknowledged."""
        return self._client.get("/_mock/unacknowledged").json()


@contextmanager
def mock_edi(python: Path) -> Iterator[httpx.Client]:
    """Run the supplier, who knows us as a customer and answers at once."""
    port = free_port()
    delays = [f"--{what}-delay=0" for what in ("ack", "response", "despatch", "invoice")]
    program = [str(python.parent / "mock-edi"), "--port", str(port), "--quiet", *delays]
    with (
        subprocess.Popen(program, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process,
        httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30) as client,
    ):
        try:
            wait_for(lambda: _answers(client))
            us = {"id": "HARBORGOODS", "name": "Harbor Goods", "qualifier": "ZZ"}
            made = client.post("/_mock/partners", json=us)
            assert made.is_success, made.text
            yield client
        finally:
            process.kill()


def _answers(client: httpx.Client) -> bool:
    try:
        return client.get("/_mock/health").is_success
    except httpx.TransportError:
        return False


def _instance(home: Path, erp: Receiver, *, port: int, url: str) -> None:
    """Write an instance that has the supplier as its partner."""
    instance_of(erp, home)
    (home / "partners" / f"{PARTNER}.yaml").write_text(SUPPLIER)
    # Its receipts find their message only where a name with a space has no quotation marks.
    more = "mdn: async\nquirks: [unquoted_names]\n"
    with_as2(home, PARTNER, port=port, url=url, more=more)
    (home / "order.json").write_text(json.dumps(ORDER))


def _gateway(home: Path, *words: str) -> str:
    done = programs.run("gateway", *words, "--home", str(home))
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize(
    ("order", "mdn"),
    [(("997", "855", "856", "810"), "SYNC"), (("810", "856", "855", "997"), "ASYNC")],
)
def test_an_order_is_answered_over_as2_in_any_order(
    tmp_path: Path, pytestconfig: pytest.Config, order: tuple[str, ...], mdn: str
) -> None:
    python = environment(pytestconfig.cache.mkdir("pyas2"))
    home, port = tmp_path / "instance", free_port()
    with ExitStack() as closing_too:
        erp = closing_too.enter_context(receiving())
        config = peer_config(f"http://127.0.0.1:{port}/as2")
        as2 = closing_too.enter_context(pyas2(python, tmp_path / "peer", config))
        supplier = Supplier(as2, closing_too.enter_context(mock_edi(python)))
        _instance(home, erp, port=port, url=as2.url)
        running = closing_too.enter_context(started(home))
        as2.ask(
            "agree",
            signature="sha256",
            encryption="aes_256_cbc",
            compress=True,
            mdn=True,
            mdn_mode=mdn,
            mdn_sign="sha256",
        )
        _converse(home, as2, supplier, running=running, order=order)
        wait_for(lambda: len(erp.documents) == 3)
        wait_for(lambda: {one["status"] for one in as2.ask("messages")} == {"S"})
        kinds = {json.loads(one.content)["document"] for one in erp.documents}
        assert kinds == {"order_acknowledgment", "ship_notice", "invoice"}
        assert running.stop() == 0
    listed = json.loads(_gateway(home, "outbound", "list", "--json"))
    assert {one["state"] for one in listed["interchanges"]} == {"sent"}


def _converse(
    home: Path, as2: PyAs2, supplier: Supplier, *, running: Running, order: tuple[str, ...]
) -> None:
    """Send the order, let the supplier answer in an order, and give it our acknowledgments."""
    _gateway(home, "send", str(home / "order.json"), "--partner", PARTNER)
    wait_for(lambda: len(supplier.arrived) == 1)
    # A message is there before its receipt is written.
    wait_for(lambda: as2.ask("mdns_due") == 1)
    as2.ask("post_mdns")
    running.wait_for("as2_mdn_came", "processed")
    [read] = supplier.read_new()
    assert read["accepted"], read
    written = {_set_of(one): one for one in supplier.written()}
    assert set(written) == set(order)
    for set_id in order:
        supplier.send(written[set_id])
    # A 997 for each of the three, and none for the 997.
    wait_for(lambda: len(supplier.arrived) == 4)
    for acknowledged in supplier.read_new():
        assert acknowledged["accepted"], acknowledged
    assert supplier.unacknowledged == []
    wait_for(lambda: as2.ask("mdns_due") == 3)
    as2.ask("post_mdns")


def _set_of(payload: str) -> str:
    return payload.partition("ST*")[2][:3]
