"""What partners are answered: the MDN of a message, at once or later; and taking their MDNs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import structlog
from sqlalchemy.exc import SQLAlchemyError
from starlette.responses import PlainTextResponse, Response

from gateway.as2 import (
    PROCESSED,
    UNKNOWN_PARTNER,
    Disposition,
    Envelope,
    Keys,
    Limits,
    Message,
    Mic,
    Profile,
    Sent,
    answered_message_id,
    build_mdn,
    read_mdn,
    read_mic,
)
from gateway.as2 import Answer as MdnAnswer
from gateway.clock import Clock, derived_id
from gateway.errors import LocalProtocolError, RemoteProtocolError
from gateway.pipeline.mdn_port import MessageRecord, OwedMdn
from gateway.pipeline.mdns import Mdns
from gateway.pipeline.store_port import LostRace, database_is_unwell
from gateway.transports.as2.owed import Owed, write_owed
from gateway.transports.as2.party import Party, message_id
from gateway.transports.as2.verdict import verdict_of

_AGAIN_SECONDS = "30"

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Taken:
    """A message whose payload is durable."""

    payload_id: str
    at: datetime
    """When it was stored first: a repeated message gets the same MDN, its date included."""
    mic: Mic


@dataclass(frozen=True, slots=True)
class Failed:
    """A message that is answered with a disposition of failure."""

    disposition: Disposition
    because: str
    """For our own people: a sender learns no more than the disposition."""


def come_again(because: str) -> Response:
    """Ask the sender to send the same message again."""
    return PlainTextResponse(
        f"{because}; send it again\n", status_code=503, headers={"Retry-After": _AGAIN_SECONDS}
    )


class Answering:
    """Writes MDNs for what came, and reads those that came."""

    def __init__(self, mdns: Mdns, *, clock: Clock, limits: Limits) -> None:
        self._mdns = mdns
        self._clock = clock
        self._limits = limits

    def a_stranger(self, envelope: Envelope) -> Response:
        """Answer somebody who is no partner: in the response only, and with no key of ours."""
        wanted = envelope.mdn_request
        if wanted is None or wanted.async_url:
            return PlainTextResponse(f"{UNKNOWN_PARTNER.explanation}\n", status_code=403)
        profile = Profile(our_id=envelope.as2_to, partner_id=envelope.as2_from)
        id_ = message_id(envelope.as2_to, "stranger", envelope.message_id)
        answer = MdnAnswer(envelope, UNKNOWN_PARTNER)
        return _response(build_mdn(answer, profile, keys=Keys(), message_id=id_, now=self._clock()))

    def tell(self, envelope: Envelope, party: Party, outcome: Taken | Failed) -> Response:
        """Answer a partner's message: in the response, or by an MDN that is owed from now on."""
        failed = isinstance(outcome, Failed)
        details = {"partner": party.partner, "message": envelope.message_id}
        if isinstance(outcome, Failed):
            said = outcome.disposition.explanation
            log.warning("as2_message_refused", says=said, reason=outcome.because, **details)
        else:
            log.info("as2_message_taken", payload=outcome.payload_id, **details)
        wanted = envelope.mdn_request
        if wanted is None:
            if isinstance(outcome, Failed):
                return PlainTextResponse(f"{outcome.disposition.explanation}\n", status_code=400)
            return Response(status_code=200)
        try:
            mdn = self._mdn(envelope, party, outcome)
        except LocalProtocolError as fault:
            log.warning("as2_mdn_not_written", reason=str(fault), **details)
            return come_again("the receipt cannot be written now")
        if not wanted.async_url:
            return _response(mdn)
        owed = write_owed(Owed(party.connection, wanted.async_url, mdn))
        # Its name says what it answers and how, and where it goes: asked again, it is the same one.
        id_ = derived_id("mdn", *party.names, envelope.message_id, wanted.async_url, str(failed))
        return _stored(
            lambda: self._mdns.owe(OwedMdn(id_, party.partner, envelope.message_id, owed))
        )

    def _mdn(self, envelope: Envelope, party: Party, outcome: Taken | Failed) -> Message:
        now = self._clock()
        if isinstance(outcome, Taken):
            answer = MdnAnswer(envelope, PROCESSED, outcome.mic)
            # A repeated message gets the very MDN of the first time, unless our key has changed.
            if _same_key(party.keys, now, outcome.at):
                now = outcome.at
        else:
            answer = MdnAnswer(envelope, outcome.disposition)
        says = (str(answer.disposition), str(answer.mic))
        id_ = party.message_id("mdn", *party.names, envelope.message_id, *says)
        return build_mdn(answer, party.profile, keys=party.keys, message_id=id_, now=now)

    def mdn_came(self, message: Message, party: Party) -> Response:
        """Take an MDN that answers a message of ours."""
        try:
            record = self._answered(message, party)
            if record is None:
                log.warning("as2_mdn_unmatched", partner=party.partner)
                return PlainTextResponse("this answers no message of ours\n", status_code=404)
            sent = Sent(record.id, tuple(read_mic(line) for line in record.mics.splitlines()))
            result = read_mdn(
                message,
                party.profile,
                sent=sent,
                keys=party.keys,
                now=self._clock(),
                limits=self._limits,
            )
        except RemoteProtocolError as fault:
            log.warning("as2_mdn_not_believed", partner=party.partner, reason=str(fault))
            return PlainTextResponse("the receipt is not believed\n", status_code=400)
        verdict, _ = verdict_of(result, message, repeated=record.sends > 1)
        return _stored(lambda: self._mdns.answer(record, verdict))

    def _answered(self, message: Message, party: Party) -> MessageRecord | None:
        # Ours have angle brackets; some products drop them.
        id_ = f"<{answered_message_id(message, self._limits).strip('<> ')}>"
        record = self._mdns.message(id_)
        return record if record is not None and record.partner == party.partner else None


def _same_key(keys: Keys, now: datetime, then: datetime) -> bool:
    try:
        return keys.to_sign(now) == keys.to_sign(then)
    except LocalProtocolError:
        return False


def _stored(work: Callable[[], None]) -> Response:
    try:
        work()
    except (SQLAlchemyError, LostRace) as fault:
        if not database_is_unwell(fault):
            raise
        return come_again("the store is unwell")
    return Response(status_code=200)


def _response(mdn: Message) -> Response:
    # The server writes a Date of its own.
    headers = {name: value for name, value in mdn.headers.fields if name != "Date"}
    return Response(mdn.body, headers=headers)
