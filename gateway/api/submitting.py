"""Documents in: what a POST says is checked, written as X12, made durable, and sent once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

import orjson
from starlette.responses import Response

from gateway import canonical
from gateway.api import views
from gateway.api.calls import Call, Parts, json_answer
from gateway.api.models import Draft, Fault, Submitted
from gateway.api.parameters import Submitting
from gateway.api.problems import Kind, Refused
from gateway.mapping.plan import Json
from gateway.pipeline.outbound.agreed import (
    KeyUsed,
    NotCanonical,
    PartnerUnknown,
    SubmissionRefused,
    Wanted,
)
from gateway.pipeline.outbound.keeping import Submission
from gateway.pipeline.states import WaitingState
from gateway.shaping import JsonFault
from gateway.shaping.exact_json import check_bounds, require_single


def submit(parts: Parts, call: Call[Submitting], document_type: str) -> Response:
    """Take a document for a partner, or show what would be sent."""
    given = call.given
    if not call.caller.may_see(given.partner):
        raise Refused(Kind.NOT_ALLOWED, f"this token is not for partner '{given.partner}'")
    submission = Submission(
        _document(call.body, document_type),
        given.partner,
        Wanted(given.set, given.version, given.usage),
        key=given.idempotency_key,
        name=f"{document_type} {given.idempotency_key}",
        asker=call.caller.spoken,
    )
    try:
        return _draft(parts, submission) if given.dry_run else _submit(parts, submission)
    except SubmissionRefused as refused:
        raise _problem(refused) from refused


def _submit(parts: Parts, submission: Submission) -> Response:
    made = parts.submissions.submit(submission)
    where = views.location(made.document_id)
    status = made.status
    value = Submitted(
        id=made.document_id,
        location=where,
        state=WaitingState(made.state),
        status=views.status(status.validation, status.delivery, status.acknowledgment),
        because=made.because or None,
    )
    replayed = {} if made.new else {"Idempotent-Replayed": "true"}
    return json_answer(value, status=202, headers={"Location": where, **replayed})


def _draft(parts: Parts, submission: Submission) -> Response:
    draft, agreed = parts.submissions.draft(submission)
    severity = agreed.agreement.severity
    value = Draft(
        set=agreed.agreement.set,
        version=agreed.agreement.version,
        usage=agreed.envelope.usage,
        map=agreed.document_map.name,
        would_leave=not draft.refused,
        because=draft.because or None,
        findings=[views.finding(one, severity(one)) for one in draft.findings],
        x12=draft.content.decode("latin-1"),
    )
    return json_answer(value)


def _document(body: bytes, document_type: str) -> Mapping[str, Json]:
    """Return the document that a body holds; refuse everything that is wrong with it at once."""
    try:
        given = orjson.loads(body)
    except orjson.JSONDecodeError as fault:
        raise Refused(Kind.BROKEN_REQUEST, f"the body is not well-formed JSON: {fault}") from fault
    _require_single(body)
    if not isinstance(given, dict):
        raise _invalid([("", "expected one JSON object, a canonical document")])
    faults = []
    if given.get("document") != document_type:
        faults.append(("/document", f"expected {document_type}, as the address says"))
    found = canonical.check({**given, "document": document_type})
    if found:
        _require_bounds(given)
        # Looked through for this only where something is wrong, and seldom is it this.
        given = _with_whole_numbers(given)
        found = canonical.check({**given, "document": document_type})
    if faults or found:
        raise _invalid([*faults, *found])
    return cast("Mapping[str, Json]", given)


def _require_single(body: bytes) -> None:
    """Refuse an object that names a member twice: the last would be taken, the first lost."""
    try:
        require_single(body)
    except JsonFault as fault:
        raise Refused(Kind.BROKEN_REQUEST, f"the body {fault}") from fault


def _require_bounds(given: Any) -> None:
    """Refuse what is nested deeper than any document is, before it is gone through."""
    try:
        check_bounds(given)
    except JsonFault as fault:
        raise Refused(Kind.BROKEN_REQUEST, f"the body cannot be read: {fault}") from fault


def _with_whole_numbers(part: Any) -> Any:
    """Return JSON with 3 in the place of 3.0: neither JSON nor JSON Schema tells them apart."""
    if isinstance(part, dict):
        return {name: _with_whole_numbers(member) for name, member in part.items()}
    if isinstance(part, list):
        return [_with_whole_numbers(member) for member in part]
    return int(part) if isinstance(part, float) and part.is_integer() else part


def _invalid(faults: list[tuple[str, str]]) -> Refused:
    count = "one thing is" if len(faults) == 1 else f"{len(faults)} things are"
    return Refused(
        Kind.INVALID_DOCUMENT,
        f"{count} wrong with the document; `faults` says what and where, and nothing was kept",
        faults=[Fault(pointer=pointer, detail=said) for pointer, said in faults],
    )


def _problem(refused: SubmissionRefused) -> Refused:
    if isinstance(refused, NotCanonical):
        return _invalid([*refused.faults])
    if isinstance(refused, KeyUsed):
        return Refused(Kind.KEY_USED, f"{refused}; nothing was done")
    said = str(refused)
    faults = (
        [Fault(parameter="partner", detail=said)] if isinstance(refused, PartnerUnknown) else []
    )
    return Refused(Kind.NOT_AGREED, f"{said}; nothing was kept", faults=faults)
