"""kill -9 while a partner's answers are read, or found missing: each counts once."""

from __future__ import annotations

import signal
from pathlib import Path

import orjson
import pytest

from gateway.cli.receiver import Receiver
from tests.durability.instance import KilledInstance
from tests.integration.world import wait_for

pytestmark = pytest.mark.slow

TRANSITIONS = [
    "interchange.parse",
    "interchange.route",
    "interchange.commit",
    "acknowledgment.reconcile",
]


@pytest.fixture
def killed(tmp_path: Path, database_url: str, erp: Receiver) -> KilledInstance:
    return KilledInstance.make(tmp_path / "home", database_url, erp)


def answer(killed: KilledInstance, order: int, status: str) -> None:
    """Drop the 997 of the partner about an order that went out."""
    name = b"W05*N*OUT-%d*" % order
    [sent] = [file.read_bytes() for file in killed.sent() if name in file.read_bytes()]
    isa, gs, st, *_ = [segment.split("*") for segment in sent.decode("latin-1").split("~")]
    number = 800_000_000 + order
    body = (
        f"ST*997*0001~AK1*OW*{gs[6]}~AK2*940*{st[2]}~AK5*{status}~"
        f"AK9*{status}*1*1*{int(status == 'A')}~SE*6*0001~"
    )
    head = "*".join([*isa[:5], *isa[7:9], *isa[5:7], *isa[9:13], f"{number}", *isa[14:]])
    text = (
        f"{head}~GS*FA*{gs[3]}*{gs[2]}*20260316*0815*{order + 1}*X*004010~{body}"
        f"GE*1*{order + 1}~IEA*1*{number}~"
    )
    inbox = killed.home / "sftp_inbox" / "northstar-3pl" / "in"
    (inbox / f"997-{order}.edi").write_text(text, "latin-1")


def asked(killed: KilledInstance, *words: str) -> list[dict[str, object]]:
    done = killed.run(*words, "--json")
    found = orjson.loads(done.stdout)
    assert isinstance(found, list)
    return found


def test_a_kill_while_an_answer_is_read_counts_it_once(killed: KilledInstance) -> None:
    statuses = {}
    for number, transition in enumerate(TRANSITIONS):
        assert killed.send(killed.order(number)) == 0
        assert killed.run_once() == 0
        statuses[f"OUT-{number}"] = "AR"[number % 2]
        answer(killed, number, statuses[f"OUT-{number}"])
        assert killed.run_until(transition) == -signal.SIGKILL, f"never came to {transition}"
        assert killed.run_once() == 0
    said = asked(killed, "outbound", "acknowledgments")
    assert [(one["standing"], one["level"]) for one in said].count(("first", "group")) == 4
    assert [(one["standing"], one["level"]) for one in said].count(("first", "set")) == 4
    assert len(said) == 2 * len(TRANSITIONS)
    found = sorted(
        (str(one["delivery"]), str(one["acknowledgment"])) for one in killed.documents("out")
    )
    assert found == [
        ("delivered", "accepted"),
        ("delivered", "accepted"),
        ("quarantined", "rejected"),
        ("quarantined", "rejected"),
    ]
    assert killed.left_over() == []


def test_a_kill_while_an_answer_is_missed_sends_once_more_what_was_agreed(
    killed: KilledInstance,
) -> None:
    partner = killed.home / "partners" / "northstar-3pl.yaml"
    agreed = partner.read_text("utf-8")
    map_ = "map: northstar-940\n"
    expected = f"{map_}    expect: {{within: 1s, resend: 1}}\n"
    partner.write_text(agreed.replace(map_, expected, 1), "utf-8")
    assert killed.send(killed.order(0)) == 0
    assert killed.run_once() == 0
    # A fast machine comes here before the second is over.
    wait_for(lambda: killed.run_until("acknowledgment.miss") == -signal.SIGKILL, seconds=60)
    assert killed.run_once() == 0
    [one] = asked(killed, "outbound", "list", "--overdue")
    shown = orjson.loads(killed.run("outbound", "show", str(one["id"]), "--json").stdout)
    verbs = [entry["verb"] for entry in shown["timeline"]]
    assert (verbs.count("miss"), verbs.count("resend"), verbs.count("send")) == (1, 1, 2)
    assert (one["state"], one["resends"]) == ("sent", 0)
    assert len([file for file in killed.sent() if file.name.startswith("940_")]) == 1
    answer(killed, 0, "A")
    assert killed.run_once() == 0
    assert {one["standing"] for one in asked(killed, "outbound", "acknowledgments")} == {"late"}
