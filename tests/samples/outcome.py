"""What becomes of a sample, by the product's own functions: documents, findings, acknowledgment."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from itertools import count
from pathlib import Path

from gateway import resources
from gateway.acks.answer import Acknowledged
from gateway.acks.reply import acknowledge
from gateway.acks.results import InterchangeResult, SeverityOf, result_of, strictly
from gateway.acks.told import ReplyEnvelope
from gateway.canonical import check
from gateway.config.schemas import packaged_schemas
from gateway.findings import Finding, FindingCode, Severity
from gateway.partners.acknowledging import AcknowledgmentPolicy
from gateway.partners.agreement import Agreement
from gateway.partners.partner import Partner
from gateway.x12.leniency import STRICT, Leniency
from gateway.x12.model import ControlNumber, Group, Interchange, InterchangeHeader
from gateway.x12.reader import read_interchanges
from gateway.x12.validate import ParsedSet, Validator
from gateway.yaml_source import load
from tests.samples.maps import compiled_map

MOMENT = datetime(2026, 3, 2, 9, 20, tzinfo=UTC)
SCHEMAS = packaged_schemas()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the files beside a sample say."""

    documents: list[Mapping[str, object]]
    findings: list[dict[str, object]]
    acknowledgment: bytes
    refused: int
    """How many transaction sets do not become documents."""


@dataclass(frozen=True, slots=True)
class Examined:
    """A sample's interchange, validated and acknowledged."""

    result: InterchangeResult
    answer: Acknowledged
    sets: list[tuple[str, ParsedSet | None]]
    """Each set's map, and the set itself where it is taken."""


def outcome(sample: Path) -> Outcome:
    """Read, validate, acknowledge and translate a sample, with a frozen clock and numbers."""
    examined = examine(sample)
    found = [*examined.result.findings]
    for group in examined.result.groups:
        found += [*group.findings, *(finding for one in group.sets for finding in one.findings)]
    documents: list[Mapping[str, object]] = []
    refused = 0
    for map_name, parsed in examined.sets:
        read, faults = _translated(map_name, parsed) if parsed else ([], [])
        refused += parsed is None or bool(faults)
        documents += read
        found += faults
    return Outcome(documents, described(found), examined.answer.payload or b"", refused)


@cache
def examine(sample: Path) -> Examined:
    """Read, validate and acknowledge a sample."""
    partner = partner_of(sample)
    (interchange,) = read_interchanges(
        sample.read_bytes(), lambda header: _leniency(partner, header)
    )
    # By identity: partners repeat control numbers.
    parsed = {
        id(one): validator(one.set_id).parse(one)
        for group in interchange.groups
        for one in group.transaction_sets
    }
    result = result_of(interchange, lambda one: parsed[id(one)].findings)
    answer = acknowledge(
        result,
        _severity(partner, interchange),
        policy=partner.acknowledgment if partner else AcknowledgmentPolicy(),
        envelope=_envelope(interchange),
    )
    whole = answer.verdict.interchange.status.taken
    sets: list[tuple[str, ParsedSet | None]] = []
    for group, verdict in zip(interchange.groups, answer.verdict.groups, strict=True):
        for one, status in zip(group.transaction_sets, verdict.set_statuses, strict=True):
            agreement = _agreement(partner, interchange, group, one.set_id)
            taken = whole and verdict.status.taken and status.taken
            name = agreement.map if agreement else f"base-{one.set_id}"
            sets.append((name, parsed[id(one)] if taken else None))
    return Examined(result, answer, sets)


def _translated(name: str, parsed: ParsedSet) -> tuple[list[Mapping[str, object]], list[Finding]]:
    reading = compiled_map(name).read(parsed.tree, parsed.transaction_set.delimiters)
    faults = [
        Finding(FindingCode.DOCUMENT_INVALID, detail=message, field=pointer)
        for document in reading.documents
        for pointer, message in check(document)
    ]
    return list(reading.documents), [*reading.findings, *faults]


def described(findings: Iterable[Finding]) -> list[dict[str, object]]:
    """Write findings as the files beside samples do: what, where, which value, what is expected."""
    written = []
    for finding in findings:
        place = finding.location
        fields: dict[str, object | None] = {
            "code": str(finding.code),
            "at": place.reference or None,
            "transaction_set": place.transaction_set,
            "segment_position": place.segment_position,
            "loop": place.loop,
            "field": finding.field,
            "value": finding.value,
            "detail": finding.detail,
        }
        written.append({name: value for name, value in fields.items() if value is not None})
    return written


@cache
def partner_of(sample: Path) -> Partner | None:
    """Return the partner whose folder a sample lies in; None for samples of the base maps."""
    if sample.parent.name == "base":
        return None
    file = resources.directory("partners") / f"{sample.parent.name}.yaml"
    return Partner.model_validate(load(file.read_text(encoding="utf-8"), file.name).value)


@cache
def validator(set_id: str) -> Validator:
    """Return the validator of a set in 004010."""
    schema = SCHEMAS.get("004010", set_id)
    assert schema is not None
    return Validator(schema)


def _agreement(
    partner: Partner | None, interchange: Interchange, group: Group, set_id: str
) -> Agreement | None:
    if partner is None:
        return None
    found = partner.agreement(
        "in", set_id, version=group.header.version, usage=interchange.header.usage
    )
    assert isinstance(found, Agreement), found
    return found


def _leniency(partner: Partner | None, header: InterchangeHeader) -> Leniency:
    if partner is None:
        return STRICT
    assert header.sender in {identity.key for identity in partner.identities}
    return Leniency(**dict.fromkeys(partner.leniencies, True))


def _severity(partner: Partner | None, interchange: Interchange) -> SeverityOf:
    if partner is None:
        return strictly
    # A group holds sets of one kind here, so that a finding's group names its agreement.
    agreements = {
        str(group.header.control_number): _agreement(
            partner, interchange, group, group.transaction_sets[0].set_id
        )
        for group in interchange.groups
    }

    def severity(finding: Finding) -> Severity:
        return (agreements.get(finding.location.group or "") or partner).severity(finding)

    return severity


def _envelope(interchange: Interchange) -> ReplyEnvelope:
    numbers = count(1)
    received = interchange.header.delimiters
    suffix = received.suffix if received.terminator in "\r\n" else "\n"
    return ReplyEnvelope(
        control_number=ControlNumber("000000001"),
        next_group_number=lambda: ControlNumber(str(next(numbers))),
        moment=MOMENT,
        delimiters=replace(received, suffix=suffix),
    )
