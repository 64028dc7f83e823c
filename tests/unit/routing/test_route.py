"""Where documents go, and what every rule says about it."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from gateway.routing import Context, Router, Routes, RuleVerdict

DOCUMENT: dict[str, object] = {"document": "shipping_advice", "status": "complete"}
NORTHSTAR = Context("northstar", "945", "P")
HOLDS = "everything it asks for holds"


def _router(*rules: dict[str, object], mode: str = "first_match") -> Router:
    routes = Routes.model_validate({"mode": mode, "rules": rules})
    return Router(routes, production={"erp", "billing"})


def test_the_first_rule_that_takes_a_document_decides() -> None:
    routing = _router(
        {"name": "orders", "when": {"set": "850"}, "to": "orders"},
        {"name": "advices", "when": {"set": "945"}, "to": "erp"},
        {"name": "rest", "to": "archive"},
    ).route(NORTHSTAR, DOCUMENT)
    assert routing.destinations == ("erp",)
    assert routing.matched == ("advices",)
    assert routing.verdicts == (
        RuleVerdict("orders", False, "set is '945', must be '850'"),
        RuleVerdict("advices", True, HOLDS, ("erp",)),
        RuleVerdict("rest", False, "not asked: 'advices' decided", asked=False),
    )
    assert routing.explanation == "goes to erp by rule 'advices'"


def test_in_mode_all_every_rule_adds_its_destinations_once() -> None:
    routing = _router(
        {"name": "one", "to": ["erp", "archive"]},
        {"name": "two", "when": {"partner": "bluebird"}, "to": "billing"},
        {"name": "three", "to": ["archive", "mirror"]},
        mode="all",
    ).route(NORTHSTAR, DOCUMENT)
    assert routing.destinations == ("erp", "archive", "mirror")
    assert routing.explanation == "goes to erp, archive, mirror by rule 'one', 'three'"


def test_a_document_that_no_rule_takes_is_told_so() -> None:
    routing = _router(
        {
            "name": "bluebird",
            "when": {
                "partner": ["bluebird", "redbird"],
                "document": "order",
                "usage": "T",
                "fields": {"status": "partial"},
            },
            "to": "erp",
        }
    ).route(NORTHSTAR, DOCUMENT)
    assert routing.destinations == ()
    assert routing.matched == ()
    assert routing.explanation == "no rule takes this document"
    assert routing.verdicts[0].why == (
        "partner is 'northstar', must be one of 'bluebird', 'redbird'; "
        "document is 'shipping_advice', must be 'order'; "
        "usage is 'P', must be 'T'; "
        "status is 'complete', must be 'partial'"
    )


@pytest.mark.parametrize("usage", ["T", "I", "", "p"])
def test_only_production_documents_reach_a_production_destination(usage: str) -> None:
    routing = _router({"name": "all", "to": "erp"}).route(
        Context("northstar", "945", usage), DOCUMENT
    )
    assert routing.destinations == ()
    assert routing.verdicts[0].refused == ("erp",)
    assert routing.explanation == (
        f"everything it asks for holds, but usage indicator {usage} never reaches a production "
        "destination: erp refused"
    )


def test_a_refused_document_does_not_travel_on_to_the_next_rule() -> None:
    routing = _router({"name": "production", "to": "erp"}, {"name": "rest", "to": "archive"}).route(
        Context("northstar", "945", "T"), DOCUMENT
    )
    assert routing.destinations == ()
    assert routing.verdicts[1].why == "not asked: 'production' decided"


def test_a_test_document_still_reaches_the_other_destinations_of_its_rule() -> None:
    routing = _router({"name": "both", "to": ["erp", "erp-test"]}).route(
        Context("northstar", "945", "T"), DOCUMENT
    )
    assert routing.destinations == ("erp-test",)
    assert routing.verdicts[0].refused == ("erp",)


_RULES = st.lists(
    st.fixed_dictionaries(
        {
            "to": st.lists(st.sampled_from(["erp", "billing", "archive"]), min_size=1, max_size=3),
            "when": st.fixed_dictionaries(
                {}, optional={"usage": st.sampled_from(["P", "T", "I"]), "set": st.just("945")}
            ),
        }
    ),
    min_size=1,
    max_size=5,
)


@given(rules=_RULES, mode=st.sampled_from(["first_match", "all"]), usage=st.text(max_size=1))
def test_no_rules_bring_a_test_to_production(
    rules: list[dict[str, object]], mode: str, usage: str
) -> None:
    named = [rule | {"name": f"rule {index}"} for index, rule in enumerate(rules)]
    routing = _router(*named, mode=mode).route(Context("northstar", "945", usage), DOCUMENT)
    if usage != "P":
        assert not {"erp", "billing"} & set(routing.destinations)
    assert len(set(routing.destinations)) == len(routing.destinations)
    assert len(routing.verdicts) == len(rules)


def test_a_rule_may_say_that_what_it_takes_is_only_kept() -> None:
    routing = _router(
        {"name": "advices", "when": {"document": "shipping_advice"}, "keep": True},
        {"name": "rest", "to": "erp"},
    ).route(NORTHSTAR, DOCUMENT)
    assert (routing.destinations, routing.kept_by) == ((), "advices")
    assert routing.explanation == "is kept by rule 'advices', and goes to nobody"
    # A set that no map translated need not be asked for by its name, to be kept.
    bare = _router({"name": "rest", "keep": True}).route(NORTHSTAR, {"document": "x12_set"})
    assert bare.kept_by == "rest"


def test_what_another_rule_sends_or_may_not_send_is_not_only_kept() -> None:
    both = ({"name": "all", "keep": True}, {"name": "rest", "to": "erp"})
    assert _router(*both, mode="all").route(NORTHSTAR, DOCUMENT).destinations == ("erp",)
    test = _router(*both, mode="all").route(Context("northstar", "945", "T"), DOCUMENT)
    assert (test.destinations, test.kept_by) == ((), None)
    assert "erp refused" in test.explanation


@pytest.mark.parametrize(
    ("rule", "fault"),
    [
        ({"to": "erp", "keep": True}, "'keep' and 'to' exclude each other"),
        ({}, "'to' is missing; `keep: true` is for what goes to nobody"),
    ],
)
def test_a_rule_says_where_to_or_that_it_keeps(rule: dict[str, object], fault: str) -> None:
    with pytest.raises(ValidationError, match=re.escape(fault)):
        _router({"name": "all", **rule})
