"""What is answered where a call cannot be: problem details (RFC 9457), each kind with a type.

A type is a URN that never changes its meaning; `docs/api.md` says what to do about each. Nothing
that came in a call is repeated, but the places of what is wrong: a token cannot get into an answer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import Enum

import orjson
from starlette.responses import Response

from gateway.api.models import Fault, Problem

MEDIA_TYPE = "application/problem+json"

MOST_FAULTS = 100
"""So many faults are said at once; how many there are is said as well."""

_LONGEST = 500
"""Characters of a sentence or a pointer: field names in it are the caller's."""


class Kind(Enum):
    """The kinds of problem: name, status, title."""

    BROKEN_REQUEST = "broken-request", 400, "The call cannot be read"
    NOT_AUTHENTICATED = "not-authenticated", 401, "No token that counts"
    NOT_ALLOWED = "not-allowed", 403, "The token is not for this"
    NOT_FOUND = "not-found", 404, "There is no such thing"
    METHOD_NOT_ALLOWED = "method-not-allowed", 405, "Not this method"
    BODY_TOO_SLOW = "body-too-slow", 408, "The body took too long to come"
    KEY_USED = "idempotency-key-used", 409, "The Idempotency-Key was used for something else"
    NOT_DONE = "not-done", 409, "It cannot be done now"
    BODY_TOO_LARGE = "body-too-large", 413, "The body is too large"
    MEDIA_TYPE = "media-type-not-supported", 415, "The body is no JSON"
    INVALID_DOCUMENT = "invalid-document", 422, "This is no canonical document"
    NOT_AGREED = "not-agreed", 422, "Nothing is agreed on sending this"
    TOO_MANY_CALLS = "too-many-calls", 429, "Too many calls with this token"
    FAILED = "failed", 500, "A fault of ours"
    UNAVAILABLE = "unavailable", 503, "Not now"

    @property
    def type(self) -> str:
        """Return the URN of this kind."""
        return f"urn:edi-gateway:problem:{self.value[0]}"

    @property
    def status(self) -> int:
        """Return the status that it is answered with."""
        return self.value[1]

    @property
    def title(self) -> str:
        """Return the sentence that is the same for all of this kind."""
        return self.value[2]


class Refused(Exception):
    """The call is answered with a problem."""

    def __init__(
        self,
        kind: Kind,
        detail: str,
        *,
        faults: Sequence[Fault] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.kind = kind
        self.detail = detail
        self.faults = faults
        self.headers = headers or {}


def answer(refused: Refused) -> Response:
    """Return the answer that a refusal becomes."""
    shown = [_bounded(fault) for fault in refused.faults[:MOST_FAULTS]]
    problem = Problem(
        type=refused.kind.type,
        title=refused.kind.title,
        status=refused.kind.status,
        detail=refused.detail[:_LONGEST],
        faults=shown or None,
        faults_in_all=len(refused.faults) or None,
    )
    return Response(
        orjson.dumps(problem.model_dump(mode="json", exclude_none=True)),
        status_code=refused.kind.status,
        headers=dict(refused.headers),
        media_type=MEDIA_TYPE,
    )


def _bounded(fault: Fault) -> Fault:
    pointer = fault.pointer[:_LONGEST] if fault.pointer is not None else None
    return fault.model_copy(update={"pointer": pointer, "detail": fault.detail[:_LONGEST]})
