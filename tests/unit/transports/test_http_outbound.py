from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import httpx
import pytest

from gateway.errors import GatewayError, Permanent, Transient
from gateway.pipeline.answers.rules import seconds_until
from gateway.pipeline.ports import Consignment, Receipt
from gateway.transports.http.outbound import HttpDestination, Outbound

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
ORDER = Consignment(b'{"document":"order"}', "order.json", "document:7:erp", "interchange:7")
ERP = HttpDestination("http://erp.example/documents", {"Authorization": "Bearer s3cret"})

Answer = Callable[[httpx.Request], httpx.Response]


@contextmanager
def destination(answer: Answer, erp: HttpDestination = ERP) -> Iterator[Outbound]:
    outbound = Outbound(erp, clock=lambda: NOW, transport=httpx.MockTransport(answer))
    outbound.connect()
    with closing(outbound):
        yield outbound


class _Stream(httpx.SyncByteStream):
    """An answer that comes over the wire, unlike one that is there at once."""

    def __init__(self, *chunks: bytes) -> None:
        self.chunks = chunks

    def __iter__(self) -> Iterator[bytes]:
        return iter(self.chunks)


def answered(status: int, text: str = "", headers: dict[str, str] | None = None) -> httpx.Response:
    return httpx.Response(status, stream=_Stream(text.encode()), headers=headers)


def answering(status: int, text: str = "", headers: dict[str, str] | None = None) -> Answer:
    return lambda request: answered(status, text, headers)


def test_a_delivery_carries_its_key_its_correlation_and_the_secret() -> None:
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return answered(201)

    with destination(answer) as outbound:
        assert outbound.deliver(ORDER) == Receipt("HTTP 201")
    (request,) = seen
    assert request.method == "POST"
    assert str(request.url) == "http://erp.example/documents"
    assert request.content == ORDER.content
    assert request.headers["Idempotency-Key"] == "document:7:erp"
    assert request.headers["X-Correlation-Id"] == "interchange:7"
    assert request.headers["Content-Type"] == "application/json"
    assert request.headers["Authorization"] == "Bearer s3cret"


def test_a_secret_is_not_shown_with_its_destination() -> None:
    assert "s3cret" not in repr(ERP)


@pytest.mark.parametrize("status", [200, 201, 202, 204])
def test_any_success_is_a_delivery(status: int) -> None:
    with destination(answering(status)) as outbound:
        assert outbound.deliver(ORDER) == Receipt(f"HTTP {status}")


def test_a_conflict_means_that_an_earlier_attempt_arrived() -> None:
    with destination(answering(409)) as outbound:
        assert outbound.deliver(ORDER) == Receipt("HTTP 409", repeated=True)


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504, 507])
def test_an_unwell_destination_is_asked_again(status: int) -> None:
    with destination(answering(status, text="busy")) as outbound, pytest.raises(Transient) as why:
        outbound.deliver(ORDER)
    assert str(why.value) == f"HTTP {status}: busy"
    assert why.value.retry_after is None


def test_a_destination_that_says_when_is_asked_then() -> None:
    answer = answering(503, headers={"Retry-After": "120"})
    with destination(answer) as outbound, pytest.raises(Transient) as why:
        outbound.deliver(ORDER)
    assert why.value.retry_after == 120.0


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 410, 413, 415, 422])
def test_a_refusal_is_for_good_and_quotes_the_answer(status: int) -> None:
    answer = answering(status, text="line 3:\n  sku\tunknown\x07")
    with destination(answer) as outbound, pytest.raises(Permanent) as why:
        outbound.deliver(ORDER)
    assert str(why.value) == f"HTTP {status}: line 3: sku unknown?"


def test_a_long_answer_is_quoted_in_part() -> None:
    with destination(answering(400, text="x" * 5000)) as outbound, pytest.raises(Permanent) as why:
        outbound.deliver(ORDER)
    assert str(why.value) == f"HTTP 400: {'x' * 300}…"


def test_a_redirect_is_not_followed() -> None:
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(str(request.url))
        return answered(307, headers={"Location": "http://elsewhere.example/"})

    with destination(answer) as outbound, pytest.raises(Permanent) as why:
        outbound.deliver(ORDER)
    assert asked == ["http://erp.example/documents"]
    assert str(why.value) == (
        "HTTP 307: redirects are not followed, correct the destination's address"
    )


def test_an_endless_answer_is_read_as_far_as_it_is_of_use() -> None:
    sent = 0

    class Endless(httpx.SyncByteStream):
        def __iter__(self) -> Iterator[bytes]:
            nonlocal sent
            while True:
                sent += 1000
                yield b"x" * 1000

    with destination(lambda request: httpx.Response(200, stream=Endless())) as outbound:
        assert outbound.deliver(ORDER) == Receipt("HTTP 200")
    assert sent < 200_000


class _Broken(httpx.SyncByteStream):
    def __iter__(self) -> Iterator[bytes]:
        yield b"st"
        raise httpx.ReadError("connection reset")


@pytest.mark.parametrize("status", [200, 202, 409])
def test_a_success_whose_answer_breaks_off_is_asked_for_again(status: int) -> None:
    with (
        destination(lambda request: httpx.Response(status, stream=_Broken())) as outbound,
        pytest.raises(Transient) as why,
    ):
        outbound.deliver(ORDER)
    assert str(why.value) == (
        f"http://erp.example: HTTP {status}, but the answer broke off: connection reset"
    )


def test_a_refusal_whose_answer_breaks_off_is_one_by_its_status() -> None:
    with (
        destination(lambda request: httpx.Response(422, stream=_Broken())) as outbound,
        pytest.raises(Permanent) as why,
    ):
        outbound.deliver(ORDER)
    assert str(why.value) == "HTTP 422: st"


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (httpx.ConnectError("Connection refused"), "Connection refused"),
        (httpx.ConnectError("[Errno 111] Connection refused"), "Connection refused"),
        (httpx.ReadError(""), "no reason was given (ReadError)"),
        (httpx.ReadTimeout(""), "no whole answer within 30 s"),
        (httpx.WriteTimeout(""), "the document was not taken within 30 s"),
        (httpx.ConnectTimeout(""), "no connection within 30 s"),
        (httpx.PoolTimeout(""), "no connection was free within 30 s"),
        (httpx.RemoteProtocolError("Server disconnected"), "Server disconnected"),
    ],
)
def test_a_network_fault_is_a_matter_of_time(fault: httpx.RequestError, said: str) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        raise fault

    with destination(answer) as outbound, pytest.raises(Transient) as why:
        outbound.deliver(ORDER)
    assert str(why.value) == f"http://erp.example: {said}"


def test_an_address_that_is_none_is_refused_for_good() -> None:
    outbound = Outbound(HttpDestination("ftp://erp.example/"), clock=lambda: NOW)
    outbound.connect()
    with closing(outbound), pytest.raises(Permanent) as why:
        outbound.deliver(ORDER)
    assert str(why.value) == "ftp://erp.example is not an HTTP address"


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("http://erp..example/orders", "http://erp..example"),
        ("http://xn--/orders", "http://xn--"),
        (f"http://{'a' * 70}.example/", f"http://{'a' * 70}.example"),
        # The system would call port 34463.
        ("http://127.0.0.1:99999/", "the destination's address"),
        ("http://127.0.0.1:0/", "http://127.0.0.1"),
        ("http://127.0.0.1:8080/\r\nX-Injected: 1", "http://127.0.0.1:8080"),
    ],
)
def test_what_nobody_can_be_called_at_is_refused_for_good(url: str, shown: str) -> None:
    outbound = Outbound(HttpDestination(url), clock=lambda: NOW)
    outbound.connect()
    with closing(outbound), pytest.raises(Permanent) as why:
        outbound.deliver(ORDER)
    assert str(why.value) == f"{shown} is not an HTTP address"


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://user:s3cret@erp.example:8443/hook/s3cret?key=s3cret", "https://erp.example:8443"),
        ("https://erp.example/hook/s3cret", "https://erp.example"),
        ("https://[2001:db8::7]:8443/hook/s3cret", "https://[2001:db8::7]:8443"),
        ("https://erp.example:s3cret/", "the destination's address"),
        ("s3cret", "the destination's address"),
    ],
)
def test_nothing_of_an_address_is_shown_that_may_be_a_secret(url: str, shown: str) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused")

    hook = HttpDestination(url)
    outbound = Outbound(hook, clock=lambda: NOW, transport=httpx.MockTransport(answer))
    outbound.connect()
    with closing(outbound), pytest.raises(GatewayError) as why:
        outbound.deliver(ORDER)
    assert hook.shown == shown
    assert "s3cret" not in f"{hook!r} {why.value}"


def test_a_destination_that_was_not_connected_says_so() -> None:
    with pytest.raises(Permanent, match="not connected"):
        Outbound(ERP).deliver(ORDER)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        (None, None),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("0", 0.0),
        ("30", 30.0),
        ("99999999999", 86400.0),
        ("Sun, 01 Mar 2026 12:02:00 GMT", 120.0),
        ("Sun, 01 Mar 2026 12:02:00 -0000", 120.0),
        ("Sun, 01 Mar 2026 11:00:00 GMT", 0.0),
    ],
)
def test_retry_after_is_seconds_or_a_date(text: str | None, seconds: float | None) -> None:
    assert seconds_until(text, NOW) == seconds


class _Erp(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    connections: set[tuple[str, int]] = set()  # noqa: RUF012 - the class is the server's memory

    def do_POST(self) -> None:
        self.connections.add(self.client_address)
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, *args: object) -> None:
        pass


def test_deliveries_one_after_another_use_one_connection() -> None:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Erp)
    server.daemon_threads = True
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    erp = HttpDestination(f"http://127.0.0.1:{server.server_port}/", timeout=timedelta(seconds=5))
    outbound = Outbound(erp)
    outbound.connect()
    try:
        assert [outbound.deliver(ORDER).reference for _ in range(3)] == ["HTTP 200"] * 3
        assert len(_Erp.connections) == 1
    finally:
        outbound.close()
        server.shutdown()
        thread.join()
        server.server_close()


def _giving_cookies(seen: list[httpx.Request], count: int, value: str) -> Answer:
    """Answer each request with so many cookies that it gave nobody before."""

    def answer(request: httpx.Request) -> httpx.Response:
        first = len(seen) * count
        seen.append(request)
        given = [("Set-Cookie", f"c{first + one}={value}") for one in range(count)]
        return httpx.Response(201, stream=_Stream(), headers=given)

    return answer


def test_a_session_is_kept_by_its_cookie() -> None:
    seen: list[httpx.Request] = []
    with destination(_giving_cookies(seen, 1, "s")) as outbound:
        outbound.deliver(ORDER)
        outbound.deliver(ORDER)
    assert seen[1].headers["Cookie"] == "c0=s"


@pytest.mark.parametrize(("count", "value"), [(60, "s"), (3, "s" * 4000)])
def test_cookies_that_are_too_many_or_too_large_are_forgotten(count: int, value: str) -> None:
    seen: list[httpx.Request] = []
    with destination(_giving_cookies(seen, count, value)) as outbound:
        outbound.deliver(ORDER)
        outbound.deliver(ORDER)
    assert "Cookie" not in seen[1].headers
