"""The destinations of an instance: each kind of configuration with the transport that serves it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from gateway.app.http_calls import http_outbound
from gateway.app.steps import steps_outbound
from gateway.clock import Clock
from gateway.config import Instance
from gateway.config.destinations import HttpDestination, StepsDestination
from gateway.config.destinations.http import HttpCalling, LookUp
from gateway.pipeline.answers import Finder
from gateway.pipeline.ports import Outbound
from gateway.secrets import Template
from gateway.shaping import Json, UrlTemplate

if TYPE_CHECKING:
    from gateway.transports.http import outbound as http
    from gateway.transports.http import writing


def destination_outbound(instance: Instance, name: str, *, clock: Clock) -> Outbound:
    """Return what delivers to a destination."""
    settings = instance.destination(name)
    if isinstance(settings, StepsDestination):
        return steps_outbound(instance, name, settings, clock=clock)
    return _Making(instance, name, clock).rest(settings)


class _Making:
    """Makes the transport of one destination."""

    def __init__(self, instance: Instance, name: str, clock: Clock) -> None:
        self._instance = instance
        self._vault = instance.vault
        self._name = name
        self._clock = clock

    def rest(self, settings: HttpDestination) -> Outbound:
        """Return what calls a REST service."""
        from gateway.transports.http.outbound import Rules
        from gateway.transports.http.writing import ShapedBody

        shape = self._instance.shape(self._name, settings.body)
        rules = Rules(
            writer=self._writer(settings, ShapedBody(shape), read=not shape.is_identity),
            judge=settings.judge(),
            look_up=self._look_up(settings.look_up),
        )
        return self._calling(settings, rules)

    def _calling(self, settings: HttpCalling, rules: http.Rules) -> Outbound:
        return http_outbound(
            settings,
            self._vault,
            clock=self._clock,
            connections=settings.concurrency,
            rules=rules,
        )

    def _writer(self, settings: HttpCalling, body: writing.Body, *, read: bool) -> writing.Writer:
        from gateway.transports.http.writing import Writer

        address = self._address(settings.url) if "{{" in settings.url.text else None
        url = settings.url.text if address else self._vault.reveal(settings.url)
        return Writer(settings.method, url, address, body, read=read or address is not None)

    def _look_up(self, settings: LookUp | None) -> http.LookUp | None:
        from gateway.transports.http.outbound import LookUp as Asking

        if settings is None:
            return None
        reference = {key: Finder.compile(text) for key, text in settings.reference.items()}
        return Asking(self._address(settings.url), Finder.compile(settings.found), reference)

    def _address(self, url: Template) -> writing.Address:
        template, vault = UrlTemplate(url.text), self._vault

        def address(document: Json, facts: Mapping[str, str]) -> str:
            # What comes out of the document is percent-encoded: no reference can be among it.
            return vault.reveal(Template(template.render(document, facts).decode()))

        return address
