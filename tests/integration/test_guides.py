"""A partner's guide in the pipeline: what the partner is told, and what becomes of the document."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gateway.clock import utc_now
from gateway.config.guide_file import GuideFile
from gateway.config.guides import made
from gateway.pipeline.operations import Operations
from gateway.pipeline.records import DocumentRecord
from gateway.pipeline.rulebook import Rulebook
from gateway.pipeline.views import DocumentFilter
from gateway.yaml_source import load
from tests.integration.test_engine import run_until_done
from tests.integration.world import PARTNER, World, order, partner, rulebook, world

FILE = "partners/quayside/guides/940.yaml"


def rules(guide: str) -> Rulebook:
    source = load(f'set: "940"\n{guide}', FILE)
    found = made(source, GuideFile.model_validate(source.value), (PARTNER, "940"))
    assert found.guide is not None
    agreed = {"set": "940", "direction": "in", "map": "plain-940", "guide": "940"}
    them = partner(agreements=[agreed])
    return replace(rulebook(them=them), guides={(PARTNER, "940"): found.guide})


def receive(here: World, content: bytes) -> DocumentRecord:
    here.drop(content)
    run_until_done(here)
    [found] = here.store.desk.documents(DocumentFilter())
    return found.document


def told(here: World) -> str:
    """Return AK5 of what the partner was told."""
    [content] = here.folder.delivered.values()
    return content.content.decode().split("AK5*")[1][0]


@pytest.mark.parametrize(
    ("consequence", "status", "delivery", "answer"),
    [
        ("", "rejected", "none", "R"),
        (", acknowledgment: reject", "rejected", "none", "R"),
        (", acknowledgment: note", "accepted_with_findings", "delivered", "E"),
        (", acknowledgment: none", "accepted", "delivered", "A"),
        (", acknowledgment: reject, forwarding: hold", "rejected_yet_taken", "quarantined", "R"),
        (", acknowledgment: reject, forwarding: go_on", "rejected_yet_taken", "delivered", "R"),
        (", acknowledgment: note, forwarding: go_on", "accepted_with_findings", "delivered", "E"),
        (", acknowledgment: note, forwarding: hold", "accepted_with_findings", "quarantined", "E"),
        (", acknowledgment: none, forwarding: hold", "accepted", "quarantined", "A"),
    ],
)
def test_the_acknowledgment_and_the_document_go_ways_of_their_own(
    database_url: str, consequence: str, status: str, delivery: str, answer: str
) -> None:
    guide = f'places: {{W0502: {{pattern: "HG-[0-9]+"{consequence}}}}}'
    with world(database_url, rules=rules(guide)) as here:
        document = receive(here, order(1))
        said = told(here)
        assert (document.validation, document.delivery, said) == (status, delivery, answer)
        view = here.store.desk.document(document.id)
        assert view is not None
        [finding] = view.findings
    assert finding.detail == (
        f"expected what fits HG-[0-9]+ (rule W0502 of quayside's guide for 940, {FILE}:2)"
    )


def test_what_the_standard_refuses_goes_on_under_no_guide(database_url: str) -> None:
    guide = 'places: {W0502: {pattern: "HG-[0-9]+", acknowledgment: reject, forwarding: go_on}}'
    with world(database_url, rules=rules(guide)) as here:
        document = receive(here, order(1, quantity="many"))
        assert (document.validation, document.delivery) == ("rejected", "none")


def test_a_set_that_fits_its_guide_goes_on(database_url: str) -> None:
    with world(database_url, rules=rules("balance: {w76_totals: }")) as here:
        assert receive(here, order(1)).delivery == "delivered"


def test_what_a_guide_holds_waits_until_a_person_lets_it_go(database_url: str) -> None:
    guide = 'places: {W0502: {pattern: "HG-[0-9]+", acknowledgment: note, forwarding: hold}}'
    ruled = rules(guide)
    with world(database_url, rules=ruled) as here:
        document = receive(here, order(1))
        assert (document.reason, document.owner) == ("held_by_guide", "order-desk")
        assert document.because is not None
        assert document.because.startswith("W0502: expected what fits HG-[0-9]+ (rule W0502 of")
        assert here.erp.delivered == {}
        operations = Operations(here.store, here.jobs, ruled)
        # Translated anew, it still does not fit.
        [again] = operations.retranslate([document.id])
        assert not again.done
        [released] = operations.reroute([document.id])
        assert released.done
        run_until_done(here)
        [after] = here.store.desk.documents(DocumentFilter())
        assert (after.document.delivery, after.document.reason) == ("delivered", None)
        assert len(here.erp.delivered) == 1


def test_what_a_guide_holds_is_not_let_go_with_what_had_no_route(database_url: str) -> None:
    guide = 'places: {W0502: {pattern: "HG-[0-9]+", acknowledgment: note, forwarding: hold}}'
    ruled = rules(guide)
    with world(database_url, rules=ruled) as here:
        receive(here, order(1))
        assert Operations(here.store, here.jobs, ruled).reroute() == []
        assert here.store.desk.overview(utc_now()).quarantined == 1
