"""Which server it is: host keys as they are pinned, and as they are seen."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from collections.abc import Iterable, Sequence

import paramiko

_KEY_TYPES = (
    "ssh-ed25519",
    "ecdsa-sha2-nistp256",
    "ecdsa-sha2-nistp384",
    "ecdsa-sha2-nistp521",
    "rsa-sha2-512",
    "rsa-sha2-256",
)
"""How a server may prove that it has its key."""


def fingerprint(key: paramiko.PKey) -> str:
    """Return the fingerprint as `ssh-keygen -l` shows it."""
    digest = hashlib.sha256(key.asbytes()).digest()
    return "SHA256:" + b64encode(digest).decode("ascii").rstrip("=")


def written(key: paramiko.PKey) -> str:
    """Return a public key as it is pinned, and as it stands in `known_hosts`."""
    return f"{key.get_name()} {key.get_base64()}"


def is_pinned(key: paramiko.PKey, pinned: Iterable[str]) -> bool:
    """Say whether one of the pinned keys is this one."""
    seen = fingerprint(key), written(key)
    return any(" ".join(pin.rstrip("=").split()[:2]) in _forms(seen) for pin in pinned)


def _forms(seen: tuple[str, str]) -> tuple[str, ...]:
    return (*seen, seen[1].rstrip("="))


def offers(pinned: Sequence[str]) -> list[tuple[str, ...]]:
    """Return which kinds of key to ask for, in the order of the attempts.

    A server has several keys and shows the one that is asked for first. A pinned public key says
    which kind to ask for; after a fingerprint each kind is asked for in turn.
    """
    kinds = {pin.split()[0] for pin in pinned if " " in pin}
    wanted = tuple(kind for kind in _KEY_TYPES if kind in kinds or _is_rsa(kind, kinds))
    rest = tuple(kind for kind in _KEY_TYPES if kind not in wanted)
    if len(kinds) and not any(pin.startswith("SHA256:") for pin in pinned):
        return [wanted + rest]
    singles = [(kind,) for kind in rest if kind != "rsa-sha2-256"]
    return [wanted + rest, *singles]


def _is_rsa(kind: str, kinds: set[str]) -> bool:
    return kind.startswith("rsa-") and "ssh-rsa" in kinds
