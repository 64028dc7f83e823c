"""What an MDN means for the message that it answers, as the store keeps it."""

from __future__ import annotations

from gateway.as2 import MdnResult, Message
from gateway.pipeline.mdn_port import Verdict

_DUPLICATE = "duplicate"


def verdict_of(result: MdnResult, mdn: Message, *, repeated: bool) -> tuple[Verdict, bool]:
    """Return the verdict of a believed MDN, and whether the partner had the message already.

    A message that left more than once may be answered with `duplicate-document`, as a warning or as
    an error, and most products leave the MIC out then: an earlier attempt had reached the partner.
    """
    had_it = repeated and _DUPLICATE in result.disposition.explanation.lower()
    words = str(result.disposition).partition("; ")[2]
    because = words if result.because in ("", words) else f"{words} ({result.because})"
    return Verdict(result.accepted or had_it, because, _evidence(mdn)), had_it


def _evidence(mdn: Message) -> bytes:
    """Write an MDN with its headers: without them its signature could not be verified again."""
    lines = [f"{name}: {value}\r\n" for name, value in mdn.headers.fields]
    return "".join(lines).encode("latin-1", "replace") + b"\r\n" + mdn.body
