"""Each class of difference is one: both engines differ so, and the class is told."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gateway.cli.examine import ExaminedSet, Examiner
from gateway.cli.second_opinions import Compared, SecondOpinions
from gateway.second_opinion.known import KNOWN, UNKNOWN
from gateway.x12.guides.validator import GuidedValidator
from gateway.x12.validate import Validator
from tests.unit.second_opinion.cases import CASES, Case
from tests.unit.x12.guides.written import guide


def guided(one: ExaminedSet, case: Case) -> ExaminedSet:
    """Judge a set by a guide besides."""
    assert isinstance(one.validator, Validator)
    validator = GuidedValidator(one.validator, guide(case.set_id, f"places:\n  {case.guided}\n"))
    parsed = validator.parse(one.reading.transaction_set)
    reading = replace(one.reading, tree=parsed.tree, findings=tuple(parsed.findings))
    return replace(one, reading=reading, validator=validator)


def compared(case: Case) -> list[Compared]:
    examiner = Examiner()
    seconds = SecondOpinions(examiner)
    sets = [
        one
        for interchange in examiner.interchanges(case.payload)
        for group in interchange.groups
        for one in group.sets
    ]
    return [seconds.compared(guided(one, case) if case.guided else one) for one in sets]


@pytest.mark.parametrize("name", CASES)
def test_a_difference_of_each_class_is_told_as_that(name: str) -> None:
    classes = [each.known for one in compared(CASES[name]) for each in one.differences]
    assert name in {one.name for one in classes}
    assert UNKNOWN not in classes


def test_every_class_has_a_case_and_every_case_a_class() -> None:
    assert [one.name for one in KNOWN] == list(CASES)
