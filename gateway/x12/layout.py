r"""Payloads one segment a line, with or without remarks, and the way back to the very bytes.

    # X12 by gateway format; after each segment: LF
    W05*N*HG-200420~
      W05    Shipping Order Identification
      W0501  Order Status Code       N          new
      W0502  Depositor Order Number  HG-200420

In the annotated form a line that begins with a blank or `#` is a remark, every other a segment as
it was received. What would break that is spelled out: control characters and the backslash as `\n`,
`\xNN`, `\\`; what stands between segments where it is not what the first line says, closed by `\.`.
So any payload has such a form, and has its bytes again from it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from gateway.errors import GatewayError
from gateway.x12.characters import PADDING, proper
from gateway.x12.model import Delimiters, Octets
from gateway.x12.names import Names
from gateway.x12.pieces import Piece, pieces
from gateway.x12.schema import ElementUse, SegmentUse

HEAD = "# X12 by gateway format; after each segment: "
"""How annotated text begins."""
_LINE_ENDS = {"nothing": b"", "LF": b"\n", "CR LF": b"\r\n", "CR": b"\r"}
_NOTHING_MORE = r"\."
_SHORT = {b"\n": r"\n", b"\r": r"\r", b"\t": r"\t", b"\\": r"\\"}
_LONG = {"n": b"\n", "r": b"\r", "t": b"\t", "\\": b"\\", ".": b""}
_ESCAPE = re.compile(r"\\(?:x([0-9a-f]{2})|(.))", re.DOTALL)
_WIDEST_NAME = 36
_WIDEST_VALUE = 24
_PARTS = frozenset({"GS", "ST", "GE", "IEA"})
"""Segments before which a line is left blank."""

Row = tuple[str, str, str, str]
"""Of an element: its reference, its name, its value, and what that means."""


class NotAnnotated(GatewayError):
    """The text was not written by `gateway format`, or was changed since."""


def is_annotated(payload: Octets) -> bool:
    """Say whether bytes are annotated text."""
    return payload[: len(HEAD)] == HEAD.encode()


def compact(payload: Octets) -> Iterator[bytes]:
    """Yield segments with nothing between them."""
    for piece in pieces(payload):
        if not _is_padding(piece):
            yield piece.text + piece.terminator


def one_a_line(payload: Octets, line_end: bytes = b"\n") -> Iterator[bytes]:
    """Yield segments, each on a line of its own; that is X12 as well."""
    for piece in pieces(payload):
        if _is_padding(piece):
            continue
        ended = piece.terminator[-1:] in (b"\n", b"\r")
        yield piece.text + piece.terminator + (b"" if ended else line_end)


def annotated(payload: Octets, names: Names) -> Iterator[str]:
    """Yield the lines of a payload's annotated form, each with its line end."""
    regular = _regular(payload)
    yield f"{HEAD}{next(word for word, end in _LINE_ENDS.items() if end == regular)}\n"
    version = ""
    for piece in pieces(payload):
        elements = [proper(one.decode("latin-1")) for one in piece.elements]
        tag = elements[0]
        if tag in _PARTS:
            yield "\n"
        yield _segment_line(piece, regular)
        if piece.interchange is None:
            continue
        if tag in ("GS", "ISA"):
            version = elements[8].strip() if tag == "GS" and len(elements) > 8 else ""
        use = names.segment(version, tag)
        yield from remarks_on(use, elements, piece.interchange.delimiters, names)


def restored(lines: Iterable[str]) -> Iterator[bytes]:
    """Yield the bytes that an annotated form was made of, segment by segment."""
    regular: bytes | None = None
    for number, text in enumerate(lines, 1):
        line = text.rstrip("\n")
        if regular is None:
            regular = _LINE_ENDS.get(line.removeprefix(HEAD)) if line.startswith(HEAD) else None
            if regular is None:
                raise NotAnnotated(f"line 1 is not what gateway format writes: expected {HEAD!r}")
        elif line and line[0] not in " #":
            content = _unspelled(line, number)
            yield content if line.endswith(_NOTHING_MORE) else content + regular


def remarks_on(
    use: SegmentUse | None, elements: Sequence[str], delimiters: Delimiters, names: Names
) -> Iterator[str]:
    """Yield what is to be said of a segment: its name, then each element that has a value."""
    tag = spelled(elements[0].encode())[:3]
    if use is None:
        yield f"  {tag:<5}  (no segment that the schemas know)\n"
        return
    rows = list(_rows(use, elements, delimiters, names))
    yield f"  {tag:<5}  {use.name}\n"
    wide = min(_WIDEST_NAME, max((len(name) for _, name, _, _ in rows), default=0))
    told = [value for _, _, value, meaning in rows if meaning]
    value_wide = min(_WIDEST_VALUE, max(map(len, told), default=0))
    for reference, name, value, meaning in rows:
        name = name if len(name) <= wide else name[: wide - 1] + "…"
        line = f"  {reference:<7}{name:<{wide}}  {value:<{value_wide}}  {meaning}"
        yield line.rstrip() + "\n"


def _rows(
    use: SegmentUse, elements: Sequence[str], delimiters: Delimiters, names: Names
) -> Iterator[Row]:
    separator = delimiters.repetition
    for position, text in enumerate(elements[1:], 1):
        reference, element = f"{use.tag}{position:02d}", use.element(position)
        # The separator stands in ISA11 itself, which names it.
        for one in text.split(separator) if separator and use.tag != "ISA" else [text]:
            if not one.strip():
                continue
            if element is None:
                yield reference, "(not defined)", _shown(one), ""
            elif element.components:
                yield from _components(reference, element, one.split(delimiters.component), names)
            else:
                value = one.rstrip() if use.tag == "ISA" else one
                yield reference, element.name, _shown(value), names.meaning(element, value)


def _components(
    reference: str, element: ElementUse, values: Sequence[str], names: Names
) -> Iterator[Row]:
    for number, value in enumerate(values, 1):
        if not value:
            continue
        known = next(iter(element.components[number - 1 : number]), None)
        name = known.name if known else "(not defined)"
        yield (
            f"{reference}-{number}",
            name,
            _shown(value),
            (names.meaning(known, value) if known else ""),
        )


def _is_padding(piece: Piece) -> bool:
    return piece.interchange is None and not piece.text.strip(PADDING)


def _regular(payload: Octets) -> bytes:
    """Return what follows the first ISA; the usual line end of all segments then."""
    first = next((piece for piece in pieces(payload) if piece.interchange is not None), None)
    return first.gap if first is not None and first.gap in _LINE_ENDS.values() else b""


def _segment_line(piece: Piece, regular: bytes) -> str:
    text = spelled(piece.text + piece.terminator)
    if text[:1] in ("", " ", "#"):
        text = "".join(f"\\x{byte:02x}" for byte in text[:1].encode()) + text[1:]
    if piece.interchange is None or piece.gap != regular:
        text += spelled(piece.gap) + _NOTHING_MORE
    return text + "\n"


def spelled(content: bytes) -> str:
    """Write bytes as one line of printable text."""
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        # Of an encoding that nobody knows the bytes are told.
        return "".join(
            _printable(chr(byte)) if byte < 0x80 else f"\\x{byte:02x}" for byte in content
        )
    return _printable(text)


def _printable(text: str) -> str:
    if text.isprintable() and "\\" not in text:
        return text
    return "".join(
        character if character.isprintable() and character != "\\" else _escaped(character)
        for character in text
    )


def _escaped(character: str) -> str:
    content = character.encode()
    return _SHORT.get(content) or "".join(f"\\x{byte:02x}" for byte in content)


def _unspelled(line: str, number: int) -> bytes:
    """Return the bytes that a line spells."""
    parts: list[bytes] = []
    at = 0
    for found in _ESCAPE.finditer(line):
        parts.append(line[at : found.start()].encode())
        code, short = found.groups()
        if code is None and short not in _LONG:
            raise NotAnnotated(f"line {number}: {found[0]} stands for nothing")
        parts.append(bytes.fromhex(code) if code is not None else _LONG[short])
        at = found.end()
    parts.append(line[at:].encode())
    return b"".join(parts)


def _shown(value: str) -> str:
    if value.isprintable() and "\\" not in value:
        return value
    return spelled(value.encode("utf-8", "surrogateescape"))
