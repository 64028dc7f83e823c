"""What maps recall of earlier documents: who is asked, and what must be the same for both.

The answer depends on nothing that came after the document in hand, so that translating or writing
it anew recalls the same.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Protocol

from gateway.findings import Finding
from gateway.mapping.plan import Json
from gateway.mapping.recall import Asked, Earlier


@dataclass(frozen=True, slots=True)
class InHand:
    """The document that something is recalled for."""

    partner: str
    usage: str
    before: datetime
    """When it came: what is recalled came earlier."""


Memory = Callable[[Asked, InHand], Mapping[str, Json] | None]
"""Finds the last document before the one in hand, with its usage, that has what is asked for."""


def forgetful(asked: Asked, in_hand: InHand) -> None:
    """Remember nothing."""


class Recalling(Protocol):
    """A map that may take values from earlier documents."""

    @property
    def recalls(self) -> bool:
        """Say whether it does."""

    def recall(
        self, document: Mapping[str, Json], earlier: Earlier
    ) -> tuple[Mapping[str, Json], Sequence[Finding]]:
        """Return a document with what it takes, and what was not found."""


def with_recalled(
    document: Mapping[str, Json], document_map: Recalling, memory: Memory, in_hand: InHand
) -> tuple[Mapping[str, Json], Sequence[Finding]]:
    """Return a document with what its map takes from earlier ones, and what was not found."""
    if not document_map.recalls:
        return document, ()
    return document_map.recall(document, partial(_asked, memory=memory, in_hand=in_hand))


def _asked(asked: Asked, *, memory: Memory, in_hand: InHand) -> Mapping[str, Json] | None:
    return memory(asked, in_hand)
