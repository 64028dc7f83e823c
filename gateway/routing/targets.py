"""Where a rule sends a document: to a destination of `gateway.yaml`, or on to a partner."""

from __future__ import annotations

from typing import Annotated

from pydantic import BeforeValidator, ConfigDict, Discriminator, Field, Tag, WithJsonSchema

from gateway.partners.fields import Like, Name, SetId, Settings

ONWARD = "partner:"
"""How the name of every delivery to a partner begins."""

_AS = " as "

_PLAIN = {"type": "string"}
_WRITTEN = {
    "type": "object",
    "properties": {
        "partner": {**_PLAIN, "description": "The partner."},
        "set": {
            **_PLAIN,
            "pattern": "^[0-9]{3}$",
            "description": "Transaction set, where the partner takes such a document in several.",
        },
        "as": {**_PLAIN, "description": "The shape of `shapes:` that makes what is sent."},
    },
    "required": ["partner"],
    "additionalProperties": False,
}


ShapeName = Annotated[
    str, Like(r"[a-z0-9][a-z0-9-]{0,39}", "small letters, digits and '-', such as warehouse-order")
]
"""Part of the name of a delivery."""


class Onward(Settings):
    """A partner to whom a document goes on, as `gateway send` would send it."""

    model_config = ConfigDict(validate_by_name=True, validate_by_alias=True)

    partner: Name
    """The partner."""
    set: SetId | None = None
    """Transaction set, where the partner takes such a document in several."""
    shape: ShapeName | None = Field(None, alias="as")
    """The shape of `shapes:` that makes what is sent; the document itself if left out."""

    def __str__(self) -> str:
        """Return the name of deliveries there: `partner:northstar-3pl/940 as warehouse-order`."""
        shaped = f"{_AS}{self.shape}" if self.shape else ""
        return f"{self.unshaped}{shaped}"

    @property
    def unshaped(self) -> str:
        """Return the name without the shape: what is agreed does not depend on it."""
        return f"{ONWARD}{self.partner}{f'/{self.set}' if self.set else ''}"


def onward(name: str) -> Onward | None:
    """Return the partner that a delivery's name says; None where it is a destination's."""
    return Onward.model_validate(_parts(name)) if name.startswith(ONWARD) else None


def _parts(name: str) -> dict[str, str]:
    """Read `partner:ID`, `partner:ID/SET`, and either with ` as SHAPE`."""
    whole, as_, shape = name.removeprefix(ONWARD).partition(_AS)
    partner, slash, set_id = whole.partition("/")
    parts = {"partner": partner}
    if slash:
        parts["set"] = set_id
    if as_:
        parts["as"] = shape
    return parts


def _target(value: object) -> object:
    """Take `partner:ID` for the partner of that id."""
    return _parts(value) if isinstance(value, str) and value.startswith(ONWARD) else value


def _one_or_many(value: object) -> object:
    listed = value if isinstance(value, list | tuple) else [value]
    return [_target(one) for one in listed]


def _kind(value: object) -> str:
    return "partner" if isinstance(value, dict | Onward) else "destination"


Target = Annotated[
    Annotated[Name, Tag("destination")] | Annotated[Onward, Tag("partner")], Discriminator(_kind)
]
"""A destination, or a partner."""

Targets = Annotated[
    tuple[Target, ...],
    Field(min_length=1),
    BeforeValidator(_one_or_many),
    WithJsonSchema(
        {"anyOf": [_PLAIN, _WRITTEN, {"type": "array", "items": {"anyOf": [_PLAIN, _WRITTEN]}}]}
    ),
]
"""Destinations and partners; one may be written without its list."""
