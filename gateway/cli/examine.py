"""Reads, parses and judges a payload by the pipeline's own stages, and stores nothing.

With an instance, the agreements with the sender decide what is accepted in silence and how severe
a finding is; without one, or where nobody knows the sender, the standard does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from gateway.acks.results import ACKNOWLEDGMENT_GROUP, SeverityOf
from gateway.config import Instance
from gateway.config.instance import leniency
from gateway.config.schemas import packaged_schemas
from gateway.errors import LocalProtocolError
from gateway.findings import Finding, Severity
from gateway.partners import AcknowledgmentPolicy, GuideName, Partner
from gateway.partners.fields import Direction
from gateway.pipeline.outcome import Quarantine, Reject
from gateway.pipeline.stages.envelope import Envelope, surveyed, unwatched
from gateway.pipeline.stages.identify import identify
from gateway.pipeline.stages.parse import SetReading, parse, parse_unagreed
from gateway.pipeline.stages.validate import Conclusion, Judge, Judged
from gateway.x12.guides.validator import guided_validator
from gateway.x12.leniency import Leniency, strict
from gateway.x12.model import (
    Delimiters,
    GroupHeader,
    InterchangeHeader,
    Octets,
    Segment,
    TransactionSet,
)
from gateway.x12.validate import SetValidator
from gateway.x12.writer import check_delimiters

ANYBODY = Partner.model_validate(
    {
        "partner": "anybody",
        "name": "Whoever sent it",
        "identities": [{"qualifier": "ZZ", "id": "ANYBODY"}],
        "agreements": [{"set": "997", "direction": "in", "map": "none"}],
    }
)
"""Stands in for a sender with whom nothing is agreed: judges as the standard does."""

Graded = tuple[Finding, Severity]

_SETS_BETWEEN = 200
"""After so many transaction sets it is said how far the work is."""


_SURVEY = 5
"""Reading an interchange for its envelope takes about the fifth part of the work."""


@dataclass(slots=True)
class _Far:
    """Says how far into a payload the work is: each interchange is read twice."""

    at: Callable[[int], None]
    start: int = 0
    """Where the interchange begins that is being surveyed."""
    begun: int = 0
    """Where the one begins that is being examined."""

    def surveyed(self, offset: int) -> None:
        """Say that an interchange was read so far for its envelope."""
        self.at(self.start + (offset - self.start) // _SURVEY)

    def begin(self, envelope: Envelope) -> None:
        """Begin with the sets of an interchange."""
        self.begun, self.start = self.start, envelope.end

    def examined(self, offset: int) -> None:
        """Say that the sets of an interchange were examined so far."""
        survey = (self.start - self.begun) // _SURVEY
        self.at(self.begun + survey + (offset - self.begun) * (_SURVEY - 1) // _SURVEY)


@dataclass(frozen=True, slots=True)
class ExaminedSet:
    """A transaction set as it was parsed, and what was found in it."""

    interchange: InterchangeHeader
    reading: SetReading
    findings: list[Graded]
    severity: SeverityOf
    """What its agreement makes of findings."""
    validator: SetValidator | None = None
    """What judged it, by a schema and perhaps a guide; None where nothing could."""


@dataclass(slots=True)
class ExaminedGroup:
    """A functional group, and what was found in its envelope."""

    header: GroupHeader
    findings: list[Graded]
    sets: list[ExaminedSet] = field(default_factory=list)
    """Those that were kept."""
    passed_over: int = 0
    """Transaction sets without a finding that were not kept."""
    faulty_passed_over: int = 0
    """Those with findings that were not."""

    @property
    def examined(self) -> int:
        """Return how many transaction sets were examined, kept or not."""
        return len(self.sets) + self.passed_over + self.faulty_passed_over

    def take(self, one: ExaminedSet, kept: ExaminedSet | None) -> None:
        """Count a set, and hold what is kept of it."""
        if kept is not None:
            self.sets.append(kept)
        elif one.findings:
            self.faulty_passed_over += 1
        else:
            self.passed_over += 1


@dataclass(frozen=True, slots=True)
class ExaminedInterchange:
    """An interchange, what was found in its envelope, and the verdict on all of it."""

    header: InterchangeHeader
    findings: list[Graded]
    groups: list[ExaminedGroup]
    conclusion: Conclusion
    acknowledgments: Sequence[Segment] = ()
    """The TA1 segments that it carries."""
    stranger: str = ""
    """Why no agreement counts, where an instance was asked that does not know the sender."""

    @property
    def all_findings(self) -> list[Graded]:
        """Return everything that was found in it."""
        of_groups = [one for group in self.groups for one in group.findings]
        sets = [one for group in self.groups for one in group.sets]
        return [*self.findings, *of_groups, *(found for one in sets for found in one.findings)]


def stranger_note(one: ExaminedInterchange) -> str:
    """Say what a sender that no agreement knows means for a verdict; empty where it is known."""
    held = "held to the standard alone; when received, it waits for a person"
    return f"{one.stranger}: {held}" if one.stranger else ""


Keep = Callable[[ExaminedGroup, ExaminedSet], ExaminedSet | None]
"""Says what is kept of a set of a group: all of it, as `lean` makes it, or nothing."""


def whole(_group: ExaminedGroup, one: ExaminedSet) -> ExaminedSet:
    """Keep all of every set."""
    return one


def lean(one: ExaminedSet) -> ExaminedSet:
    """Return a set with its ST and what was found in it, and nothing else."""
    received = one.reading.transaction_set
    bare = replace(received, segments=received.segments[:1], offsets=received.offsets[:1])
    return replace(one, reading=replace(one.reading, transaction_set=bare, tree=None))


class Examiner:
    """Examines payloads; compiles each schema once."""

    def __init__(
        self,
        instance: Instance | None = None,
        partner: Partner | None = None,
        policy: AcknowledgmentPolicy | None = None,
    ) -> None:
        """Take an instance, and a partner to whose agreements everything is held, if any.

        What `policy` says of acknowledgments goes before what was agreed.
        """
        self._policy = policy
        self._instance = instance
        self._partner = partner
        self.library = packaged_schemas()
        self._validators: dict[tuple[str, str, GuideName | None], SetValidator | None] = {}

    def sets(self, payload: Octets) -> Iterator[ExaminedSet]:
        """Yield each transaction set of a payload; by its own schema where none was agreed on."""
        for interchange in self.interchanges(payload):
            for group in interchange.groups:
                for one in group.sets:
                    yield one if one.reading.agreement is not None else self._unagreed(one)

    def _unagreed(self, one: ExaminedSet) -> ExaminedSet:
        reading = parse_unagreed(one.reading.transaction_set, one.reading.group, self._validator)
        findings = graded(reading.all_findings, one.severity)
        return replace(one, reading=reading, findings=findings)

    def interchanges(
        self, payload: Octets, *, keep: Keep = whole, at: Callable[[int], None] = unwatched
    ) -> Iterator[ExaminedInterchange]:
        """Yield each interchange of a payload, and say meanwhile how far into it the work is.

        Memory is that of the sets which are kept: for payloads of any size.
        """
        far = _Far(at)
        for received, sets in surveyed(payload, self._leniency_of, far.surveyed):
            far.begin(received)
            partner, envelope, stranger = self._identify(received)
            severity = (partner or ANYBODY).severity
            separators = usable(envelope.header.delimiters)
            judge = Judge(envelope, partner or ANYBODY, separators, policy=self._policy)
            judged: dict[int, Judged] = {}
            groups = [
                ExaminedGroup(group.header, graded(group.findings, severity))
                for group in envelope.groups
            ]
            for count, ((number, _), one) in enumerate(sets):
                examined = self._examine(envelope.header, groups[number].header, one, partner)
                judge.judge(examined.reading, number, judged.setdefault(number, Judged()))
                group = groups[number]
                group.take(examined, keep(group, examined))
                if count % _SETS_BETWEEN == 0:
                    far.examined(one.offsets[0])
            findings = graded(envelope.findings, severity)
            yield ExaminedInterchange(
                envelope.header,
                findings,
                groups,
                judge.conclude(judged),
                envelope.acknowledgments,
                stranger,
            )

    def _leniency_of(self, header: InterchangeHeader) -> Leniency:
        if self._partner is not None:
            return leniency(self._partner.leniencies)
        return self._instance.leniency_of(header) if self._instance else strict(header)

    def _direction(self, header: InterchangeHeader) -> Direction:
        """Say which way an interchange goes; only with a partner named may it be one of ours."""
        ours = self._instance.settings.identities if self._instance is not None else ()
        return "out" if self._partner and header.sender in {one.key for one in ours} else "in"

    def _identify(self, envelope: Envelope) -> tuple[Partner | None, Envelope, str]:
        """Return the sender, if it is known, the envelope with what was found, or why it is not."""
        if self._instance is None or self._partner is not None:
            return self._partner, envelope, ""
        partner, outcome = identify(envelope.header, self._instance.lookup, None)
        if isinstance(outcome, Reject):
            envelope = replace(envelope, findings=(*envelope.findings, *outcome.findings))
        return partner, envelope, outcome.because if isinstance(outcome, Quarantine) else ""

    def _examine(
        self,
        interchange: InterchangeHeader,
        group: GroupHeader,
        one: TransactionSet,
        partner: Partner | None,
    ) -> ExaminedSet:
        asked: list[SetValidator | None] = [None]

        def validator_of(version: str, set_id: str, guide: GuideName | None) -> SetValidator | None:
            asked.append(self._validator(version, set_id, guide))
            return asked[-1]

        if partner is None or group.functional_id == ACKNOWLEDGMENT_GROUP:
            # The pipeline takes acknowledgments as they are; who asks here wants to know more.
            reading = parse_unagreed(one, group, validator_of)
        else:
            reading = parse(
                one,
                group,
                partner=partner,
                usage=interchange.usage,
                validator_of=validator_of,
                direction=self._direction(interchange),
            )
        severity = (reading.agreement or partner or ANYBODY).severity
        found = graded(reading.all_findings, severity)
        return ExaminedSet(interchange, reading, found, severity, asked[-1])

    def _validator(self, version: str, set_id: str, guide: GuideName | None) -> SetValidator | None:
        key = (version, set_id, guide)
        if key not in self._validators:
            guides = self._instance.guides if self._instance is not None else {}
            over = guides[guide] if guide is not None else None
            self._validators[key] = guided_validator(self.library, version, set_id, over)
        return self._validators[key]


def graded(findings: Sequence[Finding], severity: SeverityOf) -> list[Graded]:
    """Return findings, each with its severity, but for those that the agreement has us ignore.

    What only another version's schema holds against a set is shown, though nobody is told of it.
    """
    found = [(finding, severity(finding)) for finding in findings]
    return [
        (finding, grade)
        for finding, grade in found
        # What holds a document is shown, whatever the partner is told of it.
        if grade is not Severity.IGNORE or finding.judged_by is not None or finding.held
    ]


def usable(delimiters: Delimiters) -> Delimiters:
    """Return delimiters, or the usual ones where a broken ISA declared what none can be."""
    try:
        check_delimiters(delimiters)
    except LocalProtocolError:
        return Delimiters()
    return delimiters
