"""Our keys and the partner's certificates, several at a time, so that they can be renewed in peace.

A certificate is trusted because it is pinned for the partner, never because a message carries it
or an authority signed it. Any pinned certificate that is valid verifies a signature; the newest one
whose day has come encrypts. Of our own keys the newest that the partner already knows signs, and
all of them decrypt.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key

from gateway.errors import LocalProtocolError

NOTICE_DAYS: Final = (60, 30, 7)
"""How many days before its end a certificate is announced; a certificate that ended is too."""


@dataclass(frozen=True, slots=True)
class Certificate:
    """An RSA certificate, and from when on it is to be used."""

    x509: x509.Certificate
    use_from: datetime | None = None
    """Not before this time for signing (ours) or encrypting (the partner's); the start of its
    validity where left out. Set it to the day agreed with the partner."""

    def __post_init__(self) -> None:
        try:
            key = self.x509.public_key()
        except (ValueError, UnsupportedAlgorithm):
            key = None
        if not isinstance(key, rsa.RSAPublicKey):
            raise LocalProtocolError(f"certificate of {self.subject} has no RSA key, as AS2 needs")

    @property
    def public_key(self) -> rsa.RSAPublicKey:
        """Give the RSA key; a certificate without one was refused when it was pinned."""
        key = self.x509.public_key()
        assert isinstance(key, rsa.RSAPublicKey)  # noqa: S101 - checked when it was made
        return key

    @property
    def subject(self) -> str:
        """Name the holder, for messages to people."""
        return self.x509.subject.rfc4514_string() or "an empty subject"

    @property
    def fingerprint(self) -> str:
        """Identify the certificate by SHA-256, as people compare it on the telephone."""
        return self.x509.fingerprint(hashes.SHA256()).hex(":").upper()

    @property
    def der(self) -> bytes:
        """Give the certificate's bytes."""
        return self.x509.public_bytes(Encoding.DER)

    @property
    def starts(self) -> datetime:
        """Say from when on it is to be used."""
        start = self.x509.not_valid_before_utc
        return start if self.use_from is None else max(self.use_from, start)

    @property
    def ends(self) -> datetime:
        """Say until when it is valid."""
        return self.x509.not_valid_after_utc

    def valid(self, now: datetime) -> bool:
        """Say whether its validity covers this time."""
        return self.x509.not_valid_before_utc <= now <= self.ends


@dataclass(frozen=True, slots=True)
class Certificates:
    """The pinned certificates of one partner, in any order."""

    pinned: tuple[Certificate, ...] = ()

    def valid(self, now: datetime) -> tuple[Certificate, ...]:
        """Give all that may verify a signature at this time, newest first."""
        return _newest_first([each for each in self.pinned if each.valid(now)])

    def to_encrypt(self, now: datetime) -> Certificate:
        """Choose the newest certificate whose day has come."""
        for each in self.valid(now):
            if each.starts <= now:
                return each
        raise LocalProtocolError(
            f"none of the partner's {len(self.pinned)} certificates is valid on {now:%Y-%m-%d}: "
            "ask the partner for the new one and pin it"
        )


@dataclass(frozen=True, slots=True)
class SigningKey:
    """One of our own key pairs, with its certificate."""

    private: rsa.RSAPrivateKey
    certificate: Certificate

    def __post_init__(self) -> None:
        if self.private.public_key() != self.certificate.public_key:
            raise LocalProtocolError(
                f"the private key is not that of certificate {self.certificate.subject}"
            )


@dataclass(frozen=True, slots=True)
class Keys:
    """What both sides hold: our key pairs and the partner's certificates."""

    ours: tuple[SigningKey, ...] = ()
    partner: Certificates = Certificates()

    def to_sign(self, now: datetime) -> SigningKey:
        """Choose our newest valid key that the partner knows by now (`use_from`)."""
        by_certificate = {key.certificate: key for key in self.ours}
        for certificate in Certificates(tuple(by_certificate)).valid(now):
            if certificate.starts <= now:
                return by_certificate[certificate]
        raise LocalProtocolError(
            f"none of our {len(self.ours)} AS2 keys is valid and in use on {now:%Y-%m-%d}: "
            "make a new one and send its certificate to the partner"
        )


@dataclass(frozen=True, slots=True)
class Expiry:
    """A certificate that ends soon, or has ended."""

    certificate: Certificate
    days_left: int
    """Full days; negative where it has ended."""
    notice: int
    """The notice that is due: 60, 30 or 7 days, 0 where it has ended; each is worth one alert."""
    replaced: bool
    """Whether another certificate of the list takes over without a gap."""


def expiring(
    certificates: Sequence[Certificate], now: datetime, notices: Sequence[int] = NOTICE_DAYS
) -> list[Expiry]:
    """Announce the certificates that end within the longest notice, the most urgent first."""
    due = [
        Expiry(
            certificate=each,
            days_left=(each.ends - now) // timedelta(days=1),
            notice=_notice(each.ends - now, notices),
            replaced=any(
                other.ends > each.ends and other.starts <= each.ends for other in certificates
            ),
        )
        for each in certificates
        if each.ends - now <= timedelta(days=max(notices))
    ]
    return sorted(due, key=lambda expiry: expiry.certificate.ends)


def read_certificates(pem: bytes, use_from: datetime | None = None) -> tuple[Certificate, ...]:
    """Read the certificates of a PEM file."""
    try:
        found = x509.load_pem_x509_certificates(pem)
    except (ValueError, UnsupportedAlgorithm) as error:
        raise LocalProtocolError(f"no certificate in PEM form: {error}") from error
    return tuple(Certificate(each, use_from) for each in found)


def read_signing_key(
    pem: bytes, certificate: Certificate, password: bytes | None = None
) -> SigningKey:
    """Read a private key in PEM form; its certificate goes with it."""
    try:
        private = load_pem_private_key(pem, password)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise LocalProtocolError(f"no private key in PEM form: {error}") from error
    if not isinstance(private, rsa.RSAPrivateKey):
        raise LocalProtocolError("the private key is not an RSA key, as AS2 needs")
    return SigningKey(private, certificate)


def _newest_first(certificates: Sequence[Certificate]) -> tuple[Certificate, ...]:
    return tuple(sorted(certificates, key=lambda each: (each.starts, each.ends), reverse=True))


def _notice(left: timedelta, notices: Sequence[int]) -> int:
    if left < timedelta(0):
        return 0
    return min(days for days in notices if left <= timedelta(days=days))
