"""Takes payloads that partners post, and answers once their bytes are durable.

`POST /partners/<partner>/payloads` answers 202 with the address to ask what became of the payload.
Who calls is proven by an API key, or by the fingerprint of a client certificate that a proxy in
front of us has verified. An `Idempotency-Key` makes a repeated call harmless.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from email.message import Message
from pathlib import PurePosixPath

import structlog
from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from gateway.http_bodies import Bodies, TooLarge, TooMany
from gateway.pipeline.ports import Payload, Received
from gateway.pipeline.records import PayloadRecord
from gateway.pipeline.store_port import Desk, LostRace, database_is_unwell
from gateway.pipeline.views import InterchangeFilter, InterchangeSummary

TRANSPORT = "http"
LONGEST_KEY = 200
_LONGEST_NAME = 200
_AGAIN_SECONDS = "5"

_Endpoint = Callable[[Request], Awaitable[Response]]

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Caller:
    """What one partner may show."""

    api_keys: tuple[bytes, ...] = field(default=(), repr=False)
    fingerprints: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class PostingRules:
    """What is taken, and from whom."""

    callers: Mapping[str, Caller]
    """By partner."""
    max_bytes: int = 50 * 1024 * 1024
    deadline: timedelta = timedelta(seconds=60)
    """The whole body must have come by then."""
    together: int = 500 * 1024 * 1024
    """Bytes of bodies that are held at one moment."""
    certificate_header: str = ""
    """Where the proxy writes the fingerprint of the client's certificate; empty: nowhere."""
    trusted_proxies: frozenset[str] = frozenset({"127.0.0.1", "::1"})
    """Addresses whose certificate header is believed."""
    refuse_after: timedelta = timedelta(seconds=0.5)
    """Guessing keys takes its time: a wrong one is answered so late."""


class _Refused(Exception):
    """The call is answered with this status and sentence."""

    def __init__(self, status: int, detail: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.headers = headers or {}


class Inbound:
    """The routes through which partners post payloads and ask for them."""

    def __init__(
        self, take: Callable[[Sequence[Received]], Sequence[str]], desk: Desk, rules: PostingRules
    ) -> None:
        self._take = take
        self._desk = desk
        self._rules = rules
        self._bodies = Bodies(
            largest=rules.max_bytes, together=rules.together, deadline=rules.deadline
        )

    def routes(self) -> list[Route]:
        """Return what the server answers for us."""
        place = "/partners/{partner}/payloads"
        return [
            Route(place, _answering(self._post), methods=["POST"]),
            Route(place + "/{payload_id}", _answering(self._show), methods=["GET"]),
        ]

    async def _post(self, request: Request) -> Response:
        partner = await self._caller(request)
        key = request.headers.get("Idempotency-Key", "")
        if len(key) > LONGEST_KEY:
            raise _Refused(400, f"the Idempotency-Key is longer than {LONGEST_KEY} characters")
        content = await self._body(request)
        try:
            return await self._keep(request, partner, key, content)
        finally:
            self._bodies.release(len(content))

    async def _keep(self, request: Request, partner: str, key: str, content: bytes) -> Response:
        """Make the payload durable, and answer."""
        if not content:
            raise _Refused(400, "the body is empty; expected an X12 interchange")
        payload = Payload(
            content,
            _file_name(request) or "payload.x12",
            partner=partner,
            transport=TRANSPORT,
            receipt=key and f"key {key}",
        )
        id_ = await run_in_threadpool(self._store, payload)
        # The id is derived from partner and key: the same key finds what was stored under it first.
        stored = await run_in_threadpool(self._desk.payload, id_)
        if stored is not None and stored.sha256 != hashlib.sha256(content).hexdigest():
            raise _Refused(409, "this Idempotency-Key was used for another payload before")
        where = f"/partners/{partner}/payloads/{id_}"
        return JSONResponse(
            {"id": id_, "status": where}, status_code=202, headers={"Location": where}
        )

    def _store(self, payload: Payload) -> str:
        received = Received(payload, settle=_nothing_to_settle, release=_nothing_to_settle)
        [id_] = self._take([received])
        return id_

    async def _show(self, request: Request) -> Response:
        partner = await self._caller(request)
        id_ = str(request.path_params["payload_id"])
        # A database may refuse to be asked for other characters.
        known = id_.isascii() and id_.isprintable()
        payload = await run_in_threadpool(self._desk.payload, id_) if known else None
        if payload is None or payload.partner != partner:
            raise _Refused(404, "there is no such payload of yours")
        wanted = InterchangeFilter(payload_id=payload.id)
        interchanges = await run_in_threadpool(self._desk.interchange_list, wanted)
        return JSONResponse(_standing(payload, interchanges))

    async def _caller(self, request: Request) -> str:
        """Return the partner that the address names, once the caller has proven to be it."""
        partner = str(request.path_params["partner"])
        caller = self._rules.callers.get(partner, Caller())
        if not (_knows_a_key(request, caller) or self._shows_a_certificate(request, caller)):
            peer = request.client.host if request.client else ""
            log.warning("caller_refused", transport=TRANSPORT, partner=partner[:64], peer=peer)
            await asyncio.sleep(self._rules.refuse_after.total_seconds())
            # The same words for a partner that is not there: who our partners are is not told.
            raise _Refused(
                401,
                "expected this partner's key as 'Authorization: Bearer …' or 'X-Api-Key'",
                {"WWW-Authenticate": "Bearer"},
            )
        return partner

    def _shows_a_certificate(self, request: Request, caller: Caller) -> bool:
        header, peer = self._rules.certificate_header, request.client
        if not header or peer is None or peer.host not in self._rules.trusted_proxies:
            return False
        shown = request.headers.getlist(header)
        return len(shown) == 1 and shown[0].replace(":", "").lower() in caller.fingerprints

    async def _body(self, request: Request) -> bytes:
        try:
            return await self._bodies.take(request)
        except TooLarge:
            said = f"larger than the limit of {self._rules.max_bytes} bytes"
            raise _Refused(413, said) from None
        except TooMany:
            said = "too many large payloads at once; send it again"
            raise _Refused(503, said, {"Retry-After": _AGAIN_SECONDS}) from None
        except TimeoutError:
            raise _Refused(408, "the body took too long to come") from None


def _answering(answer: _Endpoint) -> _Endpoint:
    async def endpoint(request: Request) -> Response:
        try:
            return await answer(request)
        except _Refused as refused:
            return _problem(refused)
        except ClientDisconnect:
            # Nobody is there to be told, and nothing was stored.
            return Response(status_code=400)
        except (SQLAlchemyError, LostRace) as fault:
            if not database_is_unwell(fault):
                raise
            log.warning("call_not_answered", transport=TRANSPORT, path=request.url.path[:200])
            again = {"Retry-After": _AGAIN_SECONDS}
            if request.method == "GET":
                return _problem(_Refused(503, "this cannot be told now; ask again", again))
            return _problem(_Refused(503, "the payload was not stored; send it again", again))

    return endpoint


def _problem(refused: _Refused) -> Response:
    # RFC 9457: problem details for HTTP.
    return JSONResponse(
        {"status": refused.status, "detail": refused.detail},
        status_code=refused.status,
        headers=dict(refused.headers),
        media_type="application/problem+json",
    )


def _knows_a_key(request: Request, caller: Caller) -> bool:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    shown = token.strip() if scheme.lower() == "bearer" else request.headers.get("X-Api-Key", "")
    # Every key is compared, and each in the same time: how near a guess came is not told.
    # Headers are read as Latin-1: encoded so, they are the bytes that were sent.
    found = [hmac.compare_digest(shown.encode("latin-1"), key) for key in caller.api_keys]
    return bool(shown) and any(found)


def _file_name(request: Request) -> str:
    """Return the name that the caller gives the payload; it is only ever shown."""
    message = Message()
    message["Content-Disposition"] = request.headers.get("Content-Disposition", "")
    name = PurePosixPath((message.get_filename() or "").replace("\\", "/")).name
    shown = "".join(character if character.isprintable() else "?" for character in name)
    return shown[:_LONGEST_NAME]


def _nothing_to_settle() -> None:
    """The answer is what tells the caller; no original lies anywhere."""


def _standing(
    payload: PayloadRecord, interchanges: Sequence[InterchangeSummary]
) -> Mapping[str, object]:
    """Tell a partner what became of its payload, and nothing of what lies behind us."""
    return {
        "id": payload.id,
        "name": payload.name,
        "received_at": payload.received_at.isoformat(),
        "size": payload.size,
        "sha256": payload.sha256,
        "state": payload.state,
        **({"reason": payload.because} if payload.because else {}),
        "interchanges": [
            {
                "control_number": one.interchange.control_number,
                "state": one.interchange.state,
                **({"reason": one.interchange.because} if one.interchange.because else {}),
                "acknowledgments": [
                    {"kind": told.kind, "control_number": told.control_number, "state": told.state}
                    for told in one.acknowledgments
                ],
            }
            for one in interchanges
        ],
    }
