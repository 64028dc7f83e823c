"""Explains acknowledgments: what a 997, 999, TA1 or 824 says of what was sent, and where."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from gateway.acks.advice824 import AdviceNote, DocumentAdvice, read824
from gateway.acks.codes import CodeList
from gateway.acks.model import (
    GroupAcknowledgment,
    InterchangeAcknowledgment,
    SetAcknowledgment,
    Status,
)
from gateway.acks.noted import SAYS, noted_in_interchange, noted_in_set, sent_group, sent_set
from gateway.acks.segments import read_group
from gateway.acks.words import finding_of, meaning
from gateway.cli.explained import Original, Subject, Teller, Told, count_last
from gateway.counting import counted
from gateway.findings import Finding, FindingCode, Location
from gateway.x12.delimiters import find_interchange
from gateway.x12.envelope import same_number
from gateway.x12.known_by import known_as
from gateway.x12.model import ControlNumber, Delimiters, Group, Interchange, TransactionSet
from gateway.x12.names import plain_value
from gateway.x12.reader import read_interchanges
from gateway.x12.schema import ElementUse

ACKNOWLEDGMENTS = frozenset({"997", "999"})
ADVICE = "824"

MOST_TAKEN = 5
"""Accepted sets that are named one by one."""

_WORDS = {
    Status.ACCEPTED: "accepted",
    Status.ACCEPTED_WITH_ERRORS: "accepted, with errors",
    Status.PARTIALLY_ACCEPTED: "accepted in part",
    Status.REJECTED: "rejected",
}
_NOT_AT_HAND = (
    "To see the segments that it speaks of, name the file that it answers: --of FILE, "
    "or an instance that has it: --home DIR."
)

_AGREED = "our own check finds the same"
_NOTHING_FOUND = "our own check finds nothing wrong there: ask by which guide they check"

Said = GroupAcknowledgment | InterchangeAcknowledgment | DocumentAdvice
Find = Callable[[Said], bytes | None]
"""Finds the payload that an acknowledgment speaks of."""


@dataclass(frozen=True, slots=True)
class _Sent:
    """What an acknowledgment speaks of, as it was sent; empty where it is not at hand."""

    payload: bytes = b""
    interchanges: Sequence[Interchange] = ()

    @classmethod
    def of(cls, payload: bytes | None) -> _Sent:
        if not payload or find_interchange(payload, 0) is None:
            return cls()
        return cls(payload, list(read_interchanges(payload)))


class AcknowledgmentTeller:
    """Tells what acknowledgments say."""

    def __init__(self, teller: Teller, find: Find) -> None:
        self._teller = teller
        self._find = find
        self._last = _Sent()

    def _sent(self, said: Said) -> _Sent:
        """Return what an acknowledgment speaks of; read once where several speak of the same."""
        payload = self._find(said)
        if payload is None or payload is not self._last.payload:
            self._last = _Sent.of(payload)
        return self._last

    def subjects(self, received: TransactionSet, version: str) -> Iterator[Subject]:
        """Yield what a 997, 999 or 824 says: first of the whole, then of each set.

        `version` is that of its own group, which follows that of the group it speaks of.
        """
        if received.set_id == ADVICE:
            for advice in read824(received):
                yield self._advised(received, advice, version)
            return
        said = read_group(received)
        title = f"{received.set_id} {received.control_number}"
        if said is None:
            because = "AK1 or AK9 is missing: it says nothing that could be understood"
            yield Subject(title, Status.REJECTED, because)
            return
        sent = self._sent(said)
        group = sent_group(sent.interchanges, said)
        yield _of_group(title, said, group, has_sent=bool(sent.payload))
        taken = sum(map(_is_taken, said.sets))
        for one in said.sets:
            if taken <= MOST_TAKEN or not _is_taken(one):
                yield self._of_set(one, group, sent, version)
        if taken > MOST_TAKEN:
            yield Subject(counted(taken, "other set"), Status.ACCEPTED, "accepted")

    def of_interchange(self, said: InterchangeAcknowledgment) -> Subject:
        """Return what a TA1 says of an interchange."""
        sent = self._sent(said)
        header = next(
            (
                one.header
                for one in sent.interchanges
                if one.header.control_number == said.control_number
            ),
            None,
        )
        day, time = plain_value("DT", said.date), plain_value("TM", said.time)
        title = f"TA1 about interchange {said.control_number} of {day or said.date} {time}".rstrip()
        verdict = f"{_WORDS[said.status]}, {said.code} {meaning(CodeList.NOTE, said.code)}"
        finding = noted_in_interchange(said, header)
        if finding is None or said.status is Status.ACCEPTED:
            return Subject(title, said.status, verdict)
        original = Original(sent.payload, header.delimiters if header else Delimiters())
        told = self._tell(finding, original)
        return Subject(title, said.status, verdict, [told], () if header else (_NOT_AT_HAND,))

    def _of_set(
        self, said: SetAcknowledgment, group: Group | None, sent: _Sent, version: str
    ) -> Subject:
        found = sent_set(group, said)
        title = f"{said.set_id} {said.control_number}"
        original = Original(b"", Delimiters(), group.header.version if group else version)
        remarks: list[str] = []
        ours: Sequence[Finding] | None = None
        if found is not None and group is not None:
            title = self._teller.set_title(found, group.header.version)
            original = Original(sent.payload, found.delimiters, group.header.version)
            ours = self._ours(found, group)
        elif group is not None:
            remarks.append(f"group {group.header.control_number} that was sent has no such set")
        codes = ", ".join(meaning(CodeList.TRANSACTION_SET, code) for code in said.codes)
        verdict = _WORDS[said.status] + (f": {codes}" if codes else "")
        told = [
            self._agreed(finding, original, ours)
            for finding in (noted_in_set(said, found) if said.segments else ())
        ]
        told += [self._teller.tell(one, original, also=_AGREED) for one in _named(said, ours)]
        return Subject(title, said.status, verdict, count_last(told), remarks)

    def _agreed(self, finding: Finding, original: Original, ours: Sequence[Finding] | None) -> Told:
        """Tell what is noted; by our own finding where it is the same, which knows the rule."""
        if ours is None:
            return self._tell(finding, original)
        here = [one for one in ours if _at_one_place(finding, one)]
        same = next((one for one in here if one.code is finding.code), None)
        if same is not None:
            return self._teller.tell(same, original, also=_AGREED)
        if here:
            other = here[0].code.replace("_", " ")
            return self._tell(finding, original, f"our own check finds there: {other}")
        return self._tell(finding, original, _NOTHING_FOUND)

    def _tell(self, finding: Finding, original: Original, also: str = "") -> Told:
        says = finding.detail.replace(SAYS, "the acknowledgment says")
        return self._teller.tell(replace(finding, detail=says), original, also=also)

    def _ours(self, found: TransactionSet, group: Group) -> Sequence[Finding] | None:
        """Return what we find in what was sent; None where there is no schema for it."""
        parsed = self._teller.standard.parse(group.header, found)
        return None if parsed is None else [*found.findings, *parsed.findings]

    def _advised(self, received: TransactionSet, advice: DocumentAdvice, version: str) -> Subject:
        names = self._teller.names
        qualifier = ElementUse(1, "128", "", "ID", 2, 3)
        kind = names.meaning(qualifier, advice.qualifier) or f"reference {advice.qualifier}"
        sent = self._sent(advice)
        found, original = _about(advice, sent) or (None, Original(b"", Delimiters(), version))
        result = names.meaning(ElementUse(1, "110", "", "ID", 1, 2), advice.result)
        title = f"{received.set_id} {received.control_number} about {kind} {advice.reference}"
        if advice.set_id:
            title += f" ({advice.set_id} {advice.control_number})".replace(" )", ")")
        said = f"{result or _WORDS[advice.status]} ({advice.result})"
        told = [self._noted(note, found, original) for note in advice.notes]
        placed = any(note.position for note in advice.notes)
        remarks = (_NOT_AT_HAND,) if placed and found is None else ()
        return Subject(title, advice.status, said, told, remarks)

    def _noted(self, note: AdviceNote, found: TransactionSet | None, original: Original) -> Told:
        """Tell what an application minds, in its own words."""
        told = self._teller.tell(_finding(note, found), original)
        code = self._teller.names.meaning(ElementUse(1, "647", "", "ID", 1, 3), note.code)
        words = f"{code or f'condition {note.code}'}: {note.message}".rstrip(": ")
        place = told.finding.location.reference
        value = f": {note.value!r}" if note.value else ""
        advice = replace(
            told.advice,
            title=f"{place} {words}{value}".strip(),
            rule=" ".join(note.notes),
            send=note.instead or "",
        )
        return replace(told, advice=advice)


def _finding(note: AdviceNote, found: TransactionSet | None) -> Finding:
    offset = None
    if found is not None and note.position and note.position <= len(found.segments):
        offset = found.offsets[note.position - 1]
    place = Location(
        segment_position=note.position,
        segment_id=note.segment_id or None,
        element=note.element,
        offset=offset,
    )
    return Finding(FindingCode.DOCUMENT_INVALID, place, note.value or None, note.message)


def _about(advice: DocumentAdvice, sent: _Sent) -> tuple[TransactionSet, Original] | None:
    """Return the set that an 824 speaks of: by its numbers, or by the number people know it by."""
    every = [
        (group, one)
        for interchange in sent.interchanges
        for group in interchange.groups
        for one in group.transaction_sets
        if advice.set_id in ("", one.set_id)
    ]
    for names in (_by_numbers, _by_its_own_number, _by_any_number):
        for group, one in every:
            if names(advice, group, one):
                return one, Original(sent.payload, one.delimiters, group.header.version)
    return None


def _by_numbers(advice: DocumentAdvice, group: Group, one: TransactionSet) -> bool:
    """Say whether ST02 is the one that is named, and GS06 where it is."""
    number, of_group = advice.control_number.strip(), advice.group_control_number.strip()
    if not number or number.lstrip("0") != one.control_number.strip().lstrip("0"):
        return False
    return not of_group or same_number(group.header.control_number, ControlNumber(of_group))


def _by_its_own_number(advice: DocumentAdvice, _group: Group, one: TransactionSet) -> bool:
    """Say whether the reference that is named is the number that people know a set by."""
    return bool(advice.reference) and known_as(one)[1] == advice.reference.strip()


def _by_any_number(advice: DocumentAdvice, _group: Group, one: TransactionSet) -> bool:
    """Say whether the reference that is named stands anywhere in a set."""
    wanted = advice.reference.strip()
    return bool(wanted) and any(wanted in segment for segment in one.segments)


def _of_group(
    title: str, said: GroupAcknowledgment, group: Group | None, *, has_sent: bool
) -> Subject:
    verdict = (
        f"{_WORDS[said.status]}; {counted(said.declared, 'set')} sent, "
        f"{said.received} received, {said.accepted} accepted"
    )
    remarks = [meaning(CodeList.GROUP, code) for code in said.codes]
    if not said.sets and said.status is not Status.ACCEPTED:
        remarks.append("It names no set: what it says holds for all of them.")
    if group is None and said.status is not Status.ACCEPTED:
        wrong = f"The file has no group {said.functional_id} {said.control_number}."
        remarks.append(wrong if has_sent else _NOT_AT_HAND)
    about = f"{title} about group {said.functional_id} {said.control_number}"
    return Subject(about, said.status, verdict, remarks=remarks)


def _named(said: SetAcknowledgment, ours: Sequence[Finding] | None) -> list[Finding]:
    """Return what we find in the envelope of a set that its AK5 names by a code alone."""
    codes = {finding_of(CodeList.TRANSACTION_SET, code) for code in said.codes}
    if FindingCode.TRANSACTION_SET_ID_INVALID in codes:
        # Before 005010 the code of it says this too.
        codes.add(FindingCode.TRANSACTION_SET_NOT_IN_GROUP)
    return [one for one in ours or () if one.code in codes]


def _is_taken(said: SetAcknowledgment) -> bool:
    return said.status is Status.ACCEPTED and not said.segments


def _at_one_place(noted: Finding, ours: Finding) -> bool:
    one, other = noted.location, ours.location
    return (
        one.segment_position == other.segment_position
        and one.segment_id == other.segment_id
        and one.element in (None, other.element)
    )
