"""One document being written: what all writers share."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from gateway.findings import Finding, FindingCode, Location
from gateway.mapping.conversions import Scalar
from gateway.mapping.out_tree import Chain, OutNode
from gateway.mapping.plan import (
    Json,
    JsonValue,
    ValueRule,
)
from gateway.mapping.rivals import Rivals
from gateway.mapping.tables import CodeUnknown

Members = Mapping[str, Json]

_NOTHING: tuple[Json, ...] = (None, "", [], {})
"""Values of which nothing can be lost."""


Trail = tuple["Trail", str, int] | None
"""The way to an object of the document: where it is in, the member, its index or -1; None is the
document itself. Findings are rare, so only they spell it out."""

Placed = tuple[OutNode, OutNode | list[str], Rivals, Trail]
"""An entry of a list with the node it is in, what chooses before the list, and the way to it."""


def pointer_to(trail: Trail) -> str:
    """Return the JSON Pointer of an object of the document."""
    if trail is None:
        return ""
    outer, name, index = trail
    pointer = f"{pointer_to(outer)}/{name}"
    return pointer if index < 0 else f"{pointer}/{index}"


@dataclass(slots=True)
class Run:
    """A document on its way into a tree, and what was found wrong with it."""

    document: Members
    separator: str
    forbidden: frozenset[str]
    replacement: str | None
    findings: list[Finding] = field(default_factory=list)
    placed: list[Placed] = field(default_factory=list)
    """Entries of lists that share their segments with other fields."""
    levels: dict[int, Trail] = field(default_factory=dict)
    """The way to each entry that is an HL level, by the identity of its node."""

    def note(
        self, code: FindingCode, pointer: str, detail: str, *, value: object = None, at: str = ""
    ) -> None:
        """Add a finding about a field of the document."""
        shown = None if value is None else str(value)[:80]
        where = Location(segment_id=at or None)
        self.findings.append(Finding(code, where, shown, detail, field=pointer))

    def not_mapped(self, own: Members, known: frozenset[str], here: Here) -> None:
        """Note the members of an object that the map has no position for."""
        for name, value in own.items():
            if name not in known and value not in _NOTHING:
                detail = "the map has no position for it"
                escaped = name.replace("~", "~0").replace("/", "~1")
                self.note(FindingCode.FIELD_NOT_MAPPED, f"{here.pointer}/{escaped}", detail)

    def text(self, rule: ValueRule, value: Json, here: Here, name: str) -> str | None:
        """Return what is written for a value, or None and a finding."""
        if type(value) is not str and not isinstance(value, str | int):
            detail = "expected a single value"
            pointer = f"{here.pointer}/{name}"
            self.note(FindingCode.VALUE_NOT_CONVERTIBLE, pointer, detail, value=value)
            return None
        try:
            text = rule.write(value) if rule.write else _plain(value)
        except ValueError as fault:
            unknown = isinstance(fault, CodeUnknown)
            code = FindingCode.CODE_NOT_IN_TABLE if unknown else FindingCode.VALUE_NOT_CONVERTIBLE
            self.note(code, f"{here.pointer}/{name}", str(fault), value=value)
            return None
        if self.forbidden.isdisjoint(text):
            return text
        return self._without_delimiters(text, f"{here.pointer}/{name}")

    def _without_delimiters(self, text: str, pointer: str) -> str | None:
        if self.replacement is not None:
            return "".join(self.replacement if mark in self.forbidden else mark for mark in text)
        detail = "the value contains a delimiter of the interchange"
        self.note(FindingCode.VALUE_NOT_CONVERTIBLE, pointer, detail, value=text)
        return None


def _plain(value: Scalar) -> str:
    if isinstance(value, bool):
        raise ValueError("true or false where text was expected")  # noqa: TRY004 - one exception for all
    return str(value)


@dataclass(slots=True)
class Here:
    """Where a field is written: the object it belongs to, the loops around, the segment in hand."""

    # Not frozen: one is made for every entry written, and freezing costs more than the rest.

    own: Members
    chain: Chain
    segment: list[str] | None
    trail: Trail

    @property
    def pointer(self) -> str:
        """Return the JSON Pointer of the object."""
        return pointer_to(self.trail)


WriteField = Callable[[Here, Run], None]


def entries(here: Here, name: str, run: Run) -> Iterable[tuple[int, Members]]:
    """Yield the entries of a list of objects; what is no object is a finding."""
    value = here.own.get(name)
    if value is None:
        return
    if isinstance(value, str) or not isinstance(value, Sequence):
        run.note(FindingCode.DOCUMENT_INVALID, f"{here.pointer}/{name}", "expected a list")
        return
    for index, entry in enumerate(value):
        if type(entry) is dict or isinstance(entry, Mapping):
            yield index, entry
        else:
            pointer = f"{here.pointer}/{name}/{index}"
            run.note(FindingCode.DOCUMENT_INVALID, pointer, "expected an object")


def json_value(value: Json) -> JsonValue:
    """Return a plain, mutable copy of a value of a document."""
    if isinstance(value, Mapping):
        return {key: json_value(item) for key, item in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [json_value(item) for item in value]
    return value
