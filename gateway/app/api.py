"""The API of an instance: what its settings allow, put together with what answers calls."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from pydantic import BaseModel
from starlette.routing import BaseRoute

from gateway import canonical
from gateway.api.calls import Parts
from gateway.api.rates import Rate
from gateway.api.serving import Api, Rules
from gateway.config import Instance
from gateway.pipeline.rulebook import Rulebook


def routes(instance: Instance, parts: Parts) -> list[BaseRoute]:
    """Return what the HTTP server answers for the API; nothing where it is off."""
    settings, server = instance.settings.api, instance.settings.server
    if settings is None or server is None:
        return []
    limits = settings.limits
    rate = Rate(limits.calls, limits.burst)
    parts = replace(parts, key_names=key_names(instance, parts.rulebook))
    return Api(parts, Rules(rate, limits.body, server.body_within)).routes()


def key_names(instance: Instance, rulebook: Rulebook) -> frozenset[str]:
    """Return the names of the business keys that documents of an instance may have.

    Those of canonical documents, of sets without a map, and of what destinations call documents.
    """
    agreements = (one for partner in rulebook.partners.values() for one in partner.agreements)
    schemas = (
        rulebook.schemas.get(one.schema_version, one.set)
        for one in agreements
        if one.direction == "in" and one.map is None
    )
    without_map = {name for schema in schemas if schema is not None for name in schema.keys}
    given = set(_references(instance.settings.destinations))
    return canonical.business_key_names() | without_map | given


def _references(part: object) -> Iterator[str]:
    """Yield the names below every `reference` of settings, wherever it stands in them."""
    if isinstance(part, BaseModel):
        for name in type(part).model_fields:
            value = getattr(part, name)
            yield from value if name == "reference" else _references(value)
    elif isinstance(part, dict):
        for value in part.values():
            yield from _references(value)
    elif isinstance(part, list | tuple):
        for value in part:
            yield from _references(value)
