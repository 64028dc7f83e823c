"""Advice: the application advice (824) that tells a partner what a destination refused, and why."""

from __future__ import annotations

import re
from collections.abc import Mapping
from textwrap import wrap

from gateway.errors import Permanent
from gateway.mapping.plan import Json
from gateway.pipeline.follow_ups.making import ending
from gateway.pipeline.outbound.onward import Cause
from gateway.pipeline.records import BusinessKeyRecord, DocumentRecord
from gateway.pipeline.store_port import Desk

_LONGEST_TEXT, _LONGEST_NOTE = 60, 80
"""TED02 and NTE02."""

_MOST_NOTES = 10

_REFERENCES: Mapping[str, str] = {
    "purchase_order_number": "purchase_order",
    "depositor_order_number": "OQ",
    "invoice_number": "invoice",
    "shipment_id": "shipment",
    "bill_of_lading": "bill_of_lading",
    "pro_number": "pro_number",
    "seller_order_number": "vendor_order",
}
"""Business keys, as OTI02 says what a number is; the one that stands first is taken."""

_BY_ITS_SET = "TN"
"""OTI02 where the document has no such number: that of its transaction set."""

_STATUS = re.compile(r"HTTP [0-9]{3}: ")
"""What comes before the words of a destination over HTTP: a partner has no use for it."""

_SEPARATORS = str.maketrans(dict.fromkeys("*~^>:|\\", " "))
"""Words are another program's; what may separate X12 is no part of them."""


class Advice:
    """Makes the advice on one document."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def __call__(self, cause: Cause) -> Mapping[str, Json]:
        """Return the advice; raise Permanent where nothing is known of the refusal."""
        view = self._desk.document(cause.document.id)
        follow_up = next(
            (one for one in (view.deliveries if view else ()) if one.id == cause.delivery_id), None
        )
        ended = ending(view, follow_up.route) if view and follow_up else None
        if view is None or ended is None:
            raise Permanent("nothing is known any more of what was refused")
        moment = ended[1].ended_at or ended[1].started_at
        return {
            "document": "application_advice",
            "version": "1.0",
            "purpose": "original",
            # Always the same for one document: sent again, it is the same advice.
            "advice_number": f"ADV{cause.document.id.replace('-', '')[:16].upper()}",
            "advice_date": moment.date().isoformat(),
            "advice_time": f"{moment:%H:%M}",
            "time_zone": "UT",
            "transactions": [_transaction(cause.document, view.keys, ended[1].answer)],
        }


def _transaction(
    document: DocumentRecord, keys: tuple[BusinessKeyRecord, ...], words: str
) -> dict[str, Json]:
    kind, number = _reference(document, keys)
    made: dict[str, Json] = {
        "result": "transaction_rejected",
        "reference_type": kind,
        "reference": number[:30],
        "group_control_number": document.group_control_number,
        "transaction_set_control_number": document.control_number,
        "transaction_set": document.set_id,
        "x12_version": document.version[:12],
        "errors": [_error(words)],
    }
    return made


def _reference(document: DocumentRecord, keys: tuple[BusinessKeyRecord, ...]) -> tuple[str, str]:
    values = {one.name: one.value for one in reversed(keys)}
    for name, kind in _REFERENCES.items():
        if name in values:
            return kind, values[name]
    return _BY_ITS_SET, document.control_number


def _error(words: str) -> dict[str, Json]:
    """Return what the destination said, in as many lines as an 824 has room for."""
    words = _STATUS.sub("", words)
    plain = " ".join(words.translate(_SEPARATORS).encode("ascii", "replace").decode().split())
    first, *rest = wrap(plain or "refused", _LONGEST_TEXT) or ["refused"]
    error: dict[str, Json] = {"code": "other", "text": first}
    lines = wrap(" ".join(rest), _LONGEST_NOTE)[:_MOST_NOTES]
    if lines:
        error["notes"] = [{"text": line} for line in lines]
    return error
