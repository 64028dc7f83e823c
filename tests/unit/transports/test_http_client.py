"""What goes out with each request, and what is kept of the answers."""

from __future__ import annotations

from collections.abc import Sequence

import httpx

from gateway.transports.http.client import HttpClient

URL = "http://erp.example/documents"


def sent(url: str, *fields: tuple[str, str], set_cookies: Sequence[str] = ()) -> httpx.Headers:
    """Send twice, and return the headers of the second request."""
    seen: list[httpx.Headers] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request.headers)
        return httpx.Response(204, headers=[("Set-Cookie", one) for one in set_cookies])

    client = HttpClient(httpx.MockTransport(answer))
    for _ in range(2):
        with client.stream("POST", url, content=b"{}", headers=fields) as answered:
            assert answered.status_code == 204
    return seen[1]


def test_a_request_says_who_we_are_and_wants_no_compression() -> None:
    assert dict(sent(URL)) == {
        "accept": "*/*",
        "accept-encoding": "identity",
        "content-length": "2",
        "host": "erp.example",
        "user-agent": "edi-gateway",
    }


def test_a_later_header_replaces_an_earlier_one_however_it_is_written() -> None:
    headers = sent(URL, ("User-Agent", "a"), ("user-agent", "b"), ("Accept-Encoding", "gzip"))
    assert (headers["User-Agent"], headers["Accept-Encoding"]) == ("b", "identity")


def test_a_name_and_a_password_in_an_address_are_sent_as_credentials() -> None:
    url = URL.replace("erp.example", "me:se%20cret@erp.example")
    assert sent(url)["Authorization"] == "Basic bWU6c2UgY3JldA=="
    assert sent(url, ("authorization", "Bearer t"))["Authorization"] == "Bearer t"


def test_cookies_are_given_back_unless_they_are_too_many() -> None:
    assert sent(URL, set_cookies=["session=abc; Path=/"])["Cookie"] == "session=abc"
    assert "Cookie" not in sent(URL, set_cookies=[f"c{n}=x; Path=/" for n in range(51)])
