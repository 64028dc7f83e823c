from __future__ import annotations

import re

import pytest

from gateway.as2.fields import Headers
from gateway.as2.mime import (
    Part,
    choose_boundary,
    decoded,
    encode,
    read_multipart,
    read_part,
    write_headers,
    write_multipart,
)
from gateway.errors import RemoteProtocolError

LIMIT = 1_000


def _multipart(body: bytes, boundary: str = "b") -> Part:
    kind = f'multipart/mixed; boundary="{boundary}"'
    return Part(Headers.of([("Content-Type", kind)]), body, 0, 0, len(body))


def _bodies(body: bytes, boundary: str = "b") -> list[bytes]:
    return [bytes(part.body) for part in read_multipart(_multipart(body, boundary), LIMIT)]


def test_splits_at_delimiter_lines() -> None:
    assert _bodies(b"--b\r\n\r\none\r\n--b\r\n\r\ntwo\r\n--b--\r\n") == [b"one", b"two"]


def test_what_is_signed_is_every_byte_up_to_the_line_end_before_the_delimiter() -> None:
    body = b"--b\r\nA: b\r\n\r\none\r\n\r\n--b--"
    (part,) = read_multipart(_multipart(body), LIMIT)
    assert bytes(part.whole) == b"A: b\r\n\r\none\r\n"


@pytest.mark.parametrize(
    "body",
    [
        b"--b\n\none\n--b\n\ntwo\n--b--\n",
        b"preamble\r\n--b\r\n\r\none\r\n--b\r\n\r\ntwo\r\n--b--\r\nepilogue\r\n--b\r\n",
        b"--b  \t\r\n\r\none\r\n--b \r\n\r\ntwo\r\n--b-- \r\n",
        b"--b\r\n\r\none\r\n--b\r\n\r\ntwo\r\n--b--",
        b"\r\n--b\r\n\r\none\r\n--b\r\n\r\ntwo\r\n--b--\r\n",
    ],
    ids=["LF alone", "preamble and epilogue", "spaces", "nothing after it", "empty line before"],
)
def test_splits_what_products_write(body: bytes) -> None:
    assert _bodies(body) == [b"one", b"two"]


def test_a_boundary_that_begins_with_another_is_another() -> None:
    body = b"--b\r\n\r\n--bc\r\n--b-c\r\nx--b\r\n--bc--\r\n--b--\r\n"
    assert _bodies(body) == [b"--bc\r\n--b-c\r\nx--b\r\n--bc--"]


def test_a_multipart_inside_a_part_is_left_to_itself() -> None:
    inner = b"--bb\r\n\r\ndeep\r\n--bb--"
    body = b"--b\r\nContent-Type: multipart/mixed; boundary=bb\r\n\r\n" + inner + b"\r\n--b--"
    (part,) = read_multipart(_multipart(body), LIMIT)
    (deep,) = read_multipart(part, LIMIT)
    assert bytes(deep.body) == b"deep"


def test_an_inner_part_cannot_see_delimiters_after_its_end() -> None:
    body = b"--b\r\nContent-Type: multipart/mixed; boundary=bb\r\n\r\n--bb\r\n\r\n--b--\r\n--bb--"
    (part,) = read_multipart(_multipart(body), LIMIT)
    with pytest.raises(RemoteProtocolError, match="its closing delimiter is missing"):
        read_multipart(part, LIMIT)


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (b"--b\r\n\r\none\r\n", "multipart/mixed is cut short: its closing delimiter is missing"),
        (b"", "multipart/mixed is cut short: its closing delimiter is missing"),
        (b"--b\r\nno header\r\n\r\n\r\n--b--", "MIME header 'no header' is not 'Name: value'"),
        (b"--b\r\nA: b\r\n--b--", "MIME part has no empty line within its first 1000 bytes"),
        (b"--b-" * 20_000, "boundary stands 10001 times where no part ends"),
        (b"--b\r\n\r\n\r\n" * 30 + b"--b--", "multipart/mixed has more than 20 parts"),
    ],
)
def test_refuses_a_multipart_that_is_broken(body: bytes, problem: str) -> None:
    with pytest.raises(RemoteProtocolError, match=re.escape(problem)):
        _bodies(body)


def test_refuses_a_multipart_without_a_boundary() -> None:
    with pytest.raises(RemoteProtocolError, match=r"^multipart/mixed has no boundary$"):
        _bodies(b"--\r\n\r\n----", "")


def test_a_part_without_headers_begins_with_an_empty_line_and_is_plain_text() -> None:
    part = read_part(b"\r\nA: b\r\n\r\n", 0, 10, LIMIT)
    assert (part.headers, bytes(part.body)) == (Headers(), b"A: b\r\n\r\n")
    assert part.content_type.media == "text/plain"


def test_reads_folded_headers() -> None:
    text = b"Content-Type: multipart/report;\r\n\treport-type=x;\r\n boundary=y\r\n\r\n"
    part = read_part(text, 0, len(text), LIMIT)
    assert dict(part.content_type.parameters) == {"report-type": "x", "boundary": "y"}


def test_refuses_headers_without_end() -> None:
    text = b"A: b\r\n" * 1_000 + b"\r\n"
    with pytest.raises(RemoteProtocolError, match=r"^MIME part has no empty line within its first"):
        read_part(text, 0, len(text), LIMIT)
    with pytest.raises(RemoteProtocolError, match=r"^MIME part has 1000 headers, at most 200 are"):
        read_part(text, 0, len(text), 100_000)


def test_folds_long_headers_only_where_the_partner_wants_that() -> None:
    field = ("Content-Type", "multipart/signed; protocol=" + "x" * 60 + "; micalg=sha256")
    assert b"\r\n\t" not in write_headers([field])
    folded = write_headers([field, ("A", "b; c")], fold=True)
    assert folded.count(b";\r\n\t") == 2
    part = read_part(folded, 0, len(folded), LIMIT)
    assert part.headers.fields == (field, ("A", "b; c"))


def _decoded(body: bytes, encoding: str) -> bytes:
    part = Part(Headers.of([("Content-Transfer-Encoding", encoding)]), body, 0, 0, len(body))
    source, start, end = decoded(part)
    return bytes(source[start:end])


@pytest.mark.parametrize("encoding", ["binary", "8bit", "base64", "quoted-printable"])
@pytest.mark.parametrize(
    "payload", [b"", b"a", b"=\r\n.\r\n\t \n\r\xff\0" * 50, bytes(range(256)) * 9_000]
)
def test_every_transfer_encoding_gives_the_bytes_back(payload: bytes, encoding: str) -> None:
    assert _decoded(b"".join(encode(payload, encoding)), encoding.upper()) == payload


def test_reads_base64_with_line_ends_anywhere_and_nothing_else() -> None:
    assert _decoded(b"aGV\nsb\r\n G8=\r\n\r\n", "base64") == b"hello"
    for broken in (
        b"aGVsbG8",
        b"aGVs*G8=",
        b"aGVsbG8=aGVs",
        b"=",
        b"aGVsbG8=" + b" " * (1 << 20) + b"aGVs",
    ):
        with pytest.raises(RemoteProtocolError, match=r"^text/plain is not base64: "):
            _decoded(broken, "base64")


def test_the_boundary_stands_nowhere_in_the_content_and_is_the_same_again() -> None:
    first = choose_boundary("<1@a>", [b"payload"])
    assert choose_boundary("<1@a>", [b"payload"]) == first
    other = choose_boundary("<1@a>", [b"payload", first.removeprefix("=_").encode()])
    assert other != first
    body = b"".join(write_multipart([[b"\r\n", b"one"]], other))
    assert _bodies(body, other) == [b"one"]
