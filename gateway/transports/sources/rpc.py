"""Records from a call over JSON-RPC or XML-RPC, as Odoo and Tryton answer them."""

from __future__ import annotations

import xmlrpc.client
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal
from xml.parsers.expat import ExpatError

from gateway.errors import Permanent, Transient
from gateway.pipeline.exports.source import Asked, Page
from gateway.shaping import (
    Json,
    JsonFault,
    JsonTemplate,
    NotShaped,
    Selection,
    XmlFault,
    dumps,
    loads,
    parse_xml,
)
from gateway.transports.sources.web import Address, Web, json_of, listed


@dataclass(frozen=True, slots=True)
class RpcQuestion:
    """What is called."""

    kind: Literal["json_rpc", "xml_rpc"]
    call: str
    params: JsonTemplate
    records: Selection
    size: int | None = None
    """Records of a full page; None: one call has everything."""
    facts: Mapping[str, str] = field(default_factory=dict, repr=False)
    """What parameters may name besides the page: secrets, never shown."""


class RpcSource:
    """A procedure that returns records."""

    def __init__(self, web: Web, address: Address, question: RpcQuestion) -> None:
        self._web = web
        self._address = address
        self._question = question

    @property
    def shifts(self) -> bool:
        """Say whether pages are counted: then a record moves when one before it comes or goes."""
        return self._question.size is not None

    def open(self) -> None:
        """Make ready."""
        self._web.open()

    def close(self) -> None:
        """Close the connection."""
        self._web.close()

    def page(self, asked: Asked) -> Page:
        """Call once."""
        question, shown = self._question, self._address.shown
        offset = int(asked.position or 0)
        params = self._params(asked.since, offset)
        if question.kind == "json_rpc":
            result, size = self._json(params, asked.most_bytes)
        else:
            result, size = self._xml(params, asked.most_bytes)
        try:
            found = question.records.select(result, {})
        except NotShaped as fault:
            raise Permanent(f"{shown}: '{question.records.source}': {fault}") from fault
        records = listed(found, shown, question.records.source)
        is_full = question.size is not None and len(records) >= question.size
        return Page(records, str(offset + len(records)) if is_full else None, size)

    def _params(self, since: str | None, offset: int) -> list[Json]:
        question = self._question
        facts = {
            **question.facts,
            "since": since or "",
            "offset": str(offset),
            "size": str(question.size or 0),
        }
        try:
            params = loads(question.params.render({}, facts))
        except (NotShaped, JsonFault) as fault:
            # Its words may repeat a parameter, and so a secret.
            raise Permanent(f"{self._address.shown}: 'params' become no JSON") from fault
        if not isinstance(params, list):
            raise Permanent(f"{self._address.shown}: 'params' become no list")
        return params

    def _json(self, params: list[Json], most: int) -> tuple[Json, int]:
        shown = self._address.shown
        content = dumps(
            {"jsonrpc": "2.0", "id": 1, "method": self._question.call, "params": params}
        )
        reply = self._web.post(content, "application/json", most=most)
        answer = json_of(reply.body, shown)
        if not isinstance(answer, Mapping):
            raise Permanent(f"{shown}: its answer is no JSON object")
        if fault := answer.get("error"):
            said = fault.get("message") if isinstance(fault, Mapping) else fault
            raise Permanent(f"{shown}: {str(said)[:300]}")
        return answer.get("result"), len(reply.body)

    def _xml(self, params: list[Json], most: int) -> tuple[Json, int]:
        shown = self._address.shown
        request = xmlrpc.client.dumps(
            tuple(_for_xml(one) for one in params), self._question.call, allow_none=True
        )
        reply = self._web.post(request.encode(), "text/xml", most=most)
        try:
            parse_xml(reply.body)  # which takes neither entities nor a document type
            [result], _ = xmlrpc.client.loads(reply.body, use_builtin_types=True)
        except XmlFault as fault:
            raise Transient(f"{shown}: its answer is no XML: {fault}") from fault
        except xmlrpc.client.Fault as fault:
            raise Permanent(f"{shown}: {str(fault.faultString)[:300]}") from fault
        except (ExpatError, xmlrpc.client.Error, ValueError, TypeError) as fault:
            raise Transient(f"{shown}: its answer is no answer of XML-RPC") from fault
        return _from_xml(result), len(reply.body)


def _for_xml(value: Json) -> Any:
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, Mapping):
        return {name: _for_xml(one) for name, one in value.items()}
    return [_for_xml(one) for one in value] if isinstance(value, list | tuple) else value


def _from_xml(value: Any) -> Json:
    """Return what XML-RPC says as JSON: moments as text, a number as it was written."""
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, float):
        return Decimal(repr(value))
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, dict):
        return {str(name): _from_xml(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_from_xml(one) for one in value]
    return value if isinstance(value, bool | int | str) or value is None else str(value)
