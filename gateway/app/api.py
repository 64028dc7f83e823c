"""The API of an instance: what its settings allow, put together with what answers calls."""

from __future__ import annotations

from starlette.routing import BaseRoute

from gateway.api.calls import Parts
from gateway.api.rates import Rate
from gateway.api.serving import Api, Rules
from gateway.config import Instance


def routes(instance: Instance, parts: Parts) -> list[BaseRoute]:
    """Return what the HTTP server answers for the API; nothing where it is off."""
    settings, server = instance.settings.api, instance.settings.server
    if settings is None or server is None:
        return []
    limits = settings.limits
    rate = Rate(limits.calls, limits.burst)
    return Api(parts, Rules(rate, limits.body, server.body_within)).routes()
