"""`gateway api tokens`: a token is printed once, listed without itself, revoked by its name."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gateway.cli.init import write_instance
from tests.unit.cli.test_validate import run

ERP = ("create", "erp", "--scope", "operations")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    write_instance(tmp_path / "edi")
    return tmp_path / "edi"


def test_a_token_is_printed_once_and_listed_with_what_it_may_do(home: Path) -> None:
    created = run(
        "api", "tokens", "create", "erp", "--scope", "documents:read", "--scope", "operations",
        "--partner", "northstar-3pl", "--expires", "90d", "--home", home,
    )  # fmt: skip
    code, token, remarks = created
    assert (code, token[:6], len(token)) == (0, "edigw_", 79)
    assert "it is shown once" in remarks
    assert "The API is off until gateway.yaml says" in remarks
    code, out, _ = run("api", "tokens", "list", "--home", home)
    assert code == 0
    assert token.strip()[6:] not in out
    assert all(word in out for word in ("erp", "documents:read", "northstar-3pl", "expires"))
    [listed] = json.loads(run("api", "tokens", "list", "--json", "--home", home)[1])
    assert listed["scopes"] == ["documents:read", "operations"]
    assert listed["partners"] == ["northstar-3pl"]
    assert "sha256" not in listed


def test_a_revoked_token_stays_in_the_list(home: Path) -> None:
    run("api", "tokens", "create", "erp", "--scope", "operations", "--home", home)
    code, _, remarks = run("api", "tokens", "revoke", "erp", "--home", home)
    assert (code, remarks[:15]) == (0, "erp was revoked")
    assert "was revoked at" in run("api", "tokens", "list", "--home", home)[1]


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        ([*ERP, "--partner", "nobody"], 2, "no partner 'nobody'"),
        ([*ERP, "--expires", "soon"], 2, "--expires: 'soon' does"),
        (["create", "ERP", "--scope", "operations"], 2, "'ERP' does not fit"),
        (["revoke", "erp"], 1, "there is no token 'erp'"),
    ],
)  # fmt: skip
def test_what_cannot_be_done_is_said(home: Path, words: list[str], code: int, said: str) -> None:
    done = run("api", "tokens", *words, "--home", home)
    assert done[0] == code
    assert said in done[2]


def test_an_api_without_a_server_is_a_problem(home: Path) -> None:
    settings = home / "gateway.yaml"
    settings.write_text(settings.read_text() + "api: {}\n")
    code, out, _ = run("check", "--home", home)
    assert code == 1
    assert "api: the API is on the HTTP server; expected `server: {}` in gateway.yaml too" in out
