"""The HTTP headers of AS2 (RFC 4130 section 6): read strictly, written plainly."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from email.utils import format_datetime
from typing import Final
from urllib.parse import urlsplit

from gateway.as2.dispositions import (
    SENDER_EQUALS_RECEIVER,
    UNKNOWN_PARTNER,
    UNSUPPORTED_FORMAT,
    remote_error,
)
from gateway.as2.fields import Headers, read_as2_name, read_parameters, write_as2_name
from gateway.as2.model import Envelope, MdnRequest
from gateway.as2.profile import Digest, MdnMode, Profile, Quirk
from gateway.errors import LocalProtocolError

AS2_VERSION: Final = "1.1"
"""1.1 says that compression is understood (RFC 5402). 1.2 would announce EDIINT-Features."""

_MESSAGE_ID = re.compile(r"[!-~](?:[ -~]{0,996}[!-~])?\Z")
_LONGEST_LIST: Final = 20


def read_envelope(headers: Headers) -> Envelope:
    """Read what a message's headers say; raise RemoteProtocolError where they say it badly.

    The first thing to call: the names find the partner, the rest answers it when a later step
    fails. A failure here cannot be answered by an MDN, only by HTTP 400.
    """
    as2_from = read_as2_name(_needed(headers, "AS2-From"), "AS2-From")
    as2_to = read_as2_name(_needed(headers, "AS2-To"), "AS2-To")
    message_id = _needed(headers, "Message-ID")
    if not _MESSAGE_ID.match(message_id):
        raise remote_error("Message-ID is not 1 to 998 printable characters")
    return Envelope(
        as2_from=as2_from,
        as2_to=as2_to,
        message_id=message_id,
        content_type=read_parameters(_needed(headers, "Content-Type"), "Content-Type").media,
        subject=(headers.one("Subject") or "")[:500],
        mdn_request=_mdn_request(headers),
    )


def check_parties(envelope: Envelope, profile: Profile) -> None:
    """Insist that the message is between the two parties of the profile; case matters."""
    if envelope.as2_from == envelope.as2_to:
        raise remote_error(
            f"AS2-From and AS2-To are both {envelope.as2_from!r}", SENDER_EQUALS_RECEIVER
        )
    if (envelope.as2_from, envelope.as2_to) != (profile.partner_id, profile.our_id):
        raise remote_error(
            f"message is from {envelope.as2_from!r} to {envelope.as2_to!r}, "
            f"expected from {profile.partner_id!r} to {profile.our_id!r}",
            UNKNOWN_PARTNER,
        )


def _needed(headers: Headers, name: str) -> str:
    value = headers.one(name)
    if not value:
        raise remote_error(f"header {name} is missing")
    return value


def _mdn_request(headers: Headers) -> MdnRequest | None:
    to = headers.one("Disposition-Notification-To")
    options = headers.one("Disposition-Notification-Options") or ""
    url = headers.one("Receipt-Delivery-Option") or ""
    if to is None:
        return None
    if url and not _is_http(url):
        raise remote_error(f"Receipt-Delivery-Option {url[:80]!r} is not an http or https address")
    protocol = _option(options, "signed-receipt-protocol")
    mic = _option(options, "signed-receipt-micalg")
    return MdnRequest(
        to=to,
        signed=bool(protocol[1] or mic[1]),
        protocol=protocol[1][0].lower() if protocol[1] else "",
        signature_required=protocol[0],
        mic_algorithms=mic[1],
        mic_required=mic[0],
        async_url=url,
    )


def _is_http(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme.lower() in ("http", "https") and bool(parts.netloc)


def _option(text: str, name: str) -> tuple[bool, tuple[str, ...]]:
    """Read `name=required, value, value`: whether required, and the values.

    Attributes come in any order. Products leave the importance out, quote values, or end the list
    with a comma; all of that says the same thing.
    """
    for attribute in text.split(";"):
        key, equals, listed = attribute.partition("=")
        if not equals or key.strip().lower() != name:
            continue
        values = [value.strip().strip('"').strip() for value in listed.split(",")]
        values = [value for value in values if value][:_LONGEST_LIST]
        importance = values[0].lower() if values else ""
        if importance in ("required", "optional"):
            values = values[1:]
        return importance == "required", tuple(values)
    return False, ()


def check_mdn_request(request: MdnRequest | None) -> None:
    """Refuse a request for a receipt that we cannot give although the sender insists on it."""
    if request is None or not request.signature_required:
        return
    if request.protocol not in ("", "pkcs7-signature"):
        raise remote_error(
            f"signed receipts by {request.protocol[:40]!r} are not supported, "
            "expected pkcs7-signature",
            UNSUPPORTED_FORMAT,
        )


def write_party_headers(
    profile: Profile, *, message_id: str, subject: str, now: datetime
) -> list[tuple[str, str]]:
    """Write the headers that every message and every asynchronous MDN begins with."""
    quoted = Quirk.UNQUOTED_NAMES not in profile.quirks
    return [
        ("AS2-Version", AS2_VERSION),
        ("AS2-From", write_as2_name(profile.our_id, quoted=quoted)),
        ("AS2-To", write_as2_name(profile.partner_id, quoted=quoted)),
        ("Message-ID", message_id),
        ("Subject", subject),
        ("Date", format_datetime(now)),
        *([] if Quirk.NO_MIME_VERSION in profile.quirks else [("MIME-Version", "1.0")]),
    ]


def http_headers(fields: Sequence[tuple[str, str]]) -> Headers:
    """Take fields as HTTP headers, unless a value would break out of its line."""
    for name, value in fields:
        if not (value.isascii() and value.isprintable()):
            raise LocalProtocolError(f"{name}: {value!r} cannot stand in an HTTP header")
    return Headers.of(fields)


def write_mdn_request(profile: Profile) -> list[tuple[str, str]]:
    """Write the headers that ask for a receipt."""
    if profile.mdn is MdnMode.NONE:
        return []
    fields = [("Disposition-Notification-To", profile.mdn_to)]
    if profile.signed_mdn:
        names = ", ".join(digest_name(each, profile) for each in profile.mic_preference)
        fields.append(
            (
                "Disposition-Notification-Options",
                "signed-receipt-protocol=optional, pkcs7-signature; "
                f"signed-receipt-micalg=optional, {names}",
            )
        )
    if profile.mdn is MdnMode.ASYNC:
        if not profile.mdn_url:
            raise LocalProtocolError("an asynchronous MDN needs our address for it, mdn_url")
        fields.append(("Receipt-Delivery-Option", profile.mdn_url))
    return fields


def digest_name(digest: Digest, profile: Profile) -> str:
    """Name a digest as the partner's product spells it."""
    return digest.old_name if Quirk.OLD_DIGEST_NAMES in profile.quirks else digest.value
