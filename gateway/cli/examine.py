"""Reads and validates a payload as the pipeline does, set after set, and stores nothing.

With an instance, the agreement with the sender decides what is accepted in silence and how severe
a finding is; without one, the standard does.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from gateway import resources
from gateway.acks.results import (
    GroupResult,
    InterchangeResult,
    SetResult,
    SeverityOf,
    strictly,
)
from gateway.config import Instance
from gateway.findings import Finding, FindingCode, Location, Severity
from gateway.partners import Agreement, Partner
from gateway.x12.leniency import strict
from gateway.x12.library import SchemaLibrary
from gateway.x12.model import ControlNumber, GroupHeader, InterchangeHeader, TransactionSet
from gateway.x12.reader import GroupEnd, GroupStart, InterchangeEnd, InterchangeStart, read
from gateway.x12.validate import ParsedSet, Validator


@dataclass(frozen=True, slots=True)
class ExaminedSet:
    """A transaction set with its place and everything found in it."""

    interchange: InterchangeHeader
    group: GroupHeader
    transaction_set: TransactionSet
    parsed: ParsedSet | None
    """None where there is no schema for this set in this version."""
    findings: tuple[Finding, ...]


@dataclass(slots=True)
class _Progress:
    interchange: InterchangeHeader | None = None
    group: GroupHeader | None = None
    sets: list[SetResult] = field(default_factory=list)
    groups: list[GroupResult] = field(default_factory=list)


class Examiner:
    """Examines payloads; compiles each schema once."""

    def __init__(self, instance: Instance | None = None) -> None:
        self._instance = instance
        self.library = SchemaLibrary(resources.schema_text)
        self._validators: dict[tuple[str, str], Validator | None] = {}

    def sets(self, payload: bytes) -> Iterator[ExaminedSet]:
        """Yield each transaction set of a payload, validated."""
        for item in self._items(payload):
            if isinstance(item, ExaminedSet):
                yield item

    def interchanges(self, payload: bytes) -> Iterator[InterchangeResult]:
        """Yield what was found in each interchange, as acknowledgments are built from it."""
        for item in self._items(payload):
            if isinstance(item, InterchangeResult):
                yield item

    def severity_of(self, result: InterchangeResult) -> SeverityOf:
        """Return what the agreements with the sender make of an interchange's findings."""
        partner = self._instance.lookup.partner_of(result.header.sender) if self._instance else None
        if partner is None:
            return strictly
        by_set = {
            (group.header.control_number, one.control_number): _judge(
                partner, one.set_id, version=group.header.version, usage=result.header.usage
            )
            for group in result.groups
            for one in group.sets
        }

        def severity(finding: Finding) -> Severity:
            place = finding.location
            key = (ControlNumber(place.group or ""), ControlNumber(place.transaction_set or ""))
            return by_set.get(key, partner).severity(finding)

        return severity

    def severity_in(self, one: ExaminedSet) -> SeverityOf:
        """Return what the agreement with the sender makes of the findings of one set."""
        header = one.interchange
        partner = self._instance.lookup.partner_of(header.sender) if self._instance else None
        if partner is None:
            return strictly
        set_id, version = one.transaction_set.set_id, one.group.version
        return _judge(partner, set_id, version=version, usage=header.usage).severity

    def _items(self, payload: bytes) -> Iterator[ExaminedSet | InterchangeResult]:
        leniency_of = self._instance.leniency_of if self._instance else strict
        now = _Progress()
        for event in read(payload, leniency_of):
            match event:
                case InterchangeStart():
                    now = _Progress(event.header)
                case GroupStart():
                    now.group, now.sets = event.header, []
                case TransactionSet() if now.interchange and now.group:
                    examined = self._examine(now.interchange, now.group, event)
                    now.sets.append(
                        SetResult(event.set_id, event.control_number, examined.findings)
                    )
                    yield examined
                case GroupEnd():
                    now.groups.append(
                        GroupResult(
                            event.header, tuple(now.sets), event.declared_count, event.findings
                        )
                    )
                case InterchangeEnd():
                    yield InterchangeResult(
                        event.header,
                        tuple(now.groups),
                        event.findings,
                        carries_ta1=bool(event.acknowledgments),
                    )

    def _examine(
        self, interchange: InterchangeHeader, group: GroupHeader, transaction_set: TransactionSet
    ) -> ExaminedSet:
        validator = self._validator(group.version, transaction_set.set_id)
        if validator is None:
            found = (*transaction_set.findings, _no_schema(group, transaction_set))
            return ExaminedSet(interchange, group, transaction_set, None, found)
        parsed = validator.parse(transaction_set)
        found = (*transaction_set.findings, *parsed.findings)
        return ExaminedSet(interchange, group, transaction_set, parsed, found)

    def _validator(self, version: str, set_id: str) -> Validator | None:
        key = (version[:6], set_id)
        if key not in self._validators:
            schema = self.library.get(*key)
            self._validators[key] = Validator(schema) if schema else None
        return self._validators[key]


def _judge(partner: Partner, set_id: str, *, version: str, usage: str) -> Agreement | Partner:
    """Return whose word counts for a set: its agreement's, the partner's where there is none."""
    found = partner.agreement("in", set_id, version=version, usage=usage)
    return found if isinstance(found, Agreement) else partner


Graded = tuple[Finding, Severity]


def graded(findings: Sequence[Finding], severity: SeverityOf) -> list[Graded]:
    """Return the findings that the agreement does not tell us to ignore, each with its severity."""
    found = [(finding, severity(finding)) for finding in findings]
    return [(finding, grade) for finding, grade in found if grade is not Severity.IGNORE]


def _no_schema(group: GroupHeader, transaction_set: TransactionSet) -> Finding:
    place = Location(
        interchange=transaction_set.interchange_control_number,
        group=transaction_set.group_control_number,
        transaction_set=transaction_set.control_number,
        segment_position=1,
        segment_id="ST",
        element=1,
        offset=transaction_set.offsets[0],
    )
    detail = f"there is no schema for set {transaction_set.set_id} in version {group.version}"
    return Finding(FindingCode.TRANSACTION_SET_NOT_SUPPORTED, place, transaction_set.set_id, detail)
