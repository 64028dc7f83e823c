"""Facts of a destination: what the other side calls a partner or a place, from tables."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway import config
from gateway.errors import ConfigProblems
from gateway.shaping import NotShaped
from tests.destination_server import ErpServer, erp_server
from tests.destination_world import destination, write_home

SETTINGS = """\
type: http
url: "{url}/{{{{ facts.customer }}}}/orders"
facts:
  organization: "1710"
  customer: {{by: fact('partner'), table: {{pier-nine: "1000001"}}}}
  dock: {{by: dock, table: {{D003: "1000002"}}}}
  number: {{by: purchase_order_number}}
body:
  select: "{{org: fact('organization'), dock: fact('dock'), number: fact('number')}}"
"""


@pytest.fixture(scope="module")
def server() -> Iterator[ErpServer]:
    with erp_server() as running:
        yield running


def test_templates_know_what_tables_say(server: ErpServer, tmp_path: Path) -> None:
    server.asked.clear()
    with destination(tmp_path, SETTINGS.format(url=server.url)) as world:
        world.deliver(b'{"purchase_order_number": "PO-1", "dock": "D003"}')
    [asked] = server.asked
    assert asked.path == "/1000001/orders"
    assert json.loads(asked.body) == {"org": "1710", "dock": "1000002", "number": "PO-1"}


@pytest.mark.parametrize(
    ("document", "sentence"),
    [
        (b'{"purchase_order_number": "1", "dock": "D9"}', "fact 'dock': 'D9' is not in its table"),
        (b'{"purchase_order_number": "1"}', "fact 'dock': 'by' finds no text in the document"),
    ],
)
def test_a_document_that_a_table_does_not_know_waits_for_a_person(
    server: ErpServer, tmp_path: Path, document: bytes, sentence: str
) -> None:
    server.asked.clear()
    with (
        destination(tmp_path, SETTINGS.format(url=server.url)) as world,
        pytest.raises(NotShaped) as missing,
    ):
        world.deliver(document)
    assert str(missing.value) == sentence
    assert server.asked == []


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ("{table: {D003: '1'}}", "expected a text, or 'by' with what it depends on"),
        ("{fixed: a, table: {a: b}}", "'table' belongs to 'by'"),
        ("{by: 'a ==='}", "column"),
    ],
)
def test_a_fact_that_does_not_fit_is_refused(tmp_path: Path, wrong: str, sentence: str) -> None:
    settings = SETTINGS.format(url="http://127.0.0.1:9")
    known = '{by: dock, table: {D003: "1000002"}}'
    assert known in settings
    home = write_home(tmp_path, settings.replace(known, wrong))
    with pytest.raises(ConfigProblems) as refused:
        config.load(home, {}, maps_too=False)
    assert sentence in str(refused.value)
