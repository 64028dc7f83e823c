"""Guides over mutated sets: the fast way agrees with the readable one, and nothing is lost."""

from __future__ import annotations

import random
from collections import Counter

import pytest

from gateway.findings import Finding, FindingCode
from gateway.x12.guides.overlay import overlay
from gateway.x12.guides.validator import GuidedValidator
from gateway.x12.interpret import interpret
from gateway.x12.model import Delimiters, TransactionSet
from gateway.x12.validate import Validator
from tests.properties.test_validation import MUTATIONS, small_set
from tests.unit.x12.guides.written import guide
from tests.x12_sets import of_segments, schema_of, validator_of

DRAWN, MUTATED = 12, 25

GUIDES = {
    "810": """
places:
  BIG02: {length: 1/8, pattern: "[A-Z0-9]+"}
  IT1/IT103: {codes: [EA, CA]}
  IT1*1/IT104: {use: required}
  REF*DP: {use: required}
  CUR: {use: not_used}
balance: {ctt_line_count: , ctt_hash_total: , tds_total: , gtin_check_digits: }
""",
    "850": """
places:
  BEG02: {codes: [SA, NE]}
  REF**X/REF03: {use: not_used}
  N1*ST|BT/N104: {use: required, length: 2/17}
  PO1/PO103: {use: required}
  PO1: {min: 2}
balance: {ctt_line_count: , ctt_hash_total: , gtin_check_digits: }
""",
    "856": """
places:
  BSN02: {length: 2/10, pattern: "[A-Z]+"}
  HL/TD5: {use: required}
  HL*1/PRF: {use: required}
  HL/HL03: {codes: [S, O, P, I]}
  HL***I/LIN: {use: required, max: 1}
  HL/MAN: {use: not_used}
balance: {hl_structure: {structures: [S/O/P/I, S/O/I]}, sscc_check_digits: , sscc_once: }
""",
    "945": """
places:
  W0602: {pattern: "[A-Z]+"}
  N1*ST: {use: required, max: 1}
  LX/W12/N9*LT/N902: {length: 1/4}
  LX/W12/W1201: {codes: [SH]}
  LX/LX01: {codes: ["1", "2"]}
balance: {w03_totals: , sscc_check_digits: }
""",
}


def _mutated(chance: random.Random, set_id: str) -> list[TransactionSet]:
    drawn_sets = [small_set(chance, set_id, "004010") for _ in range(DRAWN)]
    made = []
    for drawn in drawn_sets * MUTATED:
        segments = [list(segment) for segment in drawn]
        for _ in range(chance.choice((0, 1, 1, 2, 4))):
            chance.choice(MUTATIONS)(chance, segments)
        made.append(of_segments(segments, Delimiters(repetition=chance.choice((None, "^")))))
    return made


def _spots(findings: list[Finding]) -> Counter[tuple[FindingCode, int | None, str]]:
    return Counter(
        (one.code, one.location.segment_position, one.location.reference) for one in findings
    )


@pytest.mark.parametrize("set_id", GUIDES)
def test_a_guide_adds_findings_and_takes_none_away(set_id: str) -> None:
    rules = guide(set_id, GUIDES[set_id])
    guided = GuidedValidator(Validator(schema_of(set_id)), rules)
    standard, over = validator_of(set_id), overlay(schema_of(set_id), rules)
    assert over.misfits == ()
    fast = Validator(over.schema)
    broken: set[str] = set()
    for one in _mutated(random.Random(f"guided {set_id}"), set_id):
        parsed = fast.parse(one)
        assert (parsed.tree, parsed.findings) == interpret(over.schema, one)
        found = list(guided.parse(one).findings)
        before = _spots(list(standard.parse(one).findings))
        assert before - _spots(found) == Counter()
        assert _spots([finding for finding in found if finding.rule is None]) == before
        broken.update(finding.rule.name for finding in found if finding.rule)
        positions = [finding.location.segment_position or 0 for finding in found]
        assert positions == sorted(positions)
    # Proof that the mutations reach the rules.
    assert len(broken) >= 5, broken
