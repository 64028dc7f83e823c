"""Parse: each transaction set becomes a tree, by the schema that its agreement names."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from gateway.acks.results import ACKNOWLEDGMENT_GROUP
from gateway.findings import Finding, FindingCode, Location
from gateway.partners import Agreement, NoAgreement, Partner
from gateway.x12.model import Group, Interchange, Loop, TransactionSet
from gateway.x12.validate import Validator

ValidatorOf = Callable[[str, str], Validator | None]
"""Gives the validator for a version and a set id."""


@dataclass(frozen=True, slots=True)
class SetReading:
    """A transaction set, the agreement that covers it, its tree and what was found in it."""

    transaction_set: TransactionSet
    group: Group
    agreement: Agreement | None
    tree: Loop | None
    """None where no agreement or no schema says how to read it."""
    findings: tuple[Finding, ...] = ()
    """Without the faults of its envelope, which the transaction set has."""

    @property
    def is_acknowledgment(self) -> bool:
        """Say whether this is a 997 or the like, which we neither acknowledge nor deliver."""
        return self.group.header.functional_id == ACKNOWLEDGMENT_GROUP


def parse(
    interchange: Interchange, partner: Partner, validator_of: ValidatorOf
) -> list[list[SetReading]]:
    """Read every set of every group; one that cannot be read never costs the others."""
    usage = interchange.header.usage
    groups = []
    for group in interchange.groups:
        readings = [
            _read(one, group, partner=partner, usage=usage, validator_of=validator_of)
            for one in group.transaction_sets
        ]
        groups.append(readings)
    return groups


def _read(
    one: TransactionSet,
    group: Group,
    *,
    partner: Partner,
    usage: str,
    validator_of: ValidatorOf,
) -> SetReading:
    if group.header.functional_id == ACKNOWLEDGMENT_GROUP:
        return SetReading(one, group, None, None)
    version = group.header.version
    agreement = partner.agreement("in", one.set_id, version=version, usage=usage)
    if isinstance(agreement, NoAgreement):
        # Whatever is missing (set, version, usage), it is this set that we cannot take.
        return SetReading(one, group, None, None, (_unsupported(one, agreement.message),))
    validator = validator_of(agreement.schema_version, one.set_id)
    if validator is None:
        because = f"there is no schema for {one.set_id} in version {agreement.schema_version}"
        return SetReading(one, group, agreement, None, (_unsupported(one, because),))
    parsed = validator.parse(one)
    return SetReading(one, group, agreement, parsed.tree, tuple(parsed.findings))


def _unsupported(one: TransactionSet, because: str) -> Finding:
    place = Location(
        one.interchange_control_number,
        one.group_control_number,
        one.control_number,
        segment_position=1,
        segment_id="ST",
        offset=one.offsets[0],
    )
    return Finding(FindingCode.TRANSACTION_SET_NOT_SUPPORTED, place, one.set_id, because)


def findings_of(
    groups: Sequence[Sequence[SetReading]],
) -> Callable[[TransactionSet], Sequence[Finding]]:
    """Return what gives the findings of a transaction set of these groups."""
    by_set = {
        id(reading.transaction_set): reading.findings for group in groups for reading in group
    }
    return lambda one: by_set[id(one)]
