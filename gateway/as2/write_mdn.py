"""Writing an MDN (RFC 8098, RFC 3798, RFC 4130 section 7): a part for people, one for machines."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from gateway.as2.certificates import Keys
from gateway.as2.digests import mic_of
from gateway.as2.fields import write_as2_name
from gateway.as2.headers import http_headers, write_party_headers
from gateway.as2.mime import choose_boundary, write_multipart
from gateway.as2.model import Answer, Message
from gateway.as2.profile import Digest, Profile, Quirk
from gateway.as2.write import Entity, signed_entity

REPORTING_UA: Final = "edi-gateway"


def build_mdn(
    answer: Answer, profile: Profile, *, keys: Keys, message_id: str, now: datetime
) -> Message:
    """Write the MDN that answers a message: for the HTTP response, or to post to the sender.

    It is signed where the sender asked for that and we hold a key. It is never encrypted.
    """
    report = _report(answer, profile, message_id)
    request = answer.envelope.mdn_request
    if request is not None and request.signed and keys.ours:
        content = mic_of(report.pieces(profile), _signing_digest(answer, profile))
        report = signed_entity(report, content, profile, keys=keys, now=now, seed=message_id + "s")
    subject = "Message disposition notification"
    head = write_party_headers(profile, message_id=message_id, subject=subject, now=now)
    return Message(http_headers([*head, *report.fields]), b"".join(report.body))


def _report(answer: Answer, profile: Profile, message_id: str) -> Entity:
    text = answer.text or _sentence(answer)
    people = Entity(
        (("Content-Type", "text/plain; charset=utf-8"), ("Content-Transfer-Encoding", "8bit")),
        ["".join(f"{line}\r\n" for line in text.splitlines()).encode()],
    )
    machines = Entity(
        (
            ("Content-Type", "message/disposition-notification"),
            ("Content-Transfer-Encoding", "7bit"),
        ),
        ["".join(f"{name}: {value}\r\n" for name, value in _fields(answer, profile)).encode()],
    )
    parts = [people.pieces(profile), machines.pieces(profile)]
    boundary = choose_boundary(message_id, [piece for part in parts for piece in part])
    content_type = f'multipart/report; report-type=disposition-notification; boundary="{boundary}"'
    return Entity((("Content-Type", content_type),), write_multipart(parts, boundary))


def _fields(answer: Answer, profile: Profile) -> list[tuple[str, str]]:
    envelope = answer.envelope
    quoted = Quirk.UNQUOTED_NAMES not in profile.quirks
    recipient = f"rfc822; {write_as2_name(envelope.as2_to, quoted=quoted)}"
    fields = [
        ("Reporting-UA", REPORTING_UA),
        ("Original-Recipient", recipient),
        ("Final-Recipient", recipient),
        ("Original-Message-ID", envelope.message_id),
        ("Disposition", str(answer.disposition)),
    ]
    if answer.mic is not None:
        fields.append(("Received-Content-MIC", answer.mic.text(_spelling(answer))))
    return fields


def _spelling(answer: Answer) -> str:
    """Name the MIC's digest as the sender spelled it: products compare the text."""
    mic, request = answer.mic, answer.envelope.mdn_request
    assert mic is not None  # noqa: S101 - asked by the caller
    for name in request.mic_algorithms if request else ():
        if Digest.named(name) is mic.algorithm:
            return name.lower()
    return mic.algorithm.old_name


def _signing_digest(answer: Answer, profile: Profile) -> Digest:
    """Sign with the MIC's digest, else with the first that the sender listed and we have."""
    if answer.mic is not None:
        return answer.mic.algorithm
    request = answer.envelope.mdn_request
    named = [Digest.named(name) for name in request.mic_algorithms] if request else []
    found = [digest for digest in named if digest is not None]
    return found[0] if found else (profile.sign or Digest.SHA256)


def _sentence(answer: Answer) -> str:
    message = f"The message {answer.envelope.message_id} to {answer.envelope.as2_to}"
    if answer.disposition.accepted and not answer.disposition.modifier:
        return f"{message} was received. This does not say that its content was read or accepted."
    verdict = "was received" if answer.disposition.accepted else "was not accepted"
    return f"{message} {verdict}: {answer.disposition.explanation}."
