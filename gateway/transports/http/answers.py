"""What an HTTP answer means by its status alone, and how messages of the network are shown.

2xx                                   delivered
409                                   delivered by an earlier attempt: the key is known there
408, 425, 429, 5xx                    Transient; Retry-After says when
everything else, redirects included   Permanent, with the beginning of the answer

The table itself is `gateway.pipeline.answers.BY_STATUS`; destinations lay rules of their own over
it.
"""

from __future__ import annotations

import re
from datetime import datetime

from gateway.pipeline.answers import Answer, Judge
from gateway.pipeline.answers.answer import shortened
from gateway.pipeline.ports import Receipt

_QUOTED_BYTES = re.compile(r"""bytearray\((b'(?:[^'\\]|\\.)*'|b"(?:[^"\\]|\\.)*")\)""")
"""How the HTTP parser quotes what it could not read, in its messages."""

_BY_STATUS = Judge()


def judge(status: int, retry_after: str | None, body: bytes, *, now: datetime) -> Receipt:
    """Return the receipt of a delivery that succeeded; raise Transient or Permanent otherwise."""
    headers = {} if retry_after is None else {"retry-after": retry_after}
    return _BY_STATUS.judge(Answer(status, headers, body), now=now)


def legible(message: str) -> str:
    """Return a message of the network as people can read it: printable, and not too long."""
    return shortened(_QUOTED_BYTES.sub(lambda found: _decoded(found[1]), message))


def _decoded(literal: str) -> str:
    # No parser of Python's is asked: where another thread asks it too, 3.11 fails in either.
    text = literal[2:-1].encode("ascii", "replace").decode("unicode_escape", "replace")
    return f"'{text.encode('latin-1', 'replace').decode('utf-8', 'replace')}'"
