"""An MDN that we owe, as bytes that can be kept: where it goes, its headers, its body."""

from __future__ import annotations

from dataclasses import dataclass

import orjson

from gateway.as2 import Headers, Message
from gateway.errors import Permanent


@dataclass(frozen=True, slots=True)
class Owed:
    """An MDN, and where it is posted to."""

    connection: str
    url: str
    mdn: Message


def write_owed(owed: Owed) -> bytes:
    """Write one: a line of JSON, then the body as it is posted."""
    head = {"connection": owed.connection, "url": owed.url, "headers": owed.mdn.headers.fields}
    return orjson.dumps(head) + b"\n" + owed.mdn.body


def read_owed(content: bytes) -> Owed:
    """Read what `write_owed` wrote."""
    line, _, body = content.partition(b"\n")
    try:
        head = orjson.loads(line)
        fields = [(str(name), str(value)) for name, value in head["headers"]]
        return Owed(str(head["connection"]), str(head["url"]), Message(Headers.of(fields), body))
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError) as fault:
        raise Permanent("this is no MDN of ours: it was changed since it was kept") from fault
