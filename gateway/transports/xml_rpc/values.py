"""Values as XML-RPC has them, both ways: a number stays what was written, digit by digit.

The standard library reads `double` as a binary fraction; a price must not become one on its way.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from lxml import etree

from gateway.errors import GatewayError
from gateway.shaping import Json, NotShaped, loads, parse_xml
from gateway.shaping.exact_json import plain
from gateway.shaping.formats import text
from gateway.shaping.xml_text import writable, xml_bytes

_INT = range(-(2**31), 2**31)
_MOMENT = "%Y%m%dT%H:%M:%S"


class RpcFault(GatewayError):
    """The other side answered with a fault, in its own words."""


def call_of(procedure: str, parameters: Sequence[Json]) -> bytes:
    """Write a call; raise NotShaped where a value has no place in XML-RPC."""
    call = etree.Element("methodCall")
    etree.SubElement(call, "methodName").text = procedure
    written = etree.SubElement(call, "params")
    for parameter in parameters:
        _write(etree.SubElement(written, "param"), parameter)
    return xml_bytes(call)


def result_of(content: bytes) -> Json:
    """Read an answer; raise RpcFault with what it refuses, and ValueError where it is none."""
    root = parse_xml(content)
    if (fault := root.find("fault/value")) is not None:
        told = _read(fault)
        said = told.get("faultString") if isinstance(told, Mapping) else told
        raise RpcFault(str(said))
    found = root.findall("params/param/value")
    if root.tag != "methodResponse" or len(found) != 1:
        raise ValueError("an answer has one parameter")
    return _read(found[0])


def _write(parent: etree._Element, value: Json) -> None:
    """Write a value; what is nested is written by a call for each level, which JSON bounds."""
    element = etree.SubElement(parent, "value")
    if isinstance(value, Mapping):
        struct = etree.SubElement(element, "struct")
        for name, member in value.items():
            entry = etree.SubElement(struct, "member")
            etree.SubElement(entry, "name").text = writable(name)
            _write(entry, member)
    elif isinstance(value, Sequence) and not isinstance(value, str):
        data = etree.SubElement(etree.SubElement(element, "array"), "data")
        for item in value:
            _write(data, item)
    elif value is None:
        etree.SubElement(element, "nil")
    else:
        kind = _kind(value)
        written = str(int(value)) if isinstance(value, bool) else text(value)
        etree.SubElement(element, kind).text = writable(written)


def _kind(value: bool | int | Decimal | str) -> str:  # noqa: FBT001 - a value of a document
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int):
        if value not in _INT:
            raise NotShaped(f"{value} does not fit XML-RPC's int; send it as text or number()")
        return "int"
    return "double" if isinstance(value, Decimal) else "string"


def _read(element: etree._Element) -> Json:
    """Read a value; the parser bounds how deeply elements are nested."""
    typed = next(iter(element.iterchildren(etree.Element)), None)
    if typed is None:
        return element.text or ""
    kind = etree.QName(typed).localname  # Apache's kinds have a namespace.
    if kind == "struct":
        return {_name(one): _read(_child(one)) for one in typed.iterchildren("member")}
    if kind == "array":
        return [_read(one) for one in typed.iterfind("data/value")]
    if kind not in _KINDS:
        raise ValueError(f"'{kind[:40]}' is no kind of value")
    return _KINDS[kind](typed.text or "")


def _name(member: etree._Element) -> str:
    return member.findtext("name") or ""


def _child(member: etree._Element) -> etree._Element:
    value = member.find("value")
    if value is None:
        raise ValueError("a member has no value")
    return value


def _decimal(written: str) -> Decimal:
    """Read a number digit by digit, within the bounds that JSON has too."""
    number = Decimal(written.strip())
    plain(number)
    return number


def _whole(written: str) -> Json:
    number = _decimal(written)
    if number != number.to_integral_value():
        raise ValueError(f"'{written[:40]}' is no whole number")
    return loads(plain(number))


def _boolean(written: str) -> Json:
    if written not in ("0", "1"):
        raise ValueError(f"'{written[:40]}' is no boolean")
    return written == "1"


def _moment(written: str) -> Json:
    return datetime.strptime(written.strip(), _MOMENT).isoformat()  # noqa: DTZ007 - it says no zone


def _bytes(written: str) -> Json:
    try:
        return base64.b64decode(written).hex()
    except binascii.Error as fault:
        raise ValueError(str(fault)) from fault


_KINDS: Mapping[str, Callable[[str], Json]] = {
    **dict.fromkeys(("int", "i1", "i2", "i4", "i8", "biginteger"), _whole),
    **dict.fromkeys(("double", "float", "bigdecimal"), _decimal),
    "string": str,
    "boolean": _boolean,
    "nil": lambda _written: None,
    "dateTime.iso8601": _moment,
    "base64": _bytes,
}
