"""What is explained: findings with words, place and segment, gathered by what they are about."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace

from gateway.acks.model import Status
from gateway.cli.examine import ExaminedGroup, ExaminedInterchange, ExaminedSet, Graded
from gateway.cli.show_findings import Marked, marked
from gateway.counting import counted
from gateway.findings import Finding, FindingCode, Severity
from gateway.x12.advice import Advice, advise
from gateway.x12.known_by import KNOWN_BY, KnownBy
from gateway.x12.model import Delimiters, Octets, TransactionSet
from gateway.x12.names import Names
from gateway.x12.standard import Standard

LONGEST_SEGMENT = 66
"""Characters of a segment that are shown: what fits between the margin and 80 columns."""
MOST_SHOWN = 20
"""Findings of one subject that are explained; JSON has them all."""

_CHANGE_THE_COUNT = frozenset(
    {
        FindingCode.MANDATORY_SEGMENT_MISSING,
        FindingCode.SEGMENT_UNDER_MINIMUM,
        FindingCode.LOOP_UNDER_MINIMUM,
        FindingCode.SEGMENT_UNKNOWN,
        FindingCode.SEGMENT_UNEXPECTED,
        FindingCode.SEGMENT_NOT_IN_SET,
        FindingCode.SEGMENT_NOT_USED,
        FindingCode.SEGMENT_EMPTY,
        FindingCode.SEGMENT_OVER_MAXIMUM,
        FindingCode.LOOP_OVER_MAXIMUM,
    }
)
"""Faults that are corrected by sending a segment more, or one less."""
_COUNT_AGAIN = "count again if the other corrections add or leave out segments"
_COUNTED = 1_048_576
"""Bytes whose lines are counted at once: a large file is not held in memory."""
_LOOKED_AT = 4096
"""Bytes behind the first line end that tell whether more follows."""


@dataclass(frozen=True, slots=True)
class Told:
    """One finding, put into words."""

    finding: Finding
    advice: Advice
    marked: Marked | None
    line: int | None
    """Line of the file, where it has several."""
    severity: Severity | None = None
    also: str = ""
    """What else is known of it, such as what we find ourselves."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What findings are about: an envelope, a transaction set, or what an acknowledgment says."""

    title: str
    verdict: Status
    said: str
    """The verdict in words."""
    told: Sequence[Told] = ()
    remarks: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Explained:
    """One interchange of a file."""

    title: str
    subjects: Sequence[Subject]
    note: str = ""
    """What is to be known of all of it, such as that nobody knows the sender."""

    @property
    def clean(self) -> bool:
        """Say whether there is nothing in it that anybody must correct."""
        return all(one.verdict is Status.ACCEPTED for one in self.subjects)


@dataclass(frozen=True, slots=True)
class Original:
    """Bytes that findings are about, and how they are cut."""

    payload: Octets
    delimiters: Delimiters
    version: str = ""
    """GS08, by which segments are named."""


@dataclass(slots=True)
class Teller:
    """Puts findings into words, by the schema of the version that they are about."""

    standard: Standard
    names: Names
    _lines: Lines | None = None

    def tell(
        self, finding: Finding, original: Original, severity: Severity | None = None, also: str = ""
    ) -> Told:
        """Put a finding into words."""
        use = self.names.segment(original.version, finding.location.segment_id or "")
        offset = finding.location.offset
        return Told(
            finding,
            advise(finding, use, self.names),
            marked(finding, original.payload, original.delimiters, longest=LONGEST_SEGMENT),
            None if offset is None else self._lines_of(original.payload).line(offset),
            severity,
            also,
        )

    def _lines_of(self, payload: Octets) -> Lines:
        if self._lines is None or self._lines.payload is not payload:
            self._lines = Lines(payload)
        return self._lines

    def set_title(self, one: TransactionSet, version: str) -> str:
        """Name a transaction set as people know it: `940 0001, order HG-200420`."""
        title = f"{one.set_id} {one.control_number}"
        known = KNOWN_BY.get(one.set_id)
        schema = self.standard.library.get(version, one.set_id) if known is None else None
        if schema is not None and schema.keys:
            name, (tag, position) = next(iter(schema.keys.items()))
            known = KnownBy(tag, position, name.replace("_", " "))
        if known is None:
            return title
        value = known.value(one)
        return f"{title}, {known.what} {value}" if value else title


def envelope_subjects(
    teller: Teller, payload: Octets, examined: ExaminedInterchange
) -> Iterator[Subject]:
    """Yield what is wrong with the envelopes of an interchange and of its groups."""
    header = examined.header
    original = Original(payload, header.delimiters)
    if examined.findings:
        yield faulty(teller, "its envelope, ISA to IEA", examined.findings, original)
    for group in examined.groups:
        if group.findings:
            yield faulty(teller, f"the envelope of {group_title(group)}", group.findings, original)


def set_subject(
    teller: Teller, payload: Octets, group: ExaminedGroup, one: ExaminedSet
) -> Subject | None:
    """Return what is wrong with a transaction set; None where nothing is."""
    if not one.findings:
        return None
    received = one.reading.transaction_set
    original = Original(payload, received.delimiters, group.header.version)
    title = teller.set_title(received, group.header.version)
    return faulty(teller, title, one.findings, original)


def faulty(teller: Teller, title: str, findings: Sequence[Graded], original: Original) -> Subject:
    """Return a subject with findings, and what they make of it."""
    rejected = any(severity is Severity.REJECT for _, severity in findings)
    status = Status.REJECTED if rejected else Status.ACCEPTED_WITH_ERRORS
    told = [
        teller.tell(finding, original, severity, _doubt(finding, severity))
        for finding, severity in findings
    ]
    told = count_last(told)
    if findings and all(one.also for one in told):
        return Subject(title, Status.ACCEPTED, counted(len(told), "doubt"), told)
    return Subject(title, status, counted(len(told), "fault"), told)


def count_last(told: Sequence[Told]) -> list[Told]:
    """Put SE01 after the other faults of a set: what corrects them may change the count."""
    counts = [one for one in told if one.finding.code is FindingCode.SEGMENT_COUNT_WRONG]
    others = [one for one in told if one not in counts]
    if any(one.finding.code in _CHANGE_THE_COUNT for one in others):
        counts = [
            replace(one, advice=replace(one.advice, send=f"{one.advice.send}; {_COUNT_AGAIN}"))
            for one in counts
        ]
    return [*others, *counts]


def _doubt(finding: Finding, severity: Severity) -> str:
    """Say where another version's schema finds what nobody is held to."""
    if finding.judged_by is None or severity is not Severity.IGNORE:
        return ""
    return "its own version may allow it: it is not held against the set"


def group_title(group: ExaminedGroup) -> str:
    """Name a group."""
    return f"group {group.header.functional_id} {group.header.control_number}"


def interchange_title(examined: ExaminedInterchange) -> str:
    """Name an interchange and who sent it to whom."""
    header = examined.header
    sender, receiver = "/".join(header.sender), "/".join(header.receiver)
    usage = {"P": "production", "T": "test"}.get(header.usage, f"usage {header.usage}")
    return f"interchange {header.control_number}, {sender} to {receiver}, {usage}"


class Lines:
    """Counts lines of a file, from where it was asked last: places mostly come in their order."""

    def __init__(self, payload: Octets) -> None:
        self.payload = payload
        first = payload.find(b"\n")
        self._several = first >= 0 and bool(payload[first : first + _LOOKED_AT].strip())
        self._at = (0, 1)

    def line(self, offset: int) -> int | None:
        """Return the line that an offset is in; None where all of the file is one line."""
        if not self._several:
            return None
        start, line = self._at if offset >= self._at[0] else (0, 1)
        for at in range(start, offset, _COUNTED):
            line += self.payload[at : min(at + _COUNTED, offset)].count(b"\n")
        self._at = offset, line
        return line


def as_json(explained: Iterable[Explained]) -> list[dict[str, object]]:
    """Return what was explained as JSON can hold it."""
    return [
        {
            "interchange": one.title,
            "note": one.note,
            "subjects": [_subject_json(each) for each in one.subjects],
        }
        for one in explained
    ]


def _subject_json(one: Subject) -> dict[str, object]:
    return {
        "subject": one.title,
        "verdict": one.verdict.name.lower(),
        "said": one.said,
        "remarks": list(one.remarks),
        "faults": [_told_json(told) for told in one.told],
    }


def _told_json(one: Told) -> dict[str, object]:
    place = one.finding.location
    return {
        "code": one.finding.code.value,
        "severity": one.severity.value if one.severity else None,
        "reference": place.reference,
        "line": one.line,
        "segment_position": place.segment_position,
        "offset": place.offset,
        "value": one.finding.value,
        "data_element": one.finding.data_element,
        **asdict(one.advice),
        "also": one.also,
        "segment": one.marked.segment if one.marked else None,
        "mark": [one.marked.first, one.marked.end] if one.marked else None,
    }
