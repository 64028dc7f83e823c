"""Answers calls: finds what is asked, who asks and whether it may, and turns faults into problems.

What is refused is refused as early as it is known: a wrong method before a token is looked at, a
token before a body is read.
"""

from __future__ import annotations

import asyncio
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, NoReturn

import structlog
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route, Router
from starlette.types import Receive, Send
from starlette.types import Scope as Asgi

from gateway.api import deprecations, parameters, problems
from gateway.api.calls import JSON, Call, Operation, Parts
from gateway.api.deprecations import TABLE, Deprecated
from gateway.api.openapi import VERSION, models_of
from gateway.api.operations import table
from gateway.api.problems import Kind, Refused
from gateway.api.rates import Rate, Rates
from gateway.api.tokens import Caller, Scope, TokenRefused, Tokens
from gateway.http_bodies import Bodies, TooLarge, TooMany
from gateway.pipeline.bugs import bug
from gateway.pipeline.store_port import database_is_unwell

_NOBODY = Caller("", frozenset(), frozenset())
_AGAIN_AFTER = "5"
_WRITERS = 16
"""Calls at one moment that write, where the database takes several."""

_TOGETHER = 8
"""So many of the largest bodies are held at one moment, or more of smaller ones."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Rules:
    """How much a caller may ask for."""

    rate: Rate
    body: int
    """Bytes."""
    body_within: timedelta
    """The whole body must have come by then."""


class Api:
    """The routes of the API."""

    def __init__(
        self, parts: Parts, rules: Rules, *, deprecated: Sequence[Deprecated] = TABLE
    ) -> None:
        self._parts = parts
        self._rules = rules
        self._tokens = Tokens(parts.store, clock=parts.clock)
        self._rates = Rates(rules.rate)
        self._bodies = Bodies(
            largest=rules.body, together=_TOGETHER * rules.body, deadline=rules.body_within
        )
        # SQLite takes one writer at a time, and who finds it taken sleeps and looks again: a queue
        # here costs less than that.
        one_writer = parts.store.engine.dialect.name == "sqlite"
        self._writing = asyncio.Semaphore(1 if one_writer else _WRITERS)
        self._operations = table(deprecated)
        self._deprecated = {one.id: _rows(one, deprecated) for one in self._operations}

    def routes(self) -> list[BaseRoute]:
        """Return what the server answers for us."""
        resources: defaultdict[str, dict[str, Operation[Any]]] = defaultdict(dict)
        for one in self._operations:
            resources[one.path][one.method] = one
        # What has a name of its own goes before what stands for any.
        paths = sorted(resources, key=lambda path: ("{" in path, path))
        routes = [Route(f"/{VERSION}{path}", _Resource(self, resources[path])) for path in paths]
        nowhere = _Resource(self, {})
        return [Mount("/api", Router(routes, redirect_slashes=False, default=nowhere))]

    def _kinds_near(self, request: Request) -> list[str]:
        """Return what could have stood at the end of the address for this method."""
        parent = request.url.path.removeprefix(f"/api/{VERSION}").rpartition("/")[0]
        paths = [
            one.path.rpartition("/") for one in self._operations if one.method == request.method
        ]
        return sorted(
            last for above, _, last in paths if above and above == parent and "{" not in last
        )

    async def answer(self, request: Request, methods: Mapping[str, Operation[Any]]) -> Response:
        """Answer a call, whatever becomes of it."""
        said: dict[str, str] = {}
        method = "GET" if request.method == "HEAD" else request.method
        operation = methods.get(method)
        try:
            if operation is None:
                _no_call(methods, self._kinds_near(request))
            answer = await self._answered(request, operation, said)
        except Refused as refused:
            answer = problems.answer(refused)
        except ClientDisconnect:
            answer = Response(status_code=400)  # nobody is there to be told
        except Exception as fault:  # noqa: BLE001 - whatever a bug raises, the caller gets a problem
            answer = problems.answer(_fault(fault, operation.id if operation else ""))
        if operation is not None:
            said.update(deprecations.headers(self._gone(operation, request)))
        answer.headers.update(said)
        return answer

    async def _answered(
        self, request: Request, operation: Operation[Any], said: dict[str, str]
    ) -> Response:
        caller = _NOBODY
        if not operation.public:
            caller = await self._caller(request)
            allowance = self._rates.take(caller.name)
            said.update(allowance.headers)
            if not allowance.allowed:
                raise Refused(Kind.TOO_MANY_CALLS, "wait as long as `Retry-After` says, in seconds")
        _require_scope(caller, operation)
        path, given = _path(request.path_params), parameters.read(operation.parameters, request)
        body = await self._body(request) if operation.document is not None else b""
        try:
            call = Call(caller, path, given, body)
            async with self._writing if operation.method == "POST" else nullcontext():
                answer = await run_in_threadpool(operation.answer, self._parts, call)
        finally:
            self._bodies.release(len(body))
        # Whoever waits for something asks often: what only looks is told to who looks closely.
        write = log.debug if operation.scope in (None, Scope.READ) else log.info
        write("api_call", operation=operation.id, token=caller.name, status=answer.status_code)
        return answer

    async def _caller(self, request: Request) -> Caller:
        scheme, _, shown = request.headers.get("Authorization", "").partition(" ")
        token, challenge = shown.strip(), 'Bearer realm="edi-gateway"'
        if scheme.lower() != "bearer" or not token:
            raise Refused(
                Kind.NOT_AUTHENTICATED,
                "expected a token as 'Authorization: Bearer …'",
                headers={"WWW-Authenticate": challenge},
            )
        try:
            return await run_in_threadpool(self._tokens.caller, token)
        except TokenRefused as refused:
            peer = request.client.host if request.client else ""
            log.warning("api_caller_refused", reason=str(refused), peer=peer)
            headers = {"WWW-Authenticate": f'{challenge}, error="invalid_token"'}
            raise Refused(Kind.NOT_AUTHENTICATED, str(refused), headers=headers) from refused

    async def _body(self, request: Request) -> bytes:
        sent = request.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        if sent != JSON or request.headers.get("Content-Encoding", "identity") != "identity":
            raise Refused(Kind.MEDIA_TYPE, f"expected a body of {JSON}, not compressed")
        try:
            return await self._bodies.take(request)
        except TooLarge:
            said = f"the body has more than {self._rules.body} bytes, which is the limit"
            raise Refused(Kind.BODY_TOO_LARGE, said) from None
        except TooMany:
            raise Refused(
                Kind.UNAVAILABLE,
                "too many large documents at once; send it again",
                headers={"Retry-After": _AGAIN_AFTER},
            ) from None
        except TimeoutError:
            raise Refused(Kind.BODY_TOO_SLOW, "nothing was kept; send it again") from None

    def _gone(self, operation: Operation[Any], request: Request) -> Sequence[Deprecated]:
        """Return what this call uses of what goes away."""
        asked = {f"{operation.parameters.__name__}.{name}" for name in request.query_params}
        own = {
            f"{operation.parameters.__name__}.{name}" for name in operation.parameters.model_fields
        }
        return [row for row in self._deprecated[operation.id] if row.what not in own - asked]


class _Resource:
    """Everything that can be asked at one address."""

    def __init__(self, api: Api, methods: Mapping[str, Operation[Any]]) -> None:
        self._api = api
        self._methods = methods

    async def __call__(self, scope: Asgi, receive: Receive, send: Send) -> None:
        answer = await self._api.answer(Request(scope, receive), self._methods)
        await answer(scope, receive, send)


def _no_call(methods: Mapping[str, Operation[Any]], kinds: Sequence[str]) -> NoReturn:
    if not methods:
        said = "nothing is at this address; /api/v1/openapi.json says what is"
        raise Refused(Kind.NOT_FOUND, said)
    allowed = ", ".join(sorted({*methods, *(["HEAD"] if "GET" in methods else [])}))
    said = f"expected {allowed}"
    if kinds:
        said += f", or at the end of the address one of {', '.join(kinds)}"
    raise Refused(Kind.METHOD_NOT_ALLOWED, said, headers={"Allow": allowed})


def _require_scope(caller: Caller, operation: Operation[Any]) -> None:
    scope = operation.scope
    if scope is not None and scope not in caller.scopes:
        challenge = f'Bearer realm="edi-gateway", error="insufficient_scope", scope="{scope}"'
        raise Refused(
            Kind.NOT_ALLOWED,
            f"this needs a token with the scope {scope}",
            headers={"WWW-Authenticate": challenge},
        )


def _path(given: Mapping[str, object]) -> Mapping[str, str]:
    """Return what stands in a path, which must look like what it is to be."""
    path = {name: str(value) for name, value in given.items() if name in parameters.PATH}
    for name, value in path.items():
        expected, pattern = parameters.PATH[name]
        if not re.fullmatch(pattern, value):
            said = f"nothing is at this address; expected in it: {expected}"
            raise Refused(Kind.NOT_FOUND, said)
    return path


def _fault(fault: Exception, operation: str) -> Refused:
    if database_is_unwell(fault):
        log.warning("api_call_not_answered", operation=operation)
        return Refused(
            Kind.UNAVAILABLE,
            "the same call may be answered later; repeat it, with the same Idempotency-Key if it "
            "has one",
            headers={"Retry-After": _AGAIN_AFTER},
        )
    log.error("api_call_failed", operation=operation, exception=bug(fault).traceback)
    return Refused(Kind.FAILED, "this is a bug; our log has the particulars")


def _rows(operation: Operation[Any], deprecated: Sequence[Deprecated]) -> Sequence[Deprecated]:
    """Return the rows that are about an operation."""
    if not deprecated:
        return ()
    models = {*models_of(operation), operation.parameters.__name__}
    return [
        row
        for row in deprecated
        if row.what in (VERSION, operation.id) or row.what.partition(".")[0] in models
    ]
