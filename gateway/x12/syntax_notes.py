"""The five relations between elements of a segment, or components of a composite.

Each function returns the positions at fault, given which of the note's positions hold a value:
those where the partner must change something, because a value is missing or should not be there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from gateway.findings import FindingCode
from gateway.x12.schema import NoteKind, SyntaxNote

Present = Callable[[int], bool]


def paired(positions: Sequence[int], present: Present) -> list[int]:
    """If any is present, all are required: each missing one is at fault."""
    missing = [position for position in positions if not present(position)]
    return missing if len(missing) < len(positions) else []


def required(positions: Sequence[int], present: Present) -> list[int]:
    """At least one is required: the first is where it is missed."""
    return [] if any(map(present, positions)) else [positions[0]]


def exclusive(positions: Sequence[int], present: Present) -> list[int]:
    """At most one may be present: each after the first is at fault."""
    return [position for position in positions if present(position)][1:]


def conditional(positions: Sequence[int], present: Present) -> list[int]:
    """If the first is present, all others are required: each missing one is at fault."""
    if not present(positions[0]):
        return []
    return [position for position in positions[1:] if not present(position)]


def list_conditional(positions: Sequence[int], present: Present) -> list[int]:
    """If the first is present, at least one other is required: the second is where it is missed."""
    if not present(positions[0]) or any(map(present, positions[1:])):
        return []
    return [positions[1]]


SYNTAX_NOTES: Mapping[NoteKind, Callable[[Sequence[int], Present], list[int]]] = {
    "P": paired,
    "R": required,
    "E": exclusive,
    "C": conditional,
    "L": list_conditional,
}

EXPECTATIONS: Mapping[NoteKind, str] = {
    "P": "expected all or none of {all}",
    "R": "expected at least one of {all}",
    "E": "expected at most one of {all}",
    "C": "expected {others} with {first}",
    "L": "expected at least one of {others} with {first}",
}


def note_code(note: SyntaxNote) -> FindingCode:
    """Return the fault that a broken note of this kind is."""
    if note.kind == "E":
        return FindingCode.ELEMENTS_MUTUALLY_EXCLUSIVE
    return FindingCode.CONDITIONAL_ELEMENT_MISSING


def expectation(note: SyntaxNote, name_of: Callable[[int], str]) -> str:
    """Say what a note asks for, with positions named as `name_of` names them."""
    names = [name_of(position) for position in note.positions]
    text = EXPECTATIONS[note.kind]
    return f"{note}: " + text.format(all=_joined(names), first=names[0], others=_joined(names[1:]))


def _joined(names: Sequence[str]) -> str:
    if len(names) == 1:
        return names[0]
    return f"{', '.join(names[:-1])} and {names[-1]}"
