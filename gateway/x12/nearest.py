"""Judges sets of a version that has no schema by the nearest one, and marks what that may explain.

A fault that the set's own version may not know is marked: nobody is to be held to a rule of another
version. Which faults these are depends on where the version lies:

* between two that have a schema: what the schema on the other side does not find as well;
* after all of them: what a later release may have made room for;
* before all of them: anything but what no version takes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property

from gateway.findings import Finding, FindingCode, Level
from gateway.x12.library import SchemaLibrary
from gateway.x12.model import TransactionSet
from gateway.x12.releases import PLACES
from gateway.x12.schema import SetSchema
from gateway.x12.validate import ParsedSet, Validator

_ROOM_IS_MADE = frozenset(
    {
        FindingCode.SEGMENT_UNKNOWN,
        FindingCode.SEGMENT_UNEXPECTED,
        FindingCode.SEGMENT_NOT_IN_SET,
        FindingCode.SEGMENT_OUT_OF_SEQUENCE,
        FindingCode.SEGMENT_OVER_MAXIMUM,
        FindingCode.LOOP_OVER_MAXIMUM,
        FindingCode.TOO_MANY_ELEMENTS,
        FindingCode.TOO_MANY_COMPONENTS,
        FindingCode.TOO_MANY_REPETITIONS,
        FindingCode.ELEMENT_TOO_LONG,
        FindingCode.CODE_NOT_IN_LIST,
    }
)
"""Faults that a later release may take: releases add segments, elements, codes and length."""

_IN_NO_VERSION = frozenset(
    {FindingCode.SEGMENT_EMPTY, FindingCode.INVALID_DATE, FindingCode.INVALID_TIME}
)

_Fault = tuple[FindingCode, int | None, str, int | None]


def validator_for(library: SchemaLibrary, version: str, set_id: str) -> Validator | None:
    """Return what judges a set, GS08 and ST01 given, or None where no schema can."""
    schema = library.get(version, set_id)
    if schema is None:
        return None
    release = version[:PLACES]
    if schema.version == release:
        return Validator(schema)
    return NearestValidator(schema, release, library.across(release, schema))


class NearestValidator(Validator):
    """Validates sets of a version that has no schema of its own, by the nearest one."""

    def __init__(self, schema: SetSchema, version: str, across: SetSchema | None) -> None:
        """Take the nearest schema, the sets' version, and the schema on the other side of it."""
        super().__init__(schema)
        self.version = version
        """The version that the sets are of."""
        self._across = across

    def parse(self, transaction_set: TransactionSet) -> ParsedSet:
        """Return the tree and the findings, those marked that the version may explain."""
        parsed = super().parse(transaction_set)
        if not parsed.findings:
            return parsed
        return replace(parsed, findings=self.marked(parsed.findings, transaction_set))

    def marked(self, findings: Sequence[Finding], transaction_set: TransactionSet) -> list[Finding]:
        """Return findings about a set, those marked that the version may explain."""
        agreed = self._found_across(transaction_set)
        return [
            self._marked(finding) if self._is_doubtful(finding, agreed) else finding
            for finding in findings
        ]

    @cached_property
    def _other(self) -> Validator | None:
        return Validator(self._across) if self._across is not None else None

    def _found_across(self, transaction_set: TransactionSet) -> frozenset[_Fault]:
        if self._other is None:
            return frozenset()
        return frozenset(map(_fault, self._other.parse(transaction_set).findings))

    def _is_doubtful(self, finding: Finding, agreed: frozenset[_Fault]) -> bool:
        if finding.level not in (Level.SEGMENT, Level.ELEMENT):
            return False
        if self._across is not None:
            return _fault(finding) not in agreed
        if self.version > self.schema.version:
            return finding.code in _ROOM_IS_MADE
        return finding.code not in _IN_NO_VERSION

    def _marked(self, finding: Finding) -> Finding:
        doubt = f"by the schema of {self.schema.version}; {self.version} may differ"
        return replace(finding, detail=f"{finding.detail} ({doubt})", judged_by=self.schema.version)


def _fault(finding: Finding) -> _Fault:
    place = finding.location
    return finding.code, place.segment_position, place.reference, place.repetition
