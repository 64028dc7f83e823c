"""`next:` in `routes.yaml`: documents made of others once a destination has taken those."""

from __future__ import annotations

from typing import Annotated

from pydantic import BeforeValidator, Field

from gateway.config.shaping import Shaping
from gateway.partners.fields import Name, SetId, Settings, many, one_or_many
from gateway.routing import NextRule, Routes, When
from gateway.routing.targets import ShapeName


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
    to: Name | None = None
    """The partner that it is for; the one that sent the document if left out."""
    set: SetId | None = None
    """Transaction set, where the partner takes such a document in several."""

    def rule(self) -> NextRule:
        """Return it as it is asked."""
        return NextRule(self.name, self.when, self.after)


class RoutesFile(Routes):
    """The whole of `routes.yaml`."""

    shapes: dict[ShapeName, Shaping] = Field(default_factory=dict)
    """What makes another document of one that goes on to a partner, by the names that rules use."""

    next: Annotated[tuple[NextDocument, ...], Field(default=())]
    """Documents that follow from others: each that applies is made once of a document."""
