"""What became of a message, in the words that an MDN uses for it (RFC 4130 section 7.5, RFC 8098).

Every failure that a partner can cause has its disposition here, and the error that reports the
failure carries it: whoever catches the error already knows the answer.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from gateway.errors import RemoteProtocolError

_ACTION: Final = "automatic-action/MDN-sent-automatically"

_LONGEST: Final = 1_000

_TEXT = re.compile(
    r"""
    \s* (?P<action> [^;/\s]+ \s*/\s* [^;/\s]+ ) \s* ;
    \s* (?P<kind> [A-Za-z-]+ ) \s*
    (?: / \s* (?P<modifier> [A-Za-z-]+ ) \s* (?: : \s* (?P<explanation> .*? ) )? )?
    \s* \Z
    """,
    re.VERBOSE | re.DOTALL,
)
"""action-mode; type/modifier: explanation. Spaces and case differ between products."""


@dataclass(frozen=True, slots=True)
class Disposition:
    """What the receiver of a message did with it."""

    kind: str = "processed"
    """`processed`, or `failed` where the sender asked for something the receiver cannot do."""
    modifier: str = ""
    """`error`, `failure` or `warning`; empty where all went well."""
    explanation: str = ""

    def __str__(self) -> str:
        if not self.modifier:
            return f"{_ACTION}; {self.kind}"
        return f"{_ACTION}; {self.kind}/{self.modifier}: {self.explanation}"

    @property
    def accepted(self) -> bool:
        """Say whether the receiver took responsibility: processed, at most with a warning."""
        return self.kind == "processed" and self.modifier in ("", "warning")


def read_disposition(text: str) -> Disposition:
    """Read a Disposition field; raise RemoteProtocolError where it is none."""
    found = _TEXT.match(text) if len(text) <= _LONGEST else None
    if found is None:
        raise RemoteProtocolError(
            f"MDN: Disposition is {text[:80]!r}, expected 'action/mode; type/modifier: explanation'"
        )
    return Disposition(
        kind=found["kind"].lower(),
        modifier=(found["modifier"] or "").lower(),
        explanation=(found["explanation"] or "").strip(),
    )


PROCESSED: Final = Disposition()

AUTHENTICATION_FAILED: Final = Disposition("processed", "error", "authentication-failed")
"""The signature is missing a signer, or its signer is not the partner that we know."""

INTEGRITY_CHECK_FAILED: Final = Disposition("processed", "error", "integrity-check-failed")
"""What was signed or encrypted is not what arrived."""

DECRYPTION_FAILED: Final = Disposition("processed", "error", "decryption-failed")

DECOMPRESSION_FAILED: Final = Disposition("processed", "error", "decompression-failed")

INSUFFICIENT_SECURITY: Final = Disposition("processed", "error", "insufficient-message-security")
"""The message lacks the signature or the encryption that was agreed."""

UNEXPECTED_ERROR: Final = Disposition("processed", "error", "unexpected-processing-error")
"""Anything that has no word of its own, such as broken MIME."""

SENDER_EQUALS_RECEIVER: Final = Disposition("processed", "error", "sender-equals-receiver")

UNKNOWN_PARTNER: Final = Disposition("processed", "error", "unknown-trading-partner")
"""No agreement between this AS2-From and this AS2-To."""

UNSUPPORTED_FORMAT: Final = Disposition("failed", "failure", "unsupported format")

UNSUPPORTED_MIC_ALGORITHMS: Final = Disposition("failed", "failure", "unsupported MIC-algorithms")

DUPLICATE_DOCUMENT: Final = Disposition("processed", "warning", "duplicate-document")
"""Received before, and not taken a second time: the sender need not try again."""


def remote_error(message: str, disposition: Disposition = UNEXPECTED_ERROR) -> RemoteProtocolError:
    """Make the error that says whose fault it is and knows its reply."""
    return RemoteProtocolError(message, disposition=str(disposition))
