"""Opening what a message is wrapped in: encryption outside, then signature and compression.

Each layer at most once, encryption outermost: RFC 4130 and RFC 5402 know no other order, and a
reader that follows any nesting can be led by whoever sent it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from gateway.as2 import asn1, ber
from gateway.as2.certificates import Keys
from gateway.as2.compressed_data import decompress
from gateway.as2.dispositions import (
    AUTHENTICATION_FAILED,
    DECOMPRESSION_FAILED,
    DECRYPTION_FAILED,
    UNSUPPORTED_FORMAT,
    remote_error,
)
from gateway.as2.enveloped_data import decrypt
from gateway.as2.mime import Part, decoded, read_multipart, read_part
from gateway.as2.model import Message, no_more_than
from gateway.as2.profile import Limits, Profile, Quirk
from gateway.as2.signed_data import Signature, read_content_info, verify
from gateway.errors import RemoteProtocolError

_PKCS7_MIME: Final = frozenset({"application/pkcs7-mime", "application/x-pkcs7-mime"})
_PKCS7_SIGNATURE: Final = frozenset(
    {"application/pkcs7-signature", "application/x-pkcs7-signature"}
)
_ENCRYPTIONS: Final = frozenset({asn1.ENVELOPED_DATA, asn1.AUTH_ENVELOPED_DATA})


@dataclass(slots=True)
class Opened:
    """A message while its layers come off."""

    part: Part
    """What is innermost so far."""
    signature: Signature | None = None
    signed_part: Part | None = field(default=None, repr=False)
    """What the signature covers."""
    encrypted: bool = False
    compressed: bool = False

    @property
    def wrapped(self) -> bool:
        """Say whether anything came off: the innermost part then has headers of its own."""
        return self.encrypted or self.compressed or self.signature is not None


def open_layers(
    message: Message, profile: Profile, *, keys: Keys, now: datetime, limits: Limits
) -> Opened:
    """Decrypt, verify and decompress a message, in the order that it was wrapped in."""
    lenient = Quirk.CANONICAL_DIGEST in profile.quirks
    body = message.body
    opened = Opened(Part(message.headers, body, 0, 0, len(body)))
    while True:
        media = opened.part.content_type.media
        if media == "multipart/signed":
            content, signature = _signed_parts(opened, limits)
            opened.signature = verify(
                signature,
                [content.whole],
                pinned=keys.partner,
                now=now,
                either_form=lenient or content.transfer_encoding != "binary",
            )
            opened.signed_part = opened.part = content
        elif media in _PKCS7_MIME:
            _open_cms(opened, keys, limits)
        else:
            return opened


def _signed_parts(opened: Opened, limits: Limits) -> tuple[Part, bytes]:
    """Split multipart/signed into what is signed and the signature."""
    if opened.signature is not None:
        raise remote_error("message is signed twice")
    parts = read_multipart(opened.part, limits.headers)
    if len(parts) != 2 or parts[1].content_type.media not in _PKCS7_SIGNATURE:
        raise remote_error(
            f"multipart/signed has {len(parts)} parts, expected the content and its signature",
            AUTHENTICATION_FAILED,
        )
    content, signature = parts
    no_more_than(limits.signature, len(signature.body), "signature")
    source, start, end = decoded(signature)
    return content, bytes(source[start:end])


def _open_cms(opened: Opened, keys: Keys, limits: Limits) -> None:
    source, start, end = decoded(opened.part)
    claims = opened.part.content_type.parameter("smime-type").lower()
    try:
        # What it is stands in the structure; products leave smime-type out, or get it wrong.
        oid, content = read_content_info(ber.read_ber(source, start, end))
    except ber.NotBer as error:
        raise remote_error(
            f"application/pkcs7-mime cannot be read: {error}",
            DECOMPRESSION_FAILED if claims == "compressed-data" else DECRYPTION_FAILED,
        ) from error
    if oid in _ENCRYPTIONS:
        _open_encryption(opened, oid, content, keys, limits)
    elif oid == asn1.COMPRESSED_DATA:
        if opened.compressed:
            raise remote_error("message is compressed twice")
        plain = decompress(content, limits.payload)
        opened.compressed = True
        opened.part = read_part(plain, 0, len(plain), limits.headers)
    else:
        raise remote_error(
            f"application/pkcs7-mime of type {oid} is not supported, "
            "expected enveloped, authenticated or compressed data",
            UNSUPPORTED_FORMAT,
        )


def _open_encryption(
    opened: Opened, oid: str, envelope: ber.Element, keys: Keys, limits: Limits
) -> None:
    if opened.wrapped:
        raise remote_error("encryption is not the outermost layer of the message")
    plain = decrypt(oid, envelope, keys.ours)
    opened.encrypted = True
    try:
        opened.part = read_part(plain, 0, len(plain), limits.headers)
    except RemoteProtocolError as error:
        # With CBC, what a wrong key gives can have a right padding by chance.
        raise remote_error(
            "message does not decrypt with our key: it was damaged, or encrypted for another",
            DECRYPTION_FAILED,
        ) from error
