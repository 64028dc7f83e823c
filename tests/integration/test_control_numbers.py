"""Control numbers: never given twice, whatever dies; looked at and set by people, with a trace."""

from __future__ import annotations

import signal
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from gateway.partners import Partner
from gateway.partners.partner import ControlNumbers
from gateway.pipeline.answering import Answers
from gateway.pipeline.control_numbers import LARGEST, NumberLevel
from gateway.pipeline.outbound.agreed import Wanted
from gateway.pipeline.outbound.numbering import Change, NumberRefused
from gateway.pipeline.store_port import Transaction
from gateway.pipeline.views import DocumentFilter
from gateway.store import SqlStore, open_database
from gateway.store.tables import outgoing_interchanges, outgoing_sets
from gateway.x12.reader import read_interchanges
from tests import programs
from tests.databases import sqlite_url
from tests.integration.answers import functional
from tests.integration.outbound_world import numbering, submission, taking_orders
from tests.integration.test_engine import run_until_done
from tests.integration.test_outbound import outgoing, sending
from tests.integration.world import PARTNER, order, partner, wait_for, world
from tests.postgres import Postgres
from tests.programs import Program

ISA = "isa:ZZ/HARBOR>ZZ/QUAYSIDE"
GS = "gs:HARBORWH>QUAYSIDE:OW"
PROCESSES, KILLED, EACH = 8, 4, 25


def submit_in_a_process(url: str, folder: Path, name: str) -> Program:
    words = ("-m", "tests.integration.submitting", url, str(folder), name, str(EACH))
    return programs.start(*words, stderr=programs.PIPE)


def promised(folder: Path, name: str) -> list[str]:
    file = folder / f"{name}.txt"
    return file.read_text(encoding="ascii").split() if file.exists() else []


def kill_half_way(process: Program, folder: Path, name: str) -> None:
    wait_for(lambda: len(promised(folder, name)) >= 3 or process.poll() is not None, 120)
    process.send_signal(signal.SIGKILL)
    process.communicate()


def each_number_is_of_one_document(url: str, folder: Path, names: list[str]) -> None:
    """Look into the tables, and into the very bytes."""
    store = SqlStore(open_database(url))
    with store.engine.connect() as connection:
        contents = list(connection.scalars(sa.select(outgoing_interchanges.c.content)))
        sets = list(connection.execute(sa.select(outgoing_sets)))
    documents = {
        one.document.id: one.document for one in store.desk.documents(DocumentFilter(limit=100_000))
    }
    store.close()
    interchanges = [read for content in contents for read in read_interchanges(content)]
    groups = [group for read in interchanges for group in read.groups]
    for numbers in (
        Counter(str(read.header.control_number) for read in interchanges),
        Counter(str(group.header.control_number) for group in groups),
        Counter(str(one.control_number) for group in groups for one in group.transaction_sets),
    ):
        assert set(numbers.values()) == {1}
        # Nothing that died left a gap: what it had taken was undone with it.
        assert max(map(int, numbers)) - min(map(int, numbers)) + 1 == len(numbers)
    assert len({one.document_id for one in sets}) == len(sets) == len(documents)
    assert all(document.outgoing_id is not None for document in documents.values())
    assert {id_ for name in names for id_ in promised(folder, name)} <= documents.keys()


@pytest.mark.slow
def test_no_number_is_given_twice_under_eight_processes_of_which_four_are_killed(
    tmp_path: Path, postgres_server: Postgres
) -> None:
    url = postgres_server.new_database()
    open_database(url).dispose()
    names = [f"process-{number}" for number in range(PROCESSES)]
    running = {name: submit_in_a_process(url, tmp_path, name) for name in names}
    for name in names[:KILLED]:
        kill_half_way(running[name], tmp_path, name)
    for name in names[KILLED:]:
        _, said = running[name].communicate(timeout=180)
        assert (running[name].returncode, said) == (0, "")
        assert len(promised(tmp_path, name)) == EACH
    # The killed ones come back and submit everything again, under the same keys.
    again = {name: submit_in_a_process(url, tmp_path, name) for name in names[:KILLED]}
    for process in again.values():
        _, said = process.communicate(timeout=180)
        assert (process.returncode, said) == (0, "")
    each_number_is_of_one_document(url, tmp_path, names)
    store = SqlStore(open_database(url))
    found = store.desk.documents(DocumentFilter(limit=100_000))
    store.close()
    assert len(found) == PROCESSES * EACH


def test_acknowledgments_are_written_anew_where_others_took_their_numbers_meanwhile(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_ahead = Answers.write_ahead

    def overtaken(self: Answers, transaction: Transaction) -> None:
        write_ahead(self, transaction)
        with here.store.transaction() as other:
            for series in ("isa:ZZ/HARBOR>ZZ/QUAYSIDE", "gs:HARBOR>QUAYSIDE:FA"):
                other.ledger.allocate(series, 3, 500)

    with world(database_url) as here:
        monkeypatch.setattr(Answers, "write_ahead", overtaken)
        here.drop(order(1), order(2))
        run_until_done(here)
        sent = outgoing(here)
    [first, second] = [read for one in sent for read in read_interchanges(one.content)]
    assert [one.control_number for one in sent] == ["000000503", "000000504"]
    assert [one.header.control_number for one in (first, second)] == ["000000503", "000000504"]
    assert [one.groups[0].header.control_number for one in (first, second)] == ["503", "504"]


def test_after_the_largest_number_comes_one(database_url: str) -> None:
    with sending(database_url) as (here, rules):
        for level, set_id in (
            (NumberLevel.INTERCHANGE, ""),
            (NumberLevel.GROUP, "OW"),
            (NumberLevel.SET, "940"),
        ):
            change = Change(PARTNER, level, "to see the end", set_id)
            numbering(here, rules).set_next(change, LARGEST)
        for number in (1, 2):
            here.pipeline.submit(submission(number))
        found = outgoing(here)
        shown = numbering(here, rules).show(PARTNER)
    assert sorted(one.control_number for one in found) == ["000000001", "999999999"]
    assert len({one.id for one in found}) == 2
    numbers = {
        (str(group.header.control_number), str(group.transaction_sets[0].control_number))
        for one in found
        for read in read_interchanges(one.content)
        for group in read.groups
    }
    assert numbers == {("999999999", "999999999"), ("1", "0001")}
    assert [(one.series, one.next, one.rounds, one.used) for one in shown] == [
        (ISA, 2, 1, True),
        ("gs:HARBORWH>QUAYSIDE:FA", 700, 0, False),
        (GS, 2, 1, True),
        ("st:HARBORWH>QUAYSIDE:940", 2, 1, True),
    ]


def test_what_was_never_taken_is_shown_as_the_partner_wants_it(database_url: str) -> None:
    with sending(database_url) as (here, rules):
        shown = numbering(here, rules).show()
    assert [(one.series, one.next, one.used) for one in shown] == [
        (ISA, 500, False),
        ("gs:HARBORWH>QUAYSIDE:FA", 700, False),
        (GS, 700, False),
        ("st:HARBORWH>QUAYSIDE:940", 1, False),
    ]


def test_a_sequence_goes_on_where_a_person_wants_it_and_keeps_why(database_url: str) -> None:
    change = Change(PARTNER, NumberLevel.INTERCHANGE, "we come from the old system")
    with sending(database_url) as (here, rules):
        asked = numbering(here, rules)
        assert asked.set_next(change, 8000).next == 8000
        here.pipeline.submit(submission(1))
        assert asked.bump(change, 1000).next == 9001
        here.pipeline.submit(submission(2))
        history = here.store.desk.timeline(ISA, 10)
        found = outgoing(here)
    assert [one.control_number for one in found] == ["000008000", "000009001"]
    assert [(entry.subject, entry.verb, entry.detail) for entry in history] == [
        ("control_numbers", "set", "500 → 8000: we come from the old system"),
        ("control_numbers", "set", "8001 → 9001: we come from the old system"),
    ]


def test_a_sequence_goes_back_only_by_force(database_url: str) -> None:
    change = Change(PARTNER, NumberLevel.GROUP, "they never got them", "OW")
    with sending(database_url) as (here, rules):
        here.pipeline.submit(submission(1))
        asked = numbering(here, rules)
        with pytest.raises(NumberRefused) as refused:
            asked.set_next(change, 700)
        assert asked.set_next(change, 700, force=True).next == 700
        [entry] = here.store.desk.timeline(GS, 10)
    assert str(refused.value) == (
        f"{GS} is at 701 already: numbers from 700 on may have been used, and the partner "
        "may take what uses them again for duplicates; force it only where it never got them"
    )
    assert (entry.verb, entry.detail) == ("set_back", "701 → 700: they never got them")


def test_documents_go_out_under_numbers_that_a_person_set_back(database_url: str) -> None:
    change = Change(PARTNER, NumberLevel.INTERCHANGE, "they never got them")
    with sending(database_url) as (here, rules):
        here.pipeline.submit(submission(1))
        numbering(here, rules).set_next(change, 500, force=True)
        again = here.pipeline.submit(submission(2))
        assert again.state == "enveloped"
        found = outgoing(here)
    assert [one.control_number for one in found] == ["000000500", "000000500"]
    assert len({one.id for one in found}) == 2


@pytest.mark.parametrize(
    ("change", "number", "said"),
    [
        (
            Change("nobody", NumberLevel.GROUP, "why"),
            7,
            "there is no partner 'nobody'",
        ),
        (
            Change(PARTNER, NumberLevel.GROUP, "why"),
            7,
            "partner 'quayside' has several; expected one of gs:HARBORWH>QUAYSIDE:FA, "
            "gs:HARBORWH>QUAYSIDE:OW",
        ),
        (
            Change(PARTNER, NumberLevel.SET, "why", "945"),
            7,
            "partner 'quayside' has no such sequence; there are st:HARBORWH>QUAYSIDE:940",
        ),
        (
            Change(PARTNER, NumberLevel.GROUP, "why"),
            LARGEST + 1,
            "1000000000 is no control number; expected 1 to 999999999",
        ),
    ],
)
def test_what_cannot_be_set_is_refused_in_a_sentence(
    change: Change, number: int, said: str, tmp_path: Path
) -> None:
    with (
        sending(sqlite_url(tmp_path)) as (here, rules),
        pytest.raises(NumberRefused) as refused,
    ):
        numbering(here, rules).set_next(change, number)
    assert str(refused.value) == said


def two_roads(**of_second: object) -> Partner:
    """Return a partner that takes orders of one version here, and of another one elsewhere."""
    received = {"set": "940", "direction": "in", "map": "plain-940", "usage": ["P", "T"]}
    orders = {"set": "940", "direction": "out", "version": "004010UCS", "map": "northstar-940"}
    other = {**orders, "version": "004010", **of_second}
    return partner(
        identities=[{"qualifier": "ZZ", "id": "QUAYSIDE"}, {"qualifier": "01", "id": "QUAYTWO"}],
        agreements=[received, orders, other],
    )


def test_an_agreement_with_identities_of_its_own_has_numbers_of_its_own(database_url: str) -> None:
    them = two_roads(their_identity="QUAYTWO")
    with sending(database_url, them) as (here, rules):
        for number, version in ((1, "004010UCS"), (2, "004010")):
            here.pipeline.submit(replace(submission(number), wanted=Wanted(version=version)))
        run_until_done(here)
        one, other = sorted(outgoing(here), key=lambda each: each.receiver, reverse=True)
        names = [each.series for each in numbering(here, rules).show() if each.used]
        # Both carry the same numbers, and the answer finds the one that it comes from.
        content = functional(9).replace(b"*ZZ*QUAYSIDE       *", b"*01*QUAYTWO        *")
        here.pipeline.receive([here.received(content, "answer.edi", "answer")])
        run_until_done(here)
        said = {each.receiver: each.acknowledgment for each in outgoing(here)}
    assert (one.receiver, other.receiver) == ("ZZ/QUAYSIDE", "01/QUAYTWO")
    assert one.control_number == other.control_number == "000000500"
    assert names == [
        "isa:ZZ/HARBOR>ZZ/QUAYSIDE",
        "isa:ZZ/HARBOR>01/QUAYTWO",
        "gs:HARBORWH>QUAYSIDE:OW",
        "gs:HARBORWH>QUAYTWO:OW",
        "st:HARBORWH>QUAYSIDE:940",
        "st:HARBORWH>QUAYTWO:940",
    ]
    assert said == {"ZZ/QUAYSIDE": "pending", "01/QUAYTWO": "accepted"}


def test_tests_have_numbers_of_their_own_where_a_partner_wants_that(database_url: str) -> None:
    numbers = {"first_interchange": 500, "first_group": 700, "tests_apart": True}
    them = taking_orders(usage=["P", "T"]).model_copy(
        update={"control_numbers": ControlNumbers.model_validate(numbers)}
    )
    with sending(database_url, them) as (here, rules):
        here.pipeline.submit(replace(submission(2), wanted=Wanted(usage="P")))
        here.pipeline.submit(replace(submission(1), wanted=Wanted(usage="T")))
        run_until_done(here)
        test, production = sorted(outgoing(here), key=lambda each: each.usage, reverse=True)
        assert (test.usage, production.usage) == ("T", "P")
        assert test.control_number == production.control_number == "000000500"
        used = [each.series for each in numbering(here, rules).show() if each.used]
        here.pipeline.receive([here.received(functional(9), "answer.edi", "answer")])
        run_until_done(here)
        said = {each.usage: each.acknowledgment for each in outgoing(here)}
    assert used == [
        ISA,
        f"{ISA}:T",
        GS,
        f"{GS}:T",
        "st:HARBORWH>QUAYSIDE:940",
        "st:HARBORWH>QUAYSIDE:940:T",
    ]
    assert said == {"P": "accepted", "T": "pending"}
