"""The API of a running instance, called over HTTP as ERP teams do."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import httpx
import orjson
import pytest

from gateway.api.tokens import Scope, new_token
from tests.integration.api_world import PARTNER, ApiWorld, api_world, kind, post
from tests.integration.outbound_world import shipment
from tests.integration.world import wait_for

JSON = {"Content-Type": "application/json"}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiWorld]:
    with api_world(tmp_path_factory.mktemp("api") / "instance") as here:
        yield here


@pytest.fixture(scope="module")
def erp(world: ApiWorld) -> Iterator[httpx.Client]:
    with world.caller("erp") as client:
        yield client


def test_a_document_is_durable_when_it_is_answered_and_is_sent_to_the_partner(
    world: ApiWorld, erp: httpx.Client
) -> None:
    answer = post(erp, "sent")
    assert answer.status_code == 202
    assert answer.headers["Location"] == answer.json()["location"]
    assert "Idempotent-Replayed" not in answer.headers
    assert answer.json()["state"] == "enveloped"
    where = httpx.URL(world.url).join(answer.headers["Location"])
    assert erp.get(where).json()["content"]["depositor_order_number"] == "HG-1"
    wait_for(lambda: erp.get(where).json()["interchange"]["state"] == "sent")
    shown = erp.get(where).json()
    assert shown["status"] == {
        "validation": "accepted",
        "delivery": "delivered",
        "acknowledgment": shown["acknowledgment"]["status"],
    }
    number = shown["interchange"]["control_number"]
    assert [entry["verb"] for entry in shown["timeline"]][:3] == ["submit", "owe", "envelope"]
    submitted = shown["timeline"][0]["detail"]
    assert submitted == f"asked by API token erp: shipment_order sent for {PARTNER}"
    raw = erp.get(str(where) + "/raw")
    assert raw.headers["Content-Type"] == "application/edi-x12"
    assert raw.content.startswith(b"ST*940*0001~W05*N*HG-1*PO-1~")
    [file] = (world.app.instance.home / "sftp_inbox" / PARTNER / "out").glob(f"*{number}*")
    assert raw.content in file.read_bytes()
    assert str(world.app.instance.home) not in erp.get(where).text


def test_the_same_key_again_gives_the_same_answer_and_sends_nothing_twice(
    erp: httpx.Client,
) -> None:
    first, again = post(erp, "again"), post(erp, "again")
    assert (again.status_code, again.headers["Location"]) == (202, first.headers["Location"])
    assert again.headers["Idempotent-Replayed"] == "true"
    shown = erp.get(f"/documents/{first.json()['id']}").json()
    assert [entry["verb"] for entry in shown["timeline"]].count("submit") == 1


def test_a_key_that_was_used_for_another_document_is_refused(erp: httpx.Client) -> None:
    post(erp, "mine")
    assert kind(post(erp, "mine", shipment(2))) == (409, "idempotency-key-used")
    as_a_test = post(erp, "mine", usage="T")
    assert kind(as_a_test) == (409, "idempotency-key-used")
    assert "the key 'mine' was used for another document" in as_a_test.json()["detail"]


def test_everything_that_is_wrong_with_a_document_is_said_at_once(erp: httpx.Client) -> None:
    wrong = {
        **shipment(),
        "document": "order",
        "depositor_order_number": "HG-WRONG",
        "requested_ship_date": "soon",
        "colour": "red",
    }
    del wrong["lines"]
    answer = post(erp, "wrong", wrong)
    assert kind(answer) == (422, "invalid-document")
    assert answer.json()["detail"].startswith("4 things are wrong with the document;")
    places = {fault["pointer"]: fault["detail"] for fault in answer.json()["faults"]}
    assert places == {
        "/document": "expected shipment_order, as the address says",
        "/lines": "a required field is missing",
        "/requested_ship_date": "expected a day such as 2026-03-04",
        "/colour": "there is no such field here",
    }
    key = {"key": "depositor_order_number:HG-WRONG"}
    assert erp.get("/documents", params=key).json() == {"documents": []}


def test_a_whole_number_may_be_written_with_a_point(erp: httpx.Client) -> None:
    line = {**shipment()["lines"][0], "line_number": 1.0}  # type: ignore[index, dict-item]
    answer = post(erp, "pointed", shipment(lines=[line]))
    assert answer.status_code == 202
    shown = erp.get(f"/documents/{answer.json()['id']}")
    assert '"line_number":1,' in shown.text
    half = post(erp, "half", shipment(lines=[{**line, "line_number": 1.5}]))
    assert half.json()["faults"][0]["pointer"] == "/lines/0/line_number"


def test_very_many_faults_are_counted_and_the_first_are_said(erp: httpx.Client) -> None:
    answer = post(erp, "many", shipment(lines=[{}] * 500))
    assert len(answer.json()["faults"]) == 100
    assert answer.json()["faults_in_all"] == 1500
    answer = post(erp, "more", shipment(lines=[{}] * 20_000))
    assert answer.json()["faults_in_all"] == 1
    assert answer.json()["faults"][0]["detail"].startswith("there are 60000 faults")


def test_a_document_that_is_not_fit_to_leave_is_kept_and_says_why(erp: httpx.Client) -> None:
    answer = post(erp, "unfit", shipment(depositor_order_number="X" * 40))
    assert answer.status_code == 202
    assert answer.json()["state"] == "quarantined"
    assert answer.json()["status"]["validation"] == "rejected"
    assert answer.json()["because"].startswith("/depositor_order_number (W0502)")
    shown = erp.get(f"/documents/{answer.json()['id']}").json()
    assert shown["findings"][0]["field"] == "/depositor_order_number"
    assert shown["reason"] == "not_fit_to_send"


def test_a_dry_run_shows_the_x12_with_findings_and_keeps_nothing(erp: httpx.Client) -> None:
    before = erp.get("/documents", params={"key": "purchase_order_number:PO-77"}).json()
    shown = post(erp, "dry", shipment(77), dry_run="true", usage="T")
    assert shown.status_code == 200
    assert {name: shown.json()[name] for name in ("set", "version", "usage", "map")} == {
        "set": "940",
        "version": "004010UCS",
        "usage": "T",
        "map": "northstar-940",
    }
    assert shown.json()["would_leave"] is True
    assert "~W05*N*HG-77*PO-77~" in shown.json()["x12"]
    unfit = post(erp, "dry", shipment(depositor_order_number="X" * 40), dry_run="true").json()
    assert unfit["would_leave"] is False
    assert unfit["findings"][0]["severity"] == "reject"
    assert erp.get("/documents", params={"key": "purchase_order_number:PO-77"}).json() == before
    assert "Idempotent-Replayed" not in post(erp, "dry", shipment(77)).headers


@pytest.mark.parametrize(
    ("query", "detail"),
    [
        ({"partner": "quaysid"}, "there is no partner 'quaysid' (did you mean 'quayside'?)"),
        ({"set": "945"}, "no agreement with partner 'quayside' sends a shipment order as 945;"),
        ({"version": "004010"}, "no agreement with partner 'quayside' sends a shipment order"),
        ({"usage": "I"}, "no agreement with partner 'quayside' sends a shipment order as usage I;"),
    ],
)
def test_what_is_not_agreed_is_refused_with_what_is(
    erp: httpx.Client, query: dict[str, str], detail: str
) -> None:
    answer = post(erp, "not-agreed", **query)
    assert kind(answer) == (422, "not-agreed")
    assert answer.json()["detail"].startswith(detail)


def test_lists_are_found_by_key_type_partner_direction_and_status(erp: httpx.Client) -> None:
    id_ = post(erp, "listed", shipment(4711)).json()["id"]

    def found(**query: str) -> list[str]:
        answer = erp.get("/documents", params={"key": "purchase_order_number:PO-4711", **query})
        assert answer.status_code == 200, answer.text
        return [one["id"] for one in answer.json()["documents"]]

    assert found() == [id_]
    assert found(type="shipment_order", partner=PARTNER, direction="out") == [id_]
    assert found(validation="accepted", since="2026-01-01T00:00:00+02:00") == [id_]
    assert found(key="depositor_order_number:PO-4711") == []
    for other in (
        {"type": "order"},
        {"partner": "northstar-3pl"},
        {"direction": "in"},
        {"validation": "rejected"},
        {"delivery": "dead"},
        {"acknowledgment": "overdue"},
        {"since": "2999-01-01T00:00:00Z"},
    ):
        assert found(**other) == [], other


def test_pages_follow_each_other_though_documents_come_in_between(erp: httpx.Client) -> None:
    ids = [post(erp, f"page-{n}", shipment(n, department="P")).json()["id"] for n in range(5)]
    seen, cursor = [], {}
    while True:
        page = erp.get("/documents", params={"limit": "2", "partner": PARTNER, **cursor}).json()
        seen += [one["id"] for one in page["documents"]]
        post(erp, f"between-{len(seen)}", shipment(len(seen), department="Q"))
        if "next" not in page:
            break
        cursor = {"cursor": page["next"]}
    assert len(seen) == len(set(seen))
    assert [one for one in seen if one in ids] == ids[::-1]


@pytest.mark.parametrize(
    ("query", "fault"),
    [
        ("limit=0", "expected a whole number from 1 to 200"),
        ("limit=1_0", "expected a whole number from 1 to 200"),
        ("limit=201", "expected a whole number from 1 to 200"),
        ("partner=", "expected a partner's id"),
        (
            "delivery=lost",
            "expected one of none, quarantined, pending, delivered, advised, dead",
        ),
        ("since=yesterday", "expected a moment such as 2026-03-01T12:30:00Z"),
        ("since=2026-02-30T00:00:00Z", "expected a moment such as 2026-03-01T12:30:00Z"),
        ("since=0001-01-01T00:00:00%2B10:00", "expected a moment such as 2026-03-01T12:30:00Z"),
        ("key=4711", "expected name:value, such as purchase_order_number:4711"),
        ("key=order:%00", "expected name:value, such as purchase_order_number:4711"),
        ("cursor=abc", "expected `next` of the page before"),
        ("cursor=WyIyMDI2IiwxXQ", "expected `next` of the page before"),
        ("partnr=quayside", "there is no such parameter here"),
        ("limit=1&limit=2", "is there more than once"),
    ],
)
def test_a_query_that_does_not_fit_is_refused_with_what_was_expected(
    erp: httpx.Client, query: str, fault: str
) -> None:
    answer = erp.get(f"/documents?{query}")
    assert kind(answer) == (400, "broken-request")
    name = query.partition("=")[0]
    assert answer.json()["faults"] == [{"parameter": name, "detail": fault}]


def test_a_business_key_of_a_name_that_there_is_not_is_refused_with_those_there_are(
    erp: httpx.Client,
) -> None:
    answer = erp.get("/documents?key=purchase_order_nr:4711")
    assert kind(answer) == (400, "broken-request")
    [fault] = answer.json()["faults"]
    assert fault["parameter"] == "key"
    said, _, known = fault["detail"].partition("; there are: ")
    assert said == "no business key has this name (did you mean 'purchase_order_number'?)"
    names = known.split(", ")
    assert names == sorted(names)
    assert {"purchase_order_number", "invoice_number", "sale_order"} <= set(names)
    # Where there is such a name, finding nothing is an answer; a destination gives one too.
    for name in ("purchase_order_number", "sale_order"):
        assert erp.get(f"/documents?key={name}:nobody").json() == {"documents": []}


def test_a_submission_without_or_with_a_broken_key_is_refused(erp: httpx.Client) -> None:
    for key in ([], [(b"Idempotency-Key", b"k" * 201)], [(b"Idempotency-Key", "ü".encode())]):
        answer = erp.post(
            "/documents/shipment_order?partner=quayside",
            headers=[(b"Content-Type", b"application/json"), *key],
            content=orjson.dumps(shipment()),
        )
        assert kind(answer) == (400, "broken-request")
        [fault] = answer.json()["faults"]
        assert fault["header"] == "Idempotency-Key"


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [
        ("GET", "/documents/00000000-0000-0000-0000-000000000000", (404, "not-found")),
        ("GET", "/documents/0", (404, "not-found")),
        ("GET", "/documents/%00", (404, "not-found")),
        ("GET", "/documents/%ff%2f..", (404, "not-found")),
        ("GET", "/nothing", (404, "not-found")),
        ("GET", "/", (404, "not-found")),
        ("GET", "/schemas/order/2.0", (404, "not-found")),
        ("GET", "/documents/order", (405, "method-not-allowed")),
        ("DELETE", "/documents", (405, "method-not-allowed")),
        ("OPTIONS", "/documents", (405, "method-not-allowed")),
        ("POST", "/health", (405, "method-not-allowed")),
    ],
)
def test_what_is_not_there_is_a_problem_too(
    erp: httpx.Client, method: str, path: str, expected: tuple[int, str]
) -> None:
    answer = erp.request(method, path)
    assert kind(answer) == expected
    if expected[0] == 405:
        assert answer.headers["Allow"]


def test_a_misspelt_type_of_document_is_answered_with_the_types_that_there_are(
    erp: httpx.Client,
) -> None:
    answer = erp.post("/documents/shipment-order?partner=quayside")
    assert kind(answer) == (405, "method-not-allowed")
    assert answer.json()["detail"] == (
        "expected GET, HEAD, or at the end of the address one of application_advice, "
        "inventory, inventory_adjustment, invoice, order, order_acknowledgment, order_change, "
        "payment_advice, receipt, return_authorization, ship_notice, shipment_order, "
        "shipping_advice, stock_transfer, text_message, x12_set"
    )
    assert erp.post("/health").json()["detail"] == "expected GET, HEAD"


@pytest.mark.parametrize(
    ("content", "headers", "expected"),
    [
        (b"{}", {"Content-Type": "text/plain"}, (415, "media-type-not-supported")),
        (b"{}", {**JSON, "Content-Encoding": "gzip"}, (415, "media-type-not-supported")),
        (b"{}", {}, (415, "media-type-not-supported")),
        (b"", JSON, (400, "broken-request")),
        (b'{"document": ', JSON, (400, "broken-request")),
        (b"\xff", JSON, (400, "broken-request")),
        (b"[" * 100_000, JSON, (400, "broken-request")),
        (b"[]", JSON, (422, "invalid-document")),
        (b"null", JSON, (422, "invalid-document")),
        (b'{"document": {}}', JSON, (422, "invalid-document")),
        (b'{"a":' * 700 + b"1" + b"}" * 700, JSON, (400, "broken-request")),
        (b" " * (5 * 1024 * 1024 + 1), JSON, (413, "body-too-large")),
    ],
)
def test_a_body_that_is_no_document_is_refused(
    erp: httpx.Client, content: bytes, headers: dict[str, str], expected: tuple[int, str]
) -> None:
    answer = erp.post(
        "/documents/order?partner=quayside",
        content=content,
        headers={"Idempotency-Key": "body", **headers},
    )
    assert kind(answer) == expected


def test_a_body_that_says_one_thing_twice_is_refused_and_not_half_read(
    erp: httpx.Client,
) -> None:
    whole = orjson.dumps(shipment())
    inner = whole.replace(b'"ordered_quantity":', b'"ordered_quantity":"9","ordered_quantity":', 1)
    assert inner != whole
    for content, name in (
        (whole.replace(b"{", b'{"version":"0.9",', 1), "version"),
        (inner, "ordered_quantity"),
    ):
        answer = erp.post(
            "/documents/shipment_order?partner=quayside",
            content=content,
            headers={"Idempotency-Key": "twice", **JSON},
        )
        assert kind(answer) == (400, "broken-request")
        assert answer.json()["detail"] == f"the body names '{name}' twice in one object"


def test_the_etag_of_a_document_spares_what_did_not_change(erp: httpx.Client) -> None:
    where = f"/documents/{post(erp, 'tagged').json()['id']}"
    wait_for(lambda: erp.get(where).json()["status"]["delivery"] == "delivered")
    first = erp.get(where)
    again = erp.get(where, headers={"If-None-Match": f'"other", W/{first.headers["ETag"]}'})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["ETag"] == first.headers["ETag"]
    erp.post(f"{where}/redeliver")
    changed = erp.get(where, headers={"If-None-Match": first.headers["ETag"]})
    assert changed.status_code == 200


def test_a_document_of_ours_goes_out_again_and_is_written_anew_on_request(
    erp: httpx.Client,
) -> None:
    id_ = post(erp, "ops", shipment(9)).json()["id"]
    where = f"/documents/{id_}"
    wait_for(lambda: erp.get(where).json()["status"]["delivery"] == "delivered")
    number = erp.get(where).json()["interchange"]["control_number"]
    again = erp.post(f"{where}/redeliver?destination=erp")
    assert kind(again) == (409, "not-done")
    assert again.json()["detail"] == "the document is ours: it goes to its partner alone"
    assert erp.post(f"{where}/redeliver").json() == {
        "id": id_,
        "done": True,
        "what": f"interchange {number} goes to quayside once more",
    }
    wait_for(lambda: erp.get(where).json()["interchange"]["state"] == "sent")
    assert erp.post(f"{where}/retranslate").json() == {
        "id": id_,
        "done": True,
        "what": "was written anew, and goes out under new numbers",
    }
    said = [(one["verb"], one["detail"]) for one in erp.get(where).json()["timeline"]]
    assert ("resend", f"asked by API token erp: interchange {number}") in said
    assert ("rewrite", "asked by API token erp: northstar-940") in said


def test_the_other_documents_of_an_order_are_named_to_those_who_may_see_them(
    world: ApiWorld, erp: httpx.Client
) -> None:
    acknowledged = {
        "document": "order_acknowledgment",
        "version": "1.0",
        "purpose": "original",
        "answer": "accepted",
        "purchase_order_number": "PO-31",
        "purchase_order_date": "2026-03-01",
        "lines": [],
    }
    answer = erp.post(
        "/documents/order_acknowledgment",
        params={"partner": PARTNER},
        headers={"Idempotency-Key": "related", **JSON},
        content=orjson.dumps(acknowledged),
    )
    ours = answer.json()["id"]
    theirs = post(erp, "related", shipment(31), partner="northstar-3pl").json()["id"]

    def related(client: httpx.Client) -> list[str]:
        return [one["id"] for one in client.get(f"/documents/{theirs}").json()["related"]]

    assert related(erp) == [ours]
    with world.caller("northstar-alone", partners=["northstar-3pl"]) as client:
        assert related(client) == []


def test_a_test_that_is_written_anew_stays_a_test(erp: httpx.Client) -> None:
    where = f"/documents/{post(erp, 'a-test', shipment(8), usage='T').json()['id']}"
    wait_for(lambda: erp.get(where).json()["status"]["delivery"] == "delivered")
    assert erp.get(where).json()["usage"] == "T"
    assert erp.post(f"{where}/retranslate").json()["done"] is True
    wait_for(lambda: erp.get(where).json()["status"]["delivery"] == "delivered")
    shown = erp.get(where).json()
    assert (shown["usage"], shown["content"]["meta"]["usage"]) == ("T", "test")


def test_what_came_in_is_shown_and_its_operations_are_the_pipelines(
    world: ApiWorld, erp: httpx.Client
) -> None:
    home = world.app.instance.home
    sample = home / "samples" / "northstar-3pl" / "945-parcels-by-third-party.edi"
    from gateway.pipeline.ports import Payload, Received

    payload = Payload(sample.read_bytes(), "945.edi", partner="northstar-3pl", transport="test")
    world.app.pipeline.receive([Received(payload, lambda: None, lambda: None)])

    def came() -> list[dict[str, object]]:
        found = erp.get("/documents", params={"direction": "in"}).json()["documents"]
        assert isinstance(found, list)
        return found

    wait_for(lambda: came() != [])
    [one] = came()
    where = f"/documents/{one['id']}"
    shown = erp.get(where).json()
    assert (shown["type"], shown["deliveries"][0]["destination"]) == ("shipping_advice", "erp")
    assert shown["content"]["document"] == "shipping_advice"
    assert shown["acknowledgment"]["sent"][0]["kind"] == "997"
    assert erp.post(f"{where}/retranslate").json()["what"] == "translates to the same content"
    # Nobody answers at the ERP's address, so that it is on its way still.
    again = erp.post(f"{where}/redeliver")
    assert kind(again) == (409, "not-done")
    assert again.json()["detail"] == "the document is on its way already"
    for query, said in (
        ("destination=erp", "the document is on its way already"),
        ("destination=archive", "the document was not to go there, but to erp"),
    ):
        again = erp.post(f"{where}/redeliver?{query}")
        assert (kind(again), again.json()["detail"]) == ((409, "not-done"), said)
    again = erp.post(f"{where}/redeliver?destination=%3F")
    assert kind(again) == (400, "broken-request")
    # A bug of a transport is ours to look at: its traceback is told to nobody else.
    told = "outcome = 'bug', answer = 'Traceback (most recent call last): s3cret'"

    def said_of_a_bug() -> set[str]:
        with world.app.store.engine.begin() as connection:
            connection.exec_driver_sql(f"UPDATE attempts SET {told}")  # noqa: S608 - of this test
            connection.exec_driver_sql(
                "UPDATE deliveries SET reason = 'bug', last_error = 's3cret'"
            )
        [delivery] = erp.get(where).json()["deliveries"]
        return {delivery["last_error"], *(one["answer"] for one in delivery["attempts"])}

    # It is still tried, and an attempt that ends between the two says how it ended.
    wait_for(lambda: said_of_a_bug() == {"a fault of ours, which a person looks at"})


def test_who_shows_no_token_that_counts_is_refused(world: ApiWorld, erp: httpx.Client) -> None:
    tokens = world.app.tokens
    revoked = tokens.create("revoked", [Scope.READ])
    tokens.revoke("revoked")
    expired = tokens.create("expired", [Scope.READ], lasts=timedelta(microseconds=1))
    shown = erp.headers["Authorization"].split()[1]
    for header, said in (
        ("", "expected a token as 'Authorization: Bearer …'"),
        ("Basic x", "expected a token as 'Authorization: Bearer …'"),
        ("Bearer", "expected a token as 'Authorization: Bearer …'"),
        ("Bearer 4711", "this is no token of ours, or not all of it"),
        (f"Bearer {shown[:-1]}", "this is no token of ours, or not all of it"),
        (f"Bearer {new_token()}", "there is no such token"),
        (f"Bearer {revoked}", "token 'revoked' was revoked at "),
        (f"Bearer {expired}", "token 'expired' expired at "),
    ):
        answer = httpx.get(f"{world.url}/documents", headers={"Authorization": header})
        assert kind(answer) == (401, "not-authenticated")
        assert answer.json()["detail"].startswith(said), header
        assert answer.headers["WWW-Authenticate"].startswith('Bearer realm="edi-gateway"')


def test_a_revocation_counts_from_the_next_call_on(world: ApiWorld) -> None:
    with world.caller("short-lived") as client:
        assert client.get("/documents").status_code == 200
        world.app.tokens.revoke("short-lived")
        assert kind(client.get("/documents")) == (401, "not-authenticated")


@pytest.mark.parametrize(
    ("scope", "allowed"),
    [
        (Scope.READ, {"list", "show"}),
        (Scope.WRITE, {"submit"}),
        (Scope.RAW, {"raw"}),
        (Scope.OPERATIONS, {"redeliver", "retranslate"}),
    ],
)
def test_a_token_does_what_its_scope_says_and_no_more(
    world: ApiWorld, erp: httpx.Client, scope: Scope, allowed: set[str]
) -> None:
    where = f"/documents/{post(erp, 'scoped').json()['id']}"
    wait_for(lambda: erp.get(where).json()["status"]["delivery"] == "delivered")
    with world.caller(f"only-{scope.value.replace(':', '-')}", scope) as client:
        answers = {
            "list": client.get("/documents"),
            "show": client.get(where),
            "raw": client.get(f"{where}/raw"),
            "submit": post(client, "scoped"),
            "redeliver": client.post(f"{where}/redeliver"),
            "retranslate": client.post(f"{where}/retranslate"),
        }
        assert client.get("/schemas/order/1.0").status_code == 200
    assert {name for name, answer in answers.items() if answer.is_success} == allowed
    for name, answer in answers.items():
        if name not in allowed:
            assert kind(answer) == (403, "not-allowed"), name
            assert 'error="insufficient_scope"' in answer.headers["WWW-Authenticate"]


def test_a_token_for_one_partner_sees_and_sends_nothing_of_another(
    world: ApiWorld, erp: httpx.Client
) -> None:
    where = f"/documents/{post(erp, 'theirs').json()['id']}"
    with world.caller("northstar-only", partners=["northstar-3pl"]) as client:
        assert kind(client.get(where)) == (404, "not-found")
        assert kind(client.post(f"{where}/redeliver")) == (404, "not-found")
        assert kind(post(client, "theirs")) == (403, "not-allowed")
        assert kind(client.get("/documents", params={"partner": PARTNER})) == (403, "not-allowed")
        seen = client.get("/documents", params={"limit": "200"}).json()["documents"]
        assert {one["partner"] for one in seen} <= {"northstar-3pl"}
        assert post(client, "ours", partner="northstar-3pl").status_code == 202


def test_health_is_told_to_anybody_and_the_rest_to_nobody_without_a_token(world: ApiWorld) -> None:
    answer = httpx.get(f"{world.url}/health")
    assert (answer.status_code, answer.json()) == (200, {"alive": True, "ready": True})
    for path in ("/openapi.json", "/schemas/order/1.0", "/documents"):
        assert kind(httpx.get(world.url + path)) == (401, "not-authenticated")


def test_schemas_are_those_that_submissions_are_checked_by(erp: httpx.Client) -> None:
    answer = erp.get("/schemas/order/1.0")
    assert answer.headers["Content-Type"] == "application/schema+json"
    assert answer.json()["$id"] == "urn:edi-gateway:canonical:order:1.0"
    assert answer.json()["additionalProperties"] is False
    again = erp.get("/schemas/order/1.0", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304


def test_a_store_that_is_unwell_and_a_bug_of_ours_are_problems_without_a_traceback(
    world: ApiWorld, erp: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sqlalchemy.exc import OperationalError

    from gateway.pipeline.outbound.submission import Submissions

    def failing(fault: Exception) -> None:
        def submit(*_: object) -> None:
            raise fault

        monkeypatch.setattr(Submissions, "submit", submit)

    failing(OperationalError("INSERT", {}, Exception("disk full")))
    answer = post(erp, "unwell")
    assert kind(answer) == (503, "unavailable")
    assert answer.headers["Retry-After"] == "5"
    failing(ZeroDivisionError("s3cret"))
    answer = post(erp, "bug")
    assert kind(answer) == (500, "failed")
    assert "s3cret" not in answer.text
    assert "Traceback" not in answer.text
