"""What we post, over HTTP and AS2, to a far side that fails: never twice in effect, never lost.

A partner's disk that is full answers 503; the connection is cut at each part of a call; an answer
that is lost is asked for again under the same key. The twin in memory stands beside both.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from threading import Thread
from urllib.parse import urlsplit

import pytest
from sqlalchemy.exc import OperationalError

from gateway.as2 import Profile
from gateway.clock import utc_now
from gateway.errors import Permanent, Transient
from gateway.pipeline.engine import DurableJobs
from gateway.pipeline.mdns import Mdns
from gateway.pipeline.ports import Consignment, Outbound
from gateway.store import SqlStore, open_database
from gateway.transports import memory
from gateway.transports.as2.outbound import Outbound as As2Outbound
from gateway.transports.http.outbound import HttpDestination
from gateway.transports.http.outbound import Outbound as HttpOutbound
from tests.as2_desk import as2_desk, party
from tests.as2_peers import NOW, OURS, THEIRS, our_keys, their_keys
from tests.databases import sqlite_url
from tests.erp import receiving

ORDER = Consignment(
    b'{"order": "%s"}' % (b"7" * 50_000), "order-7.json", "order:7", "interchange:7"
)
CUTS = ["connected", "head", "body", "before the answer", "within the answer"]


class CuttingProxy:
    """Stands between us and the far side, and cuts the next connection where it is told to."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._far = parts.hostname, parts.port
        self.cut = ""
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}{parts.path}"
        self._thread = Thread(target=self._accept, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                cut, self.cut = self.cut, ""
                Thread(target=self._pass, args=(near, cut), daemon=True).start()

    def _pass(self, near: socket.socket, cut: str) -> None:
        if cut == "connected":
            near.close()
            return
        with near, socket.create_connection(self._far) as far, suppress(OSError):
            back = Thread(target=_answer, args=(far, near, cut), daemon=True)
            back.start()
            left = {"head": 20, "body": 10_000}.get(cut)
            while chunk := near.recv(8192 if left is None else min(left, 8192)):
                far.sendall(chunk)
                if left is not None and (left := left - len(chunk)) == 0:
                    break
            far.shutdown(socket.SHUT_WR if left is None else socket.SHUT_RDWR)
            back.join()


def _answer(far: socket.socket, near: socket.socket, cut: str) -> None:
    with suppress(OSError):
        while chunk := far.recv(65536):
            if cut == "before the answer":
                break
            near.sendall(chunk[:40] if cut else chunk)
            if cut:
                break
        # Both ways: who waits for the answer learns that none comes.
        near.shutdown(socket.SHUT_RDWR if cut else socket.SHUT_WR)
        if cut:
            far.shutdown(socket.SHUT_RDWR)


@dataclass
class FarDesk:
    """A far side, what we reach it with, and what it has in the end."""

    outbound: Outbound
    kept: Callable[[], list[bytes]]
    fill: Callable[[], None]
    """Let its disk be full."""
    empty: Callable[[], None]
    """Let it have room again."""
    cut: Callable[[str], None]


@pytest.fixture(params=["memory", "http", "as2"])
def there(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[FarDesk]:
    with ExitStack() as stack:
        opened: FarDesk = {"memory": in_memory, "http": over_http, "as2": over_as2}[request.param](
            stack, tmp_path
        )
        opened.outbound.connect()
        stack.callback(opened.outbound.close)
        yield opened


def in_memory(_stack: ExitStack, _folder: Path) -> FarDesk:
    made = memory.Outbound()

    def cut(where: str) -> None:
        lost = made.lost if "answer" in where else made.failures
        lost.append(Transient("the connection was lost"))

    def kept() -> list[bytes]:
        return [one.content for one in made.delivered.values()]

    full = Transient("HTTP 503")
    return FarDesk(made, kept, lambda: made.failures.append(full), made.failures.clear, cut)


def over_http(stack: ExitStack, _folder: Path) -> FarDesk:
    erp = stack.enter_context(receiving())
    proxy = stack.enter_context(closing(CuttingProxy(erp.url)))
    destination = HttpDestination(proxy.url, timeout=timedelta(seconds=20), connections=8)
    return FarDesk(
        HttpOutbound(destination),
        lambda: [one.content for one in erp.documents],
        lambda: setattr(erp, "failures", 1),
        lambda: setattr(erp, "failures", 0),
        lambda where: setattr(proxy, "cut", where),
    )


def over_as2(stack: ExitStack, folder: Path) -> FarDesk:
    (folder / "far").mkdir()
    far = stack.enter_context(
        as2_desk(folder / "far", [party(Profile(OURS, THEIRS), our_keys())], NOW)
    )
    store = SqlStore(open_database(sqlite_url(folder)))
    stack.callback(store.close)
    mdns = Mdns(store, stack.enter_context(closing(DurableJobs(store))), clock=utc_now)
    proxy = stack.enter_context(closing(CuttingProxy(far.url)))
    there = party(Profile(THEIRS, OURS), their_keys(), url=proxy.url)

    full = OperationalError("", {}, Exception("database or disk is full"))
    return FarDesk(
        As2Outbound(there, mdns, clock=lambda: NOW),
        lambda: far.kept,
        lambda: setattr(far, "fault", full),
        lambda: setattr(far, "fault", None),
        lambda where: setattr(proxy, "cut", where),
    )


def test_the_same_twice_is_kept_once(there: FarDesk) -> None:
    there.outbound.deliver(ORDER)
    there.outbound.deliver(ORDER)
    assert there.kept() == [ORDER.content]


@pytest.mark.parametrize("where", CUTS)
def test_a_call_cut_anywhere_is_made_again_and_kept_once(there: FarDesk, where: str) -> None:
    there.cut(where)
    with pytest.raises(Transient):
        there.outbound.deliver(ORDER)
    there.outbound.deliver(ORDER)
    assert there.kept() == [ORDER.content]


def test_a_far_side_that_is_full_is_tried_again(there: FarDesk) -> None:
    there.fill()
    with pytest.raises(Transient):
        there.outbound.deliver(ORDER)
    assert there.kept() == []
    there.empty()
    there.outbound.deliver(ORDER)
    assert there.kept() == [ORDER.content]


def test_another_content_under_the_same_key_replaces_nothing(there: FarDesk) -> None:
    there.outbound.deliver(ORDER)
    with pytest.raises(Permanent):
        there.outbound.deliver(replace(ORDER, content=b'{"order": "8"}'))
    assert there.kept() == [ORDER.content]


def test_the_same_name_under_another_key_is_another_delivery(there: FarDesk) -> None:
    other = replace(ORDER, content=b'{"order": "8"}', idempotency_key="order:8")
    there.outbound.deliver(ORDER)
    if isinstance(there.outbound, memory.Outbound):
        other = replace(other, name="order-8.json")  # it keeps payloads by their names
    there.outbound.deliver(other)
    assert sorted(there.kept()) == sorted([ORDER.content, other.content])


def test_the_same_many_times_at_once_is_kept_once(there: FarDesk) -> None:
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda _: there.outbound.deliver(ORDER), range(8)))
    assert there.kept() == [ORDER.content]
