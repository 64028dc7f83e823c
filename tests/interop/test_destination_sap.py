"""Documents into an SAP system that others wrote: OData with deep insert, BAPIs, IDocs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.errors import Permanent, Transient
from gateway.pipeline.ports import Receipt
from tests.destination_world import destination
from tests.interop.mock_sap import PASSWORD, USER, MockSap, mock_sap

pytestmark = pytest.mark.slow

SERVICE = "/sap/opu/odata/sap/API_SALES_ORDER_SRV"
V4 = "/sap/opu/odata4/sap/api_salesorder/srvd_a2x/sap/api_salesorder/0001"

DOCUMENT = b"""{"document":"order","purchase_order_number":"PO-4711","sold_to":"1000001","lines":[\
{"material":"TG11","quantity":"2","amount":"1998.00"},\
{"material":"TG12","quantity":"3.5","amount":"10.10"}]}"""

ENTITY = """\
body:
  select: |
    {
      SalesOrderType: 'OR', SalesOrganization: '1710', DistributionChannel: '10',
      OrganizationDivision: '00', SoldToParty: sold_to, TransactionCurrency: 'EUR',
      PurchaseOrderByCustomer: purchase_order_number,
      to_Item: lines[].{Material: material, RequestedQuantity: quantity, NetAmount: amount}
    }
"""


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MockSap]:
    # The folder above is that of all workers of this session.
    with mock_sap(tmp_path_factory.getbasetemp().parent / "environments") as sap:
        yield sap


@pytest.fixture
def sap(system: MockSap) -> MockSap:
    system.reset()
    return system


def odata(sap: MockSap, more: str = ENTITY, *, path: str = "/A_SalesOrder") -> str:
    return (
        f"type: odata\nversion: v2\nurl: '{sap.url}{SERVICE}{path}'\n"
        f"csrf_url: '{sap.url}{SERVICE}/'\n"
        f"auth: {{type: basic, username: {USER}, password: '${{file:secrets/sap}}'}}\n"
        f"reference: {{sales_order: d.SalesOrder}}\n{more}"
    )


FILES = {"secrets/sap": PASSWORD}


def orders(sap: MockSap) -> list[dict[str, object]]:
    return sap.entities(f"{SERVICE}/A_SalesOrder", "PurchaseOrderByCustomer eq 'PO-4711'")


def test_an_order_is_inserted_with_its_items_and_answered_with_saps_number(
    sap: MockSap, tmp_path: Path
) -> None:
    with destination(tmp_path, odata(sap), FILES) as world:
        receipt = world.deliver(DOCUMENT)
        world.deliver(DOCUMENT.replace(b"4711", b"4712"), key="key-2")
    (order,) = orders(sap)
    assert receipt.keys == (("sales_order", order["SalesOrder"]),)
    assert order["TotalNetAmount"] == "2008.100"
    items = sap.entities(f"{SERVICE}/A_SalesOrderItem", f"SalesOrder eq '{order['SalesOrder']}'")
    assert [item["RequestedQuantity"] for item in items] == ["2.000", "3.500"]
    # One token serves many calls, and is fetched before the first.
    assert [one.request.split("/")[0] for one in world.exchanges] == ["GET http:", "POST http:",
                                                                      "POST http:"]  # fmt: skip


def test_a_token_that_is_refused_is_renewed_and_the_order_is_there_once(
    sap: MockSap, tmp_path: Path
) -> None:
    with destination(tmp_path, odata(sap), FILES) as world:
        world.deliver(DOCUMENT.replace(b"4711", b"1"))
        sap.reset()  # Which forgets every token that it gave.
        sap.fail(match="A_SalesOrder", method="POST", scenario="csrf", count=1)
        world.deliver(DOCUMENT, key="key-2")
    assert len(orders(sap)) == 1


def test_a_system_that_is_busy_or_has_it_locked_is_asked_again(
    sap: MockSap, tmp_path: Path
) -> None:
    sap.fail(match="A_SalesOrder", method="POST", status=503, message="no work process", count=1)
    sap.fail(match="A_SalesOrder", method="POST", status=423, message="locked by MILLER", count=1)
    with destination(tmp_path, odata(sap), FILES) as world:
        with pytest.raises(Transient, match=r"^HTTP 503: no work process$"):
            world.deliver(DOCUMENT)
        with pytest.raises(Transient, match=r"^HTTP 423: locked by MILLER$"):
            world.deliver(DOCUMENT, attempt=2)
        world.deliver(DOCUMENT, attempt=3)
    assert len(orders(sap)) == 1


def test_what_sap_refuses_is_told_in_its_own_words(sap: MockSap, tmp_path: Path) -> None:
    wrong = ENTITY.replace("SoldToParty: sold_to", "NoSuchField: sold_to")
    with (
        destination(tmp_path, odata(sap, wrong), FILES) as world,
        pytest.raises(Permanent, match=r"^HTTP 400: .*NoSuchField"),
    ):
        world.deliver(DOCUMENT)
    assert orders(sap) == []


def test_an_attempt_whose_answer_was_lost_is_found_by_the_customers_number(
    sap: MockSap, tmp_path: Path
) -> None:
    look_up = f"""\
look_up:
  url: "{sap.url}{SERVICE}/A_SalesOrder?$format=json&$filter=PurchaseOrderByCustomer%20eq%20\
'{{{{ document.purchase_order_number }}}}'"
  found: "d.results[0]"
  reference: {{sales_order: "d.results[0].SalesOrder"}}
"""
    with destination(tmp_path, odata(sap, ENTITY + look_up), FILES) as world:
        first = world.deliver(DOCUMENT)
        again = world.deliver(DOCUMENT, attempt=2)
    assert again == Receipt(f"found there: {first.reference.replace('201', '200')}", True,
                            first.keys)  # fmt: skip
    assert len(orders(sap)) == 1


def test_a_change_carries_the_tag_of_what_it_changes(sap: MockSap, tmp_path: Path) -> None:
    with destination(tmp_path / "one", odata(sap), FILES) as world:
        ((_, number),) = world.deliver(DOCUMENT).keys
    change = "method: PATCH\nbody: {select: '{PurchaseOrderByCustomer: new}'}\n"
    path = "/A_SalesOrder('{{ document.number }}')"
    settings = odata(sap, change, path=path).replace("'{{", "''{{").replace("}}'", "}}''")
    with destination(tmp_path / "two", settings, FILES) as world:
        world.deliver(b'{"number":"%s","new":"PO-NEW"}' % number.encode())
    assert [one.headers.get("If-Match") is not None for one in world.exchanges][-1]
    (changed,) = sap.entities(f"{SERVICE}/A_SalesOrder", f"SalesOrder eq '{number}'")
    assert changed["PurchaseOrderByCustomer"] == "PO-NEW"


def test_version_4_writes_numbers_as_numbers(sap: MockSap, tmp_path: Path) -> None:
    body = ENTITY.replace("quantity", "number(quantity)").replace(
        "NetAmount: amount", "NetAmount: number(amount)"
    )
    settings = odata(sap, body).replace(SERVICE + "/A_", V4 + "/").replace(SERVICE, V4)
    settings = settings.replace("version: v2", "version: v4").replace("d.SalesOrder", "SalesOrder")
    with destination(tmp_path, settings, FILES) as world:
        receipt = world.deliver(DOCUMENT)
    assert world.exchanges[-1].headers["OData-Version"] == "4.0"
    assert b'"NetAmount":1998.00' in world.exchanges[-1].content
    (order,) = orders(sap)
    assert receipt.keys == (("sales_order", order["SalesOrder"]),)


BAPI = """\
type: http
url: '{url}/sap/bc/rfc/BAPI_SALESORDER_CREATEFROMDAT2'
csrf_url: '{url}{service}/'
auth: {{type: basic, username: {user}, password: '${{file:secrets/sap}}'}}
body:
  select: |
    {{
      ORDER_HEADER_IN: {{DOC_TYPE: 'OR', SALES_ORG: '1710', DISTR_CHAN: '10', DIVISION: '00'}},
      ORDER_PARTNERS: [{{PARTN_ROLE: 'AG', PARTN_NUMB: sold_to}}],
      ORDER_ITEMS_IN: lines[].{{MATERIAL: material, REQ_QTY: quantity, COND_VALUE: amount}}
    }}
answers:
  - when: "RETURN[?TYPE == 'E' || TYPE == 'A']"
    then: refused
    words: "RETURN[?TYPE == 'E' || TYPE == 'A'].MESSAGE"
reference: {{sales_order: SALESDOCUMENT}}
"""


def test_a_bapi_that_refuses_with_a_status_of_200_is_believed(sap: MockSap, tmp_path: Path) -> None:
    message = "Credit limit exceeded for customer 1000001"
    function = "BAPI_SALESORDER_CREATEFROMDAT2"
    sap.told("bapi-behaviour", function=function, type="E", id="V1", number="849",
             message=message, count=1)  # fmt: skip
    settings = BAPI.format(url=sap.url, service=SERVICE, user=USER)
    with destination(tmp_path, settings, FILES) as world:
        with pytest.raises(Permanent) as why:
            world.deliver(DOCUMENT)
        assert str(why.value) == f"HTTP 200: {message}"
        receipt = world.deliver(DOCUMENT, attempt=2)
    assert receipt.reference.startswith("HTTP 200, sales order 00000")


SOAP = """\
type: soap
url: '{url}/sap/bc/srt/rfc/sap/salesorder/100/salesorder/binding'
csrf_url: '{url}{service}/'
auth: {{type: basic, username: {user}, password: '${{file:secrets/sap}}'}}
action: urn:sap-com:document:sap:soap:functions:mc-style:BAPI
body: {{template: shapes/bapi.xml.j2}}
answers:
  - when: "//RETURN//*[local-name()='Type' or local-name()='TYPE'][. = 'E']"
    then: refused
reference: {{sales_order: "//*[local-name()='SALESDOCUMENT' or local-name()='Salesdocument']"}}
"""
ENVELOPED = """\
<f:{name} xmlns:f="urn:sap-com:document:sap:soap:functions:mc-style">
<OrderHeaderIn><DocType>OR</DocType><SalesOrg>1710</SalesOrg><DistrChan>10</DistrChan>
<Division>00</Division></OrderHeaderIn>
<OrderPartners><item><PartnRole>AG</PartnRole><PartnNumb>{{{{ document.sold_to }}}}</PartnNumb>
</item></OrderPartners>
<OrderItemsIn>{{% for line in document.lines %}}<item><Material>{{{{ line.material }}}}</Material>
<ReqQty>{{{{ line.quantity }}}}</ReqQty></item>{{% endfor %}}</OrderItemsIn></f:{name}>
"""


def test_a_bapi_over_soap_and_its_fault(sap: MockSap, tmp_path: Path) -> None:
    settings = SOAP.format(url=sap.url, service=SERVICE, user=USER)
    good = FILES | {"shapes/bapi.xml.j2": ENVELOPED.format(name="BapiSalesorderCreatefromdat2")}
    with destination(tmp_path / "good", settings, good) as world:
        receipt = world.deliver(DOCUMENT)
    assert receipt.reference.startswith("HTTP 200, sales order 00000")
    wrong = FILES | {"shapes/bapi.xml.j2": ENVELOPED.format(name="BapiNothing")}
    with destination(tmp_path / "wrong", settings, wrong) as world, pytest.raises(Permanent) as why:
        world.deliver(DOCUMENT)
    assert "BapiNothing" in str(why.value) or "BAPI_NOTHING" in str(why.value)


IDOC = """\
type: idoc
url: '{url}/sap/bc/idoc'
csrf_url: '{url}{service}/'
auth: {{type: basic, username: {user}, password: '${{file:secrets/sap}}'}}
headers: {{Accept: application/json}}
idoc_type: ORDERS05
message_type: ORDERS
control: {{SNDPOR: EDIGW, SNDPRT: LS, SNDPRN: HARBOR, RCVPRT: LS, RCVPRN: MCKCLNT100}}
body: {{xslt: shapes/orders05.xsl}}
reference: {{idoc: "DOCNUM || d.DOCNUM"}}
"""
ORDERS05 = """\
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
<xsl:template match="/document"><segments>
<E1EDK01><BELNR><xsl:value-of select="purchase_order_number"/></BELNR></E1EDK01>
<xsl:for-each select="lines"><E1EDP01><MENGE><xsl:value-of select="quantity"/></MENGE></E1EDP01>
</xsl:for-each></segments></xsl:template></xsl:stylesheet>
"""


def test_an_idoc_is_filed_under_its_control_record(sap: MockSap, tmp_path: Path) -> None:
    settings = IDOC.format(url=sap.url, service=SERVICE, user=USER)
    files = FILES | {"shapes/orders05.xsl": ORDERS05}
    with destination(tmp_path, settings, files) as world:
        receipt = world.deliver(DOCUMENT)
    assert [name for name, _ in receipt.keys] == ["idoc"]
    sent = world.exchanges[-1].content
    assert b"<ARCKEY>key-1</ARCKEY>" in sent
    assert sent.count(b'<E1EDP01 SEGMENT="1">') == 2
