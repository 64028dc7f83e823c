"""Which characters a partner's bytes stand for, and which bytes our characters become.

Payloads are cut as Latin-1, where one character is one byte, so that offsets stay byte offsets.
Only the values are then read as what they most likely are: UTF-8 where the bytes are valid UTF-8
(text in another encoding practically never is), Latin-1 otherwise. Writing goes the same way back.
"""

from __future__ import annotations

from typing import Literal

Encoding = Literal["ascii", "latin-1", "utf-8"]

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
PADDING = b" \t\r\n\x00\x1a"
"""What programs leave around an interchange: blanks, line ends, zero bytes, the DOS end of file."""
LINE_ENDS = "\r\n"
BLANKS = " \t\r\n"
"""What may stand before a segment id."""


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
