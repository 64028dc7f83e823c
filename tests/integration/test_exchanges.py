"""What was said at each attempt is kept with it, and the ERP's own key becomes a business key."""

from __future__ import annotations

import json
import shutil
from datetime import timedelta
from pathlib import Path
from threading import Event

import pytest

from gateway.app import open_instance
from gateway.cli.init import write_instance
from gateway.clock import utc_now
from gateway.errors import Transient
from gateway.pipeline.ports import Consignment, Exchange, Receipt
from gateway.pipeline.views import DocumentFilter
from gateway.store.exchange_tables import exchanges
from tests.destination_server import Told, erp_server
from tests.integration.test_engine import only_document, run_until_done
from tests.integration.world import order, world
from tests.unit.cli.test_validate import run

KEYS = (("erp_order", "4711"), ("erp_order", "4712"))


def test_requests_answers_and_keys_are_kept_with_their_attempts(database_url: str) -> None:
    with world(database_url) as here:

        def deliver(consignment: Consignment) -> Receipt:
            consignment.tell(Exchange("GET http://erp/token"))
            said = Exchange("POST http://erp", b"x" * 20_000, {"A": "b\0"}, "HTTP 503", {}, b"no")
            consignment.tell(said)
            if consignment.attempt == 1:
                raise Transient("HTTP 503: no")
            consignment.tell(Exchange("POST http://erp", consignment.content, {}, "HTTP 201"))
            return Receipt("HTTP 201", keys=KEYS)

        here.erp.deliver = deliver  # type: ignore[method-assign]
        here.drop(order(1, "SO-1"))
        run_until_done(here)
        view = only_document(here)
        found = here.store.desk.documents(DocumentFilter(key="4712"))
        assert [(one.attempt, one.number, one.answer) for one in view.exchanges] == [
            (1, 1, ""), (1, 2, "HTTP 503"), (2, 1, ""), (2, 2, "HTTP 503"), (2, 3, "HTTP 201"),
        ]  # fmt: skip
        second, last = view.exchanges[1], view.exchanges[-1]
        assert (second.size, len(second.content), second.headers) == (20_000, 16_384, '{"A": "b"}')
        assert second.answer_content == b"no"
        # The document itself is kept anyway: only its hash stands here.
        assert (last.content, last.size) == (b"", len(view.document.canonical or b""))
        assert [(key.name, key.value) for key in view.keys if key.name == "erp_order"] == list(KEYS)
        assert [one.document.id for one in found] == [view.document.id]
        with here.store.transaction() as transaction:
            transaction.retention.purge(utc_now() + timedelta(days=1), 10)
            left = transaction.connection.execute(exchanges.select()).all()
        assert left == []


def test_what_no_database_takes_of_an_answer_ends_no_delivery(database_url: str) -> None:
    with world(database_url) as here:

        def deliver(consignment: Consignment) -> Receipt:
            consignment.tell(Exchange("POST http://erp", b"", {"A": "\ud800"}, "HTTP 201 \ud800"))
            return Receipt("HTTP 201, erp order \0\ud800", keys=(("erp_order", "7\0\ud800"),))

        here.erp.deliver = deliver  # type: ignore[method-assign]
        here.drop(order(1, "SO-1"))
        run_until_done(here)
        view = only_document(here)
        assert view.document.delivery == "delivered"
        assert view.attempts[0].answer == r"HTTP 201, erp order \ud800"
        assert [one.value for one in view.keys if one.name == "erp_order"] == [r"7\ud800"]
        assert view.exchanges[0].answer == r"HTTP 201 \ud800"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    home = tmp_path / "instance"
    write_instance(home, stable_for="10ms")
    return home


def test_a_person_sees_what_was_said_without_any_secret(home: Path) -> None:
    token = (home / "secrets" / "erp-token").read_text().strip()
    with erp_server() as erp:
        erp.answers(
            Told(503, f"who sends {token}?".encode(), {"Set-Cookie": "session=1"}),
            Told(201, b'{"id": "SO-77"}'),
        )
        settings = (home / "gateway.yaml").read_text()
        settings = settings.replace("http://127.0.0.1:8090/documents", f"{erp.url}/documents")
        more = "backoff: {first: 10ms, longest: 10ms}\n    reference: {erp_order: id}"
        settings = settings.replace("backoff: {first: 1s, longest: 15m}", more)
        (home / "gateway.yaml").write_text(settings)
        sample = home / "samples" / "northstar-3pl" / "945-parcels-by-third-party.edi"
        shutil.copy(sample, home / "sftp_inbox" / "northstar-3pl" / "in")
        with open_instance(home) as app, app.running(reachable=False):
            app.receive_until(Event(), replaced=lambda: len(erp.asked) > 1)
            app.drain(Event())
    code, out, _ = run("documents", "list", "--key", "SO-77", "--home", home, "--json")
    assert code == 0
    (listed,) = json.loads(out)
    code, out, _ = run("documents", "show", listed["id"], "--exchanges", "--home", home)
    assert code == 0
    assert [line for line in out.splitlines() if line[:1] != " "] == [
        "erp, attempt 1", "erp, attempt 2",
    ]  # fmt: skip
    assert f"  → POST {erp.url}/documents" in out
    assert "    the document as it is, " in out
    assert "  ← HTTP 503" in out
    assert "    who sends ***?" in out
    assert "    set-cookie: ***" in out
    assert '    {"id": "SO-77"}' in out
    everything = run("documents", "show", listed["id"], "--home", home, "--json")[1]
    assert token not in out + everything
    # Nor anywhere in the database, or in what lies beside it.
    for file in (home / "state").rglob("*"):
        assert not file.is_file() or token.encode() not in file.read_bytes(), file
