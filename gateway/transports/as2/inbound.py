"""Takes AS2 messages that partners post, and the MDNs that answer ours, at `/as2`.

The MDN leaves once the payload is durable, never before. Whatever is wrong with a message has its
disposition, and nothing of such a message is stored. The headers tell who sends, the signature
proves it: of somebody whom the headers do not name as a partner nothing is read, and what is
answered is not signed, so that no key of ours is used for a stranger.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TypeVar
from urllib.parse import urlsplit

import structlog
from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from gateway.as2 import (
    UNEXPECTED_ERROR,
    Envelope,
    Headers,
    Limits,
    Message,
    Reading,
    is_mdn,
    read_disposition,
    read_envelope,
    read_message,
)
from gateway.clock import Clock, utc_now
from gateway.errors import RemoteProtocolError
from gateway.http_bodies import Bodies, TooLarge, TooMany
from gateway.pipeline.bugs import guarded
from gateway.pipeline.mdns import Mdns
from gateway.pipeline.outcome import Quarantine
from gateway.pipeline.ports import Payload, Received
from gateway.pipeline.store_port import Desk, LostRace, database_is_unwell
from gateway.transports.as2.answering import Answering, Failed, Taken, come_again
from gateway.transports.as2.failures import FailureRules, Failures
from gateway.transports.as2.party import TRANSPORT, Party

PATH = "/as2"

_DRAINED = 64 * 1024
"""A body that is refused unread is let come as far as this: a small caller then sees its answer."""

_UNBELIEVED = frozenset({400, 404})
"""How an MDN is answered that is forged, or answers nothing that we sent."""

Given = TypeVar("Given")

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class As2Rules:
    """Whose messages are taken, and how much of them."""

    parties: Mapping[tuple[str, str], Party] = field(repr=False)
    """By AS2-From and AS2-To."""
    limits: Limits = field(default_factory=Limits)
    deadline: timedelta = timedelta(seconds=60)
    """The whole body must have come by then."""
    at_once: int = 2
    """Messages that are decrypted and verified at one moment."""
    together: int = 1_000_000_000
    """Bytes of bodies that are held at one moment."""
    failures: FailureRules = field(default_factory=FailureRules)
    """How many failed messages are answered."""


class Inbound:
    """The route that partners' AS2 systems post to."""

    def __init__(
        self,
        take: Callable[[Sequence[Received]], Sequence[str]],
        desk: Desk,
        mdns: Mdns,
        rules: As2Rules,
        *,
        clock: Clock = utc_now,
    ) -> None:
        self._take = take
        self._desk = desk
        self._rules = rules
        self._clock = clock
        self._answering = Answering(mdns, clock=clock, limits=rules.limits)
        self._failures = Failures(rules.failures)
        self._bodies = Bodies(
            largest=rules.limits.body, together=rules.together, deadline=rules.deadline
        )
        # Decrypting and verifying take the processor for seconds: elsewhere, and few at a time.
        self._pool = ThreadPoolExecutor(rules.at_once, thread_name_prefix="as2")

    def routes(self) -> list[Route]:
        """Return what the server answers for us."""
        return [Route(PATH, self._answer, methods=["POST"])]

    def close(self) -> None:
        """Let what is being read come to its end."""
        self._pool.shutdown()

    async def _answer(self, request: Request) -> Response:
        try:
            return await self._post(request)
        except ClientDisconnect:
            # Nobody is there to be told. What was stored is known by its Message-ID.
            return Response(status_code=400)

    async def _post(self, request: Request) -> Response:
        headers = _headers(request)
        try:
            envelope = read_envelope(headers)
        except RemoteProtocolError as fault:
            await _drain(request)
            refusal = self._too_often(request, "")
            if refusal is None:
                log.warning("as2_call_refused", peer=_peer(request), reason=str(fault))
            return refusal or PlainTextResponse(f"{fault}\n", status_code=400)
        party = self._rules.parties.get((envelope.as2_from, envelope.as2_to))
        if party is None:
            await _drain(request)
            return await self._refuse_stranger(request, envelope)
        if not _may_be_answered(envelope, party):
            await _drain(request)
            return self._refuse_address(request, envelope, party)
        opened = await self._received(request, headers, party)
        if isinstance(opened, Response):
            unbelieved = opened.status_code in _UNBELIEVED
            return (self._too_often(request, party.partner) if unbelieved else None) or opened
        return await self._off_loop(lambda: self._conclude(request, envelope, party, opened))

    async def _refuse_stranger(self, request: Request, envelope: Envelope) -> Response:
        refusal = self._too_often(request, "")
        if refusal is not None:
            return refusal
        names = {"as2_from": envelope.as2_from, "as2_to": envelope.as2_to}
        log.warning("as2_stranger_refused", peer=_peer(request), **names)
        return await self._off_loop(lambda: self._answering.a_stranger(envelope))

    def _refuse_address(self, request: Request, envelope: Envelope, party: Party) -> Response:
        refusal = self._too_often(request, party.partner)
        if refusal is not None:
            return refusal
        url = envelope.mdn_request.async_url if envelope.mdn_request else ""
        log.warning("as2_mdn_address_refused", partner=party.partner, url=url[:200])
        said = "Receipt-Delivery-Option names a host that is not agreed\n"
        return PlainTextResponse(said, status_code=403)

    def _too_often(self, request: Request, partner: str) -> Response | None:
        """Count a failure; return what answers it where it gets no receipt any more."""
        peer = _peer(request)
        refusal = self._failures.note(peer, partner, self._clock())
        if refusal is None:
            return None
        if refusal.first:
            log.warning(
                "as2_failures_limited", peer=peer, partner=partner, seconds=refusal.retry_after
            )
        wait = {"Retry-After": str(refusal.retry_after)}
        said = "too many messages from here failed; none of them was stored\n"
        return PlainTextResponse(said, status_code=429, headers=wait)

    def _conclude(
        self, request: Request, envelope: Envelope, party: Party, opened: Reading | Failed
    ) -> Response:
        outcome = opened if isinstance(opened, Failed) else self._keep(envelope, party, opened)
        if isinstance(outcome, Response):
            return outcome
        if isinstance(outcome, Failed):
            refusal = self._too_often(request, party.partner)
            if refusal is not None:
                return refusal
        return self._answering.tell(envelope, party, outcome)

    async def _received(
        self, request: Request, headers: Headers, party: Party
    ) -> Reading | Failed | Response:
        """Take the body and open it. It is let go on return: from then on the payload is held."""
        try:
            message = Message(headers, await self._bodies.take(request))
        except TooLarge:
            return Failed(UNEXPECTED_ERROR, f"larger than {self._rules.limits.body} bytes")
        except TooMany:
            return come_again("too many large messages at once")
        except TimeoutError:
            return PlainTextResponse("the body took too long to come\n", status_code=408)
        try:
            return await self._off_loop(lambda: self._open(message, party))
        finally:
            self._bodies.release(len(message.body))

    def _open(self, message: Message, party: Party) -> Reading | Failed | Response:
        """Read a message, or the MDN that it is; whatever is wrong with it has its disposition."""
        limits = self._rules.limits
        if len(message.body) <= limits.mdn and is_mdn(message, limits):
            return self._answering.mdn_came(message, party)
        try:
            found = guarded(
                lambda: read_message(
                    message, party.profile, keys=party.keys, now=self._clock(), limits=limits
                ),
                RemoteProtocolError,
            )
        except RemoteProtocolError as fault:
            return Failed(read_disposition(fault.disposition), str(fault))
        if isinstance(found, Quarantine):
            log.error("as2_bug", partner=party.partner, exception=found.traceback)
            return Failed(UNEXPECTED_ERROR, found.because)
        return found if found.payload else Failed(UNEXPECTED_ERROR, "the payload is empty")

    def _keep(self, envelope: Envelope, party: Party, read: Reading) -> Taken | Failed | Response:
        """Make the payload durable; what it is answered with comes after that."""
        payload = Payload(
            read.payload,
            read.filename or "payload.x12",
            partner=party.partner,
            transport=TRANSPORT,
            receipt=f"{envelope.as2_from} {envelope.as2_to} {envelope.message_id}",
        )
        try:
            [id_] = self._take([Received(payload, settle=_nothing, release=_nothing)])
            stored = self._desk.payload(id_)
        except (SQLAlchemyError, LostRace) as fault:
            if not database_is_unwell(fault):
                raise
            log.warning("payload_not_stored", transport=TRANSPORT, partner=party.partner)
            return come_again("the message was not stored")
        # The id is derived from the Message-ID: the same one finds what was stored under it first.
        if stored is None or stored.sha256 != hashlib.sha256(read.payload).hexdigest():
            return Failed(UNEXPECTED_ERROR, "this Message-ID came with another payload before")
        return Taken(id_, stored.received_at, read.mic)

    async def _off_loop(self, work: Callable[[], Given]) -> Given:
        return await asyncio.get_running_loop().run_in_executor(self._pool, work)


def _headers(request: Request) -> Headers:
    return Headers.of(
        (name.decode("latin-1"), value.decode("latin-1")) for name, value in request.headers.raw
    )


def _may_be_answered(envelope: Envelope, party: Party) -> bool:
    """Say whether the MDN may go where the message wants it: to a host that is agreed."""
    request = envelope.mdn_request
    if request is None or not request.async_url:
        return True
    return (urlsplit(request.async_url).hostname or "").lower() in party.mdn_hosts


async def _drain(request: Request) -> None:
    """Let the beginning of a body come, and forget it."""
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > _DRAINED:
            return


def _peer(request: Request) -> str:
    return request.client.host if request.client else ""


def _nothing() -> None:
    """The MDN is what tells the sender; no original lies anywhere."""
