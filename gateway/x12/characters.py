"""Which characters a partner's bytes stand for, and which bytes our characters become.

Payloads are cut as Latin-1, where one character is one byte, so that offsets stay byte offsets.
Only the values are then read as what they most likely are: UTF-8 where the bytes are valid UTF-8
(text in another encoding practically never is), Latin-1 otherwise. Writing goes the same way back.
"""

from __future__ import annotations

from typing import Literal

from gateway.x12.model import Octets

Encoding = Literal["ascii", "latin-1", "utf-8"]

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
PADDING = b" \t\r\n\x00\x1a"
"""What programs leave around an interchange: blanks, line ends, zero bytes, the DOS end of file."""
LINE_ENDS = "\r\n"
BLANKS = " \t\r\n"
"""What may stand before a segment id."""


_EBCDIC_PADDING = b"\x40\x15\x25\x0d\x00"
"""Blanks, line ends and zero bytes, as mainframes write them."""
_EBCDIC_BEGINNINGS = ("ISA".encode("cp037"), "ST".encode("cp037"))
_NEW_LINE = 0x15
# Each character of code page 037 is one of Latin-1, and one byte of either: offsets stay the same.
# Its NEL ends the lines that LF ends elsewhere.
_FROM_EBCDIC = bytearray(bytes(range(256)).decode("cp037").encode("latin-1"))
_FROM_EBCDIC[_NEW_LINE] = ord("\n")
_FROM_EBCDIC_TABLE = bytes(_FROM_EBCDIC)


def is_ebcdic(payload: Octets) -> bool:
    """Say whether a payload, or one set of it, begins in EBCDIC (code page 037), after padding."""
    return payload[:512].lstrip(_EBCDIC_PADDING).startswith(_EBCDIC_BEGINNINGS)


def from_ebcdic(payload: Octets) -> bytes:
    """Return EBCDIC as ASCII or Latin-1, byte for byte."""
    return payload[:].translate(_FROM_EBCDIC_TABLE)


def proper(text: str) -> str:
    """Return the value that bytes read as Latin-1 stand for."""
    if text.isascii():
        return text
    try:
        return text.encode("latin-1").decode("utf-8")
    except UnicodeDecodeError:
        return text


def as_bytes_text(text: str, encoding: Encoding) -> str | None:
    """Return a value's bytes as Latin-1 text, or None where the encoding cannot say it."""
    if text.isascii():
        return text
    try:
        return text.encode(encoding).decode("latin-1")
    except UnicodeEncodeError:
        return None
