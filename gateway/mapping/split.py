"""One set read into several documents, and several documents put together again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from gateway.findings import Finding, FindingCode
from gateway.mapping.plan import Document, Json, JsonValue, SplitPlan
from gateway.mapping.values import canonical_decimal, plain
from gateway.mapping.write_run import json_value


def split(document: Document, plan: SplitPlan, findings: list[Finding]) -> list[Document]:
    """Return one document for each value that the allocations name; the whole where none does.

    What no allocation names a value for, whole lines or a rest of one, is a last document without
    a value. What the allocations do not add up to is a finding.
    """
    lines = _objects(document.get(plan.lines))
    allocations = [_objects(line.get(plan.allocations)) for line in lines]
    values = dict.fromkeys(_value(one, plan) for own in allocations for one in own)
    if not any(values):
        return [document]
    if not all(allocations):
        values[None] = None
    for index, (line, own) in enumerate(zip(lines, allocations, strict=True)):
        _compare(line, own, (f"/{plan.lines}/{index}", plan, findings))
    told = document.get(plan.to) if plan.to else None
    if told is not None and str(told) not in values:
        detail = f"the set is split into {', '.join(filter(None, values))}"
        code = FindingCode.CONSTANT_DIFFERS
        findings.append(Finding(code, value=str(told), detail=detail, field=f"/{plan.to}"))
    ordered = sorted(values, key=lambda value: value is None)
    return [_part(document, lines, value, plan) for value in ordered]


def _value(allocation: Document, plan: SplitPlan) -> str | None:
    return str(allocation[plan.by]) if plan.by in allocation else None


def _compare(
    line: Document, allocations: Sequence[Document], by: tuple[str, SplitPlan, list[Finding]]
) -> None:
    """Note where what a line says is not what its allocations say together."""
    pointer, plan, findings = by
    for name, source in plan.set:
        together = _together(allocations, source)
        if together is not None and name in line and not _same(line[name], together):
            code, detail = FindingCode.TOTAL_DIFFERS, f"computed {together}"
            value, field = str(line[name]), f"{pointer}/{name}"
            findings.append(Finding(code, value=value, detail=detail, field=field))


def _objects(value: JsonValue) -> list[Document]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _part(
    document: Document, lines: Sequence[Document], value: str | None, plan: SplitPlan
) -> Document:
    kept: list[JsonValue] = []
    for line in lines:
        every = _objects(line.get(plan.allocations))
        own = [one for one in every if _value(one, plan) == value]
        if own:
            part: Document = {**line, plan.allocations: list[JsonValue](own)}
            for name, source in plan.set:
                together = _together(own, source)
                if together is not None:
                    part[name] = together
            kept.append(part)
        elif value is None and not every:
            kept.append(line)
    made: Document = {**document, plan.lines: kept}
    if plan.to is not None and value is not None:
        made[plan.to] = value
    return made


def _together(allocations: Sequence[Document], source: str) -> JsonValue:
    """Return what allocations say: the sum of numbers; of other values, the first."""
    found = [one[source] for one in allocations if source in one]
    whole = found[0] if found else None
    for more in found[1:]:
        if isinstance(whole, str) and isinstance(more, str):
            whole = _added(whole, more)
    return whole


def _same(one: JsonValue, other: JsonValue) -> bool:
    try:
        return one == other or canonical_decimal(str(one)) == canonical_decimal(str(other))
    except ValueError:
        return False


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
