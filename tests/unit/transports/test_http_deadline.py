"""Servers that keep a connection alive and bring nothing to an end: a call has one deadline."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path
from threading import Event, Thread

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from gateway.errors import Permanent, Transient
from gateway.pipeline.ports import Consignment, Receipt
from gateway.transports.http.deadline import Identity, tls_context
from gateway.transports.http.outbound import HttpDestination, Outbound

ORDER = Consignment(b'{"document":"order"}', "order.json", "document:7:erp", "interchange:7")
LARGE = Consignment(b"x" * 30_000_000, "order.json", "document:8:erp", "interchange:7")
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"
TRICKLES = 500
"""Each a fiftieth of a second: longer than the deadline, so that a call without one succeeds."""

Conduct = Callable[[socket.socket, Event], None]


@contextmanager
def erp(
    conduct: Conduct, *, timeout: float = 1, tls: ssl.SSLContext | None = None, scheme: str = "http"
) -> Iterator[Outbound]:
    """Connect to a server that behaves like this on each connection."""
    over = Event()
    listener = socket.create_server(("127.0.0.1", 0))
    threads: list[Thread] = []

    def serve() -> None:
        with suppress(OSError):
            while True:
                connection, _ = listener.accept()
                threads.append(Thread(target=answer, args=(connection,)))
                threads[-1].start()

    def answer(connection: socket.socket) -> None:
        with suppress(OSError), connection:
            if tls is None:
                conduct(connection, over)
                return
            with tls.wrap_socket(connection, server_side=True) as secured:
                conduct(secured, over)

    threads.append(Thread(target=serve))
    threads[0].start()
    url = f"{scheme}://127.0.0.1:{listener.getsockname()[1]}/"
    outbound = Outbound(HttpDestination(url, timeout=timedelta(seconds=timeout)))
    outbound.connect()
    try:
        with closing(outbound):
            yield outbound
    finally:
        over.set()
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        for thread in threads:
            thread.join()


def take(connection: socket.socket) -> None:
    """Read a whole request."""
    received = b""
    while not received.endswith(ORDER.content):
        piece = connection.recv(65536)
        if not piece:
            raise ConnectionError("the request broke off")
        received += piece


def trickle(connection: socket.socket, over: Event, byte: bytes) -> None:
    for _ in range(TRICKLES):
        if over.wait(0.02):
            return
        connection.sendall(byte)


def trickling_headers(connection: socket.socket, over: Event) -> None:
    take(connection)
    connection.sendall(HEAD + b"X-Slow: ")
    trickle(connection, over, b"z")
    connection.sendall(b"\r\nContent-Length: 0\r\n\r\n")


def trickling_body(connection: socket.socket, over: Event) -> None:
    take(connection)
    connection.sendall(HEAD + b"Content-Length: %d\r\n\r\n" % TRICKLES)
    trickle(connection, over, b"z")


def drinking_slowly(connection: socket.socket, over: Event) -> None:
    for _ in range(TRICKLES):
        if over.wait(0.02):
            return
        connection.recv(60_000)
    while connection.recv(65536):
        pass


def silent(connection: socket.socket, over: Event) -> None:
    over.wait()


def says(*parts: bytes) -> Conduct:
    def conduct(connection: socket.socket, over: Event) -> None:
        take(connection)
        connection.sendall(b"".join(parts))

    return conduct


def said(why: pytest.ExceptionInfo[Exception]) -> str:
    """Return a message without the server's address, which each test has another of."""
    return str(why.value).partition(": ")[2]


@pytest.fixture
def tls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    """Secure a server by a certificate that this program trusts."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "erp.example")])
    address = x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2045, 1, 1, tzinfo=UTC))
        .add_extension(address, critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    (tmp_path / "erp.pem").write_bytes(certificate.public_bytes(pem))
    (tmp_path / "erp.key").write_bytes(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "erp.pem"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "erp.pem", tmp_path / "erp.key")
    return context


def test_whom_to_trust_is_read_once_as_long_as_it_is_the_same(
    tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    usual = tls_context(Identity())
    assert tls_context(Identity()) is usual
    assert tls_context(Identity(), pinned=True) is not usual
    assert usual.verify_mode is ssl.CERT_REQUIRED
    request.getfixturevalue("tls")
    named = tls_context(Identity())
    assert named is not usual
    assert tls_context(Identity()) is named
    with (tmp_path / "erp.pem").open("a") as renewed:
        renewed.write("\n")
    assert tls_context(Identity()) is not named


def test_a_delivery_over_tls_is_one(tls: ssl.SSLContext) -> None:
    conduct = says(HEAD, b"Content-Length: 2\r\n\r\nok")
    with erp(conduct, timeout=30, tls=tls, scheme="https") as outbound:
        assert outbound.deliver(ORDER) == Receipt("HTTP 200")


def test_headers_that_trickle_over_tls_do_not_hold_a_call_open(tls: ssl.SSLContext) -> None:
    # Time enough for a handshake on a slow machine.
    secured = erp(trickling_headers, timeout=4, tls=tls, scheme="https")
    with secured as outbound, pytest.raises(Transient) as why:
        outbound.deliver(ORDER)
    assert said(why) == "no whole answer within 4 s"


def test_a_handshake_that_is_never_answered_does_not_hold_a_call_open() -> None:
    with erp(silent, scheme="https") as outbound, pytest.raises(Transient) as why:
        outbound.deliver(ORDER)
    assert said(why) == "no connection within 1 s"


def test_headers_that_trickle_do_not_hold_a_call_open() -> None:
    with erp(trickling_headers) as outbound, pytest.raises(Transient) as why:
        outbound.deliver(ORDER)
    assert said(why) == "no whole answer within 1 s"


def test_a_body_that_trickles_does_not_hold_a_call_open() -> None:
    with erp(trickling_body) as outbound, pytest.raises(Transient) as why:
        outbound.deliver(ORDER)
    assert said(why) == "HTTP 200, but the answer broke off: no whole answer within 1 s"


def test_an_erp_that_takes_a_document_in_sips_does_not_hold_a_call_open() -> None:
    with erp(drinking_slowly) as outbound, pytest.raises(Transient) as why:
        outbound.deliver(LARGE)
    assert said(why) == "the document was not taken within 1 s"


def test_a_call_after_one_that_was_late_has_its_own_time() -> None:
    calls = iter([trickling_body, says(HEAD, b"Content-Length: 2\r\n\r\nok")])

    def conduct(connection: socket.socket, over: Event) -> None:
        next(calls)(connection, over)

    with erp(conduct, timeout=4) as outbound:
        with pytest.raises(Transient):
            outbound.deliver(ORDER)
        assert outbound.deliver(ORDER) == Receipt("HTTP 200")


def test_a_success_with_less_body_than_announced_is_asked_for_again() -> None:
    conduct = says(HEAD, b"Content-Length: 10\r\n\r\nok")
    with erp(conduct, timeout=30) as outbound, pytest.raises(Transient) as why:
        outbound.deliver(ORDER)
    assert said(why) == (
        "HTTP 200, but the answer broke off: peer closed connection without sending complete "
        "message body (received 2 bytes, expected 10)"
    )


def test_a_refusal_with_less_body_than_announced_is_still_one() -> None:
    conduct = says(b"HTTP/1.1 422 No\r\nContent-Length: 99\r\n\r\nline 3")
    with erp(conduct, timeout=30) as outbound, pytest.raises(Permanent) as why:
        outbound.deliver(ORDER)
    assert str(why.value) == "HTTP 422: line 3"


@pytest.mark.parametrize(
    ("answer", "shown"),
    [
        (b"\x15\x03\x01\x00\x02\x02P'\r\n\r\n", "illegal status line: '??????P''"),
        (b"SSH-2.0-OpenSSH\r\n\r\n", "illegal status line: 'SSH-2.0-OpenSSH'"),
        (b"\xe2\x82\xac " * 200 + b"\r\n\r\n", "illegal status line: '" + "\u20ac " * 139 + "…"),
    ],
)
def test_an_answer_that_is_no_http_is_quoted_as_text(answer: bytes, shown: str) -> None:
    with erp(says(answer), timeout=30) as outbound, pytest.raises(Transient) as why:
        outbound.deliver(ORDER)
    assert said(why) == shown
