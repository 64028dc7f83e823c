"""The small structures inside CMS (RFC 5652): signers, recipients, algorithms, attributes.

The only module that touches asn1crypto, whose values have no types and which raises whatever the
bytes make it raise: here both become values and one exception. What is large stays in `ber`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, TypeVar

from asn1crypto import algos, cms, core
from asn1crypto import x509 as asn1_x509

from gateway.as2.ber import SET, NotBer, framed
from gateway.as2.certificates import Certificate
from gateway.as2.profile import Cipher, Digest, KeyTransport, Quirk

DATA: Final = "1.2.840.113549.1.7.1"
SIGNED_DATA: Final = "1.2.840.113549.1.7.2"
ENVELOPED_DATA: Final = "1.2.840.113549.1.7.3"
COMPRESSED_DATA: Final = "1.2.840.113549.1.9.16.1.9"
AUTH_ENVELOPED_DATA: Final = "1.2.840.113549.1.9.16.1.23"
ZLIB: Final = "1.2.840.113549.1.9.16.3.8"

CIPHERS: Final[dict[str, Cipher]] = {
    "1.2.840.113549.3.7": Cipher.TRIPLE_DES,
    "2.16.840.1.101.3.4.1.2": Cipher.AES128_CBC,
    "2.16.840.1.101.3.4.1.22": Cipher.AES192_CBC,
    "2.16.840.1.101.3.4.1.42": Cipher.AES256_CBC,
    "2.16.840.1.101.3.4.1.6": Cipher.AES128_GCM,
    "2.16.840.1.101.3.4.1.26": Cipher.AES192_GCM,
    "2.16.840.1.101.3.4.1.46": Cipher.AES256_GCM,
}

_T = TypeVar("_T")
# asn1crypto raises these on bytes that are not what their place in the structure asks for.
_BROKEN: Final = (ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError)


@dataclass(frozen=True, slots=True)
class Scheme:
    """How a signature is padded: PKCS#1 v1.5, or PSS with a salt of this length."""

    digest: Digest
    pss: bool = False
    salt_length: int = 0


@dataclass(frozen=True, slots=True)
class Attributes:
    """The signed attributes of a signer."""

    signed: tuple[bytes, ...]
    """What the signature may cover: the SET in DER, as sent and (where it differs) sorted."""
    content_types: tuple[str, ...]
    message_digests: tuple[bytes, ...]
    protected: tuple[tuple[str, str], ...]
    """CMSAlgorithmProtection (RFC 6211): digest and signature algorithm, as the signer meant."""


@dataclass(frozen=True, slots=True)
class Signer:
    """One SignerInfo."""

    name: str
    """Issuer and serial number, or key identifier, as the message gives them: not to be trusted."""
    digest_oid: str
    digest: Digest | None
    scheme_oid: str
    scheme: Scheme | None
    """None where the algorithm is not supported."""
    signature: bytes
    attributes: Attributes | None


@dataclass(frozen=True, slots=True)
class Recipient:
    """One KeyTransRecipientInfo."""

    serial: int | None
    key_identifier: bytes | None
    transport: KeyTransport | None
    """None where the algorithm is not supported."""
    transport_oid: str
    encrypted_key: bytes


def _read(read: Callable[[], _T], what: str) -> _T:
    try:
        return read()
    except RecursionError as error:
        raise NotBer(f"{what} is nested too deep") from error
    except _BROKEN as error:
        raise NotBer(f"{what} cannot be read: {error}") from error


def read_oid(raw: bytes) -> str:
    """Read an object identifier, as dotted numbers."""
    return _read(lambda: str(core.ObjectIdentifier.load(raw, strict=True).dotted), "identifier")


def write_oid(dotted: str) -> bytes:
    """Write an object identifier."""
    return bytes(core.ObjectIdentifier(dotted).dump())


def read_signer(raw: bytes) -> Signer:
    """Read a SignerInfo."""
    return _read(lambda: _signer(raw), "signer")


def _signer(raw: bytes) -> Signer:
    info = cms.SignerInfo.load(raw, strict=True)
    digest_oid = str(info["digest_algorithm"]["algorithm"].dotted)
    digest = _DIGESTS.get(digest_oid)
    scheme_oid = str(info["signature_algorithm"]["algorithm"].dotted)
    return Signer(
        name=_identifier(info["sid"]),
        digest_oid=digest_oid,
        digest=digest,
        scheme_oid=scheme_oid,
        scheme=_scheme(info["signature_algorithm"], scheme_oid, digest),
        signature=bytes(info["signature"].native),
        attributes=_attributes(info["signed_attrs"]),
    )


def _identifier(sid: cms.SignerIdentifier) -> str:
    if sid.name == "issuer_and_serial_number":
        return f"{sid.chosen['issuer'].human_friendly}, serial {sid.chosen['serial_number'].native}"
    return f"key identifier {sid.chosen.native.hex()}"


_DIGESTS: Final[dict[str, Digest]] = {
    "1.3.14.3.2.26": Digest.SHA1,
    "2.16.840.1.101.3.4.2.4": Digest.SHA224,
    "2.16.840.1.101.3.4.2.1": Digest.SHA256,
    "2.16.840.1.101.3.4.2.2": Digest.SHA384,
    "2.16.840.1.101.3.4.2.3": Digest.SHA512,
}
_RSA: Final = "1.2.840.113549.1.1.1"
_RSA_WITH: Final[dict[str, Digest]] = {
    "1.2.840.113549.1.1.5": Digest.SHA1,
    "1.3.14.3.2.29": Digest.SHA1,
    "1.2.840.113549.1.1.14": Digest.SHA224,
    "1.2.840.113549.1.1.11": Digest.SHA256,
    "1.2.840.113549.1.1.12": Digest.SHA384,
    "1.2.840.113549.1.1.13": Digest.SHA512,
}
_PSS: Final = "1.2.840.113549.1.1.10"
_OAEP: Final = "1.2.840.113549.1.1.7"


def _scheme(
    algorithm: algos.SignedDigestAlgorithm, oid: str, digest: Digest | None
) -> Scheme | None:
    """Read how a signature is padded; it must use the digest that the signer declared."""
    if digest is None:
        return None
    if oid == _RSA or _RSA_WITH.get(oid) is digest:
        return Scheme(digest)
    if oid != _PSS:
        return None
    parameters = algorithm["parameters"]
    named = _DIGESTS.get(str(parameters["hash_algorithm"]["algorithm"].dotted))
    mask = parameters["mask_gen_algorithm"]["parameters"]["algorithm"]
    if named is not digest or _DIGESTS.get(str(mask.dotted)) is not digest:
        return None
    salt = int(parameters["salt_length"].native)
    return Scheme(digest, pss=True, salt_length=salt) if 0 <= salt <= 128 else None


def _attributes(attributes: cms.CMSAttributes) -> Attributes | None:
    if isinstance(attributes, core.Void):
        return None
    content_types: list[str] = []
    digests: list[bytes] = []
    protected: list[tuple[str, str]] = []
    for attribute in attributes:
        oid, values = str(attribute["type"].dotted), attribute["values"]
        if oid == "1.2.840.113549.1.9.3":
            content_types += [str(value.dotted) for value in values]
        elif oid == "1.2.840.113549.1.9.4":
            digests += [bytes(value.native) for value in values]
        elif oid == "1.2.840.113549.1.9.52":
            protected += [
                (
                    str(value["digest_algorithm"]["algorithm"].dotted),
                    str(value["signature_algorithm"]["algorithm"].dotted),
                )
                for value in values
            ]
    # What is signed has the tag of a SET, not the [0] that stands in the message (5.4). Products
    # that write it unsorted sign it sorted, as DER wants.
    members = [bytes(attribute.dump()) for attribute in attributes]
    forms = (members, sorted(members))
    signed = tuple(dict.fromkeys(b"".join(framed(SET, form)) for form in forms))
    return Attributes(signed, tuple(content_types), tuple(digests), tuple(protected))


def write_attributes(digest: bytes, signed_at: datetime | None) -> bytes:
    """Write the signed attributes as a SET in DER: content type, digest, time."""
    values = [("content_type", "data"), ("message_digest", digest)]
    attributes = [cms.CMSAttribute({"type": name, "values": [value]}) for name, value in values]
    if signed_at is not None:
        moment = signed_at.astimezone(UTC).replace(microsecond=0)
        # RFC 5652 section 11.3: UTCTime through 2049, GeneralizedTime from then on.
        time = (
            cms.Time({"utc_time": core.UTCTime(moment)})
            if moment.year < 2050
            else cms.Time({"generalized_time": core.GeneralizedTime(moment)})
        )
        attributes.append(cms.CMSAttribute({"type": "signing_time", "values": [time]}))
    return bytes(cms.CMSAttributes(attributes).dump())


def write_signer(
    certificate: Certificate,
    digest: Digest,
    attributes: bytes | None,
    signature: bytes,
    quirks: frozenset[Quirk],
) -> bytes:
    """Write a SignerInfo, with attributes as `write_attributes` gave them."""
    named = digest.old_name
    scheme = f"{named}_rsa" if Quirk.DIGEST_IN_SIGNATURE_ALGORITHM in quirks else "rsassa_pkcs1v15"
    fields = {
        "version": "v1",
        "sid": cms.SignerIdentifier({"issuer_and_serial_number": _issuer_and_serial(certificate)}),
        "digest_algorithm": algos.DigestAlgorithm({"algorithm": named}),
        "signature_algorithm": algos.SignedDigestAlgorithm({"algorithm": scheme}),
        "signature": signature,
    }
    if attributes is not None:
        fields["signed_attrs"] = cms.CMSAttributes.load(attributes)
    return bytes(cms.SignerInfo(fields).dump())


def write_digest_algorithm(digest: Digest) -> bytes:
    """Write a digest's AlgorithmIdentifier."""
    return bytes(algos.DigestAlgorithm({"algorithm": digest.old_name}).dump())


def _issuer_and_serial(certificate: Certificate) -> cms.IssuerAndSerialNumber:
    parsed = asn1_x509.Certificate.load(certificate.der)
    return cms.IssuerAndSerialNumber(
        {"issuer": parsed.issuer, "serial_number": parsed.serial_number}
    )


def read_recipient(raw: bytes) -> Recipient:
    """Read a KeyTransRecipientInfo."""
    return _read(lambda: _recipient(raw), "recipient")


def _recipient(raw: bytes) -> Recipient:
    info = cms.KeyTransRecipientInfo.load(raw, strict=True)
    rid = info["rid"]
    by_serial = rid.name == "issuer_and_serial_number"
    algorithm = info["key_encryption_algorithm"]
    oid = str(algorithm["algorithm"].dotted)
    return Recipient(
        serial=int(rid.chosen["serial_number"].native) if by_serial else None,
        key_identifier=None if by_serial else bytes(rid.chosen.native),
        transport=_transport(algorithm, oid),
        transport_oid=oid,
        encrypted_key=bytes(info["encrypted_key"].native),
    )


def _transport(algorithm: cms.KeyEncryptionAlgorithm, oid: str) -> KeyTransport | None:
    if oid == _RSA:
        return KeyTransport.PKCS1_V15
    if oid != _OAEP:
        return None
    parameters = algos.RSAESOAEPParams.load(algorithm["parameters"].dump() or b"0\0")
    digest = _DIGESTS.get(str(parameters["hash_algorithm"]["algorithm"].dotted))
    mask = _DIGESTS.get(str(parameters["mask_gen_algorithm"]["parameters"]["algorithm"].dotted))
    label = parameters["p_source_algorithm"]["parameters"].native
    return _OAEP_DIGESTS.get((digest, mask)) if not label else None


_OAEP_DIGESTS: Final[dict[tuple[Digest | None, Digest | None], KeyTransport]] = {
    (Digest.SHA1, Digest.SHA1): KeyTransport.OAEP_SHA1,
    (Digest.SHA256, Digest.SHA256): KeyTransport.OAEP_SHA256,
}


def write_recipient(
    certificate: Certificate, transport: KeyTransport, encrypted_key: bytes
) -> bytes:
    """Write a KeyTransRecipientInfo."""
    if transport is KeyTransport.PKCS1_V15:
        algorithm = cms.KeyEncryptionAlgorithm({"algorithm": "rsaes_pkcs1v15"})
    else:
        named = "sha1" if transport is KeyTransport.OAEP_SHA1 else "sha256"
        digest = algos.DigestAlgorithm({"algorithm": named})
        parameters = algos.RSAESOAEPParams(
            {
                "hash_algorithm": digest,
                "mask_gen_algorithm": algos.MaskGenAlgorithm(
                    {"algorithm": "mgf1", "parameters": digest}
                ),
            }
        )
        algorithm = cms.KeyEncryptionAlgorithm(
            {"algorithm": "rsaes_oaep", "parameters": parameters}
        )
    rid = cms.RecipientIdentifier({"issuer_and_serial_number": _issuer_and_serial(certificate)})
    info = cms.KeyTransRecipientInfo(
        {
            "version": "v0",
            "rid": rid,
            "key_encryption_algorithm": algorithm,
            "encrypted_key": encrypted_key,
        }
    )
    return bytes(info.dump())


def write_integer(value: int) -> bytes:
    """Write an INTEGER."""
    return bytes(core.Integer(value).dump())


def write_octets(value: bytes) -> bytes:
    """Write a short OCTET STRING."""
    return bytes(core.OctetString(value).dump())
