"""Names that are never looked up, addresses that are dead, and a process that is to end."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import closing
from threading import Event

import pytest

from gateway.transports.reaching import reached, within

Found = tuple[int, int, int, str, tuple[str, int]]


@pytest.fixture
def server() -> Iterator[socket.socket]:
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        yield listener


def address(port: int) -> Found:
    return socket.AF_INET, socket.SOCK_STREAM, 0, "", ("127.0.0.1", port)


def closed_port() -> int:
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        return int(listener.getsockname()[1])


def test_a_name_that_is_never_looked_up_takes_no_longer_than_was_given(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    over = Event()

    def never(*_: object, **__: object) -> list[Found]:
        over.wait(60)
        return []

    monkeypatch.setattr(socket, "getaddrinfo", never)
    with pytest.raises(TimeoutError, match=r"^timed out$"):
        reached("erp.example", 443, seconds=0.1)
    over.set()


def test_a_dead_address_leaves_time_for_the_next(
    monkeypatch: pytest.MonkeyPatch, server: socket.socket
) -> None:
    found = [address(closed_port()), address(server.getsockname()[1])]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    with closing(reached("erp.example", 443, seconds=10)) as connection:
        assert connection.getpeername() == server.getsockname()


def test_where_every_address_is_dead_the_last_one_says_why(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found = [address(closed_port()), address(closed_port())]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    with pytest.raises(ConnectionRefusedError):
        reached("erp.example", 443, seconds=10)


def test_a_process_that_is_to_end_waits_for_nobody() -> None:
    ended, over = Event(), Event()
    ended.set()
    with pytest.raises(ConnectionError, match=r"^broken off: the gateway stops$"):
        within(lambda: over.wait(60), lambda _: None, seconds=60, ended=ended)
    over.set()


def test_what_comes_too_late_is_undone() -> None:
    over, undone = Event(), Event()
    with pytest.raises(TimeoutError):
        within(lambda: over.wait(60), lambda _: undone.set(), seconds=0.05)
    over.set()
    assert undone.wait(60)
