"""One destination as `gateway.yaml` describes it, and what it is handed over."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from gateway import config
from gateway.app.destinations import destination_outbound
from gateway.clock import utc_now
from gateway.config import Instance
from gateway.pipeline.ports import Consignment, Exchange, Outbound, Receipt

SETTINGS = """\
identities: [{{qualifier: ZZ, id: HARBORGOODS}}]
destinations:
  erp:
    production: true
{settings}
"""
ROUTES = "rules:\n  - {name: all, to: erp}\n"

DOCUMENT = b"""{"document":"order","purchase_order_number":"PO/7","total":"12.50","lines":[\
{"sku":"A&B","quantity":"2","price":"1.25"},{"sku":"C","quantity":"3","price":"0.10"}]}"""


@dataclass
class World:
    """A destination that is connected, and what it told of its exchanges."""

    instance: Instance
    outbound: Outbound
    exchanges: list[Exchange] = field(default_factory=list)

    def deliver(
        self, content: bytes = DOCUMENT, *, key: str = "key-1", attempt: int = 1
    ) -> Receipt:
        """Hand over one document."""
        what = consignment(content, key=key, attempt=attempt)
        return self.outbound.deliver(replace(what, tell=self.exchanges.append))


def consignment(content: bytes = DOCUMENT, *, key: str = "key-1", attempt: int = 1) -> Consignment:
    """Return a document as the pipeline hands it over."""
    return Consignment(
        content, f"order-{key}.json", key, "correlation-1",
        headers={"X-Document-Id": "document-1"},
        facts={"document_id": "document-1", "document_type": "order", "partner": "pier-nine",
               "idempotency_key": key, "correlation_id": "correlation-1"},
        attempt=attempt,
    )  # fmt: skip


def write_home(home: Path, settings: str, files: dict[str, str] | None = None) -> Path:
    """Write an instance with one destination, and the files that it needs."""
    home.mkdir(parents=True, exist_ok=True)
    indented = "".join(f"    {line}\n" for line in settings.strip().splitlines())
    (home / "gateway.yaml").write_text(SETTINGS.format(settings=indented))
    (home / "routes.yaml").write_text(ROUTES)
    for name, text in (files or {}).items():
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).write_text(text)
    return home


@contextmanager
def destination(home: Path, settings: str, files: dict[str, str] | None = None) -> Iterator[World]:
    """Connect a destination that is described so."""
    instance = config.load(write_home(home, settings, files), {}, maps_too=False)
    outbound = destination_outbound(instance, "erp", clock=utc_now)
    outbound.connect()
    try:
        yield World(instance, outbound)
    finally:
        outbound.close()
