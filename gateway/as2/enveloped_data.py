"""EnvelopedData (RFC 5652 section 6) and AuthEnvelopedData (RFC 5083, RFC 5084) for RSA receivers.

The content passes once, in pieces. Every way in which decryption can fail gives the same answer:
an attacker who could tell a wrong padding from a wrong key could decrypt by asking often enough.
AES-GCM is the only choice here that proves the content whole; CBC and 3DES need the signature.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.ciphers import (
    BlockCipherAlgorithm,
    CipherContext,
    algorithms,
    modes,
)
from cryptography.hazmat.primitives.ciphers import Cipher as _Cipher

from gateway.as2 import asn1, ber
from gateway.as2.certificates import Certificate, SigningKey
from gateway.as2.digests import Pieces
from gateway.as2.dispositions import DECRYPTION_FAILED, UNSUPPORTED_FORMAT, remote_error
from gateway.as2.profile import Cipher, KeyTransport
from gateway.as2.signed_data import content_info
from gateway.errors import RemoteProtocolError

_CHUNK: Final = 1 << 20
_TAG_BYTES: Final = 16
_NONCE_BYTES: Final = 12
_AES_BLOCK: Final = 16
_MOST_RECEIVERS: Final = 100
_IMPLICIT_0: Final = 0x80
_IMPLICIT_0_CONSTRUCTED: Final = 0xA0
_IMPLICIT_1_CONSTRUCTED: Final = 0xA1
_KEY_BYTES: Final = {
    Cipher.TRIPLE_DES: 24,
    Cipher.AES128_CBC: 16,
    Cipher.AES192_CBC: 24,
    Cipher.AES256_CBC: 32,
    Cipher.AES128_GCM: 16,
    Cipher.AES192_GCM: 24,
    Cipher.AES256_GCM: 32,
}
GCM: Final = frozenset({Cipher.AES128_GCM, Cipher.AES192_GCM, Cipher.AES256_GCM})
_OIDS: Final = {cipher: oid for oid, cipher in asn1.CIPHERS.items()}


@dataclass(frozen=True, slots=True)
class _Frame:
    """The parts of a message that decrypt it."""

    recipients: tuple[asn1.Recipient, ...]
    cipher: Cipher
    parameters: ber.Element
    content: ber.Element
    tag: bytes
    authenticated: bytes


def encrypt(
    content: Pieces, cipher: Cipher, *, receiver: Certificate, transport: KeyTransport
) -> list[bytes | bytearray]:
    """Encrypt content for one receiver: a ContentInfo in DER, in pieces."""
    key = os.urandom(_KEY_BYTES[cipher])
    wrapped = receiver.public_key.encrypt(key, _transport_padding(transport))
    recipients = ber.framed(ber.SET, [asn1.write_recipient(receiver, transport, wrapped)])
    if cipher in GCM:
        return _gcm(content, cipher, key, recipients)
    return _cbc(content, cipher, key, recipients)


def _transport_padding(transport: KeyTransport) -> padding.AsymmetricPadding:
    if transport is KeyTransport.PKCS1_V15:
        return padding.PKCS1v15()
    digest: hashes.HashAlgorithm = (
        hashes.SHA1()  # noqa: S303 - as a mask in OAEP it needs no collision resistance
        if transport is KeyTransport.OAEP_SHA1
        else hashes.SHA256()
    )
    return padding.OAEP(padding.MGF1(digest), digest, label=None)


def _block(cipher: Cipher, key: bytes) -> BlockCipherAlgorithm:
    return TripleDES(key) if cipher is Cipher.TRIPLE_DES else algorithms.AES(key)


def _cbc(
    content: Pieces, cipher: Cipher, key: bytes, recipients: Sequence[bytes | bytearray]
) -> list[bytes | bytearray]:
    algorithm = _block(cipher, key)
    block = algorithm.block_size // 8
    vector = os.urandom(block)
    encryptor = _Cipher(algorithm, modes.CBC(vector)).encryptor()
    pieces: list[bytes | bytearray] = [encryptor.update(chunk) for chunk in _chunks(content)]
    short = block - sum(len(piece) for piece in content) % block
    pieces += [encryptor.update(bytes([short]) * short), encryptor.finalize()]
    encrypted = _encrypted_content(cipher, asn1.write_octets(vector), pieces)
    enveloped = [asn1.write_integer(0), *recipients, *encrypted]
    return content_info(asn1.ENVELOPED_DATA, ber.framed(ber.SEQUENCE, enveloped))


def _gcm(
    content: Pieces, cipher: Cipher, key: bytes, recipients: Sequence[bytes | bytearray]
) -> list[bytes | bytearray]:
    nonce = os.urandom(_NONCE_BYTES)
    encryptor = _Cipher(algorithms.AES(key), modes.GCM(nonce)).encryptor()
    pieces: list[bytes | bytearray] = [encryptor.update(chunk) for chunk in _chunks(content)]
    pieces.append(encryptor.finalize())
    parameters = b"".join(
        ber.framed(ber.SEQUENCE, [asn1.write_octets(nonce), asn1.write_integer(_TAG_BYTES)])
    )
    encrypted = _encrypted_content(cipher, parameters, pieces)
    tag = asn1.write_octets(encryptor.tag)
    enveloped = [asn1.write_integer(0), *recipients, *encrypted, tag]
    return content_info(asn1.AUTH_ENVELOPED_DATA, ber.framed(ber.SEQUENCE, enveloped))


def _encrypted_content(
    cipher: Cipher, parameters: bytes, pieces: Sequence[bytes | bytearray]
) -> list[bytes | bytearray]:
    algorithm = ber.framed(ber.SEQUENCE, [asn1.write_oid(_OIDS[cipher]), parameters])
    return ber.framed(
        ber.SEQUENCE,
        [asn1.write_oid(asn1.DATA), *algorithm, *ber.framed(_IMPLICIT_0, pieces)],
    )


def _chunks(content: Pieces) -> list[memoryview]:
    views = [memoryview(piece) for piece in content]
    return [view[at : at + _CHUNK] for view in views for at in range(0, len(view), _CHUNK)]


def decrypt(oid: str, envelope: ber.Element, keys: Sequence[SigningKey]) -> bytearray:
    """Decrypt what one of our keys can; expired keys too, since the message is here already."""
    try:
        frame = _frame(oid, envelope)
    except ber.NotBer as error:
        raise remote_error(f"encryption cannot be read: {error}", DECRYPTION_FAILED) from error
    recipient, key = _ours(frame.recipients, keys)
    content_key = _unwrap(recipient, key, _KEY_BYTES[frame.cipher])
    try:
        return _decrypt_content(frame, content_key)
    except (ValueError, InvalidTag) as error:
        raise _failed() from error


def _failed() -> RemoteProtocolError:
    return remote_error(
        "message does not decrypt with our key: it was damaged, or encrypted for another",
        DECRYPTION_FAILED,
    )


def _frame(oid: str, envelope: ber.Element) -> _Frame:
    """Find the parts of EnvelopedData or AuthEnvelopedData, which begin alike."""
    fields = ber.expect(envelope, ber.SEQUENCE, "encrypted data").children()[1:]
    if fields and fields[0].tag == _IMPLICIT_0_CONSTRUCTED:
        fields = fields[1:]  # OriginatorInfo: certificates that nobody trusts
    if len(fields) < 2:
        raise ber.NotBer("encrypted data is incomplete")
    receivers = ber.expect(fields[0], ber.SET, "RecipientInfos").children()
    if len(receivers) > _MOST_RECEIVERS:
        raise ber.NotBer(
            f"it is for {len(receivers)} receivers, at most {_MOST_RECEIVERS} are read"
        )
    # Those of key agreement and passwords have tags of their own; AS2 uses RSA.
    recipients = [asn1.read_recipient(each.raw()) for each in receivers if each.tag == ber.SEQUENCE]
    inner = ber.expect(fields[1], ber.SEQUENCE, "EncryptedContentInfo").children()
    if len(inner) != 3 or inner[2].tag not in (_IMPLICIT_0, _IMPLICIT_0_CONSTRUCTED):
        raise ber.NotBer("it has no encrypted content")
    algorithm = ber.expect(inner[1], ber.SEQUENCE, "algorithm").children()
    name = asn1.read_oid(algorithm[0].raw()) if algorithm else ""
    cipher = asn1.CIPHERS.get(name)
    if cipher is None:
        raise remote_error(f"encryption algorithm {name} is not supported", UNSUPPORTED_FORMAT)
    if len(algorithm) != 2 or (cipher in GCM) != (oid == asn1.AUTH_ENVELOPED_DATA):
        raise ber.NotBer("encryption algorithm does not fit its structure")
    tag, authenticated = _authentication(fields[2:]) if cipher in GCM else (b"", b"")
    return _Frame(tuple(recipients), cipher, algorithm[1], inner[2], tag, authenticated)


def _authentication(fields: Sequence[ber.Element]) -> tuple[bytes, bytes]:
    """Find the tag, and the attributes that it covers too, as a SET in DER (RFC 5083, 2.2)."""
    authenticated = b""
    if fields and fields[0].tag == _IMPLICIT_1_CONSTRUCTED:
        authenticated = bytes([ber.SET]) + fields[0].raw()[1:]
        fields = fields[1:]
    if not fields:
        raise ber.NotBer("it has no authentication tag")
    tag = b"".join(ber.expect(fields[0], ber.OCTET_STRING, "authentication tag").octets())
    if not 12 <= len(tag) <= _TAG_BYTES:
        raise ber.NotBer(f"authentication tag has {len(tag)} bytes, expected 12 to 16")
    return tag, authenticated


def _ours(
    recipients: Sequence[asn1.Recipient], keys: Sequence[SigningKey]
) -> tuple[asn1.Recipient, SigningKey]:
    """Find the recipient that names one of our certificates."""
    for recipient in recipients:
        for key in keys:
            if _names(recipient, key.certificate):
                return recipient, key
    serials = ", ".join(str(recipient.serial) for recipient in recipients[:5])
    raise remote_error(
        f"message is encrypted for other certificates (serial {serials or 'unknown'}), "
        f"for none of our {len(keys)}",
        DECRYPTION_FAILED,
    )


def _names(recipient: asn1.Recipient, certificate: Certificate) -> bool:
    """Say whether it may be for this certificate: serial number or key identifier.

    The issuer is not compared: products re-encode it, and the key itself is the proof.
    """
    if recipient.key_identifier is None:
        return recipient.serial == certificate.x509.serial_number
    try:
        extension = certificate.x509.extensions.get_extension_for_class(x509.SubjectKeyIdentifier)
    except x509.ExtensionNotFound:
        return False
    return extension.value.digest == recipient.key_identifier


def _unwrap(recipient: asn1.Recipient, key: SigningKey, size: int) -> bytes:
    """Decrypt the content key; one that fails is replaced by chance, and fails with the content.

    RFC 3218: an answer that tells "wrong padding" from "wrong content" gives PKCS#1 v1.5 away.
    """
    if recipient.transport is None:
        raise remote_error(
            f"key transport {recipient.transport_oid} is not supported, "
            "expected RSA PKCS#1 v1.5 or OAEP with SHA-1 or SHA-256",
            UNSUPPORTED_FORMAT,
        )
    chance = os.urandom(size)
    try:
        found = key.private.decrypt(
            recipient.encrypted_key, _transport_padding(recipient.transport)
        )
    except ValueError:
        return chance
    return found if len(found) == size else chance


def _decrypt_content(frame: _Frame, key: bytes) -> bytearray:
    if frame.cipher in GCM:
        nonce = _nonce(frame.parameters)
        mode = modes.GCM(nonce, frame.tag, min_tag_length=12)
        aead = _Cipher(algorithms.AES(key), mode).decryptor()
        aead.authenticate_additional_data(frame.authenticated)
        return _passed_through(frame.content, aead, _AES_BLOCK)
    algorithm = _block(frame.cipher, key)
    block = algorithm.block_size // 8
    vector = b"".join(frame.parameters.octets())
    decryptor = _Cipher(algorithm, modes.CBC(vector)).decryptor()
    return _unpadded(_passed_through(frame.content, decryptor, block), block)


def _passed_through(content: ber.Element, decryptor: CipherContext, block: int) -> bytearray:
    """Decrypt content piece by piece into one stretch of bytes."""
    plain = bytearray(content.size() + block)
    at = 0
    with memoryview(plain) as view:
        for piece in content.octets():
            at += decryptor.update_into(piece, view[at:])
        at += len(decryptor.finalize())
    del plain[at:]
    return plain


def _nonce(parameters: ber.Element) -> bytes:
    fields = ber.expect(parameters, ber.SEQUENCE, "GCM parameters").children()
    if not fields:
        raise ber.NotBer("GCM parameters have no nonce")
    return b"".join(ber.expect(fields[0], ber.OCTET_STRING, "nonce").octets())


def _unpadded(plain: bytearray, block: int) -> bytearray:
    """Take off the padding of RFC 5652 section 6.3."""
    count = plain[-1] if plain else 0
    if not 1 <= count <= block or plain[-count:] != bytes([count]) * count:
        raise ValueError("padding")
    del plain[-count:]
    return plain
