"""Keys and certificates of AS2, read from the files that the settings name.

Imported where AS2 is configured only: cryptography takes long to import.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from pathlib import Path

from gateway.as2.certificates import (
    Certificate,
    Certificates,
    SigningKey,
    read_certificates,
    read_signing_key,
)
from gateway.config.as2 import As2Key
from gateway.errors import LocalProtocolError
from gateway.partners.connections.as2 import As2Certificate
from gateway.secrets import Vault
from gateway.small_files import read_small

_LARGEST = 256 * 1024


def read_pinned(home: Path, pinned: As2Certificate) -> tuple[Certificate, ...]:
    """Read a partner's certificates from a file; raise LocalProtocolError where that fails."""
    return read_certificates(_read(home, pinned.file), _moment(pinned.use_from))


def read_all_pinned(home: Path, pinned: Sequence[As2Certificate]) -> Certificates:
    """Read every certificate that is pinned for a partner."""
    return Certificates(tuple(each for one in pinned for each in read_pinned(home, one)))


def read_own_certificate(home: Path, pair: As2Key) -> Certificate:
    """Read the certificate of one of our keys; the first of the file, where it has a chain."""
    return read_certificates(_read(home, pair.certificate), _moment(pair.use_from))[0]


def read_key_pair(vault: Vault, pair: As2Key) -> SigningKey:
    """Read one of our key pairs; raise LocalProtocolError or SecretMissing where that fails."""
    certificate = read_own_certificate(vault.home, pair)
    passphrase = vault.reveal(pair.passphrase).encode() if pair.passphrase else None
    return read_signing_key(vault.reveal(pair.key).encode(), certificate, passphrase)


def _read(home: Path, file: str) -> bytes:
    try:
        return read_small(home / file, _LARGEST)
    except OSError as fault:
        reason = fault.strerror or str(fault)
        raise LocalProtocolError(f"{file} cannot be read: {reason}") from fault


def _moment(day: date | None) -> datetime | None:
    return None if day is None else datetime.combine(day, time(), UTC)
