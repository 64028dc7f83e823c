"""Reading a message: from HTTP headers and body to the payload, or to the error that answers it."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Final

from gateway.as2.certificates import Keys
from gateway.as2.digests import mic_of
from gateway.as2.dispositions import (
    INSUFFICIENT_SECURITY,
    UNSUPPORTED_FORMAT,
    UNSUPPORTED_MIC_ALGORITHMS,
    remote_error,
)
from gateway.as2.fields import read_filename, read_parameters
from gateway.as2.headers import check_mdn_request, check_parties, read_envelope
from gateway.as2.layers import Opened, open_layers
from gateway.as2.mime import Part, decoded
from gateway.as2.model import MdnRequest, Message, Mic, Reading, no_more_than
from gateway.as2.profile import Digest, Limits, Profile, Quirk
from gateway.errors import RemoteProtocolError

_UNSAFE_IN_A_NAME = re.compile(r"[\x00-\x1f\x7f]")
_LONGEST_NAME: Final = 200
_BINARY: Final = frozenset({"", "binary"})


def read_message(
    message: Message,
    profile: Profile,
    *,
    keys: Keys,
    now: datetime,
    limits: Limits = Limits(),  # noqa: B008 - frozen
) -> Reading:
    """Read the payload of a message; the RemoteProtocolError of a failure knows its disposition."""
    envelope = read_envelope(message.headers)
    check_parties(envelope, profile)
    check_mdn_request(envelope.mdn_request)
    no_more_than(limits.body, len(message.body), "message")
    opened = open_layers(message, profile, keys=keys, now=now, limits=limits)
    _check_security(opened, profile)
    content_type = opened.part.content_type.media
    if content_type.startswith("multipart/"):
        raise remote_error(f"payload is {content_type}, expected one document", UNSUPPORTED_FORMAT)
    mic = _mic(opened, envelope.mdn_request, profile)
    source, start, end = decoded(opened.part)
    # Bytes that were decoded for us alone are the payload; a stretch of the message is copied.
    alone = isinstance(source, bytes) and len(source) == end - start
    return Reading(
        payload=bytes(source) if alone else bytes(memoryview(source)[start:end]),
        content_type=content_type,
        filename=_filename(opened.part),
        mic=mic,
        signed=opened.signature is not None,
        encrypted=opened.encrypted,
        compressed=opened.compressed,
        signer=opened.signature.certificate.fingerprint if opened.signature else "",
    )


def _check_security(opened: Opened, profile: Profile) -> None:
    if profile.require_signed and opened.signature is None:
        raise remote_error(
            "message is not signed, as was agreed with the partner", INSUFFICIENT_SECURITY
        )
    if profile.require_encrypted and not opened.encrypted:
        raise remote_error(
            "message is not encrypted, as was agreed with the partner", INSUFFICIENT_SECURITY
        )


def _mic(opened: Opened, request: MdnRequest | None, profile: Profile) -> Mic:
    """Make the MIC to return (RFC 4130 sections 7.3.1 and 7.4.3, RFC 5402 section 4).

    Signed: over what was signed, with the digest that signed it, whatever the sender lists.
    Unsigned: over the payload with its MIME headers, or without them where nothing protected them
    on their way; with the first digest of the sender's list, or SHA-1 where there is none.
    """
    listed = _listed(request)
    if opened.signature is not None and opened.signed_part is not None:
        if not listed or Quirk.MIC_AS_LISTED not in profile.quirks:
            return opened.signature.mic
        canonically = opened.signature.canonically
        return mic_of([opened.signed_part.whole], listed[0], canonically=canonically)
    digest = listed[0] if listed else Digest.SHA1
    if not opened.wrapped:
        return mic_of([opened.part.body], digest)
    canonically = opened.part.transfer_encoding not in _BINARY
    return mic_of([opened.part.whole], digest, canonically=canonically)


def _listed(request: MdnRequest | None) -> list[Digest]:
    """Choose among the digests that the sender lists: those we have, in the sender's order."""
    if request is None:
        return []
    named = [Digest.named(name) for name in request.mic_algorithms]
    listed = [digest for digest in named if digest is not None]
    if request.mic_algorithms and not listed and request.mic_required:
        raise remote_error(
            f"MIC algorithms {', '.join(request.mic_algorithms)[:80]} are not supported",
            UNSUPPORTED_MIC_ALGORITHMS,
        )
    return listed


def _filename(part: Part) -> str:
    """Read the file name that the sender suggests; it is advice, so a broken one is no name."""
    for header, parameter in (("Content-Disposition", "filename"), ("Content-Type", "name")):
        try:
            value = read_filename(
                read_parameters(part.headers.one(header) or "", header), parameter
            )
        except RemoteProtocolError:
            continue
        name = _UNSAFE_IN_A_NAME.sub("", value).replace("\\", "/").rpartition("/")[2].strip()
        if name.strip("."):
            return name[:_LONGEST_NAME]
    return ""
