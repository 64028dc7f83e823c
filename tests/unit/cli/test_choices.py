"""Options that take one of a few words."""

from __future__ import annotations

import pytest

from tests.unit.cli.test_validate import run


@pytest.mark.parametrize(
    "words",
    [
        ("outbound", "acknowledgments", "--standing", "nix"),
        ("documents", "list", "--status", "nix"),
        ("interchanges", "list", "--state", "nix"),
        ("control-numbers", "set", "5", "--partner", "p", "--because", "x", "--level", "nix"),
    ],
    ids=" ".join,
)
def test_a_word_that_is_no_choice_is_refused_in_our_words(words: tuple[str, ...]) -> None:
    code, _, err = run(*words)
    assert code == 2
    assert f"Invalid value for '{words[-2]}': 'nix' is not one of" in " ".join(err.split())
