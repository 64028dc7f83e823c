"""Records from a call over JSON-RPC or XML-RPC, as Odoo and Tryton answer them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

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
)
from gateway.transports.sources.web import Address, Web, json_of, listed
from gateway.transports.xml_rpc.values import RpcFault, call_of, result_of


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
        try:
            call = call_of(self._question.call, params)
        except NotShaped as fault:  # Its words may repeat a parameter, as above.
            raise Permanent(f"{shown}: 'params' do not fit XML-RPC") from fault
        reply = self._web.post(call, "text/xml", most=most)
        try:
            return result_of(reply.body), len(reply.body)
        except XmlFault as fault:
            raise Transient(f"{shown}: its answer is no XML: {fault}") from fault
        except RpcFault as fault:
            raise Permanent(f"{shown}: {str(fault)[:300]}") from fault
        except (ValueError, ArithmeticError) as fault:
            raise Transient(f"{shown}: its answer is no answer of XML-RPC") from fault
