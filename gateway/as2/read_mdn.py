"""Reading an MDN: is it the partner's, does it answer our message, and did that arrive whole?

An MDN that cannot be trusted is no answer at all: it raises RemoteProtocolError, and the message
stays unanswered. What a trusted MDN says comes back as a verdict.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Final

from gateway.as2.certificates import Keys
from gateway.as2.dispositions import (
    AUTHENTICATION_FAILED,
    Disposition,
    read_disposition,
    remote_error,
)
from gateway.as2.fields import Headers, read_fields
from gateway.as2.layers import Opened, open_layers
from gateway.as2.mime import Part, decoded, read_multipart
from gateway.as2.model import MdnResult, MdnVerdict, Message, Mic, Sent, no_more_than, read_mic
from gateway.as2.profile import Limits, Profile, Quirk
from gateway.errors import RemoteProtocolError

_NOTIFICATION: Final = "message/disposition-notification"
_QUOTES = re.compile(r'["\\]')
_LONGEST_TEXT: Final = 2_000


def is_mdn(message: Message, limits: Limits = Limits()) -> bool:  # noqa: B008 - frozen
    """Say whether a message looks like an MDN rather than one with a payload; trusts nothing."""
    try:
        return _find_report(message, limits) is not None
    except RemoteProtocolError:
        return False


def answered_message_id(message: Message, limits: Limits = Limits()) -> str:  # noqa: B008 - frozen
    """Look up which message an MDN says it answers, before it is verified; trust it for no more.

    An asynchronous MDN must be matched with what was sent before its signature can be judged.
    """
    report = _find_report(message, limits)
    if report is None:
        raise remote_error("request is no MDN that can be read without a key")
    return _original_message_id(_notification(report, limits)[0])


def read_mdn(
    message: Message,
    profile: Profile,
    *,
    sent: Sent,
    keys: Keys,
    now: datetime,
    limits: Limits = Limits(),  # noqa: B008 - frozen
) -> MdnResult:
    """Read the answer to a message that we sent; raise where it is not to be trusted."""
    no_more_than(limits.mdn, len(message.body), "MDN")
    _check_parties(message.headers, profile)
    opened = open_layers(message, profile, keys=keys, now=now, limits=limits)
    notification, text = _notification(opened.part, limits)
    disposition = read_disposition(_field(notification, "Disposition"))
    _check_signature(opened, profile, str(disposition))
    original = _original_message_id(notification)
    # Some products drop the angle brackets, or add them.
    if original.strip("<> ") != sent.message_id.strip("<> "):
        raise remote_error(f"MDN answers message {original[:120]!r}, expected {sent.message_id!r}")
    mic, broken = _received_mic(notification)
    verdict, because = _verdict(disposition, broken or _mismatch(mic, sent, profile))
    return MdnResult(
        verdict=verdict,
        disposition=disposition,
        original_message_id=original,
        mic=mic,
        signed=opened.signature is not None,
        text=text,
        because=because,
        signer=opened.signature.certificate.fingerprint if opened.signature else "",
    )


def _verdict(disposition: Disposition, mismatch: str) -> tuple[MdnVerdict, str]:
    """Judge what a trusted MDN says, and why it is not simply accepted."""
    if not disposition.accepted:
        said = f"{disposition.kind}/{disposition.modifier}: {disposition.explanation}"
        return MdnVerdict.REJECTED, said
    if mismatch:
        return MdnVerdict.MIC_MISMATCH, mismatch
    if disposition.modifier:
        return MdnVerdict.ACCEPTED_WITH_WARNING, disposition.explanation
    return MdnVerdict.ACCEPTED, ""


def _check_parties(headers: Headers, profile: Profile) -> None:
    """Compare the names where the MDN has them; answers in an HTTP response often do not.

    Not their quotation marks: django-pyas2 quotes a name twice that it was sent quoted. Who wrote
    the MDN is told by its signature.
    """
    for header, expected in (("AS2-From", profile.partner_id), ("AS2-To", profile.our_id)):
        value = headers.one(header)
        if value and _QUOTES.sub("", value) != _QUOTES.sub("", expected):
            raise remote_error(f"MDN has {header} {value[:140]!r}, expected {expected!r}")


def _check_signature(opened: Opened, profile: Profile, says: str) -> None:
    if not profile.signed_mdn or opened.signature is not None:
        return
    if Quirk.UNSIGNED_MDN_ACCEPTED not in profile.quirks:
        raise remote_error(
            f"MDN is not signed although a signed one was asked for; it says {says!r}",
            AUTHENTICATION_FAILED,
        )


def _find_report(message: Message, limits: Limits) -> Part | None:
    """Find the report without verifying the signature around it."""
    no_more_than(limits.mdn, len(message.body), "MDN")
    part = Part(message.headers, message.body, 0, 0, len(message.body))
    if part.content_type.media == "multipart/signed":
        parts = read_multipart(part, limits.headers)
        if not parts:
            return None
        part = parts[0]
    return part if part.content_type.media in ("multipart/report", _NOTIFICATION) else None


def _notification(report: Part, limits: Limits) -> tuple[Headers, str]:
    """Read the machine part's fields and the text for people."""
    media = report.content_type.media
    if media == _NOTIFICATION:
        return _read_notification(report), ""
    if media != "multipart/report":
        raise remote_error(f"answer is {media[:80]!r}, expected an MDN (multipart/report)")
    parts = read_multipart(report, limits.headers)
    found = [part for part in parts if part.content_type.media == _NOTIFICATION]
    if len(found) != 1:
        raise remote_error(f"MDN has {len(found)} parts {_NOTIFICATION}, expected one")
    people = [part for part in parts if part.content_type.media == "text/plain"]
    return _read_notification(found[0]), _text(people[0]) if people else ""


def _read_notification(part: Part) -> Headers:
    source, start, end = decoded(part)
    text = bytes(source[start:end]).decode("utf-8", errors="replace")
    unfolded = text.replace("\r\n", "\n").replace("\n ", " ").replace("\n\t", " ")
    return read_fields(line for line in unfolded.split("\n") if line.strip())


def _text(part: Part) -> str:
    source, start, end = decoded(part)
    return bytes(source[start:end][: _LONGEST_TEXT * 4]).decode("utf-8", "replace")[:_LONGEST_TEXT]


def _field(notification: Headers, name: str) -> str:
    value = notification.one(name)
    if not value:
        raise remote_error(f"MDN has no {name}")
    return value


def _original_message_id(notification: Headers) -> str:
    return _field(notification, "Original-Message-ID")


def _received_mic(notification: Headers) -> tuple[Mic | None, str]:
    """Read the MIC: it, or what is wrong with it; neither where there is none."""
    text = notification.one("Received-Content-MIC")
    if not text:
        return None, ""
    try:
        return read_mic(text), ""
    except RemoteProtocolError as error:
        return None, str(error)


def _mismatch(mic: Mic | None, sent: Sent, profile: Profile) -> str:
    """Say in what way the MIC is not that of the message; nothing where it is."""
    if mic is None:
        # RFC 4130 section 7.4.3 wants it in answers to requests for signed receipts.
        lenient = Quirk.MDN_WITHOUT_MIC_ACCEPTED in profile.quirks
        return "" if lenient or not profile.signed_mdn else "MDN has no Received-Content-MIC"
    if mic in sent.mics:
        return ""
    expected = next((each for each in sent.mics if each.algorithm is mic.algorithm), sent.mics[0])
    return f"MIC is {mic}, expected {expected}: the partner received something else than was sent"
