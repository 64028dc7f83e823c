"""Validates a transaction set by its schema and by a partner's guide for it.

The guide's schema is compiled like any other; what it tightens is attributed afterwards, to sets
that have findings only. The rules are asked of every set that has a guide, and of no other.
"""

from __future__ import annotations

from dataclasses import replace

from gateway.findings import Finding, FindingCode, GuideRule, Level
from gateway.x12.data_types import value_fault
from gateway.x12.guides.balances import BALANCES
from gateway.x12.guides.hits import Hit, findings_of, said_by
from gateway.x12.guides.model import Balance, Guide
from gateway.x12.guides.overlay import PlacedEntry, overlay
from gateway.x12.guides.rules import check_of
from gateway.x12.guides.view import SetView
from gateway.x12.library import SchemaLibrary
from gateway.x12.model import TransactionSet
from gateway.x12.nearest import NearestValidator, validator_for
from gateway.x12.schema import LoopUse, SetSchema
from gateway.x12.validate import ParsedSet, SetValidator, Validator

_OVER_MAXIMUM = frozenset({FindingCode.SEGMENT_OVER_MAXIMUM, FindingCode.LOOP_OVER_MAXIMUM})
_OF_VALUES = frozenset(
    {
        FindingCode.ELEMENT_TOO_LONG,
        FindingCode.ELEMENT_TOO_SHORT,
        FindingCode.CODE_NOT_IN_LIST,
    }
)


def guided_validator(
    library: SchemaLibrary, version: str, set_id: str, guide: Guide | None
) -> SetValidator | None:
    """Return what judges sets, GS08 and ST01 given, by a guide too where there is one.

    None where no schema can.
    """
    standard = validator_for(library, version, set_id)
    return standard if guide is None or standard is None else GuidedValidator(standard, guide)


def standing_in(validator: SetValidator) -> str | None:
    """Return whose schema stands in for that of a version that has none; None where none does."""
    if isinstance(validator, GuidedValidator):
        validator = validator.standard
    return validator.schema.version if isinstance(validator, NearestValidator) else None


class GuidedValidator:
    """Validates transaction sets by one schema and one guide; compiled once, used for every set."""

    def __init__(self, standard: Validator, guide: Guide) -> None:
        """Take a guide that fits the schema: what does not fit is left out."""
        overlaid = overlay(standard.schema, guide)
        self.schema = overlaid.schema
        self.standard = standard
        """What judges the sets without the guide."""
        self.rules = overlaid.rules
        """What the guide asks of places that no schema can say."""
        self._validator = Validator(overlaid.schema)
        self._tightened = overlaid.tightened
        self._checks = [(check_of(one), one.entry.rule) for one in self.rules]
        self._balances = [one for one in guide.balances if _is_about(one, overlaid.schema)]

    def parse(self, transaction_set: TransactionSet) -> ParsedSet:
        """Return the tree and the findings of a transaction set, the guide's among them."""
        parsed = self._validator.parse(transaction_set)
        findings = [self._attributed(one) for one in parsed.findings]
        if findings and isinstance(self.standard, NearestValidator):
            findings = self._marked(self.standard, findings, transaction_set)
        hits = self._hits(parsed, transaction_set)
        if hits:
            findings += findings_of(hits, transaction_set)
            findings.sort(key=_place)
        return replace(parsed, findings=findings)

    @staticmethod
    def _marked(
        nearest: NearestValidator, findings: list[Finding], transaction_set: TransactionSet
    ) -> list[Finding]:
        """Mark what the version may explain; what was agreed on is no matter of versions."""
        of_standard = [one for one in findings if one.rule is None]
        marked = iter(nearest.marked(of_standard, transaction_set))
        return [next(marked) if one.rule is None else one for one in findings]

    def _hits(
        self, parsed: ParsedSet, transaction_set: TransactionSet
    ) -> list[tuple[Hit, GuideRule]]:
        tree, delimiters = parsed.tree, transaction_set.delimiters
        hits = [(hit, rule) for check, rule in self._checks for hit in check(tree, delimiters)]
        # Where segments are missing or misplaced, totals say nothing but that again.
        if self._balances and not any(one.level is Level.SEGMENT for one in parsed.findings):
            view = SetView(self.schema, tree, delimiters)
            for balance in self._balances:
                found = BALANCES[balance.kind].check(view, balance)
                hits += [(hit, balance.rule) for hit in found]
        return hits

    def _attributed(self, finding: Finding) -> Finding:
        """Name the rule of the guide without which this would be no finding."""
        at = finding.location
        if finding.code in _OVER_MAXIMUM:
            entries = (
                one
                for spot, one in self._tightened.items()
                if spot[1] == at.segment_id
                and spot[4] is finding.code
                and finding.detail == _at_most(one)
            )
            found = next(entries, None)
        else:
            spot = (at.loop or "", at.segment_id or "", at.element, at.component, finding.code)
            found = self._tightened.get(spot)
        if found is None or not _beyond_the_standard(found, finding):
            return finding
        return said_by(finding, found.entry.rule)


def _is_about(balance: Balance, schema: SetSchema) -> bool:
    sets = BALANCES[balance.kind].sets
    return sets is None or schema.set_id in sets


def _at_most(one: PlacedEntry) -> str:
    """Return what the interpreter expects where a place is over the maximum of an entry."""
    use, level = one.place.use, one.place.level
    what = f"loop {use.id}" if isinstance(use, LoopUse) else use.tag
    within = f" in loop {level.id}" if level.id else ""
    return f"expected at most {one.entry.maximum} of {what}{within}"


def _beyond_the_standard(one: PlacedEntry, finding: Finding) -> bool:
    """Say whether the standard alone has nothing against what a finding is about."""
    if finding.code in _OF_VALUES:
        element = one.place.component or one.place.element
        fault = None if element is None else value_fault(element, finding.value or "")
        return fault is None or fault[0] is not finding.code
    if finding.code in _OVER_MAXIMUM:
        return one.entry.maximum != one.place.use.maximum
    return (one.place.component or one.place.element or one.place.use).requirement != "M"


def _place(finding: Finding) -> tuple[int, int]:
    return finding.location.segment_position or 0, finding.location.element or 0
