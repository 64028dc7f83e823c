"""Where a rule sends a document: to a destination of `gateway.yaml`, or on to a partner."""

from __future__ import annotations

from typing import Annotated

from pydantic import BeforeValidator, Discriminator, Field, Tag, WithJsonSchema

from gateway.partners.fields import Name, SetId, Settings

ONWARD = "partner:"
"""How the name of every delivery to a partner begins."""

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
    },
    "required": ["partner"],
    "additionalProperties": False,
}


class Onward(Settings):
    """A partner to whom a document goes on, as `gateway send` would send it."""

    partner: Name
    """The partner."""
    set: SetId | None = None
    """Transaction set, where the partner takes such a document in several."""

    def __str__(self) -> str:
        """Return the name of deliveries there: `partner:northstar-3pl/940`."""
        return f"{ONWARD}{self.partner}{f'/{self.set}' if self.set else ''}"


def onward(name: str) -> Onward | None:
    """Return the partner that a delivery's name says; None where it is a destination's."""
    if not name.startswith(ONWARD):
        return None
    partner, _, set_id = name.removeprefix(ONWARD).partition("/")
    return Onward(partner=partner, set=set_id or None)


def _target(value: object) -> object:
    """Take `partner:ID` for the partner of that id."""
    if not isinstance(value, str) or not value.startswith(ONWARD):
        return value
    partner, slash, set_id = value.removeprefix(ONWARD).partition("/")
    return {"partner": partner, **({"set": set_id} if slash else {})}


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
