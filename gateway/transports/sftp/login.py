"""Logging in: by key, by password, or by both where the server wants both."""

from __future__ import annotations

import logging
import threading
from base64 import b64decode
from collections.abc import Sequence
from contextlib import suppress
from io import StringIO
from typing import TYPE_CHECKING

import paramiko
from paramiko.common import cMSG_SERVICE_REQUEST
from paramiko.ssh_exception import (
    AuthenticationException,
    PasswordRequiredException,
    SSHException,
)
from paramiko.transport import ServiceRequestingTransport

from gateway.errors import Permanent, Transient

_KEY_KINDS = {
    b"ssh-ed25519": paramiko.Ed25519Key,
    b"ecdsa-sha2-": paramiko.ECDSAKey,
    b"ssh-rsa": paramiko.RSAKey,
}

_MOMENT = 0.05

# paramiko writes tracebacks for what every caller of ours gets as an exception.
LOG = "gateway.transports.sftp.paramiko"
logging.getLogger(LOG).setLevel(logging.CRITICAL)


class Transport(ServiceRequestingTransport):
    """A connection that asks for the login once, however many ways of logging in are tried.

    Some servers end the connection at a second request. And the wait for the answer ends when the
    connection does, which paramiko's own does not.
    """

    if TYPE_CHECKING:  # paramiko's types leave these out
        _service_userauth_accepted: bool

        def _send_message(self, data: paramiko.Message) -> None: ...

    def ensure_session(self) -> None:
        """Make sure that the server is ready for a login."""
        if not self._is_ready():
            request = paramiko.Message()
            request.add_byte(cMSG_SERVICE_REQUEST)
            request.add_string("ssh-userauth")
            self._send_message(request)
            moment = threading.Event()
            while not self._is_ready():
                if not self.is_active():
                    raise SSHException("the connection ended before the login")
                moment.wait(_MOMENT)
            self.auth_handler = self.get_auth_handler()

    def _is_ready(self) -> bool:
        return self._service_userauth_accepted


def log_in(
    transport: Transport,
    user: str,
    address: str,
    *,
    key: paramiko.PKey | None,
    password: str | None,
) -> None:
    """Log in; raise Permanent where the server refuses, Transient where it does not answer."""
    try:
        _log_in(transport, user, address, key=key, password=password)
    except AuthenticationException as fault:
        # paramiko calls a connection that ended a failed login too.
        if not transport.is_active() or "timeout" in str(fault).lower():
            reason = f"{address}: the login failed: it was not answered"
            raise Transient(reason) from fault
        # Its own words may repeat what was sent.
        reason = f"{address} refuses the login of {user}: check user, key and password"
        raise Permanent(reason) from fault


def _log_in(
    transport: Transport,
    user: str,
    address: str,
    *,
    key: paramiko.PKey | None,
    password: str | None,
) -> None:
    further: list[str] = []
    if key is not None:
        try:
            further = list(transport.auth_publickey(user, key))
        except AuthenticationException:
            if password is None or not transport.is_active():
                raise
    if password is not None and not transport.is_authenticated():
        further = list(transport.auth_password(user, password))
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
