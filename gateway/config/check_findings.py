"""Whether `findings:` entries name places that the agreed sets have: a typing mistake does nothing.

An entry that names nowhere would be silently without effect, on the day that it is needed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from gateway.config.files import Files, Report
from gateway.config.schemas import packaged_schemas
from gateway.findings import FindingCode
from gateway.partners import Agreement, FindingRule
from gateway.x12.schema import LoopUse, SegmentUse, SetSchema
from gateway.yaml_source import Source, suggestion

_ENVELOPE = {"ISA": 16, "IEA": 2, "GS": 8, "GE": 2, "TA1": 5}
"""How many elements the segments around sets have."""

_ELSEWHERE = frozenset({FindingCode.SEGMENT_UNKNOWN, FindingCode.SEGMENT_NOT_IN_SET})
"""These are about segments that the set does not have."""

_BEYOND = frozenset({FindingCode.TOO_MANY_ELEMENTS, FindingCode.TOO_MANY_COMPONENTS})
"""These are about elements that the segment does not have."""


def check(files: Files, report: Report) -> None:
    """Note places in `findings:` of partners and agreements that no agreed set has."""
    for source, partner in files.read_partners:
        inherited = len(partner.findings)
        for index, agreement in enumerate(partner.agreements):
            # The partner's entries were handed down behind the agreement's own.
            own = agreement.findings[: len(agreement.findings) - inherited]
            _rules(source, ("agreements", index), own, among=[agreement], report=report)
        _rules(source, (), partner.findings, among=partner.agreements, report=report)


def _rules(
    source: Source,
    path: tuple[str | int, ...],
    rules: Sequence[FindingRule],
    *,
    among: Sequence[Agreement],
    report: Report,
) -> None:
    found = [packaged_schemas().get(one.schema_version, one.set) for one in among]
    schemas = [schema for schema in found if schema is not None]
    if len(schemas) < len(among):
        return  # the agreement is refused already, and the place may be that set's
    for index, rule in enumerate(rules):
        message = _fault(rule, schemas)
        if message:
            report.problem(source, (*path, "findings", index, "at"), message)


def _fault(rule: FindingRule, schemas: Sequence[SetSchema]) -> str:
    """Say why an entry can never name a finding; empty where it can."""
    if rule.at is None or rule.finding in _ELSEWHERE:
        return ""
    reference = rule.at.split("-")[0]
    # Ids of segments have two or three characters, positions of elements two digits.
    tag = reference[:-2] if len(reference) > 3 else reference
    lengths = _lengths(schemas)
    names = ", ".join(schema.set_id for schema in schemas)
    if tag not in lengths:
        return f"'{rule.at}': there is no segment {tag} in {names}{suggestion(tag, lengths)}"
    if len(reference) > 3 and rule.finding not in _BEYOND:
        position = int(reference[-2:])
        if not 0 < position <= lengths[tag]:
            return f"'{rule.at}': {tag} has {lengths[tag]} elements, there is no {reference[-2:]}"
    return ""


def _lengths(schemas: Sequence[SetSchema]) -> Mapping[str, int]:
    """Return the segments of some sets and of the envelope, each with its number of elements."""
    lengths = dict(_ENVELOPE)
    for schema in schemas:
        for use in _segments(schema.root):
            lengths[use.tag] = max(len(use.elements), lengths.get(use.tag, 0))
    return lengths


def _segments(loop: LoopUse) -> Iterator[SegmentUse]:
    for use in loop.content:
        if isinstance(use, SegmentUse):
            yield use
        else:
            yield from _segments(use)
