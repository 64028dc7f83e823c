"""Whether what a guide says fits its place: wider than the standard only where it means it."""

from __future__ import annotations

from collections.abc import Iterator

from gateway.x12.guides.model import Entry
from gateway.x12.guides.paths import Place
from gateway.x12.schema import UNBOUNDED, ElementUse, LoopUse
from gateway.yaml_source import suggestion

TEXT_TYPES = frozenset({"AN", "ID"})
"""Data types whose values a schema may hold to a list of codes."""

Fault = tuple[str, str]
"""The part of an entry that is at fault, and why."""

_LOOSEN = "or say `loosen: true`"


def faults_of(entry: Entry, place: Place) -> list[Fault]:
    """Return why an entry does not fit the place that it is about."""
    of_element = place.element is not None
    return [
        *_misplaced(entry, place),
        *(_of_element(entry, place) if of_element else _of_segment(entry, place)),
        *_use(entry, place),
    ]


def _misplaced(entry: Entry, place: Place) -> Iterator[Fault]:
    """Find what can be said of elements only, or of segments and loops only."""
    if place.element is None:
        of_elements = {
            "length": entry.length,
            "codes": entry.codes,
            "more_codes": entry.more_codes or None,
            "pattern": entry.pattern,
        }
        example = f"{place.segment.tag}01"
        for name, value in of_elements.items():
            if value is not None:
                yield name, f"is about an element; expected it at one, such as {example}"
        return
    for name, times in (("min", entry.minimum), ("max", entry.maximum)):
        if times is not None:
            yield name, f"is about a segment or loop; {entry.path.reference} is an element"


def _use(entry: Entry, place: Place) -> Iterator[Fault]:
    mandatory = (place.component or place.element or place.use).requirement == "M"
    what = entry.path.reference
    if mandatory and entry.use in ("optional", "not_used") and not entry.loosen:
        # A loop of some value is not all of them: N1*ST may be left out where N1 may not.
        if entry.path.steps[-1].wanted and place.element is None:
            return
        yield "use", f"{what} is mandatory in the standard; leave it so, {_LOOSEN}"
    said = (entry.minimum, entry.maximum, entry.length, entry.codes, entry.pattern)
    if entry.use == "not_used" and any(one is not None for one in said):
        yield "use", f"{what} is not used: nothing else can be said of it but a note"


def _of_segment(entry: Entry, place: Place) -> Iterator[Fault]:
    use = place.use
    what = f"loop {use.trigger}" if isinstance(use, LoopUse) else use.tag
    low, high = entry.minimum, entry.maximum
    highest = UNBOUNDED if entry.loosen else use.maximum
    if high is not None and high > highest:
        yield "max", f"the standard has at most {use.maximum} of {what}; {_fewer(use.maximum)}"
    ceiling = use.maximum if high is None else high
    if low is not None and low > ceiling:
        yield "min", f"there are at most {ceiling} of {what}"


def _fewer(maximum: int) -> str:
    return f"expected 1 to {maximum}, {_LOOSEN}"


def _of_element(entry: Entry, place: Place) -> Iterator[Fault]:
    element = place.component or place.element
    if element is None:
        return
    if element.components and place.component is None:
        for name, value in (
            ("length", entry.length),
            ("codes", entry.codes),
            ("pattern", entry.pattern),
        ):
            if value is not None:
                reference = entry.path.reference
                yield name, f"{reference} is a composite; expected a component, {reference}-1"
        return
    yield from _length(entry, element)
    yield from _codes(entry, element)


def _length(entry: Entry, element: ElementUse) -> Iterator[Fault]:
    if entry.length is None:
        return
    low, high = entry.length
    wider = low < element.minimum or high > element.maximum
    if wider and not entry.loosen:
        standard = f"{element.minimum}/{element.maximum}"
        yield (
            "length",
            f"{low}/{high} is wider than the standard's {standard}; narrow it, {_LOOSEN}",
        )


def _codes(entry: Entry, element: ElementUse) -> Iterator[Fault]:
    what = entry.path.reference
    if entry.more_codes and element.codes is None:
        yield "more_codes", f"{what} takes any code already; expected `codes` to name those taken"
    if entry.codes is not None and element.codes is not None and not entry.loosen:
        unknown = [code for code in entry.codes if code not in element.codes]
        if unknown:
            near = suggestion(unknown[0], element.codes)
            yield (
                "codes",
                f"{what} has no code '{unknown[0]}' in the standard{near}; "
                f"name it under `more_codes`, {_LOOSEN}",
            )
    low, high = entry.length or (element.minimum, element.maximum)
    for name, codes in (("codes", entry.codes or {}), ("more_codes", entry.more_codes)):
        unfit = [code for code in codes if not low <= len(code) <= high]
        if unfit and element.type in TEXT_TYPES:
            yield name, f"'{unfit[0]}' cannot stand in {what}: it has {low} to {high} characters"
