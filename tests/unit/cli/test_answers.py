"""Answers to requests: each names what it is about."""

from __future__ import annotations

import pytest
import typer

from gateway.cli.answers import print_answers
from gateway.pipeline.asked import Done


@pytest.mark.parametrize(
    ("subject", "shown"),
    [
        ("19ea0ba7-ec99-5c80-8002-c2b67f0677ff", "– 19ea0ba7 is not held\n"),
        ("northstar-3pl", "– northstar-3pl is not held\n"),
    ],
    ids=["a document", "a partner"],
)
def test_an_answer_names_a_partner_whole_and_a_document_in_short(
    subject: str, shown: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(typer.Exit):
        print_answers([Done(subject, done=False, what="is not held")], as_json=False)
    assert capsys.readouterr().out == shown
