"""What only a real folder can do to us."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from gateway.errors import Permanent
from gateway.pipeline.ports import Received
from gateway.transports.arrival import ArrivalRules
from gateway.transports.directory import files
from gateway.transports.directory.box import Folder
from gateway.transports.directory.inbound import DirectoryRules, Inbound
from tests.conformance.drop_boxes import RULES, Clock, DirectoryBox

WHOLE = b"ISA*00*~GE*1*1~IEA*1*000000001~\n"


@pytest.fixture
def box(tmp_path: Path) -> DirectoryBox:
    return DirectoryBox(tmp_path)


@pytest.fixture
def inbox(box: DirectoryBox) -> Path:
    return box.folder.inbox


@pytest.fixture
def poller(box: DirectoryBox) -> Iterator[Inbound]:
    inbound = Inbound([box.folder], DirectoryRules(RULES, events=False), clock=box.clock)
    inbound.connect()
    with closing(inbound):
        yield inbound


def after_two_looks(box: DirectoryBox, poller: Inbound) -> list[Received]:
    first = list(poller.receive())
    box.clock.passes(2)
    return first + list(poller.receive())


def reasons(poller: Inbound) -> dict[str, str]:
    return {waiting.name: waiting.reason for waiting in poller.waiting}


def test_links_folders_and_pipes_are_never_taken_and_reported(
    box: DirectoryBox, inbox: Path, poller: Inbound, tmp_path: Path
) -> None:
    (tmp_path / "secret").write_bytes(WHOLE)
    (inbox / "link.edi").symlink_to(tmp_path / "secret")
    (inbox / "folder.edi").mkdir()
    os.mkfifo(inbox / "pipe.edi")
    box.put("order.edi", WHOLE)
    (received,) = after_two_looks(box, poller)
    assert received.payload.name == "order.edi"
    assert reasons(poller) == {
        "folder.edi": "not a regular file, which is never taken",
        "link.edi": "a symbolic link, which is never taken",
        "pipe.edi": "not a regular file, which is never taken",
    }


def test_a_name_in_no_encoding_is_received_and_made_printable(
    box: DirectoryBox, inbox: Path, poller: Inbound
) -> None:
    raw = os.fsencode(inbox) + b"/caf\xe9\n\x1b[1m.edi"
    with open(raw, "wb") as file:
        file.write(WHOLE)
    (received,) = after_two_looks(box, poller)
    assert received.payload.name == "caf\\xe9\\n\\x1b[1m.edi"
    received.settle()
    assert box.archived() == [WHOLE]


def test_a_name_as_long_as_can_be_gets_an_archive_name_that_fits(
    box: DirectoryBox, poller: Inbound
) -> None:
    name = "n" * 251 + ".edi"
    for _ in range(3):
        box.put(name, WHOLE)
        (received,) = after_two_looks(box, poller)
        received.settle()
    assert box.archived() == [WHOLE] * 3
    names = {path.name for path in box.folder.archive.glob("*/*")}
    assert names == {name, "n" * 249 + ".2.edi", "n" * 249 + ".3.edi"}


def test_the_archive_keeps_files_by_day(box: DirectoryBox, poller: Inbound) -> None:
    box.put("order.edi", WHOLE)
    (received,) = after_two_looks(box, poller)
    received.settle()
    assert (box.folder.archive / "2026-03-01" / "order.edi").read_bytes() == WHOLE


def test_a_file_that_changes_while_it_is_taken_is_put_back(
    box: DirectoryBox, inbox: Path, poller: Inbound
) -> None:
    box.put("order.edi", WHOLE)
    with (inbox / "order.edi").open("ab") as still_open:
        poller.receive()
        box.clock.passes(2)
        claim = Path.rename

        def claim_then_write(self: Path, target: Path) -> Path:
            moved = claim(self, target)
            if ".claimed" in str(target):
                still_open.write(b"ISA*")
                still_open.flush()
            return moved

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Path, "rename", claim_then_write)
            assert poller.receive() == []
        assert box.names() == {"order.edi"}
        still_open.write(WHOLE[4:])
    (received,) = after_two_looks(box, poller)
    assert received.payload.content == WHOLE + WHOLE


def test_a_file_that_vanishes_between_look_and_claim_is_somebody_elses(
    box: DirectoryBox, inbox: Path, poller: Inbound, monkeypatch: pytest.MonkeyPatch
) -> None:
    box.put("a.edi", WHOLE)
    box.put("b.edi", WHOLE)
    poller.receive()
    box.clock.passes(2)
    read_tail = files.read_tail

    def read_and_lose(path: Path) -> bytes:
        tail = read_tail(path)
        if path.name == "a.edi":
            path.unlink()
        return tail

    monkeypatch.setattr(files, "read_tail", read_and_lose)
    (received,) = poller.receive()
    assert received.payload.name == "b.edi"


def test_a_file_that_cannot_be_read_is_handed_over_with_the_reason(
    box: DirectoryBox, poller: Inbound, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: Path, *rest: object) -> bytes:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(files, "read_tail", refuse)
    monkeypatch.setattr(files, "read_unchanged", refuse)
    box.put("order.edi", WHOLE)
    assert after_two_looks(box, poller) == []
    assert reasons(poller) == {"order.edi": "cannot be read: Permission denied"}
    box.clock.passes(60)
    (received,) = poller.receive()
    assert received.payload.content == b""
    assert received.payload.incomplete == (
        "cannot be read: Permission denied; unchanged for 60 seconds"
    )


def test_an_archive_that_is_briefly_unavailable_is_tried_again_at_the_next_rescan(
    box: DirectoryBox, poller: Inbound
) -> None:
    box.put("order.edi", WHOLE)
    (received,) = after_two_looks(box, poller)
    box.folder.archive.write_text("in the way")
    received.settle()
    box.folder.archive.unlink()
    box.clock.passes(10)
    poller.receive()
    assert box.archived() == [WHOLE]


def test_a_living_process_takes_over_from_one_that_died_meanwhile(
    box: DirectoryBox, poller: Inbound
) -> None:
    dying = Inbound([box.folder], DirectoryRules(RULES, events=False), clock=box.clock)
    dying.connect()
    box.put("order.edi", WHOLE)
    assert len(after_two_looks(box, dying)) == 1
    assert after_two_looks(box, poller) == []
    dying.close()
    box.clock.passes(10)
    assert len(poller.receive()) == 1


def test_nothing_is_left_of_an_owner_that_settled_everything(box: DirectoryBox) -> None:
    inbound = Inbound([box.folder], DirectoryRules(RULES, events=False), clock=box.clock)
    inbound.connect()
    inbound.close()
    assert list((box.folder.inbox / ".claimed").iterdir()) == []


def test_a_folder_that_goes_away_and_comes_back_is_reported_and_survived(
    box: DirectoryBox, inbox: Path, poller: Inbound
) -> None:
    inbox.rename(inbox.with_name("gone"))
    assert poller.receive() == []
    assert reasons(poller) == {".": "the folder cannot be read: No such file or directory"}
    box.clock.passes(10)
    assert poller.receive() == []
    inbox.with_name("gone").rename(inbox)
    box.put("order.edi", WHOLE)
    assert len(after_two_looks(box, poller)) == 1
    assert reasons(poller) == {}


def test_a_path_that_is_no_folder_is_refused_at_connect(tmp_path: Path) -> None:
    (tmp_path / "in").write_text("a file")
    inbound = Inbound([Folder("northstar-3pl", tmp_path / "in", tmp_path / "archive")])
    with pytest.raises(Permanent) as refused:
        inbound.connect()
    assert str(refused.value) == f"{tmp_path / 'in'} cannot be used: File exists"


def test_a_batch_stops_growing_when_it_is_large(box: DirectoryBox) -> None:
    rules = replace(RULES, batch_bytes=len(WHOLE))
    inbound = Inbound([box.folder], DirectoryRules(rules, events=False), clock=box.clock)
    inbound.connect()
    with closing(inbound):
        for name in ("a", "b", "c"):
            box.put(name, WHOLE)
        assert len(after_two_looks(box, inbound)) == 2
        assert len(inbound.receive()) == 1


def test_a_busy_partner_does_not_shut_out_the_others(tmp_path: Path) -> None:
    clock = Clock()
    folders = [Folder(name, tmp_path / name, tmp_path / "archive") for name in ("busy", "quiet")]
    rules = DirectoryRules(replace(RULES, batch=2), events=False)
    inbound = Inbound(folders, rules, clock=clock)
    inbound.connect()
    with closing(inbound):
        for number in range(8):
            (tmp_path / "busy" / f"{number}.edi").write_bytes(WHOLE)
        (tmp_path / "quiet" / "one.edi").write_bytes(WHOLE)
        inbound.receive()
        clock.passes(2)
        partners = [received.payload.partner for _ in range(2) for received in inbound.receive()]
    assert "quiet" in partners


def test_an_event_wakes_a_receive_that_would_wait_much_longer(box: DirectoryBox) -> None:
    quick = ArrivalRules(stable_for=timedelta(milliseconds=50))
    rules = DirectoryRules(quick, rescan_every=timedelta(hours=1))
    inbound = Inbound([box.folder], rules)
    inbound.connect()
    with closing(inbound):
        assert inbound.receive() == []
        box.put("order.edi", WHOLE)
        (received,) = inbound.receive(wait=60)
        assert received.payload.content == WHOLE


def test_without_events_the_rescan_finds_the_file(box: DirectoryBox) -> None:
    quick = ArrivalRules(stable_for=timedelta(milliseconds=50))
    rules = DirectoryRules(quick, rescan_every=timedelta(milliseconds=50), events=False)
    inbound = Inbound([box.folder], rules)
    inbound.connect()
    with closing(inbound):
        box.put("order.edi", WHOLE)
        assert len(inbound.receive(wait=60)) == 1


def test_an_interrupted_receive_returns_at_once_with_nothing(poller: Inbound) -> None:
    poller.interrupt()
    assert poller.receive(wait=3600) == []


_TAKE_AND_HANG = """
import sys, threading
from datetime import timedelta
from pathlib import Path
from gateway.transports.arrival import ArrivalRules
from gateway.transports.directory.box import Folder
from gateway.transports.directory.inbound import DirectoryRules, Inbound

home = Path(sys.argv[1])
rules = DirectoryRules(ArrivalRules(stable_for=timedelta(milliseconds=20)))
inbound = Inbound([Folder("northstar-3pl", home / "in", home / "archive")], rules)
inbound.connect()
print(len(inbound.receive(wait=60)), flush=True)
threading.Event().wait()
"""


def test_a_killed_process_loses_nothing_and_a_living_one_keeps_its_claims(
    box: DirectoryBox, poller: Inbound, tmp_path: Path
) -> None:
    box.put("order.edi", WHOLE)
    command = [sys.executable, "-c", _TAKE_AND_HANG, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "1\n"
        box.clock.passes(10)
        assert poller.receive() == [], "its owner lives"
        process.kill()
        process.wait()
        box.clock.passes(10)
        (received,) = poller.receive()
    assert received.payload.content == WHOLE
    assert received.payload.incomplete == ""


def test_another_file_with_the_same_inode_time_and_size_is_another_arrival(
    box: DirectoryBox, inbox: Path, poller: Inbound
) -> None:
    receipts = []
    for content in (WHOLE, WHOLE.replace(b"000000001", b"000000002")):
        box.put("order.edi", content)
        os.utime(inbox / "order.edi", ns=(1, 1))
        (received,) = after_two_looks(box, poller)
        received.release()
        # Written in place: the same inode, as a new file may get it that an old one had.
        receipts.append(received.payload.receipt.split(":"))
    assert receipts[0][:3] == receipts[1][:3]
    assert receipts[0] != receipts[1]


def half_a_file_by_the_clock_of_the_disk(box: DirectoryBox) -> None:
    """Put half a file there, and set our clock by the disk's."""
    box.put("half.edi", WHOLE[:9])
    changed = (box.folder.inbox / "half.edi").stat().st_ctime
    box.clock.now = datetime.fromtimestamp(changed, UTC)


def test_a_file_that_is_not_whole_is_given_up_in_time_though_we_were_started_again(
    box: DirectoryBox,
) -> None:
    half_a_file_by_the_clock_of_the_disk(box)
    rules = replace(RULES, incomplete_after=timedelta(seconds=20))
    for _ in range(2):  # Each start sees it for less than the 20 seconds.
        inbound = Inbound([box.folder], DirectoryRules(rules, events=False), clock=box.clock)
        with closing(inbound):
            inbound.connect()
            assert inbound.receive() == []
            box.clock.passes(8)
            assert inbound.receive() == []
    inbound = Inbound([box.folder], DirectoryRules(rules, events=False), clock=box.clock)
    with closing(inbound):
        inbound.connect()
        assert inbound.receive() == []
        box.clock.passes(5)
        (received,) = inbound.receive()
    assert received.payload.incomplete == (
        "no complete IEA segment at the end; unchanged for 20 seconds"
    )


def test_an_old_file_is_looked_at_twice_all_the_same(box: DirectoryBox) -> None:
    half_a_file_by_the_clock_of_the_disk(box)
    box.clock.passes(25)
    rules = DirectoryRules(replace(RULES, incomplete_after=timedelta(seconds=20)), events=False)
    inbound = Inbound([box.folder], rules, clock=box.clock)
    with closing(inbound):
        inbound.connect()
        assert inbound.receive() == [], "somebody may be writing to it at this moment"
        box.append("half.edi", WHOLE[9:])
        box.clock.passes(2)
        assert inbound.receive() == []
        box.clock.passes(2)
        (received,) = inbound.receive()
    assert (received.payload.incomplete, received.payload.content) == ("", WHOLE)


def test_a_disk_whose_clock_is_not_ours_says_nothing_of_how_long_a_file_lies_there(
    box: DirectoryBox,
) -> None:
    half_a_file_by_the_clock_of_the_disk(box)
    box.clock.passes(3600)
    inbound = Inbound([box.folder], DirectoryRules(RULES, events=False), clock=box.clock)
    with closing(inbound):
        inbound.connect()
        assert after_two_looks(box, inbound) == []
        box.clock.passes(60)
        (received,) = inbound.receive()
    assert received.payload.incomplete
