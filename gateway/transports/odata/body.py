"""The body of an OData call: an entity as JSON, what belongs to it nested in it (deep insert)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from gateway.pipeline.ports import Consignment
from gateway.shaping import Json, Shape, Shaped
from gateway.shaping.shape import JSON_TYPE

_VERSIONS: Mapping[str, Mapping[str, str]] = {
    "v2": {"DataServiceVersion": "2.0", "MaxDataServiceVersion": "2.0"},
    "v4": {"OData-Version": "4.0", "OData-MaxVersion": "4.0"},
}


@dataclass(frozen=True, slots=True)
class ODataBody:
    """Writes an entity."""

    version: Literal["v2", "v4"]
    shape: Shape

    def written(self, document: Json, consignment: Consignment) -> Shaped:
        """Return the entity."""
        if self.shape.is_identity:
            return Shaped(consignment.content, JSON_TYPE)
        return self.shape.shaped(document, consignment.facts)

    @property
    def as_it_is(self) -> bool:
        """Say whether the bytes are sent on."""
        return self.shape.is_identity

    def headers(self, consignment: Consignment) -> Mapping[str, str]:
        """Return the version that is spoken, and what is understood."""
        del consignment
        return {"Accept": JSON_TYPE, **_VERSIONS[self.version]}
