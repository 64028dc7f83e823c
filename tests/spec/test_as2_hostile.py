"""Messages that must not pass, and the disposition that each is answered with (RFC 4130, 7.5)."""

from __future__ import annotations

import re
import zlib
from base64 import b64decode, b64encode
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import pytest
from asn1crypto import algos, cms, core
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding

from gateway.as2 import (
    AUTHENTICATION_FAILED,
    DECOMPRESSION_FAILED,
    DECRYPTION_FAILED,
    INSUFFICIENT_SECURITY,
    INTEGRITY_CHECK_FAILED,
    SENDER_EQUALS_RECEIVER,
    UNEXPECTED_ERROR,
    UNKNOWN_PARTNER,
    UNSUPPORTED_FORMAT,
    UNSUPPORTED_MIC_ALGORITHMS,
    Certificates,
    Cipher,
    Compression,
    Digest,
    Disposition,
    Headers,
    Keys,
    KeyTransport,
    Limits,
    Message,
    Payload,
    Profile,
    Quirk,
    SigningKey,
    build_message,
    read_disposition,
    read_message,
)
from gateway.as2.digests import mic_of
from gateway.as2.enveloped_data import encrypt
from gateway.as2.write import Entity, signed_entity
from gateway.errors import RemoteProtocolError
from tests.as2_peers import (
    MESSAGE_ID,
    NOW,
    OURS,
    PAYLOAD,
    THEIRS,
    our_keys,
    pinned,
    signing_key,
    their_keys,
    with_header,
)

PLAIN = Profile(OURS, THEIRS, sign=None, encrypt=None)
SIGNED = Profile(OURS, THEIRS, encrypt=None)
ENCRYPTED = Profile(OURS, THEIRS, sign=None)
COMPRESSED = replace(PLAIN, compress=Compression.BEFORE_SIGNING)
STRICT = Profile(THEIRS, OURS, require_signed=True)
LAX = Profile(THEIRS, OURS, require_signed=False)
MALLORY = Keys((signing_key("mallory"),), pinned(signing_key("retail")))


def _sent(profile: Profile, keys: Keys | None = None, payload: bytes = PAYLOAD) -> Message:
    made = build_message(
        Payload(payload), profile, keys=keys or our_keys(), message_id=MESSAGE_ID, now=NOW
    )
    return Message(made.headers, made.body)


def _with_signature(change: Callable[[cms.SignedData], None], keys: Keys | None = None) -> Message:
    """Send a signed message whose signature somebody changed."""
    message = _sent(SIGNED, keys)
    found = re.search(rb'smime.p7s"\r\n\r\n(.*?)\r\n\r\n--', message.body, re.DOTALL)
    assert found is not None
    info = cms.ContentInfo.load(b64decode(found[1]))
    change(info["content"])
    changed = b64encode(info.dump(force=True))
    body = message.body[: found.start(1)] + changed + message.body[found.end(1) :]
    return replace(message, body=body)


def _attribute(name: str, value: object) -> cms.CMSAttribute:
    return cms.CMSAttribute({"type": name, "values": [value]})


def _sign_attributes(attributes: list[cms.CMSAttribute]) -> Callable[[cms.SignedData], None]:
    """Let the real sender sign attributes that it should not."""

    def change(signed: cms.SignedData) -> None:
        wanted = cms.CMSAttributes(attributes)
        key = signing_key("acme").private
        signer = signed["signer_infos"][0]
        signer["signature"] = key.sign(wanted.dump(), padding.PKCS1v15(), hashes.SHA256())
        signer["signed_attrs"] = wanted

    return change


def _digest_attribute(signed: cms.SignedData) -> cms.CMSAttribute:
    (found,) = [
        each
        for each in signed["signer_infos"][0]["signed_attrs"]
        if each["type"].native == "message_digest"
    ]
    return found


def _no_signers(signed: cms.SignedData) -> None:
    signed["signer_infos"] = cms.SignerInfos([])


def _no_signers_but_a_certificate(signed: cms.SignedData) -> None:
    signed["signer_infos"] = cms.SignerInfos([])
    assert len(signed["certificates"]) == 1


def _two_signers(signed: cms.SignedData) -> None:
    signed["signer_infos"] = cms.SignerInfos([signed["signer_infos"][0]] * 2)


def _claims_to_be_acme(signed: cms.SignedData) -> None:
    acme = cms.Certificate.load(signing_key("acme").certificate.der)
    signed["certificates"] = cms.CertificateSet([cms.CertificateChoices("certificate", acme)])
    signed["signer_infos"][0]["sid"] = cms.SignerIdentifier(
        {
            "issuer_and_serial_number": cms.IssuerAndSerialNumber(
                {"issuer": acme.issuer, "serial_number": acme.serial_number}
            )
        }
    )


def _another_digest(signed: cms.SignedData) -> None:
    _digest_attribute(signed)["values"] = cms.SetOfOctetString([core.OctetString(b"\0" * 32)])


def _md5(signed: cms.SignedData) -> None:
    signed["signer_infos"][0]["digest_algorithm"] = algos.DigestAlgorithm({"algorithm": "md5"})


def _names_another_digest_in_the_signature(signed: cms.SignedData) -> None:
    signed["signer_infos"][0]["signature_algorithm"] = algos.SignedDigestAlgorithm(
        {"algorithm": "sha1_rsa"}
    )


def _without_content_type(signed: cms.SignedData) -> None:
    _sign_attributes([_digest_attribute(signed)])(signed)


def _content_type_signed_data(signed: cms.SignedData) -> None:
    wrong = _attribute("content_type", "signed_data")
    _sign_attributes([wrong, _digest_attribute(signed)])(signed)


def _two_message_digests(signed: cms.SignedData) -> None:
    right, wrong = _attribute("content_type", "data"), _attribute("message_digest", b"\0" * 32)
    _sign_attributes([right, _digest_attribute(signed), wrong])(signed)


def _protected_other_algorithms(signed: cms.SignedData) -> None:
    protection = cms.CMSAlgorithmProtection(
        {
            "digest_algorithm": algos.DigestAlgorithm({"algorithm": "sha512"}),
            "signature_algorithm": algos.SignedDigestAlgorithm({"algorithm": "sha512_rsa"}),
        }
    )
    right = _attribute("content_type", "data")
    guard = _attribute("cms_algorithm_protection", protection)
    _sign_attributes([right, _digest_attribute(signed), guard])(signed)


def _edited(message: Message, old: bytes, new: bytes) -> Message:
    assert old in message.body
    return replace(message, body=message.body.replace(old, new, 1))


def _flipped(message: Message, at: int) -> Message:
    body = bytearray(message.body)
    body[at] ^= 1
    return replace(message, body=bytes(body))


def _compressed(change: Callable[[bytes], bytes]) -> Message:
    """Send compressed data that holds something else than it should."""
    message = _sent(COMPRESSED)
    info = cms.ContentInfo.load(message.body)
    inner = info["content"]["encap_content_info"]
    inner["content"] = core.ParsableOctetString(change(inner["content"].native), explicit=0)
    return replace(message, body=info.dump(force=True))


def _bomb(_: bytes) -> bytes:
    return zlib.compress(b"Content-Type: application/edi-x12\r\n\r\n" + b"0" * 50_000_000)


def _wrapped(message: Message) -> list[bytes]:
    """Write a message as a MIME part, to be wrapped in another layer."""
    kept = ("content-type", "content-transfer-encoding")
    lines = [f"{n}: {v}\r\n" for n, v in message.headers.fields if n.lower() in kept]
    return ["".join(lines).encode(), b"\r\n", message.body]


def _encrypted_again(message: Message) -> Message:
    body = encrypt(
        _wrapped(message),
        Cipher.AES128_CBC,
        receiver=signing_key("retail").certificate,
        transport=KeyTransport.PKCS1_V15,
    )
    return replace(_sent(ENCRYPTED), body=b"".join(body))


def _signed_again(message: Message) -> Message:
    inner = Entity(
        tuple(each for each in message.headers.fields if each[0] == "Content-Type"),
        [message.body],
    )
    mic = mic_of(inner.pieces(SIGNED), Digest.SHA256)
    outer = signed_entity(inner, mic, SIGNED, keys=our_keys(), now=NOW, seed="again")
    again = replace(message, body=b"".join(outer.body))
    return with_header(again, *outer.fields[0])


def _with_cipher(oid: str) -> Message:
    message = _sent(ENCRYPTED)
    info = cms.ContentInfo.load(message.body)
    inner = info["content"]["encrypted_content_info"]["content_encryption_algorithm"]
    inner["algorithm"] = oid
    return replace(message, body=info.dump(force=True))


def _short_tag() -> Message:
    message = _sent(replace(ENCRYPTED, encrypt=Cipher.AES256_GCM))
    info = cms.ContentInfo.load(message.body)
    info["content"]["mac"] = info["content"]["mac"].native[:4]
    return replace(message, body=info.dump(force=True))


def _asking(options: str) -> Message:
    return with_header(_sent(PLAIN), "Disposition-Notification-Options", options)


def _twice(name: str, value: str) -> Message:
    message = _sent(SIGNED)
    return replace(message, headers=Headers.of([*message.headers.fields, (name, value)]))


def _impostor() -> SigningKey:
    """Hold another key under the serial number of the retailer's certificate."""
    other = signing_key("mallory")
    ours = signing_key("retail").certificate.x509
    made = (
        x509.CertificateBuilder()
        .subject_name(ours.subject)
        .issuer_name(ours.issuer)
        .public_key(other.private.public_key())
        .serial_number(ours.serial_number)
        .not_valid_before(ours.not_valid_before_utc)
        .not_valid_after(ours.not_valid_after_utc)
        .sign(other.private, hashes.SHA256())
    )
    return replace(other, certificate=replace(other.certificate, x509=made))


NORMAL = Limits()


@dataclass(frozen=True)
class Case:
    make: Callable[[], Message]
    disposition: Disposition
    text: str
    profile: Profile = LAX
    keys: Callable[[], Keys] = their_keys
    limits: Limits = NORMAL


def _knows(certificates: Certificates) -> Callable[[], Keys]:
    return lambda: Keys((signing_key("retail"),), certificates)


EXPIRED = signing_key("acme", end=datetime(2026, 4, 30, tzinfo=UTC))
EARLY = signing_key("acme", start=datetime(2026, 5, 2, tzinfo=UTC))
LIKE_DAMAGED = "message does not decrypt with our key: it was damaged, or encrypted for another"
LIKE_FORGED = "does not verify with any of the partner's 1 valid certificates"

CASES = {
    "no signer": Case(
        lambda: _with_signature(_no_signers),
        AUTHENTICATION_FAILED,
        "signature has 0 signers, expected exactly one",
    ),
    "no signer but the partner's certificate": Case(
        lambda: _with_signature(_no_signers_but_a_certificate),
        AUTHENTICATION_FAILED,
        "signature has 0 signers, expected exactly one",
    ),
    "two signers": Case(
        lambda: _with_signature(_two_signers),
        AUTHENTICATION_FAILED,
        "signature has 2 signers, expected exactly one",
    ),
    "another signer, whose certificate is in the message": Case(
        lambda: _sent(SIGNED, MALLORY), AUTHENTICATION_FAILED, LIKE_FORGED
    ),
    "another signer without attributes": Case(
        lambda: _sent(replace(SIGNED, quirks=frozenset({Quirk.NO_SIGNED_ATTRIBUTES})), MALLORY),
        AUTHENTICATION_FAILED,
        LIKE_FORGED,
    ),
    "another signer who names the partner's certificate": Case(
        lambda: _with_signature(_claims_to_be_acme, MALLORY), AUTHENTICATION_FAILED, LIKE_FORGED
    ),
    "certificate expired": Case(
        lambda: _sent(SIGNED),
        AUTHENTICATION_FAILED,
        "none of the partner's 1 certificates is valid now",
        keys=_knows(pinned(EXPIRED)),
    ),
    "certificate not yet valid": Case(
        lambda: _sent(SIGNED),
        AUTHENTICATION_FAILED,
        "none of the partner's 1 certificates is valid now",
        keys=_knows(pinned(EARLY)),
    ),
    "no certificate pinned": Case(
        lambda: _sent(SIGNED),
        AUTHENTICATION_FAILED,
        "none of the partner's 0 certificates is valid now",
        keys=_knows(Certificates()),
    ),
    "payload changed": Case(
        lambda: _edited(_sent(SIGNED), b"4711", b"4712"),
        INTEGRITY_CHECK_FAILED,
        "content is not what was signed: its digest differs",
    ),
    "payload changed where there are no attributes": Case(
        lambda: _edited(
            _sent(replace(SIGNED, quirks=frozenset({Quirk.NO_SIGNED_ATTRIBUTES}))),
            b"4711",
            b"4712",
        ),
        AUTHENTICATION_FAILED,
        LIKE_FORGED,
    ),
    "header of the signed part changed": Case(
        lambda: _edited(_sent(SIGNED), b"application/edi-x12", b"application/edifact"),
        INTEGRITY_CHECK_FAILED,
        "content is not what was signed: its digest differs",
    ),
    "digest among the attributes changed": Case(
        lambda: _with_signature(_another_digest), AUTHENTICATION_FAILED, LIKE_FORGED
    ),
    "no content type among the attributes": Case(
        lambda: _with_signature(_without_content_type),
        INTEGRITY_CHECK_FAILED,
        "signature needs one content type, data, and one message digest among its attributes",
    ),
    "wrong content type among the attributes": Case(
        lambda: _with_signature(_content_type_signed_data),
        INTEGRITY_CHECK_FAILED,
        "signature needs one content type, data, and one message digest among its attributes",
    ),
    "two digests among the attributes": Case(
        lambda: _with_signature(_two_message_digests),
        INTEGRITY_CHECK_FAILED,
        "signature needs one content type, data, and one message digest among its attributes",
    ),
    "algorithms other than protected": Case(
        lambda: _with_signature(_protected_other_algorithms),
        INTEGRITY_CHECK_FAILED,
        "signature uses other algorithms than its signer protected",
    ),
    "MD5": Case(
        lambda: _with_signature(_md5),
        UNSUPPORTED_MIC_ALGORITHMS,
        "signature algorithm 1.2.840.113549.1.1.1 with digest 1.2.840.113549.2.5 is not "
        "supported, expected RSA with SHA-1 to SHA-512",
    ),
    "signature and signer name different digests": Case(
        lambda: _with_signature(_names_another_digest_in_the_signature),
        UNSUPPORTED_MIC_ALGORITHMS,
        "signature algorithm 1.2.840.113549.1.1.5 with digest 2.16.840.1.101.3.4.2.1 is not "
        "supported, expected RSA with SHA-1 to SHA-512",
    ),
    "signature is rubbish": Case(
        lambda: _edited(_sent(SIGNED), b"\r\n\r\nMII", b"\r\n\r\nAII"),
        INTEGRITY_CHECK_FAILED,
        "signature cannot be read",
    ),
    "signature is too large": Case(
        lambda: _sent(SIGNED),
        UNEXPECTED_ERROR,
        "bytes, at most 100 are taken",
        limits=Limits(signature=100),
    ),
    "signature part missing": Case(
        lambda: with_header(
            replace(_sent(PLAIN), body=b"--b\r\n\r\nISA~\r\n--b--\r\n"),
            "Content-Type",
            'multipart/signed; protocol="application/pkcs7-signature"; boundary=b',
        ),
        AUTHENTICATION_FAILED,
        "multipart/signed has 1 parts, expected the content and its signature",
    ),
    "message is cut short": Case(
        lambda: replace(_sent(SIGNED), body=_sent(SIGNED).body[:-10]),
        UNEXPECTED_ERROR,
        "multipart/signed is cut short: its closing delimiter is missing",
    ),
    "not signed": Case(
        lambda: _sent(ENCRYPTED),
        INSUFFICIENT_SECURITY,
        "message is not signed, as was agreed with the partner",
        profile=STRICT,
    ),
    "not encrypted": Case(
        lambda: _sent(SIGNED),
        INSUFFICIENT_SECURITY,
        "message is not encrypted, as was agreed with the partner",
        profile=replace(STRICT, require_encrypted=True),
    ),
    "encrypted for another": Case(
        lambda: _sent(ENCRYPTED, Keys(our_keys().ours, pinned(signing_key("mallory")))),
        DECRYPTION_FAILED,
        "message is encrypted for other certificates (serial ",
    ),
    "encrypted for another key under our serial number": Case(
        lambda: _sent(ENCRYPTED),
        DECRYPTION_FAILED,
        LIKE_DAMAGED,
        keys=lambda: Keys((_impostor(),), Certificates()),
    ),
    "encrypted content damaged at its end": Case(
        lambda: _flipped(_sent(ENCRYPTED), -20), DECRYPTION_FAILED, LIKE_DAMAGED
    ),
    "encrypted content damaged at its beginning": Case(
        lambda: _flipped(_sent(replace(ENCRYPTED, encrypt=Cipher.AES256_GCM)), -60),
        DECRYPTION_FAILED,
        LIKE_DAMAGED,
    ),
    "authentication tag damaged": Case(
        lambda: _flipped(_sent(replace(ENCRYPTED, encrypt=Cipher.AES128_GCM)), -1),
        DECRYPTION_FAILED,
        LIKE_DAMAGED,
    ),
    "authentication tag too short": Case(
        _short_tag,
        DECRYPTION_FAILED,
        "encryption cannot be read: authentication tag has 4 bytes, expected 12 to 16",
    ),
    "encryption algorithm unknown": Case(
        lambda: _with_cipher("rc2"),
        UNSUPPORTED_FORMAT,
        "encryption algorithm 1.2.840.113549.3.2 is not supported",
    ),
    "CBC declared where the structure authenticates": Case(
        lambda: _with_cipher("aes256_gcm"),
        DECRYPTION_FAILED,
        "encryption cannot be read: encryption algorithm does not fit its structure",
    ),
    "encrypted rubbish": Case(
        lambda: replace(_sent(ENCRYPTED), body=b"\x30\x80rubbish"),
        DECRYPTION_FAILED,
        "application/pkcs7-mime cannot be read",
    ),
    "bomb": Case(
        lambda: _compressed(_bomb),
        DECOMPRESSION_FAILED,
        "message has more than 1000000 bytes decompressed",
        limits=Limits(payload=1_000_000),
    ),
    "compressed data damaged": Case(
        lambda: _compressed(lambda data: b"\xff" + data[1:]),
        DECOMPRESSION_FAILED,
        "compressed data is damaged",
    ),
    "compressed data cut short": Case(
        lambda: _compressed(lambda data: data[:-6]),
        DECOMPRESSION_FAILED,
        "compression cannot be read: compressed data is cut short",
    ),
    "bytes after the compressed data": Case(
        lambda: _compressed(lambda data: data + b"more"),
        DECOMPRESSION_FAILED,
        "compression cannot be read: bytes follow the compressed data",
    ),
    "compressed rubbish": Case(
        lambda: replace(_sent(COMPRESSED), body=b"rubbish"),
        DECOMPRESSION_FAILED,
        "application/pkcs7-mime cannot be read",
    ),
    "encrypted twice": Case(
        lambda: _encrypted_again(_sent(ENCRYPTED)),
        UNEXPECTED_ERROR,
        "encryption is not the outermost layer of the message",
    ),
    "compressed twice": Case(
        lambda: _compressed(lambda _: zlib.compress(b"".join(_wrapped(_sent(COMPRESSED))))),
        UNEXPECTED_ERROR,
        "message is compressed twice",
    ),
    "signed twice": Case(
        lambda: _signed_again(_sent(SIGNED)), UNEXPECTED_ERROR, "message is signed twice"
    ),
    "several documents": Case(
        lambda: with_header(_sent(PLAIN), "Content-Type", "multipart/related; boundary=b"),
        UNSUPPORTED_FORMAT,
        "payload is multipart/related, expected one document",
    ),
    "transfer encoding unknown": Case(
        lambda: with_header(_sent(PLAIN), "Content-Transfer-Encoding", "x-uuencode"),
        UNSUPPORTED_FORMAT,
        "Content-Transfer-Encoding 'x-uuencode' is not supported",
    ),
    "base64 that is none": Case(
        lambda: with_header(_sent(PLAIN), "Content-Transfer-Encoding", "base64"),
        UNEXPECTED_ERROR,
        "application/edi-x12 is not base64",
    ),
    "too large": Case(
        lambda: _sent(PLAIN),
        UNEXPECTED_ERROR,
        f"message has {len(PAYLOAD)} bytes, at most 10 are taken",
        limits=Limits(body=10),
    ),
    "unknown sender": Case(
        lambda: with_header(_sent(SIGNED), "AS2-From", "Nobody"),
        UNKNOWN_PARTNER,
        "message is from 'Nobody' to 'Big Retail', expected from 'ACME' to 'Big Retail'",
    ),
    "sender in another case": Case(
        lambda: with_header(_sent(SIGNED), "AS2-From", "acme"),
        UNKNOWN_PARTNER,
        "message is from 'acme' to 'Big Retail', expected from 'ACME' to 'Big Retail'",
    ),
    "for another receiver": Case(
        lambda: with_header(_sent(SIGNED), "AS2-To", "Small Retail"),
        UNKNOWN_PARTNER,
        "message is from 'ACME' to 'Small Retail', expected from 'ACME' to 'Big Retail'",
    ),
    "sender is receiver": Case(
        lambda: with_header(_sent(SIGNED), "AS2-From", '"Big Retail"'),
        SENDER_EQUALS_RECEIVER,
        "AS2-From and AS2-To are both 'Big Retail'",
    ),
    "two receivers": Case(
        lambda: _twice("as2-to", "Other"),
        UNEXPECTED_ERROR,
        "header AS2-To is there 2 times, expected once",
    ),
    "two senders": Case(
        lambda: _twice("AS2-From", OURS),
        UNEXPECTED_ERROR,
        "header AS2-From is there 2 times, expected once",
    ),
    "two content types": Case(
        lambda: _twice("content-type", "text/plain"),
        UNEXPECTED_ERROR,
        "header Content-Type is there 2 times, expected once",
    ),
    "no message id": Case(
        lambda: with_header(_sent(SIGNED), "Message-ID", None),
        UNEXPECTED_ERROR,
        "header Message-ID is missing",
    ),
    "receipt address is no web address": Case(
        lambda: with_header(_sent(SIGNED), "Receipt-Delivery-Option", "file:///etc/passwd"),
        UNEXPECTED_ERROR,
        "Receipt-Delivery-Option 'file:///etc/passwd' is not an http or https address",
    ),
    "MD5 required for the MIC": Case(
        lambda: _asking("signed-receipt-micalg=required, md5, rsa-md5"),
        UNSUPPORTED_MIC_ALGORITHMS,
        "MIC algorithms md5, rsa-md5 are not supported",
    ),
    "PGP required for the receipt": Case(
        lambda: _asking("signed-receipt-protocol=required, pgp-signature"),
        UNSUPPORTED_FORMAT,
        "signed receipts by 'pgp-signature' are not supported, expected pkcs7-signature",
    ),
}


@pytest.mark.parametrize("name", list(CASES))
def test_a_hostile_message_is_refused_with_its_disposition(name: str) -> None:
    case = CASES[name]
    with pytest.raises(RemoteProtocolError) as refused:
        read_message(case.make(), case.profile, keys=case.keys(), now=NOW, limits=case.limits)
    assert case.text in str(refused.value)
    assert read_disposition(refused.value.disposition) == case.disposition


def test_the_messages_that_the_hostile_ones_are_made_of_pass() -> None:
    for profile in (PLAIN, SIGNED, ENCRYPTED, replace(PLAIN, compress=Compression.AFTER_SIGNING)):
        assert read_message(_sent(profile), LAX, keys=their_keys(), now=NOW).payload == PAYLOAD


def test_a_signature_whose_algorithms_are_protected_rightly_passes() -> None:
    def change(signed: cms.SignedData) -> None:
        signer = signed["signer_infos"][0]
        protection = cms.CMSAlgorithmProtection(
            {
                "digest_algorithm": signer["digest_algorithm"],
                "signature_algorithm": algos.SignedDigestAlgorithm(
                    {"algorithm": "rsassa_pkcs1v15"}
                ),
            }
        )
        right = _attribute("content_type", "data")
        guard = _attribute("cms_algorithm_protection", protection)
        _sign_attributes([right, _digest_attribute(signed), guard])(signed)

    message = _with_signature(change)
    assert read_message(message, STRICT, keys=their_keys(), now=NOW).signed


@pytest.mark.parametrize(
    "options",
    [
        "signed-receipt-protocol=required, pkcs7-signature; signed-receipt-micalg=required, sha256",
        "signed-receipt-micalg=optional,md5,SHA256;signed-receipt-protocol=optional,pkcs7-signature",
        'signed-receipt-micalg = "sha256" ; signed-receipt-protocol = PKCS7-Signature ;',
        "signed-receipt-protocol=optional,pkcs7-signature;signed-receipt-micalg=required,md5,sha-256",
    ],
)
def test_preferences_for_the_receipt_may_stand_in_any_order_and_spelling(options: str) -> None:
    reading = read_message(_asking(options), LAX, keys=their_keys(), now=NOW)
    assert reading.mic.algorithm.value == "sha-256"
