"""CompressedData (RFC 3274): zlib in a frame, bounded when it is opened."""

from __future__ import annotations

import zlib
from typing import Final

from gateway.as2 import asn1, ber
from gateway.as2.digests import Pieces
from gateway.as2.dispositions import DECOMPRESSION_FAILED, remote_error
from gateway.as2.signed_data import content_info

_CHUNK: Final = 1 << 18


def compress(content: Pieces) -> list[bytes | bytearray]:
    """Compress content: a ContentInfo in DER, in pieces."""
    deflate = zlib.compressobj()
    pieces: list[bytes | bytearray] = [deflate.compress(piece) for piece in content]
    pieces.append(deflate.flush())
    algorithm = ber.framed(ber.SEQUENCE, [asn1.write_oid(asn1.ZLIB)])
    octets = ber.framed(0xA0, ber.framed(ber.OCTET_STRING, pieces))
    encapsulated = ber.framed(ber.SEQUENCE, [asn1.write_oid(asn1.DATA), *octets])
    fields = [asn1.write_integer(0), *algorithm, *encapsulated]
    return content_info(asn1.COMPRESSED_DATA, ber.framed(ber.SEQUENCE, fields))


def decompress(compressed: ber.Element, limit: int) -> bytearray:
    """Decompress content of at most so many bytes; a bomb is given up before it goes off."""
    try:
        content = _content(compressed)
        return _inflate(content, limit)
    except ber.NotBer as error:
        raise remote_error(f"compression cannot be read: {error}", DECOMPRESSION_FAILED) from error
    except zlib.error as error:
        raise remote_error(f"compressed data is damaged: {error}", DECOMPRESSION_FAILED) from error


def _content(compressed: ber.Element) -> ber.Element:
    fields = ber.expect(compressed, ber.SEQUENCE, "CompressedData").children()
    if len(fields) != 3:
        raise ber.NotBer("CompressedData is incomplete")
    algorithm = ber.expect(fields[1], ber.SEQUENCE, "algorithm").children()
    name = asn1.read_oid(algorithm[0].raw()) if algorithm else ""
    if name != asn1.ZLIB:
        raise remote_error(
            f"compression {name} is not supported, expected zlib", DECOMPRESSION_FAILED
        )
    inner = ber.expect(fields[2], ber.SEQUENCE, "EncapsulatedContentInfo").children()
    if len(inner) != 2:
        raise ber.NotBer("CompressedData has no content")
    content = ber.expect(inner[1], 0xA0, "content").children()
    if len(content) != 1 or content[0].tag & ~0x20 != ber.OCTET_STRING:
        raise ber.NotBer("compressed content is not an octet string")
    return content[0]


def _inflate(content: ber.Element, limit: int) -> bytearray:
    inflate = zlib.decompressobj()
    plain = bytearray()
    for piece in content.octets():
        for at in range(0, len(piece), _CHUNK):
            waiting: bytes | memoryview = piece[at : at + _CHUNK]
            while waiting:
                if inflate.eof:
                    raise ber.NotBer("bytes follow the compressed data")
                plain += inflate.decompress(waiting, _CHUNK)
                if len(plain) > limit:
                    raise remote_error(
                        f"message has more than {limit} bytes decompressed", DECOMPRESSION_FAILED
                    )
                waiting = inflate.unconsumed_tail or inflate.unused_data
    while not inflate.eof:
        more = inflate.decompress(b"", _CHUNK)
        plain += more
        if not more:
            raise ber.NotBer("compressed data is cut short")
    return plain
