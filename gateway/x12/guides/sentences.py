"""The words in which a guide is printed: what stands where, how often, and what follows."""

from __future__ import annotations

from collections.abc import Iterator

from gateway.findings import Forwarding, GuideRule, Severity
from gateway.x12.guides.model import Entry
from gateway.x12.guides.overlay import PlacedEntry, codes_of
from gateway.x12.schema import UNBOUNDED, Requirement

_REQUIREMENTS = {"M": "required", "O": "optional", "X": "conditional"}
_TOLD = {
    Severity.IGNORE: "the set is accepted",
    Severity.NOTE: "the set is accepted with errors",
    Severity.REJECT: "the set is rejected",
}
_FOLLOWS = {
    Forwarding.GO_ON: "it is taken all the same",
    Forwarding.HOLD: "it waits for a person",
}


def requirement_of(requirement: Requirement, entry: Entry | None) -> str:
    """Return whether something has to stand there."""
    if entry is not None and entry.use == "not_used":
        return "not used"
    return _REQUIREMENTS[requirement]


def times_of(maximum: int, entry: Entry | None) -> str:
    """Return how often something may stand there: `1`, `2 to 5`, `any number`."""
    least = entry.minimum if entry is not None and (entry.minimum or 0) > 1 else None
    most = "any number" if maximum >= UNBOUNDED else str(maximum)
    if least is None:
        return most
    return f"at least {least}" if maximum >= UNBOUNDED else f"{least} to {most}"


def length_of(low: int, high: int) -> str:
    """Return a length: `8`, `2 to 35`."""
    return str(low) if low == high else f"{low} to {high}"


def consequence(rule: GuideRule) -> str:
    """Say what becomes of a set that breaks a rule; nothing where that follows from elsewhere."""
    told = _TOLD.get(rule.acknowledgment) if rule.acknowledgment is not None else None
    follows = _FOLLOWS.get(rule.forwarding) if rule.forwarding is not None else None
    said = ", ".join(filter(None, (told, follows)))
    return f"otherwise {said}" if said else ""


def wishes(one: PlacedEntry) -> Iterator[str]:
    """Say what an entry asks that depends on a value, in sentences that name the place."""
    entry, place = one.entry, one.place
    what = entry.path.text.rsplit("/", 1)[-1] if place.element is None else entry.path.reference
    if entry.use is not None:
        yield f"{what} is {entry.use.replace('_', ' ')}"
    if entry.minimum is not None and entry.minimum > 1:
        yield f"at least {entry.minimum} times"
    if entry.maximum is not None:
        yield f"at most {_times(entry.maximum)}"
    if entry.length is not None:
        yield f"{what} has {length_of(*entry.length)} characters"
    element = place.component or place.element
    if entry.codes is not None and element is not None:
        codes = codes_of(element, entry) or {}
        said = ", ".join(f"{code} ({text})" if text else code for code, text in codes.items())
        yield f"{what} is {'one of ' if len(codes) > 1 else ''}{said}"
    if entry.pattern is not None:
        yield f"{what} fits the pattern {entry.pattern}"


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"
