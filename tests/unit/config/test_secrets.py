"""Secrets are named in configuration, read when needed, and never told."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from gateway.config import HttpDestination, SecretMissing, Template, Vault

TOKEN = "t0ken-nobody-may-see"


def _destination(**settings: object) -> HttpDestination:
    sound = {"type": "http", "url": "https://erp.harbor.example/in", "production": "true"}
    return HttpDestination.model_validate(sound | settings)


def test_a_reference_is_replaced_within_its_text(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("from-file\r\n")
    vault = Vault(tmp_path, {"TOKEN": TOKEN})
    template = Template.parse("a ${env:TOKEN} b ${file:key} c")
    assert vault.reveal(template) == f"a {TOKEN} b from-file c"


def test_what_a_secret_holds_is_not_read_as_a_reference(tmp_path: Path) -> None:
    vault = Vault(tmp_path, {"TOKEN": "${env:HOME}", "HOME": "x"})
    assert vault.reveal(Template("${env:TOKEN}")) == "${env:HOME}"


@pytest.mark.parametrize(
    ("reference", "message"),
    [
        ("${env:ABSENT}", "environment variable ABSENT is not set"),
        ("${env:EMPTY}", "environment variable EMPTY is not set"),
        ("${file:absent}", "secret file absent cannot be read: No such file or directory"),
        ("${file:empty}", "secret file empty is empty"),
        ("${file:binary}", "secret file binary cannot be read: it is not text"),
        ("${file:endless}", "secret file endless cannot be read: it is no regular file"),
        ("${file:pipe}", "secret file pipe cannot be read: it is no regular file"),
        ("${file:large}", "secret file large cannot be read: it is larger than 65536 bytes"),
        ("${file:a\0b}", "secret file a\0b cannot be read: its name holds what no name may"),
    ],
)
def test_a_secret_that_is_not_there_is_named(tmp_path: Path, reference: str, message: str) -> None:
    (tmp_path / "empty").write_text("\n")
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00")
    (tmp_path / "endless").symlink_to("/dev/zero")
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "large").write_text("x" * 65_537)
    vault = Vault(tmp_path, {"EMPTY": ""})
    assert vault.missing(Template(reference)) == [message]
    with pytest.raises(SecretMissing) as refused:
        vault.reveal(Template(reference))
    assert str(refused.value) == message


def test_representations_show_references_and_no_values(tmp_path: Path) -> None:
    vault = Vault(tmp_path, {"TOKEN": TOKEN})
    destination = _destination(auth={"type": "bearer", "token": "${env:TOKEN}"})
    assert TOKEN not in repr(vault)
    assert TOKEN not in repr(destination)
    assert TOKEN not in destination.model_dump_json()
    assert "${env:TOKEN}" in destination.model_dump_json()


@pytest.mark.parametrize(
    ("auth", "headers"),
    [
        ({"type": "bearer", "token": "${env:TOKEN}"}, {"Authorization": f"Bearer {TOKEN}"}),
        (
            {"type": "basic", "username": "me", "password": "${env:SHORT}"},
            {"Authorization": "Basic bWU6cHc="},
        ),
        ({"type": "header", "name": "X-Key", "value": "k ${env:SHORT}"}, {"X-Key": "k pw"}),
        (None, {}),
    ],
)
def test_each_kind_of_authentication_becomes_its_header(
    tmp_path: Path, auth: object, headers: dict[str, str]
) -> None:
    vault = Vault(tmp_path, {"TOKEN": TOKEN, "SHORT": "pw"})
    destination = _destination(auth=auth, headers={"X-Team": "edi"})
    assert destination.revealed_headers(vault) == {"X-Team": "edi"} | headers


@pytest.mark.parametrize(
    "url",
    [
        "https://erp.harbor.example/in?api_key=${env:TOKEN}&partner=x",
        "https://erp.harbor.example/in?author=x&monkey=y&design=z",
        "${env:URL}?token=${file:token}",
    ],
)
def test_an_address_takes_a_secret_by_reference_and_what_is_none(url: str) -> None:
    assert _destination(url=url).url.text == url
