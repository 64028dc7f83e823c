"""Parse: each transaction set becomes a tree, by the schema that its agreement names."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from gateway.acks.results import ACKNOWLEDGMENT_GROUP
from gateway.findings import Finding
from gateway.partners import Agreement, GuideName, NoAgreement, Partner
from gateway.partners.fields import Direction
from gateway.x12.explain import unsupported
from gateway.x12.guides.validator import standing_in
from gateway.x12.model import GroupHeader, Loop, TransactionSet
from gateway.x12.validate import SetValidator

ValidatorOf = Callable[[str, str, GuideName | None], SetValidator | None]
"""Gives the validator for a version, a set id and perhaps a partner's guide."""


@dataclass(frozen=True, slots=True)
class SetReading:
    """A transaction set, the agreement that covers it, its tree and what was found in it."""

    transaction_set: TransactionSet
    group: GroupHeader
    agreement: Agreement | None
    tree: Loop | None
    """None where no agreement or no schema says how to read it, or it is too large to be read."""
    findings: tuple[Finding, ...] = ()
    """Without the faults of its envelope, which the transaction set has."""
    judged_by: str | None = None
    """The version whose schema read it, where that is not its own version's."""

    @property
    def all_findings(self) -> tuple[Finding, ...]:
        """Return its findings, with the faults of its envelope first."""
        return (*self.transaction_set.findings, *self.findings)

    @property
    def is_acknowledgment(self) -> bool:
        """Say whether this is a 997 or the like, which we neither acknowledge nor deliver."""
        return self.group.functional_id == ACKNOWLEDGMENT_GROUP


def parse(
    one: TransactionSet,
    group: GroupHeader,
    *,
    partner: Partner,
    usage: str,
    validator_of: ValidatorOf,
    direction: Direction = "in",
) -> SetReading:
    """Read one set by the agreement that covers it; `usage` is ISA15."""
    if group.functional_id == ACKNOWLEDGMENT_GROUP:
        return SetReading(one, group, None, None)
    version = group.version
    agreement = partner.agreement(direction, one.set_id, version=version, usage=usage)
    if isinstance(agreement, NoAgreement):
        # Whatever is missing (set, version, usage), it is this set that we cannot take.
        return SetReading(one, group, None, None, (unsupported(one, agreement.message),))
    validator = validator_of(agreement.schema_version, one.set_id, partner.guide_of(agreement))
    return _read(one, group, agreement=agreement, validator=validator)


def parse_unagreed(
    one: TransactionSet, group: GroupHeader, validator_of: ValidatorOf
) -> SetReading:
    """Read one set by its own GS08, where nobody is there who agreed on anything."""
    validator = validator_of(group.version[:6], one.set_id, None)
    return _read(one, group, agreement=None, validator=validator)


def _read(
    one: TransactionSet,
    group: GroupHeader,
    *,
    agreement: Agreement | None,
    validator: SetValidator | None,
) -> SetReading:
    if one.too_large:  # its findings say so
        return SetReading(one, group, agreement, None)
    if validator is None:
        version = agreement.schema_version if agreement is not None else group.version
        because = f"there is no schema for set {one.set_id} in version {version}"
        return SetReading(one, group, agreement, None, (unsupported(one, because),))
    judged_by = standing_in(validator)
    if judged_by is not None and agreement is not None and agreement.version_gap == "refuse":
        because = (
            f"there is no schema for set {one.set_id} in version {agreement.schema_version}, and "
            f"the agreement takes no other version's (that of {judged_by} is the nearest)"
        )
        return SetReading(one, group, agreement, None, (unsupported(one, because),))
    parsed = validator.parse(one)
    return SetReading(one, group, agreement, parsed.tree, tuple(parsed.findings), judged_by)
