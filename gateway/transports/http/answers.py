"""What an HTTP answer means for a delivery: there, already there, later, or never.

2xx                                   delivered
409                                   delivered by an earlier attempt: the key is known there
2xx and 409 whose body was cut short  Transient: nobody knows; the same key makes trying harmless
408, 425, 429, 5xx                    Transient; Retry-After says when
everything else, redirects included   Permanent, with the beginning of the answer
"""

from __future__ import annotations

import ast
import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from gateway.errors import Permanent, Transient
from gateway.pipeline.ports import Receipt

_CONFLICT = 409
_TRY_AGAIN = frozenset({408, 425, 429})
_SERVER_ERRORS = range(500, 600)
_SUCCESS = range(200, 300)
_REDIRECTS = range(300, 400)

_LONGEST_WAIT = 24 * 60 * 60.0
"""A destination that asks for more is asked again after a day."""

_EXCERPT = 300
"""How much of an answer a person gets to see."""

_QUOTED_BYTES = re.compile(r"""bytearray\((b'(?:[^'\\]|\\.)*'|b"(?:[^"\\]|\\.)*")\)""")
"""How the HTTP parser quotes what it could not read, in its messages."""


def cut_short(status: int) -> bool:
    """Say whether an answer of this status means nothing unless it came whole.

    A server says 200 before it has done everything, and breaks off when the rest fails. A refusal
    is one by its status alone.
    """
    return status in _SUCCESS or status == _CONFLICT


def judge(status: int, retry_after: str | None, body: bytes, *, now: datetime) -> Receipt:
    """Return the receipt of a delivery that succeeded; raise Transient or Permanent otherwise."""
    if status in _SUCCESS:
        return Receipt(f"HTTP {status}")
    # The same key reached it before: an earlier attempt succeeded and its answer was lost.
    if status == _CONFLICT:
        return Receipt(f"HTTP {status}", repeated=True)
    said = f"HTTP {status}{_excerpt(body)}"
    if status in _TRY_AGAIN or status in _SERVER_ERRORS:
        raise Transient(said, retry_after=seconds_until(retry_after, now))
    if status in _REDIRECTS:
        raise Permanent(f"{said}: redirects are not followed, correct the destination's address")
    raise Permanent(said)


def seconds_until(retry_after: str | None, now: datetime) -> float | None:
    """Read Retry-After, seconds or a date, as seconds from now; None where it says nothing."""
    text = (retry_after or "").strip()
    if text.isascii() and text.isdigit():
        return min(float(text), _LONGEST_WAIT)
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    if moment.tzinfo is None:  # RFC 9110 dates are GMT; "-0000" parses without a zone
        moment = moment.replace(tzinfo=UTC)
    return min(max((moment - now).total_seconds(), 0.0), _LONGEST_WAIT)


def legible(message: str) -> str:
    """Return a message of the network as people can read it: printable, and not too long."""
    return _shortened(_QUOTED_BYTES.sub(lambda found: _decoded(found[1]), message))


def _decoded(literal: str) -> str:
    quoted: bytes = ast.literal_eval(literal)
    return f"'{quoted.decode('utf-8', 'replace')}'"


def _excerpt(body: bytes) -> str:
    shown = _shortened(body[: _EXCERPT * 4].decode("utf-8", "replace"))
    return f": {shown}" if shown else ""


def _shortened(text: str) -> str:
    words = " ".join(text.split())
    shown = "".join(c if c.isprintable() else "?" for c in words)
    return shown if len(shown) <= _EXCERPT else f"{shown[:_EXCERPT]}…"
