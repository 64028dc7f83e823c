from __future__ import annotations

import re

import pytest

from gateway.as2.fields import (
    Headers,
    read_as2_name,
    read_fields,
    read_filename,
    read_parameters,
    write_as2_name,
    write_filename,
)
from gateway.errors import RemoteProtocolError


def test_finds_a_header_in_any_case() -> None:
    headers = Headers.of([("as2-FROM", " ACME ")])
    assert headers.one("AS2-From") == "ACME"
    assert headers.one("AS2-To") is None


def test_refuses_a_header_that_is_there_twice_even_with_the_same_value() -> None:
    headers = Headers.of([("AS2-To", "A"), ("as2-to", "A")])
    with pytest.raises(
        RemoteProtocolError, match=r"^header AS2-To is there 2 times, expected once$"
    ):
        headers.one("AS2-To")


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("ACME", "ACME"),
        ('"ACME"', "ACME"),
        ('"Big Retail"', "Big Retail"),
        ("Big Retail", "Big Retail"),
        (r'"a\"b\\c"', r"a\"b\c".replace('\\"', '"')),
        ("x" * 128, "x" * 128),
        ("0123;456=789", "0123;456=789"),
        (r'"\"Big Retail\""', "Big Retail"),
    ],
)
def test_reads_a_name_plain_or_quoted(text: str, name: str) -> None:
    assert read_as2_name(text, "AS2-From") == name


@pytest.mark.parametrize(
    "text", ["", '""', "x" * 129, 'a"b', '"a"b"', '"a', r"a\b", r'"a\b"', "a\tb", "a\0", "käse"]
)
def test_refuses_a_name_that_is_none_or_could_be_two(text: str) -> None:
    with pytest.raises(RemoteProtocolError, match=r"^AS2-From "):
        read_as2_name(text, "AS2-From")


@pytest.mark.parametrize("name", ["ACME", "Big Retail", 'a"b', "a\\b"])
def test_a_name_reads_back_as_it_was_written(name: str) -> None:
    assert read_as2_name(write_as2_name(name), "AS2-To") == name


@pytest.mark.parametrize(
    ("text", "media", "parameters"),
    [
        ("text/plain", "text/plain", {}),
        ("Text/Plain; Charset=utf-8", "text/plain", {"charset": "utf-8"}),
        ('a/b;boundary="x;y=\\"z"', "a/b", {"boundary": 'x;y="z'}),
        ("a/b;", "a/b", {}),
        ("a/b; ;c=d ;", "a/b", {"c": "d"}),
        ("a/b; name=my file.edi; x=y", "a/b", {"name": "my file.edi", "x": "y"}),
        ("a/b; c = d", "a/b", {"c": "d"}),
        ("a/b; boundary=----=_Part_9_704682651.1441050803367", "a/b",
         {"boundary": "----=_Part_9_704682651.1441050803367"}),
    ],
)  # fmt: skip
def test_reads_a_media_type_and_its_parameters(
    text: str, media: str, parameters: dict[str, str]
) -> None:
    found = read_parameters(text, "Content-Type")
    assert (found.media, dict(found.parameters)) == (media, parameters)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a/b; boundary=x; boundary=y", "header Content-Type has parameter boundary twice"),
        ('a/b; c="d" e', "header Content-Type cannot be read at 'e'"),
        ('a/b; c="d', "header Content-Type cannot be read at '\"d'"),
    ],
)
def test_refuses_parameters_that_can_be_read_in_two_ways(text: str, problem: str) -> None:
    with pytest.raises(RemoteProtocolError, match=re.escape(problem)):
        read_parameters(text, "Content-Type")


def test_refuses_a_line_that_is_no_header() -> None:
    with pytest.raises(
        RemoteProtocolError, match=r"^MIME header 'no header' is not 'Name: value'$"
    ):
        read_fields(["Content-Type: text/plain", "no header"])


def test_reads_a_header_with_a_space_before_its_colon() -> None:
    assert read_fields(["Content-Type : a/b"]).one("content-type") == "a/b"


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("po.edi", 'filename="po.edi"'),
        ('a"b.edi', 'filename="a\\"b.edi"'),
        ("käse.edi", "filename=\"k?se.edi\"; filename*=UTF-8''k%C3%A4se.edi"),
    ],
)
def test_a_file_name_reads_back_as_it_was_written(name: str, written: str) -> None:
    assert write_filename(name) == written
    value = read_parameters(f"attachment; {written}", "Content-Disposition")
    assert read_filename(value, "filename") == name


def test_a_file_name_is_quoted_where_it_must_be_although_the_partner_wants_none() -> None:
    assert write_filename("po.edi", quoted=False) == "filename=po.edi"
    assert write_filename("my po.edi", quoted=False) == 'filename="my po.edi"'
