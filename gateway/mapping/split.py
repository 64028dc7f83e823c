"""One set read into several documents, and several documents put together again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from gateway.mapping.plan import Document, Json, JsonValue, SplitPlan
from gateway.mapping.values import canonical_decimal, plain
from gateway.mapping.write_run import json_value


def split(document: Document, plan: SplitPlan) -> list[Document]:
    """Return one document for each value that the allocations name; the whole where none does."""
    lines = _objects(document.get(plan.lines))
    values = dict.fromkeys(
        str(allocation[plan.by])
        for line in lines
        for allocation in _objects(line.get(plan.allocations))
        if plan.by in allocation
    )
    if not values:
        return [document]
    return [_part(document, lines, value, plan) for value in values]


def _objects(value: JsonValue) -> list[Document]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _part(document: Document, lines: list[Document], value: str, plan: SplitPlan) -> Document:
    kept: list[JsonValue] = []
    for line in lines:
        own = [
            one for one in _objects(line.get(plan.allocations)) if str(one.get(plan.by)) == value
        ]
        if not own:
            continue
        part: Document = {**line, plan.allocations: list[JsonValue](own)}
        for name, source in plan.set:
            if source in own[0]:
                part[name] = own[0][source]
        kept.append(part)
    made: Document = {**document, plan.lines: kept}
    if plan.to is not None:
        made[plan.to] = value
    return made


def merge(documents: Sequence[Mapping[str, Json]], plan: SplitPlan | None) -> Document:
    """Return the document that parts came from: their lines joined, their allocations together.

    Lines are the same where all is the same but their allocations and what was set from them;
    numbers that were set from an allocation are summed again.
    """
    whole = {key: json_value(value) for key, value in documents[0].items()}
    if plan is None:
        return whole
    if plan.to is not None:
        whole.pop(plan.to, None)
    lines: dict[str, Document] = {}
    for document in documents:
        for line in _objects(json_value(document.get(plan.lines))):
            changed = {plan.allocations, *(name for name, _ in plan.set)}
            same = repr(sorted((key, item) for key, item in line.items() if key not in changed))
            if same in lines:
                _join(lines[same], line, plan)
            else:
                lines[same] = line
    whole[plan.lines] = list[JsonValue](lines.values())
    return whole


def _join(line: Document, other: Document, plan: SplitPlan) -> None:
    own, more = line.get(plan.allocations), other.get(plan.allocations)
    if isinstance(own, list) and isinstance(more, list):
        own += more
    for name, _ in plan.set:
        first, second = line.get(name), other.get(name)
        if isinstance(first, str) and isinstance(second, str):
            line[name] = _added(first, second)


def _added(first: str, second: str) -> str:
    try:
        return plain(Decimal(canonical_decimal(first)) + Decimal(canonical_decimal(second)))
    except ValueError:
        return first
