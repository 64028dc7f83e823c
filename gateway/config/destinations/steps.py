"""`type: steps`: a system that takes a document by several calls in a row."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, field_validator, model_validator

from gateway.config.destinations.answering import Answering, KeyName, Lookup
from gateway.config.destinations.expressions import Expression, TextPattern
from gateway.config.destinations.http import HttpCalling
from gateway.config.shaping import Shaping
from gateway.partners.authentication import HeaderName
from gateway.partners.kinds import Duration
from gateway.secrets import ONLY_BY_REFERENCE, SENSITIVE
from gateway.shaping import NotCompiled, UrlTemplate


def _path(text: str) -> str:
    try:
        UrlTemplate(text)
    except NotCompiled as fault:
        raise ValueError(str(fault)) from fault
    return text


class Step(Answering):
    """One call, or one for each item of a list."""

    name: KeyName
    """Named in errors, and part of the idempotency key of the call."""
    when: Expression | None = None
    """There is a call only where this finds something: JMESPath over the document, with `taken`
    beside its fields, which holds what steps before took, and `item`."""
    each: Expression | None = None
    """Finds a list: one call for each `item`; what is taken becomes a list in the same order."""
    path: Annotated[str, AfterValidator(_path)]
    """Added to `url`; values in `{{ }}` are percent-encoded."""
    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE"] | None = None
    """GET without a `body`, POST with one, if left out."""
    headers: dict[HeaderName, TextPattern] = Field(default_factory=dict)
    """Sent with the call, beside those of the destination; parts of the document and of `taken`
    may stand in them: `If-Match: "{{ document.taken.tag }}"`."""
    body: Shaping | None = None
    """What is sent; nothing if left out."""
    take: dict[KeyName, Lookup] = Field(default_factory=dict)
    """What is looked up in the answer, for the steps that follow: `taken.NAME`."""
    expect: TextPattern | None = None
    """What the first of `take` must find, in words: `a product {{ document.item.sku }}`. Where it
    finds nothing the delivery waits for a person, who is told so."""

    @field_validator("headers")
    @classmethod
    def _no_secret_in_headers(cls, headers: dict[str, str]) -> dict[str, str]:
        for name in headers:
            if SENSITIVE.search(name):
                raise ValueError(
                    f"header '{name}' carries a secret, {ONLY_BY_REFERENCE}: say it in 'headers' "
                    "of the destination"
                )
        return headers

    @model_validator(mode="after")
    def _expects_what_it_takes(self) -> Step:
        if self.expect and not self.take:
            raise ValueError("'expect' says what the first of 'take' must find, and there is none")
        return self


class StepsDestination(HttpCalling):
    """A system that takes a document by several calls: asked first, then told."""

    type: Literal["steps"]
    """Kind of destination."""
    steps: Annotated[tuple[Step, ...], Field(min_length=1, max_length=50)]
    """The calls, in this order. After a failure all are made again from the first, so that those
    that look come first, and those that change something have a `when`."""
    deadline: Duration = timedelta(minutes=5)
    """For all calls of one attempt: none is begun after it, and the attempt is made again later."""

    @model_validator(mode="after")
    def _each_step_is_told_apart(self) -> StepsDestination:
        names = [step.name for step in self.steps]
        for name in names:
            if names.count(name) > 1:
                raise ValueError(f"two steps have the name '{name}'")
        if self.reference:
            raise ValueError("'reference' is said of the step whose answer holds it")
        if self.deadline < self.timeout:
            raise ValueError("'deadline' is shorter than 'timeout', which one call may take")
        if "{{" in self.url.text:
            raise ValueError("parts of the document stand in the 'path' of a step, not in 'url'")
        return self
