"""What SAP's services want around a call that changes something.

A token against forged calls, which they give to a GET with `X-CSRF-Token: Fetch` and take for a
while, together with the cookies that came with it; and the tag of an entity that is changed, so
that nobody's change is overwritten unseen.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from threading import Lock

from gateway.errors import Permanent, Transient
from gateway.pipeline.ports import Exchange
from gateway.transports.http.calls import Answered, Calls
from gateway.transports.http.request import Request

_FORBIDDEN = 403
_SUCCESS = range(200, 300)
_CHANGING = ("PUT", "PATCH")

Tell = Callable[[Exchange], None]


class TokenSession:
    """Makes calls with a token that is fetched once and renewed when it is refused."""

    def __init__(self, calls: Calls, token_url: str | None, *, tags: bool = False) -> None:
        """Make it; with `tags`, a change carries the tag of the entity as it is."""
        self._calls = calls
        self._tags = tags
        self._token_url = token_url
        self._token = ""
        # Held while a token is fetched: who comes meanwhile waits for that one.
        self._lock = Lock()

    def connect(self) -> None:
        """Make ready to call."""
        self._calls.connect()

    def break_off(self) -> None:
        """Let every call that is under way end now."""
        self._calls.break_off()

    def close(self) -> None:
        """Let go of connections."""
        self._calls.close()

    def call(self, request: Request, tell: Tell) -> Answered:
        """Make a call; with a token and a tag where it changes something."""
        if request.method == "GET":
            return self._calls.call(request, tell)
        if self._tags and request.method in _CHANGING:
            request = self._with_tag(request, tell)
        token = self._known_token("", tell)
        answered = self._calls.call(_with_token(request, token), tell)
        if self._token_url is not None and _token_refused(answered):
            token = self._known_token(token, tell)
            answered = self._calls.call(_with_token(request, token), tell)
        return answered

    def _known_token(self, refused: str, tell: Tell) -> str:
        """Return a token that is not the refused one; empty where none is wanted."""
        if self._token_url is None:
            return ""
        with self._lock:
            if not self._token or self._token == refused:
                self._token = self._fetched(self._token_url, tell)
            return self._token

    def _fetched(self, url: str, tell: Tell) -> str:
        wanted = {"X-CSRF-Token": "Fetch", "Accept": "application/json"}
        answered = self._calls.call(Request("GET", url, wanted), tell)
        answer = answered.answer
        if answer.status >= 500 or answer.status in (408, 425, 429):
            raise Transient(f"a token against forged calls could not be had: HTTP {answer.status}")
        token = answer.headers.get("x-csrf-token", "")
        if not token or answer.status not in _SUCCESS:
            said = f"HTTP {answer.status}{f': {answer.beginning}' * bool(answer.beginning)}"
            raise Permanent(f"the service gives no token against forged calls: {said}")
        return token

    def _with_tag(self, request: Request, tell: Tell) -> Request:
        """Return a change with the tag of the entity as it is now."""
        looked = self._calls.call(Request("GET", request.url, {"Accept": "application/json"}), tell)
        answer = looked.answer
        if answer.status not in _SUCCESS:
            return request  # The change itself is answered with what is wrong.
        body = answer.json if isinstance(answer.json, dict) else {}
        inner = body.get("d", body)
        found = inner.get("__metadata", inner) if isinstance(inner, dict) else {}
        tag = answer.headers.get("etag") or (
            found.get("etag") or found.get("@odata.etag") if isinstance(found, dict) else None
        )
        if not isinstance(tag, str):
            return request
        return replace(request, headers={**request.headers, "If-Match": tag})


def _with_token(request: Request, token: str) -> Request:
    if not token:
        return request
    return replace(request, headers={**request.headers, "X-CSRF-Token": token})


def _token_refused(answered: Answered) -> bool:
    answer = answered.answer
    asked = answer.headers.get("x-csrf-token", "").lower() == "required"
    return answer.status == _FORBIDDEN and (asked or b"csrf" in answer.body.lower())
