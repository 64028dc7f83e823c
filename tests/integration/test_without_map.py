"""Sets that nobody wrote a map for: judged, answered, kept, found, and delivered where asked."""

from __future__ import annotations

import json
from dataclasses import replace

from gateway.cli.document_rows import key_text
from gateway.clock import utc_now
from gateway.errors import Permanent
from gateway.pipeline.operations import Operations
from gateway.pipeline.records import DocumentRecord
from gateway.pipeline.rulebook import Rulebook
from gateway.pipeline.views import DocumentFilter
from gateway.routing import Router, Routes
from tests.integration.test_engine import run_until_done
from tests.integration.world import World, order, partner, rulebook, world

KEEP = {"name": "bare sets", "when": {"document": "x12_set"}, "keep": True}
KEPT = "is kept by rule 'bare sets', and goes to nobody"
NO_RULE = (
    "its agreement names no map, and no rule takes x12_set: expected a map, or a rule that asks "
    "for `document: x12_set`, with `keep: true` where nobody gets it"
)
AS_IT_IS = {"name": "bare sets", "when": {"document": "x12_set"}, "to": ["erp"]}


def rules(*routes: object, **agreement: object) -> Rulebook:
    agreed = {"set": "940", "direction": "in", "usage": ["P", "T"], **agreement}
    found = rulebook(them=partner(agreements=[agreed]))
    if not routes:
        return found  # one rule, which takes everything that was translated
    return replace(
        found, router=Router(Routes.model_validate({"rules": routes}), production=["erp"])
    )


def receive(here: World, content: bytes) -> DocumentRecord:
    here.drop(content)
    run_until_done(here)
    [found] = here.store.desk.documents(DocumentFilter())
    return found.document


def test_it_is_kept_acknowledged_and_found_by_its_number_where_a_rule_says_so(
    database_url: str,
) -> None:
    with world(database_url, rules=rules(KEEP)) as here:
        document = receive(here, order(1, "SO-7"))
        assert (document.validation, document.delivery, document.acknowledgment) == (
            "accepted",
            "none",
            "sent",
        )
        assert (document.document_type, document.map) == ("x12_set", None)
        [found] = here.store.desk.documents(DocumentFilter(key="SO-7"))
        assert found.document.id == document.id
        assert key_text(found) == "SO-7"
        entries = here.store.desk.timeline(document.id, 100)
        assert ("keep", KEPT) in {(entry.verb, entry.detail) for entry in entries}
        assert here.erp.delivered == {}
        assert here.store.desk.overview(utc_now()).untranslated == 0


def test_without_a_rule_it_is_no_silence_but_waits_for_a_person(database_url: str) -> None:
    with world(database_url, rules=rules()) as here:
        document = receive(here, order(1, "SO-7"))
        assert (document.validation, document.delivery, document.acknowledgment) == (
            "accepted",
            "quarantined",
            "sent",
        )
        assert (document.reason, document.because) == ("no_route", NO_RULE)
        assert len(here.store.desk.documents(DocumentFilter(key="SO-7"))) == 1
        assert here.store.desk.overview(utc_now()).untranslated == 1
        # A person gives it up, or says once and for all that such sets are only kept.
        keeping = Operations(here.store, here.jobs, rules(KEEP))
        [tried] = keeping.reroute(dry_run=True)
        said = "would be kept by rule 'bare sets', and would go to nobody"
        assert (tried.done, tried.what) == (True, said)
        for answer in ((True, KEPT), (False, KEPT)):
            [done] = keeping.reroute([document.id])
            assert (done.done, done.what) == answer
        [found] = here.store.desk.documents(DocumentFilter())
        assert (found.document.delivery, found.document.reason) == ("none", None)
        assert found.document.owner is None


def test_what_is_only_kept_from_now_on_is_delivered_no_more(database_url: str) -> None:
    with world(database_url, rules=rules(AS_IT_IS), failures=[Permanent("422")]) as here:
        document = receive(here, order(1))
        assert document.delivery == "dead"
        keeping = Operations(here.store, here.jobs, rules(KEEP))
        [done] = keeping.reroute([document.id])
        assert done.what == f"{KEPT}; what was not delivered to erp is withdrawn"
        [found] = here.store.desk.documents(DocumentFilter())
        assert found.document.delivery == "none"
        [back] = Operations(here.store, here.jobs, rules(AS_IT_IS)).reroute([document.id])
        assert (back.done, back.what) == (True, "goes to erp")


def test_a_document_of_a_map_may_be_only_kept_too(database_url: str) -> None:
    keep = {"name": "nobody wants these", "when": {"set": "940"}, "keep": True}
    with world(database_url, rules=rules(keep, map="plain-940")) as here:
        document = receive(here, order(1))
        assert (document.document_type, document.delivery) == ("shipment_order", "none")


def test_a_set_with_a_fault_is_rejected_and_found_by_its_number_too(database_url: str) -> None:
    with world(database_url, rules=rules()) as here:
        document = receive(here, order(1, "SO-8", quantity="many"))
        assert (document.validation, document.delivery) == ("rejected", "none")
        assert len(here.store.desk.documents(DocumentFilter(key="SO-8"))) == 1


def test_a_rule_that_asks_for_it_gets_it(database_url: str) -> None:
    with world(database_url, rules=rules(AS_IT_IS)) as here:
        assert receive(here, order(1)).delivery == "delivered"
        [delivered] = here.erp.delivered.values()
        content = json.loads(delivered.content)
        assert (content["document"], content["meta"]["transaction_set"]) == ("x12_set", "940")
        assert "map" not in content["meta"]
        assert content["segments"][0]["segment"] == "W05"


def test_a_rule_that_asks_for_it_and_may_not_have_it_waits_for_a_person(database_url: str) -> None:
    with world(database_url, rules=rules(AS_IT_IS, stage="test")) as here:
        document = receive(here, order(1))
        assert (document.delivery, document.reason) == ("quarantined", "no_route")


def test_once_there_is_a_map_it_is_translated_and_delivered(database_url: str) -> None:
    with world(database_url, rules=rules()) as here:
        document = receive(here, order(1))
        mapped = rules(map="plain-940")
        operations = Operations(here.store, here.jobs, mapped)
        [done] = operations.retranslate([document.id])
        assert (done.done, done.what) == (True, "goes to erp")
        run_until_done(here)
        [delivered] = here.erp.delivered.values()
        assert json.loads(delivered.content)["document"] == "shipment_order"
        bare = Operations(here.store, here.jobs, rules())
        [back] = bare.retranslate([document.id], dry_run=True)
        assert (back.done, back.what) == (False, f"goes nowhere: {NO_RULE}")
        keeping = Operations(here.store, here.jobs, rules(KEEP))
        [back] = keeping.retranslate([document.id], dry_run=True)
        assert (back.done, back.what) == (True, KEPT)


def test_routed_anew_it_goes_where_a_rule_asks_for_it_by_now(database_url: str) -> None:
    with world(database_url, rules=rules()) as here:
        document = receive(here, order(1))
        [same] = Operations(here.store, here.jobs, rules()).reroute([document.id])
        assert (same.done, same.what) == (False, f"goes nowhere: {NO_RULE}")
        [done] = Operations(here.store, here.jobs, rules(AS_IT_IS)).reroute([document.id])
        assert done.done
        run_until_done(here)
        assert len(here.erp.delivered) == 1
        [found] = here.store.desk.documents(DocumentFilter())
        assert found.document.delivery == "delivered"
