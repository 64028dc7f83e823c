"""CTX in a 999: which order a faulty segment belongs to, and what asked for what is missing.

A set is named by the number that people know it by, such as `W0502` and the order number. Where a
guide asks for something only because a value stands somewhere, that is the situational trigger.
"""

from __future__ import annotations

import re

from gateway.acks.model import Context
from gateway.acks.places import carried, joined, place_of
from gateway.findings import Finding, FindingCode
from gateway.x12.envelope import as_number, element_of
from gateway.x12.model import Delimiters, Segment

TRIGGER = "SITUATIONAL TRIGGER"
"""CTX01-1 of what a guide's rule follows from."""
LONGEST = 35
"""CTX01-1 and CTX01-2."""
MOST = 10
"""CTX may stand ten times after an IK3 or IK4."""

_ELEMENT = re.compile(r"[A-Z][A-Z0-9]{1,2}\d\d(-\d{1,2})?")


def unit_context(reference: tuple[str, str], delimiters: Delimiters) -> tuple[Context, ...]:
    """Return what names the business unit that a note stands in, where that can be said."""
    name, value = reference
    value = carried(value, LONGEST, delimiters)
    return (Context(((name, value),)),) if name and value else ()


def trigger_context(finding: Finding, position: int, segment_id: str) -> tuple[Context, ...]:
    """Return what a guide's rule follows from: the value in the very segment that it is about.

    The rule's name says so: `N1*ST/N104` asks for N104 where N101 is ST. Of a segment that is
    missing nothing stands there.
    """
    if finding.rule is None or finding.code is FindingCode.MANDATORY_SEGMENT_MISSING:
        return ()
    *steps, last = finding.rule.name.split("/")
    step = steps[-1] if steps and _ELEMENT.fullmatch(last) else last
    tag, *values = step.split("*")
    element = next((at for at, value in enumerate(values, 1) if value), None)
    if tag != segment_id or element is None:
        return ()
    return (Context(((TRIGGER, ""),), segment_id, position, element=element),)


def write_context(context: Context, delimiters: Delimiters) -> Segment:
    """Return the CTX segment."""
    one, component = context, delimiters.component
    names = [component.join(pair).rstrip(component) for pair in one.names]
    # Without a separator only one name can be said.
    separator = delimiters.repetition
    told = separator.join(names) if separator else "".join(names[:1])
    return [
        "CTX",
        told,
        one.segment_id,
        "" if one.position is None else str(one.position),
        one.loop,
        joined(one.element, one.component, one.repetition, delimiters),
        component.join(one.data_elements),
    ]


def read_context(segment: Segment, delimiters: Delimiters) -> Context:
    """Return what a received CTX says."""
    told = element_of(segment, 1)
    names = told.split(delimiters.repetition) if delimiters.repetition else [told]
    element, component, repetition = place_of(element_of(segment, 5), delimiters)
    references = element_of(segment, 6)
    return Context(
        tuple(_name(one, delimiters) for one in names),
        element_of(segment, 2),
        as_number(element_of(segment, 3)),
        element_of(segment, 4),
        element,
        component,
        repetition,
        tuple(references.split(delimiters.component)) if references else (),
    )


def _name(text: str, delimiters: Delimiters) -> tuple[str, str]:
    name, _, value = text.partition(delimiters.component)
    return name, value
