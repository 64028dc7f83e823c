"""An HTTP service of the partner that takes what we send: AS2 without its envelope."""

from __future__ import annotations

from typing import Literal
from urllib.parse import urlsplit

from gateway.partners.http_call import HttpCall


class HttpConnection(HttpCall):
    """Where we post interchanges and acknowledgments to; nothing is picked up there."""

    type: Literal["http"]
    """Kind of connection."""

    @property
    def address(self) -> str:
        """Name the service for people: what may hold a secret is left out."""
        parts = urlsplit(self.url.text)
        return f"{parts.scheme}://{parts.hostname}" if parts.hostname else "an HTTP service"
