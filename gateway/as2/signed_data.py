"""SignedData (RFC 5652 section 5) with the content outside, as multipart/signed has it.

A signature passes in one way only: exactly one signer, and its signature verifies with the key of a
certificate that is pinned for the partner and valid now. Certificates inside the message are read
past: anybody can put one there.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, TypeAlias

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import padding, utils

from gateway.as2 import asn1, ber
from gateway.as2.certificates import Certificate, Certificates, SigningKey
from gateway.as2.digests import ALGORITHMS, Pieces, canonical_digest_of, digest_of
from gateway.as2.dispositions import (
    AUTHENTICATION_FAILED,
    INTEGRITY_CHECK_FAILED,
    UNSUPPORTED_MIC_ALGORITHMS,
    remote_error,
)
from gateway.as2.model import Mic
from gateway.as2.profile import Digest, Quirk
from gateway.errors import RemoteProtocolError

Digests: TypeAlias = Iterable[tuple[bool, bytes]]
"""Whether over the canonical form, and the digest; the second is made only where it is needed."""

_VERSION_1: Final = asn1.write_integer(1)
_CERTIFICATES: Final = 0xA0


@dataclass(frozen=True, slots=True)
class Signature:
    """A signature that was verified."""

    mic: Mic
    """The digest that was signed, which is the MIC to return."""
    certificate: Certificate
    canonically: bool = False
    """Whether it was the canonical form of the content that was signed."""


def sign(
    content_digest: bytes,
    digest: Digest,
    *,
    key: SigningKey,
    signed_at: datetime,
    quirks: frozenset[Quirk] = frozenset(),
) -> bytes:
    """Sign content, given its digest: a ContentInfo with a detached SignedData, in DER."""
    attributes: bytes | None = None
    if Quirk.NO_SIGNED_ATTRIBUTES not in quirks:
        time = None if Quirk.NO_SIGNING_TIME in quirks else signed_at
        attributes = asn1.write_attributes(content_digest, time)
    algorithm = ALGORITHMS[digest]
    signature = (
        key.private.sign(content_digest, padding.PKCS1v15(), utils.Prehashed(algorithm))
        if attributes is None
        else key.private.sign(attributes, padding.PKCS1v15(), algorithm)
    )
    signer = asn1.write_signer(key.certificate, digest, attributes, signature, quirks)
    embedded = [] if Quirk.NO_CERTIFICATE in quirks else [key.certificate.der]
    signed_data = ber.framed(
        ber.SEQUENCE,
        [
            _VERSION_1,
            *ber.framed(ber.SET, [asn1.write_digest_algorithm(digest)]),
            *ber.framed(ber.SEQUENCE, [asn1.write_oid(asn1.DATA)]),
            *(ber.framed(_CERTIFICATES, embedded) if embedded else []),
            *ber.framed(ber.SET, [signer]),
        ],
    )
    return b"".join(content_info(asn1.SIGNED_DATA, signed_data))


def content_info(oid: str, content: Sequence[bytes | bytearray]) -> list[bytes | bytearray]:
    """Put the outermost frame around a CMS structure, without joining its pieces."""
    return ber.framed(ber.SEQUENCE, [asn1.write_oid(oid), *ber.framed(0xA0, content)])


def read_content_info(element: ber.Element) -> tuple[str, ber.Element]:
    """Read the outermost frame of a CMS structure: which one it is, and the structure."""
    info = ber.expect(element, ber.SEQUENCE, "ContentInfo").children()
    inner = info[1].children() if len(info) == 2 else []
    if len(inner) != 1:
        raise ber.NotBer("ContentInfo is incomplete")
    return asn1.read_oid(info[0].raw()), inner[0]


def verify(
    signature: bytes | bytearray,
    content: Pieces,
    *,
    pinned: Certificates,
    now: datetime,
    either_form: bool = False,
) -> Signature:
    """Verify a detached signature over the bytes of a part; raise where anything is amiss.

    With `either_form` the signer may have digested the canonical form of the content: signers
    differ in that where the content is not declared binary. Only line ends can differ between the
    two, and the payload stays as it came.
    """
    try:
        signer = _only_signer(signature)
    except ber.NotBer as error:
        raise remote_error(f"signature cannot be read: {error}", INTEGRITY_CHECK_FAILED) from error
    if signer.digest is None or signer.scheme is None:
        raise remote_error(
            f"signature algorithm {signer.scheme_oid} with digest {signer.digest_oid} "
            "is not supported, expected RSA with SHA-1 to SHA-512",
            UNSUPPORTED_MIC_ALGORITHMS,
        )
    candidates = pinned.valid(now)
    if not candidates:
        raise remote_error(
            f"none of the partner's {len(pinned.pinned)} certificates is valid now",
            AUTHENTICATION_FAILED,
        )
    forms: list[tuple[bool, Callable[[Pieces, Digest], bytes]]] = [(False, digest_of)]
    if either_form:
        forms.append((True, canonical_digest_of))
    digests = ((canonically, take(content, signer.digest)) for canonically, take in forms)
    check = _with_attributes if signer.attributes is not None else _without_attributes
    return check(signer, signer.digest, digests, candidates)


def _only_signer(signature: bytes | bytearray) -> asn1.Signer:
    oid, content = read_content_info(ber.read_ber(signature))
    if oid != asn1.SIGNED_DATA:
        raise ber.NotBer("it is not a SignedData")
    fields = ber.expect(content, ber.SEQUENCE, "SignedData").children()
    if len(fields) < 4:
        raise ber.NotBer("SignedData is incomplete")
    signers = ber.expect(fields[-1], ber.SET, "SignerInfos").children()
    if len(signers) != 1:
        raise remote_error(
            f"signature has {len(signers)} signers, expected exactly one", AUTHENTICATION_FAILED
        )
    return asn1.read_signer(signers[0].raw())


def _with_attributes(
    signer: asn1.Signer, digest: Digest, digests: Digests, candidates: Sequence[Certificate]
) -> Signature:
    """Verify attributes and the digest in them (RFC 5652 sections 5.4, 5.6 and 11)."""
    attributes = signer.attributes
    assert attributes is not None  # noqa: S101 - the caller chose by it
    # The signer first: whose digest it is matters only where the partner signed it.
    certificate = _signed_by(signer, attributes.signed, candidates)
    if attributes.content_types != (asn1.DATA,) or len(attributes.message_digests) != 1:
        raise remote_error(
            "signature needs one content type, data, and one message digest among its attributes",
            INTEGRITY_CHECK_FAILED,
        )
    meant = (signer.digest_oid, signer.scheme_oid)
    if any(protected != meant for protected in attributes.protected):
        raise remote_error(
            "signature uses other algorithms than its signer protected", INTEGRITY_CHECK_FAILED
        )
    claimed = attributes.message_digests[0]
    for canonically, found in digests:
        if hmac.compare_digest(found, claimed):
            return Signature(Mic(found, digest), certificate, canonically=canonically)
    raise remote_error("content is not what was signed: its digest differs", INTEGRITY_CHECK_FAILED)


def _without_attributes(
    signer: asn1.Signer, digest: Digest, digests: Digests, candidates: Sequence[Certificate]
) -> Signature:
    """Verify a signature over the content itself; a wrong signer looks like wrong content here."""
    for canonically, found in digests:
        for certificate in candidates:
            if _verifies(signer, found, certificate, prehashed=True):
                return Signature(Mic(found, digest), certificate, canonically=canonically)
    raise _not_the_partners(signer, candidates)


def _signed_by(
    signer: asn1.Signer, forms: Sequence[bytes], candidates: Sequence[Certificate]
) -> Certificate:
    for certificate in candidates:
        if any(_verifies(signer, signed, certificate) for signed in forms):
            return certificate
    raise _not_the_partners(signer, candidates)


def _not_the_partners(
    signer: asn1.Signer, candidates: Sequence[Certificate]
) -> RemoteProtocolError:
    return remote_error(
        f"signature of {signer.name} does not verify with any of the partner's "
        f"{len(candidates)} valid certificates",
        AUTHENTICATION_FAILED,
    )


def _verifies(
    signer: asn1.Signer, signed: bytes, certificate: Certificate, *, prehashed: bool = False
) -> bool:
    scheme = signer.scheme
    assert scheme is not None  # noqa: S101 - the caller refused signers without one
    algorithm = ALGORITHMS[scheme.digest]
    pad: padding.AsymmetricPadding = (
        padding.PSS(padding.MGF1(algorithm), scheme.salt_length)
        if scheme.pss
        else padding.PKCS1v15()
    )
    how = utils.Prehashed(algorithm) if prehashed else algorithm
    try:
        certificate.public_key.verify(signer.signature, signed, pad, how)
    except (InvalidSignature, ValueError):
        # ValueError: a salt longer than the key has room for.
        return False
    return True
