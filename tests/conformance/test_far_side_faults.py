"""What a partner's server may do wrong, and what then happens to payloads: the same everywhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from threading import Thread

import pytest
from structlog.testing import capture_logs

from gateway.errors import Permanent, Transient
from gateway.partners.connections import QuietWindow
from gateway.pipeline.ports import Consignment, Inbound, Outbound, Received
from gateway.transports.polled import inbound as polled
from tests.conformance.drop_boxes import RULES, Clock
from tests.conformance.far_boxes import FarBox, SftpBox, far_box
from tests.conformance.test_transport_inbound import OTHER, WHOLE, after_two_looks, connected
from tests.integration.world import wait_for

ACK = Consignment(b"ISA*...~IEA*1*000000007~" * 5000, "997-7.edi", "ack:7", "interchange:7")

KINDS = ["memory", "memory-objects", "sftp", "ftps", "s3"]

MakeBox = Callable[..., FarBox]
MakeSftpBox = Callable[..., SftpBox]


def maker(kind: str, home: Path) -> Iterator[Callable[..., FarBox]]:
    with ExitStack() as stack:
        yield lambda **settings: stack.enter_context(far_box(kind, home, **settings))


@pytest.fixture(params=KINDS)
def make_box(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[MakeBox]:
    yield from maker(request.param, tmp_path)


@pytest.fixture(params=["memory", "sftp", "ftps"])
def make_folder_box(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[MakeBox]:
    """Make boxes whose files have names that can be changed."""
    yield from maker(request.param, tmp_path)


@pytest.fixture
def make_sftp_box(tmp_path: Path) -> Iterator[MakeBox]:
    yield from maker("sftp", tmp_path)


@pytest.fixture
def there(make_box: MakeBox) -> FarBox:
    return make_box()


@pytest.fixture
def outbound(there: FarBox) -> Iterator[Outbound]:
    made = there.outbound()
    with closing(made):
        yield made


def received_in_the_end(box: FarBox, poller: Inbound) -> list[Received]:
    """Look again and again, through every fault, and settle whatever comes."""
    came = []
    for _ in range(8):
        try:
            batch = poller.receive()
        except Transient:
            batch = []
        for one in batch:
            one.settle()
        came += batch
        box.clock.passes(2)
    return came


# --- cut connections ---


@pytest.mark.parametrize("after", ["archive", "delete", "rename", "leave"])
@pytest.mark.parametrize("operation", ["list", "open", "read", "close", "look", "rename", "remove"])
def test_a_connection_cut_at_any_operation_loses_and_repeats_nothing(
    make_box: MakeBox, operation: str, after: str
) -> None:
    box = make_box(after=after)
    box.put("order.edi", WHOLE)
    box.faults.cut = operation
    with connected(box) as poller:
        came = received_in_the_end(box, poller)
    assert [one.payload.content for one in came] == [WHOLE] * len(came)
    assert len({one.payload.receipt for one in came}) == 1
    assert box.names() == ({"order.edi"} if after == "leave" else set())
    # Where a file is copied and then removed, a copy more may be left in the archive.
    kept = box.archived() if box.claims else list(dict.fromkeys(box.archived()))
    assert kept == ([WHOLE] if after == "archive" else [])
    assert [name for name in box.everything() if name.endswith(".claimed")] == []


@pytest.mark.parametrize("operation", ["rename", "remove", "close"])
def test_a_connection_cut_before_the_answer_loses_and_repeats_nothing(
    make_box: MakeBox, operation: str
) -> None:
    box = make_box(after="delete")
    box.put("order.edi", WHOLE)
    box.faults.cut_after = operation
    with connected(box) as poller:
        came = received_in_the_end(box, poller)
    assert {one.payload.content for one in came} == {WHOLE}
    assert len({one.payload.receipt for one in came}) == 1
    assert box.everything() == {}


def test_what_was_taken_before_the_cut_is_handed_over(make_folder_box: MakeBox) -> None:
    box = make_folder_box()
    large = WHOLE.replace(b"...", b"." * 400_000)  # read after it was claimed, not before
    for number in range(3):
        box.put(f"{number}.edi", large.replace(b"000000001", b"%09d" % number))
    with connected(box) as poller:
        poller.receive()
        box.clock.passes(2)
        box.faults.before = lambda operation, path: cut_at(box, operation, path)
        first = list(poller.receive())
        assert [one.payload.name for one in first] == ["0.edi"]
        for one in first:
            one.settle()
        assert {one.payload.name for one in received_in_the_end(box, poller)} == {"1.edi", "2.edi"}


def cut_at(box: FarBox, operation: str, path: bytes) -> None:
    if operation == "open" and path.endswith(b"1.edi.claimed"):
        box.faults.before = None
        box.faults.cut = "open"


# --- refusals ---


def test_without_the_right_to_rename_a_file_is_taken_where_it_lies(
    make_folder_box: MakeBox,
) -> None:
    box = make_folder_box(after="delete")
    box.faults.denied = {"rename", "posix_rename"}
    box.put("order.edi", WHOLE)
    with connected(box) as poller, capture_logs() as logs:
        (received,) = after_two_looks(box, poller)
        assert box.names() == {"order.edi"}
        received.settle()
    assert box.names() == set()
    assert [(one["event"], one["reason"]) for one in logs] == [
        (
            "claims_denied",
            f"{box.refusal}: the lease alone keeps other nodes away",
        )
    ]


@pytest.mark.parametrize("denied", [{"remove"}, {"mkdir", "remove"}])
@pytest.mark.parametrize("after", ["delete", "archive"])
def test_a_file_that_may_not_be_put_away_is_marked_and_not_taken_again(
    make_folder_box: MakeBox, denied: set[str], after: str
) -> None:
    box = make_folder_box(after=after)
    box.faults.denied = denied
    contents = [WHOLE, OTHER]
    with connected(box) as poller:
        for content in contents:
            box.put("order.edi", content)
            (received,) = after_two_looks(box, poller)
            assert received.payload.content == content
            received.settle()
        assert after_two_looks(box, poller) == []
    with connected(box) as restarted:
        assert after_two_looks(box, restarted) == []
    marked = [content for name, content in box.everything().items() if name.endswith(".done")]
    kept = box.archived() + marked
    assert sorted(kept) == sorted(contents)


def test_where_nothing_may_be_changed_each_content_is_taken_once(make_box: MakeBox) -> None:
    box = make_box(after="delete")
    box.faults.denied = {"rename", "posix_rename", "remove", "mkdir"}
    with connected(box) as poller:
        box.put("order.edi", WHOLE)
        (received,) = after_two_looks(box, poller)
        received.settle()
        assert after_two_looks(box, poller) == []
        box.put("order.edi", OTHER)
        (received,) = after_two_looks(box, poller)
        assert received.payload.content == OTHER
        received.settle()
    with connected(box) as restarted:
        assert after_two_looks(box, restarted) == []


def test_a_file_that_cannot_be_renamed_for_now_waits(make_folder_box: MakeBox) -> None:
    box = make_folder_box()
    box.put("order.edi", WHOLE)
    box.faults.failing = {"rename", "posix_rename"}  # whoever writes it has it open
    with connected(box) as poller:
        assert after_two_looks(box, poller) == []
        box.faults.failing = set()
        (received,) = after_two_looks(box, poller)
        received.settle()
        assert box.archived() == [WHOLE]


def test_a_folder_that_may_not_be_listed_says_why(make_box: MakeBox) -> None:
    box = make_box()
    box.faults.denied = {"list"}
    with connected(box) as poller, pytest.raises(Transient) as refused:
        poller.receive()
    assert str(refused.value) == (
        f"northstar-3pl/main:/outbound cannot be looked through: {box.refusal}"
    )


def test_a_folder_that_is_not_there_says_so(make_folder_box: MakeBox) -> None:
    box = make_folder_box()
    box.remove_folder("outbound")
    with connected(box) as poller, pytest.raises(Transient) as refused:
        poller.receive()
    assert str(refused.value) == (
        "northstar-3pl/main:/outbound cannot be looked through: "
        "there is no such folder, or no right to see it"
    )


def test_a_server_that_stalls_costs_an_attempt_and_no_thread(make_box: MakeBox) -> None:
    box = make_box()
    box.put("order.edi", WHOLE)
    box.faults.stalled = {"list"}
    # What does not stall is answered within it, on a slow machine too.
    box.connection = {"timeout": "2s"}
    with connected(box) as poller:
        with pytest.raises(Transient) as refused:
            poller.receive()
        assert str(refused.value) == f"{box.address}: no answer in time"
        box.faults.stalled = set()
        assert len(received_in_the_end(box, poller)) == 1


def test_a_look_that_waits_for_a_stalled_server_can_be_aborted(
    make_folder_box: MakeBox,
) -> None:
    box = make_folder_box()
    box.faults.stalled = {"list"}
    ended: list[str] = []

    def look(poller: polled.Inbound) -> None:
        try:
            poller.receive()
        except Transient as fault:
            ended.append(str(fault))

    poller = box.poller()
    poller.connect()
    with closing(poller):
        thread = Thread(target=look, args=(poller,))
        thread.start()
        wait_for(lambda: box.faults.counted["list"] == 1)
        poller.interrupt()
        poller.abort()
        thread.join(30)
    assert ended == [f"{box.address}: the connection was lost"]


# --- files that change under our hands ---


def test_a_file_that_vanishes_while_it_is_taken_is_forgotten(make_box: MakeBox) -> None:
    box = make_box()
    moment = "rename" if box.claims else "look"

    def vanish(operation: str, _path: bytes) -> None:
        if operation == moment and "order.edi" in box.names():
            box.remove("order.edi")

    with connected(box) as poller:
        box.put("order.edi", WHOLE)
        box.faults.before = vanish
        assert after_two_looks(box, poller) == []
        box.faults.before = None
        box.put("order.edi", OTHER)
        assert [one.payload.content for one in after_two_looks(box, poller)] == [OTHER]


@pytest.mark.parametrize("after", ["archive", "leave"])
def test_a_file_that_is_written_to_while_it_is_taken_waits_until_it_is_quiet(
    make_box: MakeBox, after: str
) -> None:
    box = make_box(after=after)

    def append(operation: str, _path: bytes) -> None:
        if operation == "open":
            box.faults.before = None
            box.append("order.edi", OTHER)

    with connected(box) as poller:
        box.put("order.edi", WHOLE)
        poller.receive()
        box.clock.passes(2)
        box.faults.before = append
        assert list(poller.receive()) == []
        assert box.names() == {"order.edi"}
        (received,) = after_two_looks(box, poller)
        assert received.payload.content == WHOLE + OTHER


def test_a_file_that_is_replaced_before_it_is_put_away_is_taken_too(make_box: MakeBox) -> None:
    box = make_box(after="delete", claim="none")
    with connected(box) as poller:
        box.put("order.edi", WHOLE)
        (first,) = after_two_looks(box, poller)
        box.put("order.edi", OTHER)
        first.settle()
        (second,) = received_in_the_end(box, poller)
        assert second.payload.content == OTHER
        assert box.everything() == {}


def test_a_server_that_calls_a_broken_transfer_whole_is_not_believed(
    make_box: MakeBox, monkeypatch: pytest.MonkeyPatch
) -> None:
    box = make_box()
    box.put("order.edi", WHOLE)
    with connected(box) as poller:
        far, reads = poller._far, 0  # type: ignore[attr-defined]  # no server can be made to lie so
        whole = far.read

        def short(path: str, start: int, length: int) -> bytes:
            nonlocal reads
            reads += 1
            content: bytes = whole(path, start, length)
            return content if reads != 1 else content[20:]

        monkeypatch.setattr(far, "read", short)
        (received,) = received_in_the_end(box, poller)
        assert received.payload.content == WHOLE


def test_where_objects_may_not_be_removed_each_is_taken_once_and_copied_once(
    tmp_path: Path,
) -> None:
    with far_box("s3", tmp_path) as box:
        box.faults.denied = {"remove"}
        with connected(box) as poller:
            for number in range(3):
                box.put(f"{number}.edi", WHOLE.replace(b"000000001", b"%09d" % number))
            assert len(received_in_the_end(box, poller)) == 3
        with connected(box) as restarted:
            assert after_two_looks(box, restarted) == []
        copies = [name for name in box.everything() if "/" in name or name.endswith(".done")]
        assert len(copies) == 1, "after the first refusal nothing is copied that must stay"


def test_a_server_that_changes_times_at_renames_is_no_obstacle(
    make_folder_box: MakeBox,
) -> None:
    box = make_folder_box()
    box.faults.touches = True
    box.put("order.edi", WHOLE)
    with connected(box) as poller:
        (received,) = after_two_looks(box, poller)
        received.settle()
        assert received.payload.content == WHOLE
        assert box.archived() == [WHOLE]
        assert after_two_looks(box, poller) == []


def test_a_link_is_never_followed_and_is_said_once(make_sftp_box: MakeSftpBox) -> None:
    box = make_sftp_box()
    (box.folder / "order.edi").symlink_to(box.root / "elsewhere.edi")
    (box.root / "elsewhere.edi").write_bytes(WHOLE)
    (box.folder / "folder.edi").mkdir()
    with connected(box) as poller, capture_logs() as logs:
        assert after_two_looks(box, poller) == []
    assert [(one["event"], one["name"], one["reason"]) for one in logs] == [
        ("file_passed_over", "order.edi", "a symbolic link, which is never taken")
    ]


# --- left in place ---


def test_what_is_left_in_place_is_read_once_and_not_at_each_poll(make_box: MakeBox) -> None:
    box = make_box(after="leave")
    counted = box.faults.counted
    for number in range(20):
        box.put(f"{number}.edi", WHOLE.replace(b"000000001", b"%09d" % number))
    with connected(box) as poller:
        assert len(received_in_the_end(box, poller)) == 20
    opened = counted["open"]
    with connected(box) as restarted:
        assert received_in_the_end(box, restarted) == []
    assert counted["open"] == opened
    assert len(box.names()) == 20


def test_a_file_left_in_place_comes_again_with_new_content_only(make_box: MakeBox) -> None:
    box = make_box(after="leave")
    with connected(box) as poller:
        box.put("order.edi", WHOLE)
        assert len(received_in_the_end(box, poller)) == 1
        box.put("order.edi", WHOLE)  # touched
        assert received_in_the_end(box, poller) == []
        box.put("order.edi", OTHER)
        (received,) = received_in_the_end(box, poller)
        assert received.payload.content == OTHER
        box.remove("order.edi")
        assert received_in_the_end(box, poller) == []
        box.put("order.edi", WHOLE)
        assert len(received_in_the_end(box, poller)) == 1


# --- settings ---


def test_a_trigger_file_says_when_and_goes_with_its_file(make_box: MakeBox) -> None:
    box = make_box(trigger="{stem}.go")
    with connected(box) as poller:
        box.put("order.edi", WHOLE)
        box.put("other.edi", OTHER)
        assert after_two_looks(box, poller) == []
        box.put("order.go", b"")
        (received,) = after_two_looks(box, poller)
        assert received.payload.name == "order.edi"
        received.settle()
        assert box.names() == {"other.edi"}


def test_only_the_names_that_are_wanted_are_taken(make_box: MakeBox) -> None:
    box = make_box(names=["*.EDI", "940_*"])
    for name in ("a.edi", "940_1.txt", "readme.txt"):
        box.put(name, WHOLE)
    with connected(box) as poller:
        assert {one.payload.name for one in after_two_looks(box, poller)} == {"a.edi", "940_1.txt"}


def test_a_claim_may_be_a_folder_and_survives_a_crash_there(make_folder_box: MakeBox) -> None:
    box = make_folder_box(claim="taken/{name}", archive="kept")
    box.put("order.edi", WHOLE)
    with connected(box) as crashed:
        (lost,) = after_two_looks(box, crashed)
        assert list(box.everything()) == ["taken/order.edi"]
    with connected(box) as poller:
        (again,) = poller.receive()
        assert again.payload == lost.payload
        again.settle()
    assert box.everything() == {"kept/order.edi": WHOLE}


def test_nothing_is_asked_in_quiet_hours(make_box: MakeBox) -> None:
    box = make_box()
    box.quiet = (QuietWindow.model_validate({"from": "12:00", "until": "12:30"}),)
    with connected(box) as poller:
        box.put("order.edi", WHOLE)
        box.clock.passes(60)
        assert after_two_looks(box, poller) == []
        assert box.faults.counted["list"] == 0
        assert [one.reason for one in poller.waiting] == [
            "not looked through before 2026-03-01 12:30 UTC: quiet hours"
        ]
        box.clock.passes(1800)
        assert len(after_two_looks(box, poller)) == 1


def test_a_folder_is_looked_through_as_often_as_the_partner_wants(make_box: MakeBox) -> None:
    box = make_box(every="2m")
    counted = box.faults.counted
    with connected(box) as poller:
        for _ in range(119):
            poller.receive()
            box.clock.passes(1)
        assert counted["list"] == 1
        box.put("order.edi", WHOLE)
        box.clock.passes(1)
        poller.receive()
        assert counted["list"] == 2
        box.clock.passes(2)  # what was seen is looked at again sooner
        assert len(poller.receive()) == 1


def test_a_backlog_is_listed_once(make_box: MakeBox) -> None:
    box = make_box()
    for number in range(60):
        box.put(f"{number}.edi", WHOLE)
    with connected(box, replace(RULES, batch=10)) as poller:
        poller.receive()
        box.clock.passes(2)
        sizes = [len(poller.receive()) for _ in range(6)]
        assert sizes == [10] * 6
        assert box.faults.counted["list"] == 2


def test_a_batch_ends_when_it_is_large_enough(make_box: MakeBox) -> None:
    box = make_box()
    for number in range(4):
        box.put(f"{number}.edi", WHOLE)
    with connected(box, replace(RULES, batch_bytes=len(WHOLE))) as poller:
        poller.receive()
        box.clock.passes(2)
        assert [len(poller.receive()) for _ in range(3)] == [2, 2, 0]


# --- two nodes ---


def test_a_second_node_stands_by_and_takes_over_what_the_first_left(make_box: MakeBox) -> None:
    box = make_box()
    box.put("order.edi", WHOLE)
    with connected(box) as first, connected(box) as second:
        (lost,) = after_two_looks(box, first)
        assert after_two_looks(box, second) == []
        assert [one.reason for one in second.waiting] == ["another node looks through it"]
        box.clock.passes(100)  # the first is frozen, and renews its lease no more
        (again,) = second.receive() or after_two_looks(box, second)
        assert again.payload == lost.payload
        again.settle()
        lost.settle()  # it wakes up and goes on
        assert box.archived() == [WHOLE]
        assert list(first.receive()) == []


# --- sending ---


@pytest.mark.parametrize("when", ["cut", "cut_after"])
@pytest.mark.parametrize(
    "operation", ["look", "create", "write", "fsync", "close", "rename", "remove"]
)
def test_an_upload_cut_at_any_operation_leaves_one_whole_file(
    there: FarBox, outbound: Outbound, operation: str, when: str
) -> None:
    setattr(there.faults, when, operation)
    try:
        receipt = outbound.deliver(ACK)
    except Transient:
        receipt = outbound.deliver(ACK)
    assert receipt.reference.endswith("/inbound/997-7.edi")
    assert there.everything("inbound") == {"997-7.edi": ACK.content}


def test_a_disk_that_fills_up_without_a_word_is_noticed(make_folder_box: MakeBox) -> None:
    there = make_folder_box()
    there.faults.disk = 50_000
    with closing(there.outbound()) as outbound:
        with pytest.raises(Transient) as refused:
            outbound.deliver(ACK)
        assert str(refused.value) == (
            f"{there.shown}/inbound/997-7.edi: "
            f"50000 of {len(ACK.content)} bytes have arrived: is its disk full?"
        )
        assert "997-7.edi" not in there.everything("inbound")
        there.faults.disk = None
        assert not outbound.deliver(ACK).repeated


FULL = {
    "memory": "/inbound/997-7.edi: No space left on device",
    "memory-objects": "/inbound/997-7.edi: No space left on device",
    "sftp": "/inbound/997-7.edi: 0 of 120000 bytes have arrived: is its disk full?",
    "ftps": "/inbound/997-7.edi: 426 No space left on device; transfer aborted.",
    "s3": ": StorageFull: /inbound/997-7.edi: the administrator does not allow it",
}


def test_a_disk_that_is_full_and_says_so_is_tried_again(there: FarBox, outbound: Outbound) -> None:
    there.faults.disk_full = True
    with pytest.raises(Transient) as refused:
        outbound.deliver(ACK)
    assert str(refused.value) == f"{there.shown}{FULL[there.transport]}"
    there.faults.disk_full = False
    assert not outbound.deliver(ACK).repeated


def test_an_upload_into_a_folder_that_is_not_there_waits_for_a_person(
    make_folder_box: MakeBox,
) -> None:
    there = make_folder_box()
    there.remove_folder("inbound")
    with closing(there.outbound()) as outbound, pytest.raises(Permanent) as refused:
        outbound.deliver(ACK)
    assert str(refused.value) == f"{there.shown}/inbound/997-7.edi: there is no such folder"


def test_an_upload_without_the_right_waits_for_a_person(there: FarBox, outbound: Outbound) -> None:
    there.faults.denied = {"create"}
    with pytest.raises(Permanent, match=r"not allowed: .*the administrator does not allow it$"):
        outbound.deliver(ACK)


def test_a_server_with_posix_renames_only_is_written_to(make_sftp_box: MakeSftpBox) -> None:
    there = make_sftp_box()
    there.faults.failing = {"rename"}
    with closing(there.outbound()) as outbound:
        assert not outbound.deliver(ACK).repeated
        assert there.everything("inbound") == {"997-7.edi": ACK.content}
        assert outbound.deliver(ACK).repeated


def test_a_file_that_appears_while_ours_is_written_is_not_replaced(
    there: FarBox, outbound: Outbound
) -> None:
    def appear(operation: str, _path: bytes) -> None:
        if operation == there.appears_at:
            there.appear("inbound", "997-7.edi", b"somebody else's")

    there.faults.before = appear
    with pytest.raises(Permanent, match=r"exists with other content: it is not overwritten$"):
        outbound.deliver(ACK)
    assert there.everything("inbound") == {"997-7.edi": b"somebody else's"}


def test_nothing_is_sent_in_quiet_hours(there: FarBox) -> None:
    quiet = (QuietWindow.model_validate({"from": "12:00", "until": "12:30"}),)
    made = there.outbound(quiet=quiet, clock=Clock())
    with closing(made), pytest.raises(Transient) as refused:
        made.deliver(ACK)
    assert str(refused.value) == "quiet hours of the partner, until 2026-03-01 12:30 UTC"
    assert refused.value.retry_after == timedelta(minutes=30).total_seconds()
    assert there.faults.connections == 0
