"""Objects of a bucket, on a real service of the same interface."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import boto3
import pytest
from moto.server import ThreadedMotoServer

from gateway.errors import Permanent, Transient
from gateway.partners.connections.s3 import S3Connection
from gateway.secrets import Vault
from gateway.transports.s3.files import Account, S3Files

BUCKET = "harbor-quayside"


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    server = ThreadedMotoServer(port=0, verbose=False)
    server.start()
    _, port = server.get_host_and_port()
    yield f"http://127.0.0.1:{port}"
    server.stop()


def account(endpoint: str, **settings: object) -> Account:
    named: dict[str, object] = {
        "type": "s3",
        "bucket": BUCKET,
        "endpoint": endpoint,
        "access_key": "AKIAHARBOR",
        "secret_key": "${env:SECRET}",
        "timeout": "5s",
        **settings,
    }
    return Account.of(S3Connection.model_validate(named), Vault(Path(), {"SECRET": "anchor"}))


def ambient(endpoint: str) -> Account:
    settings = {"type": "s3", "bucket": BUCKET, "endpoint": endpoint, "credentials": "ambient"}
    return Account.of(S3Connection.model_validate(settings), Vault(Path(), {}))


@pytest.fixture
def files(endpoint: str) -> Iterator[S3Files]:
    service = boto3.client(
        "s3", endpoint_url=endpoint, region_name="us-east-1",
        aws_access_key_id="a", aws_secret_access_key="b",
    )  # fmt: skip
    service.create_bucket(Bucket=BUCKET)
    opened = S3Files(account(endpoint))
    with closing(opened):
        yield opened
    for page in service.get_paginator("list_objects_v2").paginate(Bucket=BUCKET):
        for one in page.get("Contents", ()):
            service.delete_object(Bucket=BUCKET, Key=one["Key"])
    service.delete_bucket(Bucket=BUCKET)
    service.close()


def test_an_object_is_written_looked_at_listed_read_moved_and_removed(files: S3Files) -> None:
    files.make_folder("out")
    assert files.entries("out") == []
    files.write("/out/a.edi", b"ISA*00*")
    [listed] = files.entries("/out/")
    assert listed == files.look("out/a.edi")
    assert (listed.name, listed.signature.size) == ("a.edi", 7)
    assert files.read("out/a.edi", 3, 100) == b"*00*"
    assert files.read("out/a.edi", 7, 1) == b""
    assert files.read("out/a.edi", 0, 0) == b""
    files.move("out/a.edi", "done/a.edi")
    assert files.entries("out") == []
    assert files.entries(".") == [], "folders are no files"
    files.remove("done/a.edi")
    assert files.look("done/a.edi") is None


def test_other_content_of_the_same_length_in_the_same_second_is_seen(files: S3Files) -> None:
    files.write("a.edi", b"ISA*1")
    first = files.look("a.edi")
    files.write("a.edi", b"ISA*2")
    assert files.look("a.edi") != first


def test_credentials_of_the_machine_are_used_where_that_is_chosen(
    files: S3Files, endpoint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    files.write("a.edi", b"ISA*")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAMACHINE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "of-the-machine")
    with closing(S3Files(ambient(endpoint))) as opened:
        assert [one.name for one in opened.entries("")] == ["a.edi"]
        credentials = opened._made._request_signer._credentials
    assert credentials.access_key == "AKIAMACHINE"


def test_credentials_that_are_written_go_before_those_of_the_machine(
    files: S3Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAMACHINE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "of-the-machine")
    files.entries("")
    assert files._made._request_signer._credentials.access_key == "AKIAHARBOR"


def test_a_machine_without_credentials_says_so(
    endpoint: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    opened = S3Files(ambient(endpoint))
    with closing(opened), pytest.raises(Permanent) as why:
        opened.entries("")
    assert str(why.value) == (
        f"{endpoint}/{BUCKET}: this machine has no credentials: neither environment, profile nor "
        "role gives any"
    )


def test_a_name_that_is_taken_is_not_replaced(files: S3Files) -> None:
    for name in ("a", "b"):
        files.write(name, name.encode())
    with pytest.raises(FileExistsError, match="b is there already"):
        files.move("a", "b")
    assert files.read("b", 0, 9) == b"b"


def test_what_is_gone_is_said(files: S3Files) -> None:
    for gone in (
        lambda: files.read("a", 0, 1),
        lambda: files.remove("a"),
        lambda: files.move("a", "b"),
    ):
        with pytest.raises(FileNotFoundError):
            gone()


def test_more_objects_than_one_answer_holds_are_listed(
    files: S3Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MOTO_S3_DEFAULT_MAX_KEYS", "10")
    for number in range(25):
        files.write(f"many/{number}.edi", b"")
    assert len(files.entries("many")) == 25


def test_a_bucket_that_is_not_there_waits_for_a_person(endpoint: str, files: S3Files) -> None:
    other = S3Files(account(endpoint, bucket="nobodys"))
    with closing(other), pytest.raises(Permanent) as refused:
        other.entries(".")
    assert str(refused.value) == (
        f"{endpoint}/nobodys: NoSuchBucket: .: The specified bucket does not exist"
    )


def test_a_service_that_is_not_there_is_tried_again() -> None:
    files = S3Files(account("http://127.0.0.1:1"))
    with closing(files), pytest.raises(Transient, match="Could not connect to the endpoint URL"):
        files.entries(".")
