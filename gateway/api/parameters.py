"""What a call may carry besides its body: checked as strictly as the body is.

A parameter that is not known is refused: a filter that is spelled wrong must not list everything.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, WithJsonSchema
from starlette.requests import Request

from gateway.api.models import TOLD, Fault
from gateway.api.problems import Kind, Refused
from gateway.canonical import DOCUMENTS, VERSION
from gateway.pipeline.states import DeliveryStatus, ValidationStatus

MOST = 200
"""Documents on one page."""

HEADER = "x-in-header"
"""Marks a parameter that is a header, until it is described."""

PATH = {
    "id": ("A document's id.", r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"),
    "type": ("A type of document.", "|".join(DOCUMENTS)),
    "version": ("Its version.", re.escape(VERSION)),
}
"""What stands in paths: description and pattern."""

_PARTNER = r"[a-z0-9][a-z0-9_-]{0,63}"
_SET = r"[0-9]{3}"
_DESTINATION = r"[a-z0-9][a-z0-9:/ _-]{0,127}"
_VERSION = r"[0-9]{6}[A-Z0-9]{0,6}"
_BUSINESS_KEY = r"[a-z][a-z0-9_]{0,63}:[^\x00-\x1f\x7f]{1,200}"
_CURSOR = r"[A-Za-z0-9_-]{1,200}"
_IDEMPOTENCY_KEY = r"[!-~]{1,200}"
_MOMENT = (
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?(Z|[+-][0-9]{2}:[0-9]{2})"
)

_Parameters = TypeVar("_Parameters", bound="Parameters")


def _like(pattern: str, expected: str) -> BeforeValidator:
    known = re.compile(pattern)

    def check(value: str) -> str:
        if not known.fullmatch(value):
            raise ValueError(f"expected {expected}")
        return value

    return BeforeValidator(check)


def _among(words: tuple[str, ...]) -> BeforeValidator:
    def check(value: str) -> str:
        if value not in words:
            raise ValueError(f"expected one of {', '.join(words)}")
        return value

    return BeforeValidator(check)


def _written(pattern: str) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "pattern": f"^{pattern}$"})


def _words(words: tuple[str, ...]) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "enum": list(words)})


def _flag(value: str) -> bool:
    if value not in ("true", "false"):
        raise ValueError("expected true or false")
    return value == "true"


def _count(value: str) -> int:
    # Python reads more as a whole number than people write: blanks, underscores, other digits.
    count = int(value) if re.fullmatch(r"[0-9]{1,4}", value) else 0
    if not 1 <= count <= MOST:
        raise ValueError(f"expected a whole number from 1 to {MOST}")
    return count


def _moment(value: str) -> datetime:
    try:
        if re.fullmatch(_MOMENT, value):
            return datetime.fromisoformat(value).astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise ValueError("expected a moment such as 2026-03-01T12:30:00Z")


_TYPES, _DIRECTIONS, _USAGES = tuple(DOCUMENTS), ("in", "out"), ("P", "T", "I")
_VALIDATION, _DELIVERY = tuple(ValidationStatus), tuple(DeliveryStatus)

PartnerId = Annotated[str, _like(_PARTNER, "a partner's id"), _written(_PARTNER)]
SetId = Annotated[str, _like(_SET, "a set such as 940"), _written(_SET)]
Destination = Annotated[
    str,
    _like(_DESTINATION, "a delivery's destination, as its document names it"),
    _written(_DESTINATION),
]
Version = Annotated[str, _like(_VERSION, "a version such as 004010"), _written(_VERSION)]
BusinessKey = Annotated[
    str,
    _like(_BUSINESS_KEY, "name:value, such as purchase_order_number:4711"),
    _written(_BUSINESS_KEY),
]
Cursor = Annotated[str, _like(_CURSOR, "`next` of the page before"), _written(_CURSOR)]
IdempotencyKey = Annotated[
    str,
    _like(_IDEMPOTENCY_KEY, "1 to 200 visible ASCII characters"),
    _written(_IDEMPOTENCY_KEY),
]
Flag = Annotated[bool, BeforeValidator(_flag), WithJsonSchema({"type": "boolean"})]
Count = Annotated[
    int,
    BeforeValidator(_count),
    WithJsonSchema({"type": "integer", "minimum": 1, "maximum": MOST}),
]
Moment = Annotated[
    datetime, BeforeValidator(_moment), WithJsonSchema({"type": "string", "format": "date-time"})
]
Usage = Annotated[str, _among(_USAGES), _words(_USAGES)]
Type = Annotated[str, _among(_TYPES), _words(_TYPES)]
Direction = Annotated[str, _among(_DIRECTIONS), _words(_DIRECTIONS)]
Validation = Annotated[str, _among(_VALIDATION), _words(_VALIDATION)]
Delivery = Annotated[str, _among(_DELIVERY), _words(_DELIVERY)]
Acknowledgment = Annotated[str, _among(TOLD), _words(TOLD)]


class Parameters(BaseModel):
    """The base of all: nothing unnamed gets in."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


class Nothing(Parameters):
    """A call without parameters."""


class Submitting(Parameters):
    """How a document is to be sent."""

    partner: PartnerId
    """To whom: a partner's id."""
    set: SetId | None = None
    """Which set, where the partner takes such a document in several."""
    version: Version | None = None
    """Which version (GS08), where there are agreements on several."""
    usage: Usage | None = None
    """ISA15: P production, T test. What the agreement says if left out."""
    dry_run: Flag = False
    """Show the X12 that would be sent; keep and send nothing."""
    idempotency_key: IdempotencyKey = Field(
        alias="Idempotency-Key", json_schema_extra={HEADER: True}
    )
    """The caller's own word for this document to this partner: the same call again sends nothing
    twice. A dry run uses none up."""


class Listing(Parameters):
    """Which documents to list; what is left out does not matter."""

    key: BusinessKey | None = None
    """Having exactly this business key: name:value, such as purchase_order_number:4711."""
    type: Type | None = None
    """Of this type."""
    partner: PartnerId | None = None
    """From or to this partner."""
    direction: Direction | None = None
    """`in`: from partners. `out`: to partners."""
    validation: Validation | None = None
    """The first status."""
    delivery: Delivery | None = None
    """The second status."""
    acknowledgment: Acknowledgment | None = None
    """The third status."""
    since: Moment | None = None
    """Received or submitted at this moment or later."""
    cursor: Cursor | None = None
    """Go on behind a page: its `next`. The filters must be the same."""
    limit: Count = 50
    """Documents on a page."""


class Redelivering(Parameters):
    """Where a document is to be delivered again."""

    destination: Destination | None = None
    """Only this one of its deliveries, as the document names them. Those that are dead if left out,
    or all where none is."""


class Looking(Parameters):
    """What a caller has already."""

    if_none_match: str | None = Field(
        None, alias="If-None-Match", json_schema_extra={HEADER: True}, max_length=1000
    )
    """The ETag of what the caller has; 304 where it is the same still."""


def read(kind: type[_Parameters], request: Request) -> _Parameters:
    """Return the parameters of a call, or refuse them, all that is wrong at once."""
    given = request.query_params.multi_items()
    twice = [name for name, count in Counter(name for name, _ in given).items() if count > 1]
    faults = [Fault(parameter=name, detail="is there more than once") for name in twice]
    headers = {
        field.alias: request.headers[field.alias]
        for field in kind.model_fields.values()
        if field.alias is not None and field.alias in request.headers
    }
    named = {name for field in kind.model_fields.values() if (name := field.alias) is not None}
    faults += [_unknown(name) for name, _ in given if name in named]
    try:
        read = kind.model_validate({**dict(given), **headers})
    except ValidationError as fault:
        faults += [_fault(error["loc"], error, named) for error in fault.errors(include_url=False)]
    if faults:
        said = "the query or a header does not fit; `faults` says what was expected"
        raise Refused(Kind.BROKEN_REQUEST, said, faults=faults)
    return read


def _unknown(name: str) -> Fault:
    return Fault(parameter=name, detail="there is no such parameter here")


def _fault(place: tuple[int | str, ...], error: Mapping[str, object], headers: set[str]) -> Fault:
    name = str(place[0]) if place else ""
    if error["type"] == "extra_forbidden":
        return _unknown(name)
    said = "is required" if error["type"] == "missing" else str(error["msg"])
    said = said.removeprefix("Value error, ")
    return (
        Fault(header=name, detail=said) if name in headers else Fault(parameter=name, detail=said)
    )
