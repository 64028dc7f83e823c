"""`api:` in `gateway.yaml`: the API for ERP teams, on the `server`."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from gateway.partners.fields import Settings
from gateway.partners.kinds import Size

_MEGABYTE = 1024 * 1024


class ApiLimits(Settings):
    """How much one caller may ask for."""

    body: Size = Field(5 * _MEGABYTE, json_schema_extra={"default": "5MB"})
    """Largest body of a call; a larger one is answered with 413."""
    calls: Annotated[int, Field(ge=1, le=100_000)] = 50
    """Calls a second with one token, on average, in each process; more are answered with 429."""
    burst: Annotated[int, Field(ge=1, le=1_000_000)] = 200
    """Calls that a token may make at once after a pause."""


class Api(Settings):
    """The API: who calls needs a token, which `gateway api tokens create` makes."""

    limits: ApiLimits = ApiLimits()
    """Of each call, and of each token."""
