from __future__ import annotations

import pytest
from asn1crypto import core

from gateway.as2.ber import OCTET_STRING, SEQUENCE, Element, NotBer, expect, framed, read_ber


def _octets(element: Element) -> bytes:
    return b"".join(element.octets())


@pytest.mark.parametrize("size", [0, 1, 127, 128, 255, 256, 65_535, 65_536, 1 << 24])
def test_writes_lengths_as_asn1crypto_does(size: int) -> None:
    value = b"x" * size
    written = b"".join(framed(OCTET_STRING, [value]))
    assert written == core.OctetString(value).dump()
    assert _octets(read_ber(written)) == value


def test_reads_content_cut_into_pieces_at_any_depth() -> None:
    pieces = b"\x24\x80\x04\x02ab\x24\x80\x04\x01c\x00\x00\x24\x03\x04\x01d\x00\x00"
    element = read_ber(b"\x30\x80" + pieces + b"\x02\x01\x05\x00\x00")
    content, number = element.children()
    assert _octets(content) == b"abcd"
    assert content.size() == 4
    assert number.raw() == b"\x02\x01\x05"
    assert content.raw() == pieces


def test_reads_an_element_inside_other_bytes() -> None:
    element = read_ber(b"head\x04\x02abtail", 4, 8)
    assert _octets(element) == b"ab"


def test_passes_over_line_ends_after_the_element() -> None:
    assert _octets(read_ber(b"\x04\x01a\r\n")) == b"a"


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"", "element cut short at byte 0"),
        (b"\x30", "element cut short at byte 0"),
        (b"\x04\x05ab", "element at byte 0 is longer than what holds it"),
        (b"\x04\x89" + b"\xff" * 9, "length of the element at byte 0 cannot be read"),
        (b"\x04\x82\x01", "length of the element at byte 0 cannot be read"),
        (b"\x1f\x01\x01a", "unexpected tag 0x1f at byte 0"),
        (b"\x00\x00", "unexpected tag 0x00 at byte 0"),
        (b"\x04\x80a\x00\x00", "indefinite length at byte 0: not constructed, or nested too deep"),
        (b"\x30\x80\x04\x01a", "element cut short at byte 5"),
        (b"\x30\x80" * 40, "indefinite length at byte 34: not constructed, or nested too deep"),
        (b"\x04\x01ab", "bytes after the element that ends at byte 3"),
    ],
)
def test_refuses_what_is_not_ber(data: bytes, problem: str) -> None:
    with pytest.raises(NotBer, match=f"^{problem}$"):
        read_ber(data)


def test_refuses_another_element_than_was_expected() -> None:
    with pytest.raises(NotBer, match=r"^version at byte 0 has tag 0x04, not 0x30$"):
        expect(read_ber(b"\x04\x00"), SEQUENCE, "version")


def test_refuses_an_octet_string_with_something_else_inside() -> None:
    with pytest.raises(NotBer, match=r"^octet string at byte 0 has 0x02 inside$"):
        _octets(read_ber(b"\x24\x03\x02\x01a"))
    with pytest.raises(NotBer, match=r"^element 0x04 at byte 0 has no elements inside$"):
        read_ber(b"\x04\x00").children()


def test_millions_of_elements_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.as2.ber._MOST_ELEMENTS", 1_000)
    for data in (
        b"\x24\x80" + b"\x04\x00" * 1_001 + b"\0\0",
        b"\x24\x82\x07\xd2" + b"\x04\x00" * 1_001,
    ):
        with pytest.raises(NotBer, match=r"^more than 1000 elements$"):
            _octets(read_ber(data))


def test_octet_strings_nested_without_end_are_refused() -> None:
    data = b""
    for _ in range(5_000):
        data = b"".join(framed(0x24, [data]))
    with pytest.raises(NotBer, match="nested too deep"):
        _octets(read_ber(data))
