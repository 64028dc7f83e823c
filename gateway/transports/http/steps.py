"""Delivers a document by several calls in a row, each with what the ones before it found.

For systems that want to be asked before they are told: which product has this number, is the order
there already, then create it, then confirm it. After a failure all of it is done again from the
first step, so that steps which look come before those which change, and these are left out where
what they do is done (`when`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256

from gateway.clock import Clock
from gateway.errors import Permanent, Transient
from gateway.pipeline.answers import Answer, Finder, Judge
from gateway.pipeline.ports import Consignment, Receipt
from gateway.shaping import Json, NotShaped, Selection, Shape, UrlTemplate, dumps, is_true
from gateway.shaping.template import TextTemplate
from gateway.transports.documents import document_of
from gateway.transports.http.outbound import Caller
from gateway.transports.http.request import NO_HEADER, Request, fits_a_header

_SUCCESS = range(200, 300)

MAX_CALLS = 500
"""For one document: more would be a loop over what should be one call."""

TAKEN = "taken"
"""Where expressions and templates find what the steps before took out of answers."""

ITEM = "item"
"""Where they find what a step of several calls is at."""

Context = dict[str, Json]
"""The document, with `taken` and `item` beside its own fields."""


@dataclass(frozen=True, slots=True)
class Step:
    """One call, or one for each item of a list."""

    name: str
    path: UrlTemplate
    """Added to the address of the destination."""
    method: str = "GET"
    headers: Mapping[str, TextTemplate] = field(default_factory=dict)
    """Sent with the call, beside the usual ones."""
    body: Shape | None = None
    """What is sent; nothing where it is left out."""
    when: Selection | None = None
    """Must find something in the context: otherwise there is no call."""
    each: Selection | None = None
    """The list that is gone through, one call for each item."""
    take: Mapping[str, Finder] = field(default_factory=dict)
    """What is looked up in the answer, by the names of the results."""
    expect: TextTemplate | None = None
    """Says what the first of `take` must find; where it finds nothing, a person must act."""
    judge: Judge = field(default_factory=Judge)


class Outbound:
    """A destination that is reached by steps."""

    def __init__(
        self,
        calls: Caller,
        url: str,
        steps: Sequence[Step],
        *,
        deadline: timedelta,
        clock: Clock,
    ) -> None:
        self._calls = calls
        self._url = url
        self._steps = steps
        self._deadline = deadline
        self._clock = clock

    def connect(self) -> None:
        """Open the pool of connections; the other side is reached by the first delivery."""
        self._calls.connect()

    def deliver(self, consignment: Consignment) -> Receipt:
        """Go through the steps; raise Transient or Permanent by the first that does not succeed."""
        document = document_of(consignment)
        if not isinstance(document, dict):
            raise NotShaped("steps are made of a document with fields")
        way = _Way(document, consignment, self._clock())
        for step in self._steps:
            try:
                self._go_through(step, way)
            except Transient as fault:
                raise Transient(_at(step, fault), retry_after=fault.retry_after) from fault
            except (Permanent, NotShaped) as fault:
                raise type(fault)(_at(step, fault)) from fault
        told = "".join(f", {name.replace('_', ' ')} {key}" for name, key in way.keys.items())
        return Receipt(f"{way.calls} calls{told}", keys=tuple(way.keys.items()))

    def break_off(self) -> None:
        """Let every call that is under way end now."""
        self._calls.break_off()

    def close(self) -> None:
        """Close the connections."""
        self._calls.close()

    def _go_through(self, step: Step, way: _Way) -> None:
        """Make the calls of one step, and keep what is taken out of their answers."""
        facts = way.consignment.facts
        found: dict[str, list[Json]] = {name: [] for name in step.take}
        for key, item in _named(step, _items(step, way)):
            context = way.context(item)
            answer = None
            if step.when is None or is_true(step.when.select(context, facts)):
                answer = self._answer(step, way, context, key=key)
            for name, finder in step.take.items():
                found[name].append(finder.find(answer) if answer is not None else None)
            if answer is not None and step.expect is not None:
                _require(step.expect, next(iter(found.values()))[-1], context, facts)
        for name, values in found.items():
            if step.each is not None:
                way.taken[name] = values
            elif values[0] is not None or name not in way.taken:
                # What was not looked for, or not found, leaves what an earlier step found.
                way.taken[name] = values[0]

    def _answer(self, step: Step, way: _Way, context: Context, *, key: str) -> Answer:
        """Make one call; raise Transient or Permanent where its answer is no good one."""
        way.count()
        if self._clock() - way.begun >= self._deadline:
            seconds = f"{self._deadline.total_seconds():g} s"
            raise Transient(f"not done within {seconds}: 'deadline' bounds the calls of an attempt")
        facts = way.consignment.facts
        shaped = step.body.shaped(context, facts) if step.body is not None else None
        headers = {
            **way.consignment.headers,
            "Accept": "application/json",
            "Idempotency-Key": f"{way.consignment.idempotency_key}-{key}",
            "X-Correlation-Id": way.consignment.correlation_id,
        }
        for name, template in step.headers.items():
            headers[name] = _header(name, template.render(context, facts).decode())
        if shaped is not None:
            headers["Content-Type"] = shaped.content_type
        url = self._url + step.path.render(context, facts).decode()
        request = Request(step.method, url, headers, shaped.content if shaped is not None else b"")
        answered = self._calls.call(request, way.consignment.tell)
        answer = answered.answer
        if answered.broken and step.judge.is_success(answer):
            raise Transient(f"HTTP {answer.status}, but the answer broke off: {answered.broken}")
        way.keys.update(step.judge.judge(answer, now=self._clock()).keys)
        _require_answer(step, answer)
        return answer


@dataclass(slots=True)
class _Way:
    """How far one document has come."""

    document: Context
    consignment: Consignment
    begun: datetime
    taken: Context = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)
    """What the other side calls the document."""
    calls: int = 0

    def context(self, item: Json) -> Context:
        """Return what expressions and templates see."""
        return {**self.document, TAKEN: self.taken, ITEM: item}

    def count(self) -> None:
        """Count a call; raise Permanent where there were too many."""
        self.calls += 1
        if self.calls > MAX_CALLS:
            raise Permanent(f"more than {MAX_CALLS} calls for one document")


def _named(step: Step, items: Sequence[Json]) -> Iterator[tuple[str, Json]]:
    """Yield each item after the name of its call.

    The name is made of what the item is, and not of its place: a list that another system gave may
    be shorter at the next attempt, and one key must not come to mean another item.
    """
    times: Counter[str] = Counter()
    for item in items:
        if step.each is None:
            yield step.name, item
            continue
        digest = sha256(dumps(item)).hexdigest()[:12]
        times[digest] += 1
        yield f"{step.name}-{digest}-{times[digest]}", item


def _items(step: Step, way: _Way) -> Sequence[Json]:
    if step.each is None:
        return [None]
    listed = step.each.select(way.context(None), way.consignment.facts)
    if listed is None:
        return []
    if not isinstance(listed, list):
        raise NotShaped("'each' finds no list")
    return listed


def _header(name: str, value: str) -> str:
    if not fits_a_header(value):
        raise NotShaped(f"header '{name}' would hold {NO_HEADER}")
    return value


def _require_answer(step: Step, answer: Answer) -> None:
    """Raise Transient where nothing can be taken of an answer that says that all is well."""
    if answer.status not in _SUCCESS:
        return
    for finder in step.take.values():
        puzzling = finder.puzzled_by(answer)
        if puzzling is not None:
            raise Transient(puzzling)


def _require(expect: TextTemplate, found: Json, context: Context, facts: Mapping[str, str]) -> None:
    if not is_true(found):
        raise Permanent(f"nothing found; expected {expect.render(context, facts).decode()}")


def _at(step: Step, fault: Exception) -> str:
    return f"step '{step.name}': {fault}"
