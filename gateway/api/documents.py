"""Documents out: lists, one document, its X12, and doing parts of it again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TypeVar

from starlette.responses import Response

from gateway.api import cursors, views
from gateway.api.calls import Call, Parts, json_answer, tagged
from gateway.api.models import Documents, Fault
from gateway.api.models import Done as Shown
from gateway.api.parameters import Listing, Looking, Nothing, Parameters, Redelivering
from gateway.api.problems import Kind, Refused
from gateway.pipeline.asked import Done
from gateway.pipeline.views import DocumentFilter, DocumentView
from gateway.yaml_source import suggestion

X12 = "application/edi-x12"

P = TypeVar("P", bound=Parameters)


def list_documents(parts: Parts, call: Call[Listing]) -> Response:
    """List documents, newest first, a page at a time."""
    wanted = _filter(call)
    found = parts.desk.documents(wanted)
    if not found:
        _require_known(parts, wanted.key_name)
    page = found[: call.given.limit]
    behind = None
    if len(found) > len(page):
        last = page[-1].document
        behind = cursors.written(last.received_at, last.id)
    return json_answer(Documents(documents=[views.summary(one) for one in page], next=behind))


def show(parts: Parts, call: Call[Looking]) -> Response:
    """Show one document with everything that is known of it."""
    answer = json_answer(
        views.document(_view(parts, call), parts.shown, may_see=call.caller.may_see)
    )
    return tagged(answer, call.given.if_none_match)


def show_raw(parts: Parts, call: Call[Looking]) -> Response:
    """Give a document's X12, ST to SE, as it was received or sent."""
    raw = _view(parts, call).raw
    if not raw:
        raise Refused(
            Kind.NOT_FOUND, "there is no X12 of this document: it waits to be sent, or is purged"
        )
    return tagged(Response(raw, media_type=X12), call.given.if_none_match)


def redeliver(parts: Parts, call: Call[Redelivering]) -> Response:
    """Deliver a document again; one of ours is sent to the partner once more."""
    destination = call.given.destination
    if _view(parts, call).document.direction == "out":
        if destination is not None:
            raise Refused(Kind.NOT_DONE, "the document is ours: it goes to its partner alone")
        return _asked(parts.outbound(call.caller).resend, call)
    again = partial(parts.operations(call.caller).redeliver, destination=destination)
    return _asked(again, call)


def retranslate(parts: Parts, call: Call[Nothing]) -> Response:
    """Translate a document anew by the maps of today; one of ours is written anew."""
    if _view(parts, call).document.direction == "out":
        return _asked(parts.outbound(call.caller).rewrite, call)
    return _asked(parts.operations(call.caller).retranslate, call)


def _require_known(parts: Parts, name: str | None) -> None:
    """Refuse a business key of a name that none has: nothing found would look like an answer."""
    if name is None or name in parts.key_names:
        return
    known = ", ".join(sorted(parts.key_names))
    said = f"no business key has this name{suggestion(name, parts.key_names)}; there are: {known}"
    raise Refused(
        Kind.BROKEN_REQUEST,
        "the query does not fit; `faults` says what was expected",
        faults=[Fault(parameter="key", detail=said)],
    )


def _asked(ask: Callable[[list[str]], Sequence[Done]], call: Call[P]) -> Response:
    [done] = ask([call.path["id"]])
    if not done.done and not done.needless:
        raise Refused(Kind.NOT_DONE, f"the document {done.what}")
    return json_answer(Shown(id=done.id, done=done.done, what=done.what))


def _view(parts: Parts, call: Call[P]) -> DocumentView:
    """Return the document that a path names, if it is the caller's business."""
    view = parts.desk.document(call.path["id"])
    if view is None or not call.caller.may_see(view.document.partner):
        # The same words for what is there and for others: whose it is, is not told.
        raise Refused(Kind.NOT_FOUND, "there is no such document of yours")
    return view


def _filter(call: Call[Listing]) -> DocumentFilter:
    given, caller = call.given, call.caller
    if given.partner is not None and not caller.may_see(given.partner):
        raise Refused(Kind.NOT_ALLOWED, f"this token is not for partner '{given.partner}'")
    name, _, value = (given.key or "").partition(":")
    return DocumentFilter(
        key=value or None,
        key_name=name or None,
        document_type=given.type,
        partner=given.partner,
        partners=None if caller.partners is None else tuple(sorted(caller.partners)),
        direction=given.direction,
        validation=given.validation,
        delivery=given.delivery,
        acknowledgment=given.acknowledgment,
        since=given.since,
        behind=cursors.read(given.cursor) if given.cursor is not None else None,
        # One more than is shown tells whether there is another page.
        limit=given.limit + 1,
    )
