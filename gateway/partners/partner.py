"""Who we exchange with: identities, people, folders and agreements of one trading partner."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from pydantic import Field, model_validator

from gateway.findings import Finding, FindingCode, Severity
from gateway.partners.access import HttpAccess
from gateway.partners.acknowledging import AcknowledgmentPolicy
from gateway.partners.agreement import (
    Agreement,
    FindingRule,
)
from gateway.partners.connections import Connection, PickUp, Send
from gateway.partners.drop_box import DropBox
from gateway.partners.duplicates import PartnerDuplicates
from gateway.partners.fields import (
    Direction,
    GroupId,
    HomePath,
    InterchangeId,
    Name,
    Qualifier,
    Settings,
    Texts,
)
from gateway.partners.outgoing import TimeZone
from gateway.partners.separators import OutgoingDelimiters

GuideName = tuple[str, str]
"""Whose guide, and its name among those of that partner."""


class Identity(Settings):
    """How a party is named in envelopes; compared exactly, padding apart."""

    qualifier: Qualifier
    """ISA05 or ISA07, such as ZZ, 01 or 12."""
    id: InterchangeId
    """ISA06 or ISA08."""
    gs: GroupId | None = None
    """GS02 or GS03; the interchange id if left out."""

    @property
    def group_id(self) -> str:
        """Return what stands in GS02 or GS03."""
        return self.gs or self.id

    @property
    def key(self) -> tuple[str, str]:
        """Return what interchanges are compared by: qualifier and id."""
        return self.qualifier, self.id

    def __str__(self) -> str:
        return f"{self.qualifier}/{self.id}"


class Contact(Settings):
    """A person or a desk at the partner."""

    name: str
    """Name of the person or desk."""
    email: str | None = None
    """Address for questions about data."""
    phone: str | None = None
    """Telephone number."""


class Folders(Settings):
    """Where this partner's payloads come in and go out, below the instance's home."""

    inbound: HomePath | None = Field(None, alias="in")
    """Folder that is watched; `<inbox>/<partner>/in` if left out."""
    outbound: HomePath | None = Field(None, alias="out")
    """Folder that acknowledgments and documents are written to; `<inbox>/<partner>/out` if left
    out."""


class ControlNumbers(Settings):
    """How we number what we send to this partner."""

    first_interchange: Annotated[int, Field(ge=1, le=999_999_999)] = 1
    """ISA13 of the first interchange; for partners that go on from an older system."""
    first_group: Annotated[int, Field(ge=1, le=999_999_999)] = 1
    """GS06 of the first functional group, of each kind (GS01)."""
    tests_apart: bool = False
    """Number what is marked as a test (ISA15 is T) in sequences of its own. Both then use the same
    numbers: for partners whose test system is another one."""

    def mark(self, usage: str) -> str:
        """Return what marks the sequences of a usage; empty for the usual ones."""
        return "T" if self.tests_apart and usage == "T" else ""


@dataclass(frozen=True, slots=True)
class NoAgreement:
    """The partner is known but this is not agreed: which finding that is, and a sentence."""

    code: FindingCode
    message: str


class Partner(Settings):
    """One trading partner, as its file says."""

    id: Name = Field(alias="partner")
    """Short name, used for folders, routes and the command line; the file has the same name."""
    name: str
    """Name for people."""
    owner: str | None = None
    """Who on our side acts when something of this partner waits in quarantine."""
    contacts: tuple[Contact, ...] = ()
    """People at the partner."""
    identities: Annotated[tuple[Identity, ...], Field(min_length=1)]
    """How the partner names itself in envelopes; the first is used when we send."""
    our_identity: Name | None = None
    """Which of our identities in `gateway.yaml` this partner uses; the first if left out."""
    folders: Folders = Folders()
    """Where payloads come in and go out."""
    drop_box: DropBox | None = None
    """This partner's account on our own SFTP server; it has none if left out."""
    http: HttpAccess | None = None
    """How this partner proves who it is when it posts payloads to us; it cannot if left out."""
    connections: dict[Name, Connection] = Field(default_factory=dict)
    """How we reach the partner's own systems, by names that `pick_up` and `send` use."""
    pick_up: tuple[PickUp, ...] = ()
    """Folders at the partner that we fetch payloads from, besides the `in` folder."""
    send: Send | None = None
    """Where we put what the partner gets from us; the `out` folder if left out."""
    acknowledgment: AcknowledgmentPolicy = AcknowledgmentPolicy()
    """Holds for every agreement that does not say otherwise, and for sets without an agreement."""
    accept: Texts = ()
    """Leniencies in reading whatever this partner sends."""
    findings: tuple[FindingRule, ...] = ()
    """Findings that are ignored, only noted, or refuse, in every agreement."""
    duplicates: PartnerDuplicates = PartnerDuplicates()
    """What becomes of what comes again, and of numbers that are left out."""
    delimiters: OutgoingDelimiters = OutgoingDelimiters()
    """Separators in what we send."""
    time_zone: TimeZone = "UTC"
    """Time zone of the dates and times in the envelopes of what we send, acknowledgments too
    (ISA09, ISA10, GS04, GS05), such as America/Chicago."""
    control_numbers: ControlNumbers = ControlNumbers()
    """How we number what we send."""
    agreements: Annotated[tuple[Agreement, ...], Field(min_length=1)]
    """What we exchange."""

    @model_validator(mode="after")
    def _hand_down_to_agreements(self) -> Partner:
        agreements = tuple(
            agreement.model_copy(
                update={
                    "acknowledgment": self.acknowledgment.overridden_by(agreement.acknowledgment),
                    "findings": (*agreement.findings, *self.findings),
                    "delimiters": agreement.delimiters or self.delimiters,
                    "time_zone": agreement.time_zone or self.time_zone,
                    "duplicates": self.duplicates.overridden_by(agreement.duplicates),
                }
            )
            for agreement in self.agreements
        )
        # Frozen towards everybody else; this is still the making of the value.
        object.__setattr__(self, "agreements", agreements)
        return self

    def as_agreed(self, agreement: Agreement) -> Partner:
        """Return this partner as an agreement names us towards it."""
        if agreement.our_identity is None:
            return self
        return self.model_copy(update={"our_identity": agreement.our_identity})

    def sent_to(self, agreement: Agreement) -> Identity:
        """Return the identity that what we send under an agreement is for; the first usually."""
        named = (one for one in self.identities if one.id == agreement.their_identity)
        return next(named, self.identities[0])

    def guide_of(self, agreement: Agreement) -> GuideName | None:
        """Return which guide an agreement names, if any."""
        return (self.id, agreement.guide) if agreement.guide is not None else None

    @property
    def leniencies(self) -> tuple[str, ...]:
        """Return the names of what is accepted in reading this partner's interchanges."""
        inbound = (name for entry in self.inbound for name in entry.accept)
        return tuple(dict.fromkeys((*self.accept, *inbound)))

    @property
    def inbound(self) -> tuple[Agreement, ...]:
        """Return the agreements on what the partner sends."""
        return tuple(entry for entry in self.agreements if entry.direction == "in")

    def severity(self, finding: Finding) -> Severity:
        """Say what to make of a finding that no agreement covers, such as one of the envelope."""
        general = self.agreements[0].model_copy(
            update={
                "direction": "in",
                "findings": self.findings,
                "acknowledgment": self.acknowledgment,
            }
        )
        return general.severity(finding)

    def agreement(
        self, direction: Direction, set_id: str, *, version: str, usage: str
    ) -> Agreement | NoAgreement:
        """Find the agreement for a transaction set by ST01, GS08 and ISA15, or say what is missing.

        An agreement that names the version with its suffix goes before one that takes any suffix.
        """
        of_set = [
            entry
            for entry in self.agreements
            if entry.direction == direction and entry.set == set_id
        ]
        if not of_set:
            verb = "receive" if direction == "in" else "send"
            return NoAgreement(
                FindingCode.TRANSACTION_SET_NOT_SUPPORTED,
                f"no agreement with partner '{self.id}' to {verb} {set_id}",
            )
        of_version = [entry for entry in of_set if entry.takes_version(version)]
        if not of_version:
            agreed = ", ".join(dict.fromkeys(entry.version for entry in of_set))
            return NoAgreement(
                FindingCode.GROUP_VERSION_NOT_SUPPORTED,
                f"partner '{self.id}' agreed on {set_id} in version {agreed}, not {version}",
            )
        of_usage = [entry for entry in of_version if usage in entry.usages]
        if not of_usage:
            agreed = ", ".join(sorted({mark for entry in of_version for mark in entry.usages}))
            return NoAgreement(
                FindingCode.USAGE_INDICATOR_INVALID,
                f"partner '{self.id}' agreed on {set_id} with usage {agreed}, not {usage}",
            )
        return max(of_usage, key=lambda entry: entry.version == version)
