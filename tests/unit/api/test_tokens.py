"""Tokens: made once, recognised by their hash, refused as soon as they count no more."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.exc import OperationalError

from gateway.api.tokens import NotMade, Scope, TokenRefused, Tokens, is_token, new_token
from gateway.store import SqlStore, open_database
from gateway.store.tokens import SqlTokens

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


class Now:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.moment = NOW

    def __call__(self) -> datetime:
        return self.moment


@pytest.fixture
def now() -> Now:
    return Now()


@pytest.fixture
def store(database_url: str) -> Iterator[SqlStore]:
    opened = SqlStore(open_database(database_url))
    yield opened
    opened.close()


@pytest.fixture
def tokens(store: SqlStore, now: Now) -> Tokens:
    return Tokens(store, clock=now)


def test_a_token_is_known_by_its_form_and_carries_a_checksum() -> None:
    token = new_token()
    assert re.fullmatch(r"edigw_[0-9a-f]{72}", token)
    assert token != new_token()
    assert is_token(token)
    for place in range(len("edigw_"), len(token)):
        other = "0" if token[place] != "0" else "1"
        assert not is_token(token[:place] + other + token[place + 1 :])
    assert not is_token(token.upper())
    assert not is_token(f"{token}0")
    assert not is_token("")


def test_a_caller_is_who_its_token_says(tokens: Tokens) -> None:
    token = tokens.create("erp", [Scope.WRITE, Scope.READ], partners=["quayside"])
    caller = tokens.caller(token)
    assert (caller.name, caller.spoken) == ("erp", "API token erp")
    assert caller.scopes == {"documents:read", "documents:write"}
    assert caller.may_see("quayside")
    assert not caller.may_see("bluebird")
    assert tokens.caller(tokens.create("all", [Scope.READ])).may_see("bluebird")


def test_only_a_hash_of_a_token_is_kept(tokens: Tokens) -> None:
    token = tokens.create("erp", [Scope.READ])
    [kept] = tokens.listed()
    assert token[6:70] not in repr(asdict(kept))
    assert re.fullmatch("[0-9a-f]{64}", kept.sha256)


def test_a_token_that_expired_or_was_revoked_counts_for_nothing(tokens: Tokens, now: Now) -> None:
    brief = tokens.create("brief", [Scope.READ], lasts=timedelta(days=1))
    other = tokens.create("other", [Scope.READ])
    now.moment += timedelta(days=1)
    with pytest.raises(TokenRefused) as refused:
        tokens.caller(brief)
    assert str(refused.value) == "token 'brief' expired at 2026-03-02 12:00 UTC"
    assert tokens.caller(other).name == "other"
    tokens.revoke("other")
    now.moment += timedelta(days=1)
    tokens.revoke("other")
    with pytest.raises(TokenRefused) as refused:
        tokens.caller(other)
    assert str(refused.value) == "token 'other' was revoked at 2026-03-02 12:00 UTC"
    with pytest.raises(TokenRefused) as refused:
        tokens.caller(new_token())
    assert str(refused.value) == "there is no such token"
    assert tokens.revoke("nobody") is None


def test_when_a_token_was_used_is_kept_to_five_minutes(tokens: Tokens, now: Now) -> None:
    token = tokens.create("erp", [Scope.READ])
    seen = []
    for minutes in (0, 4, 2):
        now.moment += timedelta(minutes=minutes)
        tokens.caller(token)
        seen.append(tokens.listed()[0].last_used_at)
    assert seen == [NOW, NOW, NOW + timedelta(minutes=6)]


def test_a_token_counts_while_nothing_can_be_written(
    tokens: Tokens, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = tokens.create("erp", [Scope.READ])

    def note_use(*_: object) -> None:
        raise OperationalError("UPDATE", {}, Exception("disk full"))

    monkeypatch.setattr(SqlTokens, "note_use", note_use)
    assert tokens.caller(token).name == "erp"
    assert tokens.listed()[0].last_used_at is None


@pytest.mark.parametrize(
    ("name", "scopes", "said"),
    [
        ("Erp", [Scope.READ], "'Erp' does not fit; expected a name of lower-case letters"),
        ("a b", [Scope.READ], "'a b' does not fit; expected a name of lower-case letters"),
        ("erp", [], "a token needs a scope: one or more of documents:read, documents:write"),
        ("taken", [Scope.READ], "there is or was a token 'taken'; expected a name of its own"),
    ],
)
def test_a_token_that_cannot_be_made_says_why(
    tokens: Tokens, name: str, scopes: list[Scope], said: str
) -> None:
    tokens.create("taken", [Scope.READ])
    with pytest.raises(NotMade) as refused:
        tokens.create(name, scopes)
    assert str(refused.value).startswith(said)
