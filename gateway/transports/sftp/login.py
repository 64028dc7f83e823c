"""Logging in: by key, by password, or by both where the server wants both.

Not with paramiko's newer `ServiceRequestingTransport`: it begins to wait for an answer after it has
asked, and one that comes at once is waited for in vain.
"""

from __future__ import annotations

import logging
from base64 import b64decode
from collections.abc import Sequence
from contextlib import suppress
from io import StringIO

import paramiko
from paramiko.ssh_exception import (
    AuthenticationException,
    PasswordRequiredException,
    SSHException,
)

from gateway.errors import Permanent, Transient

_KEY_KINDS = {
    b"ssh-ed25519": paramiko.Ed25519Key,
    b"ecdsa-sha2-": paramiko.ECDSAKey,
    b"ssh-rsa": paramiko.RSAKey,
}

# paramiko writes tracebacks for what every caller of ours gets as an exception.
LOG = "gateway.transports.sftp.paramiko"
logging.getLogger(LOG).setLevel(logging.CRITICAL)


class KeyRefused(Permanent):
    """The server does not take our key."""


def log_in(
    transport: paramiko.Transport,
    user: str,
    address: str,
    *,
    key: paramiko.PKey | None,
    password: str | None,
) -> None:
    """Log in; raise Permanent where the server refuses, Transient where it does not answer.

    The password follows the key only where the server asks for both. Where it refuses the key, it
    is to be tried on a new connection: some servers end one at a second attempt.
    """
    further: list[str] = []
    try:
        if key is not None:
            further = list(transport.auth_publickey(user, key))
        if password is not None and not transport.is_authenticated():
            further = list(transport.auth_password(user, password))
    except AuthenticationException as fault:
        # paramiko calls a connection that ended a failed login too.
        if not transport.is_active() or "timeout" in str(fault).lower():
            reason = f"{address}: the login failed: it was not answered"
            raise Transient(reason) from fault
        # Its own words may repeat what was sent.
        reason = f"{address} refuses the login of {user}: check user, key and password"
        raise KeyRefused(reason) if key is not None else Permanent(reason) from fault
    if not transport.is_authenticated():
        wanted = ", ".join(further)
        raise Permanent(f"{address}: the login is not complete; it also asks for {wanted}")


def private_key(text: str, passphrase: str | None, address: str) -> paramiko.PKey:
    """Read a private key of any kind; say what is wrong with it and nothing of what is in it."""
    for kind in _kinds(text):
        try:
            return kind.from_private_key(StringIO(text + "\n"), passphrase)
        except PasswordRequiredException:
            raise Permanent(f"{address}: our private key needs a 'passphrase'") from None
        except (SSHException, ValueError, TypeError, IndexError):
            continue
    wrong = " with this passphrase" if passphrase else ""
    raise Permanent(f"{address}: our private key cannot be read{wrong}")


def _kinds(text: str) -> Sequence[type[paramiko.PKey]]:
    """Return the kinds of key that a text may hold.

    The newer form says it in clear text; trying all of them would make an encrypted one take long.
    """
    body = "".join(line for line in text.split() if not line.startswith("-"))
    with suppress(ValueError):
        clear = b64decode(body)
        told = [kind for name, kind in _KEY_KINDS.items() if name in clear]
        if told and clear.startswith(b"openssh-key-v1"):
            return told
    return list(_KEY_KINDS.values())
