"""Counters and totals: what the standard fixes is computed on write and compared on read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from gateway.findings import Finding, FindingCode, Location
from gateway.mapping.out_tree import OutNode, put
from gateway.mapping.plan import ComputedPlan, Place, ValueRule
from gateway.mapping.ports import Node
from gateway.mapping.positions import Step, element_text
from gateway.mapping.values import canonical_decimal, plain

_LONGEST_NUMBER = 40
"""Of longer ones no total is computed: arithmetic has its own limits, and raises there."""


def compare(root: Node, plans: Sequence[ComputedPlan], findings: list[Finding]) -> None:
    """Compare what was received with what follows from the rest of the set."""
    for plan in plans:
        for node, expected in _expected(root, plan):
            segment = _first(node, plan.place)
            text = element_text(list(segment), plan.place.element, None, "")
            if text and expected is not None and not same_number(text, expected):
                findings.append(_differs(plan.place, text, expected))


def fill(root: OutNode, plans: Sequence[ComputedPlan], findings: list[Finding]) -> None:
    """Write the computed values; what a field has written differently becomes a finding."""
    for plan in plans:
        step = plan.place.segment or Step("")
        for node, expected in list(_expected(root, plan)):
            if expected is None or not isinstance(node, OutNode):
                continue
            rows = node.segments.get(step.tag)
            if expected == "0" and not rows:
                continue  # A total over nothing makes no segment.
            segment = rows[0] if rows else node.add_segment(step)
            text = element_text(segment, plan.place.element, None, "")
            if text and not same_number(text, expected):
                findings.append(_differs(plan.place, text, expected))
            put(segment, plan.place.element, expected)


def _expected(root: Node, plan: ComputedPlan) -> Iterator[tuple[Node, str | None]]:
    """Yield each node that carries the value, with the value."""
    if plan.kind == "counter":
        *outer, last = plan.place.loops
        for parent in nodes(root, outer):
            for number, node in enumerate(_selected(parent, last), 1):
                yield node, str(number)
        return
    value = _count(root, plan) if plan.kind == "count" else _sum(root, plan)
    found = nodes(root, plan.place.loops)
    alone = not found and value not in (None, "0") and len(plan.place.loops) == 1
    if alone and isinstance(root, OutNode):
        # A total in a loop of its own, such as CTT with AMT: the loop is there for the total.
        found = [root.enter(plan.place.loops[0], str(plan.place.loops[0]))]
    for node in found:
        yield node, value


def nodes(root: Node, steps: Sequence[Step]) -> list[Node]:
    """Return the nodes that a path means, all of them."""
    found = [root]
    for step in steps:
        if step.tests:
            found = [inner for node in found for inner in _selected(node, step)]
        else:
            tag = step.tag
            found = [inner for node in found for inner in node.loops.get(tag, ())]
    return found


def _selected(node: Node, step: Step) -> list[Node]:
    inner = node.loops.get(step.tag, ())
    if not step.tests:
        return list(inner)
    return [
        one
        for one in inner
        # A loop may lack the segment it starts with: that is a finding, and may be tolerated.
        if all(test.holds(list(one.segments.get(step.tag, [[]])[0]), "\0") for test in step.tests)
    ]


def _count(root: Node, plan: ComputedPlan) -> str:
    if not plan.factors:
        return str(len(nodes(root, plan.loops)))
    tag = (plan.factors[0].segment or Step("")).tag
    return str(sum(len(node.segments.get(tag, ())) for node in nodes(root, plan.loops)))


def _sum(root: Node, plan: ComputedPlan) -> str | None:
    found = nodes(root, plan.loops)
    if len(plan.factors) == 1 and not (plan.factors[0].segment or Step("")).tests:
        texts = _texts(found, plan.factors[0])
        whole = whole_sum(texts) if texts and plan.rule.write is None else None
        return total([(text,) for text in texts], plan.rule) if whole is None else whole
    terms = [tuple(_text(node, factor) for factor in plan.factors) for node in found]
    return total(terms, plan.rule)


def _texts(found: Sequence[Node], place: Place) -> list[str]:
    """Return one element of each node that has it."""
    tag, element = (place.segment or Step("")).tag, place.element
    return [
        text
        for node in found
        if (rows := node.segments.get(tag))
        and len(rows[0]) > element
        and (text := rows[0][element])
    ]


def total(terms: Sequence[tuple[str, ...]], rule: ValueRule) -> str | None:
    """Return the sum of products, or None where there are none, or one cannot be computed."""
    if not any(map(any, terms)):
        return None
    if rule.write is None and all(len(term) == 1 for term in terms):
        whole = whole_sum([text for (text,) in terms if text])
        if whole is not None:
            return whole
    if any(len(text) > _LONGEST_NUMBER for term in terms for text in term):
        return None  # No element may be so long: it has its finding already.
    whole = _exact_sum(terms)
    try:
        return rule.write(whole) if rule.write and whole is not None else whole
    except ValueError:
        return None


def _exact_sum(terms: Sequence[tuple[str, ...]]) -> str | None:
    found = Decimal(0)
    for term in terms:
        product = Decimal(1)
        for text in term:
            try:
                product *= Decimal(canonical_decimal(text)) if text else Decimal(0)
            except ValueError:
                return None  # The value itself has its finding already.
        found += product
    return plain(found)


def whole_sum(texts: Sequence[str]) -> str | None:
    """Return the sum of whole quantities, which are the rule and need no Decimal; else None."""
    digits = "".join(texts)
    if not (digits.isdigit() and digits.isascii()) or max(map(len, texts)) > _LONGEST_NUMBER:
        return None
    return str(sum(map(int, texts)))


def _text(node: Node, place: Place) -> str:
    segment = _first(node, place)
    return segment[place.element] if len(segment) > place.element else ""


def _first(node: Node, place: Place) -> Sequence[str]:
    step = place.segment or Step("")
    for segment in node.segments.get(step.tag, ()):
        if not step.tests or all(test.holds(list(segment), "\0") for test in step.tests):
            return segment
    return ()


def same_number(text: str, expected: str) -> bool:
    """Say whether two texts are one number, or the same text."""
    if text == expected:
        return True
    try:
        return canonical_decimal(text) == canonical_decimal(expected)
    except ValueError:
        return text == expected


def _differs(place: Place, text: str, expected: str) -> Finding:
    step = place.segment or Step("")
    location = Location(segment_id=step.tag, element=place.element)
    return Finding(FindingCode.TOTAL_DIFFERS, location, text, f"computed {expected}")
