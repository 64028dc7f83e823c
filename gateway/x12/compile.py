"""Generates, for each segment and number of elements, a function that says whether it is sound.

The functions accept fast and explain nothing: where one says no, `gateway.x12.explain` lists what
is wrong, and it may find nothing (a padded value, say): its word counts. A function only has to be
right when it says yes, and its yes counts only for plain segments: ASCII without control
characters, component or repetition separators, and without blanks at an element's end. In those a
composite is its first component, and most elements need a test of length only.

The generated source is one expression over the elements as locals, such as

    def sound(segment):
        _, a1, a2, a3 = segment
        return len(a1) == 1 and 0 < len(a2) <= 22 and len(a3) <= 22

Nothing of a schema file reaches it but numbers: codes are bound as values.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from gateway.x12.data_types import DAYS, TIMES, period_fault, value_fault
from gateway.x12.explain import ENVELOPE_SEGMENTS, RELATED_SEGMENTS, period_pairs
from gateway.x12.model import Segment
from gateway.x12.schema import ElementUse, SegmentUse, SyntaxNote
from gateway.x12.syntax_notes import SYNTAX_NOTES

Check = Callable[[Segment], bool]
Bound = dict[str, object]
"""Names that generated source uses, and what they stand for."""


class Checks:
    """The checks of one segment by its length in list entries, each generated when first needed."""

    __slots__ = ("by_length", "use")

    def __init__(self, use: SegmentUse) -> None:
        self.use = use
        self.by_length: list[Check] = [self._first] * (len(use.elements) + 2)
        """Of every length that a segment may have: a hostile file must not fill the memory."""

    def __call__(self, segment: Segment) -> bool:
        """Say whether a segment is certain to be sound."""
        length = len(segment)
        return length < len(self.by_length) and self.by_length[length](segment)

    def _first(self, segment: Segment) -> bool:
        """Generate the check of this length, leave it in this one's place, and ask it."""
        length = len(segment)
        check = self.by_length[length] = sound_check(self.use, length)
        return check(segment)


class CheckCache:
    """The checks of each segment as it is defined, shared by all the places where it stands."""

    def __init__(self) -> None:
        self._checks: dict[tuple[int, int], Checks] = {}

    def of(self, use: SegmentUse) -> Checks:
        """Return the checks of a segment at its place."""
        # The library gives the same tuples to every use of a segment; Checks keeps them alive.
        key = id(use.elements), id(use.notes)
        found = self._checks.get(key)
        if found is None:
            found = self._checks[key] = Checks(use)
        return found


def refuse(_segment: Segment) -> bool:
    """Leave the judgment to the explanation."""
    return False


def accept(_segment: Segment) -> bool:
    """Leave the judgment to others: the envelope's segments are not judged here."""
    return True


def sound_check(use: SegmentUse, length: int) -> Check:
    """Generate the check of a segment that is a list of this length, its id included."""
    if use.tag in ENVELOPE_SEGMENTS:
        return accept
    if use.tag in RELATED_SEGMENTS:
        return refuse
    if length < 2 or any(element.requirement == "M" for element in use.elements[length - 1 :]):
        return refuse
    bound: Bound = {"DAYS": DAYS, "TIMES": TIMES}
    elements = use.elements[: length - 1]
    together = _paired_notes(use.notes, elements)
    told = {position for note in together for position in note.positions}
    terms = [_term(one, f"a{one.position}", bound) for one in elements if one.position not in told]
    terms += [_all_or_none([elements[at - 1] for at in note.positions], bound) for note in together]
    terms += [_note(note, elements) for note in use.notes if note not in together]
    for form, period in period_pairs(elements):
        bound["period_fault"] = period_fault
        name = f"a{period.position}"
        terms.append(f"(not {name} or period_fault(a{form.position}, {name}) is None)")
    if not any(element.requirement == "M" for element in elements):
        terms.append(_any([f"a{element.position}" for element in elements]))
    names = ", ".join(f"a{element.position}" for element in elements)
    body = " and ".join(dict.fromkeys(term for term in terms if term)) or "True"
    source = f"def sound(segment):\n    _, {names} = segment\n    return {body}\n"
    exec(compile(source, f"<{use.tag}, {length - 1} elements>", "exec"), bound)  # noqa: S102  generated above from numbers only
    check: Check = bound["sound"]  # type: ignore[assignment]  # exec's names have no types
    return check


def _term(element: ElementUse, name: str, bound: Bound) -> str:
    if element.components:
        return _composite(element, name, bound)
    test = _value(element, name, bound)
    if element.requirement == "M":
        return test
    if element.minimum == 1 and element.type in ("AN", "ID", "B") and element.codes is None:
        return f"len({name}) <= {element.maximum}"
    return f"(not {name} or {test})"


def _value(element: ElementUse, name: str, bound: Bound) -> str:
    """Return an expression that is true only of sound values; a plain value is no blank."""
    low, high = element.minimum, element.maximum
    length = f"len({name}) == {low}" if low == high else f"{low} <= len({name}) <= {high}"
    if low == 1 < high:  # Empty text is false, which is quicker to see than a length of none.
        length = f"{name} and len({name}) <= {high}"
    match element.type[0]:
        case "A" | "I" | "B" if element.codes is None:
            return length
        case "I":
            codes = f"CODES{element.number}"
            bound[codes] = frozenset(
                code for code in element.codes or () if value_fault(element, code) is None
            )
            return f"{name} in {codes}"
        case "N":
            quick = f"{name}.isdigit() and {length}"
            if low == 1:
                quick = f"{name}.isdigit() and len({name}) <= {high}"
        case "R":
            quick = f"{name}.isdigit() and {length}"
            if low == 1:
                quick = f"({name}.isdigit() or {name}.replace('.', '', 1).isdigit())"
                quick += f" and len({name}) <= {high}"
        case "D" if low == high == 8:
            quick = f"len({name}) == 8 and {name}[4:] in DAYS and {name}.isdigit()"
            quick += f" and {name} > '0001'"
        case "T" if low <= 4 <= high:
            quick = f"{name} in TIMES"
        case _:  # six-digit dates and the like: rare enough for the readable rule alone
            quick = "False"
    rule = f"rule{element.number}"
    bound[rule] = _rule(element)
    return f"({quick} or {rule}({name}))"


def _rule(element: ElementUse) -> Callable[[str], bool]:
    """Return the readable rule itself, for the values that no quick test settles."""

    def holds(value: str) -> bool:
        return bool(value) and value_fault(element, value) is None

    return holds


def _composite(element: ElementUse, name: str, bound: Bound) -> str:
    """Judge a composite that has no separator: it is its first component, or the explanation's."""
    first = element.components[0]
    alone = not any(
        SYNTAX_NOTES[note.kind](note.positions, lambda position: position == 1)
        for note in element.notes
    ) and not any(component.requirement == "M" for component in element.components[1:])
    if element.requirement == "M":
        return _value(first, name, bound) if alone else "False"
    return f"(not {name} or {_value(first, name, bound)})" if alone else f"not {name}"


def _note(note: SyntaxNote, elements: Sequence[ElementUse]) -> str:
    """Write a note as an expression; positions past the segment's end hold nothing."""
    names = [f"a{position}" for position in note.positions if position <= len(elements)]
    missing = len(note.positions) - len(names)
    first, others = names[:1], names[1:]
    match note.kind:
        case "P":
            return f"not {_any(names)}" if missing and names else _paired(names)
        case "R":
            return _any(names)
        case "E":
            return f"({' + '.join(f'bool({name})' for name in names)}) <= 1" if others else ""
        case "C" | "L" if note.positions[0] > len(elements):
            return ""
        case "C":
            return f"not {first[0]}" if missing else f"(not {first[0]} or {_all(others)})"
        case "L":
            return f"(not {first[0]} or {_any(others)})" if others else f"not {first[0]}"


def _paired_notes(notes: Sequence[SyntaxNote], elements: Sequence[ElementUse]) -> list[SyntaxNote]:
    """Return the notes "all or none" that are about elements of which nothing else is told."""
    found: list[SyntaxNote] = []
    taken: set[int] = set()
    for note in notes:
        if note.kind != "P" or max(note.positions) > len(elements) or taken & {*note.positions}:
            continue
        of_note = [elements[position - 1] for position in note.positions]
        if not any(one.components or one.requirement == "M" for one in of_note):
            found.append(note)
            taken.update(note.positions)
    return found


def _all_or_none(elements: Sequence[ElementUse], bound: Bound) -> str:
    """Judge elements of which either all or none are there, with no test made twice."""
    first, *others = [f"a{element.position}" for element in elements]
    values = [_value(element, f"a{element.position}", bound) for element in elements]
    return f"({' and '.join(values)} if {first} else not {_any(others)})"


def _paired(names: Sequence[str]) -> str:
    if len(names) == 2:
        return f"(not {names[0]}) == (not {names[1]})"
    return f"({_all(names)} or not {_any(names)})" if names else ""


def _any(names: Sequence[str]) -> str:
    return f"({' or '.join(names)})" if names else "False"


def _all(names: Sequence[str]) -> str:
    return f"({' and '.join(names)})"
