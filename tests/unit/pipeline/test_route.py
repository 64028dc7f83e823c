"""Which deliveries a document is owed, and for which rule."""

from __future__ import annotations

from gateway.pipeline.outcome import Quarantine, Reason
from gateway.pipeline.stages.route import route
from gateway.routing import Context, Router, Routes

CONTEXT = Context("quayside", "940", "P")
TEST = Context("quayside", "940", "T")


def router(mode: str, *rules: dict[str, object]) -> Router:
    routes = Routes.model_validate({"mode": mode, "rules": list(rules)})
    return Router(routes, production=["erp"])


def test_a_destination_that_several_rules_name_is_owed_once() -> None:
    rules = router(
        "all",
        {"name": "everything", "to": ["erp"]},
        {"name": "and a copy", "to": ["erp", "archive"]},
    )
    assert route({}, CONTEXT, rules) == [("erp", "everything"), ("archive", "and a copy")]


def test_a_test_document_that_only_a_production_rule_takes_waits_for_a_person() -> None:
    rules = router("first_match", {"name": "orders", "to": ["erp"]})
    outcome = route({}, TEST, rules)
    assert isinstance(outcome, Quarantine)
    assert outcome.reason is Reason.NO_ROUTE
    assert outcome.because == (
        "everything it asks for holds, but usage indicator T never reaches a production "
        "destination: erp refused"
    )


def test_a_document_that_no_rule_takes_waits_for_a_person() -> None:
    rules = router("first_match", {"name": "others", "when": {"set": "850"}, "to": ["erp"]})
    assert route({}, CONTEXT, rules) == Quarantine(Reason.NO_ROUTE, "no rule takes this document")
