"""Posts messages to a partner's AS2 system, and the MDNs that we owe it.

Every attempt at a consignment goes under the same Message-ID. A message is known to the store
before it leaves. With a synchronous MDN the attempt ends with what that says; with an asynchronous
one it ends when the partner has the bytes, and the MDN settles the rest when it comes.
"""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy.exc import SQLAlchemyError

from gateway.as2 import (
    Limits,
    MdnMode,
    Message,
    OutgoingMessage,
    Payload,
    build_message,
    is_mdn,
    read_mdn,
)
from gateway.clock import Clock, utc_now
from gateway.errors import LocalProtocolError, Permanent, RemoteProtocolError, Transient
from gateway.partners.connections import quiet_until
from gateway.pipeline.mdn_port import MDN_TYPE, MessageRecord, MessageState
from gateway.pipeline.mdns import Mdns
from gateway.pipeline.ports import Breakable, Consignment, Receipt
from gateway.pipeline.ports import Outbound as AnyOutbound
from gateway.pipeline.store_port import database_is_unwell
from gateway.transports.as2.owed import read_owed
from gateway.transports.as2.party import Party
from gateway.transports.as2.post import Answer, Poster
from gateway.transports.as2.verdict import verdict_of


class Outbound:
    """Sends interchanges to one partner over AS2."""

    def __init__(
        self,
        party: Party,
        mdns: Mdns,
        *,
        clock: Clock = utc_now,
        limits: Limits = Limits(),  # noqa: B008 - frozen
    ) -> None:
        self._party = party
        self._mdns = mdns
        self._clock = clock
        self._limits = limits
        self._poster = Poster(party, largest_answer=limits.mdn, clock=clock)

    def connect(self) -> None:
        """Make ready to post; the partner's system is reached by the first message."""
        self._poster.connect()

    def break_off(self) -> None:
        """Let a message that is under way end now."""
        self._poster.break_off()

    def close(self) -> None:
        """Close the connections."""
        self._poster.close()

    def deliver(self, consignment: Consignment) -> Receipt:
        """Post one message; raise Transient or Permanent by what the partner answers."""
        _keep_quiet(self._party, self._clock)
        try:
            built = self._built(consignment)
        except LocalProtocolError as fault:
            raise Permanent(str(fault)) from fault
        before = self._begin(built, consignment.idempotency_key)
        answer = self._poster.post(self._party.url, built.headers, built.body)
        if not self._has_mdn(answer):
            return self._without_mdn(answer)
        return self._judged(answer, built, before=before)

    def _built(self, consignment: Consignment) -> OutgoingMessage:
        party = self._party
        payload = Payload(consignment.content, party.content_type, consignment.name)
        return build_message(
            payload,
            party.profile,
            keys=party.keys,
            message_id=party.message_id(consignment.idempotency_key),
            now=self._clock(),
            subject=consignment.name,
        )

    def _begin(self, built: OutgoingMessage, outgoing_id: str) -> bool:
        """Let the store know what is about to leave; say whether it left before."""
        party, now = self._party, self._clock()
        if party.profile.mdn is MdnMode.NONE:
            return False
        later = party.profile.mdn is MdnMode.ASYNC
        record = MessageRecord(
            id=built.message_id,
            partner=party.partner,
            connection=party.connection,
            outgoing_id=outgoing_id,
            mics="\n".join(str(mic) for mic in built.mics),
            state=MessageState.WAITING,
            sent_at=now,
            resends=party.resends,
            mdn_due_at=now + party.mdn_within if later else None,
        )
        try:
            return self._mdns.begin(record)
        except SQLAlchemyError as fault:
            raise _waited_out(fault) from fault

    def _has_mdn(self, answer: Answer) -> bool:
        mode = self._party.profile.mdn
        if mode is MdnMode.SYNC:
            return bool(answer.body.strip())
        # Some products answer an error at once although the MDN was to come later.
        return mode is MdnMode.ASYNC and is_mdn(Message(answer.headers, answer.body), self._limits)

    def _without_mdn(self, answer: Answer) -> Receipt:
        match self._party.profile.mdn:
            case MdnMode.NONE:
                return Receipt(f"HTTP {answer.status}; no MDN was asked for")
            case MdnMode.ASYNC:
                until = f"{self._clock() + self._party.mdn_within:%Y-%m-%d %H:%M} UTC"
                return Receipt(f"HTTP {answer.status}; its MDN is to come until {until}")
            case MdnMode.SYNC:
                raise Transient(f"HTTP {answer.status} without the MDN that was asked for")

    def _judged(self, answer: Answer, built: OutgoingMessage, *, before: bool) -> Receipt:
        mdn = Message(answer.headers, answer.body)
        try:
            result = read_mdn(
                mdn,
                self._party.profile,
                sent=built.sent,
                keys=self._party.keys,
                now=self._clock(),
                limits=self._limits,
            )
        except RemoteProtocolError as fault:
            # It is no answer at all: the same Message-ID makes asking again harmless.
            raise Transient(f"the MDN is not believed: {fault}") from fault
        verdict, had_it = verdict_of(result, mdn, repeated=before)
        try:
            self._mdns.close(built.message_id, verdict)
        except SQLAlchemyError as fault:
            # The partner has it: the same Message-ID makes asking again harmless.
            raise _waited_out(fault) from fault
        if not verdict.accepted:
            raise Permanent(f"its MDN says: {verdict.because}")
        return Receipt(f"MDN: {verdict.because}", repeated=had_it)


def _waited_out(fault: SQLAlchemyError) -> Exception:
    """Return what to raise where the store failed: tried again, unless it is a bug."""
    return Transient("the store is unwell") if database_is_unwell(fault) else fault


class Owing:
    """Posts the MDNs that we owe to one partner, through any of its AS2 connections."""

    def __init__(self, parties: Mapping[str, Party], *, clock: Clock = utc_now) -> None:
        self._parties = parties
        """By the connection's name."""
        self._clock = clock
        self._posters = {
            name: Poster(party, largest_answer=Limits().mdn, clock=clock)
            for name, party in parties.items()
        }

    def connect(self) -> None:
        """Make ready to post."""
        for poster in self._posters.values():
            poster.connect()

    def break_off(self) -> None:
        """Let what is under way end now."""
        for poster in self._posters.values():
            poster.break_off()

    def close(self) -> None:
        """Close the connections."""
        for poster in self._posters.values():
            poster.close()

    def deliver(self, consignment: Consignment) -> Receipt:
        """Post one MDN; raise Transient or Permanent by what the partner answers."""
        owed = read_owed(consignment.content)
        party = self._parties.get(owed.connection)
        if party is None:
            raise Permanent(f"there is no connection '{owed.connection}' any more")
        _keep_quiet(party, self._clock)
        answer = self._posters[owed.connection].post(owed.url, owed.mdn.headers, owed.mdn.body)
        return Receipt(f"HTTP {answer.status}")


class WithMdns:
    """A partner's usual place for what we send, and beside it the way for the MDNs that we owe."""

    def __init__(self, usual: AnyOutbound, owing: Owing) -> None:
        self._usual = usual
        self._owing = owing

    def connect(self) -> None:
        """Make both ready."""
        self._usual.connect()
        self._owing.connect()

    def break_off(self) -> None:
        """Let what is under way end soon, of either kind."""
        for outbound in (self._usual, self._owing):
            if isinstance(outbound, Breakable):
                outbound.break_off()

    def close(self) -> None:
        """Close both."""
        self._usual.close()
        self._owing.close()

    def deliver(self, consignment: Consignment) -> Receipt:
        """Hand over by what it is."""
        outbound = self._owing if consignment.content_type == MDN_TYPE else self._usual
        return outbound.deliver(consignment)


def _keep_quiet(party: Party, clock: Clock) -> None:
    now = clock()
    quiet = quiet_until(party.quiet, now)
    if quiet is not None:
        until = f"{quiet:%Y-%m-%d %H:%M} UTC"
        pause = (quiet - now).total_seconds()
        raise Transient(f"quiet hours of the partner, until {until}", retry_after=pause)
