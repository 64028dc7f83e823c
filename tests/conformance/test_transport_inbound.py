"""The same promises from every inbound transport that polls."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from threading import Thread

import pytest

from gateway.pipeline.ports import Inbound, Received
from gateway.transports.arrival import ArrivalRules
from tests.conformance.drop_boxes import RULES, Box, DirectoryBox, MemoryBox
from tests.conformance.far_boxes import far_box

WHOLE = b"ISA*00*          *...~\nGS*OW~ST*940*0001~SE*2*0001~GE*1*1~IEA*1*000000001~\n"
OTHER = WHOLE.replace(b"000000001", b"000000002")


@pytest.fixture(
    params=[
        "directory",
        "memory",
        "far-memory",
        "far-memory-objects",
        "sftp",
        "ftps",
        "old-ftps",
        "s3",
    ]
)
def box(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Box]:
    if request.param == "directory":
        yield DirectoryBox(tmp_path)
    elif request.param == "memory":
        yield MemoryBox()
    else:
        with far_box(request.param.removeprefix("far-"), tmp_path) as made:
            yield made


@contextmanager
def connected(box: Box, rules: ArrivalRules = RULES) -> Iterator[Inbound]:
    poller = box.poller(rules)
    poller.connect()
    with closing(poller):
        yield poller


def after_two_looks(box: Box, poller: Inbound) -> list[Received]:
    first = list(poller.receive())
    box.clock.passes(2)
    return first + list(poller.receive())


def test_a_whole_file_is_received_at_the_second_look_and_archived_when_settled(box: Box) -> None:
    with connected(box) as poller:
        box.put("order.edi", WHOLE)
        assert poller.receive() == []
        box.clock.passes(2)
        (received,) = poller.receive()
        assert received.payload.content == WHOLE
        assert received.payload.name == "order.edi"
        assert received.payload.partner == "northstar-3pl"
        assert received.payload.incomplete == ""
        assert box.names() == (set() if box.claims else {"order.edi"})
        assert box.archived() == []
        received.settle()
        assert box.archived() == [WHOLE]
        box.clock.passes(2)
        assert poller.receive() == []


def test_settling_twice_archives_once(box: Box) -> None:
    with connected(box) as poller:
        box.put("order.edi", WHOLE)
        (received,) = after_two_looks(box, poller)
        received.settle()
        received.settle()
        assert box.archived() == [WHOLE]


def test_looks_too_close_together_do_not_count_as_two(box: Box) -> None:
    with connected(box) as poller:
        box.put("order.edi", WHOLE)
        assert poller.receive() == []
        box.clock.passes(1.9)
        assert poller.receive() == []
        box.clock.passes(0.1)
        assert len(poller.receive()) == 1


def test_one_look_is_never_enough_even_without_a_time_to_wait(box: Box) -> None:
    with connected(box, replace(RULES, stable_for=RULES.stable_for * 0)) as poller:
        box.put("order.edi", WHOLE)
        assert poller.receive() == []
        box.clock.passes(0.001)
        assert len(poller.receive()) == 1


def test_a_file_that_grows_is_left_until_it_is_quiet_and_whole(box: Box) -> None:
    with connected(box) as poller:
        half = len(WHOLE) // 2
        box.put("slow.edi", WHOLE[:half])
        assert after_two_looks(box, poller) == []
        box.append("slow.edi", WHOLE[half:])
        assert poller.receive() == []
        box.clock.passes(2)
        (received,) = poller.receive()
        assert received.payload.content == WHOLE


def test_a_file_that_never_completes_is_handed_over_as_incomplete_and_kept_apart(box: Box) -> None:
    with connected(box) as poller:
        box.put("half.edi", WHOLE[:40])
        assert after_two_looks(box, poller) == []
        box.clock.passes(57.9)
        assert poller.receive() == []
        box.clock.passes(0.1)
        (received,) = poller.receive()
        assert received.payload.content == WHOLE[:40]
        assert received.payload.incomplete == (
            "no complete IEA segment at the end; unchanged for 60 seconds"
        )
        received.settle()
        assert box.quarantined() == [WHOLE[:40]]
        assert box.archived() == []


def test_an_empty_file_is_handed_over_as_incomplete(box: Box) -> None:
    with connected(box) as poller:
        box.put("empty.edi", b"")
        assert after_two_looks(box, poller) == []
        box.clock.passes(60)
        (received,) = poller.receive()
        assert received.payload.content == b""
        assert received.payload.incomplete == "the file is empty; unchanged for 60 seconds"


def test_a_file_that_vanishes_between_looks_is_forgotten(box: Box) -> None:
    with connected(box) as poller:
        box.put("order.edi", WHOLE)
        assert poller.receive() == []
        box.remove("order.edi")
        box.clock.passes(2)
        assert poller.receive() == []
        box.put("order.edi", WHOLE)
        assert poller.receive() == [], "its quiet time starts anew"
        box.clock.passes(2)
        assert len(poller.receive()) == 1


@pytest.mark.parametrize(
    "name", [".hidden.edi", "a.edi.tmp", "a.PART", "a.edi.filepart", "a.inprogress", "a.edi~"]
)
def test_a_temporary_name_is_ignored_until_it_is_renamed(box: Box, name: str) -> None:
    with connected(box) as poller:
        box.put(name, WHOLE)
        assert after_two_looks(box, poller) == []
        box.clock.passes(100)
        assert poller.receive() == []
        assert box.names() == {name}


def test_which_names_are_temporary_can_be_configured(box: Box) -> None:
    with connected(box, replace(RULES, ignore=("*.wait",))) as poller:
        box.put("a.wait", WHOLE)
        box.put("a.tmp", OTHER)
        (received,) = after_two_looks(box, poller)
        assert received.payload.name == "a.tmp"


def test_a_new_file_of_the_same_name_waits_until_the_first_is_settled(box: Box) -> None:
    with connected(box) as poller:
        box.put("order.edi", WHOLE)
        (first,) = after_two_looks(box, poller)
        box.put("order.edi", OTHER)
        assert after_two_looks(box, poller) == []
        first.settle()
        (second,) = after_two_looks(box, poller)
        assert second.payload.content == OTHER
        assert second.payload.receipt != first.payload.receipt
        second.settle()
        # Without a claim the sender itself had replaced the first before it could be archived.
        kept = [WHOLE, OTHER] if box.claims else [OTHER]
        assert sorted(box.archived()) == sorted(kept), "neither replaced the other"


def test_what_a_crash_left_between_claim_and_settle_comes_again_with_its_receipt(box: Box) -> None:
    with connected(box) as crashed:
        box.put("order.edi", WHOLE)
        (lost,) = after_two_looks(box, crashed)
    with connected(box) as poller:
        # Without a claim it lies there like any other, and is looked at twice.
        (again,) = poller.receive() or after_two_looks(box, poller)
        assert again.payload == lost.payload
        again.settle()
        assert box.archived() == [WHOLE]


def test_what_a_crash_left_incomplete_is_still_incomplete(box: Box) -> None:
    with connected(box) as crashed:
        box.put("half.edi", WHOLE[:40])
        crashed.receive()
        box.clock.passes(60)
        assert len(crashed.receive()) == 1
    with connected(box) as poller:
        reason = "no complete IEA segment at the end"
        batch = poller.receive()
        if not box.claims:
            assert batch == [], "it lies there like any other, and is waited for"
            box.clock.passes(60)
            batch = poller.receive()
            reason += "; unchanged for 60 seconds"
        (again,) = batch
        assert again.payload.incomplete == reason
        again.settle()
        assert box.quarantined() == [WHOLE[:40]]


def test_what_a_living_poller_has_claimed_is_not_taken_by_a_second_one(box: Box) -> None:
    with connected(box) as first:
        box.put("order.edi", WHOLE)
        assert len(after_two_looks(box, first)) == 1
        with connected(box) as second:
            assert after_two_looks(box, second) == []


def test_a_payload_that_is_released_comes_again(box: Box) -> None:
    with connected(box) as poller:
        box.put("order.edi", WHOLE)
        (received,) = after_two_looks(box, poller)
        received.release()
        assert box.names() == {"order.edi"}
        (again,) = after_two_looks(box, poller)
        assert again.payload.content == WHOLE


def test_many_files_come_in_batches_each_once(box: Box) -> None:
    contents = {WHOLE.replace(b"000000001", b"%09d" % number) for number in range(box.many)}
    with connected(box, replace(RULES, batch=box.many // 10)) as poller:
        for number, content in enumerate(sorted(contents)):
            box.put(f"{number}.edi", content)
        poller.receive()
        box.clock.passes(2)
        sizes, seen = [], []
        while batch := poller.receive():
            sizes.append(len(batch))
            seen += [received.payload.content for received in batch]
            for received in batch:
                received.settle()
        assert sizes == [box.many // 10] * 10
        assert len(seen) == box.many
        assert set(seen) == contents
        assert set(box.archived()) == contents


def test_two_pollers_at_once_never_receive_the_same_file(box: Box) -> None:
    many = box.many * 3 // 10
    contents = {WHOLE.replace(b"000000001", b"%09d" % number) for number in range(many)}
    for number, content in enumerate(sorted(contents)):
        box.put(f"{number}.edi", content)
    taken: list[list[bytes]] = [[], []]

    def take_all(poller: Inbound, into: list[bytes]) -> None:
        while batch := poller.receive():
            for received in batch:
                into.append(received.payload.content)
                received.settle()

    few = replace(RULES, batch=7)
    with connected(box, few) as one, connected(box, few) as two:
        one.receive()
        two.receive()
        box.clock.passes(2)
        threads = [
            Thread(target=take_all, args=(poller, into))
            for poller, into in zip((one, two), taken, strict=True)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        rest: list[bytes] = []
        take_all(one, rest)
    assert sorted(taken[0] + taken[1] + rest) == sorted(contents)
    assert len(box.archived()) == many


def test_a_file_over_the_size_limit_is_handed_over_in_part_with_the_reason(box: Box) -> None:
    with connected(box, replace(RULES, max_bytes=50)) as poller:
        box.put("large.edi", WHOLE)
        assert after_two_looks(box, poller) == []
        box.clock.passes(60)
        (received,) = poller.receive()
        assert received.payload.incomplete == (
            f"larger than the limit of 50 bytes: {len(WHOLE)}; unchanged for 60 seconds"
        )
        received.settle()
        assert box.quarantined() == [WHOLE]


def test_names_in_any_encoding_are_taken_and_shown_printable(box: Box) -> None:
    with connected(box) as poller:
        for name in box.odd_names:
            box.put(name, WHOLE)
        received = after_two_looks(box, poller)
        shown = {one.payload.name for one in received}
        for one in received:
            one.settle()
        assert box.names() == set()
        assert len(box.archived()) == len(box.odd_names)
        assert all(name.isprintable() for name in shown)
        told = {name: name for name in box.odd_names}
        told |= {"latin-1 \udce4.edi": "latin-1 \\xe4.edi", "two\nlines.edi": "two\\nlines.edi"}
        assert shown == {told[name] for name in box.odd_names}


@pytest.mark.parametrize("seconds", [0, 86_400, 2_000_000_000], ids=["1970", "a day", "2033"])
def test_a_clock_that_is_wrong_on_the_far_side_delays_nothing(box: Box, seconds: int) -> None:
    with connected(box) as poller:
        box.put("order.edi", WHOLE)
        box.date("order.edi", seconds)
        (received,) = after_two_looks(box, poller)
        assert received.payload.content == WHOLE


def test_a_file_dropped_again_after_it_was_settled_is_taken_again(box: Box) -> None:
    with connected(box) as poller:
        receipts = set()
        for content in (WHOLE, OTHER, WHOLE):
            box.put("order.edi", content)
            (received,) = after_two_looks(box, poller)
            assert received.payload.content == content
            receipts.add(received.payload.receipt)
            received.settle()
        assert len(receipts) == 3
        assert len(box.archived()) == 3


@pytest.mark.slow
def test_of_ten_thousand_files_the_oldest_come_first_and_each_once(
    box: Box, request: pytest.FixtureRequest
) -> None:
    if request.node.callspec.params["box"] == "old-ftps":
        pytest.skip("a server that is asked file by file takes half a minute for them")
    with connected(box) as poller:
        for number in range(10_000):
            box.put(f"{number}.edi", WHOLE)
            box.date(f"{number}.edi", 1_760_000_000 + number)
        poller.receive()
        box.clock.passes(2)
        names = [one.payload.name for _ in range(3) for one in poller.receive()]
        assert names == [f"{number}.edi" for number in range(300)]
        assert len(box.names()) == (9_700 if box.claims else 10_000)
