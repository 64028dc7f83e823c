"""kill -9 anywhere loses nothing and does nothing twice: real program, real store, real ERP.

One instance is killed at every transition in turn, each time with new files to work on, and each
time started again; what the ERP and the partners got is counted.
"""

from __future__ import annotations

import os
import re
import signal
from collections import Counter
from pathlib import Path

import pytest

from gateway.cli.receiver import KeptDocument, Receiver
from tests.durability.instance import KilledInstance
from tests.programs import Program

pytestmark = pytest.mark.slow

TRANSITIONS = [
    "payload.receive",
    "payload.settle",
    "interchange.identify",
    "interchange.parse",
    "interchange.validate",
    "interchange.translate",
    "interchange.route",
    "interchange.reject",
    "interchange.commit",
    "delivery.claim",
    "delivery.hand_over",
    "delivery.deliver",
    "outgoing.hand_over",
    "outgoing.send",
    "document.submit",
    "document.envelope",
]

ROUND = {
    "base/940-two-orders-and-a-cancellation.edi": 2,
    "northstar-3pl/945-parcels-by-third-party.edi": 1,
    "base/810-invalid-elements.edi": 0,
}
"""What is dropped before each kill, and how many documents of each the ERP must have in the end."""


@pytest.fixture
def killed(tmp_path: Path, database_url: str, erp: Receiver) -> KilledInstance:
    return KilledInstance.make(tmp_path / "home", database_url, erp)


def drop_a_round(killed: KilledInstance, number: int) -> Path:
    """Drop the files of a round, and return the order that goes out in it."""
    for index, sample in enumerate(ROUND):
        killed.drop(sample, number * len(ROUND) + index)
    return killed.order(number)


def everything_happened_once(killed: KilledInstance, rounds: int) -> None:
    documents = sum(ROUND.values()) * rounds
    assert len(killed.erp.documents) == documents, "each under a key of its own"
    assert len({document.document_id for document in killed.erp.documents}) == documents
    assert len(killed.acknowledgments()) == len(ROUND) * rounds, "one for each interchange"
    assert killed.left_over() == []
    listed = killed.documents("in")
    assert Counter(document["delivery"] for document in listed) == {
        "delivered": documents,
        "none": rounds,
    }
    assert {document["acknowledgment"] for document in listed} == {"sent"}
    every_order_went_out_once(killed, rounds)


def every_order_went_out_once(killed: KilledInstance, rounds: int) -> None:
    files = [file.read_bytes() for file in killed.sent()]
    orders = Counter(name for file in files for name in re.findall(rb"W05\*N\*(OUT-\d+)", file))
    assert orders == {b"OUT-%d" % number: 1 for number in range(rounds)}
    numbers = Counter((file[54:69], file[90:99]) for file in files)
    assert set(numbers.values()) == {1}, "no control number was given twice to one partner"
    listed = killed.documents("out")
    assert {(one["delivery"], one["acknowledgment"]) for one in listed} == {
        ("delivered", "pending")
    }
    assert len(listed) == rounds


def test_a_kill_at_every_transition_loses_and_doubles_nothing(killed: KilledInstance) -> None:
    for number, transition in enumerate(TRANSITIONS):
        order = drop_a_round(killed, number)
        died = killed.run_until(transition, order)
        assert died == -signal.SIGKILL, f"never came to {transition}"
        assert killed.send(order) == 0
        # Started again each time: payloads that are there when the process dies again and again
        # are taken for its cause, and go to quarantine.
        assert killed.run_once() == 0
    everything_happened_once(killed, len(TRANSITIONS))


def test_every_transition_of_a_run_is_among_those_that_are_killed(killed: KilledInstance) -> None:
    order = drop_a_round(killed, 0)
    assert killed.transitions_of_a_run(order) == set(TRANSITIONS)
    everything_happened_once(killed, 1)


def test_a_kill_while_the_erp_answers_repeats_the_call_under_the_same_key(
    killed: KilledInstance,
) -> None:
    """The ERP has the document and we do not know it: the worst moment there is."""
    running: list[Program] = []

    def kill_once(status: int, _document: KeptDocument) -> None:
        if status == 201 and running:
            os.kill(running.pop().pid, signal.SIGKILL)

    assert killed.send(drop_a_round(killed, 0)) == 0
    killed.erp.on_call = kill_once
    process = killed.start()
    running.append(process)
    process.communicate(timeout=120)
    assert process.returncode == -signal.SIGKILL
    assert killed.run_once() == 0
    assert killed.erp.repeats >= 1
    everything_happened_once(killed, 1)
