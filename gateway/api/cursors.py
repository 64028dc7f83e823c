"""Cursors: where a page of documents ended, as a word that means nothing to the caller.

It names the last document by what the list is ordered by, so that what comes in between two pages
neither repeats a document on the second nor leaves one out.
"""

from __future__ import annotations

import base64
import binascii
from datetime import UTC, datetime

import orjson

from gateway.api.models import Fault
from gateway.api.problems import Kind, Refused


def written(received_at: datetime, document_id: str) -> str:
    """Return the cursor behind a document."""
    place = [received_at.astimezone(UTC).isoformat(), document_id]
    return base64.urlsafe_b64encode(orjson.dumps(place)).decode("ascii").rstrip("=")


def read(cursor: str) -> tuple[datetime, str]:
    """Return the place that a cursor names; refuse one that is none of ours."""
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        moment, document_id = orjson.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
        return datetime.fromisoformat(moment).astimezone(UTC), _id(document_id)
    except (binascii.Error, ValueError, TypeError, OverflowError) as broken:
        fault = Fault(parameter="cursor", detail="expected `next` of the page before")
        raise Refused(Kind.BROKEN_REQUEST, "this is no cursor", faults=[fault]) from broken


def _id(value: object) -> str:
    if not isinstance(value, str) or not value.isascii() or not value.isprintable():
        raise ValueError("no id")
    return value
