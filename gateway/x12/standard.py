"""X12 by itself, without partners or agreements: each set judged by the version of its group."""

from __future__ import annotations

from collections.abc import Iterator

from gateway.findings import Finding
from gateway.x12.explain import unsupported
from gateway.x12.leniency import strict
from gateway.x12.library import SchemaLibrary
from gateway.x12.model import GroupHeader, Octets, TransactionSet
from gateway.x12.nearest import validator_for
from gateway.x12.reader import LeniencyOf, read
from gateway.x12.reader_events import GroupStart
from gateway.x12.validate import ParsedSet, Validator


class Standard:
    """Validates transaction sets by the schemas of a library; compiles each once."""

    def __init__(self, library: SchemaLibrary) -> None:
        self.library = library
        self._validators: dict[tuple[str, str], Validator | None] = {}

    def findings(self, group: GroupHeader, one: TransactionSet) -> list[Finding]:
        """Return all that is wrong with a set: its envelope, its structure, its elements."""
        parsed = self.parse(group, one)
        if one.too_large:
            return list(one.findings)
        if parsed is not None:
            return [*one.findings, *parsed.findings]
        because = f"there is no schema for set {one.set_id} in version {group.version}"
        return [*one.findings, unsupported(one, because)]

    def parse(self, group: GroupHeader, one: TransactionSet) -> ParsedSet | None:
        """Return a set as a tree of loops with its findings; None where no schema is for it.

        None of one that is too large as well: it was not read.
        """
        if one.too_large:
            return None
        key = (group.version, one.set_id)
        if key not in self._validators:
            self._validators[key] = validator_for(self.library, *key)
        validator = self._validators[key]
        return None if validator is None else validator.parse(one)


def walk(
    payload: Octets, leniency_of: LeniencyOf = strict
) -> Iterator[tuple[GroupHeader, TransactionSet]]:
    """Yield each transaction set of a payload with the header of its group, one at a time.

    Raises InterchangeUnreadable, before the first, where there is no ISA at all.
    """
    for event in read(payload, leniency_of):
        if isinstance(event, GroupStart):
            group = event.header
        elif isinstance(event, TransactionSet):
            yield group, event
