"""Destinations in `gateway.yaml`: an address, how often to try, and credentials by reference."""

from __future__ import annotations

from typing import Literal

from gateway.config.delivery import Delivering
from gateway.partners.http_call import HttpCall


class HttpDestination(Delivering, HttpCall):
    """An HTTP service that takes canonical documents, one in each call."""

    type: Literal["http"]
    """Kind of destination."""


Destination = HttpDestination
"""Every kind of destination; more kinds join by their `type`."""
