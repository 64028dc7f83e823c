"""MIME as AS2 uses it: a part is a stretch of bytes, because what is signed is those very bytes.

Line ends: CRLF is written; LF alone is read too, since products behind mail gateways send it.
"""

from __future__ import annotations

import binascii
import hashlib
import re
from base64 import encodebytes
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from gateway.as2.dispositions import UNSUPPORTED_FORMAT, remote_error
from gateway.as2.fields import ContentType, Headers, read_fields, read_parameters

CRLF: Final = b"\r\n"
_BLANK_LINE = re.compile(rb"\r?\n\r?\n")
_FOLD = re.compile(r"\r?\n[ \t]+")
_MOST_FIELDS: Final = 200
_DELIMITER_ENDS = re.compile(rb"(--)?[ \t]*(?:\r?\n|\Z)")
_MOST_PARTS: Final = 20
_MOST_MISSES: Final = 10_000
"""A boundary is chosen so that it stands nowhere else; an attacker chooses it to be everywhere."""
_IDENTITY: Final = frozenset({"", "binary", "8bit", "7bit"})
_CHUNK: Final = 1 << 20
_LINE: Final = 57 * 4096
"""Bytes that are encoded at a time; a multiple of what one line of base64 holds."""


@dataclass(frozen=True, slots=True)
class Part:
    """A MIME entity: its headers, and its bytes by their place."""

    headers: Headers
    source: bytes | bytearray
    start: int
    """Where its headers begin; for the HTTP body, which has none of its own, where that begins."""
    content: int
    """Where its body begins."""
    end: int

    @property
    def whole(self) -> memoryview:
        """Give headers and body as they were sent: what a signature covers."""
        return memoryview(self.source)[self.start : self.end]

    @property
    def body(self) -> memoryview:
        """Give the body, still in its transfer encoding."""
        return memoryview(self.source)[self.content : self.end]

    @property
    def content_type(self) -> ContentType:
        """Read Content-Type; a part without one is plain text (RFC 2045 section 5.2)."""
        return read_parameters(self.headers.one("Content-Type") or "text/plain", "Content-Type")

    @property
    def transfer_encoding(self) -> str:
        """Read Content-Transfer-Encoding; empty where there is none, which HTTP takes as binary."""
        return (self.headers.one("Content-Transfer-Encoding") or "").lower()


def read_part(source: bytes | bytearray, start: int, end: int, limit: int) -> Part:
    """Read the headers of a part and find its body."""
    # A part without headers begins with the empty line.
    for empty in (b"\r\n", b"\n"):
        if source[start : start + len(empty)] == empty:
            return Part(Headers(), source, start, start + len(empty), end)
    found = _BLANK_LINE.search(source, start, min(end, start + limit))
    if found is None:
        raise remote_error(f"MIME part has no empty line within its first {limit} bytes")
    text = bytes(source[start : found.start()]).decode("utf-8", errors="replace")
    lines = _FOLD.sub(" ", text).splitlines()
    if len(lines) > _MOST_FIELDS:
        raise remote_error(f"MIME part has {len(lines)} headers, at most {_MOST_FIELDS} are read")
    return Part(read_fields(lines), source, start, found.end(), end)


def read_multipart(part: Part, limit: int) -> list[Part]:
    """Split a multipart at its delimiter lines; preamble and epilogue are passed over."""
    boundary = part.content_type.parameter("boundary").rstrip(" ")
    if not 1 <= len(boundary) <= 200:
        raise remote_error(f"{part.content_type.media} has no boundary")
    delimiter = b"--" + boundary.encode("utf-8", errors="replace")
    parts: list[Part] = []
    begun = -1
    for before, after, last in _delimiters(part, delimiter):
        if begun >= 0:
            parts.append(read_part(part.source, begun, max(before, begun), limit))
        if last:
            return parts
        begun = after
        if len(parts) > _MOST_PARTS:
            raise remote_error(f"{part.content_type.media} has more than {_MOST_PARTS} parts")
    raise remote_error(f"{part.content_type.media} is cut short: its closing delimiter is missing")


def _delimiters(part: Part, delimiter: bytes) -> list[tuple[int, int, bool]]:
    """Find delimiter lines: where the part before ends, where the next begins, whether the last.

    A boundary that begins with another part's boundary is not that one: after the delimiter only
    `--`, spaces and the line end may follow.
    """
    source, at = part.source, part.content
    found: list[tuple[int, int, bool]] = []
    misses = 0
    while (at := source.find(delimiter, at, part.end)) >= 0:
        rest = _DELIMITER_ENDS.match(source, at + len(delimiter), part.end)
        before = _line_begins(source, part.content, at)
        at += len(delimiter)
        if rest is None or before is None:
            misses += 1
            if misses > _MOST_MISSES:
                raise remote_error(f"boundary stands {misses} times where no part ends")
            continue
        last = rest[1] is not None
        found.append((before, rest.end(), last))
        if last or len(found) > _MOST_PARTS + 1:
            break
        # The line end may also be the one before the next delimiter: an empty part.
        at = rest.end()
    return found


def _line_begins(source: bytes | bytearray, first: int, at: int) -> int | None:
    """Say where the line end before this place begins; None where no line begins here."""
    if at == first:
        return at
    if source[at - 1] != 0x0A:
        return None
    return at - 2 if at - 2 >= first and source[at - 2] == 0x0D else at - 1


def decoded(part: Part) -> tuple[bytes | bytearray, int, int]:
    """Undo a part's transfer encoding: the bytes, and where the body stands in them."""
    encoding = part.transfer_encoding
    if encoding in _IDENTITY:
        return part.source, part.content, part.end
    if encoding == "base64":
        try:
            plain = b"".join(_from_base64(part.body))
        except binascii.Error as error:
            raise remote_error(f"{part.content_type.media} is not base64: {error}") from error
        return plain, 0, len(plain)
    if encoding == "quoted-printable":
        plain = binascii.a2b_qp(part.body)
        return plain, 0, len(plain)
    raise remote_error(
        f"Content-Transfer-Encoding {encoding[:40]!r} is not supported", UNSUPPORTED_FORMAT
    )


def _from_base64(text: memoryview) -> Iterator[bytes]:
    """Decode piece by piece; line ends and spaces may stand anywhere, nothing else may."""
    held = b""
    ended = False
    for at in range(0, len(text), _CHUNK):
        held += bytes(text[at : at + _CHUNK]).translate(None, b"\r\n\t ")
        if held and ended:
            raise binascii.Error("Excess data after padding")
        whole = len(held) - len(held) % 4
        ended = held[:whole].endswith(b"=")
        yield binascii.a2b_base64(held[:whole], strict_mode=True)
        held = held[whole:]
    if held:
        raise binascii.Error("Incorrect padding")


def write_headers(fields: Sequence[tuple[str, str]], *, fold: bool = False) -> bytes:
    """Write the headers of a part, and the empty line after them."""
    lines = [f"{name}: {value}" for name, value in fields]
    if fold:
        lines = [line.replace("; ", ";\r\n\t") if len(line) > 76 else line for line in lines]
    return "".join(f"{line}\r\n" for line in lines).encode("utf-8") + CRLF


def encode(body: bytes, encoding: str) -> list[bytes]:
    """Write a body in a transfer encoding, in pieces."""
    if encoding == "base64":
        return [
            encodebytes(body[at : at + _LINE]).replace(b"\n", CRLF)
            for at in range(0, len(body), _LINE)
        ]
    if encoding == "quoted-printable":
        # Line ends of the payload are encoded, so every LF that is left is a soft one.
        soft = binascii.b2a_qp(body, quotetabs=True, istext=False)
        return [soft.replace(CRLF, b"\n").replace(b"\n", CRLF)]
    return [body]


def write_multipart(
    parts: Sequence[Sequence[bytes | bytearray]], boundary: str
) -> list[bytes | bytearray]:
    """Put parts between delimiter lines, without joining their pieces."""
    mark = boundary.encode("ascii")
    pieces: list[bytes | bytearray] = []
    for part in parts:
        pieces += [b"--" + mark + CRLF, *part, CRLF]
    pieces.append(b"--" + mark + b"--" + CRLF)
    return pieces


def choose_boundary(seed: str, pieces: Sequence[bytes | bytearray]) -> str:
    """Choose a boundary that stands nowhere in the content; the same seed gives the same."""
    count = 0
    while True:
        name = hashlib.sha256(f"{seed}#{count}".encode()).hexdigest()[:40]
        if not any(piece.find(name.encode()) >= 0 for piece in pieces):
            return f"=_{name}"
        count += 1
