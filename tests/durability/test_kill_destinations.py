"""kill -9 of a delivery to every kind of destination at once: one effect, or one key.

One document goes to all of them. The process is killed when all are claimed and nothing is sent,
and again when all have it and none is settled: the worst moment there is, for nobody here knows
that it arrived.
"""

from __future__ import annotations

import json
import signal
import xmlrpc.client
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote

import orjson
import pytest
import sqlalchemy as sa

from gateway.cli.receiver import Receiver
from tests.destination_server import Asked, ErpServer, Told, erp_server
from tests.durability.instance import KilledInstance
from tests.nats_server import PASSWORD, NatsServer, nats_server
from tests.postgres import Postgres

pytestmark = pytest.mark.slow

SAMPLE, NUMBER = "base/940-new-order.edi", "HG-200417"
"""A document, and its number."""

SOAP_ANSWER = (
    b'<Envelope xmlns="http://schemas.xmlsoap.org/soap/envelope/"><Body><Taken/></Body></Envelope>'
)

ORDER = "{number: depositor_order_number, key: fact('idempotency_key')}"
TABLE = """\
type: table
table: orders
columns: {key: "fact('idempotency_key')", number: depositor_order_number}
key: key
children:
  - table: lines
    each: lines
    columns: {place: "fact('position')", sku: sku}
    parent: {order_key: key}
"""
DESTINATIONS = {
    "file": "type: file\nfolder: out/file\nname: '{{ document.depositor_order_number }}'\n",
    "append": "type: file\nfolder: out/append\nname: '{{ facts.window }}'\nformat: json_lines\n"
    f'body: {{select: "{ORDER}"}}\nappend: {{window: month, documents: 1}}\n',
    "sqlite": TABLE + "url: '%(sqlite)s'\n",
    "postgresql": TABLE + "url: '%(postgresql)s'\n",
    "events": "type: events\nbroker: nats\nurl: %(nats)s\nstream: EDI\n"
    "login: {username: us, password: '${file:secrets/nats}'}\n",
    "http": "type: http\nurl: %(erp)s/http\n",
    "json_rpc": "type: json_rpc\nurl: %(erp)s/json_rpc\nprocedure: create\n"
    f'body: {{select: "{ORDER}"}}\n',
    "xml_rpc": "type: xml_rpc\nurl: %(erp)s/xml_rpc\nprocedure: create\n"
    f'body: {{select: "{ORDER}"}}\n',
    "soap": "type: soap\nversion: '1.1'\nurl: %(erp)s/soap\n"
    "body: {template: shapes/order.xml.j2}\n",
    "idoc": "type: idoc\nurl: %(erp)s/idoc\nidoc_type: ORDERS05\nmessage_type: ORDERS\n"
    "control: {SNDPOR: EDI}\nbody: {template: shapes/order.xml.j2}\n",
    "webhook": "type: webhook\nurl: %(erp)s/webhook\nsecrets: ['${file:secrets/hook}']\n",
    "odata": "type: odata\nurl: %(erp)s/odata\nbody: {select: '{Number: depositor_order_number}'}\n"
    "look_up: {url: '%(erp)s/odata?n={{ document.depositor_order_number }}', found: 'value[0]'}\n",
    "steps": "type: steps\nurl: %(erp)s\nsteps:\n"
    "  - name: look\n    path: '/steps?n={{ document.depositor_order_number }}'\n"
    "    take: {order: 'value[0]'}\n"
    "  - name: create\n    when: '!(taken.order)'\n    path: /steps\n"
    "    body: {select: '{Number: depositor_order_number}'}\n",
}
ONCE_BY_KEY: dict[str, Callable[[Asked], str]] = {
    "http": lambda asked: asked.headers["idempotency-key"],
    "json_rpc": lambda asked: json.loads(asked.body)["id"],
    "xml_rpc": lambda asked: str(xmlrpc.client.loads(asked.body)[0][0]["key"]),  # type: ignore[index,call-overload] # a struct
    "soap": lambda asked: asked.headers["idempotency-key"],
    "idoc": lambda asked: asked.body.partition(b"<ARCKEY>")[2].partition(b"<")[0].decode(),
    "webhook": lambda asked: asked.headers["webhook-id"],
}  # fmt: skip
"""What is called twice, for only the other side can know: by the key that it is told."""


@dataclass
class Books:
    """An ERP that keeps what it is told by the path that it is told by."""

    kept: Counter[str] = field(default_factory=Counter)

    def answer(self, asked: Asked) -> Told:
        kind = asked.path.partition("?")[0].strip("/")
        if asked.method == "GET":
            number = unquote(asked.path.rpartition("=")[2])
            found = [{"Number": number}] * self.kept[f"{kind} {number}"]
            return Told(200, orjson.dumps({"value": found}))
        if kind in ("odata", "steps"):
            self.kept[f"{kind} {orjson.loads(asked.body)['Number']}"] += 1
            return Told(201, b"{}")
        if kind == "json_rpc":
            return Told(200, b'{"jsonrpc":"2.0","result":1}')
        if kind == "xml_rpc":
            return Told(200, xmlrpc.client.dumps((1,), methodresponse=True).encode())
        if kind == "soap":
            return Told(200, SOAP_ANSWER)
        return Told(200, b"<ok/>")


@dataclass
class World:
    """An instance, and everything that it delivers to."""

    killed: KilledInstance
    erp: ErpServer
    books: Books
    nats: NatsServer
    databases: dict[str, str]


@pytest.fixture
def world(tmp_path: Path, postgres_server: Postgres) -> Iterator[World]:
    (tmp_path / "nats").mkdir()
    databases = {
        "sqlite": f"sqlite:///{tmp_path}/erp.db",
        "postgresql": postgres_server.empty_database(),
    }
    for url in databases.values():
        make_tables(url)
    with erp_server() as erp, nats_server(tmp_path / "nats") as nats:
        books = Books()
        erp.answer = books.answer
        home = tmp_path / "home"
        unused = Receiver()
        unused.start()
        with closing(unused):
            killed = KilledInstance.make(home, f"sqlite:///{home}/state/gateway.db", unused)
            describe(home, {"erp": erp.url, "nats": nats.url, **databases})
            yield World(killed, erp, books, nats, databases)


def engine(url: str) -> sa.Engine:
    return sa.create_engine(url.replace("postgresql://", "postgresql+psycopg://"))


def make_tables(url: str) -> None:
    made = engine(url)
    with made.begin() as connection:
        connection.execute(sa.text("CREATE TABLE orders (key TEXT PRIMARY KEY, number TEXT)"))
        connection.execute(sa.text("CREATE TABLE lines (order_key TEXT, place INT, sku TEXT)"))
    made.dispose()


def describe(home: Path, places: dict[str, str]) -> None:
    """Write the destinations, and what they need."""
    (home / "shapes").mkdir()
    number = "{{ document.depositor_order_number }}"
    (home / "shapes" / "order.xml.j2").write_text(f"<order><number>{number}</number></order>")
    (home / "secrets" / "nats").write_text(PASSWORD)
    (home / "secrets" / "hook").write_text("whsec_" + "c2VjcmV0LW9mLWhvb2tzLWhlcmU=")
    own = ""
    for name, text in DESTINATIONS.items():
        lines = (text % places).splitlines()
        own += f"  {name}:\n    production: true\n" + "".join(f"    {line}\n" for line in lines)
    settings = (home / "gateway.yaml").read_text("utf-8")
    assert settings.count("\ndestinations:\n") == 1
    settings = settings.replace("\ndestinations:\n", f"\ndestinations:\n{own}")
    (home / "gateway.yaml").write_text(settings, "utf-8")
    rule = f"{{name: all, to: [{', '.join(DESTINATIONS)}]}}"
    (home / "routes.yaml").write_text(f"rules:\n  - {rule}\n")


def test_what_every_kind_of_destination_has_and_nobody_knows_of_has_one_effect_or_one_key(
    world: World,
) -> None:
    killed, kinds = world.killed, len(DESTINATIONS)
    killed.drop(SAMPLE, 1)
    for moment in ("delivery.claim", "delivery.hand_over"):
        died = killed.run_until(f"{moment}*{kinds}")
        assert died == -signal.SIGKILL, f"not all of {kinds} came to {moment}"
    asked = Counter(one.path.partition("?")[0] for one in world.erp.asked)
    assert (asked["/http"], asked["/odata"], asked["/steps"]) == (1, 1 + 1, 1 + 1)
    assert killed.run_once() == 0
    [document] = killed.documents("in")
    assert document["delivery"] == "delivered", document
    found = {name: effects(world) for name, effects in EFFECTS.items()}
    assert found == dict.fromkeys(EFFECTS, 1), "each has the document once"
    for name, key_of in ONCE_BY_KEY.items():
        calls = [one for one in world.erp.asked if one.path == f"/{name}"]
        keys = {key_of(one) for one in calls}
        assert (len(calls), len(keys)) == (2, 1), f"{name}: called again under the same key"
        assert len({one.body for one in calls}) == 1, f"{name}: the same, to the byte"
        assert all(keys), name


def files(world: World) -> int:
    [file] = (world.killed.home / "out" / "file").glob("*.json")
    return file.read_bytes().count(f'"{NUMBER}"'.encode())


def appended(world: World) -> int:
    lines = [
        line
        for file in (world.killed.home / "out" / "append").glob("*.jsonl")
        for line in file.read_bytes().splitlines()
    ]
    assert {orjson.loads(line)["number"] for line in lines} == {NUMBER}
    return len(lines)


def rows(kind: str) -> Callable[[World], int]:
    def count(world: World) -> int:
        looked = engine(world.databases[kind])
        with looked.connect() as connection:
            orders = connection.execute(sa.text("SELECT number FROM orders")).scalars().all()
            lines = connection.execute(sa.text("SELECT place FROM lines")).scalars().all()
        looked.dispose()
        assert set(orders) == {NUMBER}
        assert len(lines) == len(set(lines)) > 1
        return len(orders)

    return count


def published(world: World) -> int:
    return len(world.nats.messages())


EFFECTS: dict[str, Callable[[World], int]] = {
    "file": files,
    "append": appended,
    "sqlite": rows("sqlite"),
    "postgresql": rows("postgresql"),
    "events": published,
    "odata": lambda world: world.books.kept[f"odata {NUMBER}"],
    "steps": lambda world: world.books.kept[f"steps {NUMBER}"],
}
"""How often the document is there, in what knows it again."""


def test_every_destination_of_this_test_is_held_against_what_it_promises() -> None:
    assert set(DESTINATIONS) == set(EFFECTS) | set(ONCE_BY_KEY)
