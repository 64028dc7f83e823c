"""What we exchange with a partner: one agreement for each transaction set and direction.

An agreement decides which map is used, what is acknowledged and how, and what becomes of a finding.
It does not read, validate or write anything itself.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import field_validator, model_validator

from gateway.findings import Finding, FindingCode, Level, Severity
from gateway.partners.acknowledging import AcknowledgmentPolicy, Strictness
from gateway.partners.duplicates import Duplicates
from gateway.partners.fields import (
    Direction,
    Like,
    MapName,
    Name,
    SetId,
    Settings,
    Texts,
    Usage,
    Usages,
    Version,
)
from gateway.partners.outgoing import Batch, ExpectedAcknowledgment, ExpectedTraffic, TimeZone
from gateway.partners.separators import OutgoingDelimiters

Position = Annotated[
    str,
    Like(
        r"[A-Z][A-Z0-9]{1,2}([0-9]{2}(-[0-9]{1,2})?)?",
        "a segment, an element or a component, such as W19, W1904 or SV101-2",
    ),
]
"""A segment, element or component as `Location.reference` writes it."""


NOTHING_TO_ACCEPT = frozenset(
    {
        FindingCode.INTERCHANGE_WIDTHS_WRONG,
        FindingCode.INTERCHANGE_DUPLICATE,
        FindingCode.SENDER_UNKNOWN,
        FindingCode.RECEIVER_UNKNOWN,
        FindingCode.CONTROL_STRUCTURE_INVALID,
        FindingCode.GROUP_NOT_SUPPORTED,
        FindingCode.GROUP_VERSION_NOT_SUPPORTED,
        FindingCode.TRANSACTION_SET_NOT_SUPPORTED,
        FindingCode.TRANSACTION_SET_TRAILER_MISSING,
        FindingCode.TRANSACTION_SET_ID_INVALID,
    }
)
"""Where one of these is found there is nothing that could be taken, whatever was agreed."""


class FindingRule(Settings):
    """What becomes of a fault that people have looked at: lived with, or never taken."""

    finding: FindingCode
    """The finding's code, such as `code_not_in_list`."""
    at: Position | None = None
    """Where: a segment (`W19`), an element (`W1904`) or a component (`SV101-2`); everywhere if
    left out."""
    severity: Literal[Severity.IGNORE, Severity.NOTE, Severity.REJECT]
    """`ignore` keeps it out of the acknowledgment, `note` reports it, both take the set; `reject`
    refuses the set, or leaves its document waiting where the finding is about the document."""

    @field_validator("finding")
    @classmethod
    def _decidable(cls, code: FindingCode) -> FindingCode:
        if code in NOTHING_TO_ACCEPT:
            raise ValueError(f"'{code}' leaves nothing that could be taken; it always refuses")
        return code

    def exactness(self, finding: Finding) -> int:
        """Say how exactly this names the finding: 0 not, 1 anywhere, 2 segment, 3 element."""
        if finding.code is not self.finding:
            return 0
        if self.at is None:
            return 1
        location = finding.location
        if self.at == location.segment_id:
            return 2
        return 3 if self.at == location.reference else 0


class Agreement(Settings):
    """One transaction set in one direction: version, map, acknowledgment, findings."""

    set: SetId
    """ST01, such as 940."""
    direction: Direction
    """`in` is what the partner sends us, `out` what we send."""
    version: Version = "004010"
    """GS08. Without a suffix it also takes any suffix: 004010 takes 004010UCS; with a suffix it
    takes only itself. Written as it stands when we send."""
    version_aliases: Texts = ()
    """Other spellings of GS08 that this partner uses for the same version, such as 4010."""
    version_gap: Literal["nearest", "refuse"] = "nearest"
    """What judges sets of a version that has no schema: the nearest version's, which then holds
    nothing against them that the version may explain, or none, and they are refused."""
    usage: Usages = ("P",)
    """Usage indicators (ISA15) that this agreement covers; in `stage: test` it takes `T` too."""
    stage: Literal["test", "production"] = "production"
    """`test` treats everything under this agreement as a test, whatever ISA15 says, and takes `T`
    besides its `usage`."""
    map: MapName | None = None
    """Name of the map that reads or writes this set. What comes in may have none: it is validated,
    acknowledged, kept and found all the same, and its document is the set as it is, `x12_set`."""
    guide: Name | None = None
    """What the partner asks of this set beyond the standard, or allows: the guide of this name in
    `partners/<partner>/guides/`; the standard alone holds if left out."""
    acknowledgment: AcknowledgmentPolicy = AcknowledgmentPolicy()
    """What differs from the partner's acknowledgment policy."""
    findings: tuple[FindingRule, ...] = ()
    """Findings that are ignored, only noted, or refuse, before the partner's own list."""
    accept: Texts = ()
    """Leniencies in reading. The ISA is read before its sets are known, so they hold for the whole
    interchange of this partner."""
    duplicates: Duplicates = Duplicates()
    """What differs from the partner's rules about what comes again."""
    delimiters: OutgoingDelimiters | None = None
    """Separators when we send this set; the partner's if left out."""
    time_zone: TimeZone | None = None
    """Time zone of the dates and times in envelopes when we send this set; the partner's if left
    out."""
    our_identity: Name | None = None
    """Which of our identities in `gateway.yaml` we send this set under; the partner's if left out.
    What has identities of its own has control numbers of its own."""
    their_identity: str | None = None
    """The `id` of that one of the partner's identities which we send this set to; the first if left
    out."""
    batch: Batch | None = None
    """Gathers what we send under this agreement; each document goes out at once if left out."""
    on_refusal: Literal["quarantine", "advise"] = "quarantine"
    """What becomes of a document that a destination refuses for what it says: it waits for a
    person, or the partner is told by an application advice (824), which takes an agreement of
    `out` on that set."""
    expect: ExpectedAcknowledgment = ExpectedAcknowledgment()
    """The acknowledgment that the partner owes for what we send, and the document."""
    expect_traffic: ExpectedTraffic | None = None
    """How often the partner sends this set; nobody is told of silence if left out."""

    @model_validator(mode="after")
    def _only_when_sending(self) -> Agreement:
        for name in ("batch", "expect", "time_zone", "our_identity", "their_identity"):
            if self.direction == "in" and name in self.model_fields_set:
                raise ValueError(f"`{name}` is about what we send; this agreement is of `in`")
        return self

    @model_validator(mode="after")
    def _written_by_a_map(self) -> Agreement:
        if self.direction == "out" and self.map is None:
            raise ValueError("'map' is missing; what we send is written by one")
        return self

    @model_validator(mode="after")
    def _only_when_receiving(self) -> Agreement:
        for name in ("duplicates", "on_refusal", "expect_traffic"):
            if self.direction == "out" and name in self.model_fields_set:
                raise ValueError(f"`{name}` is about what we receive; this agreement is of `out`")
        return self

    @property
    def label(self) -> str:
        """Name this agreement within its partner, as messages do: `in 945 004010`."""
        return f"{self.direction} {self.set} {self.version}"

    @property
    def schema_version(self) -> str:
        """Return the version whose schema applies: the six digits without an industry's suffix."""
        return self.version[:6]

    @property
    def usages(self) -> tuple[Usage, ...]:
        """Return the usage indicators that it takes: while it is in test, T besides its own."""
        if self.stage == "test" and "T" not in self.usage:
            return (*self.usage, "T")
        return self.usage

    @property
    def outgoing_usage(self) -> Usage:
        """Return ISA15 of what we send under this agreement."""
        return "T" if self.stage == "test" or "P" not in self.usage else "P"

    def may_send(self, usage: str) -> bool:
        """Say whether what we send may go out under this usage; while in test, as a test only."""
        return usage == "T" if self.stage == "test" else usage in self.usage

    def effective_usage(self, indicator: str) -> str:
        """Return what routing must believe: T while the agreement is in test, else ISA15."""
        return "T" if self.stage == "test" else indicator

    def takes_version(self, version: str) -> bool:
        """Say whether GS08 as received falls under this agreement."""
        if version == self.version or version in self.version_aliases:
            return True
        suffix = version[6:]
        return len(self.version) == 6 and version[:6] == self.version and suffix.isalnum()

    def severity(self, finding: Finding) -> Severity:
        """Say what this agreement makes of a finding; the most exact rule decides.

        A guide's rule that says itself what the partner is told of it goes before all others.
        """
        if finding.rule is not None and finding.rule.acknowledgment is not None:
            return finding.rule.acknowledgment
        best = max(self.findings, key=lambda entry: entry.exactness(finding), default=None)
        if best is not None and best.exactness(finding):
            return Severity(best.severity)
        if finding.code in _NOTED:
            return Severity.NOTE
        # Nobody is told, or refused for, what another version's schema holds against him.
        if finding.judged_by is not None and self.direction == "in":
            return Severity.IGNORE
        # Strictness is about X12. A document that its map or model cannot take is never delivered
        # because somebody wanted lenient acknowledgments.
        if finding.code in NOTHING_TO_ACCEPT or finding.level is Level.DOCUMENT:
            return Severity.REJECT
        # Strictness is about acknowledging what comes in: what is wrong does not leave by it.
        if self.direction == "out":
            return Severity.REJECT
        return _SEVERITY[self.acknowledgment.strictness]


_NOTED = frozenset(
    {
        FindingCode.TOTAL_DIFFERS,
        FindingCode.CONSTANT_DIFFERS,
        FindingCode.WORD_KEPT,
        FindingCode.NOTHING_RECALLED,
    }
)
"""The document is whole, and the finding keeps what was received: a person can judge later."""

_SEVERITY = {
    Strictness.STRICT: Severity.REJECT,
    Strictness.NOTE_ERRORS: Severity.NOTE,
    Strictness.ACCEPT_ALL: Severity.IGNORE,
}
