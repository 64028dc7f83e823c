"""Why the store cannot be used, beyond what the database itself says."""

from __future__ import annotations

from gateway.errors import GatewayError


class TablesUnknown(GatewayError):
    """The tables are of a version that this gateway does not know."""
