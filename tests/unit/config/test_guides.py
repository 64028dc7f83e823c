"""Guides among the files of an instance: what they become, and what `gateway check` says."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema_rs
import pytest
import yaml

from gateway import config
from gateway.config.export import schema_file
from gateway.errors import ConfigProblems
from gateway.findings import Finding, FindingCode, Forwarding, GuideRule, Severity
from gateway.partners import Agreement
from tests.unit.config.instances import write
from tests.unit.config.test_broken import PARTNER, SOUND, P

GUIDE = """\
set: "945"
title: What we need to know
places:
  W0602: {use: required, pattern: "SO-[0-9]+", note: Our number.}
  N1*ST: {use: required, acknowledgment: note, forwarding: hold}
  LX/W12/W1201: {codes: {SH: Shipped, CP: Short}}
balance:
  w03_totals:
  sscc_check_digits: {forwarding: hold}
examples:
  - title: The least
    segments: |
      W06*F*SO-1
"""
FILE = "partners/northstar/guides/receipts.yaml"
NAMED = PARTNER.replace("map: base-945\n", "map: base-945\n    guide: receipts\n")


def _problems(home: Path, guide: str, partner: str = NAMED, file: str = FILE) -> list[str]:
    with pytest.raises(ConfigProblems) as refused:
        config.load(write(home, SOUND | {P: partner, file: guide}), {}, maps_too=False)
    return str(refused.value).splitlines()


def test_a_guide_is_read_with_the_line_of_each_of_its_rules(tmp_path: Path) -> None:
    instance = config.load(write(tmp_path, SOUND | {P: NAMED, FILE: GUIDE}), {})
    guide = instance.guides["northstar", "receipts"]
    assert [
        (str(one.rule), one.rule.acknowledgment, one.rule.forwarding) for one in guide.entries
    ] == [
        (f"rule W0602 of northstar's guide for 945, {FILE}:4", None, None),
        (f"rule N1*ST of northstar's guide for 945, {FILE}:5", Severity.NOTE, Forwarding.HOLD),
        (f"rule LX/W12/W1201 of northstar's guide for 945, {FILE}:6", None, None),
    ]
    assert [(one.kind, one.rule.line, one.rule.forwarding) for one in guide.balances] == [
        ("w03_totals", 8, None),
        ("sscc_check_digits", 9, Forwarding.HOLD),
    ]
    assert [one.title for one in guide.examples] == ["The least"]
    assert instance.warnings == ()


BROKEN = [
    (
        "an unknown setting",
        'set: "945"\nplaces: {W0602: {used: required}}\n',
        [f"{FILE}:2:18: places.W0602.used: 'used' is not a setting here (did you mean 'use'?)"],
    ),
    (
        "several places that the set does not have",
        'set: "945"\nplaces:\n  W0699: {use: required}\n  WO6: {use: required}\n'
        "  LX/W12/N2: {use: required}\n",
        [
            f"{FILE}:3:3: places.W0699: W06 has 12 elements, there is no 99",
            f"{FILE}:4:3: places.WO6: 945 has no segment WO6 (did you mean 'W6'?)",
            f"{FILE}:5:3: places.LX/W12/N2: loop W12 of 945 has no N2; expected N1/N2",
        ],
    ),
    (
        "what is wider than the standard",
        'set: "945"\nplaces:\n  W0602:\n    use: optional\n    length: 1/60\n',
        [
            f"{FILE}:5:5: places.W0602.length: 1/60 is wider than the standard's 1/22; narrow "
            "it, or say `loosen: true`",
        ],
    ),
    (
        "a place that is none",
        'set: "945"\nplaces: {w06: {use: required}}\n',
        [
            f"{FILE}:2:10: places.w06: 'w06': 'w06' is no segment or element; expected a place "
            "such as W0502, N1*ST/N104 or LX/W12/N9*LT"
        ],
    ),
    (
        "values that do not fit",
        'set: "945"\nplaces:\n  W0602: {length: 9/1, pattern: "(", max: 0}\n'
        "balance: {hl_structure: {structures: [sopi]}}\n",
        [
            f"{FILE}:3:11: places.W0602.length: '9/1' does not fit; expected the shorter length "
            "first",
            f"{FILE}:3:24: places.W0602.pattern: not a regular expression (RE2): missing ): (",
            f"{FILE}:3:38: places.W0602.max: '0' does not fit; expected a number from 1, or '>1'",
            f"{FILE}:4:26: balance.hl_structure.structures: 'sopi' does not fit; expected levels "
            "such as S/O/P/I",
        ],
    ),
    (
        "rules of other sets",
        'set: "945"\nbalance:\n  w76_totals:\n  w03_totals: {structures: [S/O]}\n'
        "  sscc_once: {tolerance: 1}\n"
        "  gtin_check_digits: {qualifiers: [LT], signed_allowances: true}\n",
        [
            f"{FILE}:3:3: balance.w76_totals: is about 940, not about 945",
            f"{FILE}:4:16: balance.w03_totals.structures: is about levels; expected it at "
            "hl_structure",
            f"{FILE}:5:15: balance.sscc_once.tolerance: is about totals; this rule has none",
            f"{FILE}:6:23: balance.gtin_check_digits.qualifiers: is about lots; expected it at "
            "lot_totals",
            f"{FILE}:6:41: balance.gtin_check_digits.signed_allowances: is about allowances; "
            "expected it at tds_total",
        ],
    ),
    (
        "another set than the agreement's",
        'set: "940"\n',
        ["partners/northstar.yaml:9:5: agreements[0].guide: guide 'receipts' is for 940, not for "
         "945"],
    ),
]  # fmt: skip


@pytest.mark.parametrize(
    ("guide", "lines"),
    [case[1:] for case in BROKEN],
    ids=[case[0].replace(" ", "-") for case in BROKEN],
)
def test_a_broken_guide_is_refused_where_it_is_broken(
    tmp_path: Path, guide: str, lines: list[str]
) -> None:
    assert _problems(tmp_path, guide) == lines


def test_an_agreement_that_names_no_guide_that_is_there(tmp_path: Path) -> None:
    named = NAMED.replace("guide: receipts", "guide: receipt")
    assert _problems(tmp_path, GUIDE, named) == [
        "partners/northstar.yaml:9:5: agreements[0].guide: there is no guide 'receipt' (did you "
        "mean 'receipts'?); expected partners/northstar/guides/receipt.yaml"
    ]


def test_a_guide_that_no_agreement_names_is_warned_of(tmp_path: Path) -> None:
    home = write(tmp_path, SOUND | {FILE: GUIDE})
    assert [str(one) for one in config.load(home, {}).warnings] == [
        f"{FILE}:1:1: no agreement names this guide: it is not asked"
    ]


def test_a_guide_of_nobody_is_warned_of(tmp_path: Path) -> None:
    home = write(tmp_path, SOUND | {"partners/nobody/guides/945.yaml": GUIDE})
    assert len(config.load(home, {}).warnings) == 1


def test_what_is_told_and_whether_it_goes_on_are_set_apart() -> None:
    def severity(rule: GuideRule | None, direction: str = "in", **said: object) -> Severity:
        agreement = Agreement.model_validate(
            {"set": "945", "direction": direction, "map": "m", **said}
        )
        return agreement.severity(Finding(FindingCode.PATTERN_DIFFERS, rule=rule))

    def rule(said: Severity | None, after: Forwarding | None = None) -> GuideRule:
        return GuideRule("W0602", "northstar's guide for 945", FILE, 4, said, after)

    assert severity(rule(None)) is Severity.REJECT
    assert severity(rule(None), acknowledgment={"strictness": "note_errors"}) is Severity.NOTE
    assert severity(rule(Severity.NOTE)) is Severity.NOTE
    assert severity(rule(Severity.IGNORE, Forwarding.HOLD)) is Severity.IGNORE
    lived_with = {"findings": [{"finding": "pattern_differs", "severity": "ignore"}]}
    assert severity(rule(None), **lived_with) is Severity.IGNORE
    assert severity(rule(Severity.REJECT), **lived_with) is Severity.REJECT
    assert severity(rule(None), "out") is Severity.REJECT
    assert severity(rule(Severity.NOTE), "out") is Severity.NOTE


def test_editors_take_what_the_gateway_takes() -> None:
    schema = jsonschema_rs.validator_for(json.loads(schema_file("guide")))
    written = yaml.safe_load(GUIDE)
    assert list(schema.iter_errors(written)) == []
    short = (
        "set: '856'\nplaces: {HL: {max: '>1'}, HL03: {length: 1, codes: S}, HL01: {length: 1/9}}"
    )
    assert list(schema.iter_errors(yaml.safe_load(short))) == []
    wrong = "set: '856'\nplaces: {HL: {uses: required}}\nbalance: {totals: {}}"
    assert len(list(schema.iter_errors(yaml.safe_load(wrong)))) == 2
