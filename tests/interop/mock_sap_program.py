"""Runs mock-sap with what S/4HANA has and it has not; started in an environment with mock-sap.

As SAP publishes API_OUTBOUND_DELIVERY_SRV;v=0002: the function imports PickAllItems and
PostGoodsIssue, which want the tag of the delivery, and the names of quantities and of the picking
status. API_BUSINESS_PARTNER by its real name. And one that no SAP has: `POST /_mock/lose` lets the
next answer to a call be lost after the call was done.
"""

from __future__ import annotations

import json
import re
import sys
from typing import Any
from urllib.parse import parse_qs

from mocksap import Config, make_server, store  # type: ignore[import-not-found]
from mocksap.odata import SapError, etag_for, etag_matches  # type: ignore[import-not-found]
from mocksap.schema import DEC, ENTITY_TYPES, S  # type: ignore[import-not-found]
from mocksap.service import Response  # type: ignore[import-not-found]

HEADER = ENTITY_TYPES["A_OutbDeliveryHeader"]
HEADER.props.append(S("OverallPickingStatus", max_length=1, creatable=False, updatable=False))
ENTITY_TYPES["A_OutbDeliveryItem"].props += [
    DEC("ActualDeliveryQuantity"),
    S("DeliveryQuantityUnit", max_length=3),
]
store.DOCUMENT_DEFAULTS["A_OutbDeliveryHeader"] = {
    "OverallPickingStatus": "A",
    "OverallGoodsMovementStatus": "A",
}
REAL_NAMES = {
    "/API_OUTBOUND_DELIVERY_SRV;v=0002": "/API_OUTBOUND_DELIVERY_SRV",
    "/API_BUSINESS_PARTNER/": "/API_BUSINESS_PARTNER_SRV/",
}
ACTIONS = {"PickAllItems": "OverallPickingStatus", "PostGoodsIssue": "OverallGoodsMovementStatus"}
LOST: list[tuple[str, str]] = []
"""Method and pattern of calls whose next good answer is lost."""


class Handled:
    """What goes before mock-sap's own handler."""

    def _route(
        self, method: str, path: str, query: str, headers: dict[str, str], body: bytes
    ) -> Any:
        for real, mocked in REAL_NAMES.items():
            path = path.replace(real, mocked)
        if path == "/_mock/lose":
            told = json.loads(body)
            LOST.append((told["method"], told["match"]))
            return Response(201, body={})
        return super()._route(method, path, query, headers, body)  # type: ignore[misc]

    def _serve(
        self, method: str, path: str, query: str, headers: dict[str, str], *more: Any
    ) -> Any:
        name = path.rpartition("/")[2]
        if method != "POST" or name not in ACTIONS:
            return super()._serve(method, path, query, headers, *more)  # type: ignore[misc]
        refused = self._check_csrf(method, path, headers)  # type: ignore[attr-defined]
        if refused is not None:
            return refused
        connection = self.mock.conn  # type: ignore[attr-defined]
        return act(connection, name, query, headers.get("if-match", ""))

    def _send(self, response: Any, *more: Any, **named: Any) -> None:
        for lost in LOST:
            said = self.command == lost[0] and re.search(lost[1], self.path)  # type: ignore[attr-defined]
            if said and response.status < 300:
                LOST.remove(lost)
                self.close_connection = True
                return
        super()._send(response, *more, **named)  # type: ignore[misc]


def act(connection: Any, name: str, query: str, tag: str) -> Any:
    """Pick or issue a delivery; raise what SAP would say."""
    number = parse_qs(query)["DeliveryDocument"][0].strip("'")
    keys = {"DeliveryDocument": number}
    row = store.get(connection, HEADER, keys)
    if row is None:
        raise SapError(f"Delivery {number} does not exist", 404)
    if not etag_matches(tag, etag_for(HEADER, row)):
        raise SapError("The delivery was changed after it was read", 412)
    if name == "PostGoodsIssue" and row["OverallPickingStatus"] != "C":
        raise SapError(f"Delivery {number} is not completely picked", 400)
    if row[ACTIONS[name]] == "C":
        raise SapError(f"{name} was done for delivery {number} already", 400)
    store.update(connection, HEADER, keys, {ACTIONS[name]: "C"})
    return Response(body={"d": {"results": []}})


def main() -> None:
    """Serve until killed: the port, and USER:PASSWORD."""
    port, auth = sys.argv[1:]
    # On the day of the samples: a delivery wished for the past would be put off to today.
    config = Config(port=int(port), auth=auth, quiet=True, clock="2026-03-02")
    server = make_server(config)
    theirs = server.RequestHandlerClass
    server.RequestHandlerClass = type("Handler", (Handled, theirs), {})
    server.serve_forever()


if __name__ == "__main__":
    main()
