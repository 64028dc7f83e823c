"""Each folder at a partner has a thread: what one does wrong is told once and stops no other."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from threading import Event

import pytest
from structlog.testing import capture_logs

from gateway.app.receivers import Receivers
from gateway.clock import utc_now
from gateway.errors import Permanent, Transient
from gateway.pipeline.polling_port import Look
from gateway.pipeline.ports import Payload, Received
from gateway.store import SqlStore, open_database
from gateway.transports.directory.box import Waiting
from tests.databases import sqlite_url
from tests.integration.world import wait_for


class Folder:
    """A folder whose looks do what a test says, one after another; then they find nothing."""

    def __init__(self, place: str, *does: Callable[[], Sequence[Received]]) -> None:
        self.place = place
        self.does = list(does)
        self.looks = 0
        self.idle = False
        self.waiting: list[Waiting] = []
        self.closed = False
        self.aborted = Event()
        self._ended = Event()

    def connect(self) -> None:
        """Nothing is connected to."""

    def receive(self, wait: float = 0.0) -> Sequence[Received]:
        if not self.does:
            self.looks += not self.idle
            self.idle = True
            self._ended.wait(0.01)
            return []
        found = self.does.pop(0)()
        self.looks += 1
        return found

    def interrupt(self) -> None:
        self._ended.set()

    def abort(self) -> None:
        self.aborted.set()

    def close(self) -> None:
        self.closed = True


def raises(fault: Exception) -> Callable[[], Sequence[Received]]:
    def look() -> Sequence[Received]:
        raise fault

    return look


def finds(name: str) -> Callable[[], Sequence[Received]]:
    return lambda: [Received(Payload(b"", name), settle=lambda: None, release=lambda: None)]


class Kept:
    """What came, and how looks went."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self.looks: list[Look] = []

    def take(self, batch: Sequence[Received]) -> None:
        self.names += [one.payload.name for one in batch]


@contextmanager
def running(kept: Kept, *folders: Folder) -> Iterator[Receivers]:
    receivers = Receivers(folders, kept.take, kept.looks.append, clock=utc_now, first_pause=0.001)
    receivers.start()
    try:
        yield receivers
    finally:
        receivers.stop()


def test_a_fault_is_told_once_and_again_when_its_reason_changes() -> None:
    kept = Kept()
    lost, refused = Transient("connection lost"), Permanent("host key changed")
    ill = Folder("a/main:/out", *map(raises, (lost, lost, lost, refused, refused)), finds("x"))
    with capture_logs() as logs, running(kept, ill):
        wait_for(lambda: ill.idle)
    assert kept.names == ["x"]
    assert [(one["event"], one.get("reason")) for one in logs] == [
        ("folder_unwell", "connection lost"),
        ("folder_unwell", "host key changed"),
        ("folder_well_again", None),
    ]
    faults = list(dict.fromkeys(one.fault for one in kept.looks))
    assert faults == ["connection lost", "host key changed", ""]
    assert ill.closed


@pytest.mark.parametrize("fault", [Permanent("no"), ZeroDivisionError("a bug")])
def test_a_folder_that_fails_stops_no_other(fault: Exception) -> None:
    kept = Kept()
    ill = Folder("a/main:/out", *[raises(fault)] * 1000)
    well = Folder("b/main:/out", finds("one"), finds("two"))
    with capture_logs(), running(kept, ill, well) as receivers:
        wait_for(lambda: well.idle)
        wait_for(lambda: not receivers.busy)
        (waiting,) = receivers.waiting
    assert kept.names == ["one", "two"]
    assert (waiting.partner, waiting.name) == ("a", "main:/out")
    assert waiting.reason in ("no", "ZeroDivisionError: a bug")


@pytest.mark.parametrize("fault", [Transient("no \udcff"), LookupError("no \udcff\nfor good")])
def test_a_fault_that_names_stray_bytes_can_be_kept(tmp_path: Path, fault: Exception) -> None:
    store = SqlStore(open_database(sqlite_url(tmp_path)))

    def note(look: Look) -> None:
        with store.transaction() as transaction:
            transaction.polling.note(look)

    ill, kept = Folder("a/main:/out", raises(fault), raises(fault), finds("x")), Kept()
    receivers = Receivers([ill], kept.take, note, clock=utc_now, first_pause=0.001)
    with closing(store), capture_logs() as logs:
        receivers.start()
        wait_for(lambda: ill.idle)
        receivers.stop()
    assert kept.names == ["x"]
    told = [one["reason"] for one in logs if one["event"] == "folder_unwell"]
    assert told in (["no \\udcff"], ["LookupError: no \\udcff"])


def test_what_could_not_be_stored_makes_the_folder_wait() -> None:
    kept = Kept()
    taken = Event()

    def take(_batch: Sequence[Received]) -> None:
        if not taken.is_set():
            taken.set()
            raise Transient("the store is unwell")

    folder = Folder("a/main:/out", finds("one"), finds("one"))
    receivers = Receivers([folder], take, kept.looks.append, clock=utc_now, first_pause=0.001)
    with capture_logs() as logs:
        receivers.start()
        wait_for(lambda: folder.idle)
        receivers.stop()
    assert [one["event"] for one in logs] == ["folder_unwell", "folder_well_again"]


def test_a_folder_is_busy_until_what_it_brought_is_durable() -> None:
    durable, asked = Event(), Event()

    def take(_batch: Sequence[Received]) -> None:
        asked.set()
        durable.wait(60)

    folder = Folder("a/main:/out", finds("one"))
    folder.idle = True  # as it is when its only file was taken
    receivers = Receivers([folder], take, lambda _look: None, clock=utc_now)
    receivers.start()
    try:
        assert asked.wait(60)
        assert receivers.busy
        durable.set()
        wait_for(lambda: not receivers.busy)
    finally:
        receivers.stop()


def test_a_partner_that_stalls_does_not_keep_the_gateway_from_stopping() -> None:
    def stalls() -> Sequence[Received]:
        assert stalled.aborted.wait(60)
        raise Transient("the connection was closed")

    stalled = Folder("a/main:/out", stalls)
    receivers = Receivers([stalled], Kept().take, Kept().looks.append, clock=utc_now, patience=0)
    with capture_logs() as logs:
        receivers.start()
        wait_for(lambda: not stalled.does)
        receivers.stop()
    assert stalled.closed
    assert logs == [], "what was interrupted says nothing about the partner"
