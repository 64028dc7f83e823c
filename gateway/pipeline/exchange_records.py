"""What was said at each attempt to deliver: requests and answers, as they are archived.

By the time that something becomes a record, no secret is in it: `gateway.app` masks what transports
tell. Bodies are kept as far as people look at them, with size and hash of the whole.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass

from gateway.errors import storable
from gateway.pipeline.ports import Exchange

LONGEST_BODY = 16 * 1024
"""Bytes of a request or an answer that are kept; a document itself is kept anyway."""

_LONGEST_LINE = 2000
_MOST_HEADERS = 50


@dataclass(frozen=True, slots=True)
class ExchangeRecord:
    """One request and what was answered; an attempt may make several."""

    delivery_id: str
    attempt: int
    number: int
    """Within the attempt, from one."""
    request: str
    headers: str
    """As a JSON object."""
    size: int
    hash: str
    """SHA-256 of what was sent."""
    content: bytes
    """Its beginning; empty where it was the document as it is."""
    answer: str
    answer_headers: str
    answer_size: int
    answer_content: bytes


def exchange_record(
    told: Exchange, document: bytes, *, delivery_id: str, attempt: int, number: int
) -> ExchangeRecord:
    """Return an exchange as it is kept; `document` is what was to be delivered."""
    as_it_is = told.content == document
    return ExchangeRecord(
        delivery_id,
        attempt,
        number,
        request=_line(told.request),
        headers=_headers(told.headers),
        size=len(told.content),
        hash=hashlib.sha256(told.content).hexdigest(),
        content=b"" if as_it_is else told.content[:LONGEST_BODY],
        answer=_line(told.answer),
        answer_headers=_headers(told.answer_headers),
        answer_size=len(told.answer_content),
        answer_content=told.answer_content[:LONGEST_BODY],
    )


def _line(text: str) -> str:
    return storable(text)[:_LONGEST_LINE]


def _headers(headers: Mapping[str, str]) -> str:
    few = list(headers.items())[:_MOST_HEADERS]
    return json.dumps({_line(name): _line(value) for name, value in few}, ensure_ascii=False)
