"""`type: file` and `type: table`: documents kept where we put them, once in effect."""

from __future__ import annotations

import csv
import json
import os
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from threading import Thread

import pytest
import sqlalchemy as sa

from gateway import config
from gateway.app import open_instance
from gateway.app.destination_trial import trial
from gateway.clock import utc_now
from gateway.errors import ConfigProblems, Permanent, Refused, Transient
from gateway.pipeline.ports import Gathering, Receipt
from gateway.shaping import NotShaped
from tests.destination_world import DOCUMENT, World, destination, write_home

FILE = "type: file\nfolder: out/erp\n"


def files(home: Path) -> dict[str, bytes]:
    folder = home / "out" / "erp"
    return {one.name: one.read_bytes() for one in folder.iterdir() if one.name[0] != "."}


def test_a_document_is_a_file_and_the_same_again_is_the_same_file(tmp_path: Path) -> None:
    with destination(tmp_path, FILE) as world:
        first, again = world.deliver(), world.deliver(attempt=2)
        assert first.reference.endswith("out/erp/order-document-1.json")
        assert (first.repeated, again.repeated) == (False, True)
        with pytest.raises(Permanent, match=r"exists with other content: it is not overwritten$"):
            world.deliver(b'{"document":"order"}')
    assert files(tmp_path) == {"order-document-1.json": DOCUMENT}
    assert [one.answer[:9] for one in world.exchanges] == ["written: ", "written b"]


def test_a_column_of_a_csv_file_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    settings = FILE + 'format: csv\nrows: lines\ncsv: {columns: {Menge: "qty(nothing)"}}\n'
    with (
        destination(tmp_path, settings) as world,
        pytest.raises(NotShaped, match=r"^column Menge: nothing is no number$"),
    ):
        world.deliver()
    assert files(tmp_path) == {}


def test_lines_become_rows_of_a_csv_file_under_a_name_of_the_document(tmp_path: Path) -> None:
    settings = (
        FILE
        + """\
name: "PO {{ document.purchase_order_number }}"
format: csv
rows: "lines"
csv:
  columns: {SKU: sku, Menge: "qty(quantity)", Preis: "money(price)", Partner: "fact('partner')"}
  delimiter: ";"
"""
    )
    with destination(tmp_path, settings) as world:
        world.deliver()
        world.deliver(attempt=2)
    ((name, content),) = files(tmp_path).items()
    assert name == "PO-PO-7.csv"
    assert list(csv.reader(content.decode().splitlines(), delimiter=";")) == [
        ["SKU", "Menge", "Preis", "Partner"],
        ["A&B", "2", "1.25", "pier-nine"],
        ["C", "3", "0.10", "pier-nine"],
    ]
    assert content.endswith(b"\r\n")


def test_lines_become_lines_of_json(tmp_path: Path) -> None:
    more = "format: json_lines\nbody: {select: lines}\nrows: '@[].{sku: sku, n: number(price)}'\n"
    with destination(tmp_path, FILE + more) as world:
        world.deliver()
    ((name, content),) = files(tmp_path).items()
    assert name == "order-document-1.jsonl"
    assert content == b'{"sku":"A&B","n":1.25}\n{"sku":"C","n":0.10}\n'


def test_xml_is_written_by_a_template(tmp_path: Path) -> None:
    shapes = {"shapes/o.xml.j2": "<o>{{ document.purchase_order_number }}</o>"}
    more = "format: xml\nbody: {template: shapes/o.xml.j2}\n"
    with destination(tmp_path, FILE + more, shapes) as world:
        world.deliver()
    assert files(tmp_path) == {"order-document-1.xml": b"<o>PO/7</o>"}


@pytest.mark.parametrize("more", ["", "format: json_lines\n"])
def test_what_is_no_document_is_not_shaped_and_no_bug(tmp_path: Path, more: str) -> None:
    with (
        destination(tmp_path, FILE + more) as world,
        pytest.raises(NotShaped, match=r"^what is to be sent is no JSON: line 1: Expecting value$"),
    ):
        world.deliver(b"ST*850*0001~SE*2*0001~")
    assert files(tmp_path) == {}


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ("format: csv\n", "'csv' says how a file of 'format: csv' is written, and only that"),
        ("rows: lines\n", "'rows' are the lines of 'format: csv' or 'json_lines'"),
        ("format: xml\n", "'body' does not write xml"),
        ("name: '{{ document.x | nope }}'\n", "No filter named 'nope'."),
        ("append: {}\n", "'append' gathers the lines of 'format: csv' or 'json_lines'"),
        (
            "format: json_lines\nappend: {}\n",
            "'append' needs a 'name' with the window in it, such as 'orders-{{ facts.window }}'",
        ),
        (
            "format: json_lines\nappend: {zone: Mars/Base}\n",
            "'Mars/Base' is no time zone; expected a name such as Europe/Berlin or UTC",
        ),
        ("format: csv\ncsv: {columns: {A: 'a b'}}\n", "'b' is not expected here"),
    ],
)
def test_what_does_not_fit_together_is_found(tmp_path: Path, more: str, message: str) -> None:
    with pytest.raises(ConfigProblems) as why, destination(tmp_path, FILE + more):
        pass
    assert message in str(why.value)


def test_lines_of_many_documents_are_appended_to_the_file_of_a_window(tmp_path: Path) -> None:
    settings = (
        FILE
        + """\
name: "{{ facts.partner }}-{{ facts.window }}"
format: csv
rows: lines
csv: {columns: {PO: document.purchase_order_number, SKU: sku, Key: "fact('idempotency_key')"}}
append: {window: month, documents: 2}
"""
    )
    with destination(tmp_path, settings) as world:
        for key in ("k1", "k1", "k2", "k3"):
            world.deliver(key=key)
        assert isinstance(world.outbound, Gathering)
        assert trial_of(world) == [(f"{tmp_path}/out/erp can be written", "")]
    (content,) = [one.read_bytes() for one in (tmp_path / "out/erp").glob("pier-nine-*.csv")]
    assert content == (b"PO,SKU,Key\r\nPO/7,A&B,k1\r\nPO/7,C,k1\r\nPO/7,A&B,k2\r\nPO/7,C,k2\r\n")


def test_a_window_that_ended_is_handed_on_by_the_clock_of_the_gateway(tmp_path: Path) -> None:
    settings = FILE + "name: '{{ facts.window }}'\nformat: json_lines\nappend: {window: hour}\n"
    late = utc_now() + timedelta(hours=2)
    with destination(tmp_path, settings) as world:
        with open_instance(tmp_path, clock=lambda: late) as app:
            pipeline = app.pipeline  # What it has when it is made it hands on at once.
            world.deliver()
            assert files(tmp_path) == {}
            pipeline.run_scheduled("sweep", 0)
        assert list(files(tmp_path).values()) == [DOCUMENT + b"\n"]


def test_half_a_character_is_no_value_of_a_column(tmp_path: Path) -> None:
    settings = FILE + "format: csv\ncsv: {columns: {N: purchase_order_number}}\n"
    with (
        destination(tmp_path, settings) as world,
        pytest.raises(NotShaped, match=r"^column N: it holds half a character$"),
    ):
        world.deliver(b'{"purchase_order_number":"\\ud800"}')


def test_a_folder_outside_the_home_must_be_allowed(tmp_path: Path) -> None:
    settings = FILE.replace("out/erp", "/srv/erp")
    with pytest.raises(ConfigProblems, match="'/srv/erp' is absolute"):
        destination(tmp_path, settings).__enter__()


TABLE = """\
type: table
url: '{url}'
table: erp_orders
columns:
  source_key: "fact('idempotency_key')"
  number: purchase_order_number
  total: total
  ordered: "'2026-03-15'"
  lines: pallets || length(lines)
  raw: lines[0]
key: source_key
existing: {existing}
children:
  - table: erp_lines
    each: lines
    columns: {{place: "fact('position')", sku: sku, quantity: quantity}}
    parent: {{order_key: source_key}}
"""


@pytest.fixture
def database(database_url: str) -> sa.Engine:
    engine = sa.create_engine(database_url.replace("postgresql://", "postgresql+psycopg://"))
    tables = sa.MetaData()
    sa.Table(
        "erp_orders", tables,
        sa.Column("source_key", sa.String(64), primary_key=True),
        sa.Column("number", sa.Text, nullable=False),
        sa.Column("total", sa.Numeric(12, 4)),
        sa.Column("ordered", sa.Date),
        sa.Column("lines", sa.Integer),
        sa.Column("raw", sa.Text),
    )  # fmt: skip
    sa.Table(
        "erp_lines", tables,
        sa.Column("order_key", sa.String(64), sa.ForeignKey("erp_orders.source_key")),
        sa.Column("place", sa.Integer),
        sa.Column("sku", sa.Text),
        sa.Column("quantity", sa.Numeric(12, 4), sa.CheckConstraint("quantity < 1000")),
    )  # fmt: skip
    tables.create_all(engine)
    return engine


def rows(engine: sa.Engine, query: str) -> list[tuple[object, ...]]:
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(sa.text(query))]


def settings(engine: sa.Engine, existing: str = "keep") -> str:
    url = engine.url.render_as_string(hide_password=False)
    return TABLE.format(url=url.replace("postgresql+psycopg://", "postgresql://"),
                        existing=existing)  # fmt: skip


@pytest.mark.filterwarnings("ignore:Dialect sqlite.pysqlite does:sqlalchemy.exc.SAWarning")
def test_a_document_is_a_row_with_its_lines_once_however_often_it_comes(
    tmp_path: Path, database: sa.Engine
) -> None:
    receipts: list[Receipt] = []
    with destination(tmp_path, settings(database)) as world:
        threads = [Thread(target=lambda: receipts.append(world.deliver())) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert sorted(one.repeated for one in receipts) == [False, True, True, True]
    ((key, number, total, ordered, count, raw),) = rows(database, "select * from erp_orders")
    assert (key, number, str(ordered), count) == ("key-1", "PO/7", "2026-03-15", 2)
    assert Decimal(str(total)) == Decimal("12.5")
    assert json.loads(str(raw)) == {"sku": "A&B", "quantity": "2", "price": "1.25"}
    found = rows(database, "select order_key, place, sku from erp_lines order by place")
    assert found == [("key-1", 1, "A&B"), ("key-1", 2, "C")]
    assert {one.answer for one in world.exchanges} == {
        "a row of erp_orders, inserted", "a row of erp_orders",
    }  # fmt: skip
    database.dispose()


@pytest.mark.filterwarnings("ignore:Dialect sqlite.pysqlite does:sqlalchemy.exc.SAWarning")
def test_what_is_replaced_is_replaced_with_its_lines_and_a_refusal_changes_nothing(
    tmp_path: Path, database: sa.Engine
) -> None:
    with destination(tmp_path, settings(database, "replace")) as world:
        world.deliver()
        receipt = world.deliver(DOCUMENT.replace(b'"C"', b'"D"'))
        assert receipt == Receipt("a row of erp_orders, replaced")
        with pytest.raises(Refused, match=r"^the database: "):
            world.deliver(DOCUMENT.replace(b'"quantity":"3"', b'"quantity":"5000"'))
        with pytest.raises(NotShaped, match=r"^column lines: 2\.5 is no whole number$"):
            world.deliver(DOCUMENT.replace(b'"total"', b'"pallets":2.5,"total"'))
        with pytest.raises(NotShaped, match=r"^column quantity: 'many' is no number$"):
            world.deliver(DOCUMENT.replace(b'"quantity":"3"', b'"quantity":"many"'))
    assert rows(database, "select sku from erp_lines order by place") == [("A&B",), ("D",)]
    database.dispose()


def test_a_table_or_column_that_is_not_there_is_named(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/erp.db"
    text = TABLE.format(url=url, existing="keep")
    with (
        destination(tmp_path, text) as world,
        pytest.raises(Permanent, match=r"^there is no table erp_orders in the database$"),
    ):
        world.deliver()
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        connection.execute(sa.text("create table erp_orders (source_key text primary key)"))
    engine.dispose()
    with (
        destination(tmp_path, text) as world,
        pytest.raises(Permanent, match=r"^table erp_orders has no column 'number'$"),
    ):
        world.deliver()


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        ("mysql://db.example/erp", "'mysql' is none that rows are written to; "),
        ("mssql+pyodbc://db.example/erp", ""),
        ("postgresql+asyncpg://db.example/erp", ""),
        ("erp.db", ""),
    ],
)
@pytest.mark.parametrize("referred", [False, True])
def test_a_database_of_another_kind_is_refused_when_the_configuration_is_read(
    tmp_path: Path, address: str, kind: str, *, referred: bool
) -> None:
    shown = "${file:secrets/db}" if referred else address
    home = write_home(tmp_path, TABLE.format(url=shown, existing="keep"), {"secrets/db": address})
    with pytest.raises(ConfigProblems) as refused:
        config.load(home, {}, maps_too=False)
    [problem] = refused.value.problems
    assert problem.message.endswith(
        f"{kind}expected an address that starts with sqlite:/// or postgresql://"
    )


def trial_of(world: World) -> list[tuple[str, str]]:
    steps = trial(world.instance, "erp", clock=utc_now)
    return [(step.tried, step.fault) for step in steps]


@pytest.mark.filterwarnings("ignore:Dialect sqlite.pysqlite does:sqlalchemy.exc.SAWarning")
def test_a_trial_of_a_table_looks_at_its_columns_and_its_key(
    tmp_path: Path, database: sa.Engine
) -> None:
    with destination(tmp_path / "good", settings(database)) as world:
        assert trial_of(world) == [
            ("erp_orders has source_key, number, total, ordered, lines, raw", ""),
            ("erp_lines has place, sku, quantity, order_key", ""),
        ]
    wrong = settings(database).replace("key: source_key", "key: number")
    with destination(tmp_path / "key", wrong) as world:
        assert trial_of(world) == [
            ("looking at the database",
             "table erp_orders has no primary or unique key of number"),
        ]  # fmt: skip
    database.dispose()


def test_a_trial_of_a_folder_writes_nothing_there(tmp_path: Path) -> None:
    with destination(tmp_path, FILE) as world:
        assert trial_of(world) == [(f"{tmp_path}/out/erp can be written", "")]
    assert files(tmp_path) == {}


@pytest.mark.parametrize(
    ("left", "flags", "why"),
    [
        (0, 0, "the disk is full"),
        (9, os.ST_RDONLY, "its file system is mounted read-only"),
    ],
)
def test_a_trial_says_why_a_folder_takes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, left: int, flags: int, why: str
) -> None:
    disk = os.statvfs_result((4096, 4096, 100, left, left, 100, 50, 50, flags, 255))
    with destination(tmp_path, FILE) as world:
        monkeypatch.setattr(os, "statvfs", lambda _: disk)
        assert trial_of(world) == [(f"writing into {tmp_path}/out/erp", why)]


def test_a_database_that_is_away_is_asked_again_and_its_password_is_told_nobody(
    tmp_path: Path,
) -> None:
    url = "postgresql://us:${file:secrets/db}@127.0.0.1:1/erp"
    text = TABLE.format(url=url, existing="keep")
    with (
        destination(tmp_path, text, {"secrets/db": "canary-of-db"}) as world,
        pytest.raises(Transient, match=r"^the database: ") as why,
    ):
        world.deliver()
    assert "canary-of-db" not in f"{why.value} {world.exchanges}"
