"""What comes again, and what does not come at all, by the rules of a partner's file."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import sqlalchemy as sa

from gateway.clock import utc_now
from gateway.pipeline.operations import Operations
from gateway.pipeline.records import DocumentRecord
from gateway.pipeline.rulebook import Rulebook
from gateway.pipeline.views import DocumentFilter, InterchangeFilter
from gateway.store.tables import contents, interchange_numbers
from tests.integration import world as worlds
from tests.integration.test_engine import run_until_done
from tests.integration.world import PARTNER, World, many_orders, partner, rulebook, world


def order(number: int, name: str = "") -> bytes:
    """Write an order whose content is that of its name alone."""
    return worlds.order(number, name).replace(b"*PO-%d~" % number, b"*PO-1~")


@contextmanager
def receiving(url: str, **duplicates: object) -> Iterator[tuple[World, Rulebook]]:
    rules = rulebook(them=partner(duplicates=duplicates))
    with world(url, rules=rules) as here:
        yield here, rules


def receive(here: World, *payloads: bytes) -> None:
    """Receive payloads one after the other."""
    for content in payloads:
        arrived = utc_now().isoformat()
        here.pipeline.receive([here.received(content, "orders.edi", arrived)])
        run_until_done(here)


def documents(here: World) -> list[DocumentRecord]:
    """Return what came in, oldest first."""
    found = here.store.desk.documents(DocumentFilter(limit=1000))
    return sorted((one.document for one in found), key=lambda one: one.received_at)


def states(here: World) -> list[str]:
    found = here.store.desk.interchange_list(InterchangeFilter())
    return [one.interchange.state for one in found][::-1]


def missing(here: World) -> list[int]:
    return [one.number for one in here.store.desk.acknowledgments.gaps(PARTNER)]


def verbs(here: World, id_: str) -> list[str]:
    return [entry.verb for entry in here.store.desk.timeline(id_, 100)]


def used_days_ago(here: World, days: int) -> None:
    """Let what is remembered be so old."""
    then: datetime = utc_now() - timedelta(days=days)
    with here.store.engine.begin() as connection:
        connection.execute(sa.update(interchange_numbers).values(used_at=then))
        connection.execute(sa.update(contents).values(seen_at=then))


def test_where_it_is_to_be_ignored_nothing_is_looked_for(database_url: str) -> None:
    with receiving(database_url, same_content_new_number="ignore") as (here, _):
        receive(here, order(41, "SO-1"), order(44, "SO-1"))
        found = documents(here)
        assert missing(here) == []
        with here.store.engine.connect() as connection:
            assert connection.scalar(sa.select(sa.func.count()).select_from(contents)) == 0
    assert [one.delivery for one in found] == ["delivered", "delivered"]


def test_unless_said_otherwise_the_same_content_is_taken_and_said(database_url: str) -> None:
    with receiving(database_url) as (here, _):
        receive(here, order(41, "SO-1"), order(44, "SO-1"))
        found = documents(here)
        assert missing(here) == []
        assert [one.delivery for one in found] == ["delivered", "delivered"]
        again, first = (
            one.interchange for one in here.store.desk.interchange_list(InterchangeFilter())
        )
    assert (first.reason, first.because) == (None, None)
    assert (again.state, again.reason) == ("routed", "same_content")
    assert again.because == (
        f"suspected duplicate: a 940 has the content of document {found[0].id} of "
        f"{found[0].received_at:%Y-%m-%d %H:%M:%S}, under another control number"
    )


def test_an_interchange_says_how_many_of_its_sets_were_there_and_that_they_wait(
    database_url: str,
) -> None:
    with receiving(database_url, same_content_new_number="hold") as (here, _):
        receive(here, many_orders(3, number=41), many_orders(3, number=42))
        again = here.store.desk.interchange_list(InterchangeFilter())[0].interchange
    assert again.because is not None
    assert again.because.endswith(
        "under another control number; 2 more of its sets came before; "
        "what came again waits for a person"
    )


def test_an_interchange_says_which_numbers_are_missing_before_it(database_url: str) -> None:
    with receiving(database_url, sequence="note") as (here, _):
        receive(here, order(41), order(44))
        after = here.store.desk.interchange_list(InterchangeFilter())[0].interchange
    assert (after.reason, after.because) == (
        "numbers_missing",
        "after 41 came 44: 42, 43 are missing",
    )


def test_a_number_may_be_used_again_after_the_window(database_url: str) -> None:
    with receiving(database_url, window="90d") as (here, _):
        receive(here, order(41, "SO-1"))
        used_days_ago(here, 89)
        receive(here, order(41, "SO-2"))
        assert states(here) == ["routed", "held"]
        used_days_ago(here, 91)
        receive(here, order(41, "SO-3"), order(41, "SO-3"), order(41, "SO-4"))
        assert states(here) == ["routed", "held", "routed", "duplicate", "held"]


def test_the_window_of_an_agreement_goes_before_that_of_the_partner(database_url: str) -> None:
    agreement = {
        "set": "940",
        "direction": "in",
        "map": "plain-940",
        "duplicates": {"window": "10d"},
    }
    them = partner(duplicates={"window": "90d"}, agreements=[agreement])
    with world(database_url, rules=rulebook(them=them)) as here:
        receive(here, order(41, "SO-1"))
        used_days_ago(here, 11)
        receive(here, order(41, "SO-2"))
        assert states(here) == ["routed", "routed"]


def test_the_same_content_under_a_new_number_is_taken_and_noted(database_url: str) -> None:
    with receiving(database_url, same_content_new_number="note") as (here, _):
        receive(here, order(41, "SO-1"), order(42, "SO-1"), order(43, "SO-2"))
        first, again, other = documents(here)
        assert [one.delivery for one in (first, again, other)] == ["delivered"] * 3
        assert "repeat" in verbs(here, again.id)
        assert "repeat" not in verbs(here, first.id) + verbs(here, other.id)
        assert len(here.erp.delivered) == 3


def test_the_same_content_under_a_new_number_waits_until_it_is_released(
    database_url: str,
) -> None:
    with receiving(database_url, same_content_new_number="hold") as (here, rules):
        receive(here, order(41, "SO-1"), order(42, "SO-1"))
        first, again = documents(here)
        assert (again.delivery, again.reason) == ("quarantined", "same_content")
        assert (again.validation, again.acknowledgment) == ("accepted", "sent")
        assert again.owner == "order-desk"
        assert again.because is not None
        assert again.because.startswith(f"has the content of document {first.id} of ")
        assert len(here.erp.delivered) == 1
        [done] = Operations(here.store, here.jobs, rules).retranslate([again.id])
        assert done.done, done.what
        run_until_done(here)
        assert [one.delivery for one in documents(here)] == ["delivered", "delivered"]
        assert len(here.erp.delivered) == 2


def test_the_same_content_that_is_held_can_be_given_up(database_url: str) -> None:
    with receiving(database_url, same_content_new_number="hold") as (here, rules):
        receive(here, order(41, "SO-1"), order(42, "SO-1"))
        [_, again] = documents(here)
        people = Operations(here.store, here.jobs, rules)
        [done] = people.refuse([again.id], "they sent it twice")
        assert (done.done, done.what) == (True, "is given up")
        [after] = [one for one in documents(here) if one.id == again.id]
        assert (after.delivery, after.because) == ("none", "they sent it twice")
        [needless] = people.refuse([again.id], "again")
        assert needless.what == "is none: nothing holds it"


def test_the_same_content_within_one_payload_is_noticed_too(database_url: str) -> None:
    with receiving(database_url, same_content_new_number="hold") as (here, _):
        receive(here, order(41, "SO-1") + order(42, "SO-1"))
        assert sorted(one.delivery for one in documents(here)) == ["delivered", "quarantined"]


def test_content_that_is_older_than_the_window_is_new(database_url: str) -> None:
    rules: dict[str, object] = {"same_content_new_number": "hold", "window": "30d"}
    with receiving(database_url, **rules) as (here, _):
        receive(here, order(41, "SO-1"))
        used_days_ago(here, 31)
        receive(here, order(42, "SO-1"), order(43, "SO-1"))
        found = [one.delivery for one in documents(here)]
    assert found == ["delivered", "delivered", "quarantined"]


def test_numbers_that_are_left_out_are_listed_until_they_come(database_url: str) -> None:
    with receiving(database_url, sequence="note") as (here, _):
        receive(here, order(41), order(44))
        assert missing(here) == [42, 43]
        [_, after] = here.store.desk.interchange_list(InterchangeFilter())[::-1]
        assert "gap" in verbs(here, after.interchange.id)
        receive(here, order(43))
        assert missing(here) == [42]
        [late] = here.store.desk.interchange_list(InterchangeFilter())[:1]
        assert "fill_gap" in verbs(here, late.interchange.id)
        receive(here, order(45))
        assert missing(here) == [42]


def test_what_comes_together_in_another_order_leaves_no_gap(database_url: str) -> None:
    with receiving(database_url, sequence="note") as (here, _):
        receive(here, order(41), order(44) + order(42) + order(43))
        assert missing(here) == []


def test_a_number_that_is_held_is_not_missing_twice(database_url: str) -> None:
    with receiving(database_url, sequence="note") as (here, _):
        receive(here, order(41, "SO-1"), order(42, "SO-2"), order(41, "SO-3"))
        assert states(here) == ["routed", "routed", "held"]
        assert missing(here) == []


def test_a_sender_that_begins_anew_leaves_no_gap(database_url: str) -> None:
    with receiving(database_url, sequence="note") as (here, _):
        receive(here, order(41), order(500_000), order(500_002))
        assert missing(here) == [500_001]


def test_what_is_remembered_is_forgotten_with_the_ledger(database_url: str) -> None:
    rules: dict[str, object] = {"same_content_new_number": "note", "sequence": "note"}
    with receiving(database_url, **rules) as (here, _):
        receive(here, order(41, "SO-1"), order(43, "SO-2"))
        with here.store.transaction() as transaction:
            transaction.retention.forget(utc_now() + timedelta(days=1), 10)
        assert missing(here) == []
        with here.store.engine.connect() as connection:
            assert connection.scalar(sa.select(sa.func.count()).select_from(contents)) == 0
