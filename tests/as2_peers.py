"""Two fictional AS2 parties with keys made on the spot, and the openssl program as a third."""

from __future__ import annotations

import functools
import shutil
import subprocess
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from gateway.as2 import (
    Certificate,
    Certificates,
    Headers,
    Keys,
    Message,
    Profile,
    SigningKey,
)

NOW = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)
OURS, THEIRS = "ACME", "Big Retail"
MESSAGE_ID = "<20260501120000.1@acme.example>"
PAYLOAD = b"ISA*00*          *00*          *ZZ*ACME~\nGS*PO~\r\nBEG*00*SA*4711~\r~\xe9"


@functools.cache
def private_key(name: str) -> rsa.RSAPrivateKey:
    """Make a key once in a session: it is what takes time here."""
    return rsa.generate_private_key(65537, 2048)


@functools.cache
def signing_key(
    name: str,
    start: datetime = datetime(2020, 1, 1, tzinfo=UTC),
    end: datetime = datetime(2045, 1, 1, tzinfo=UTC),
    *,
    key: str = "",
    use_from: datetime | None = None,
) -> SigningKey:
    """Make a key pair with a self-signed certificate."""
    private = private_key(key or name)
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(end)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(private.public_key()), False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(private, hashes.SHA256())
    )
    return SigningKey(private, Certificate(certificate, use_from))


@functools.cache
def without_key_identifier(name: str) -> SigningKey:
    """Give the same key in a certificate that has no key identifier."""
    key = signing_key(name)
    old = key.certificate.x509
    made = (
        x509.CertificateBuilder()
        .subject_name(old.subject)
        .issuer_name(old.issuer)
        .public_key(key.private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(old.not_valid_before_utc)
        .not_valid_after(old.not_valid_after_utc)
        .sign(key.private, hashes.SHA256())
    )
    return SigningKey(key.private, Certificate(made))


def pinned(*keys: SigningKey) -> Certificates:
    """Pin the certificates of these keys."""
    return Certificates(tuple(key.certificate for key in keys))


def our_keys() -> Keys:
    """What ACME holds."""
    return Keys((signing_key("acme"),), pinned(signing_key("retail")))


def their_keys() -> Keys:
    """What the retailer holds."""
    return Keys((signing_key("retail"),), pinned(signing_key("acme")))


OUR_SIDE = Profile(OURS, THEIRS)
"""ACME's view of the retailer."""
THEIR_SIDE = Profile(THEIRS, OURS, require_signed=False)
"""The retailer's view of ACME."""


def with_header(message: Message, name: str, value: str | None) -> Message:
    """Replace a header, or take it out."""
    kept = [field for field in message.headers.fields if field[0].lower() != name.lower()]
    added = [] if value is None else [(name, value)]
    return replace(message, headers=Headers.of([*kept, *added]))


def from_mime(text: bytes, *, sender: str = OURS, receiver: str = THEIRS) -> Message:
    """Make the HTTP message that carries what another program wrote as MIME."""
    head, _, body = text.replace(b"\r\n", b"\n", 0).partition(b"\n\n")
    if b"\r\n\r\n" in text and text.index(b"\r\n\r\n") < len(head):
        head, _, body = text.partition(b"\r\n\r\n")
    lines = head.replace(b"\r\n", b"\n").replace(b"\n ", b" ").replace(b"\n\t", b" ")
    fields = [line.partition(": ")[::2] for line in lines.decode().split("\n") if ": " in line]
    names = [("AS2-From", sender), ("AS2-To", receiver), ("Message-ID", MESSAGE_ID)]
    return Message(Headers.of([*names, *fields]), body)


def to_mime(message: Message) -> bytes:
    """Write an HTTP message as the MIME that other programs read."""
    kept = ("mime-version", "content-type", "content-transfer-encoding", "content-disposition")
    lines = [
        f"{name}: {value}\r\n" for name, value in message.headers.fields if name.lower() in kept
    ]
    return "".join(lines).encode() + b"\r\n" + message.body


class OpenSsl:
    """The openssl program, with the files it wants."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name in ("acme", "retail"):
            key = signing_key(name)
            pem = key.certificate.x509.public_bytes(Encoding.PEM)
            (folder / f"{name}.pem").write_bytes(pem)
            text = key.private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
            (folder / f"{name}.key").write_bytes(text)

    def cms(self, *options: str, given: bytes = b"") -> bytes:
        """Run `openssl cms` in the folder of the keys."""
        (self.folder / "given").write_bytes(given)
        done = subprocess.run(
            ["openssl", "cms", *options, "-in", "given", "-out", "made"],
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return (self.folder / "made").read_bytes()

    def features(self) -> str:
        """Say how the program was built: its flags name zlib where it has that."""
        return subprocess.run(
            ["openssl", "version", "-f"], capture_output=True, text=True, check=True
        ).stdout.lower()


def openssl(folder: Path) -> OpenSsl:
    """Give the program, or skip the test where it is not installed."""
    if shutil.which("openssl") is None:
        pytest.skip("the openssl program is not installed")
    return OpenSsl(folder)
