"""What delivers by several calls in a row, as configuration describes each of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.app.http_calls import calls_of, mask_of
from gateway.app.http_destinations import session_of
from gateway.app.masking import Masked
from gateway.clock import Clock
from gateway.config import Instance
from gateway.config.destinations.steps import Step, StepsDestination
from gateway.pipeline.answers import Finder
from gateway.pipeline.ports import Outbound
from gateway.shaping import Selection, UrlTemplate
from gateway.shaping.template import TextTemplate

if TYPE_CHECKING:
    from gateway.transports.http import steps as transport


def steps_outbound(
    instance: Instance, name: str, settings: StepsDestination, *, clock: Clock
) -> Outbound:
    """Return a transport that makes these calls, with their secrets in nothing that it says."""
    # Here, because commands that only look at an instance never call anybody.
    from gateway.transports.http.steps import Outbound as Steps

    vault = instance.vault
    mask = mask_of(settings, vault)
    calls = calls_of(settings, vault, mask, clock=clock, connections=settings.concurrency)
    session = session_of(settings, vault)
    caller = session(calls) if session is not None else calls
    steps = [
        _step(instance, name, settings, place=place, step=step)
        for place, step in enumerate(settings.steps)
    ]
    url = vault.reveal(settings.url)
    made = Steps(caller, url, steps, deadline=settings.deadline, clock=clock)
    return Masked(made, mask)


def _step(
    instance: Instance, name: str, settings: StepsDestination, *, place: int, step: Step
) -> transport.Step:
    from gateway.transports.http.steps import Step as Made

    shape = instance.shape(name, step.body, "steps", place, "body") if step.body else None
    return Made(
        step.name,
        UrlTemplate(step.path),
        step.method or ("POST" if step.body else "GET"),
        {key: TextTemplate(text) for key, text in step.headers.items()},
        shape,
        when=Selection.compile(step.when) if step.when else None,
        each=Selection.compile(step.each) if step.each else None,
        take={key: Finder.compile(text) for key, text in step.take.items()},
        expect=TextTemplate(step.expect) if step.expect else None,
        # What the step says of answers goes before what is said of all of them.
        judge=step.judge(settings.answers),
    )
