"""`next:` in `routes.yaml`: documents made of others once a destination has taken those."""

from __future__ import annotations

from typing import Annotated

from pydantic import BeforeValidator, Discriminator, Field, Tag, WithJsonSchema

from gateway.config.shaping import Shaping
from gateway.partners.fields import DOCUMENT_TYPE, Name, SetId, Settings, many, one_or_many
from gateway.routing import NextRule, Routes, When
from gateway.routing.targets import ShapeName

_TO = {
    "anyOf": [
        {"type": "string"},
        {
            "type": "object",
            "properties": {
                "sender_of": {"type": "string", "description": "A type of document, as `order`."}
            },
            "required": ["sender_of"],
            "additionalProperties": False,
        },
    ]
}


class SenderOf(Settings):
    """Whoever sent us another document of the same order."""

    sender_of: Annotated[str, DOCUMENT_TYPE]
    """Its type, such as order."""


def _kind(value: object) -> str:
    return "sender_of" if isinstance(value, dict | SenderOf) else "partner"


To = Annotated[
    Annotated[Name, Tag("partner")] | Annotated[SenderOf, Tag("sender_of")], Discriminator(_kind)
]
"""A partner, or whoever sent a document."""


class NextDocument(Settings):
    """A document that is made of another one, once a destination has taken that."""

    name: ShapeName
    """Shown wherever this is the reason; what was made stays made under another name."""
    when: When = When()
    """Of which documents, as in a rule; of every document if left out."""
    after: Annotated[tuple[Name, ...], BeforeValidator(many), one_or_many()] = ()
    """Destinations, one of which must have taken the document; any if left out."""
    body: Shaping
    """What makes the canonical document of the one that was taken; it sees that document, with
    `delivered` in it: `to`, `at`, `date`, `answer`, and `known_as`."""
    to: Annotated[To | None, WithJsonSchema(_TO)] = None
    """The partner that it is for; the one that sent the document if left out. `{sender_of: order}`
    is the one that sent the order which the document belongs to, whoever sent the document."""
    set: SetId | None = None
    """Transaction set, where the partner takes such a document in several."""

    @property
    def partner(self) -> str | None:
        """Return the partner that is named here; None where it depends on the document."""
        return None if isinstance(self.to, SenderOf) else self.to

    @property
    def sender_of(self) -> str | None:
        """Return the type of document whose sender gets it; None where that is not asked."""
        return self.to.sender_of if isinstance(self.to, SenderOf) else None

    @property
    def to_whom(self) -> str:
        """Say for whom it is, in words."""
        if self.sender_of is not None:
            return f"whoever sent the {self.sender_of.replace('_', ' ')}"
        return self.partner or "whoever sent it"

    def rule(self) -> NextRule:
        """Return it as it is asked."""
        return NextRule(self.name, self.when, self.after)


class RoutesFile(Routes):
    """The whole of `routes.yaml`."""

    shapes: dict[ShapeName, Shaping] = Field(default_factory=dict)
    """What makes another document of one that goes on to a partner, by the names that rules use."""

    next: Annotated[tuple[NextDocument, ...], Field(default=())]
    """Documents that follow from others: each that applies is made once of a document."""
