"""What was agreed with one partner: algorithms, receipts, limits, and named deviations."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

MEGABYTE: Final = 1_000_000


class Digest(StrEnum):
    """A digest algorithm, by the name that RFC 8551 gives it in `micalg`."""

    SHA1 = "sha-1"
    SHA224 = "sha-224"
    SHA256 = "sha-256"
    SHA384 = "sha-384"
    SHA512 = "sha-512"

    @property
    def old_name(self) -> str:
        """Give the name of RFC 3851 and of RFC 4130's examples, without a hyphen."""
        return self.value.replace("-", "")

    @classmethod
    def named(cls, name: str) -> Digest | None:
        """Find the algorithm under either of its names, in any case; None where unsupported."""
        plain = name.strip().strip('"').strip().lower().replace("-", "")
        return next((digest for digest in cls if digest.old_name == plain), None)


class Cipher(StrEnum):
    """A content encryption algorithm."""

    TRIPLE_DES = "3des"
    AES128_CBC = "aes-128-cbc"
    AES192_CBC = "aes-192-cbc"
    AES256_CBC = "aes-256-cbc"
    AES128_GCM = "aes-128-gcm"
    AES192_GCM = "aes-192-gcm"
    AES256_GCM = "aes-256-gcm"


class Compression(StrEnum):
    """Whether a message is compressed (RFC 5402), and on which side of the signature."""

    NONE = "none"
    BEFORE_SIGNING = "before_signing"
    AFTER_SIGNING = "after_signing"


class TransferEncoding(StrEnum):
    """How payload bytes are written in their MIME part."""

    BINARY = "binary"
    EIGHT_BIT = "8bit"
    BASE64 = "base64"
    QUOTED_PRINTABLE = "quoted-printable"


class KeyTransport(StrEnum):
    """How the content key is encrypted for the receiver's RSA key."""

    PKCS1_V15 = "pkcs1-v1_5"
    OAEP_SHA1 = "oaep-sha-1"
    OAEP_SHA256 = "oaep-sha-256"


class MdnMode(StrEnum):
    """Whether a receipt is asked for, and where it comes."""

    NONE = "none"
    SYNC = "sync"
    """In the body of the HTTP response."""
    ASYNC = "async"
    """By a request of its own to our address."""


class Quirk(StrEnum):
    """A deviation that one partner's product needs; nothing is a quirk by default."""

    OLD_DIGEST_NAMES = "old_digest_names"
    """Write `sha256`, not `sha-256`: older Seeburger, products before RFC 5751."""
    FOLD_HEADERS = "fold_headers"
    """Fold long headers of MIME parts at 76 characters. Unfolded by default: HTTP forbids it."""
    UNQUOTED_FILENAME = "unquoted_filename"
    """Write `filename=po.edi` without quotation marks."""
    NO_FILENAME = "no_filename"
    """Leave out Content-Disposition and its file name."""
    CANONICAL_DIGEST = "canonical_digest"
    """Digest with line ends as CRLF although the part is binary, in what we send, and accept that
    in what we receive; payload bytes stay as they are."""
    EXACT_DIGEST = "exact_digest"
    """Digest the bytes as sent although the part is not binary."""
    NO_SIGNED_ATTRIBUTES = "no_signed_attributes"
    """Sign the content itself: some installations of IBM Sterling refuse attributes."""
    NO_SIGNING_TIME = "no_signing_time"
    """Leave out the attribute that says when the signature was made."""
    DIGEST_IN_SIGNATURE_ALGORITHM = "digest_in_signature_algorithm"
    """Name the signature `sha256WithRSAEncryption` rather than `rsaEncryption`."""
    NO_CERTIFICATE = "no_certificate"
    """Do not put our certificate in the signature; the receiver has it anyway."""
    BASE64_OUTER = "base64_outer"
    """Send the outermost encrypted or compressed body as base64 text."""
    BINARY_SIGNATURE = "binary_signature"
    """Write the signature part in binary, not base64."""
    UNQUOTED_NAMES = "unquoted_names"
    """Write names without quotation marks although they have a space, in MDNs too: django-pyas2
    finds what an asynchronous MDN answers in no other way."""
    NO_MIME_VERSION = "no_mime_version"
    """Leave out MIME-Version."""
    NO_OUTER_TRANSFER_ENCODING = "no_outer_transfer_encoding"
    """Leave Content-Transfer-Encoding out of the HTTP headers, where HTTP does not know it."""
    MIC_AS_LISTED = "mic_as_listed"
    """Return the MIC of a signed message with the first digest of the sender's list, although
    another one signed it: OpenAS2 compares that one."""
    UNSIGNED_MDN_ACCEPTED = "unsigned_mdn_accepted"
    """Accept an MDN without signature although a signed one was asked for."""
    MDN_WITHOUT_MIC_ACCEPTED = "mdn_without_mic_accepted"
    """Accept a positive MDN that has no Received-Content-MIC."""


@dataclass(frozen=True, slots=True)
class Profile:
    """What was agreed with one partner, seen from our side."""

    our_id: str
    partner_id: str
    sign: Digest | None = Digest.SHA256
    encrypt: Cipher | None = Cipher.AES256_CBC
    key_transport: KeyTransport = KeyTransport.PKCS1_V15
    compress: Compression = Compression.NONE
    transfer_encoding: TransferEncoding = TransferEncoding.BINARY
    mdn: MdnMode = MdnMode.SYNC
    mdn_url: str = ""
    """Our address for asynchronous MDNs; needed with `mdn` async."""
    mdn_to: str = "edi@localhost"
    """What Disposition-Notification-To says; any receiver only looks whether it is there."""
    signed_mdn: bool = True
    mic_algorithms: tuple[Digest, ...] = ()
    """Preferred digests for the MDN; the signature's, or SHA-256, where there are none."""
    require_signed: bool = True
    """Refuse messages of this partner that are not signed."""
    require_encrypted: bool = False
    """Refuse messages of this partner that are not encrypted."""
    quirks: frozenset[Quirk] = frozenset()

    @property
    def mic_preference(self) -> tuple[Digest, ...]:
        """Give the digests to ask the receiver for, most wanted first."""
        return self.mic_algorithms or (self.sign or Digest.SHA256,)


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of a partner's message is taken."""

    body: int = 500 * MEGABYTE
    """Bytes of the HTTP body."""
    mdn: int = MEGABYTE
    """Bytes of an MDN; real ones have a few thousand."""
    payload: int = 500 * MEGABYTE
    """Bytes after decompression, headers of the part included: the bound against bombs."""
    signature: int = 256_000
    """Bytes of a detached signature, its certificates included."""
    headers: int = 64_000
    """Bytes of the headers of one MIME part."""
