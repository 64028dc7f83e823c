"""Destinations that are called over HTTP: what each kind writes, and what it wants around calls."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import TYPE_CHECKING

from gateway.app.http_calls import http_outbound
from gateway.clock import Clock
from gateway.config import Instance
from gateway.config.destinations import (
    HttpCalling,
    HttpDestination,
    IDocDestination,
    JsonRpcDestination,
    ODataDestination,
    SoapDestination,
    WebhookDestination,
    XmlRpcDestination,
)
from gateway.config.destinations.http import LookUp
from gateway.config.shaping import Shaping
from gateway.pipeline.answers import Finder
from gateway.pipeline.ports import Consignment, Outbound
from gateway.secrets import Secret, Template, Vault
from gateway.shaping import Json, Shape, UrlTemplate

if TYPE_CHECKING:
    from gateway.transports.http import outbound as http
    from gateway.transports.http import writing
    from gateway.transports.http.authentication import StandardWebhooks
    from gateway.transports.http.request import Request


class HttpDestinations:
    """Makes the transport of one destination that is called over HTTP."""

    def __init__(self, instance: Instance, name: str, clock: Clock) -> None:
        self._instance = instance
        self._vault = instance.vault
        self._name = name
        self._clock = clock

    def outbound(self, settings: HttpCalling) -> Outbound:
        """Return what delivers there."""
        from gateway.transports.http.outbound import Rules

        body = self._body(settings)
        rules = Rules(
            writer=self._writer(settings, body),
            judge=settings.judge(),
            look_up=self._look_up(getattr(settings, "look_up", None)),
            session=session_of(settings, self._vault),
        )
        return http_outbound(
            settings,
            self._vault,
            clock=self._clock,
            connections=settings.concurrency,
            rules=rules,
            authenticator=self._signer(settings),
        )

    def request(self, settings: HttpCalling, what: Consignment) -> Request:
        """Return the call that a document becomes, before what authenticates it."""
        return self._writer(settings, self._body(settings)).request(what)

    def _body(self, settings: HttpCalling) -> writing.Body:
        """Return what writes the body of a call."""
        from gateway.transports.http.writing import ShapedBody, WebhookBody
        from gateway.transports.idoc.body import IDocBody
        from gateway.transports.json_rpc.body import JsonRpcBody
        from gateway.transports.odata.body import ODataBody
        from gateway.transports.soap.body import SoapBody
        from gateway.transports.xml_rpc.body import XmlRpcBody

        match settings:
            case JsonRpcDestination():
                secrets = self._revealed(settings.secrets)
                return JsonRpcBody(settings.procedure, self._shape(settings.body), secrets)
            case XmlRpcDestination():
                secrets = self._revealed(settings.secrets)
                return XmlRpcBody(settings.procedure, self._shape(settings.body), secrets)
            case SoapDestination():
                header = self._shape(settings.header, "header") if settings.header else None
                return SoapBody(
                    settings.version,
                    settings.action,
                    self._shape(settings.body),
                    header,
                    self._revealed(settings.secrets),
                )
            case IDocDestination():
                shape = self._shape(settings.body)
                return IDocBody(settings.idoc_type, settings.message_type, shape, settings.control)
            case ODataDestination():
                return ODataBody(settings.version, self._shape(settings.body))
            case WebhookDestination():
                return WebhookBody(self._shape(settings.body))
            case HttpDestination():
                return ShapedBody(self._shape(settings.body))
            case _:
                raise AssertionError(f"nothing writes for {type(settings).__name__}")

    def _shape(self, shaping: Shaping | None, key: str = "body") -> Shape:
        return self._instance.shape(self._name, shaping, key)

    def _revealed(self, secrets: Mapping[str, Secret]) -> dict[str, str]:
        return {name: self._vault.reveal(secret) for name, secret in secrets.items()}

    def _writer(self, settings: HttpCalling, body: writing.Body) -> writing.Writer:
        from gateway.transports.http.writing import Writer

        address = self._address(settings.url) if "{{" in settings.url.text else None
        url = settings.url.text if address else self._vault.reveal(settings.url)
        return Writer(settings.method, url, address, body)

    def _signer(self, settings: HttpCalling) -> StandardWebhooks | None:
        from gateway.transports.http.authentication import StandardWebhooks

        if not isinstance(settings, WebhookDestination):
            return None
        keys = tuple(_webhook_key(self._vault.reveal(secret)) for secret in settings.secrets)
        return StandardWebhooks(keys, clock=self._clock)

    def _look_up(self, settings: LookUp | None) -> http.LookUp | None:
        from gateway.transports.http.outbound import LookUp as Asking

        if settings is None:
            return None
        reference = {key: Finder.compile(text) for key, text in settings.reference.items()}
        found = Finder.compile(settings.found)
        return Asking(self._address(settings.url), found, reference, settings.always)

    def _address(self, url: Template) -> writing.Address:
        template, vault = UrlTemplate(url.text), self._vault

        def address(document: Json, facts: Mapping[str, str]) -> str:
            # What comes out of the document is percent-encoded: no reference can be among it.
            return vault.reveal(Template(template.render(document, facts).decode()))

        return address


def session_of(settings: HttpCalling, vault: Vault) -> http.Session | None:
    """Return what puts tokens and tags around calls; None where none are wanted."""
    from gateway.transports.http.forgery import TokenSession

    tags = isinstance(settings, ODataDestination)
    if settings.csrf_url is None and not tags:
        return None
    token_url = vault.reveal(settings.csrf_url) if settings.csrf_url else None
    return lambda calls: TokenSession(calls, token_url, tags=tags)


def _webhook_key(secret: str) -> bytes:
    """Return the key that a secret is written for: `whsec_` and base64, or the text itself."""
    prefix, mark, encoded = secret.partition("whsec_")
    if mark and not prefix:
        try:
            return base64.b64decode(encoded, validate=True)
        except binascii.Error:
            pass
    return secret.encode()
