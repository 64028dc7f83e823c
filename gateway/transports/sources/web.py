"""Asking a source over HTTP: each call bounded in time and size, each answer judged.

2xx                      the answer, if it came whole
408, 425, 429, 5xx       Transient; Retry-After says when
410, and 400, 404 for a place in the pages   PlaceLost: the reading begins anew
everything else, redirects included          Permanent, with the beginning of the answer
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

import httpx

from gateway.clock import Clock
from gateway.errors import Permanent, Transient
from gateway.pipeline.answers import Answer, Finder, Judge, Rule, Verdict, statuses
from gateway.pipeline.exports.source import PlaceLost
from gateway.shaping import Json, JsonFault, loads
from gateway.transports.http.answers import legible
from gateway.transports.http.authentication import Authenticator, NoAuthenticator, asked_twice
from gateway.transports.http.calls import carrier, named, sent
from gateway.transports.http.client import HttpClient
from gateway.transports.http.deadline import Identity
from gateway.transports.http.reading import read_whole
from gateway.transports.http.request import Request

_LOST = frozenset({400, 404, 410})
_NOT_FOUND = 404

_WORDS = Finder.compile("error.[message.value, message][] | [?type(@) == 'string'] | [0]")
"""What services over OData, and many others, say of a failure."""

_JUDGE = Judge(
    (
        Rule(Verdict.RETRY, tuple(map(statuses, ("408", "425", "429", "5xx"))), words=_WORDS),
        # A conflict says of a delivery that it is there already, and of a question nothing good.
        Rule(Verdict.REFUSED, (statuses("4xx"),), words=_WORDS),
    )
)


@dataclass(frozen=True, slots=True)
class Address:
    """Where a source is, and how calls are made."""

    url: str = field(repr=False)
    """With its secrets in it: never shown."""
    shown: str
    """The same for people: scheme, host and path."""
    headers: Mapping[str, str] = field(repr=False)
    timeout: timedelta
    identity: Identity = field(default_factory=Identity, repr=False)
    """Our certificate, and whom to trust."""


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer that came whole."""

    body: bytes
    link: str | None
    """The address that its header `Link` calls the next one."""


class Web:
    """Asks one source."""

    def __init__(
        self, address: Address, authenticator: Authenticator | None = None, *, clock: Clock
    ) -> None:
        self._address = address
        self._authenticator = authenticator or NoAuthenticator()
        self._clock = clock
        self._client: HttpClient | None = None

    def open(self) -> None:
        """Make ready; the source is reached by the first call."""
        address = self._address
        self._client = HttpClient(carrier(address.timeout, address.identity, connections=1))
        self._authenticator.connect(self._client)

    def close(self) -> None:
        """Close the connection."""
        if self._client is not None:
            self._client.close()
            self._client = None

    def get(self, url: str, parameters: Mapping[str, str], *, most: int, resuming: bool) -> Reply:
        """Ask by GET; `resuming` a place in the pages that the source may have forgotten."""
        whole = httpx.URL(url).copy_merge_params(dict(parameters)) if parameters else url
        headers = {"Accept": "application/json"}
        return self._call(Request("GET", str(whole), headers), most, resuming=resuming)

    def found(self, url: str, *, most: int) -> bytes | None:
        """Ask by GET for one thing; None where there is none (404)."""
        request = Request("GET", url, {"Accept": "application/json"})
        answer = self._answered(request, most)
        if answer.status_code == _NOT_FOUND:
            return None
        return self._judged(answer, resuming=False).body

    def post(
        self, content: bytes, content_type: str, *, most: int, resuming: bool = False
    ) -> Reply:
        """Ask by POST."""
        headers = {"Content-Type": content_type, "Accept": content_type}
        request = Request("POST", self._address.url, headers, content)
        return self._call(request, most, resuming=resuming)

    def followed(self, link: str) -> str:
        """Return the address of a next page; refuse one that leads to another machine.

        Our credentials go with the call: who answers does not decide where they are sent.
        """
        base = httpx.URL(self._address.url)
        try:
            target = base.join(link)
        except httpx.InvalidURL:
            raise Permanent(f"{self._address.shown}: its next page has no address") from None
        if (target.scheme, target.host, target.port) != (base.scheme, base.host, base.port):
            raise Permanent(
                f"{self._address.shown}: its next page is at {target.host}, another machine"
            )
        return str(target)

    def _call(self, request: Request, most: int, *, resuming: bool) -> Reply:
        return self._judged(self._answered(request, most), resuming=resuming)

    def _answered(self, request: Request, most: int) -> httpx.Response:
        """Make a call; credentials that are refused and can be renewed are tried once more."""
        return asked_twice(
            self._authenticator, lambda: self._once(request, most), lambda one: one.status_code
        )

    def _once(self, request: Request, most: int) -> httpx.Response:
        assert self._client is not None  # noqa: S101 - it is open
        signed, address = self._authenticator.signed(request), self._address
        with sent(
            self._client, signed, address.headers, shown=address.shown, word_for=self._named
        ) as answer:
            body = read_whole(answer, most, self._too_large(most))
        if answer.is_success and body.coding:
            raise Permanent(
                f"{address.shown}: its answer is compressed ({legible(body.coding)}), which was "
                "not asked for"
            )
        headers = httpx.Headers(answer.headers)
        # Left in, it makes httpx unpack the body, whatever it becomes.
        headers.pop("Content-Encoding", None)
        return httpx.Response(
            answer.status_code, headers=headers, content=body.content, request=answer.request
        )

    def _too_large(self, most: int) -> Permanent:
        return Permanent(
            f"{self._address.shown}: its answer is larger than the limit of {most} "
            "bytes; expected smaller pages, or a higher 'limits: {page}'"
        )

    def _judged(self, answer: httpx.Response, *, resuming: bool) -> Reply:
        shown, status = self._address.shown, answer.status_code
        if resuming and status in _LOST:
            raise PlaceLost(f"{shown}: HTTP {status} to a place in its pages")
        headers = {name.lower(): value for name, value in answer.headers.items()}
        try:
            _JUDGE.judge(Answer(status, headers, answer.content), now=self._clock())
        except Transient as fault:
            raise Transient(f"{shown}: {fault}", retry_after=fault.retry_after) from fault
        except Permanent as fault:
            raise Permanent(f"{shown}: {fault}") from fault
        return Reply(answer.content, answer.links.get("next", {}).get("url"))

    def _named(self, fault: httpx.RequestError) -> str:
        return named(fault, self._address.timeout, "question")


def json_of(body: bytes, shown: str) -> Json:
    """Read JSON; half an answer is asked for again."""
    try:
        return loads(body)
    except JsonFault as fault:
        raise Transient(f"{shown}: its answer is no JSON: {fault}") from fault


def listed(found: Json, shown: str, expression: str) -> list[Json]:
    """Return the records that an expression found: a list, be it empty.

    Nothing at all is a fault: an ERP that says what went wrong with status 200, or a path that does
    not fit, would otherwise be an export that finds nothing to send for ever.
    """
    if found is None:
        raise Permanent(
            f"{shown}: '{expression}' finds nothing in its answer; where it leaves an empty list "
            f'out, write "{expression} || `[]`"'
        )
    if not isinstance(found, list):
        raise Permanent(f"{shown}: '{expression}' finds no list of records in its answer")
    return found
