"""Destinations whose templates know more than the document: facts from tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from gateway.config.destinations.facts import Fact
from gateway.pipeline.ports import Breakable, Consignment, Outbound, Receipt
from gateway.shaping import Json, NotShaped, Selection
from gateway.transports.documents import document_of


@dataclass(frozen=True, slots=True)
class _Lookup:
    """One fact."""

    fixed: str | None
    by: Selection | None
    table: Mapping[str, str] | None

    def found(self, document: Json, facts: Mapping[str, str]) -> str:
        """Return the fact; raise NotShaped where there is none for this document."""
        if self.by is None:
            return self.fixed or ""
        key = self.by.select(document, facts)
        if not isinstance(key, str) or not key:
            raise NotShaped("'by' finds no text in the document")
        if self.table is None:
            return key
        if key not in self.table:
            raise NotShaped(f"'{key[:40]}' is not in its table")
        return self.table[key]


def _compiled(facts: Mapping[str, Fact]) -> Mapping[str, _Lookup]:
    return {
        name: _Lookup(fact.fixed, Selection.compile(fact.by) if fact.by else None, fact.table)
        for name, fact in facts.items()
    }


def _informed(lookups: Mapping[str, _Lookup], consignment: Consignment) -> Consignment:
    document = document_of(consignment)
    facts = dict(consignment.facts)
    for name, lookup in lookups.items():
        try:
            facts[name] = lookup.found(document, consignment.facts)
        except NotShaped as fault:
            raise NotShaped(f"fact '{name}': {fault}") from fault
    return replace(consignment, facts=facts)


class Informed:
    """An outbound transport that is given facts of its destination with each document."""

    def __init__(self, outbound: Outbound, facts: Mapping[str, Fact]) -> None:
        self._outbound = outbound
        self._facts = _compiled(facts)

    def connect(self) -> None:
        """Make ready to deliver."""
        self._outbound.connect()

    def deliver(self, consignment: Consignment) -> Receipt:
        """Look the facts up, and hand over; raise NotShaped where one is missing."""
        return self._outbound.deliver(_informed(self._facts, consignment))

    @staticmethod
    def facts_of(facts: Mapping[str, Fact], consignment: Consignment) -> Consignment:
        """Return a consignment with the facts of its destination; nothing is handed over."""
        return _informed(_compiled(facts), consignment) if facts else consignment

    def break_off(self) -> None:
        """Let every call that is under way end soon."""
        if isinstance(self._outbound, Breakable):
            self._outbound.break_off()

    def close(self) -> None:
        """Let go of connections."""
        self._outbound.close()
