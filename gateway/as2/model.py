"""The values of AS2: what is sent, what was read, what a receipt says.

Nothing here reads or writes a byte. Times are aware datetimes that the caller passes in; message
ids are made by the caller.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from enum import StrEnum

from gateway.as2.dispositions import PROCESSED, Disposition, remote_error
from gateway.as2.fields import Headers
from gateway.as2.profile import Digest


@dataclass(frozen=True, slots=True)
class Payload:
    """The bytes to send, and what the receiver is told about them."""

    body: bytes
    content_type: str = "application/edi-x12"
    filename: str = ""


@dataclass(frozen=True, slots=True)
class Message:
    """An HTTP request or response as it came: headers and body."""

    headers: Headers
    body: bytes


@dataclass(frozen=True, slots=True)
class Mic:
    """A message integrity check: a digest, and of which algorithm."""

    value: bytes
    algorithm: Digest

    def __str__(self) -> str:
        return self.text(self.algorithm.value)

    def text(self, name: str) -> str:
        """Write it as Received-Content-MIC does, under the algorithm name that the reader used."""
        return f"{base64.b64encode(self.value).decode()}, {name}"


def read_mic(text: str) -> Mic:
    """Read what `str` of a Mic wrote, or a Received-Content-MIC field of any partner."""
    value, comma, name = text.strip().rpartition(",")
    digest = Digest.named(name)
    if not comma or digest is None:
        raise remote_error(
            f"Received-Content-MIC is {text[:80]!r}, expected a digest in base64 and its algorithm"
        )
    try:
        # Some products fold or space the digest; nothing else is between its characters.
        decoded = base64.b64decode("".join(value.split()), validate=True)
    except ValueError as error:
        raise remote_error(f"Received-Content-MIC {text[:80]!r} is not base64") from error
    return Mic(decoded, digest)


@dataclass(frozen=True, slots=True)
class MdnRequest:
    """The receipt that the sender of a message asked for."""

    to: str
    signed: bool = False
    protocol: str = ""
    """`pkcs7-signature` is the only one there is."""
    signature_required: bool = False
    mic_algorithms: tuple[str, ...] = ()
    """As the sender spelled them, most wanted first: the answer uses the sender's spelling."""
    mic_required: bool = False
    async_url: str = ""
    """Where the receipt goes; empty for the HTTP response. It is the sender's word: check it."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """What the HTTP headers of a message say, before a byte of its body is looked at."""

    as2_from: str
    as2_to: str
    message_id: str
    content_type: str
    subject: str = ""
    mdn_request: MdnRequest | None = None


@dataclass(frozen=True, slots=True)
class Sent:
    """What to remember of a message until its MDN comes."""

    message_id: str
    mics: tuple[Mic, ...]


@dataclass(frozen=True, slots=True)
class OutgoingMessage:
    """A message ready to be posted, and what to remember until its MDN comes."""

    headers: Headers
    body: bytes
    message_id: str
    mics: tuple[Mic, ...]
    """All that a right MDN may return, the expected one first: one for each digest that the
    receiver may choose, of the bytes as sent and (where it differs) of their canonical form."""

    @property
    def mic(self) -> Mic:
        """Give the MIC that the receiver is expected to return."""
        return self.mics[0]

    @property
    def sent(self) -> Sent:
        """Give what the MDN is to be compared with."""
        return Sent(self.message_id, self.mics)


@dataclass(frozen=True, slots=True)
class Answer:
    """What an MDN is to say about a message."""

    envelope: Envelope
    disposition: Disposition = PROCESSED
    mic: Mic | None = None
    """Of the reading; None where the message could not be read."""
    text: str = ""
    """A sentence for people; one that fits the disposition where left out."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A message that was read: the payload, and how well it was protected on its way."""

    payload: bytes = field(repr=False)
    content_type: str
    filename: str
    mic: Mic
    signed: bool
    encrypted: bool
    compressed: bool
    signer: str = ""
    """SHA-256 fingerprint of the partner's certificate that verified the signature."""


class MdnVerdict(StrEnum):
    """What an MDN means for the message that it answers."""

    ACCEPTED = "accepted"
    ACCEPTED_WITH_WARNING = "accepted_with_warning"
    REJECTED = "rejected"
    """The receiver says that it could not take the message."""
    MIC_MISMATCH = "mic_mismatch"
    """The receiver took something else than what was sent."""


@dataclass(frozen=True, slots=True)
class MdnResult:
    """An MDN that was read, verified and compared with what was sent."""

    verdict: MdnVerdict
    disposition: Disposition
    original_message_id: str
    mic: Mic | None
    signed: bool
    text: str = ""
    """The part written for people, shortened."""
    because: str = ""
    """Why it was not simply accepted; empty where it was."""
    signer: str = ""

    @property
    def accepted(self) -> bool:
        """Say whether the message arrived, whole, and was taken."""
        return self.verdict in (MdnVerdict.ACCEPTED, MdnVerdict.ACCEPTED_WITH_WARNING)


def no_more_than(limit: int, size: int, what: str) -> None:
    """Refuse a part of a message that is larger than is taken."""
    if size > limit:
        raise remote_error(f"{what} has {size} bytes, at most {limit} are taken")
