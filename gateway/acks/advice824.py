"""An 824 to what it says: which document of whose, taken or not, and what an application minds.

The words of its codes are not here; what a sender left out is empty text.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from gateway.acks.model import SetAcknowledgment, Status
from gateway.x12.envelope import as_number, element_of
from gateway.x12.model import ControlNumber, Segment, TransactionSet

_TAKEN = frozenset("ACE")
"""Second letters of OTI01 that take what was sent; P takes a part of it, R nothing."""


@dataclass(frozen=True, slots=True)
class AdviceNote:
    """A TED with its NTE: one thing that an application minds."""

    code: str
    """TED01."""
    message: str
    segment_id: str
    position: int | None
    """Counted from ST, which is 1."""
    element: int | None
    value: str
    instead: str
    """TED08: what should be there."""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DocumentAdvice:
    """An OTI with its TEDs: what became of one document."""

    result: str
    """OTI01."""
    qualifier: str
    reference: str
    """OTI03, of the kind that the qualifier (OTI02) says."""
    group_control_number: ControlNumber
    control_number: ControlNumber
    set_id: str
    notes: tuple[AdviceNote, ...] = ()

    @property
    def status(self) -> Status:
        """Say what the result means for the document."""
        second = self.result[1:2]
        if second == "P":
            return Status.PARTIALLY_ACCEPTED
        if second not in _TAKEN:
            return Status.REJECTED
        return Status.ACCEPTED if second == "A" else Status.ACCEPTED_WITH_ERRORS

    @property
    def about(self) -> SetAcknowledgment:
        """Return the set that it speaks of, as other acknowledgments name it."""
        return SetAcknowledgment(self.set_id, self.control_number, self.status)


@dataclass(slots=True)
class _Open:
    header: Segment
    errors: list[tuple[Segment, list[str]]] = field(default_factory=list)


def read824(transaction_set: TransactionSet) -> list[DocumentAdvice]:
    """Return what a received 824 says, document by document."""
    opened: list[_Open] = []
    for segment in transaction_set.segments:
        match segment[0]:
            case "OTI":
                opened.append(_Open(segment))
            case "TED" if opened:
                opened[-1].errors.append((segment, []))
            case "NTE" if opened and opened[-1].errors:
                opened[-1].errors[-1][1].append(element_of(segment, 2))
    return [_advice(one) for one in opened]


def _advice(one: _Open) -> DocumentAdvice:
    header = one.header
    return DocumentAdvice(
        element_of(header, 1),
        element_of(header, 2),
        element_of(header, 3),
        ControlNumber(element_of(header, 8)),
        ControlNumber(element_of(header, 9)),
        element_of(header, 10),
        tuple(_note(segment, notes) for segment, notes in one.errors),
    )


def _note(segment: Segment, notes: list[str]) -> AdviceNote:
    return AdviceNote(
        element_of(segment, 1),
        element_of(segment, 2),
        element_of(segment, 3),
        as_number(element_of(segment, 4)),
        as_number(element_of(segment, 5)),
        element_of(segment, 7),
        element_of(segment, 8),
        tuple(filter(None, notes)),
    )
