"""What a call is, once it is known who makes it, and what answers it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

import orjson
from pydantic import BaseModel
from starlette.responses import Response

from gateway.api.parameters import Parameters
from gateway.api.problems import Kind
from gateway.api.tokens import Caller, Scope
from gateway.clock import Clock
from gateway.pipeline.jobs import Jobs
from gateway.pipeline.operations import Operations
from gateway.pipeline.outbound.operations import OutboundOperations
from gateway.pipeline.outbound.submission import Submissions
from gateway.pipeline.rulebook import Rulebook
from gateway.pipeline.store_port import Desk, Store

JSON = "application/json"

P = TypeVar("P", bound=Parameters)


@dataclass(frozen=True, slots=True)
class Parts:
    """What answers are made with."""

    store: Store
    jobs: Jobs
    rulebook: Rulebook
    submissions: Submissions
    clock: Clock
    home: str = ""
    """The instance's folder, which no caller is told of."""
    key_names: frozenset[str] = frozenset()
    """What business keys are called here; of another name there is none."""

    @property
    def desk(self) -> Desk:
        """Return the verbs for those who look."""
        return self.store.desk

    def operations(self, caller: Caller) -> Operations:
        """Return what can be asked for about documents that came in, on somebody's behalf."""
        return Operations(
            self.store, self.jobs, self.rulebook, clock=self.clock, asker=caller.spoken
        )

    def outbound(self, caller: Caller) -> OutboundOperations:
        """Return what can be asked for about documents of ours, on somebody's behalf."""
        return OutboundOperations(
            self.store, self.jobs, self.rulebook, clock=self.clock, asker=caller.spoken
        )

    def shown(self, text: str) -> str:
        """Return a text without the places of this machine that it names."""
        return text.replace(f"{self.home}/", "") if self.home else text


@dataclass(frozen=True, slots=True)
class Call(Generic[P]):
    """A call by somebody who may make it."""

    caller: Caller
    path: Mapping[str, str]
    """What stands in the address for each of the names in its template."""
    given: P
    body: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class Answer:
    """One of the answers that a call may get when nothing is wrong."""

    means: str
    model: type[BaseModel] | None = None
    """None where it is no JSON of ours."""
    media_type: str = JSON


@dataclass(frozen=True, slots=True)
class Operation(Generic[P]):
    """One kind of call: a row of the table that is served, and that OpenAPI describes."""

    id: str
    method: str
    path: str
    """Below the base; names in braces stand for one part of the path."""
    summary: str
    answers: Mapping[int, Answer]
    parameters: type[P]
    answer: Callable[[Parts, Call[P]], Response]
    scope: Scope | None = None
    """What a token must be for; None where any token is enough."""
    problems: tuple[Kind, ...] = ()
    """Beyond those that every call may meet."""
    document: str | None = None
    """The type of canonical document that the body is; None where there is no body."""
    details: str = ""
    public: bool = False
    """No token is needed."""


def json_answer(
    value: BaseModel, *, status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    """Return a value as JSON, without what it does not say."""
    content = orjson.dumps(value.model_dump(mode="json", exclude_none=True, by_alias=True))
    return Response(content, status_code=status, headers=dict(headers or {}), media_type=JSON)


def tagged(answer: Response, known: str | None) -> Response:
    """Give an answer its ETag; 304 where the caller has the same already."""
    etag = f'"{hashlib.sha256(answer.body).hexdigest()[:32]}"'
    # Caches may keep it for the caller alone, and must ask each time.
    headers = {"ETag": etag, "Cache-Control": "private, no-cache"}
    answer.headers.update(headers)
    tags = [one.strip().removeprefix("W/") for one in (known or "").split(",")]
    return Response(status_code=304, headers=headers) if {"*", etag} & set(tags) else answer
