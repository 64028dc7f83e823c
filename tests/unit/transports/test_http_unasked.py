"""Servers that say more than they were asked, or too early: no document is taken for sent."""

from __future__ import annotations

import socket
from threading import Event

import pytest

from gateway.errors import Transient
from gateway.pipeline.ports import Receipt
from tests.unit.transports.test_http_deadline import HEAD, LARGE, ORDER, erp, take

GOOD = HEAD + b"Content-Length: 2\r\n\r\nok"


@pytest.mark.parametrize(
    "unasked",
    [GOOD, b"HTTP/1.1 422 No\r\nContent-Length: 0\r\n\r\n", b"more than was said"],
)
def test_what_comes_with_an_answer_is_not_the_answer_to_the_next_document(unasked: bytes) -> None:
    connections: list[int] = []

    def conduct(connection: socket.socket, over: Event) -> None:
        connections.append(0)
        place = len(connections) - 1
        while not over.is_set():
            take(connection)
            connections[place] += 1
            connection.sendall(GOOD + unasked)

    with erp(conduct, timeout=30) as outbound:
        assert outbound.deliver(ORDER) == Receipt("HTTP 200")
        assert outbound.deliver(ORDER) == Receipt("HTTP 200")
    # Each document was read by the server before its answer was believed.
    assert connections == [1, 1]


def test_who_says_200_before_all_was_sent_has_not_taken_the_document() -> None:
    def conduct(connection: socket.socket, over: Event) -> None:
        connection.recv(1000)
        connection.sendall(GOOD)  # And the connection is closed with most of it unread.

    with erp(conduct, timeout=30) as outbound, pytest.raises(Transient):
        outbound.deliver(LARGE)


def test_a_connection_that_ends_when_the_next_document_comes_carries_it_once() -> None:
    taken: list[bytes] = []

    def conduct(connection: socket.socket, over: Event) -> None:
        take(connection)
        connection.sendall(GOOD)
        while not taken or not taken[-1].endswith(ORDER.content):
            piece = connection.recv(65536)
            if not piece:
                return
            taken.append(piece)

    with erp(conduct, timeout=30) as outbound:
        assert outbound.deliver(ORDER) == Receipt("HTTP 200")
        with pytest.raises(Transient):
            outbound.deliver(ORDER)
    # It may have arrived: whether it is sent again, and how, is the pipeline's to say.
    assert b"".join(taken).count(ORDER.content) == 1
