"""One HTTP POST to a partner's AS2 system: bytes there, the answer back, within one deadline."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import urlsplit

import httpx

from gateway.as2 import Headers
from gateway.clock import Clock
from gateway.errors import Permanent, Transient, spoken
from gateway.transports.as2.party import Party
from gateway.transports.http.answers import judge, legible
from gateway.transports.http.client import HttpClient
from gateway.transports.http.deadline import DeadlineTransport
from gateway.transports.http.reading import read_whole

_CONNECTIONS = 4
_CONFLICT = 409
_SUCCESS = range(200, 300)


@dataclass(frozen=True, slots=True)
class Answer:
    """What the partner's system answered with a status of success."""

    status: int
    headers: Headers
    body: bytes = field(repr=False)


class Poster:
    """Posts to the system of one partner."""

    def __init__(self, party: Party, *, largest_answer: int, clock: Clock) -> None:
        self._party = party
        self._clock = clock
        self._largest = largest_answer
        self._transport: DeadlineTransport | None = None
        self._client: HttpClient | None = None

    def connect(self) -> None:
        """Make ready to post; the partner's system is reached by the first call."""
        self._transport = DeadlineTransport(
            self._party.timeout, connections=_CONNECTIONS, pins=self._party.pins
        )
        self._client = HttpClient(self._transport)

    def break_off(self) -> None:
        """Let every call that is under way end now."""
        if self._transport is not None:
            self._transport.break_off()

    def close(self) -> None:
        """Close the connections."""
        if self._client is not None:
            self._client.close()
            self._client = None

    def post(self, url: str, headers: Headers, body: bytes) -> Answer:
        """Post once; raise Transient or Permanent unless the answer is a success, and whole."""
        shown = _shown(url)
        if self._client is None:
            raise Permanent(f"{shown}: not connected")
        try:
            fields = self._fields(url, headers)
            with self._client.stream("POST", url, content=body, headers=fields) as answer:
                content = read_whole(answer, self._largest, self._too_large()).content
        except (httpx.UnsupportedProtocol, httpx.InvalidURL) as fault:
            raise Permanent(f"{shown} is not an HTTP address") from fault
        except httpx.TimeoutException as fault:
            seconds = self._party.timeout.total_seconds()
            raise Transient(f"{shown}: no whole answer within {seconds:g} s") from fault
        except httpx.RequestError as fault:
            reason = legible(spoken(fault))
            raise Transient(f"{shown}: {reason}") from fault
        return self._judged(shown, answer, content)

    def _fields(self, url: str, headers: Headers) -> list[tuple[str, str]]:
        fields = [*headers.fields]
        if _origin(url) == _origin(self._party.url):
            # A receipt goes where the message wants it: our password does not go along, not even to
            # another port of the same host.
            fields += self._party.headers.items()
        return fields

    def _too_large(self) -> Transient:
        return Transient(f"the answer is larger than {self._largest} bytes")

    def _judged(self, shown: str, answer: httpx.Response, content: bytes) -> Answer:
        status = answer.status_code
        if status in _SUCCESS:
            fields = [
                (name.decode("latin-1"), value.decode("latin-1"))
                for name, value in answer.headers.raw
            ]
            return Answer(status, Headers.of(fields), content)
        if status == _CONFLICT:
            # Over plain HTTP this says that it has our key already; over AS2 an MDN says so.
            raise Permanent(f"{shown}: HTTP {status}")
        try:
            judge(status, answer.headers.get("Retry-After"), content, now=self._clock())
        except Transient as fault:
            raise Transient(f"{shown}: {fault}", retry_after=fault.retry_after) from fault
        except Permanent as fault:
            raise Permanent(f"{shown}: {fault}") from fault
        raise AssertionError(f"HTTP {status} is no success")


def _origin(url: str) -> tuple[str, str, int | None]:
    parsed = httpx.URL(url)
    return parsed.scheme, parsed.host, parsed.port


def _shown(url: str) -> str:
    """Name an address for people: scheme, host and port."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"
