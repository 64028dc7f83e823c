"""The registry of canonical documents: check one, write one as JSON, describe one as JSON Schema.

A document is a plain dict all the way from a map to the ERP; its shape is declared once, as typed
dicts, and compiled by pydantic when it is first asked for.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Any

import orjson
from pydantic import TypeAdapter, ValidationError
from pydantic.json_schema import GenerateJsonSchema
from pydantic_core import ErrorDetails

from gateway.canonical import (
    application_advice,
    inventory,
    inventory_adjustment,
    invoice,
    order,
    order_acknowledgment,
    order_change,
    payment_advice,
    receipt,
    return_authorization,
    ship_notice,
    shipment_order,
    shipping_advice,
    stock_transfer,
    text_message,
    x12_set,
)
from gateway.canonical.values import EXPECTED

X12_SET = x12_set.NAME
"""The document of a set that no map translates; no map makes it, and nobody submits it."""

VERSION = "1.0"
"""Version of all documents of this release."""


@dataclass(frozen=True)
class DocumentType:
    """One kind of canonical document: its name, its shape, and the fields that people search by."""

    name: str
    shape: type
    business_keys: tuple[str, ...]
    """Field names; `orders[].purchase_order_number` means that field of every order, and `keys.*`
    every member of `keys`, by its own name."""

    @cached_property
    def adapter(self) -> TypeAdapter[Any]:
        """Return the compiled check; built when first used, since building takes milliseconds."""
        return TypeAdapter(self.shape)


class _UntitledFields(GenerateJsonSchema):
    """Leave out the titles that only repeat a field's name."""

    def field_title_should_be_set(self, schema: object) -> bool:
        """Say that no field needs a title beside its name and description."""
        return False


def _types(*types: DocumentType) -> Mapping[str, DocumentType]:
    return MappingProxyType({kind.name: kind for kind in types})


DOCUMENTS: Mapping[str, DocumentType] = _types(
    DocumentType("shipment_order", shipment_order.ShipmentOrder, shipment_order.BUSINESS_KEYS),
    DocumentType("shipping_advice", shipping_advice.ShippingAdvice, shipping_advice.BUSINESS_KEYS),
    DocumentType("ship_notice", ship_notice.ShipNotice, ship_notice.BUSINESS_KEYS),
    DocumentType("invoice", invoice.Invoice, invoice.BUSINESS_KEYS),
    DocumentType("order", order.Order, order.BUSINESS_KEYS),
    DocumentType(
        "order_acknowledgment",
        order_acknowledgment.OrderAcknowledgment,
        order_acknowledgment.BUSINESS_KEYS,
    ),
    DocumentType(
        "application_advice",
        application_advice.ApplicationAdvice,
        application_advice.BUSINESS_KEYS,
    ),
    DocumentType("stock_transfer", stock_transfer.StockTransfer, stock_transfer.BUSINESS_KEYS),
    DocumentType("receipt", receipt.Receipt, receipt.BUSINESS_KEYS),
    DocumentType(
        "inventory_adjustment",
        inventory_adjustment.InventoryAdjustment,
        inventory_adjustment.BUSINESS_KEYS,
    ),
    DocumentType("inventory", inventory.Inventory, inventory.BUSINESS_KEYS),
    DocumentType("order_change", order_change.OrderChange, order_change.BUSINESS_KEYS),
    DocumentType(
        "return_authorization",
        return_authorization.ReturnAuthorization,
        return_authorization.BUSINESS_KEYS,
    ),
    DocumentType("payment_advice", payment_advice.PaymentAdvice, payment_advice.BUSINESS_KEYS),
    DocumentType("text_message", text_message.TextMessage, text_message.BUSINESS_KEYS),
    DocumentType(X12_SET, x12_set.X12Set, x12_set.BUSINESS_KEYS),
)
"""Every canonical document by its name."""

KEYS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        kind.name: tuple(path.rpartition(".")[2] for path in kind.business_keys)
        for kind in DOCUMENTS.values()
        if kind.name != X12_SET
    }
)
"""The names of the business keys of each document that maps make."""


MOST_FAULTS = 10_000
"""With more faults than these none is named: that would take more memory than the document."""

_MESSAGES = {
    "missing": "a required field is missing",
    "extra_forbidden": "there is no such field here",
    "string_type": "expected a text",
    "string_too_short": "expected a text that is not empty; leave out what says nothing",
    "int_type": "expected a whole number",
    "bool_type": "expected true or false",
    "list_type": "expected a list",
    "dict_type": "expected an object",
}
"""What pydantic says in the words of its own trade, in ours."""


def check(document: Mapping[str, object]) -> list[tuple[str, str]]:
    """Return what is wrong with a document: JSON Pointer and message; nothing when it is right."""
    name = document.get("document")
    kind = DOCUMENTS.get(name) if isinstance(name, str) else None
    if kind is None:
        names = ", ".join(name for name in DOCUMENTS if name != X12_SET)
        return [("/document", f"expected one of {names}")]
    try:
        kind.adapter.validator.validate_python(document)
    except ValidationError as fault:
        if fault.error_count() > MOST_FAULTS:
            return [("", f"there are {fault.error_count()} faults, too many to name each")]
        return [
            (_pointer(error["loc"]), _in_words(error))
            for error in fault.errors(include_url=False, include_input=False)
        ]
    return []


def _in_words(error: ErrorDetails) -> str:
    pattern = error.get("ctx", {}).get("pattern")
    said = _MESSAGES.get(error["type"]) or EXPECTED.get(str(pattern)) or error["msg"]
    return said.removeprefix("Value error, ").replace("Input should be", "expected")


def dumps(document: Mapping[str, object]) -> bytes:
    """Write a document as JSON: the same document gives the same bytes, keys in their order."""
    try:
        return orjson.dumps(document)
    except TypeError:
        # A number beyond 64 bits: no document may have it, yet what is wrong has to be shown.
        return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


def json_schema(document_type: str) -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of a document type: closed, as we check it."""
    kind = DOCUMENTS[document_type]
    schema = kind.adapter.json_schema(schema_generator=_UntitledFields)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:edi-gateway:canonical:{document_type}:{VERSION}",
        **schema,
        "title": f"{document_type} {VERSION}",
    }


def schema_file_name(document_type: str) -> str:
    """Name the file that holds a document type's JSON Schema, below `schemas/canonical`."""
    return f"{document_type}-{VERSION}.schema.json"


def schema_file(document_type: str) -> bytes:
    """Write a document type's JSON Schema for those who receive it: indented, open to new fields.

    We refuse fields that we do not know; a receiver must not, since fields come within a version.
    """
    schema = _open(json_schema(document_type))
    return orjson.dumps(schema, option=orjson.OPT_INDENT_2) + b"\n"


def _open(schema: object) -> object:
    """Return a schema without its prohibitions of further members."""
    if isinstance(schema, list):
        return [_open(member) for member in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        key: _open(member)
        for key, member in schema.items()
        if not (key == "additionalProperties" and member is False)
    }


def business_keys(document: Mapping[str, object]) -> list[tuple[str, str]]:
    """Return the document's business keys as (field, value), each once, in the model's order."""
    kind = DOCUMENTS.get(str(document.get("document")))
    if kind is None:
        return []
    found: dict[tuple[str, str], None] = {}
    for path in kind.business_keys:
        steps = path.replace("[]", "").split(".")
        if steps[-1] == "*":
            named = document.get(steps[0])
            found |= dict.fromkeys(_members(named) if isinstance(named, Mapping) else ())
        else:
            found |= {(steps[-1], value): None for value in _values(document, steps)}
    return list(found)


def business_key_names() -> frozenset[str]:
    """Return the names of all business keys of documents that maps make."""
    paths = (path for kind in DOCUMENTS.values() for path in kind.business_keys)
    return frozenset(name for path in paths if (name := path.rpartition(".")[2]) != "*")


def _members(named: Mapping[str, object]) -> list[tuple[str, str]]:
    return [(name, value) for name, value in named.items() if isinstance(value, str)]


def _values(part: object, path: Sequence[str]) -> list[str]:
    """Collect the texts at a path, through lists."""
    if isinstance(part, list):
        return [value for member in part for value in _values(member, path)]
    if not path:
        return [part] if isinstance(part, str) else []
    return _values(part.get(path[0]), path[1:]) if isinstance(part, dict) else []


def _pointer(location: Sequence[str | int]) -> str:
    """Write a place in a document as a JSON Pointer."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in location)
