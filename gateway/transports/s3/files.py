"""The objects of one bucket, as folders that are polled and written to want them.

An object appears whole, under its key, with the end of its upload: it is read where it lies. A
bucket has no renaming: to put an object away it is copied and then removed, so that a crash between
the two leaves two, of which the first is known to have been taken.
"""

from __future__ import annotations

import base64
import hashlib
import zlib
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import boto3
from botocore.client import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectTimeoutError,
    NoCredentialsError,
    ReadTimeoutError,
)

from gateway.errors import Permanent, Transient, spoken
from gateway.partners.connections.s3 import S3Connection
from gateway.secrets import Vault
from gateway.transports.arrival import Signature
from gateway.transports.polled.far_side import FarFile, one_by_one

_GONE = ("404", "NoSuchKey", "NotFound")
_PERSON_MUST_ACT = (
    "NoSuchBucket",
    "InvalidAccessKeyId",
    "SignatureDoesNotMatch",
    "InvalidBucketName",
    "PermanentRedirect",
)
_NOT_ALLOWED = ("403", "AccessDenied", "AllAccessDisabled")
_CHANGED = ("412", "PreconditionFailed", "ConditionalRequestConflict")
_SERVER_FAULT = 500


@dataclass(frozen=True, slots=True)
class Account:
    """Which bucket, and how to log in, with secrets in it."""

    settings: S3Connection
    access_key: str | None
    """None where the machine that we run on knows who we are."""
    secret_key: str | None = field(repr=False)

    @classmethod
    def of(cls, settings: S3Connection, vault: Vault) -> Account:
        """Look up the secrets that the settings refer to."""
        access_key, secret_key = (
            vault.reveal(template) if template is not None else None
            for template in (settings.access_key, settings.secret_key)
        )
        return cls(settings, access_key, secret_key)


class S3Files:
    """One bucket. Any thread may call; nothing is kept open that would have to be made anew."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._bucket = account.settings.bucket
        self._made: Any = None
        self._removing_denied = False

    @property
    def shown(self) -> str:
        """Name the bucket for people."""
        return self._account.settings.address

    @property
    def renames(self) -> bool:
        """Say that there is no renaming."""
        return False

    def connect(self) -> None:
        """Make ready to call; the service itself is reached by the first call."""
        if self._made is not None:
            return
        settings = self._account.settings
        timeout = settings.timeout.total_seconds()
        self._made = boto3.session.Session().client(
            "s3",
            region_name=settings.region,
            endpoint_url=settings.endpoint,
            # Left out, the library looks for those of the machine, and renews them.
            aws_access_key_id=self._account.access_key,
            aws_secret_access_key=self._account.secret_key,
            # Trying again is the lane's business, which counts, tells and waits.
            config=Config(
                connect_timeout=timeout,
                read_timeout=timeout,
                retries={"total_max_attempts": 1},
                # Services other than Amazon's do not all know its newer checksums.
                request_checksum_calculation="when_required",
                response_checksum_validation="when_required",
            ),
        )

    def close(self) -> None:
        """Let go of the pool of connections."""
        made, self._made = self._made, None
        if made is not None:
            made.close()

    def entries(self, folder: str) -> list[FarFile]:
        """Return what lies in a folder: the objects whose keys go on without another `/`."""
        prefix = _key(folder)
        prefix = f"{prefix}/" if prefix else ""
        found: list[FarFile] = []
        with self._calls(folder) as s3:
            pages = s3.get_paginator("list_objects_v2").paginate(
                Bucket=self._bucket, Prefix=prefix, Delimiter="/"
            )
            for page in pages:
                for one in page.get("Contents", ()):
                    name = one["Key"].removeprefix(prefix)
                    if name:  # some tools make an object for the folder itself
                        found.append(FarFile(name, _signature(one, one["Size"])))
        return found

    def look(self, path: str) -> FarFile | None:
        """Return what lies under a name, or None."""
        try:
            with self._calls(path) as s3:
                head = s3.head_object(**self._named(path))
        except FileNotFoundError:
            return None
        return FarFile(path.rpartition("/")[2], _signature(head, head["ContentLength"]))

    def looks(self, paths: Sequence[str]) -> list[FarFile | None]:
        """Return what lies under each of some names."""
        return [self.look(path) for path in paths]

    def read(self, path: str, start: int, length: int) -> bytes:
        """Return so many bytes from there on, fewer where the object ends."""
        if length == 0:
            return b""
        with self._calls(path) as s3:
            try:
                answer = s3.get_object(
                    Bucket=self._bucket,
                    Key=_key(path),
                    Range=f"bytes={start}-{start + length - 1}",
                )
            except ClientError as refusal:
                if _code(refusal) == "InvalidRange":
                    return b""
                raise
            # Its own `with` gives out what lies below it, and the faults of that.
            with closing(answer["Body"]) as body:
                return bytes(body.read())

    def write(self, path: str, content: bytes) -> None:
        """Write an object whole; the service compares what has arrived with its checksum."""
        with self._calls(path) as s3:
            s3.put_object(**self._named(path), **_checked(content))

    def add(self, path: str, content: bytes, *, temporary: str) -> None:
        """Write an object under a key that nobody has; it appears whole."""
        del temporary
        with self._calls(path) as s3:
            try:
                s3.put_object(**self._named(path), **_checked(content), IfNoneMatch="*")
            except ClientError as refusal:
                if _code(refusal) in _CHANGED:
                    raise FileExistsError(f"{path} is there already") from refusal
                if _code(refusal) != "NotImplemented":
                    raise
                # An older service: whoever calls has looked just before.
                s3.put_object(**self._named(path), **_checked(content))

    def _named(self, path: str) -> dict[str, str]:
        return {"Bucket": self._bucket, "Key": _key(path)}

    def move(self, source: str, target: str) -> None:
        """Copy an object, then remove it. FileExistsError where the target is there.

        Only what was copied is removed: another object that comes under the key meanwhile stays.
        """
        if self._removing_denied:
            raise PermissionError(f"{source}: removing is not allowed")  # a copy would be left
        if self.look(target) is not None:
            raise FileExistsError(f"{target} is there already")
        with self._calls(source) as s3:
            tag = s3.head_object(**self._named(source))["ETag"]
            s3.copy_object(
                Bucket=self._bucket,
                Key=_key(target),
                CopySource={"Bucket": self._bucket, "Key": _key(source)},
                CopySourceIfMatch=tag,
            )
            if s3.head_object(**self._named(source))["ETag"] != tag:
                s3.delete_object(**self._named(target))
                raise OSError(f"{source} was replaced meanwhile")
            self._remove(source)

    def _remove(self, path: str) -> None:
        try:
            with self._calls(path) as s3:
                s3.delete_object(**self._named(path))
        except PermissionError:
            self._removing_denied = True
            raise

    def moves(self, pairs: Sequence[tuple[str, str]]) -> list[OSError | None]:
        """Rename files one after another."""
        return one_by_one(self.move, pairs)

    def remove(self, path: str) -> None:
        """Remove an object."""
        if self.look(path) is None:
            # The service says yes to that too, and callers want to know.
            raise FileNotFoundError(f"{path} is gone")
        self._remove(path)

    def make_folder(self, path: str) -> None:
        """Do nothing: a folder is there as soon as something lies in it."""

    @contextmanager
    def _calls(self, path: str) -> Iterator[Any]:
        """Give the client; say what a refusal means."""
        self.connect()
        made = self._made
        if made is None:
            raise Transient(f"{self.shown}: the connection was closed")
        try:
            yield made
        except ClientError as refusal:
            raise self._meant(path, refusal) from refusal
        except NoCredentialsError as fault:
            raise Permanent(
                f"{self.shown}: this machine has no credentials: neither environment, profile nor "
                "role gives any"
            ) from fault
        except (ConnectTimeoutError, ReadTimeoutError) as fault:
            raise Transient(f"{self.shown}: no answer in time") from fault
        except BotoCoreError as fault:
            raise Transient(f"{self.shown}: {spoken(fault)}") from fault

    def _meant(self, path: str, refusal: ClientError) -> Exception:
        code = _code(refusal)
        status = refusal.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        said = f"{path}: {refusal.response.get('Error', {}).get('Message') or code}"
        if code in _PERSON_MUST_ACT:
            return Permanent(f"{self.shown}: {code}: {said}")
        if code in _GONE:
            return FileNotFoundError(said)
        if code in _NOT_ALLOWED:
            return PermissionError(said)
        if code in _CHANGED:
            return OSError(f"{path} was replaced meanwhile")
        if status >= _SERVER_FAULT or code in ("SlowDown", "RequestTimeout"):
            return Transient(f"{self.shown}: {code}: {said}")
        return OSError(said)


def _key(path: str) -> str:
    """Return the key of a path: keys begin without a `/`."""
    return "/".join(part for part in path.split("/") if part not in ("", "."))


def _checked(content: bytes) -> dict[str, Any]:
    """Return what to put, with the digest that the service compares it with."""
    digest = hashlib.md5(content, usedforsecurity=False).digest()
    return {"Body": content, "ContentMD5": base64.b64encode(digest).decode()}


def _signature(found: dict[str, Any], size: int) -> Signature:
    """Return what a look remembers: the time is in whole seconds, so the content's tag joins it."""
    modified: datetime = found["LastModified"]
    tag = zlib.crc32(str(found.get("ETag", "")).encode()) % 1_000_000_000
    return Signature(size, int(modified.timestamp()) * 1_000_000_000 + tag)


def _code(refusal: ClientError) -> str:
    return str(refusal.response.get("Error", {}).get("Code", ""))
