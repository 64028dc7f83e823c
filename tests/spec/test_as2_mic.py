"""Over which bytes the MIC is made (RFC 4130 section 7.3.1, RFC 5402 section 4), for both sides."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace

import pytest

from gateway.as2 import (
    Cipher,
    Compression,
    Digest,
    Message,
    Payload,
    Profile,
    Quirk,
    TransferEncoding,
    build_message,
    read_message,
)
from gateway.as2.layers import open_layers
from gateway.as2.model import OutgoingMessage
from gateway.as2.profile import Limits
from gateway.errors import RemoteProtocolError
from tests.as2_peers import (
    MESSAGE_ID,
    NOW,
    OURS,
    PAYLOAD,
    THEIR_SIDE,
    THEIRS,
    our_keys,
    their_keys,
    with_header,
)

HEADERS = b"Content-Type: application/edi-x12\r\nContent-Transfer-Encoding: binary\r\n\r\n"
NOTHING = Profile(OURS, THEIRS, sign=None, encrypt=None)
BEFORE, AFTER = Compression.BEFORE_SIGNING, Compression.AFTER_SIGNING


def _sent(profile: Profile, payload: bytes = PAYLOAD) -> OutgoingMessage:
    return build_message(Payload(payload), profile, keys=our_keys(), message_id=MESSAGE_ID, now=NOW)


def _received(sent: OutgoingMessage) -> Message:
    return Message(sent.headers, sent.body)


def _signed_bytes(sent: OutgoingMessage) -> bytes:
    """Cut out what is signed, compressed as it is."""
    opened = open_layers(_received(sent), THEIR_SIDE, keys=their_keys(), now=NOW, limits=Limits())
    assert opened.signed_part is not None
    return bytes(opened.signed_part.whole)


SIGNED = replace(NOTHING, sign=Digest.SHA256)
ENCRYPTED = replace(NOTHING, encrypt=Cipher.AES128_CBC)
BOTH = replace(SIGNED, encrypt=Cipher.AES128_CBC)

RULES: dict[str, tuple[Profile, Callable[[OutgoingMessage], bytes]]] = {
    "nothing: without headers": (NOTHING, lambda _: PAYLOAD),
    "compressed: with headers, uncompressed": (
        replace(NOTHING, compress=BEFORE),
        lambda _: HEADERS + PAYLOAD,
    ),
    "encrypted: with headers": (ENCRYPTED, lambda _: HEADERS + PAYLOAD),
    "compressed, encrypted: with headers, uncompressed": (
        replace(ENCRYPTED, compress=AFTER),
        lambda _: HEADERS + PAYLOAD,
    ),
    "signed: what was signed": (SIGNED, lambda _: HEADERS + PAYLOAD),
    "signed, encrypted: what was signed": (BOTH, lambda _: HEADERS + PAYLOAD),
    "signed, compressed: what was signed, uncompressed": (
        replace(SIGNED, compress=AFTER),
        lambda _: HEADERS + PAYLOAD,
    ),
    "compressed, signed: what was signed, compressed": (
        replace(SIGNED, compress=BEFORE),
        _signed_bytes,
    ),
    "compressed, signed, encrypted: what was signed, compressed": (
        replace(BOTH, compress=BEFORE),
        _signed_bytes,
    ),
}


@pytest.mark.parametrize("rule", list(RULES))
def test_both_sides_make_the_mic_over_the_bytes_that_the_rule_names(rule: str) -> None:
    profile, covered = RULES[rule]
    sent = _sent(profile)
    expected = hashlib.sha256(covered(sent)).digest()
    assert sent.mic.value == expected
    assert sent.mic.algorithm is Digest.SHA256
    assert read_message(_received(sent), THEIR_SIDE, keys=their_keys(), now=NOW).mic == sent.mic


def test_what_is_signed_is_the_compressed_part_where_compression_comes_first() -> None:
    signed = _signed_bytes(_sent(replace(SIGNED, compress=BEFORE)))
    assert signed.startswith(b"Content-Type: application/pkcs7-mime; smime-type=compressed-data")


@pytest.mark.parametrize("digest", list(Digest))
def test_a_signed_message_gets_the_digest_that_signed_it(digest: Digest) -> None:
    preferred = (Digest.SHA1, Digest.SHA224, Digest.SHA256, Digest.SHA384, Digest.SHA512)
    sent = _sent(replace(SIGNED, sign=digest, mic_algorithms=preferred))
    reading = read_message(_received(sent), THEIR_SIDE, keys=their_keys(), now=NOW)
    assert reading.mic.algorithm is digest
    assert reading.mic == sent.mic


def test_a_signed_message_gets_the_digest_that_is_listed_first_where_its_sender_needs_that() -> (
    None
):
    sent = _sent(replace(SIGNED, mic_algorithms=(Digest.SHA512, Digest.SHA384)))
    for quirks, digest in (
        (frozenset(), Digest.SHA256),
        (frozenset({Quirk.MIC_AS_LISTED}), Digest.SHA512),
    ):
        theirs = replace(THEIR_SIDE, quirks=quirks)
        reading = read_message(_received(sent), theirs, keys=their_keys(), now=NOW)
        assert reading.mic.algorithm is digest
        assert reading.mic in sent.mics


def test_an_unsigned_message_gets_the_first_digest_that_the_sender_lists() -> None:
    sent = _sent(replace(ENCRYPTED, mic_algorithms=(Digest.SHA384, Digest.SHA1)))
    reading = read_message(_received(sent), THEIR_SIDE, keys=their_keys(), now=NOW)
    assert reading.mic == sent.mic
    assert reading.mic.algorithm is Digest.SHA384


def test_an_unsigned_message_without_a_list_gets_sha_1() -> None:
    sent = _sent(ENCRYPTED)
    message = with_header(_received(sent), "Disposition-Notification-Options", None)
    reading = read_message(message, THEIR_SIDE, keys=their_keys(), now=NOW)
    assert reading.mic.value == hashlib.sha1(HEADERS + PAYLOAD, usedforsecurity=False).digest()
    assert reading.mic in sent.mics


CANONICAL = HEADERS.replace(b"binary", b"8bit") + b"A~\r\nB~\r\nC~\r\n"


@pytest.mark.parametrize("profile", [SIGNED, ENCRYPTED])
def test_text_is_digested_in_canonical_form_and_delivered_as_it_was(profile: Profile) -> None:
    sent = _sent(replace(profile, transfer_encoding=TransferEncoding.EIGHT_BIT), b"A~\nB~\rC~\r\n")
    assert sent.mic.value == hashlib.sha256(CANONICAL).digest()
    reading = read_message(_received(sent), THEIR_SIDE, keys=their_keys(), now=NOW)
    assert reading.payload == b"A~\nB~\rC~\r\n"
    assert reading.mic == sent.mic


@pytest.mark.parametrize(
    ("encoding", "quirk", "canonical"),
    [
        (TransferEncoding.BINARY, Quirk.CANONICAL_DIGEST, True),
        (TransferEncoding.EIGHT_BIT, Quirk.EXACT_DIGEST, False),
    ],
)
def test_a_partner_may_need_the_other_form_digested(
    encoding: TransferEncoding, quirk: Quirk, *, canonical: bool
) -> None:
    profile = replace(SIGNED, transfer_encoding=encoding, quirks=frozenset({quirk}))
    sent = _sent(profile, b"A~\nB~\n")
    head = HEADERS.replace(b"binary", encoding.value.encode())
    body = b"A~\r\nB~\r\n" if canonical else b"A~\nB~\n"
    assert sent.mic.value == hashlib.sha256(head + body).digest()
    same = replace(THEIR_SIDE, quirks=profile.quirks)
    reading = read_message(_received(sent), same, keys=their_keys(), now=NOW)
    assert (reading.payload, reading.mic) == (b"A~\nB~\n", sent.mic)


def test_a_binary_part_in_canonical_form_is_refused_unless_the_partner_may_send_that() -> None:
    quirks = frozenset({Quirk.CANONICAL_DIGEST})
    sent = _sent(replace(SIGNED, quirks=quirks), b"A~\nB~\n")
    with pytest.raises(RemoteProtocolError, match="its digest differs"):
        read_message(_received(sent), THEIR_SIDE, keys=their_keys(), now=NOW)


def test_a_receiver_may_return_the_mic_of_either_form_in_any_digest_asked_for() -> None:
    sent = _sent(replace(SIGNED, mic_algorithms=(Digest.SHA256, Digest.SHA512)), b"A~\n")
    forms = (HEADERS + b"A~\n", HEADERS + b"A~\r\n")
    right = {
        digest(form).digest()
        for form in forms
        for digest in (hashlib.sha256, hashlib.sha512, hashlib.sha1)
    }
    assert {mic.value for mic in sent.mics} == right


def test_text_that_is_compressed_before_signing_is_digested_as_the_binary_it_became() -> None:
    profile = replace(SIGNED, compress=BEFORE, transfer_encoding=TransferEncoding.EIGHT_BIT)
    sent = _sent(profile)
    assert sent.mic.value == hashlib.sha256(_signed_bytes(sent)).digest()
