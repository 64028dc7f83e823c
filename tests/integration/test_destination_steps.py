"""`type: steps`: asked first, then told; whatever fails, all of it may be done again."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event, Thread
from urllib.parse import unquote

import pytest

from gateway import config
from gateway.app.destinations import destination_outbound
from gateway.errors import ConfigProblems, Permanent, Transient
from gateway.pipeline.ports import Breakable, Receipt
from gateway.shaping import NotShaped
from tests.destination_server import Asked, ErpServer, Told, erp_server
from tests.destination_world import consignment, destination, write_home

STEPS = """\
type: steps
url: {url}
answers:
  - {{status: 400, then: refused, words: error}}
steps:
  - name: look
    path: "/orders?domain={{{{ document.purchase_order_number | base64url }}}}"
    take: {{order: "[0].id", state: "[0].state"}}
  - name: product
    each: lines
    path: "/products/{{{{ document.item.sku }}}}"
    answers: [{{status: 404, then: done}}]
    take: {{product: id}}
    expect: "a product with the code {{{{ document.item.sku }}}}"
  - name: create
    when: "!(taken.order)"
    path: /orders
    body:
      select: "{{reference: purchase_order_number, products: taken.product}}"
    take: {{order: id, state: state}}
  - name: confirm
    when: "taken.state == 'draft'"
    path: "/orders/{{{{ document.taken.order }}}}/confirm"
    method: POST
    reference: {{erp_order: number}}
"""


@dataclass
class Books:
    """An ERP that keeps orders by their numbers, and forgets to look for repeated ones."""

    orders: dict[int, dict[str, object]] = field(default_factory=dict)
    products: dict[str, int] = field(default_factory=lambda: {"A%26B": 11, "C": 12})
    lost: set[str] = field(default_factory=set)
    """Calls whose next answer is lost after the call was done: method and path."""

    def answer(self, asked: Asked) -> Told:
        told = self._answer(asked)
        call = f"{asked.method} {asked.path.partition('?')[0]}"
        if call in self.lost:
            self.lost.remove(call)
            return Told(reset=True)
        return told

    def _answer(self, asked: Asked) -> Told:
        path, _, query = asked.path.partition("?")
        match asked.method, path.split("/")[1:]:
            case "GET", ["orders"]:
                wanted = base64.urlsafe_b64decode(unquote(query.partition("=")[2])).decode()
                return _told([one for one in self.orders.values() if one["reference"] == wanted])
            case "GET", ["products", code]:
                known = self.products.get(code)
                return _told({"id": known}) if known else Told(404)
            case "POST", ["orders"]:
                number = len(self.orders) + 1
                self.orders[number] = {"id": number, "state": "draft", **json.loads(asked.body)}
                return _told(self.orders[number])
            case "POST", ["orders", number, "confirm"]:
                self.orders[int(number)]["state"] = "confirmed"
                return _told({"number": f"SO-{number}"})
        return Told(500)


def _told(value: object) -> Told:
    return Told(200, json.dumps(value).encode())


@pytest.fixture(scope="module")
def server() -> Iterator[ErpServer]:
    with erp_server() as running:
        yield running


@pytest.fixture
def books(server: ErpServer) -> Books:
    server.asked.clear()
    books = Books()
    server.answer = books.answer
    return books


def test_what_a_step_finds_the_next_ones_use(
    server: ErpServer, books: Books, tmp_path: Path
) -> None:
    with destination(tmp_path, STEPS.format(url=server.url)) as world:
        receipt = world.deliver()
    assert receipt == Receipt("5 calls, erp order SO-1", keys=(("erp_order", "SO-1"),))
    assert books.orders == {
        1: {"id": 1, "state": "confirmed", "reference": "PO/7", "products": [11, 12]}
    }
    assert [(one.method, one.path) for one in server.asked] == [
        ("GET", "/orders?domain=UE8vNw%3D%3D"),
        ("GET", "/products/A%26B"),
        ("GET", "/products/C"),
        ("POST", "/orders"),
        ("POST", "/orders/1/confirm"),
    ]
    keys = [one.headers["idempotency-key"] for one in server.asked]
    assert [keys[0], *keys[3:]] == ["key-1-look", "key-1-create", "key-1-confirm"]
    assert all(one.startswith("key-1-product-") for one in keys[1:3])
    assert [one.request.partition(" ")[0] for one in world.exchanges] == [
        "GET", "GET", "GET", "POST", "POST",
    ]  # fmt: skip


def test_a_step_sends_headers_with_what_an_earlier_one_found(
    server: ErpServer, books: Books, tmp_path: Path
) -> None:
    tagged = STEPS.replace(
        "    method: POST\n",
        '    method: POST\n    headers: {{If-Match: "{{{{ document.taken.state }}}}"}}\n',
    )
    with destination(tmp_path, tagged.format(url=server.url)) as world:
        world.deliver()
    assert server.asked[-1].headers["if-match"] == "draft"


def test_a_header_with_a_line_end_is_never_sent(
    server: ErpServer, books: Books, tmp_path: Path
) -> None:
    tagged = STEPS.replace(
        "    path: /orders\n",
        '    path: /orders\n    headers: {{X-Number: "{{{{ document.number }}}}"}}\n',
    )
    document = b'{"purchase_order_number": "7", "number": "1\\r\\nX-More: 2", "lines": []}'
    with (
        destination(tmp_path, tagged.format(url=server.url)) as world,
        pytest.raises(NotShaped) as refused,
    ):
        world.deliver(document)
    assert str(refused.value) == (
        "step 'create': header 'X-Number' would hold what no header can: line ends, or no ASCII"
    )
    assert books.orders == {}


@pytest.mark.parametrize("lost", ["POST /orders", "POST /orders/1/confirm", "GET /products/C"])
def test_after_a_lost_answer_all_is_done_again_and_there_is_one_order(
    server: ErpServer, books: Books, tmp_path: Path, lost: str
) -> None:
    books.lost.add(lost)
    with destination(tmp_path, STEPS.format(url=server.url)) as world:
        with pytest.raises(Transient, match=r"^step '(create|confirm|product)': http://127"):
            world.deliver()
        world.deliver(attempt=2)
    assert [one["state"] for one in books.orders.values()] == ["confirmed"]


def test_an_item_keeps_its_key_where_another_one_is_gone(
    server: ErpServer, books: Books, tmp_path: Path
) -> None:
    lines = [{"sku": "C"}, {"sku": "A&B"}, {"sku": "C"}]
    fewer = lines[1:]
    with destination(tmp_path, STEPS.format(url=server.url)) as world:
        for document in ({"lines": lines}, {"lines": fewer}):
            world.deliver(json.dumps({"purchase_order_number": "1", **document}).encode())
    keys = [
        (one.path, one.headers["idempotency-key"])
        for one in server.asked
        if one.path.startswith("/products")
    ]
    assert len(set(keys[:3])) == 3, "two equal items are two calls"
    assert set(keys[3:]) == {keys[0], keys[1]}


def test_what_must_be_found_and_is_not_waits_for_a_person(
    server: ErpServer, books: Books, tmp_path: Path
) -> None:
    del books.products["C"]
    with (
        destination(tmp_path, STEPS.format(url=server.url)) as world,
        pytest.raises(Permanent) as refused,
    ):
        world.deliver()
    assert str(refused.value) == (
        "step 'product': nothing found; expected a product with the code C"
    )
    assert books.orders == {}, "nothing was changed before all was known"


def test_an_answer_is_judged_by_the_step_first_and_then_by_the_destination(
    server: ErpServer, books: Books, tmp_path: Path
) -> None:
    books.products.clear()
    refusing = Told(400, b'{"error": "the period is closed"}')
    server.answer = lambda asked: refusing if asked.path[:2] == "/o" else Told(404)
    with (
        destination(tmp_path, STEPS.format(url=server.url)) as world,
        pytest.raises(Permanent, match=r"^step 'look': HTTP 400: the period is closed$"),
    ):
        world.deliver()
    server.answer = lambda asked: Told(503, headers={"Retry-After": "7"})
    with (
        destination(tmp_path, STEPS.format(url=server.url)) as world,
        pytest.raises(Transient) as unwell,
    ):
        world.deliver()
    assert unwell.value.retry_after == 7


def test_a_document_does_not_become_calls_without_end(
    server: ErpServer, books: Books, tmp_path: Path
) -> None:
    server.answer = lambda asked: Told(200, b'{"id": 1}')
    document = json.dumps({"lines": [{"sku": "C"}] * 501, "purchase_order_number": "1"}).encode()
    with (
        destination(tmp_path, STEPS.format(url=server.url)) as world,
        pytest.raises(Permanent, match=r"^step 'product': more than 500 calls for one document$"),
    ):
        world.deliver(document)


def test_an_attempt_whose_calls_take_too_long_together_ends_and_is_made_again(
    server: ErpServer, books: Books, tmp_path: Path
) -> None:
    now = [datetime(2026, 3, 2, tzinfo=UTC)]

    def slow(asked: Asked) -> Told:
        now[0] += timedelta(seconds=20)
        return books.answer(asked)

    server.answer = slow
    settings = "deadline: 1m\n" + STEPS.format(url=server.url)
    instance = config.load(write_home(tmp_path, settings), {}, maps_too=False)
    outbound = destination_outbound(instance, "erp", clock=lambda: now[0])
    outbound.connect()
    with closing(outbound), pytest.raises(Transient) as late:
        outbound.deliver(consignment())
    assert str(late.value) == (
        "step 'create': not done within 60 s: 'deadline' bounds the calls of an attempt"
    )
    assert (len(server.asked), books.orders) == (3, {})


@pytest.mark.parametrize(
    ("wrong", "right", "sentence"),
    [
        (
            "type: steps\n",
            "type: steps\ndeadline: 10s\n",
            "'deadline' is shorter than 'timeout', which one call may take",
        ),
        ("name: create", "name: look", "two steps have the name 'look'"),
        (
            '"!(taken.order)"',
            '"taken["',
            "steps[2].when: no JMESPath: it is not complete; what selects items of a list begins "
            "with [?, and a field is named after a dot (column 7 of it)",
        ),
        ("    take: {product: id}\n", "", "'expect' says what the first of 'take' must find"),
        (
            "    body:\n",
            "    body:\n      template: shapes/none.json.j2\n",
            "steps[2].body.template: shapes/none.json.j2 cannot be read: No such file or directory",
        ),
        (
            "    path: /orders\n",
            "    path: /orders\n    headers: {X-Api-Key: none}\n",
            "header 'X-Api-Key' carries a secret",
        ),
        (
            "steps:\n",
            "reference: {order: id}\nsteps:\n",
            "'reference' is said of the step whose answer holds it",
        ),
    ],
)
def test_steps_that_do_not_fit_are_refused(
    tmp_path: Path, wrong: str, right: str, sentence: str
) -> None:
    sound = STEPS.format(url="http://127.0.0.1:9")
    assert wrong in sound
    home = write_home(tmp_path, sound.replace(wrong, right, 1))
    with pytest.raises(ConfigProblems) as refused:
        config.load(home, {}, maps_too=False)
    assert sentence in str(refused.value)


@pytest.mark.parametrize("more", ["", "csrf_url: '{url}/token'\n"])
def test_a_call_that_hangs_is_broken_off_when_the_gateway_stops(
    server: ErpServer, books: Books, tmp_path: Path, more: str
) -> None:
    asked, over = Event(), Event()

    def hang(_: Asked) -> Told:
        asked.set()
        over.wait(60)
        return Told()

    server.answer = hang
    settings = STEPS.replace("answers:\n", f"{more}answers:\n", 1)
    found: list[Exception] = []

    def deliver() -> None:
        try:
            world.deliver()
        except Transient as fault:
            found.append(fault)

    with destination(tmp_path, settings.format(url=server.url)) as world:
        assert isinstance(world.outbound, Breakable)
        delivering = Thread(target=deliver)
        delivering.start()
        assert asked.wait(60)
        world.outbound.break_off()
        delivering.join(30)
        assert not delivering.is_alive()
        over.set()
    assert str(found[0]).startswith("step 'look': http://127.0.0.1:")


def test_a_look_that_is_answered_by_a_page_creates_nothing(
    server: ErpServer, books: Books, tmp_path: Path
) -> None:
    page = Told(200, b"<html><body>Please log in</body></html>")
    server.answer = lambda asked: page
    with (
        destination(tmp_path, STEPS.format(url=server.url)) as world,
        pytest.raises(Transient) as why,
    ):
        world.deliver()
    assert str(why.value) == (
        "step 'look': HTTP 200, but the answer is no JSON: <html><body>Please log in</body></html>"
    )
    assert [asked.method for asked in server.asked] == ["GET"]
    assert books.orders == {}
