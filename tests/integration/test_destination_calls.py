"""JSON-RPC, XML-RPC, SOAP, IDocs and webhooks, from `gateway.yaml` to a server's socket."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import xmlrpc.client
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.errors import ConfigProblems, Permanent, Transient
from gateway.pipeline.ports import Receipt
from gateway.shaping import parse_xml
from tests.destination_server import ErpServer, Told, erp_server
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


JSON_RPC = """\
type: json_rpc
url: '{url}/jsonrpc'
procedure: execute_kw
secrets: {{password: '${{file:secrets/erp}}'}}
body:
  select: "['db', `2`, fact('password'), 'sale.order', 'create', [{{ref: purchase_order_number, \
total: number(total)}}]]"
reference: {{sale: result}}
"""
SECRET = {"secrets/erp": "pa55-canary"}


def test_a_procedure_is_called_with_what_is_selected_and_the_secret_is_told_nobody(
    erp: ErpServer, tmp_path: Path
) -> None:
    erp.answers(Told(200, b'{"jsonrpc":"2.0","id":"key-1","result":42}'))
    with destination(tmp_path, JSON_RPC.format(url=erp.url), SECRET) as world:
        assert world.deliver() == Receipt("HTTP 200, sale 42", keys=(("sale", "42"),))
    (asked,) = erp.asked
    assert asked.body == (
        b'{"jsonrpc":"2.0","id":"key-1","method":"execute_kw","params":'
        b'["db",2,"pa55-canary","sale.order","create",[{"ref":"PO/7","total":12.50}]]}'
    )
    (exchange,) = world.exchanges
    assert b'["db",2,"***","sale.order"' in exchange.content
    assert "pa55-canary" not in str(exchange)


@pytest.mark.parametrize(
    ("told", "kind", "words"),
    [
        (Told(200, b'{"error":{"code":200,"message":"Server Error","data":{"message":"no such '
                   b'customer"}}}'),
         Permanent, "HTTP 200: Server Error; no such customer"),
        (Told(503, b'{"error":{"code":-32000,"message":"starting"}}'), Transient,
         "HTTP 503: starting"),
    ],
)  # fmt: skip
def test_a_failed_json_rpc_call(
    erp: ErpServer, tmp_path: Path, told: Told, kind: type[Exception], words: str
) -> None:
    erp.answers(told)
    with (
        destination(tmp_path, JSON_RPC.format(url=erp.url), SECRET) as world,
        pytest.raises(kind) as why,
    ):
        world.deliver()
    assert str(why.value) == words


XML_RPC = """\
type: xml_rpc
url: '{url}/xmlrpc'
procedure: model.sale.create
body: {{select: "[[{{ref: purchase_order_number, total: number(total), n: length(lines), \
ok: `true`, none: nothing, skus: lines[].sku}}], 'context']"}}
reference: {{sale: "/methodResponse/params/param/value"}}
"""


def test_an_xml_rpc_call_is_read_by_pythons_own_reader(erp: ErpServer, tmp_path: Path) -> None:
    erp.answers(Told(200, xmlrpc.client.dumps((17,), methodresponse=True).encode()))
    with destination(tmp_path, XML_RPC.format(url=erp.url)) as world:
        assert world.deliver() == Receipt("HTTP 200, sale 17", keys=(("sale", "17"),))
    (asked,) = erp.asked
    parameters, name = xmlrpc.client.loads(asked.body)
    assert name == "model.sale.create"
    record = {"ref": "PO/7", "total": 12.5, "n": 2, "ok": True, "none": None, "skus": ["A&B", "C"]}
    assert parameters == ([record], "context")
    assert b"<double>12.50</double>" in asked.body


def test_an_xml_rpc_fault_is_a_refusal_in_its_words(erp: ErpServer, tmp_path: Path) -> None:
    fault = xmlrpc.client.Fault(4, "party is required")
    erp.answers(Told(200, xmlrpc.client.dumps(fault).encode()))
    with (
        destination(tmp_path, XML_RPC.format(url=erp.url)) as world,
        pytest.raises(Permanent, match=r"^HTTP 200: party is required$"),
    ):
        world.deliver()


SOAP = """\
type: soap
version: "{version}"
url: '{url}/soap'
action: urn:create
secrets: {{password: '${{file:secrets/erp}}'}}
body: {{template: shapes/body.xml.j2}}
header: {{template: shapes/header.xml.j2}}
reference: {{order: "//*[local-name()='number']"}}
"""
ENVELOPE = (
    b"<s:Envelope xmlns:s='http://schemas.xmlsoap.org/soap/envelope/'>"
    b"<s:Body><r>%s</r></s:Body></s:Envelope>"
)
SHAPES = SECRET | {
    "shapes/body.xml.j2": '<o:create xmlns:o="urn:o"><o:no>{{ document.purchase_order_number }}'
    "</o:no></o:create>",
    "shapes/header.xml.j2": "<Password>{{ facts.password }}</Password>",
}
FAULT = {
    "1.1": '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><s:Fault>'
    "<faultcode>s:{code}</faultcode><faultstring>{words}</faultstring></s:Fault></s:Body>"
    "</s:Envelope>",
    "1.2": '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body><s:Fault>'
    "<s:Code><s:Value>s:{code}</s:Value></s:Code><s:Reason><s:Text>{words}</s:Text></s:Reason>"
    "</s:Fault></s:Body></s:Envelope>",
}


@pytest.mark.parametrize(
    ("version", "content_type", "action", "namespace"),
    [
        ("1.1", "text/xml; charset=utf-8", '"urn:create"',
         "http://schemas.xmlsoap.org/soap/envelope/"),
        ("1.2", 'application/soap+xml; charset=utf-8; action="urn:create"', None,
         "http://www.w3.org/2003/05/soap-envelope"),
    ],
)  # fmt: skip
def test_a_soap_envelope(
    erp: ErpServer, tmp_path: Path, version: str, content_type: str, action: str | None,
    namespace: str,
) -> None:  # fmt: skip
    erp.answers(Told(200, ENVELOPE % b"<number>SO-9</number>"))
    with destination(tmp_path, SOAP.format(url=erp.url, version=version), SHAPES) as world:
        assert world.deliver().keys == (("order", "SO-9"),)
    (asked,) = erp.asked
    assert (asked.headers["content-type"], asked.headers.get("soapaction")) == (
        content_type, action,
    )  # fmt: skip
    envelope = parse_xml(asked.body)
    assert [child.tag for child in envelope] == [f"{{{namespace}}}Header", f"{{{namespace}}}Body"]
    assert envelope[0][0].text == "pa55-canary"
    assert envelope[1][0][0].text == "PO/7"
    assert b"<Password>***</Password>" in world.exchanges[0].content


@pytest.mark.parametrize(
    ("version", "status", "code", "kind"),
    [
        ("1.1", 500, "Client", Permanent),
        ("1.1", 500, "Server", Transient),
        ("1.2", 400, "Sender", Permanent),
        ("1.2", 200, "Receiver", Transient),
    ],
)
def test_whose_fault_a_soap_fault_is_decides(
    erp: ErpServer, tmp_path: Path, version: str, status: int, code: str, kind: type[Exception]
) -> None:
    erp.answers(Told(status, FAULT[version].format(code=code, words="item is unknown").encode()))
    with (
        destination(tmp_path, SOAP.format(url=erp.url, version=version), SHAPES) as world,
        pytest.raises(kind, match=rf"^HTTP {status}: item is unknown$"),
    ):
        world.deliver()


PAGE = b"<html><body><form>Please log in</form></body></html>"
ODATA = "type: odata\nurl: '{url}/A_SalesOrder'\n"


def test_a_page_for_people_is_no_success_of_a_protocol(erp: ErpServer, tmp_path: Path) -> None:
    """As systems say 200 to where nobody is logged in, or a proxy to where all is down."""
    asked = {
        "JSON-RPC": (JSON_RPC, Told(200, PAGE)),
        "XML-RPC": (XML_RPC, Told(200, PAGE)),
        "SOAP": (SOAP.replace("{version}", "1.1"), Told(200, PAGE)),
        "OData": (ODATA, Told(200, PAGE, {"Content-Type": "text/html"})),
    }
    for number, (protocol, (settings, page)) in enumerate(asked.items()):
        erp.answers(page)
        home = tmp_path / str(number)
        with (
            destination(home, settings.format(url=erp.url), SHAPES) as world,
            pytest.raises(Transient) as why,
        ):
            world.deliver()
        assert str(why.value) == (f"HTTP 200, but that is no answer of {protocol}: {PAGE.decode()}")


def test_a_success_of_a_protocol_may_be_short_or_too_large_to_be_read(
    erp: ErpServer, tmp_path: Path
) -> None:
    large = b'{"result": "' + b"x" * 200_000 + b'"}'
    asked = [
        (JSON_RPC, Told(200, b'{"jsonrpc": "2.0", "id": "key-1", "result": null}')),
        (JSON_RPC, Told(200, large)),
        (SOAP.replace("{version}", "1.2"), Told(202)),
        (ODATA, Told(204)),
        (ODATA, Told(201, b"<entry/>", {"Content-Type": "application/atom+xml"})),
        (ODATA, Told(201, b'{"d": {"SalesOrder": "1"}}')),
    ]
    for number, (settings, answer) in enumerate(asked):
        erp.answers(answer)
        with destination(tmp_path / str(number), settings.format(url=erp.url), SHAPES) as world:
            assert world.deliver().reference.startswith(f"HTTP {answer.status}")


IDOC = """\
type: idoc
url: '{url}/sap/bc/idoc_xml?sap-client=100'
idoc_type: ORDERS05
message_type: ORDERS
control: {{SNDPRN: HARBOR}}
body: {{template: shapes/segments.xml.j2}}
"""
SEGMENTS = """\
<s><E1EDK01><BELNR>{{ document.purchase_order_number }}</BELNR></E1EDK01>
{% for line in document.lines %}<E1EDP01><MENGE>{{ line.quantity }}</MENGE></E1EDP01>{% endfor %}
</s>"""


def test_an_idoc_has_its_control_record_first(erp: ErpServer, tmp_path: Path) -> None:
    files = {"shapes/segments.xml.j2": SEGMENTS}
    with destination(tmp_path, IDOC.format(url=erp.url), files) as world:
        world.deliver()
    idoc = parse_xml(erp.asked[0].body)[0]
    assert [segment.tag for segment in idoc] == ["EDI_DC40", "E1EDK01", "E1EDP01", "E1EDP01"]
    assert {field.tag: field.text for field in idoc[0]} == {
        "TABNAM": "EDI_DC40", "DIRECT": "2", "IDOCTYP": "ORDERS05", "MESTYP": "ORDERS",
        "SNDPRN": "HARBOR", "ARCKEY": "key-1",
    }  # fmt: skip


WEBHOOK = """\
type: webhook
url: '{url}/hook'
secrets: ['${{file:secrets/new}}', '${{file:secrets/old}}']
"""


def test_a_webhook_is_signed_by_each_secret_as_standard_webhooks_says(
    erp: ErpServer, tmp_path: Path
) -> None:
    key = b"a key of thirty-two bytes, see.."
    files = {"secrets/new": "whsec_" + base64.b64encode(key).decode(), "secrets/old": "old words"}
    with destination(tmp_path, WEBHOOK.format(url=erp.url), files) as world:
        world.deliver()
        world.deliver(attempt=2)
    first, second = erp.asked
    assert first.headers["webhook-id"] == second.headers["webhook-id"] == "key-1"
    signed = f"key-1.{first.headers['webhook-timestamp']}.".encode() + DOCUMENT
    assert first.headers["webhook-signature"].split(" ") == [
        "v1," + base64.b64encode(hmac.new(secret, signed, hashlib.sha256).digest()).decode()
        for secret in (key, b"old words")
    ]
    assert json.dumps(dict(world.exchanges[0].headers)).count("***") == 1


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        (SOAP.replace("body.xml.j2", "body.txt"),
         "destinations.erp.body: expected 'xslt', or a 'template' that writes xml"),
        (JSON_RPC.replace("  select:", "  xslt: a.xsl\n  select:"),
         "destinations.erp: parameters of a procedure are made by 'select', not by a file"),
        (JSON_RPC.replace("fact('password')", "fact("),
         "destinations.erp.body.select: no JMESPath: "),
        (WEBHOOK.replace("'${{file:secrets/new}}'", "words"),
         "destinations.erp.secrets[0]: a secret is written here by its reference only"),
    ],
)  # fmt: skip
def test_what_cannot_work_is_found_when_it_is_checked(
    tmp_path: Path, settings: str, problem: str
) -> None:
    text = settings.format(url="http://127.0.0.1:9", version="1.1")
    with pytest.raises(ConfigProblems) as refused, destination(tmp_path, text, SHAPES):
        pass
    assert problem in str(refused.value)
