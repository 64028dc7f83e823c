"""kill -9 between a delivery and what follows from it: the next document goes out once."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from gateway.cli.receiver import Receiver
from tests.durability.instance import KilledInstance

pytestmark = pytest.mark.slow

WAREHOUSE = """\
partner: pier-3pl
name: Pier Warehousing
identities: [{qualifier: ZZ, id: PIER}]
agreements:
  - {set: "940", direction: out, map: base-940}
  - {set: "824", direction: out, map: base-824}
"""

ROUTES = """\
rules:
  - {name: orders, when: {document: shipment_order}, to: [erp, "partner:pier-3pl"]}
next:
  - name: tell-them
    when: {document: shipment_order}
    after: erp
    to: pier-3pl
    body:
      select: >-
        {document: 'application_advice', version: '1.0', purpose: 'original',
         advice_number: depositor_order_number, advice_date: delivered.date,
         transactions: [{result: 'transaction_accepted', reference_type: 'purchase_order',
           reference: depositor_order_number}]}
"""

TRANSITIONS = ["delivery.deliver", "document.submit"]
"""Settled with what follows not begun, and submitted with that not settled; `test_kill` has the
others."""

SAMPLE = "base/940-new-order.edi"


@pytest.fixture
def killed(tmp_path: Path, database_url: str, erp: Receiver) -> KilledInstance:
    made = KilledInstance.make(tmp_path / "home", database_url, erp)
    (made.home / "partners" / "pier-3pl.yaml").write_text(WAREHOUSE)
    (made.home / "routes.yaml").write_text(ROUTES)
    return made


def test_a_kill_between_the_two_makes_no_next_document_twice(killed: KilledInstance) -> None:
    for number, transition in enumerate(TRANSITIONS):
        killed.drop(SAMPLE, number)
        assert killed.run_until(transition) == -signal.SIGKILL, f"never came to {transition}"
        assert killed.run_once() == 0
    rounds = len(TRANSITIONS)
    assert len(killed.erp.documents) == rounds
    came, sent = killed.documents("in"), killed.documents("out")
    assert {one["delivery"] for one in (*came, *sent)} == {"delivered"}
    ids = {one["id"] for one in came}
    assert len(ids) == rounds
    for set_id in ("940", "824"):
        made = [one["caused_by"] for one in sent if one["set_id"] == set_id]
        assert sorted(map(str, made)) == sorted(map(str, ids)), f"one {set_id} for each order"
    outbox = killed.home / "sftp_inbox" / "pier-3pl" / "out"
    files = [file.name[:3] for file in outbox.glob("*.edi")]
    assert sorted(files) == ["824"] * rounds + ["940"] * rounds
