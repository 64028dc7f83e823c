"""What every store must do, on SQLite and on PostgreSQL."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from gateway.pipeline.lane_records import LaneRecord
from gateway.pipeline.outgoing_records import (
    HoldRecord,
    OutgoingRecord,
    OutgoingSetRecord,
    SeriesRecord,
    WaitingRecord,
)
from gateway.pipeline.records import (
    AttemptRecord,
    BusinessKeyRecord,
    DeliveryRecord,
    DocumentRecord,
    FindingRecord,
    InterchangeRecord,
    NumberRecord,
    PayloadRecord,
    TimelineRecord,
)
from gateway.pipeline.stages.route import Owed, owe
from gateway.pipeline.store_port import LostRace
from gateway.pipeline.views import DocumentFilter, InterchangeFilter, Refusal
from gateway.store import SqlStore, open_database, tables
from gateway.store.tables import metadata

NOW = datetime(2026, 3, 15, 9, 12, 30, 123456, tzinfo=UTC)
CONTENT = b"\x00ISA*..ST*940~SE*1~..\xff"

PAYLOAD = PayloadRecord(
    id="payload-1",
    state="received",
    partner="quayside",
    transport="memory",
    receipt="receipt-1",
    name="order.edi",
    received_at=NOW,
    size=len(CONTENT),
    sha256="0" * 64,
    content=CONTENT,
)
INTERCHANGE = InterchangeRecord(
    id="interchange-1",
    payload_id="payload-1",
    state="routed",
    partner="quayside",
    sender="ZZ/QUAYSIDE",
    receiver="ZZ/HARBOR",
    control_number="000000001",
    version="00401",
    usage="P",
    start=1,
    end=20,
    sha256="1" * 64,
    received_at=NOW,
)
DOCUMENT = DocumentRecord(
    id="document-1",
    payload_id="payload-1",
    interchange_id="interchange-1",
    direction="in",
    partner="quayside",
    set_id="940",
    version="004010",
    usage="P",
    group_control_number="1",
    control_number="0001",
    start=7,
    end=19,
    part=0,
    document_type="shipment_order",
    received_at=NOW,
    validation="accepted",
    delivery="pending",
    acknowledgment="pending",
    canonical=b'{"document":"shipment_order"}',
    canonical_hash="2" * 64,
)
DELIVERY = owe(Owed("document-1", "payload-1", "2" * 64, NOW), "erp", route="orders", allowance=3)
ACKNOWLEDGMENT = OutgoingRecord(
    id="acknowledgment-1",
    answers="interchange-1",
    partner="quayside",
    kind="997",
    control_number="000000500",
    sender="ZZ/HARBOR",
    receiver="ZZ/QUAYSIDE",
    created_at=NOW,
    name="997_000000500.edi",
    content=b"ISA*",
    correlation_id="payload-1",
    state="due",
    attempt=0,
    due_at=NOW,
)
NUMBER_KEY = ("ZZ/QUAYSIDE", "ZZ/HARBOR", "000000001")
FINDING = FindingRecord(
    "interchange-1",
    "document-1",
    "code_not_in_list",
    "element",
    "note",
    "{}",
    "X",
    "why",
    "1",
    None,
)


@pytest.fixture
def store(database_url: str) -> Iterator[SqlStore]:
    opened = SqlStore(open_database(database_url))
    yield opened
    opened.close()


@pytest.fixture
def full(store: SqlStore) -> SqlStore:
    """Give a store with one document and everything that hangs on it."""
    with store.transaction() as transaction:
        transaction.ledger.add(
            [
                PAYLOAD,
                INTERCHANGE,
                DOCUMENT,
                FINDING,
                BusinessKeyRecord("document-1", "purchase_order_number", "PO-1"),
                DELIVERY,
                ACKNOWLEDGMENT,
                TimelineRecord("payload", "payload-1", NOW, "receive", "order.edi"),
                TimelineRecord("document", "document-1", NOW, "route", "to erp"),
            ]
        )
    return store


def add_delivery(store: SqlStore, number: int, **changes: object) -> DeliveryRecord:
    document = replace(DOCUMENT, id=f"document-{number}")
    owed = Owed(document.id, "payload-1", "2" * 64, NOW)
    delivery = replace(owe(owed, "erp", route="orders", allowance=3), **changes)  # type: ignore[arg-type]  # tests name fields by their names
    with store.transaction() as transaction:
        transaction.ledger.add([document, delivery])
    return delivery


def test_opening_twice_changes_nothing(empty_database_url: str) -> None:
    SqlStore(open_database(empty_database_url)).close()
    again = SqlStore(open_database(empty_database_url))
    tables = set(sa.inspect(again.engine).get_table_names())
    again.close()
    assert set(metadata.tables) <= tables


def test_two_processes_may_open_a_new_database_at_once(empty_database_url: str) -> None:
    faults: list[Exception] = []

    def open_it() -> None:
        try:
            SqlStore(open_database(empty_database_url)).close()
        except Exception as fault:  # noqa: BLE001 - handed to the assertion
            faults.append(fault)

    threads = [threading.Thread(target=open_it) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []


def test_keeps_a_payload_byte_for_byte_with_its_moment(full: SqlStore) -> None:
    with full.transaction() as transaction:
        assert transaction.ledger.payloads(["payload-1"]) == [PAYLOAD]


def test_an_exception_undoes_the_whole_transaction(store: SqlStore) -> None:
    def fail_half_way() -> None:
        with store.transaction() as transaction:
            transaction.ledger.add([PAYLOAD])
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_half_way()
    assert store.desk.payloads() == []


def test_a_receipt_is_stored_once(full: SqlStore) -> None:
    with full.transaction() as transaction:
        known = transaction.ledger.stored_receipts("memory", ["receipt-1", "receipt-2"])
        assert known == {"receipt-1": "payload-1"}
    with pytest.raises(LostRace), full.transaction() as transaction:
        transaction.ledger.add([replace(PAYLOAD, id="payload-2")])


def test_changes_payloads_only_from_the_expected_state(full: SqlStore) -> None:
    with full.transaction() as transaction:
        transaction.ledger.change_payloads(["payload-1"], ["received"], state="read")
    with pytest.raises(LostRace) as race, full.transaction() as transaction:
        transaction.ledger.change_payloads(["payload-1"], ["received"], state="read")
    assert str(race.value) == "1 of 1 payloads were changed meanwhile"


def test_counts_recoveries(full: SqlStore) -> None:
    for expected in (1, 2):
        with full.transaction() as transaction:
            assert transaction.ledger.count_recovery("payload-1") == expected


def test_a_control_number_has_one_first_interchange(store: SqlStore) -> None:
    first = NumberRecord("ZZ/A", "ZZ/B", "000000001", "interchange-1", "1" * 64, NOW)
    with store.transaction() as transaction:
        transaction.ledger.add([first])
        found = transaction.ledger.numbers([first.key, ("ZZ/A", "ZZ/B", "000000002")])
        assert found == {first.key: first}
    with pytest.raises(LostRace), store.transaction() as transaction:
        transaction.ledger.add([replace(first, interchange_id="interchange-2")])


def test_control_numbers_follow_each_other_and_start_where_the_partner_wants(
    store: SqlStore,
) -> None:
    taken = []
    for count in (3, 1, 2):
        with store.transaction() as transaction:
            taken.append(transaction.ledger.allocate("isa:quayside", count, 7000))
    assert taken == [7000, 7003, 7004]


def test_a_transaction_that_fails_takes_no_control_number(store: SqlStore) -> None:
    def fail_half_way() -> None:
        with store.transaction() as transaction:
            transaction.ledger.allocate("isa:quayside", 5)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_half_way()
    with store.transaction() as transaction:
        assert transaction.ledger.allocate("isa:quayside", 1) == 1


def test_control_numbers_taken_at_the_same_time_are_all_different(store: SqlStore) -> None:
    taken: list[int] = []

    def take() -> None:
        for _ in range(10):
            with store.transaction() as transaction:
                first = transaction.ledger.allocate("isa:quayside", 2)
            taken.extend((first, first + 1))

    threads = [threading.Thread(target=take) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(taken) == list(range(1, 81))


def test_numbers_of_more_senders_than_a_statement_has_parameters_are_found(
    store: SqlStore,
) -> None:
    keys = [(f"ZZ/S{number}", f"ZZ/R{number}", f"{number:09d}") for number in range(70_000)]
    known = NumberRecord(*keys[69_999], "interchange-1", "hash", NOW)
    crossed = NumberRecord(keys[0][0], keys[1][1], keys[0][2], "interchange-1", "hash", NOW)
    with store.transaction() as transaction:
        transaction.ledger.add([PAYLOAD, INTERCHANGE])
        transaction.ledger.add([known, crossed])
        assert transaction.ledger.numbers(keys) == {known.key: known}


def test_a_lane_needs_a_job_only_when_none_is_waiting(store: SqlStore) -> None:
    with store.transaction() as transaction:
        lanes = transaction.lanes
        assert lanes.wake(["send:quayside", "deliver:erp"]) == ["deliver:erp", "send:quayside"]
        assert lanes.wake(["deliver:erp"]) == []
        assert lanes.begin("deliver:erp") == LaneRecord("deliver:erp")
        assert lanes.wake(["deliver:erp"]) == ["deliver:erp"]


def test_a_breaker_is_kept_with_its_lane(store: SqlStore) -> None:
    opened = LaneRecord("deliver:erp", failures=5, open_until=NOW)
    with store.transaction() as transaction:
        transaction.lanes.wake(["deliver:erp"])
        transaction.lanes.keep(opened)
        assert transaction.lanes.begin("deliver:erp") == opened


def test_gives_what_is_due_oldest_first_and_leaves_what_is_not(store: SqlStore) -> None:
    later = add_delivery(store, 1, due_at=NOW + timedelta(seconds=1))
    second = add_delivery(store, 2, due_at=NOW)
    first = add_delivery(store, 3, due_at=NOW - timedelta(seconds=1))
    add_delivery(store, 4, state="dead")
    with store.transaction() as transaction:
        due = transaction.lanes.due_deliveries("erp", NOW, 10)
        assert due == [first, second]
        assert transaction.lanes.next_due("deliver:erp", NOW) == later.due_at
        assert transaction.lanes.due_deliveries("elsewhere", NOW, 10) == []


def test_a_claim_counts_the_attempt_and_is_won_once(full: SqlStore) -> None:
    with full.transaction() as transaction:
        [claimed] = transaction.lanes.claim([DELIVERY], NOW)
        assert (claimed.delivery.state, claimed.delivery.attempt) == ("claimed", 1)
        assert (claimed.body, claimed.document_type, claimed.partner) == (
            DOCUMENT.canonical,
            DOCUMENT.document_type,
            DOCUMENT.partner,
        )
        assert transaction.lanes.claim([DELIVERY], NOW) == []


def test_a_claim_that_a_dead_job_left_is_taken_over_and_its_attempt_is_interrupted(
    full: SqlStore,
) -> None:
    with full.transaction() as transaction:
        [claimed] = transaction.lanes.claim([DELIVERY], NOW)
    with full.transaction() as transaction:
        [due] = transaction.lanes.due_deliveries("erp", NOW, 10)
        assert due == claimed.delivery
        [again] = transaction.lanes.claim([due], NOW)
        assert again.delivery.attempt == 2
    view = full.desk.document("document-1")
    assert view is not None
    assert [(one.attempt, one.outcome) for one in view.attempts] == [
        (1, "interrupted"),
        (2, "open"),
    ]


def test_settling_by_an_attempt_that_somebody_took_over_changes_nothing(full: SqlStore) -> None:
    with full.transaction() as transaction:
        mine = transaction.lanes.claim([DELIVERY], NOW)[0].delivery
        theirs = transaction.lanes.claim([mine], NOW)[0].delivery
        late = AttemptRecord(mine.id, 1, NOW, NOW, "failed", "503")
        assert transaction.lanes.settle([replace(mine, state="due")], [late]) == []
        good = AttemptRecord(theirs.id, 2, NOW, NOW, "delivered", "201")
        settled = replace(theirs, state="delivered")
        assert transaction.lanes.settle([settled], [good]) == [theirs.id]
        transaction.lanes.refresh_delivery_status(["document-1"])
    view = full.desk.document("document-1")
    assert view is not None
    assert view.document.delivery == "delivered"
    assert [one.answer for one in view.attempts] == ["503", "201"]


def test_settling_what_somebody_buried_meanwhile_changes_nothing(full: SqlStore) -> None:
    with full.transaction() as transaction:
        mine = transaction.lanes.claim([DELIVERY], NOW)[0].delivery
        transaction.lanes.change_delivery(mine, ["claimed"], state="dead")
        late = AttemptRecord(mine.id, 1, NOW, NOW, "delivered", "201")
        assert transaction.lanes.settle([replace(mine, state="delivered")], [late]) == []


def test_sending_an_acknowledgment_counts_the_attempt_and_is_begun_once(full: SqlStore) -> None:
    with full.transaction() as transaction:
        [begun] = transaction.outbox.begin_sending([ACKNOWLEDGMENT])
        assert begun == replace(ACKNOWLEDGMENT, attempt=1, tries=1)
        assert transaction.outbox.begin_sending([ACKNOWLEDGMENT]) == []
        # Settled by an attempt that is not the last any more.
        transaction.outbox.settle([replace(ACKNOWLEDGMENT, state="dead")])
        assert transaction.outbox.due("quayside", NOW, 10) == [begun]


def test_a_claim_hands_over_the_content_that_the_document_has_by_then(full: SqlStore) -> None:
    with full.transaction() as transaction:
        [due] = transaction.lanes.due_deliveries("erp", NOW, 10)
        transaction.ledger.change_document("document-1", canonical=b"other content")
        [claimed] = transaction.lanes.claim([due], NOW)
    assert claimed.body == b"other content"


def test_a_delivery_that_was_tried_meanwhile_is_not_changed(full: SqlStore) -> None:
    with full.transaction() as transaction:
        claimed = transaction.lanes.claim([DELIVERY], NOW)[0].delivery
        tried = AttemptRecord(claimed.id, 1, NOW, NOW, "failed", "503")
        transaction.lanes.settle([replace(claimed, state="due")], [tried])
        with pytest.raises(LostRace, match=rf"^delivery {DELIVERY.id} was changed meanwhile$"):
            transaction.lanes.change_delivery(DELIVERY, ["due"], content_hash="other")


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (InterchangeFilter(), 1),
        (InterchangeFilter(state="routed", partner="quayside", since=NOW), 1),
        (InterchangeFilter(state="held"), 0),
        (InterchangeFilter(partner="somebody"), 0),
        (InterchangeFilter(since=NOW + timedelta(seconds=1)), 0),
        (InterchangeFilter(limit=0), 0),
    ],
)
def test_interchanges_are_listed_with_their_files_and_acknowledgments(
    full: SqlStore, wanted: InterchangeFilter, found: int
) -> None:
    listed = full.desk.interchange_list(wanted)
    assert [one.interchange for one in listed] == [INTERCHANGE] * found
    for one in listed:
        assert (one.payload_name, one.folder) == ("order.edi", "quayside")
        assert one.acknowledgments == (replace(ACKNOWLEDGMENT, content=b""),)


def test_a_rejected_interchange_is_listed_with_the_first_finding_that_refused_it(
    full: SqlStore,
) -> None:
    rejected = replace(INTERCHANGE, id="interchange-2", control_number="2", state="rejected")
    noted = FindingRecord(
        "interchange-2", None, "date_invalid", "element", "note", "{}", "1", "a", None, None
    )
    first, second = (
        replace(noted, severity="reject", document_id=document, detail=detail)
        for document, detail in (("document-1", "b"), ("document-2", "c"))
    )
    with full.transaction() as transaction:
        transaction.ledger.add([rejected, noted, first, second])
    refusals = {
        one.interchange.id: one.refusal for one in full.desk.interchange_list(InterchangeFilter())
    }
    assert refusals == {"interchange-1": None, "interchange-2": Refusal(first, 2)}


def test_an_unknown_sender_is_found_by_the_folder_it_came_through(full: SqlStore) -> None:
    with full.transaction() as transaction:
        transaction.ledger.add([replace(INTERCHANGE, id="interchange-2", partner=None)])
    listed = full.desk.interchange_list(InterchangeFilter(partner="quayside"))
    assert {one.interchange.id for one in listed} == {"interchange-1", "interchange-2"}


def test_parts_of_a_payload_are_cut_by_the_byte(full: SqlStore) -> None:
    assert full.desk.content("payload-1") == CONTENT
    assert full.desk.content("payload-1", 1, 3) == CONTENT[1:4]
    assert full.desk.content("payload-1", len(CONTENT) - 1) == b"\xff"
    assert full.desk.content("nobody") == b""


def test_an_acknowledgment_that_nobody_gave_up_on_is_not_sent_again(full: SqlStore) -> None:
    with full.transaction() as transaction:
        with pytest.raises(
            LostRace, match=r"^outgoing interchange acknowledgment-1 was changed meanwhile$"
        ):
            transaction.outbox.change(ACKNOWLEDGMENT, ["dead"], state="due")
        transaction.outbox.settle([replace(ACKNOWLEDGMENT, state="dead")])
        assert transaction.ledger.documents(["document-1"])[0].acknowledgment == "dead"
        [dead] = [transaction.outbox.outgoing("acknowledgment-1")]
        assert dead is not None
        transaction.outbox.change(dead, ["dead"], state="due")
        assert transaction.ledger.documents(["document-1"])[0].acknowledgment == "pending"
    assert full.desk.outbound.outgoing("dead") == []
    assert full.desk.outbound.outgoing() == [ACKNOWLEDGMENT]


def test_a_delivery_that_is_there_is_not_owed_a_second_time(store: SqlStore) -> None:
    owed = [owe(Owed(f"document-{n}", "p", "h", NOW), "erp", route="r", allowance=1) for n in "ab"]
    with store.transaction() as transaction:
        assert transaction.lanes.owe_once(owed[:1]) == [owed[0].id]
        claimed = replace(owed[0], state="claimed")
        transaction.lanes.change_delivery(owed[0], ["due"], state="claimed")
    with store.transaction() as transaction:
        assert transaction.lanes.owe_once(owed) == [owed[1].id]
        assert transaction.lanes.deliveries_of(["document-a"]) == [claimed]


def test_a_document_is_as_far_as_its_worst_delivery(full: SqlStore) -> None:
    other = replace(DELIVERY, id="other", idempotency_key="other", destination="archive")
    with full.transaction() as transaction:
        transaction.ledger.add([replace(other, state="delivered")])
        transaction.lanes.refresh_delivery_status(["document-1"])
        assert transaction.ledger.documents(["document-1"])[0].delivery == "pending"
        transaction.lanes.change_delivery(DELIVERY, ["due"], state="superseded")
        transaction.lanes.refresh_delivery_status(["document-1"])
        assert transaction.ledger.documents(["document-1"])[0].delivery == "delivered"
        transaction.lanes.change_delivery(other, ["delivered"], state="dead")
        transaction.lanes.refresh_delivery_status(["document-1"])
        assert transaction.ledger.documents(["document-1"])[0].delivery == "dead"


def test_an_acknowledgment_that_was_sent_is_not_due_and_its_documents_say_so(
    full: SqlStore,
) -> None:
    with full.transaction() as transaction:
        [due] = transaction.outbox.due("quayside", NOW, 10)
        assert due == ACKNOWLEDGMENT
        transaction.outbox.settle([replace(due, state="sent", sent_at=NOW)])
        assert transaction.outbox.due("quayside", NOW, 10) == []
        assert transaction.ledger.documents(["document-1"])[0].acknowledgment == "sent"


def test_knows_which_lanes_have_work(full: SqlStore) -> None:
    with full.transaction() as transaction:
        assert transaction.lanes.lanes_with_work(NOW) == ["deliver:erp", "send:quayside"]
        assert transaction.lanes.lanes_with_work(NOW - timedelta(seconds=1)) == []


def test_counts_what_is_not_finished(full: SqlStore) -> None:
    assert full.desk.backlog(NOW) == {
        "notices": 0,
        "payloads": 1,
        "deliveries": 1,
        "interchanges": 0,
        "outgoing": 1,
        "waiting": 0,
        "gathered": 0,
        "exports": 0,
        "marks": 0,
    }


def test_what_an_open_breaker_parks_is_not_due(full: SqlStore) -> None:
    with full.transaction() as transaction:
        transaction.lanes.wake(["deliver:erp"])
        until = NOW + timedelta(seconds=30)
        transaction.lanes.keep(LaneRecord("deliver:erp", failures=5, open_until=until))
    assert full.desk.backlog(NOW)["deliveries"] == 0
    assert full.desk.backlog(until)["deliveries"] == 1


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (DocumentFilter(), True),
        (DocumentFilter(status="pending"), True),
        (DocumentFilter(status="accepted"), True),
        (DocumentFilter(status="dead"), False),
        (DocumentFilter(validation="accepted", delivery="pending"), True),
        (DocumentFilter(acknowledgment="sent"), False),
        (DocumentFilter(partner="quayside", set_id="940"), True),
        (DocumentFilter(partner="someone-else"), False),
        (DocumentFilter(set_id="850"), False),
        (DocumentFilter(key="PO-1"), True),
        (DocumentFilter(key="PO-"), False),
        (DocumentFilter(since=NOW), True),
        (DocumentFilter(since=NOW + timedelta(microseconds=1)), False),
    ],
)
def test_lists_the_documents_that_a_filter_wants(
    full: SqlStore, wanted: DocumentFilter, *, found: bool
) -> None:
    assert [one.document.id for one in full.desk.documents(wanted)] == ["document-1"] * found


def test_knows_the_business_keys_that_begin_with_a_text(store: SqlStore) -> None:
    keys = ["PO-10", "PO-2", "PO-1", "po-1", "PO_1", "PO%1", "XPO-1"]
    with store.transaction() as transaction:
        transaction.ledger.add(
            [BusinessKeyRecord(f"document-{n}", "purchase_order_number", key)
             for n, key in enumerate([*keys, "PO-1"])]
        )  # fmt: skip
    assert store.desk.keys_beginning("PO-1", 10) == ["PO-1", "PO-10"]
    assert set(store.desk.keys_beginning("PO", 10)) == {"PO-10", "PO-2", "PO-1", "PO_1", "PO%1"}
    assert len(store.desk.keys_beginning("PO", 3)) == 3
    assert store.desk.keys_beginning("PO_", 10) == ["PO_1"]
    assert store.desk.keys_beginning("PO%", 10) == ["PO%1"]
    assert store.desk.keys_beginning("Q", 10) == []


def test_shows_a_document_with_everything_that_hangs_on_it(full: SqlStore) -> None:
    view = full.desk.document("document-1")
    assert view is not None
    assert view.document == DOCUMENT
    assert view.raw == CONTENT[7:19]
    assert view.payload == replace(PAYLOAD, content=b"")
    assert view.interchange == INTERCHANGE
    assert view.findings == (FINDING,)
    assert view.deliveries == (DELIVERY,)
    assert view.acknowledgments == (ACKNOWLEDGMENT,)
    assert [one.verb for one in view.timeline] == ["receive", "route"]


def test_the_beginning_of_an_id_names_a_document_if_it_is_the_only_one(full: SqlStore) -> None:
    view = full.desk.document("doc")
    assert view is not None
    assert view.document.id == "document-1"
    add_delivery(full, 2)
    assert full.desk.document("doc") is None
    assert full.desk.document("%") is None


def test_what_a_translation_left_can_be_forgotten(full: SqlStore) -> None:
    with full.transaction() as transaction:
        transaction.ledger.add([replace(FINDING, code="document_invalid", level="document")])
        transaction.ledger.forget_translation("document-1")
    view = full.desk.document("document-1")
    assert view is not None
    assert (view.findings, view.keys) == ((FINDING,), ())


def test_an_executor_is_dead_when_it_was_not_seen_and_buried_once(store: SqlStore) -> None:
    with store.transaction() as transaction:
        executors = transaction.executors
        executors.beat("one", "here", NOW)
        executors.beat("two", "here", NOW + timedelta(seconds=20))
        assert executors.unseen_since(NOW + timedelta(seconds=10)) == ["one"]
        executors.bury("one", NOW)
        assert executors.unseen_since(NOW + timedelta(seconds=10)) == []
        assert executors.living() == {"two": "here"}
        executors.beat("one", "here", NOW + timedelta(seconds=30))
        assert sorted(executors.living()) == ["one", "two"]


def test_an_executor_that_was_buried_long_ago_is_forgotten_and_a_silent_one_is_not(
    store: SqlStore,
) -> None:
    with store.transaction() as transaction:
        executors = transaction.executors
        for name in ("old", "young", "silent"):
            executors.beat(name, "here", NOW - timedelta(days=9))
        executors.bury("old", NOW - timedelta(days=2))
        executors.bury("young", NOW)
        assert executors.forget(NOW - timedelta(days=1)) == 1
        assert sorted(executors.living()) == ["silent"]
        assert executors.forget(NOW + timedelta(days=1)) == 1
        assert sorted(executors.living()) == ["silent"]


LATER = NOW + timedelta(days=1)


def finish(store: SqlStore) -> None:
    """Bring the one document, its delivery and its acknowledgment to their ends."""
    with store.transaction() as transaction:
        for table, state in (
            (tables.payloads, "read"),
            (tables.deliveries, "delivered"),
            (tables.outgoing_interchanges, "sent"),
        ):
            transaction.connection.execute(sa.update(table).values(state=state))
        transaction.ledger.change_document(
            "document-1", delivery="delivered", acknowledgment="sent"
        )
        number = NumberRecord(*NUMBER_KEY, "interchange-1", "1" * 64, NOW)
        tried = AttemptRecord(DELIVERY.id, 1, NOW, NOW, "delivered", "201 Created")
        transaction.ledger.add([number, tried])


def purge(store: SqlStore, before: datetime, limit: int = 10) -> int:
    with store.transaction() as transaction:
        return transaction.retention.purge(before, limit)


def forget(store: SqlStore, before: datetime, limit: int = 10) -> int:
    with store.transaction() as transaction:
        return transaction.retention.forget(before, limit)


def filled(store: SqlStore) -> set[str]:
    """Return the tables that hold rows."""
    with store.engine.connect() as connection:
        return {
            name
            for name, table in metadata.tables.items()
            if connection.scalar(sa.select(sa.func.count()).select_from(table))
        }


def test_what_is_finished_and_old_is_purged_and_its_ledger_entries_stay(full: SqlStore) -> None:
    finish(full)
    assert purge(full, NOW) == 0, "received at that very moment is not before it"
    assert purge(full, LATER) == 1
    assert purge(full, LATER) == 0
    ledger = {"payloads", "interchanges", "interchange_numbers", "outgoing_interchanges"}
    assert filled(full) == ledger
    with full.transaction() as transaction:
        [payload] = transaction.ledger.payloads(["payload-1"])
        assert payload == replace(PAYLOAD, state="purged", content=b"")
        assert transaction.ledger.stored_receipts("memory", ["receipt-1"])
        assert transaction.ledger.numbers([NUMBER_KEY])[NUMBER_KEY].sha256 == "1" * 64
        [told] = transaction.outbox.answers_to(["interchange-1"])
        assert told.content == b"ISA*"


def test_the_ledger_forgets_what_was_purged_when_its_time_is_over(full: SqlStore) -> None:
    finish(full)
    assert forget(full, LATER) == 0, "what has not been purged is not forgotten"
    purge(full, LATER)
    assert forget(full, NOW) == 0
    assert forget(full, LATER) == 1
    assert filled(full) == set()


@pytest.mark.parametrize(
    ("table", "values"),
    [
        ("payloads", {"state": "received"}),
        ("payloads", {"state": "quarantined"}),
        ("interchanges", {"state": "held"}),
        ("interchanges", {"state": "quarantined"}),
        ("interchanges", {"state": "received"}),
        ("documents", {"delivery": "pending"}),
        ("documents", {"delivery": "dead"}),
        ("documents", {"delivery": "quarantined"}),
        ("outgoing_interchanges", {"state": "due"}),
        ("outgoing_interchanges", {"state": "dead"}),
    ],
)
def test_what_is_not_finished_is_never_purged(
    full: SqlStore, table: str, values: dict[str, str]
) -> None:
    finish(full)
    with full.transaction() as transaction:
        transaction.connection.execute(sa.update(metadata.tables[table]).values(**values))
    before = filled(full)
    assert purge(full, LATER) == 0
    assert filled(full) == before


def test_purging_takes_the_oldest_first_and_no_more_than_a_batch(store: SqlStore) -> None:
    old = [
        replace(
            PAYLOAD,
            id=f"payload-{age}",
            receipt=f"receipt-{age}",
            state="read",
            received_at=NOW - timedelta(days=age),
        )
        for age in (1, 3, 2)
    ]
    with store.transaction() as transaction:
        transaction.ledger.add(old)
    assert purge(store, NOW, limit=2) == 2
    assert {one.id for one in store.desk.payloads(state="read")} == {"payload-1"}


def test_refuses_a_moment_without_a_time_zone(store: SqlStore) -> None:
    naive = replace(PAYLOAD, received_at=NOW.replace(tzinfo=None))
    with (
        pytest.raises(ValueError, match="a moment needs a time zone"),
        store.transaction() as transaction,
    ):
        transaction.ledger.add([naive])


WAITING = WaitingRecord(
    document_id="document-2",
    partner="quayside",
    batch="batch-1",
    envelope=b"{}",
    segments=b'[["W05","N"]]',
    size=40,
    state="waiting",
    submitted_at=NOW,
    due_at=NOW + timedelta(minutes=5),
)


@pytest.fixture
def waiting(full: SqlStore) -> SqlStore:
    """Give a store with a document of ours that waits for an interchange."""
    ours = replace(DOCUMENT, id="document-2", interchange_id=None, direction="out", start=0, end=0)
    with full.transaction() as transaction:
        transaction.ledger.add([ours, WAITING])
    return full


def test_what_waits_is_taken_once(waiting: SqlStore) -> None:
    with waiting.transaction() as transaction:
        outbox = transaction.outbox
        assert outbox.ready("quayside", WAITING.due_at, 10) == [replace(WAITING, segments=b"")]
        assert outbox.ready("elsewhere", WAITING.due_at, 10) == []
        assert outbox.take(["document-2"]) == [WAITING]
        with pytest.raises(LostRace, match=r"^1 of 1 documents were changed meanwhile$"):
            outbox.take(["document-2"])
        assert outbox.waiting_document("document-2") is None


def test_of_what_waits_only_what_may_be_next_is_read(waiting: SqlStore) -> None:
    later = NOW + timedelta(hours=1)
    others = [
        replace(WAITING, document_id="full-1", batch="full", due_at=later, most_sets=2),
        replace(WAITING, document_id="full-2", batch="full", due_at=later, most_sets=2),
        replace(WAITING, document_id="heavy", batch="heavy", due_at=later, most_bytes=40),
        replace(WAITING, document_id="light", batch="light", due_at=later, most_bytes=41),
        replace(WAITING, document_id="alone", batch="alone", due_at=later),
    ]
    with waiting.transaction() as transaction:
        transaction.ledger.add(others)

        def ready(now: datetime, limit: int = 10) -> list[str]:
            return [one.document_id for one in transaction.outbox.ready("quayside", now, limit)]

        assert ready(WAITING.due_at) == ["document-2"], "what is due goes first"
        assert ready(NOW) == ["full-1", "full-2", "heavy"]
        assert ready(NOW, limit=2) == ["full-1", "full-2"]


def test_what_is_held_is_not_taken(waiting: SqlStore) -> None:
    with waiting.transaction() as transaction:
        outbox = transaction.outbox
        outbox.change_waiting("document-2", "waiting", state="held", because="look at it")
        with pytest.raises(LostRace, match=r"^document document-2 was changed meanwhile$"):
            outbox.change_waiting("document-2", "waiting", state="held")
        assert outbox.ready("quayside", WAITING.due_at, 10) == []
        assert transaction.lanes.next_due("envelope:quayside", NOW) is None
        with pytest.raises(LostRace):
            outbox.take(["document-2"])
    [shown] = waiting.desk.outbound.waiting("quayside")
    assert (shown.state, shown.because) == ("held", "look at it")


def test_what_waits_is_due_at_its_time(waiting: SqlStore) -> None:
    with waiting.transaction() as transaction:
        assert transaction.lanes.next_due("envelope:quayside", NOW) == WAITING.due_at
        assert "envelope:quayside" not in transaction.lanes.lanes_with_work(NOW)
        assert "envelope:quayside" in transaction.lanes.lanes_with_work(WAITING.due_at)
    assert waiting.desk.backlog(NOW)["waiting"] == 0
    assert waiting.desk.backlog(WAITING.due_at)["waiting"] == 1


def test_what_goes_on_while_it_is_counted_is_counted_once(waiting: SqlStore) -> None:
    with waiting.transaction() as transaction:
        sent = replace(ACKNOWLEDGMENT, state="sent", sent_at=NOW)
        transaction.outbox.settle([sent])
    moved: list[str] = []

    def move_on(_: object, __: object, statement: str, *rest: object) -> None:
        # From a place that is counted late to one that is counted early.
        if moved or "outgoing_interchanges" not in statement:
            return
        moved.append(statement)
        with waiting.transaction() as transaction:
            transaction.outbox.take(["document-2"])
            transaction.outbox.change(sent, ["sent"], state="due")

    sa.event.listen(waiting.engine, "after_cursor_execute", move_on)
    counts = waiting.desk.backlog(WAITING.due_at)
    assert moved
    assert counts["outgoing"] + counts["waiting"] == 1


def test_a_partner_that_is_held_has_no_work_until_it_is_released(waiting: SqlStore) -> None:
    hold = HoldRecord("quayside", NOW, "their dock is closed")
    with waiting.transaction() as transaction:
        transaction.outbox.hold(hold)
        transaction.outbox.hold(replace(hold, because="said twice"))
        assert transaction.outbox.held("quayside") == hold
        assert "envelope:quayside" not in transaction.lanes.lanes_with_work(WAITING.due_at)
    assert waiting.desk.outbound.holds() == [hold]
    assert waiting.desk.backlog(WAITING.due_at)["waiting"] == 0
    with waiting.transaction() as transaction:
        assert transaction.outbox.release("quayside")
        assert not transaction.outbox.release("quayside")


def test_a_document_of_ours_has_the_numbers_and_the_bytes_of_its_interchange(
    waiting: SqlStore,
) -> None:
    content = b"ISA*..ST*940*0007~SE*2*0007~.."
    outgoing = replace(
        ACKNOWLEDGMENT,
        id="outgoing-1",
        kind="documents",
        answers=None,
        content=content,
        control_number="000000501",
    )
    sent = OutgoingSetRecord(
        "outgoing-1", "9", "0007", "940", "OW", "quayside", "document-2", 6, 28
    )
    with waiting.transaction() as transaction:
        transaction.outbox.take(["document-2"])
        transaction.ledger.add([outgoing])
        transaction.outbox.enveloped([sent])
        without_bytes = replace(outgoing, content=b"")
        assert transaction.outbox.with_group("quayside", "OW", "9") == [without_bytes]
        assert transaction.outbox.numbered("quayside", "000000501") == [without_bytes]
        assert transaction.outbox.sets_of("outgoing-1") == [sent]
    view = waiting.desk.document("document-2")
    assert view is not None
    assert view.raw == b"ST*940*0007~SE*2*0007~"
    assert (view.document.group_control_number, view.document.control_number) == ("9", "0007")
    assert (view.outgoing, view.interchange, view.acknowledgments) == (outgoing, None, ())
    with waiting.transaction() as transaction:
        transaction.outbox.settle([replace(outgoing, state="sent", sent_at=NOW)])
    view = waiting.desk.document("document-2")
    assert view is not None
    assert view.document.delivery == "delivered"
    # What came in is not touched by what went out.
    other = waiting.desk.document("document-1")
    assert other is not None
    assert (other.document.delivery, other.document.acknowledgment) == ("pending", "pending")


def test_a_sequence_is_changed_only_from_where_it_was_seen(store: SqlStore) -> None:
    with store.transaction() as transaction:
        outbox = transaction.outbox
        assert outbox.series("isa:quayside") is None
        outbox.set_series(SeriesRecord("isa:quayside", 500), None)
        assert transaction.ledger.allocate("isa:quayside", 1) == 500
        for expected in (None, 500):
            with pytest.raises(LostRace) as race:
                outbox.set_series(SeriesRecord("isa:quayside", 900), expected)
            assert str(race.value) == "numbers of isa:quayside were taken meanwhile"
        outbox.set_series(SeriesRecord("isa:quayside", 900), 501)
        assert outbox.series("isa:quayside") == SeriesRecord("isa:quayside", 900)
    assert store.desk.outbound.series() == [SeriesRecord("isa:quayside", 900)]


def test_a_list_goes_on_behind_a_document_and_keeps_to_some_partners(full: SqlStore) -> None:
    others = [
        replace(DOCUMENT, id=f"document-{n}", partner="bluebird", document_type="invoice")
        for n in (2, 3)
    ]
    older = replace(DOCUMENT, id="document-0", received_at=NOW - timedelta(hours=1))
    with full.transaction() as transaction:
        transaction.ledger.add([*others, older])

    def ids(**wanted: object) -> list[str]:
        found = full.desk.documents(DocumentFilter(**wanted))  # type: ignore[arg-type]  # tests name fields by their names
        return [one.document.id for one in found]

    assert ids() == ["document-1", "document-2", "document-3", "document-0"]
    assert ids(behind=(NOW, "document-2")) == ["document-3", "document-0"]
    assert ids(behind=(NOW, "document-9")) == ["document-0"]
    assert ids(behind=(older.received_at, "document-0")) == []
    assert ids(partners=("bluebird", "nobody")) == ["document-2", "document-3"]
    assert ids(partners=()) == []
    assert ids(document_type="invoice") == ["document-2", "document-3"]
    assert ids(key="PO-1", key_name="purchase_order_number") == ["document-1"]
    assert ids(key="PO-1", key_name="invoice_number") == []


def test_a_whole_id_finds_its_document_and_a_beginning_the_only_one(full: SqlStore) -> None:
    whole = "0" * 35
    with full.transaction() as transaction:
        transaction.ledger.add([replace(DOCUMENT, id=f"{whole}{n}") for n in (1, 2)])
    assert full.desk.document(whole) is None
    for n in (1, 2):
        view = full.desk.document(f"{whole}{n}")
        assert view is not None
        assert view.document.id == f"{whole}{n}"
