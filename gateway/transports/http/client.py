"""Sends requests over one carrier, and keeps what cookies the answers set.

httpx makes the requests and holds the answers; its own client is not used: what it does beyond that
(redirects, proxies, a .netrc, hooks) is not wanted, and costs as much again as the call itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import httpx

_MOST_COOKIES = 50
_COOKIE_CHARACTERS = 8 * 1024
"""Cookies of all answers together; servers refuse a request whose head is much larger."""

_USUAL = (("Accept", "*/*"), ("User-Agent", "edi-gateway"))

# The answer is read as it comes, so a small one cannot unpack into a large one.
_ALWAYS = (("Accept-Encoding", "identity"),)

_PORTS = range(1, 65536)

Fields = Iterable[tuple[str, str]]
"""Names and values of headers: a later one of a name replaces those before it."""


class HttpClient:
    """Goes nowhere else than it was told. Several threads may send at once."""

    def __init__(self, carrier: httpx.BaseTransport) -> None:
        self._carrier = carrier
        self._cookies = httpx.Cookies()

    @contextmanager
    def stream(
        self, method: str, url: str, *, content: bytes, headers: Fields
    ) -> Iterator[httpx.Response]:
        """Send a request; its answer is read within the block.

        Raise httpx.InvalidURL where that is no address, and httpx.RequestError for what goes wrong
        on the way there and back.
        """
        laid_on = {one[0].lower(): one for one in (*_USUAL, *headers, *_ALWAYS)}
        request = _request(method, url, content, [*laid_on.values()])
        if request.url.userinfo and "authorization" not in laid_on:
            basic = httpx.BasicAuth(request.url.username, request.url.password)
            request = next(basic.auth_flow(request))
        if self._cookies.jar:
            self._cookies.set_cookie_header(request)
        answer = self._carrier.handle_request(request)
        answer.request = request
        try:
            if "set-cookie" in answer.headers:
                self._keep_cookies(answer)
            yield answer
        finally:
            answer.close()

    def close(self) -> None:
        """Close the connections."""
        self._carrier.close()

    def _keep_cookies(self, answer: httpx.Response) -> None:
        """Keep what an answer sets; where that is too much, who sets it keeps no session by it."""
        self._cookies.extract_cookies(answer)
        kept = list(self._cookies.jar)
        characters = sum(len(one.name) + len(one.value or "") for one in kept)
        if len(kept) > _MOST_COOKIES or characters > _COOKIE_CHARACTERS:
            self._cookies.jar.clear()


def _request(method: str, url: str, content: bytes, fields: list[tuple[str, str]]) -> httpx.Request:
    """Return a request; raise httpx.InvalidURL for every address that nobody can be called at."""
    try:
        request = httpx.Request(method, url, content=content, headers=fields)
    except UnicodeError as fault:  # A name that no machine can have.
        raise httpx.InvalidURL("no machine has such a name") from fault
    if request.url.port is not None and request.url.port not in _PORTS:
        # The system would take what is left of it, and call another port.
        raise httpx.InvalidURL("no machine has such a port")
    return request
