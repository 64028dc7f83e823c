"""What follows from deliveries: next documents, and advice on what was refused; each once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import cast

import orjson
import pytest

from gateway.clock import utc_now
from gateway.errors import GatewayError, Permanent, Refused, Transient
from gateway.partners import Partner
from gateway.pipeline.engine import DurableJobs
from gateway.pipeline.follow_ups.advice import Advice
from gateway.pipeline.follow_ups.making import ShapedNext
from gateway.pipeline.observing import Announcer
from gateway.pipeline.operations import Operations
from gateway.pipeline.outbound.onward import MOST_HOPS, Make, OnwardPlace, OnwardTo
from gateway.pipeline.outbound.submission import Submissions
from gateway.pipeline.pipeline import Pipeline
from gateway.pipeline.places import Destination, Places
from gateway.pipeline.ports import Consignment, Receipt, unobserved
from gateway.pipeline.records import BusinessKeyRecord
from gateway.pipeline.rulebook import Rulebook
from gateway.pipeline.views import DocumentFilter, DocumentView
from gateway.routing import NextRule, Router, Routes, When
from gateway.shaping import Selection, Shape
from gateway.store import SqlStore, open_database
from gateway.transports.memory import Outbound
from tests.integration.outbound_world import OURS
from tests.integration.test_engine import run_until_done
from tests.integration.world import FAST, PARTNER, PlainMap, World, order, partner, rulebook
from tests.samples.maps import compiled_map

ACCEPTED = Selection.compile(
    "{document: 'application_advice', version: '1.0', purpose: 'original',"
    " advice_number: delivered.known_as.depositor_order_number, advice_date: delivered.date,"
    " transactions: [{result: 'transaction_accepted', reference_type: 'purchase_order',"
    " reference: purchase_order_number, sender_code: delivered.to}]}"
)
"""Makes an advice that an order was taken: any document that a partner takes would do."""

NEXT = NextRule("tell-them", When(document=("shipment_order",)), ("erp",))


def told(**agreed: object) -> Partner:
    """Return the one partner, who wants to be advised, with the agreement on orders changed."""
    orders = {"set": "940", "direction": "in", "map": "plain-940", "usage": ["P", "T"], **agreed}
    advice = {"set": "824", "direction": "out", "map": "base-824", "usage": ["P", "T"]}
    return partner(agreements=[orders, advice])


def rules_of(them: Partner, *, to: Sequence[str] = ("erp",)) -> Rulebook:
    maps = {"plain-940": PlainMap(), "base-824": compiled_map("base-824")}
    routes = Routes.model_validate({"rules": [{"name": "all", "to": list(to)}]})
    return replace(
        rulebook(cast("Mapping[str, PlainMap]", maps), them=them, ours=OURS),
        next_rules=(NEXT,),
        router=Router(routes, production=[]),
    )


@contextmanager
def world(
    url: str,
    *,
    them: Partner | None = None,
    failures: Sequence[GatewayError] = (),
    to: Sequence[str] = ("erp",),
    shape: Shape = Shape(ACCEPTED),  # noqa: B008 - frozen
    around: Callable[[OnwardPlace], OnwardPlace] = lambda place: place,
    ordered_by: Sequence[str] = (),
    sender_of: str | None = None,
    others: Sequence[Partner] = (),
) -> Iterator[tuple[World, Operations]]:
    """Open a world in which deliveries lead on."""
    store = SqlStore(open_database(url))
    jobs = DurableJobs(store)
    rules = replace(rules_of(them or told(), to=to), ordering_at=lambda _: ordered_by)
    rules = replace(rules, partners={**rules.partners, **{one.id: one for one in others}})
    submissions = Submissions(
        store, jobs, rules, clock=utc_now, announcer=Announcer(unobserved, utc_now)
    )

    def place(make: Make) -> Destination:
        way = OnwardTo(None, "824", sender_of)
        made = OnwardPlace(store, submissions, way, partners=rules.partners, make=make)
        return Destination(around(made), replace(FAST, concurrency=1))

    erp, folder = Outbound(failures), Outbound()
    places = Places(
        {
            "erp": Destination(erp, replace(FAST, ordered=bool(ordered_by))),
            "mirror": Destination(Outbound(), FAST),
            "next:tell-them": place(ShapedNext(store.desk, "tell-them", shape)),
            f"advice:{PARTNER}": place(Advice(store.desk)),
        },
        {name: Destination(folder, FAST) for name in rules.partners},
    )
    pipeline = Pipeline(store, jobs, rules, places=places)
    try:
        yield World(store, jobs, pipeline, erp, folder), Operations(store, jobs, rules)
    finally:
        jobs.close()
        store.close()


def came(world: World) -> DocumentView:
    return only(world, "in")


def only(world: World, direction: str) -> DocumentView:
    [summary] = world.store.desk.documents(DocumentFilter(direction=direction))
    view = world.store.desk.document(summary.document.id)
    assert view is not None
    return view


def segments(world: World, set_id: str = "824") -> list[list[str]]:
    """Return the sets of a kind that the partner got, each as its segments."""
    sent = [one.content.decode().split("~") for one in world.folder.delivered.values()]
    return [one for one in sent if any(s.startswith(f"ST*{set_id}*") for s in one)]


def test_what_the_erp_took_leads_to_the_declared_next_document(database_url: str) -> None:
    with world(database_url) as (here, _):
        here.drop(order(1))
        run_until_done(here)
        first, follows = came(here), only(here, "out")
        assert (first.document.delivery, follows.document.delivery) == ("delivered", "delivered")
        assert (follows.document.caused_by, follows.document.hops) == (first.document.id, 1)
        [advice] = segments(here)
        day = f"{first.attempts[0].started_at:%Y%m%d}"
        assert f"BGN*00*SO-1*{day}" in advice
        assert "OTI*TA*PO*PO-1*erp" in advice
        assert ("document", "follow", "next:tell-them, since erp took it") in {
            (one.subject, one.verb, one.detail) for one in first.timeline
        }


def retailer(name: str) -> Partner:
    """Return a partner who sends orders, and wants to be advised."""
    advice = {"set": "824", "direction": "out", "map": "base-824", "usage": ["P", "T"]}
    identities = [{"qualifier": "ZZ", "id": name.upper()}]
    return partner(partner=name, identities=identities, agreements=[advice])


def ordered(world: World, *senders: str) -> None:
    """Let partners have sent the order that the shipping order of `order(1)` belongs to."""
    shown = came(world).document
    with world.store.transaction() as transaction:
        for name in senders:
            id_ = f"order-of-{name}"
            before = replace(shown, id=id_, partner=name, set_id="850", document_type="order")
            key = BusinessKeyRecord(before.id, "purchase_order_number", "PO-1")
            transaction.ledger.add([before, key])


def test_a_next_document_goes_to_whoever_sent_the_order_not_to_whoever_sent_this(
    database_url: str,
) -> None:
    shops = [retailer("bluebird")]
    with world(database_url, sender_of="order", others=shops) as (here, operations):
        here.drop(order(1))
        run_until_done(here)
        [dead] = [one for one in came(here).deliveries if one.state == "dead"]
        assert dead.last_error == (
            "it is for whoever sent the order that this belongs to, and none is known"
        )
        shipping = came(here).document.id
        ordered(here, "bluebird")
        [done] = operations.redeliver([shipping])
        assert done.what == "goes to next:tell-them again"
        run_until_done(here)
        sent = only(here, "out").document
        assert (sent.partner, sent.caused_by, sent.delivery) == ("bluebird", shipping, "delivered")


def test_a_next_document_goes_to_nobody_where_several_sent_such_an_order(
    database_url: str,
) -> None:
    shops = [retailer("bluebird"), retailer("redbird")]
    with world(database_url, sender_of="order", others=shops) as (here, operations):
        here.drop(order(1))
        run_until_done(here)
        shipping = came(here).document
        ordered(here, "bluebird", "redbird")
        with here.store.transaction() as transaction:
            for one in ("bluebird", "redbird"):
                # Both belong to it for certain: each was made of what it was made of.
                transaction.ledger.change_document(f"order-of-{one}", caused_by=shipping.id)
        operations.redeliver([shipping.id])
        run_until_done(here)
        view = here.store.desk.document(shipping.id)
        assert view is not None
        [dead] = [one for one in view.deliveries if one.state == "dead"]
        assert dead.last_error == (
            "it is for whoever sent the order that this belongs to, and several partners sent "
            "one: bluebird, redbird"
        )


def test_a_next_document_for_the_sender_of_what_was_taken_is_for_its_sender(
    database_url: str,
) -> None:
    with world(database_url, sender_of="shipment_order") as (here, _):
        here.drop(order(1))
        run_until_done(here)
        assert only(here, "out").document.partner == PARTNER


def test_what_is_delivered_again_leads_to_nothing_more(database_url: str) -> None:
    with world(database_url) as (here, operations):
        here.drop(order(1))
        run_until_done(here)
        [done] = operations.redeliver([came(here).document.id])
        assert done.what == "goes to erp again"
        run_until_done(here)
        assert len(here.erp.delivered) == 2
        assert len(segments(here)) == 1


def test_a_destination_that_the_rule_does_not_name_leads_to_nothing(database_url: str) -> None:
    with world(database_url, to=["mirror"]) as (here, _):
        here.drop(order(1))
        run_until_done(here)
        assert came(here).document.delivery == "delivered"
        assert segments(here) == []


def test_what_the_shape_cannot_make_waits_with_its_reason_and_goes_on_later(
    database_url: str,
) -> None:
    with world(database_url, shape=Shape(Selection.compile("no_such_field"))) as (here, _):
        here.drop(order(1))
        run_until_done(here)
        view = came(here)
        assert view.document.delivery == "dead"
        [dead] = [one for one in view.deliveries if one.state == "dead"]
        assert dead.destination == "next:tell-them"
        assert dead.last_error == (
            "next document 'tell-them': the expression selects nothing of this document"
        )
    with world(database_url) as (here, operations):
        [done] = operations.redeliver_dead()
        assert done.what == "goes to next:tell-them again"
        run_until_done(here)
        assert came(here).document.delivery == "delivered"
        assert len(segments(here)) == 1


def test_what_is_delivered_is_left_alone_while_another_delivery_of_its_document_is_dead(
    database_url: str,
) -> None:
    with world(database_url, shape=Shape(Selection.compile("no_such_field"))) as (here, operations):
        here.drop(order(1))
        run_until_done(here)
        [done] = operations.redeliver([came(here).document.id])
        assert done.what == "goes to next:tell-them again"
        run_until_done(here)
        assert len(here.erp.delivered) == 1, "the ERP has it, and gets it no second time"


def test_one_of_several_destinations_gets_a_document_again_and_no_other(
    database_url: str,
) -> None:
    with world(database_url, to=["erp", "mirror"]) as (here, operations):
        here.drop(order(1))
        run_until_done(here)
        id_ = came(here).document.id
        [done] = operations.redeliver([id_], destination="mirror")
        assert (done.done, done.what) == (True, "goes to mirror again")
        run_until_done(here)
        owed = {(one.destination, one.generation, one.state) for one in came(here).deliveries}
        assert owed == {
            ("erp", 1, "delivered"),
            ("mirror", 1, "delivered"),
            ("mirror", 2, "delivered"),
            ("next:tell-them", 1, "delivered"),
        }
        assert len(here.erp.delivered) == 1
        [done] = operations.redeliver([id_], destination="nobody")
        said = "was not to go there, but to erp, mirror, next:tell-them"
        assert (done.done, done.what) == (False, said)


def test_a_destination_that_is_named_is_asked_again_though_another_one_is_dead(
    database_url: str,
) -> None:
    shape = Shape(Selection.compile("no_such_field"))
    with world(database_url, shape=shape) as (here, operations):
        here.drop(order(1))
        run_until_done(here)
        [done] = operations.redeliver([came(here).document.id], destination="erp")
        assert done.what == "goes to erp again"
        run_until_done(here)
        assert len(here.erp.delivered) == 2


def test_a_crash_between_the_two_deliveries_loses_and_doubles_nothing(database_url: str) -> None:
    """The first is settled and the second not begun; then submitted and not settled."""
    with world(database_url) as (here, _):
        [payload] = here.drop(order(1))
        here.pipeline.read_payloads([payload], 1)
        here.pipeline.run_lane("deliver:erp")
        assert [(one.destination, one.state) for one in came(here).deliveries] == [
            ("erp", "delivered"),
            ("next:tell-them", "due"),
        ]

    class Dying(OnwardPlace):
        def deliver(self, consignment: Consignment) -> Receipt:
            super().deliver(consignment)
            raise KeyboardInterrupt

    def dying(place: OnwardPlace) -> OnwardPlace:
        place.__class__ = Dying
        return place

    with world(database_url, around=dying) as (here, _):
        with pytest.raises(KeyboardInterrupt):
            here.pipeline.run_lane("deliver:next:tell-them")
        assert came(here).deliveries[1].state == "claimed"
    with world(database_url) as (here, _):
        run_until_done(here)
        assert came(here).document.delivery == "delivered"
        assert len(segments(here)) == 1


def test_what_goes_in_circles_is_stopped_and_says_so(database_url: str) -> None:
    with world(database_url) as (here, _):
        [payload] = here.drop(order(1))
        here.pipeline.read_payloads([payload], 1)
        with here.store.transaction() as transaction:
            transaction.ledger.change_document(came(here).document.id, hops=MOST_HOPS)
        run_until_done(here)
        [dead] = [one for one in came(here).deliveries if one.state == "dead"]
        assert dead.last_error == (
            "4 documents led to this one, each made of the one before: "
            "expected a route that does not go in circles"
        )
        assert segments(here) == []


def test_a_refusal_is_told_to_the_partner_who_wants_to_be_advised(database_url: str) -> None:
    words = (
        "HTTP 422: article ROPE-20 is unknown to us; ask your buyer for the number that replaced it"
    )
    with world(
        database_url, them=told(on_refusal="advise"), failures=[Refused(words), Refused(words)]
    ) as (here, operations):
        here.drop(order(1))
        run_until_done(here)
        view = came(here)
        assert view.document.delivery == "advised"
        assert [(one.destination, one.state, one.owner) for one in view.deliveries] == [
            (f"advice:{PARTNER}", "delivered", None),
            ("erp", "advised", None),
        ]
        [advice] = segments(here)
        number = view.document.id.replace("-", "")[:16].upper()
        assert any(one.startswith(f"BGN*00*ADV{number}*") for one in advice)
        assert "OTI*TR*PO*PO-1*****1*0001*940*004010" in advice
        assert "TED*024*article ROPE-20 is unknown to us; ask your buyer for the" in advice
        assert "NTE**number that replaced it" in advice
        assert (
            orjson.loads(only(here, "out").document.canonical or b"")["transactions"][0]["result"]
            == "transaction_rejected"
        )

        # Somebody tries it again, and it is refused again: the partner knows already.
        [done] = operations.redeliver([view.document.id])
        assert done.what == "goes to erp again"
        run_until_done(here)
        assert came(here).document.delivery == "advised"
        assert len(segments(here)) == 1


@pytest.mark.parametrize(
    ("agreed", "fault"),
    [({}, Refused("unknown article")), ({"on_refusal": "advise"}, Permanent("wrong password"))],
)
def test_a_refusal_that_is_no_partners_business_waits_for_a_person(
    database_url: str, agreed: Mapping[str, object], fault: GatewayError
) -> None:
    with world(database_url, them=told(**agreed), failures=[fault]) as (here, _):
        here.drop(order(1))
        run_until_done(here)
        assert came(here).document.delivery == "dead"
        assert [one.owner for one in came(here).deliveries] == ["erp-team"]
        assert segments(here) == []


def test_what_stands_behind_a_refused_document_goes_on_once_the_partner_is_told(
    database_url: str,
) -> None:
    with world(
        database_url,
        them=told(on_refusal="advise"),
        # Held while the first is to be tried again.
        failures=[Transient("HTTP 503"), Refused("HTTP 422: no such article")],
        ordered_by=["partner"],
    ) as (here, _):
        for number in (1, 2):
            [payload] = here.drop(order(number))
            here.pipeline.read_payloads([payload], 1)
        run_until_done(here)
        states = [
            one.document.delivery
            for one in here.store.desk.documents(DocumentFilter(direction="in"))
        ]
        assert sorted(states) == ["advised", "delivered"]
