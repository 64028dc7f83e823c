"""`as2:` in `gateway.yaml`: who we are on AS2, and the keys that we hold."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from gateway.partners.connections.as2 import As2Name, HttpAddress
from gateway.partners.fields import HomePath, Settings
from gateway.partners.kinds import Date
from gateway.secrets import Secret, Template


class As2Key(Settings):
    """One of our key pairs."""

    certificate: HomePath
    """File with the certificate in PEM; partners get the same one."""
    key: Secret
    """Its private key in PEM, by reference, such as `${file:secrets/as2-2026.key}`."""
    passphrase: Secret | None = None
    """What the private key is encrypted with, by reference."""
    use_from: Date | None = None
    """From this day on we sign with it; the start of its validity if left out. Write the day by
    which all partners have its certificate. It decrypts before that too."""


class As2(Settings):
    """Who we are on AS2. Partners post to `/as2` on the `server`."""

    id: As2Name
    """What partners call us: AS2-To of what they send."""
    keys: Annotated[tuple[As2Key, ...], Field(min_length=1)]
    """Our key pairs; several while one takes over from the other. The newest signs, all decrypt."""
    url: HttpAddress | None = None
    """Our address as partners reach it, such as https://edi.harbor.example/as2; asynchronous
    receipts are sent there."""

    def templates(self) -> tuple[tuple[tuple[str | int, ...], Template], ...]:
        """Return every text that may refer to a secret, with its path in the file."""
        named = [
            (("keys", index, name), text)
            for index, pair in enumerate(self.keys)
            for name, text in (("key", pair.key), ("passphrase", pair.passphrase))
        ]
        return tuple((path, text) for path, text in named if text is not None)
