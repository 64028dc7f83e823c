"""A request as it is to be made: a value, so that signing one gives another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from gateway.errors import Permanent


@dataclass(frozen=True, slots=True)
class Request:
    """One request over HTTP."""

    method: str
    url: str = field(repr=False)
    """With secrets in it where its path or query has any, so never shown."""
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    content: bytes = field(default=b"", repr=False)


def laid_on(usual: Mapping[str, str], request: Request) -> list[tuple[str, str]]:
    """Return the headers of a call: the usual ones, and after them the request's, which win.

    Raise Permanent where one holds what no header can, such as a token that is no ASCII: its value,
    which may be a secret, stands in no message.
    """
    fields = [*usual.items(), *request.headers.items()]
    for name, value in fields:
        if not fits_a_header(value):
            raise Permanent(f"header '{name}' would hold {NO_HEADER}")
    return fields


NO_HEADER = "what no header can: line ends, or no ASCII"


def fits_a_header(value: str) -> bool:
    """Say whether a text can be the value of a header."""
    return value.isascii() and value.replace("\t", " ").isprintable()
