"""`type: http`, from `gateway.yaml` to a server's socket: shape, address, answers, references."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.errors import Permanent, Transient
from gateway.pipeline.ports import Receipt
from gateway.shaping import NotShaped
from tests.destination_server import Asked, ErpServer, Told, erp_server
from tests.destination_world import DOCUMENT, destination


@pytest.fixture(scope="module")
def server() -> Iterator[ErpServer]:
    with erp_server() as running:
        yield running


@pytest.fixture
def erp(server: ErpServer) -> ErpServer:
    server.asked.clear()
    server.answers(Told())
    return server


def settings(erp: ErpServer, more: str = "", path: str = "/orders") -> str:
    return f"type: http\nurl: '{erp.url}{path}'\n{more}"


def test_canonical_json_is_sent_as_it_is_unless_a_shape_is_asked_for(
    erp: ErpServer, tmp_path: Path
) -> None:
    with destination(tmp_path, settings(erp)) as world:
        assert world.deliver() == Receipt("HTTP 200")
    (asked,) = erp.asked
    assert (asked.method, asked.path, asked.body) == ("POST", "/orders", DOCUMENT)
    assert asked.headers["idempotency-key"] == "key-1"
    assert asked.headers["content-type"] == "application/json"


def test_a_document_is_put_under_its_number_in_a_shape_of_the_services_own(
    erp: ErpServer, tmp_path: Path
) -> None:
    more = """\
method: PUT
body:
  select: "{no: purchase_order_number, total: number(total), to: fact('partner')}"
"""
    path = "/orders/{{ document.purchase_order_number }}?by={{ facts.partner }}"
    with destination(tmp_path, settings(erp, more, path)) as world:
        world.deliver()
    (asked,) = erp.asked
    assert (asked.method, asked.path) == ("PUT", "/orders/PO%2F7?by=pier-nine")
    assert asked.body == b'{"no":"PO/7","total":12.50,"to":"pier-nine"}'


def test_a_template_writes_xml_with_its_own_content_type(erp: ErpServer, tmp_path: Path) -> None:
    template = (
        '<order no="{{ document.purchase_order_number }}">{% for line in document.lines %}'
        "<line>{{ line.sku }}</line>{% endfor %}</order>"
    )
    more = "body: {template: shapes/order.xml.j2, content_type: application/vnd.erp+xml}"
    files = {"shapes/order.xml.j2": template}
    with destination(tmp_path, settings(erp, more), files) as world:
        world.deliver()
    (asked,) = erp.asked
    assert asked.body == b'<order no="PO/7"><line>A&amp;B</line><line>C</line></order>'
    assert asked.headers["content-type"] == "application/vnd.erp+xml"


def test_a_document_that_does_not_go_through_its_shape_is_not_sent(
    erp: ErpServer, tmp_path: Path
) -> None:
    more = "body: {template: shapes/a.json.j2}"
    files = {"shapes/a.json.j2": '{"n":\n{{ document.order_number }}}'}
    with (
        destination(tmp_path, settings(erp, more), files) as world,
        pytest.raises(
            NotShaped,
            match=r"^shapes/a\.json\.j2, line 2: there is no field 'order_number' here "
            r"\(did you mean 'purchase_order_number'\?\)$",
        ),
    ):
        world.deliver()
    assert erp.asked == []


RULES = """\
answers:
  - {status: 200, when: "error.code == 'DUPLICATE'", then: already_there}
  - {status: 200, when: error, then: refused, words: error.message}
  - {status: "404", then: retry}
  - {status: 4xx, when: "header:X-Busy yes", then: retry}
  - {status: [422], when: "//fault", then: refused, words: "//fault/text"}
reference: {erp_order: id, erp_place: "header:Location /([0-9]+)$"}
"""


@pytest.mark.parametrize(
    ("told", "receipt"),
    [
        (
            Told(201, b'{"id": 4711}', {"Location": "/orders/4711"}),
            Receipt(
                "HTTP 201, erp order 4711, erp place 4711",
                keys=(("erp_order", "4711"), ("erp_place", "4711")),
            ),
        ),
        (
            Told(200, b'{"id": "A-1"}'),
            Receipt(
                "HTTP 200, erp order A-1, no erp place in the answer", keys=(("erp_order", "A-1"),)
            ),
        ),
        (
            Told(200, b'{"error": {"code": "DUPLICATE"}, "id": 7}'),
            Receipt("HTTP 200, erp order 7", repeated=True, keys=(("erp_order", "7"),)),
        ),
        (Told(409), Receipt("HTTP 409", repeated=True)),
    ],
)
def test_what_an_answer_says_becomes_a_receipt_with_the_erps_own_key(
    erp: ErpServer, tmp_path: Path, told: Told, receipt: Receipt
) -> None:
    erp.answers(told)
    with destination(tmp_path, settings(erp, RULES)) as world:
        assert world.deliver() == receipt


@pytest.mark.parametrize(
    ("told", "kind", "words"),
    [
        (Told(200, b'{"error": {"code": "X", "message": "customer is blocked"}}'),
         Permanent, "HTTP 200: customer is blocked"),
        (Told(404, b"later"), Transient, "HTTP 404: later"),
        (Told(400, b"", {"X-Busy": "yes"}), Transient, "HTTP 400"),
        (Told(422, b"<r><fault><text>no such item</text></fault></r>"), Permanent,
         "HTTP 422: no such item"),
        (Told(422, b"<r>no fault</r>"), Permanent, "HTTP 422: <r>no fault</r>"),
        (Told(400, b"plain words"), Permanent, "HTTP 400: plain words"),
        (Told(503, b"down"), Transient, "HTTP 503: down"),
    ],
)  # fmt: skip
def test_an_answer_is_judged_by_the_first_rule_that_matches(
    erp: ErpServer, tmp_path: Path, told: Told, kind: type[Exception], words: str
) -> None:
    erp.answers(told)
    with destination(tmp_path, settings(erp, RULES)) as world, pytest.raises(kind) as why:
        world.deliver()
    assert str(why.value) == words


def test_a_busy_service_says_when(erp: ErpServer, tmp_path: Path) -> None:
    erp.answers(Told(429, b"", {"Retry-After": "17"}))
    with destination(tmp_path, settings(erp)) as world, pytest.raises(Transient) as why:
        world.deliver()
    assert why.value.retry_after == 17


def test_a_connection_that_is_reset_or_an_answer_cut_off_is_tried_again_under_the_same_key(
    erp: ErpServer, tmp_path: Path
) -> None:
    erp.answers(Told(reset=True), Told(201, b'{"id": 1}' * 99, cut=5), Told(409))
    with destination(tmp_path, settings(erp)) as world:
        with pytest.raises(Transient, match=r"^http://127\.0\.0\.1:\d+: "):
            world.deliver()
        with pytest.raises(Transient, match=r": HTTP 201, but the answer broke off: "):
            world.deliver(attempt=2)
        assert world.deliver(attempt=3) == Receipt("HTTP 409", repeated=True)
    assert {asked.headers["idempotency-key"] for asked in erp.asked} == {"key-1"}


LOOK_UP = """\
look_up:
  url: "{url}/orders?no={{{{ document.purchase_order_number }}}}"
  found: "results[0]"
  reference: {{erp_order: "results[0].id"}}
"""


def test_an_attempt_after_the_first_asks_whether_an_earlier_one_arrived(
    erp: ErpServer, tmp_path: Path
) -> None:
    there: list[str] = []

    def answer(asked: Asked) -> Told:
        if asked.method == "GET":
            return Told(200, json.dumps({"results": [{"id": one} for one in there]}).encode())
        there.append("77")
        return Told(reset=True)

    erp.answer = answer
    with destination(tmp_path, settings(erp, LOOK_UP.format(url=erp.url))) as world:
        with pytest.raises(Transient):
            world.deliver()
        assert world.deliver(attempt=2) == Receipt(
            "found there: HTTP 200, erp order 77", repeated=True, keys=(("erp_order", "77"),)
        )
        there.clear()
        with pytest.raises(Transient):
            world.deliver(attempt=3)
    assert [asked.method for asked in erp.asked] == ["POST", "GET", "GET", "POST"]
    assert erp.asked[1].path == "/orders?no=PO%2F7"


def test_where_looking_up_fails_nothing_is_sent(erp: ErpServer, tmp_path: Path) -> None:
    erp.answers(Told(500))
    with (
        destination(tmp_path, settings(erp, LOOK_UP.format(url=erp.url))) as world,
        pytest.raises(Transient, match=r"^whether it is there .* be asked: HTTP 500$"),
    ):
        world.deliver(attempt=2)
    assert [asked.method for asked in erp.asked] == ["GET"]


def test_what_cannot_be_read_does_not_say_that_nothing_is_there(
    erp: ErpServer, tmp_path: Path
) -> None:
    page = b"<html><body>Please log in</body></html>"
    large = b'{"results": ["' + b"x" * 200_000 + b'"]}'
    for body, said in (
        (page, f"no JSON: {page.decode()}"),
        (b'{"results": [{"id": 7', 'no JSON: {"results": [{"id": 7'),
        (
            large,
            "no JSON as far as it was read, for it is too large: " + large[:300].decode() + "…",
        ),
    ):
        erp.asked.clear()
        erp.answers(Told(200, body))
        with (
            destination(tmp_path, settings(erp, LOOK_UP.format(url=erp.url))) as world,
            pytest.raises(Transient) as why,
        ):
            world.deliver(attempt=2)
        assert str(why.value) == (
            f"whether it is there already could not be asked: HTTP 200, but the answer is {said}"
        )
        assert [asked.method for asked in erp.asked] == ["GET"]


def test_an_answer_of_nothing_says_that_nothing_is_there(erp: ErpServer, tmp_path: Path) -> None:
    for nothing in (Told(204), Told(200), Told(200, b"null"), Told(200, b'{"results": []}')):
        erp.asked.clear()
        erp.answers(nothing, Told(201))
        with destination(tmp_path, settings(erp, LOOK_UP.format(url=erp.url))) as world:
            assert world.deliver(attempt=2).reference.startswith("HTTP 201")


def test_an_answer_that_is_packed_though_nobody_asked_for_it_is_read(
    erp: ErpServer, tmp_path: Path
) -> None:
    more = "answers: [{when: error, then: refused, words: error}]\nreference: {sale: id}\n"
    said = b'{"id": 4711}'
    bare = zlib.compressobj(wbits=-15)
    read = [
        (gzip.compress(said), "gzip"),
        (zlib.compress(said), "deflate"),
        (bare.compress(said) + bare.flush(), "deflate"),
        (said, "gzip"),
        (said, "identity"),
    ]
    with destination(tmp_path, settings(erp, more)) as world:
        for body, coding in read:
            erp.answers(Told(200, body, {"Content-Encoding": coding}))
            assert world.deliver().keys == (("sale", "4711"),)
        packed = {"Content-Encoding": "gzip"}
        erp.answers(Told(200, gzip.compress(b'{"error": "unknown item"}'), packed))
        with pytest.raises(Permanent, match=r"^HTTP 200: unknown item$"):
            world.deliver()
        # A few hundred bytes that would become 50 MB.
        bomb = gzip.compress(b"x" * 50_000_000)
        erp.answers(Told(500, bomb[:100_000], packed))
        with pytest.raises(Transient, match=r"^HTTP 500: x{300}…$"):
            world.deliver()
        erp.answers(Told(200, gzip.compress(b"y" * 3000)[:-12], packed))
        with pytest.raises(Transient, match=r"it was packed, and its end is missing$"):
            world.deliver()
        erp.answers(Told(422, b"\x8b\x02", {"Content-Encoding": "br"}))
        with pytest.raises(Permanent) as why:
            world.deliver()
    assert str(why.value) == "HTTP 422: an answer that is packed as br, which was not asked for"
