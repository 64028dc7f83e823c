"""AS2 (RFC 4130): bytes in and values out, values in and bytes out; no socket, file or clock.

    headers.read_envelope     who sends to whom, which message, which receipt is wanted
    read.read_message         HTTP headers and body -> Reading, or RemoteProtocolError(disposition)
    write.build_message       payload -> headers, body, and the MICs that its MDN may return
    write_mdn.build_mdn       what became of a message -> headers and body of its MDN
    read_mdn.read_mdn         MDN -> verdict, compared with what was sent
    certificates              several keys and certificates at a time; which ends soon

    profile      what was agreed with a partner, its product's quirks, limits
    layers       the order in which a message is opened     ber    frames found in place
    signed_data, enveloped_data, compressed_data            asn1   small structures
    mime, fields, digests     parts, headers, canonical form

Abbreviations: MDN message disposition notification (the receipt), MIC message integrity check, CMS
cryptographic message syntax (RFC 5652). What is supported, what is not and why is told in
docs/transports/as2.md.
"""

from gateway.as2.certificates import (
    NOTICE_DAYS,
    Certificate,
    Certificates,
    Expiry,
    Keys,
    SigningKey,
    expiring,
    read_certificates,
    read_signing_key,
)
from gateway.as2.dispositions import (
    AUTHENTICATION_FAILED,
    DECOMPRESSION_FAILED,
    DECRYPTION_FAILED,
    DUPLICATE_DOCUMENT,
    INSUFFICIENT_SECURITY,
    INTEGRITY_CHECK_FAILED,
    PROCESSED,
    SENDER_EQUALS_RECEIVER,
    UNEXPECTED_ERROR,
    UNKNOWN_PARTNER,
    UNSUPPORTED_FORMAT,
    UNSUPPORTED_MIC_ALGORITHMS,
    Disposition,
    read_disposition,
)
from gateway.as2.fields import Headers
from gateway.as2.headers import read_envelope
from gateway.as2.model import (
    Answer,
    Envelope,
    MdnRequest,
    MdnResult,
    MdnVerdict,
    Message,
    Mic,
    OutgoingMessage,
    Payload,
    Reading,
    Sent,
    read_mic,
)
from gateway.as2.profile import (
    Cipher,
    Compression,
    Digest,
    KeyTransport,
    Limits,
    MdnMode,
    Profile,
    Quirk,
    TransferEncoding,
)
from gateway.as2.read import read_message
from gateway.as2.read_mdn import answered_message_id, is_mdn, read_mdn
from gateway.as2.write import build_message
from gateway.as2.write_mdn import build_mdn

__all__ = [
    "AUTHENTICATION_FAILED",
    "DECOMPRESSION_FAILED",
    "DECRYPTION_FAILED",
    "DUPLICATE_DOCUMENT",
    "INSUFFICIENT_SECURITY",
    "INTEGRITY_CHECK_FAILED",
    "NOTICE_DAYS",
    "PROCESSED",
    "SENDER_EQUALS_RECEIVER",
    "UNEXPECTED_ERROR",
    "UNKNOWN_PARTNER",
    "UNSUPPORTED_FORMAT",
    "UNSUPPORTED_MIC_ALGORITHMS",
    "Answer",
    "Certificate",
    "Certificates",
    "Cipher",
    "Compression",
    "Digest",
    "Disposition",
    "Envelope",
    "Expiry",
    "Headers",
    "KeyTransport",
    "Keys",
    "Limits",
    "MdnMode",
    "MdnRequest",
    "MdnResult",
    "MdnVerdict",
    "Message",
    "Mic",
    "OutgoingMessage",
    "Payload",
    "Profile",
    "Quirk",
    "Reading",
    "Sent",
    "SigningKey",
    "TransferEncoding",
    "answered_message_id",
    "build_mdn",
    "build_message",
    "expiring",
    "is_mdn",
    "read_certificates",
    "read_disposition",
    "read_envelope",
    "read_mdn",
    "read_message",
    "read_mic",
    "read_signing_key",
]
