"""Many documents in one file: each line once, whatever is cut off, repeated or fetched."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread

import pytest

from gateway.errors import Transient
from gateway.pipeline.ports import Exchange, OpenWindow
from gateway.shaping import AS_IT_IS, Selection, TextTemplate
from gateway.transports.directory import files
from gateway.transports.file.append import AppendOutbound, Gathered
from gateway.transports.file.content import Csv, JsonLines, Lines, Rows
from gateway.transports.file.windows import Windows
from tests.destination_world import consignment

MORNING = datetime(2026, 11, 21, 9, tzinfo=UTC)
ROWS = Rows(AS_IT_IS, None)
LINES = JsonLines(ROWS)
DAILY = Gathered(Windows("day", UTC))


class Killed(BaseException):
    """Stands for SIGKILL: nothing of ours runs after it."""


@dataclass
class Place:
    """A folder that is looked through, and the process that fills it."""

    folder: Path
    gathered: Gathered = DAILY
    lines: Lines = LINES
    name: str = "orders-{{ facts.window }}"
    now: datetime = MORNING

    def __post_init__(self) -> None:
        self.start()

    def start(self) -> None:
        """Begin as a process that knows nothing of what was before."""
        self.outbound = AppendOutbound(
            self.folder,
            TextTemplate(self.name),
            "jsonl",
            lines=self.lines,
            gathered=self.gathered,
            clock=lambda: self.now,
        )
        self.outbound.connect()

    def deliver(self, number: int, *, begun: datetime | None = None) -> bool:
        """Hand a document over; say whether it was there before."""
        content = b'{"n":%d}' % number
        what = replace(consignment(content, key=f"key-{number}"), begun=begun or self.now)
        return self.outbound.deliver(what).repeated

    def tomorrow(self) -> None:
        """Let the day end, and its file be made."""
        self.now += timedelta(days=1)
        self.outbound.hand_on()

    @property
    def seen(self) -> dict[str, str]:
        """Return what another system finds, by name."""
        found = [one for one in self.folder.iterdir() if one.is_file() and one.name != ".lock"]
        return {one.name: one.read_bytes().decode() for one in sorted(found)}

    def list_of(self, window: str) -> Path:
        return self.folder / ".windows" / f"orders-{window}.list"


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path / "out")


def numbers(*wanted: int) -> str:
    return "".join(f'{{"n":{number}}}\n' for number in wanted)


def test_what_came_within_a_day_is_one_file_when_the_day_has_ended(place: Place) -> None:
    for number in range(3):
        assert place.deliver(number) is False
    place.outbound.hand_on()
    assert place.seen == {}
    place.tomorrow()
    assert place.seen == {"orders-2026-11-21.jsonl": numbers(0, 1, 2)}
    place.tomorrow()
    assert len(place.seen) == 1


def test_what_was_done_is_said_and_kept(place: Place) -> None:
    told: list[Exchange] = []
    what = replace(consignment(b'{"n":1}'), begun=MORNING, tell=told.append)
    receipts = [place.outbound.deliver(what) for _ in range(2)]
    assert [(one.reference, one.repeated) for one in receipts] == [
        ("document 1 of orders-2026-11-21", False),
        ("document 1 of orders-2026-11-21", True),
    ]
    assert [(one.request, one.content) for one in told] == [
        ("append to orders-2026-11-21", b'{"n":1}\n')
    ] * 2


def test_a_document_that_comes_again_stands_there_once_even_when_its_file_was_fetched(
    place: Place,
) -> None:
    place.deliver(1)
    assert place.deliver(1) is True
    place.start()
    assert place.deliver(1) is True
    place.tomorrow()
    (place.folder / "orders-2026-11-21.jsonl").unlink()
    yesterday = MORNING
    assert place.deliver(1, begun=yesterday) is True
    place.start()
    assert place.deliver(1, begun=yesterday) is True
    place.tomorrow()
    assert place.seen == {}


def test_what_was_begun_in_a_window_and_comes_after_its_end_is_another_file_of_it(
    place: Place,
) -> None:
    place.deliver(1)
    place.tomorrow()
    place.deliver(2, begun=MORNING)
    place.deliver(3)
    place.outbound.hand_on()
    assert place.seen == {
        "orders-2026-11-21.jsonl": numbers(1),
        "orders-2026-11-21.2.jsonl": numbers(2),
    }


def test_a_file_that_is_full_is_handed_over_at_once(place: Place) -> None:
    place.gathered = replace(DAILY, documents=2)
    place.start()
    for number in range(5):
        place.deliver(number)
    assert list(place.seen.values()) == [numbers(2, 3), numbers(0, 1)]
    place.tomorrow()
    assert place.seen == {
        "orders-2026-11-21.jsonl": numbers(0, 1),
        "orders-2026-11-21.2.jsonl": numbers(2, 3),
        "orders-2026-11-21.3.jsonl": numbers(4),
    }


def test_a_file_does_not_become_larger_than_it_may(tmp_path: Path) -> None:
    csv = Csv(ROWS, {"N": Selection.compile("n")})
    place = Place(tmp_path, replace(DAILY, size=12), csv)
    for number in (1, 22, 333, 55555555555555, 4):
        place.deliver(number)
    place.tomorrow()
    assert sorted(place.seen.values()) == [
        "N\r\n1\r\n22\r\n", "N\r\n333\r\n", "N\r\n4\r\n", "N\r\n55555555555555\r\n",
    ]  # fmt: skip


def test_columns_that_change_within_a_day_begin_another_file(tmp_path: Path) -> None:
    place = Place(tmp_path, lines=Csv(ROWS, {"N": Selection.compile("n")}))
    place.deliver(1)
    place.lines = Csv(ROWS, {"Number": Selection.compile("n")})
    place.start()
    place.deliver(2)
    place.tomorrow()
    assert sorted(place.seen.values()) == ["N\r\n1\r\n", "Number\r\n2\r\n"]


def test_each_partner_has_files_of_its_own_where_the_name_says_so(tmp_path: Path) -> None:
    place = Place(tmp_path, name="{{ document.n }}-{{ facts.window }}")
    for number in (7, 8):
        place.deliver(number)
    place.tomorrow()
    assert set(place.seen) == {"7-2026-11-21.jsonl", "8-2026-11-21.jsonl"}


def test_a_file_of_somebody_else_is_never_overwritten(place: Place) -> None:
    (place.folder / "orders-2026-11-21.jsonl").write_text("theirs")
    place.deliver(1)
    place.tomorrow()
    assert place.seen == {
        "orders-2026-11-21.jsonl": "theirs",
        "orders-2026-11-21.2.jsonl": numbers(1),
    }


def test_an_append_that_was_cut_off_anywhere_leaves_no_half_line_and_no_doubled_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "fsync", int)  # The real one takes long, and is not what this is about.
    place = Place(tmp_path / "whole")
    for number in (1, 2):
        place.deliver(number)
    whole = place.list_of("2026-11-21").read_bytes()
    for cut in range(len(whole)):
        place = Place(tmp_path / str(cut))
        place.list_of("2026-11-21").write_bytes(whole[:cut])
        again = [place.deliver(number) for number in (1, 2, 3)]
        assert again == sorted(again, reverse=True)
        place.tomorrow()
        assert place.seen == {"orders-2026-11-21.jsonl": numbers(1, 2, 3)}, cut


def test_a_disk_that_lost_what_was_never_confirmed_leaves_zeros_that_are_cut_off(
    place: Place,
) -> None:
    place.deliver(1)
    with place.list_of("2026-11-21").open("ab") as file:
        file.write(bytes(500) + b"\n" + bytes(20))
    place.start()
    assert (place.deliver(1), place.deliver(2)) == (True, False)
    place.tomorrow()
    assert place.seen == {"orders-2026-11-21.jsonl": numbers(1, 2)}


CALLS = (
    (os, "fsync"), (Path, "rename"), (Path, "unlink"), (Path, "mkdir"),
)  # fmt: skip
"""What changes a disk or waits for it: a process can be killed before and after each."""


def dying_at(monkeypatch: pytest.MonkeyPatch, moment: int, *, after: bool) -> Callable[[], int]:
    """Let the process die at a call, before it is made or after it; return how many were made."""
    made = 0

    def watched(real: Callable[..., object]) -> Callable[..., object]:
        def call(*given: object, **named: object) -> object:
            nonlocal made
            made += 1
            if made == moment and not after:
                raise Killed
            answer = real(*given, **named)
            if made == moment and after:
                raise Killed
            return answer

        return call

    monkeypatch.setattr(os, "fsync", int)  # Nobody pulls the plug here; the real one takes long.
    for owner, name in CALLS:
        monkeypatch.setattr(owner, name, watched(getattr(owner, name)))
    return lambda: made


STEPS: Sequence[Callable[[Place], object]] = (
    *(lambda place, n=n: place.deliver(n, begun=MORNING) for n in range(3)),
    lambda place: setattr(place, "now", MORNING + timedelta(days=1)),
    lambda place: place.outbound.hand_on(),
    lambda place: place.deliver(3, begun=MORNING),
    lambda place: place.outbound.hand_on_now("orders-2026-11-21"),
    lambda place: place.deliver(4),
    lambda place: place.outbound.hand_on_now("orders-2026-11-22"),
    lambda place: place.outbound.hand_on(),
    lambda place: setattr(place, "now", MORNING + timedelta(days=2)),
    lambda place: place.outbound.hand_on(),
)


@pytest.mark.parametrize("fetching", [False, True])
@pytest.mark.parametrize("after", [False, True])
def test_a_kill_at_any_call_to_the_disk_leaves_each_line_once(
    tmp_path: Path, *, after: bool, fetching: bool
) -> None:
    moment = 0
    while True:
        moment += 1
        place = Place(tmp_path / str(moment), replace(DAILY, documents=2))
        taken: list[str] = []

        def fetch(place: Place = place, taken: list[str] = taken) -> None:
            for name, content in place.seen.items():
                taken.append(content)
                (place.folder / name).unlink()

        with pytest.MonkeyPatch.context() as patched:
            made = dying_at(patched, moment, after=after)
            deaths = 0
            for step in STEPS:
                try:
                    step(place)
                except Killed:
                    deaths += 1
                    if fetching:
                        fetch()
                    place.start()
                    step(place)
            ended = made()
        fetch()
        lines = "".join(taken).splitlines(keepends=True)
        assert sorted(lines) == sorted(numbers(0, 1, 2, 3, 4).splitlines(keepends=True)), moment
        if ended < moment:
            assert deaths == 0
            break
        assert deaths == 1
    assert moment > 30


def test_a_disk_that_is_full_lists_nothing_and_is_tried_again(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.deliver(1)
    listed = place.list_of("2026-11-21").read_bytes()

    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        with pytest.raises(Transient, match=r"out: No space left on device$"):
            place.deliver(2)
    assert place.list_of("2026-11-21").read_bytes() == listed
    assert place.deliver(2) is False
    place.tomorrow()
    assert place.seen == {"orders-2026-11-21.jsonl": numbers(1, 2)}


def test_a_list_that_somebody_damaged_is_named_and_holds_no_other_window(place: Place) -> None:
    place.deliver(1)
    place.deliver(2)
    damaged = place.list_of("2026-11-21")
    lines = damaged.read_bytes().splitlines(keepends=True)
    damaged.write_bytes(lines[0] + b"?" + b"".join(lines[1:]))
    place.start()
    place.deliver(3, begun=MORNING - timedelta(days=1))
    with pytest.raises(Transient) as why:
        place.deliver(1)
    assert str(why.value) == (
        f"{damaged} is damaged at byte {len(lines[0])}, and not by a crash: "
        "mend that line, or move the file away"
    )
    with pytest.raises(Transient, match="is damaged"):
        place.outbound.hand_on()
    assert place.seen == {"orders-2026-11-20.jsonl": numbers(3)}


def test_threads_and_processes_on_one_folder_leave_each_line_whole_and_once(
    place: Place,
) -> None:
    other = Place(place.folder)
    for number in range(2):  # Each has read what the other wrote.
        place.deliver(number)
        other.deliver(number)

    def run(one: Place) -> None:
        for number in range(2, 30):
            one.deliver(number)

    threads = [Thread(target=run, args=(one,)) for one in (place, place, other, other)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    place.now += timedelta(days=1)
    other.now = place.now
    other.outbound.hand_on()
    place.outbound.hand_on()
    [content] = place.seen.values()
    assert sorted(content.splitlines()) == sorted(numbers(*range(30)).splitlines())
    assert other.deliver(7, begun=MORNING) is place.deliver(8, begun=MORNING) is True


def test_what_was_in_a_window_is_forgotten_when_its_documents_are(place: Place) -> None:
    place.deliver(1)
    place.tomorrow()
    [done] = (place.folder / ".windows").glob("*")
    assert done.name == "orders-2026-11-21.done"
    place.now = datetime.now(UTC) + timedelta(days=399)
    place.outbound.hand_on()
    assert done.exists()
    place.now += timedelta(days=2)
    place.outbound.hand_on()
    assert not done.exists()


def test_what_ended_while_nobody_ran_is_handed_over_at_the_start(place: Place) -> None:
    place.deliver(1)
    place.now += timedelta(days=1)
    place.start()
    assert place.seen == {"orders-2026-11-21.jsonl": numbers(1)}


def test_a_person_closes_a_window_once_and_what_comes_later_is_another_file_of_it(
    place: Place,
) -> None:
    window = "orders-2026-11-21"
    for number in range(2):
        place.deliver(number)
    other = Place(place.folder)
    assert other.outbound.hand_on_now(window) == [f"{window}.jsonl"]
    assert other.outbound.hand_on_now(window) == place.outbound.hand_on_now(window) == []
    assert (place.deliver(1), place.deliver(2)) == (True, False)
    place.tomorrow()
    assert place.seen == {f"{window}.jsonl": numbers(0, 1), f"{window}.2.jsonl": numbers(2)}
    assert place.outbound.hand_on_now(window) == []


def test_who_closes_a_window_is_told_of_the_file_that_a_kill_left_half_handed_over(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = Place(place.folder)
    place.deliver(1)

    def killed(*_: object) -> None:
        raise Killed

    monkeypatch.setattr(Path, "rename", killed)
    with pytest.raises(Killed):
        place.outbound.hand_on_now("orders-2026-11-21")
    monkeypatch.undo()
    assert place.seen == {}
    assert other.outbound.hand_on_now("orders-2026-11-21") == ["orders-2026-11-21.jsonl"]
    assert place.seen == {"orders-2026-11-21.jsonl": numbers(1)}


def test_open_windows_are_seen_without_a_turn_and_without_a_line_that_is_in_the_making(
    tmp_path: Path,
) -> None:
    csv = Csv(ROWS, {"N": Selection.compile("n")})
    place = Place(tmp_path / "out", replace(DAILY, documents=2), csv)
    assert place.outbound.open_windows() == []
    for number in range(3):
        place.deliver(number)
    with place.list_of("2026-11-21").open("ab") as file:
        file.write(b"12345678 {")
    with files.locked(place.folder):
        [one] = place.outbound.open_windows()
    assert one == OpenWindow(
        "orders-2026-11-21",
        str(place.folder / "orders-2026-11-21.2.jsonl"),
        documents=1,
        size=len("N\r\n2\r\n"),
        closes=datetime(2026, 11, 22, tzinfo=UTC),
        handed_over=1,
    )
    assert place.list_of("2026-11-21").read_bytes().endswith(b"{"), "nothing was changed"
    place.tomorrow()
    assert place.outbound.open_windows() == []


def test_a_damaged_list_is_seen_as_one(place: Place) -> None:
    place.deliver(1)
    damaged = place.list_of("2026-11-21")
    first, rest = damaged.read_bytes().split(b"\n", 1)
    damaged.write_bytes(first + b"\n?" + rest + rest)
    [one] = place.outbound.open_windows()
    assert one.fault == (
        f"{damaged} is damaged at byte {len(first) + 1}, and not by a crash: "
        "mend that line, or move the file away"
    )


def test_a_folder_that_a_stopped_process_keeps_is_tried_again_and_not_waited_for_without_end(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "LONGEST_TURN", 0.0)
    with files.locked(place.folder), pytest.raises(Transient) as why:
        place.deliver(1)
    held = "another process has held this folder for 0 seconds"
    assert str(why.value) == f"{place.folder}: {held}"
    assert place.deliver(1) is False
