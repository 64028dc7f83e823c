"""`type: webhook`: Standard Webhooks, signed so that the receiver knows who sent it and when."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from gateway.config.destinations.http import HttpCalling
from gateway.config.shaping import Shaping
from gateway.partners.authentication import Placed
from gateway.secrets import Secret


class WebhookDestination(HttpCalling):
    """A receiver of Standard Webhooks."""

    type: Literal["webhook"]
    """Kind of destination."""
    secrets: Annotated[tuple[Secret, ...], Field(min_length=1, max_length=4)]
    """What signs, by reference: `whsec_` and base64, or any text. Two while one is exchanged for
    another: the receiver takes a signature by either."""
    body: Shaping | None = None
    """What the document becomes; canonical JSON if left out."""

    def templates(self) -> Placed:
        """Return every text that may refer to a secret, with its path in the file."""
        own = ((("secrets", str(place)), secret) for place, secret in enumerate(self.secrets))
        return (*super().templates(), *own)
