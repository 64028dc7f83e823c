"""An instance whose API runs on a real server: its store, a partner that takes all documents."""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import orjson

from gateway import app as composition
from gateway.api.tokens import Scope
from gateway.app import App
from gateway.cli.init import write_instance
from tests.integration.outbound_world import shipment
from tests.integration.test_http_in import free_port

PARTNER = "quayside"
"""Takes all kinds of document, orders to ship by the map of Northstar."""

SETS = {
    "shipment_order": "940",
    "shipping_advice": "945",
    "ship_notice": "856",
    "invoice": "810",
    "order": "850",
    "order_acknowledgment": "855",
    "application_advice": "824",
    "stock_transfer": "943",
    "receipt": "944",
    "inventory_adjustment": "947",
    "inventory": "846",
    "order_change": "860",
    "return_authorization": "180",
    "payment_advice": "820",
    "text_message": "864",
}

_AGREEMENT = '  - {{set: "{set}", direction: out, map: {map}, version: {version}, usage: [P, T]}}\n'
_PARTNER = """\
partner: quayside
name: Quayside Trading
identities: [{qualifier: ZZ, id: QUAYSIDE}]
agreements:
"""


@dataclass
class ApiWorld:
    """A running instance and where it is called."""

    app: App
    url: str

    def client(self, token: str) -> httpx.Client:
        """Return what calls with a token."""
        headers = {"Authorization": f"Bearer {token}"}
        return httpx.Client(base_url=self.url, headers=headers, timeout=30)

    def caller(self, name: str, *scopes: Scope, partners: Collection[str] = ()) -> httpx.Client:
        """Return what calls with a new token, which is for everything unless scopes are named."""
        return self.client(self.app.tokens.create(name, scopes or tuple(Scope), partners=partners))


def map_of(set_id: str) -> str:
    """Return the map that a set is written by."""
    return "northstar-940" if set_id == "940" else f"base-{set_id}"


def version_of(set_id: str) -> str:
    """Return the version that a set is agreed in."""
    return "004010UCS" if set_id == "940" else "004010"


def write_api_instance(
    home: Path,
    *,
    settings: str = "api: {}",
    database_url: str = "",
    body_within: str = "60s",
) -> int:
    """Write an instance whose API is on; return its port."""
    port = free_port()
    write_instance(home)
    (home / "partners" / f"{PARTNER}.yaml").write_text(
        _PARTNER
        + "".join(
            _AGREEMENT.format(set=one, map=map_of(one), version=version_of(one))
            for one in SETS.values()
        )
    )
    lines = [f"server: {{port: {port}, body_within: {body_within}}}", settings]
    if database_url:
        (home / "secrets" / "store").write_text(database_url, "utf-8")
        lines.append('store: {url: "${file:secrets/store}"}')
    file = home / "gateway.yaml"
    own = "    production: true\n"
    usual = file.read_text("utf-8").replace(own, f"{own}    reference: {{sale_order: id}}\n", 1)
    file.write_text("\n".join([usual, *lines, ""]), "utf-8")
    return port


@contextmanager
def api_world(home: Path, **settings: str) -> Iterator[ApiWorld]:
    """Run an instance whose API is on, as `gateway run` does."""
    port = write_api_instance(home, **settings)
    with composition.open_instance(home, maps_too=False) as app, app.running():
        yield ApiWorld(app, f"http://127.0.0.1:{port}/api/v1")


def kind(answer: httpx.Response) -> tuple[int, str]:
    """Return status and kind of a problem, which must be a whole one."""
    assert answer.headers["Content-Type"] == "application/problem+json"
    problem = answer.json()
    assert {"type", "title", "status", "detail"} <= set(problem)
    assert problem["status"] == answer.status_code
    return answer.status_code, problem["type"].removeprefix("urn:edi-gateway:problem:")


def post(
    client: httpx.Client,
    key: str = "1",
    document: Mapping[str, Any] | None = None,
    **query: str,
) -> httpx.Response:
    """Submit a shipping order."""
    content = orjson.dumps(shipment() if document is None else document)
    return client.post(
        "/documents/shipment_order",
        params={"partner": PARTNER, **query},
        headers={"Idempotency-Key": key, "Content-Type": "application/json"},
        content=content,
    )


def at_once(*calls: Any) -> None:
    """Make calls from threads of their own, and wait until all have ended."""
    threads = [threading.Thread(target=call) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
