"""Shapes of CMS that no program at hand writes and that products do: made with asn1crypto."""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from collections.abc import Callable
from dataclasses import replace

import pytest
from asn1crypto import algos, cms, core
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from gateway.as2 import (
    DECOMPRESSION_FAILED,
    DECRYPTION_FAILED,
    UNSUPPORTED_FORMAT,
    UNSUPPORTED_MIC_ALGORITHMS,
    Certificates,
    Cipher,
    Compression,
    Disposition,
    Keys,
    KeyTransport,
    Message,
    Payload,
    Profile,
    ber,
    build_message,
    read_disposition,
    read_message,
)
from gateway.as2.asn1 import write_recipient
from gateway.errors import RemoteProtocolError
from tests.as2_peers import (
    MESSAGE_ID,
    NOW,
    OURS,
    PAYLOAD,
    THEIR_SIDE,
    THEIRS,
    our_keys,
    signing_key,
    their_keys,
    without_key_identifier,
)

SIGNED = Profile(OURS, THEIRS, encrypt=None)
ENCRYPTED = Profile(OURS, THEIRS, sign=None)
COMPRESSED = Profile(OURS, THEIRS, sign=None, encrypt=None, compress=Compression.BEFORE_SIGNING)
PART = b"Content-Type: application/edi-x12\r\n\r\n" + PAYLOAD


def _sent(profile: Profile) -> Message:
    sent = build_message(Payload(PAYLOAD), profile, keys=our_keys(), message_id=MESSAGE_ID, now=NOW)
    return Message(sent.headers, sent.body)


def _changed(profile: Profile, change: Callable[[core.Sequence], None]) -> Message:
    """Change the CMS structure of an encrypted or compressed message."""
    message = _sent(profile)
    info = cms.ContentInfo.load(message.body)
    change(info["content"])
    return replace(message, body=info.dump(force=True))


def _resigned(change: Callable[[cms.SignerInfo], None]) -> Message:
    """Change the one signer of a signed message."""
    message = _sent(SIGNED)
    found = re.search(rb'smime.p7s"\r\n\r\n(.*?)\r\n\r\n--', message.body, re.DOTALL)
    assert found is not None
    info = cms.ContentInfo.load(b64decode(found[1]))
    change(info["content"]["signer_infos"][0])
    encoded = b64encode(info.dump(force=True))
    body = message.body[: found.start(1)] + encoded + message.body[found.end(1) :]
    return replace(message, body=body)


def _payload(message: Message, keys: Keys | None = None) -> bytes:
    return read_message(message, THEIR_SIDE, keys=keys or their_keys(), now=NOW).payload


def _refused(message: Message, disposition: Disposition, text: str) -> None:
    with pytest.raises(RemoteProtocolError, match=re.escape(text)) as refused:
        _payload(message)
    assert read_disposition(refused.value.disposition) == disposition


def test_attributes_written_unsorted_and_signed_sorted_verify() -> None:
    def change(signer: cms.SignerInfo) -> None:
        attributes = sorted(each.dump() for each in signer["signed_attrs"])
        signed = b"".join(ber.framed(ber.SET, attributes))
        key = signing_key("acme").private
        signer["signature"] = key.sign(signed, padding.PKCS1v15(), hashes.SHA256())
        unsorted = b"".join(ber.framed(ber.SET, attributes[::-1]))
        signer["signed_attrs"] = cms.CMSAttributes.load(unsorted)

    assert _payload(_resigned(change)) == PAYLOAD


def _pss(signer: cms.SignerInfo, *, mask: str = "sha256", salt: int = 32) -> None:
    key = signing_key("acme").private
    pad = padding.PSS(padding.MGF1(hashes.SHA256()), 32)
    attributes = sorted(each.dump() for each in signer["signed_attrs"])
    signed = b"".join(ber.framed(ber.SET, attributes))
    signer["signature"] = key.sign(signed, pad, hashes.SHA256())
    parameters = algos.RSASSAPSSParams(
        {
            "hash_algorithm": algos.DigestAlgorithm({"algorithm": "sha256"}),
            "mask_gen_algorithm": algos.MaskGenAlgorithm(
                {"algorithm": "mgf1", "parameters": algos.DigestAlgorithm({"algorithm": mask})}
            ),
            "salt_length": salt,
        }
    )
    signer["signature_algorithm"] = algos.SignedDigestAlgorithm(
        {"algorithm": "rsassa_pss", "parameters": parameters}
    )


def test_pss_is_read_with_one_digest_throughout_and_a_salt_that_fits() -> None:
    assert _payload(_resigned(_pss)) == PAYLOAD
    for wrong in (
        lambda signer: _pss(signer, mask="sha1"),
        lambda signer: _pss(signer, salt=5_000),
    ):
        text = "signature algorithm 1.2.840.113549.1.1.10 with digest 2.16.840.1.101.3.4.2.1"
        _refused(_resigned(wrong), UNSUPPORTED_MIC_ALGORITHMS, text)


def _authenticated(attributes: bytes, claimed: bytes | None = None) -> Message:
    """Encrypt with attributes that the tag covers too (RFC 5083)."""
    receiver = signing_key("retail").certificate
    key, nonce = bytes(range(32)), bytes(12)
    sealed = AESGCM(key).encrypt(nonce, PART, attributes)
    wrapped = receiver.public_key.encrypt(key, padding.PKCS1v15())
    parameters = b"".join(ber.framed(ber.SEQUENCE, [core.OctetString(nonce).dump()]))
    oid = core.ObjectIdentifier("2.16.840.1.101.3.4.1.46").dump()
    content = [
        core.ObjectIdentifier("1.2.840.113549.1.7.1").dump(),
        *ber.framed(ber.SEQUENCE, [oid, parameters]),
        *ber.framed(0x80, [sealed[:-16]]),
    ]
    sent = attributes if claimed is None else claimed
    fields = [
        b"\x02\x01\x00",
        *ber.framed(ber.SET, [write_recipient(receiver, KeyTransport.PKCS1_V15, wrapped)]),
        *ber.framed(ber.SEQUENCE, content),
        b"\xa1" + sent[1:],
        core.OctetString(sealed[-16:]).dump(),
    ]
    outer = [
        core.ObjectIdentifier("1.2.840.113549.1.9.16.1.23").dump(),
        *ber.framed(0xA0, ber.framed(ber.SEQUENCE, fields)),
    ]
    return replace(_sent(ENCRYPTED), body=b"".join(ber.framed(ber.SEQUENCE, outer)))


def test_attributes_beside_the_content_are_authenticated() -> None:
    attribute = cms.CMSAttribute({"type": "content_type", "values": ["data"]})
    attributes = cms.CMSAttributes([attribute]).dump()
    assert _payload(_authenticated(attributes)) == PAYLOAD
    other = cms.CMSAttribute({"type": "content_type", "values": ["signed_data"]})
    changed = cms.CMSAttributes([other]).dump()
    _refused(
        _authenticated(attributes, changed),
        DECRYPTION_FAILED,
        "message does not decrypt with our key: it was damaged, or encrypted for another",
    )


def test_certificates_of_the_originator_are_passed_over() -> None:
    message = _sent(ENCRYPTED)
    fields = ber.read_ber(message.body).children()[1].children()[0].children()
    # OriginatorInfo with an empty set of certificates.
    pieces = [fields[0].raw(), b"\xa0\x02\xa0\x00", *(each.raw() for each in fields[1:])]
    oid = core.ObjectIdentifier("1.2.840.113549.1.7.3").dump()
    outer = [oid, *ber.framed(0xA0, ber.framed(ber.SEQUENCE, pieces))]
    again = replace(message, body=b"".join(ber.framed(ber.SEQUENCE, outer)))
    assert _payload(again) == PAYLOAD


def test_a_receiver_is_named_by_its_key_identifier() -> None:
    def change(enveloped: core.Sequence) -> None:
        info = enveloped["recipient_infos"][0].chosen
        certificate = cms.Certificate.load(signing_key("retail").certificate.der)
        info["rid"] = cms.RecipientIdentifier(
            "subject_key_identifier", core.OctetString(certificate.key_identifier)
        )

    message = _changed(ENCRYPTED, change)
    assert _payload(message) == PAYLOAD
    nameless = Keys((without_key_identifier("retail"),), Certificates())
    with pytest.raises(RemoteProtocolError, match="encrypted for other certificates"):
        _payload(message, nameless)


def test_a_message_for_a_crowd_is_refused() -> None:
    def change(enveloped: core.Sequence) -> None:
        info = enveloped["recipient_infos"][0]
        enveloped["recipient_infos"] = cms.RecipientInfos([info] * 101)

    text = "encryption cannot be read: it is for 101 receivers, at most 100 are read"
    _refused(_changed(ENCRYPTED, change), DECRYPTION_FAILED, text)


def test_a_key_transport_that_is_unknown_is_unsupported() -> None:
    def change(enveloped: core.Sequence) -> None:
        info = enveloped["recipient_infos"][0].chosen
        info["key_encryption_algorithm"] = cms.KeyEncryptionAlgorithm({"algorithm": "aes128_wrap"})

    text = (
        "key transport 2.16.840.1.101.3.4.1.5 is not supported, "
        "expected RSA PKCS#1 v1.5 or OAEP with SHA-1 or SHA-256"
    )
    _refused(_changed(ENCRYPTED, change), UNSUPPORTED_FORMAT, text)


def test_an_encrypted_key_that_does_not_decrypt_looks_like_damaged_content() -> None:
    def change(enveloped: core.Sequence) -> None:
        enveloped["recipient_infos"][0].chosen["encrypted_key"] = b"\1" * 256

    def cut(enveloped: core.Sequence) -> None:
        enveloped["recipient_infos"][0].chosen["encrypted_key"] = b"\1"

    oaep = replace(ENCRYPTED, key_transport=KeyTransport.OAEP_SHA256)
    for profile in (ENCRYPTED, oaep, replace(oaep, encrypt=Cipher.AES256_GCM)):
        for damage in (change, cut):
            _refused(
                _changed(profile, damage),
                DECRYPTION_FAILED,
                "message does not decrypt with our key: it was damaged, or encrypted for another",
            )


def test_a_content_key_of_another_length_looks_like_damaged_content() -> None:
    def change(enveloped: core.Sequence) -> None:
        public = signing_key("retail").certificate.public_key
        short = public.encrypt(b"\1" * 16, padding.PKCS1v15())
        enveloped["recipient_infos"][0].chosen["encrypted_key"] = short

    _refused(_changed(ENCRYPTED, change), DECRYPTION_FAILED, "message does not decrypt")


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (b"", "application/pkcs7-mime cannot be read: element cut short at byte 0"),
        (b"\x30\x00", "application/pkcs7-mime cannot be read: ContentInfo is incomplete"),
        (b"\x04\x00", "ContentInfo at byte 0 has tag 0x04, not 0x30"),
    ],
)
def test_an_outermost_frame_that_is_broken_is_refused(path: bytes, text: str) -> None:
    _refused(replace(_sent(ENCRYPTED), body=path), DECRYPTION_FAILED, text)


def _framed(oid: str, *fields: bytes) -> Message:
    outer = [
        core.ObjectIdentifier(oid).dump(),
        *ber.framed(0xA0, ber.framed(ber.SEQUENCE, list(fields))),
    ]
    return replace(_sent(ENCRYPTED), body=b"".join(ber.framed(ber.SEQUENCE, outer)))


EMPTY_SET, EMPTY_SEQUENCE, ZERO = b"\x31\x00", b"\x30\x00", b"\x02\x01\x00"


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ((ZERO,), "encryption cannot be read: encrypted data is incomplete"),
        (
            (ZERO, EMPTY_SET, EMPTY_SEQUENCE),
            "encryption cannot be read: it has no encrypted content",
        ),
        ((ZERO, EMPTY_SEQUENCE, EMPTY_SET), "RecipientInfos at byte 20 has tag 0x30, not 0x31"),
    ],
)
def test_encrypted_data_that_is_incomplete_is_refused(fields: tuple[bytes, ...], text: str) -> None:
    _refused(_framed("1.2.840.113549.1.7.3", *fields), DECRYPTION_FAILED, text)


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ((ZERO,), "compression cannot be read: CompressedData is incomplete"),
        ((ZERO, EMPTY_SEQUENCE, EMPTY_SEQUENCE), "compression  is not supported, expected zlib"),
        (
            (ZERO, b"\x30\x0d\x06\x0b*\x86H\x86\xf7\r\x01\t\x10\x03\x08", EMPTY_SEQUENCE),
            "compression cannot be read: CompressedData has no content",
        ),
        (
            (
                ZERO,
                b"\x30\x0d\x06\x0b*\x86H\x86\xf7\r\x01\t\x10\x03\x08",
                b"\x30\x07\x06\x01\x2a\xa0\x02\x05\x00",
            ),
            "compression cannot be read: compressed content is not an octet string",
        ),
    ],
)
def test_compressed_data_that_is_incomplete_is_refused(
    fields: tuple[bytes, ...], text: str
) -> None:
    message = _framed("1.2.840.113549.1.9.16.1.9", *fields)
    _refused(message, DECOMPRESSION_FAILED, text)


def test_signed_data_without_multipart_is_unsupported() -> None:
    text = "application/pkcs7-mime of type 1.2.840.113549.1.7.2 is not supported"
    _refused(_framed("1.2.840.113549.1.7.2", ZERO), UNSUPPORTED_FORMAT, text)


def test_compressed_content_cut_into_pieces_is_read() -> None:
    message = _sent(COMPRESSED)
    fields = ber.read_ber(message.body).children()[1].children()[0].children()
    (octets,) = fields[2].children()[1].children()
    data = b"".join(octets.octets())
    pieces = [
        b"".join(ber.framed(ber.OCTET_STRING, [data[at : at + 7]])) for at in range(0, len(data), 7)
    ]
    cut = b"\x24\x80" + b"".join(pieces) + b"\0\0"
    content = b"\x30\x80" + core.ObjectIdentifier("1.2.840.113549.1.7.1").dump()
    content += b"\xa0\x80" + cut + b"\0\0" + b"\0\0"
    again = _framed("1.2.840.113549.1.9.16.1.9", fields[0].raw(), fields[1].raw(), content)
    assert _payload(again) == PAYLOAD
