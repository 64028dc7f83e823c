"""What a partner shows when it connects to us and posts payloads."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, model_validator

from gateway.partners.fields import Settings, quoted
from gateway.secrets import Secret, Template

_SHA256_DIGITS = 64


def _fingerprint(value: str) -> str:
    digits = value.replace(":", "").lower()
    if len(digits) != _SHA256_DIGITS or not set(digits) <= set("0123456789abcdef"):
        raise ValueError(
            f"{quoted(value)} does not fit; expected a certificate's SHA-256 in 64 hex digits"
        )
    return digits


Fingerprint = Annotated[str, AfterValidator(_fingerprint)]
"""SHA-256 of a certificate in DER, in hex digits with or without colons."""


class HttpAccess(Settings):
    """How this partner proves who it is when it posts payloads to `/partners/<partner>/payloads`.

    Each entry of each list is good by itself, so that a new one can be added before an old one is
    removed.
    """

    api_keys: tuple[Secret, ...] = ()
    """Keys, by reference, that it shows as `Authorization: Bearer …` or `X-Api-Key`."""
    certificates: tuple[Fingerprint, ...] = ()
    """SHA-256 fingerprints of client certificates that a proxy in front of us has verified; see
    `server.client_certificate_header`."""

    @model_validator(mode="after")
    def _proves_something(self) -> HttpAccess:
        if not self.api_keys and not self.certificates:
            raise ValueError("expected 'api_keys' or 'certificates': nobody could post without one")
        return self

    def templates(self) -> tuple[tuple[tuple[str | int, ...], Template], ...]:
        """Return every text that may refer to a secret, with its path in the file."""
        return tuple((("api_keys", index), key) for index, key in enumerate(self.api_keys))
