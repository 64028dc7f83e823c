"""Sources of exports, each against a real other end: HTTP, SQLite, PostgreSQL, folders."""

from __future__ import annotations

import gzip
import json
import os
import xmlrpc.client
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
import sqlalchemy as sa

from gateway.clock import utc_now
from gateway.errors import Permanent, Transient
from gateway.pipeline.exports.source import Asked, Page, PlaceLost, Source
from gateway.shaping import JsonTemplate, Selection, UrlTemplate, dumps
from gateway.transports.sources.completed import CompletedSource, Question
from gateway.transports.sources.folder import FolderQuestion, FolderSource
from gateway.transports.sources.odata import ODataQuestion, ODataSource
from gateway.transports.sources.rest import Paging, RestQuestion, RestSource
from gateway.transports.sources.rpc import RpcQuestion, RpcSource
from gateway.transports.sources.sql import SqlQuestion, SqlSource
from gateway.transports.sources.web import Address, Web
from tests import erp_server
from tests.erp_server import Answer, Erp, as_json, erp
from tests.postgres import Postgres

MANY = [{"id": number, "price": Decimal("1.10")} for number in range(1, 6)]
PLAIN = [{"id": number} for number in range(1, 6)]
FIRST = Asked(None, None, 1_000_000)


_OPEN: list[Source] = []


@pytest.fixture(autouse=True)
def _closed() -> Iterator[None]:
    """Close what a test opened."""
    yield
    while _OPEN:
        _OPEN.pop().close()


def ids(source: Source, since: str | None = None) -> list[object]:
    """Read all pages of a source and return the ids of its records."""
    found: list[object] = []
    position = None
    while True:
        page = source.page(Asked(since, position, 1_000_000))
        found += [one["id"] for one in page.records if isinstance(one, dict)]
        page.settle()
        if page.following is None:
            return found
        position = page.following


@pytest.fixture
def server() -> Iterator[Erp]:
    with erp(lambda _: as_json(PLAIN)) as running:
        yield running


def address(server: Erp, path: str = "/orders") -> Address:
    headers = {"Authorization": "Bearer s3cret"}
    return Address(server.url + path, "the ERP", headers, timedelta(seconds=5))


def rest(server: Erp, question: RestQuestion) -> RestSource:
    where = address(server)
    made = RestSource(Web(where, clock=utc_now), where, question)
    _OPEN.append(made)
    made.open()
    return made


def everything(records: str = "@", **more: object) -> RestQuestion:
    return RestQuestion(Selection.compile(records), **more)  # type: ignore[arg-type]  # by name


def test_one_answer_has_everything(server: Erp) -> None:
    assert ids(rest(server, everything(parameters={"status": "ready"}))) == [1, 2, 3, 4, 5]
    [asked] = server.asked
    assert (asked.query, asked.headers["Authorization"]) == ({"status": "ready"}, "Bearer s3cret")


def test_a_parameter_with_the_cursor_is_sent_only_with_a_value(server: Erp) -> None:
    source = rest(server, everything(parameters={"since": "gt:{since}", "all": "no"}))
    ids(source)
    ids(source, since="2026-03-01T10:00:00Z")
    assert [one.query for one in server.asked] == [
        {"all": "no"},
        {"since": "gt:2026-03-01T10:00:00Z", "all": "no"},
    ]


def test_numbers_stay_what_the_source_wrote(server: Erp) -> None:
    server.answer = lambda _: Answer(200, b'[{"id": 1, "price": 1.10}]')
    [record] = rest(server, everything()).page(FIRST).records
    assert record == {"id": 1, "price": Decimal("1.10")}
    assert f"{record['price']}" == "1.10"


def completed(server: Erp) -> CompletedSource:
    """Return a source that asks for the order of each record."""
    where = address(server)
    web = Web(where, clock=utc_now)
    template = UrlTemplate("/order/{{ document.order }}")
    question = Question(
        "order_there",
        lambda record: server.url + template.render(record, {}).decode(),
        Selection.compile("d"),
    )
    made = CompletedSource(RestSource(web, where, everything()), web, [question], shown=where.shown)
    _OPEN.append(made)
    made.open()
    return made


def test_records_are_completed_by_further_questions_each_asked_once(server: Erp) -> None:
    def answer(asked: erp_server.Asked) -> Answer:
        if asked.path == "/orders":
            return as_json([{"order": 7}, {"order": 8}, {"order": 7}, {"id": 1}])
        return as_json({"d": {"po": "PO-7"}}) if asked.path == "/order/7" else Answer(404)

    server.answer = answer
    page = completed(server).page(FIRST)
    assert page.records == [
        {"order": 7, "order_there": {"po": "PO-7"}},
        {"order": 8, "order_there": None},
        {"order": 7, "order_there": {"po": "PO-7"}},
        {"id": 1, "order_there": None},
    ]
    assert [one.path for one in server.asked] == ["/orders", "/order/7", "/order/8"]
    assert {one.headers["Authorization"] for one in server.asked} == {"Bearer s3cret"}


@pytest.mark.parametrize(
    ("status", "kind", "sentence"),
    [(503, Transient, "the ERP: HTTP 503"), (403, Permanent, "the ERP: HTTP 403")],
)
def test_a_further_question_that_fails_fails_the_page(
    server: Erp, status: int, kind: type[Exception], sentence: str
) -> None:
    server.answer = lambda asked: (
        as_json([{"order": 7}]) if asked.path == "/orders" else Answer(status)
    )
    with pytest.raises(kind, match=f"^{sentence}"):
        completed(server).page(FIRST)


@pytest.mark.parametrize(
    ("status", "kind", "body"),
    [
        (503, Transient, {"error": {"message": {"lang": "en", "value": "no work process"}}}),
        (403, Permanent, {"error": {"message": "no work process"}}),
    ],
)
def test_a_source_that_fails_is_told_in_its_own_words(
    server: Erp, status: int, kind: type[Exception], body: object
) -> None:
    server.answer = lambda _: Answer(status, json.dumps(body).encode())
    with pytest.raises(kind) as failed:
        rest(server, everything()).page(FIRST)
    assert str(failed.value) == f"the ERP: HTTP {status}: no work process"


def test_a_cursor_in_the_answer_leads_to_the_next_page(server: Erp) -> None:
    def answer(asked: erp_server.Asked) -> Answer:
        start = int(asked.query.get("after", "0"))
        following = str(start + 2) if start + 2 < len(PLAIN) else None
        return as_json({"items": PLAIN[start : start + 2], "meta": {"next": following}})

    server.answer = answer
    paging = Paging("cursor", Selection.compile("meta.next"), "after")
    assert ids(rest(server, everything("items", paging=paging))) == [1, 2, 3, 4, 5]


@pytest.mark.parametrize("in_header", [True, False])
def test_a_next_link_is_followed(server: Erp, *, in_header: bool) -> None:
    def answer(asked: erp_server.Asked) -> Answer:
        start = int(asked.query.get("p", "0"))
        link = f"/orders?p={start + 2}" if start + 2 < len(PLAIN) else None
        if in_header:
            headers = {"Link": f'<{link}>; rel="next"'} if link else {}
            return as_json(PLAIN[start : start + 2], **headers)
        return as_json({"items": PLAIN[start : start + 2], "next": link})

    server.answer = answer
    link = None if in_header else Selection.compile("next")
    question = everything("@" if in_header else "items", paging=Paging("next_link", link))
    assert ids(rest(server, question)) == [1, 2, 3, 4, 5]


def test_a_next_link_to_another_machine_is_refused(server: Erp) -> None:
    server.answer = lambda _: as_json({"items": PLAIN, "next": "https://evil.example/orders"})
    question = everything("items", paging=Paging("next_link", Selection.compile("next")))
    source = rest(server, question)
    page = source.page(FIRST)
    with pytest.raises(Permanent) as why:
        source.page(Asked(None, page.following, 1_000_000))
    assert str(why.value) == "the ERP: its next page is at evil.example, another machine"


@pytest.mark.parametrize("kind", ["page", "offset"])
def test_pages_are_counted(server: Erp, kind: str) -> None:
    def answer(asked: erp_server.Asked) -> Answer:
        number, size = int(asked.query["n"]), int(asked.query["size"])
        start = (number - 1) * size if kind == "page" else number
        return as_json(PLAIN[start : start + size])

    server.answer = answer
    first = 1 if kind == "page" else 0
    paging = Paging(kind, None, "n", "size", 2, first)  # type: ignore[arg-type]  # of the two
    source = rest(server, everything(paging=paging))
    assert ids(source) == [1, 2, 3, 4, 5]
    assert source.shifts


def test_what_is_asked_by_post_goes_as_json(server: Erp) -> None:
    ids(rest(server, everything(parameters={"status": "ready"}, post=True)))
    [asked] = server.asked
    assert (asked.method, json.loads(asked.body)) == ("POST", {"status": "ready"})


@pytest.mark.parametrize(
    ("answer", "said", "after"),
    [
        (Answer(503, b"stocktaking"), "the ERP: HTTP 503: stocktaking", None),
        (Answer(429, b"", {"Retry-After": "7"}), "the ERP: HTTP 429", 7.0),
        (Answer(200, b'[{"id": 1}, {"i'), "the ERP: its answer is no JSON: ", None),
        (Answer(200, b'[{"id": 1}]', cut=4), "the ERP: peer closed connection ", None),
    ],
)
def test_what_passes_is_asked_again(
    server: Erp, answer: Answer, said: str, after: float | None
) -> None:
    server.faults.append(answer)
    source = rest(server, everything())
    with pytest.raises(Transient) as why:
        source.page(FIRST)
    assert str(why.value).startswith(said)
    assert why.value.retry_after == after
    assert ids(source) == [1, 2, 3, 4, 5]


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (Answer(401, b"who are you"), "the ERP: HTTP 401: who are you"),
        (
            # A few hundred bytes that would become 20 MB, of which the limit knows nothing.
            Answer(
                200,
                gzip.compress(gzip.compress(b"[" + b" " * 20_000_000 + b"]")),
                {"Content-Encoding": "gzip, gzip"},
            ),
            "the ERP: its answer is compressed (gzip, gzip), which was not asked for",
        ),
        (
            Answer(404, b"no gzip at all", {"Content-Encoding": "gzip"}),
            "the ERP: HTTP 404: no gzip at all",
        ),
        (Answer(409, b""), "the ERP: HTTP 409"),
        (Answer(200, b'{"id": 1}'), "the ERP: '@' finds no list of records in its answer"),
        (
            Answer(200, b"null"),
            "the ERP: '@' finds nothing in its answer; where it leaves an empty list out, write "
            '"@ || `[]`"',
        ),
        (
            Answer(200, b" " * 1_000_001),
            "the ERP: its answer is larger than the limit of 1000000 bytes; expected smaller "
            "pages, or a higher 'limits: {page}'",
        ),
    ],
)
def test_what_stays_wrong_is_not_asked_again(server: Erp, answer: Answer, said: str) -> None:
    server.faults.append(answer)
    with pytest.raises(Permanent) as why:
        rest(server, everything()).page(FIRST)
    assert str(why.value) == said


@pytest.mark.parametrize(("value", "given_back"), [("s", "a=s"), ("s" * 9000, None)])
def test_a_cookie_is_given_back_unless_it_is_too_large(
    server: Erp, value: str, given_back: str | None
) -> None:
    source = rest(server, everything())
    server.faults.append(Answer(200, b"[]", {"Set-Cookie": f"a={value}"}))
    source.page(FIRST)
    source.page(FIRST)
    assert server.asked[-1].headers.get("Cookie") == given_back


def test_a_place_that_is_forgotten_is_told_from_what_is_wrong(server: Erp) -> None:
    server.faults += [Answer(410), Answer(410)]
    source = rest(server, everything(paging=Paging("cursor", Selection.compile("next"), "after")))
    with pytest.raises(PlaceLost):
        source.page(Asked(None, "token", 1_000_000))
    with pytest.raises(Permanent):
        source.page(FIRST)


def odata(server: Erp, question: ODataQuestion) -> ODataSource:
    where = address(server, "/Orders")
    made = ODataSource(Web(where, clock=utc_now), where, question)
    _OPEN.append(made)
    made.open()
    return made


def test_odata_v4_follows_the_services_own_pages(server: Erp) -> None:
    def answer(asked: erp_server.Asked) -> Answer:
        start = int(asked.query.get("$skiptoken", "0"))
        page = {"value": PLAIN[start : start + 2]}
        if start + 2 < len(PLAIN):
            page["@odata.nextLink"] = f"Orders?$skiptoken={start + 2}"  # type: ignore[assignment]  # as it is there
        return as_json(page)

    server.answer = answer
    question = ODataQuestion("v4", "Status eq 'A'", "Changed ge {since}", "Id", expand="Items")
    assert ids(odata(server, question), since="2026-03-01T10:00:00Z") == [1, 2, 3, 4, 5]
    assert server.asked[0].query == {
        "$filter": "(Status eq 'A') and (Changed ge 2026-03-01T10:00:00Z)",
        "$orderby": "Id",
        "$expand": "Items",
    }


def test_odata_v2_counts_pages_where_the_service_makes_none(server: Erp) -> None:
    def answer(asked: erp_server.Asked) -> Answer:
        start, top = int(asked.query.get("$skip", "0")), int(asked.query["$top"])
        return as_json({"d": {"results": PLAIN[start : start + top]}})

    server.answer = answer
    source = odata(server, ODataQuestion("v2", top=2))
    assert (ids(source), source.shifts) == ([1, 2, 3, 4, 5], True)
    assert server.asked[0].query == {"$top": "2", "$format": "json"}


def test_a_moment_of_odata_v2_that_no_calendar_has_fails_no_other_record(server: Erp) -> None:
    moments = ["/Date(253402300800000)/", "/Date(-99999999999999)/", "/Date(253402214400000)/"]
    server.answer = lambda asked: as_json({"d": {"results": [{"at": one} for one in moments]}})
    page = odata(server, ODataQuestion("v2")).page(Asked(None, None, 100_000))
    assert page.records == [
        {"at": "/Date(253402300800000)/"},
        {"at": "/Date(-99999999999999)/"},
        {"at": "9999-12-31T00:00:00Z"},
    ]


def test_an_answer_that_is_packed_though_nobody_asked_is_read_within_the_limit(
    server: Erp,
) -> None:
    packed = {"Content-Encoding": "gzip"}
    server.answer = lambda asked: Answer(200, gzip.compress(b'[{"id": 1}]'), packed)
    assert ids(rest(server, RestQuestion(Selection.compile("@")))) == [1]
    bomb = gzip.compress(b"[" + b" " * 20_000_000 + b"]")
    server.answer = lambda asked: Answer(200, bomb, packed)
    with pytest.raises(Permanent, match=r"its answer is larger than the limit of 1000000 bytes"):
        ids(rest(server, RestQuestion(Selection.compile("@"))))


def rpc(server: Erp, kind: str, params: str) -> RpcSource:
    where = address(server, "/rpc")
    question = RpcQuestion(
        kind,  # type: ignore[arg-type]  # one of the two
        "orders.search",
        JsonTemplate(params),
        Selection.compile("@"),
        size=2,
        facts={"password": "s3cret"},
    )
    made = RpcSource(Web(where, clock=utc_now), where, question)
    _OPEN.append(made)
    made.open()
    return made


PARAMS = (
    '[{{ facts.password }}, {"since": {{ facts.since }}, "offset": {{ facts.offset | number }}}]'
)


def test_json_rpc_is_called_page_by_page(server: Erp) -> None:
    def answer(asked: erp_server.Asked) -> Answer:
        call = json.loads(asked.body)
        start = call["params"][1]["offset"]
        return as_json({"jsonrpc": "2.0", "id": call["id"], "result": PLAIN[start : start + 2]})

    server.answer = answer
    assert ids(rpc(server, "json_rpc", PARAMS), since="5") == [1, 2, 3, 4, 5]
    assert json.loads(server.asked[0].body) == {
        "jsonrpc": "2.0",
        "id": 1,
        "method": "orders.search",
        "params": ["s3cret", {"since": "5", "offset": 0}],
    }


def test_xml_rpc_is_called_page_by_page(server: Erp) -> None:
    def answer(asked: erp_server.Asked) -> Answer:
        params, name = xmlrpc.client.loads(asked.body.decode())
        assert (name, params[0]) == ("orders.search", "s3cret")
        start = params[1]["offset"]  # type: ignore[index]  # a struct
        body = xmlrpc.client.dumps((PLAIN[start : start + 2],), methodresponse=True)
        return Answer(200, body.encode())

    server.answer = answer
    assert ids(rpc(server, "xml_rpc", PARAMS)) == [1, 2, 3, 4, 5]


def xml_answer(value: str) -> Answer:
    body = (
        f"<methodResponse><params><param><value>{value}</value></param></params></methodResponse>"
    )
    return Answer(200, body.encode())


def test_numbers_over_xml_rpc_stay_what_was_written_both_ways(server: Erp) -> None:
    members = {
        "price": "<double>12345678901234567.89</double>",
        "whole": "<double>24</double>",
        "apache": '<ex:bigdecimal xmlns:ex="urn:x">0.10</ex:bigdecimal>',
        "id": "<i8>900719925474099312345</i8>",
        "day": "<dateTime.iso8601>20260301T10:00:00</dateTime.iso8601>",
        "bytes": "<base64>AP8=</base64>",
        "paid": "<boolean>1</boolean>",
        "note": "<nil/>",
        "bare": "a &amp; b",
        "lines": "<array><data><value><int>-1</int></value></data></array>",
    }
    struct = "".join(
        f"<member><name>{name}</name><value>{value}</value></member>"
        for name, value in members.items()
    )
    server.faults.append(
        xml_answer(f"<array><data><value><struct>{struct}</struct></value></data></array>")
    )
    [record] = rpc(server, "xml_rpc", "[12345678901234567.89, 0.10]").page(FIRST).records
    assert dumps(record) == (
        b'{"price":12345678901234567.89,"whole":24,"apache":0.10,"id":900719925474099312345,'
        b'"day":"2026-03-01T10:00:00","bytes":"00ff","paid":true,"note":null,"bare":"a & b",'
        b'"lines":[-1]}'
    )
    sent = server.asked[-1].body
    assert b"<double>12345678901234567.89</double>" in sent
    assert b"<double>0.10</double>" in sent


def test_an_answer_that_is_none_of_xml_rpc_is_asked_for_again(server: Erp) -> None:
    unfit = {
        "<int>1.5</int>": "no answer of XML-RPC",
        "<double>NaN</double>": "no answer of XML-RPC",
        "<double>1e999999</double>": "no answer of XML-RPC",
        "<double>twelve</double>": "no answer of XML-RPC",
        "<boolean>yes</boolean>": "no answer of XML-RPC",
        "<money>1</money>": "no answer of XML-RPC",
        "<struct><member><name>a</name></member></struct>": "no answer of XML-RPC",
        "</value></param><param><value>": "no answer of XML-RPC",
        "<int>1": "no XML: line 1: Opening and ending tag mismatch: int line 1 and value",
    }
    for value, said in unfit.items():
        server.faults.append(xml_answer(value))
        with pytest.raises(Transient) as why:
            rpc(server, "xml_rpc", "[]").page(FIRST)
        assert str(why.value) == f"the ERP: its answer is {said}", value
    with pytest.raises(Permanent, match=r"^the ERP: 'params' do not fit XML-RPC$"):
        rpc(server, "xml_rpc", "[5000000000]").page(FIRST)


def test_what_a_procedure_refuses_is_said_in_its_words(server: Erp) -> None:
    fault = xmlrpc.client.dumps(xmlrpc.client.Fault(1, "Access denied"), methodresponse=True)
    server.faults += [
        as_json({"id": 1, "error": {"code": 200, "message": "Odoo Session Expired"}}),
        Answer(200, fault.encode()),
    ]
    said = []
    for kind in ("json_rpc", "xml_rpc"):
        with pytest.raises(Permanent) as why:
            rpc(server, kind, "[]").page(FIRST)
        said.append(str(why.value))
    assert said == ["the ERP: Odoo Session Expired", "the ERP: Access denied"]


@pytest.fixture(params=["sqlite", "postgresql"])
def erp_database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Make a database of an ERP with five orders."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'erp.db'}"
    else:
        server: Postgres = request.getfixturevalue("postgres_server")
        url = server.empty_database()
    engine = sa.create_engine(sa.make_url(url).set(drivername=_driver(url)))
    with engine.begin() as connection:
        connection.exec_driver_sql(
            "CREATE TABLE orders (id INTEGER, total NUMERIC(9,2), changed TIMESTAMP)"
        )
        for one in range(1, 6):
            connection.execute(
                sa.text("INSERT INTO orders VALUES (:id, 10.50, :changed)"),
                {"id": one, "changed": f"2026-03-0{one} 10:00:00"},
            )
    engine.dispose()
    return url


def _driver(url: str) -> str:
    return "postgresql+psycopg" if url.startswith("postgresql") else "sqlite"


ORDERS = "SELECT id, total, changed FROM orders WHERE changed >= :since ORDER BY id"


def test_rows_are_read_page_by_page(erp_database: str) -> None:
    source = SqlSource(SqlQuestion(erp_database, ORDERS, page=2))
    source.open()
    assert ids(source, since="2026-03-02 00:00:00") == [2, 3, 4, 5]
    assert not source.shifts
    # In a later run, from the middle: by their number, and so read again to be sure.
    page = source.page(Asked("2026-03-02 00:00:00", "2", 1_000_000))
    assert [one["id"] for one in page.records if isinstance(one, dict)] == [4, 5]
    assert source.shifts
    source.close()


def test_a_query_cannot_change_anything(erp_database: str) -> None:
    writing = "WITH gone AS (DELETE FROM orders RETURNING id) SELECT id FROM gone"
    if erp_database.startswith("sqlite"):
        writing = "DELETE FROM orders RETURNING id"
    source = SqlSource(SqlQuestion(erp_database, writing))
    source.open()
    with pytest.raises((Permanent, Transient)):
        source.page(FIRST)
    source.close()
    source = SqlSource(SqlQuestion(erp_database, "SELECT id FROM orders"))
    source.open()
    assert len(ids(source)) == 5
    source.close()


def test_a_query_that_is_wrong_says_why_without_the_address(erp_database: str) -> None:
    source = SqlSource(SqlQuestion(erp_database, "SELECT nothing FROM orders"))
    source.open()
    with pytest.raises(Permanent) as why:
        source.page(FIRST)
    assert str(why.value).startswith("the database: ")
    assert "nothing" in str(why.value)
    assert erp_database not in str(why.value)
    source.close()


def folder(home: Path, **more: object) -> FolderSource:
    question = FolderQuestion(
        home / "out",
        home / "archive",
        Selection.compile("@"),
        stable_for=timedelta(0),
        ignore=(".*", "*.tmp"),
        **more,  # type: ignore[arg-type]  # by name
    )
    made = FolderSource(question, clock=utc_now)
    _OPEN.append(made)
    made.open()
    return made


def written(home: Path, name: str, content: str, age: int = 60) -> None:
    file = home / "out" / name
    file.parent.mkdir(exist_ok=True)
    file.write_text(content)
    then = file.stat().st_mtime - age
    os.utime(file, (then, then))


def test_files_are_taken_oldest_first_and_archived_once_they_are_kept(tmp_path: Path) -> None:
    written(tmp_path, "b.json", '[{"id": 3}, {"id": 4}]', age=50)
    written(tmp_path, "a.csv", "id,name\n5,five\n", age=40)
    written(tmp_path, "c.jsonl", '{"id": 1}\n{"id": 2}\n', age=90)
    written(tmp_path, "d.tmp", "[]")
    source = folder(tmp_path)
    assert ids(source) == [1, 2, 3, 4, "5"]
    source.close()
    archived = sorted(path.name for path in (tmp_path / "archive").rglob("*") if path.is_file())
    assert archived == ["a.csv", "b.json", "c.jsonl"]
    assert [path.name for path in (tmp_path / "out").iterdir() if path.is_file()] == ["d.tmp"]


def test_a_file_that_was_not_kept_comes_again(tmp_path: Path) -> None:
    written(tmp_path, "a.json", '{"id": 1}')
    source = folder(tmp_path)
    source.page(FIRST)  # and the process dies: nobody settles it
    source.close()
    source = folder(tmp_path)
    page = source.page(FIRST)
    assert page.records == [{"id": 1}]
    page.release()
    assert (tmp_path / "out" / "a.json").is_file()
    source.close()


@pytest.mark.parametrize(
    ("name", "content", "because"),
    [
        ("a.json", '[{"id": 1}', "the file a.json cannot be read: it is no JSON: line 1: "),
        ("a.jsonl", '{"id": 1}\n{', "the file a.jsonl cannot be read: line 2: it is no JSON: "),
        ("a.csv", "id,n\n1\n", "the file a.csv cannot be read: row 2 has 1 values, expected 2"),
        ("a.xls", "x", "the file a.xls cannot be read: '.xls' says not what it holds; expected"),
        ("a.json", "7", "the file a.json cannot be read: '@' finds no list of records"),
    ],
)
def test_a_file_that_holds_no_records_is_told(
    tmp_path: Path, name: str, content: str, because: str
) -> None:
    written(tmp_path, name, content)
    written(tmp_path, "z.json", '{"id": 1}', age=1)
    source = folder(tmp_path)
    page: Page = source.page(FIRST)
    [refused] = page.unreadable
    assert refused.because.startswith(because)
    page.settle()
    assert ids(source) == [1]
    source.close()
