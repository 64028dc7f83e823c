"""Trying an AS2 connection out: a small test message, and what came back at each step."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from gateway.app.trial import Step
from gateway.as2 import (
    Limits,
    MdnMode,
    MdnResult,
    MdnVerdict,
    Message,
    OutgoingMessage,
    Payload,
    build_message,
    read_mdn,
)
from gateway.clock import Clock, new_id
from gateway.errors import GatewayError, LocalProtocolError, RemoteProtocolError
from gateway.transports.as2.party import Party
from gateway.transports.as2.post import Answer, Poster

_TEXT = b"This is a test of the AS2 connection by the EDI gateway. It holds no document.\r\n"

_ADVICE = {
    "authentication-failed": "has the partner taken over our certificate? `gateway as2 certs` "
    "shows its fingerprint, to be compared on the telephone",
    "decryption-failed": "is the certificate that is pinned here the one that the partner uses "
    "now? `gateway as2 certs` shows it",
    "integrity-check-failed": "ask for the partner's product and see its quirks in "
    "docs/transports/as2.md",
    "insufficient-message-security": "compare 'sign' and 'encrypt' with the partner",
    "unknown-trading-partner": "compare both AS2 ids, upper and lower case too",
    "unsupported format": "compare 'encrypt', 'compress' and 'key_transport' with the partner",
    "unsupported MIC-algorithms": "compare 'sign' and 'mic_algorithms' with the partner",
}
_ASK = "ask the partner what its log says of this message"


def ping(party: Party, *, clock: Clock) -> Iterator[Step]:
    """Post a test message, protected as was agreed, and read its receipt.

    The receipt is asked for in the answer, whatever was agreed: then nothing has to be waited for.
    """
    profile = party.profile
    if profile.mdn is not MdnMode.NONE:
        profile = replace(profile, mdn=MdnMode.SYNC)
    party = replace(party, profile=profile)
    try:
        built = _built(party, clock)
    except LocalProtocolError as fault:
        yield Step("keys", "choosing keys", str(fault), "`gateway as2 certs` shows all of them")
        return
    yield Step("keys", _protection(party, clock))
    poster = Poster(party, largest_answer=Limits().mdn, clock=clock)
    poster.connect()
    try:
        answer = poster.post(party.url, built.headers, built.body)
    except GatewayError as fault:
        tried = f"posting {built.message_id} to {party.url}"
        yield Step(
            "post", tried, str(fault), "is the address right, and does the server let us in?"
        )
        return
    finally:
        poster.close()
    yield Step("post", f"{built.message_id}, {len(built.body)} bytes: HTTP {answer.status}")
    if profile.mdn is not MdnMode.NONE:
        yield from _receipt(party, built, answer, clock=clock)


def _built(party: Party, clock: Clock) -> OutgoingMessage:
    return build_message(
        Payload(_TEXT, "text/plain", "as2-test.txt"),
        party.profile,
        keys=party.keys,
        message_id=party.message_id("ping", new_id()),
        now=clock(),
        subject="AS2 test",
    )


def _protection(party: Party, clock: Clock) -> str:
    """Say how the message is protected, and with what."""
    profile, now = party.profile, clock()
    said = []
    if profile.sign is not None:
        ours = party.keys.to_sign(now).certificate
        said.append(f"signed with {profile.sign} by {ours.subject}, valid until {ours.ends:%F}")
    if profile.encrypt is not None:
        theirs = party.keys.partner.to_encrypt(now)
        until = f"{theirs.ends:%F}"
        said.append(f"encrypted with {profile.encrypt} for {theirs.subject}, valid until {until}")
    return "; ".join(said) or "neither signed nor encrypted"


def _receipt(
    party: Party, built: OutgoingMessage, answer: Answer, *, clock: Clock
) -> Iterator[Step]:
    if not answer.body.strip():
        yield Step("receipt", "reading the MDN", "the answer is empty", _ASK)
        return
    message = Message(answer.headers, answer.body)
    try:
        result = read_mdn(message, party.profile, sent=built.sent, keys=party.keys, now=clock())
    except RemoteProtocolError as fault:
        yield Step("receipt", "reading the MDN", str(fault), _ASK)
        return
    yield _said(result)
    if result.verdict is MdnVerdict.MIC_MISMATCH:
        advice = _ADVICE["integrity-check-failed"]
        yield Step("MIC", "comparing what arrived with what was sent", result.because, advice)
    elif result.mic is not None and result.accepted:
        yield Step("MIC", f"what arrived is what was sent: {result.mic}")


def _said(result: MdnResult) -> Step:
    signed = f", signed by {result.signer}" if result.signed else ", not signed"
    words = str(result.disposition).partition("; ")[2]
    if result.disposition.accepted:
        return Step("receipt", f"{words}{signed}")
    explanation = result.disposition.explanation
    advice = next((text for key, text in _ADVICE.items() if key in explanation), _ASK)
    return Step("receipt", f"the MDN{signed}, says", f"{words}; {result.text.strip()}", advice)
