"""Agreements leave the test in the text of their file: nothing else of it changes."""

from __future__ import annotations

import pytest

from gateway.config.promotion import promoted
from gateway.errors import ConfigProblems

FILE = """\
# Quayside: the desk is closed on Fridays.
partner:   quayside
agreements:
  - set: "945"          # they report daily
    direction: in
    stage: test         # until March
    map: base-945
  - {set: "940", direction: out, stage: 'test', usage: [T], map: base-940}   # we order
  - set: "856"
    "stage" : "test"
    usage: T
"""


def test_the_stage_changes_and_comments_order_and_blanks_stay() -> None:
    after = promoted(FILE, "partners/quayside.yaml", [0])
    assert after == FILE.replace("stage: test         #", "stage: production         #")


def test_an_agreement_that_takes_only_tests_takes_production_instead() -> None:
    after = promoted(FILE, "partners/quayside.yaml", [1, 2])
    assert after == FILE.replace(
        "stage: 'test', usage: [T],", "stage: 'production', usage: P,"
    ).replace('"stage" : "test"\n    usage: T', '"stage" : "production"\n    usage: P')


def test_line_ends_stay_as_they_are() -> None:
    text = FILE.replace("\n", "\r\n")
    after = promoted(text, "partners/quayside.yaml", [0])
    assert after == text.replace("stage: test         #", "stage: production         #")


def test_what_is_written_over_two_lines_is_left_to_a_person() -> None:
    text = FILE.replace("    stage: test  ", "    stage:\n      test  ")
    with pytest.raises(ConfigProblems) as refused:
        promoted(text, "partners/quayside.yaml", [0])
    assert str(refused.value) == (
        "partners/quayside.yaml:6:5: agreements[0].stage: cannot be changed as it is written; "
        "expected it on one line, or production by hand"
    )
