"""Trying a destination out, one step after another: what was tried, and what to do.

A trial delivers nothing. Each kind of destination says by itself what can be tried of it: a
function of its settings, found in `TRIALS`.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from http import HTTPStatus
from urllib.parse import urlsplit

from gateway.app.http_calls import calls_of, identity_of, mask_of
from gateway.app.stored_trials import try_events, try_file, try_table
from gateway.app.trial import Step, reach_port
from gateway.clock import Clock
from gateway.config import Instance
from gateway.config.delivery import Delivering
from gateway.config.destinations import EventsDestination, FileDestination, TableDestination
from gateway.config.destinations.http import HttpCalling
from gateway.errors import GatewayError, spoken
from gateway.pipeline.ports import Exchange

_SECONDS = 10.0
_HTTPS = 443
_HTTP = 80
_REFUSED = (401, 403)
_UNWELL = 500
_UNKNOWN_METHOD = 501
_OF_TOKENS = (
    "are `token_url`, `client_id`, `client_secret` and `scope` those that the other side gave us?"
)
_NOT_FOUND = ": is the path of `url` right? Some systems say so to every OPTIONS"

Trial = Callable[[Instance, Delivering, Clock], Iterator[Step]]
"""Tries a destination by its settings; it stops at the first step that goes wrong."""


def trial(instance: Instance, name: str, *, clock: Clock) -> Iterator[Step]:
    """Try one destination; nothing is delivered."""
    settings = instance.destination(name)
    for kind, tries in TRIALS.items():
        if isinstance(settings, kind):
            yield from tries(instance, settings, clock)
            return
    yield Step("kind", f"nothing of {name} can be tried: deliver a document to it")


def try_http(instance: Instance, settings: Delivering, clock: Clock) -> Iterator[Step]:
    """Look its machine up, open a connection, shake hands, and ask OPTIONS with our credentials."""
    if not isinstance(settings, HttpCalling):
        raise TypeError(f"{type(settings).__name__} is not called over HTTP")
    parts = urlsplit(_url(instance, settings))
    host, secured = str(parts.hostname), parts.scheme == "https"
    port = parts.port or (_HTTPS if secured else _HTTP)
    steps = [reach_port(host, port, "does the other side let our address in?")]
    if secured:
        steps.append(_shaken(instance, settings, host, port))
    steps.append(_asked(instance, settings, clock))
    for some in steps:
        for step in some:
            yield step
            if step.fault:
                return


TRIALS: Mapping[type[Delivering], Trial] = {
    HttpCalling: try_http,
    FileDestination: try_file,
    TableDestination: try_table,
    EventsDestination: try_events,
}
"""By the class of its settings; the first that fits is asked."""


def _url(instance: Instance, settings: HttpCalling) -> str:
    """Return the address; where parts of the document stand in it, that of its machine."""
    if "{{" not in settings.url.text:
        return instance.vault.reveal(settings.url)
    parts = urlsplit(settings.url.text)
    return f"{parts.scheme}://{parts.netloc}/"


def _shaken(instance: Instance, settings: HttpCalling, host: str, port: int) -> Iterator[Step]:
    """Shake hands as calls do, and say until when the certificate is good."""
    from gateway.transports.http.deadline import tls_context

    try:
        context = tls_context(identity_of(settings.tls, instance.vault.home))
        with (
            socket.create_connection((host, port), timeout=_SECONDS) as connection,
            context.wrap_socket(connection, server_hostname=host) as secured,
        ):
            shown = secured.getpeercert() or {}
            version = secured.version()
    except OSError as fault:  # what TLS says among them
        yield Step(
            "TLS", f"shaking hands with {host}", spoken(fault),
            "is the certificate for this name and not over? Does `tls.authorities` name who "
            "issued it, and does the other side want a certificate of ours?",
        )  # fmt: skip
        return
    ends = datetime.fromtimestamp(ssl.cert_time_to_seconds(str(shown["notAfter"])), UTC)
    yield Step("TLS", f"{version}, certificate good until {ends:%Y-%m-%d}")


def _asked(instance: Instance, settings: HttpCalling, clock: Clock) -> Iterator[Step]:
    """Ask what may be done there, with our credentials: nothing is changed by that."""
    from gateway.transports.http.calls import shown_address
    from gateway.transports.http.oauth2 import OF_TOKENS
    from gateway.transports.http.request import Request

    vault, url = instance.vault, _url(instance, settings)
    mask, shown = mask_of(settings, vault), shown_address(url)
    calls = calls_of(settings, vault, mask, clock=clock, connections=1)
    tried = f"asking {shown} for its OPTIONS"
    try:
        calls.connect()
        status = calls.call(Request("OPTIONS", url), _untold).answer.status
    except GatewayError as fault:
        said = mask.text(str(fault))
        if said.startswith(OF_TOKENS):
            yield Step("token", "asking for a token", said, _OF_TOKENS)
        else:
            yield Step("answer", tried, said, "see the log of the other side")
        return
    finally:
        calls.close()
    if status in _REFUSED:
        advice = "are the credentials those that the other side gave us, and not over?"
        yield Step("answer", tried, f"HTTP {status}: it refuses our credentials", advice)
    elif status >= _UNWELL and status != _UNKNOWN_METHOD:
        yield Step("answer", tried, f"HTTP {status}: it is unwell", "see the log of the other side")
    else:
        doubt = _NOT_FOUND if status == HTTPStatus.NOT_FOUND else ""
        yield Step("answer", f"{shown} answers to OPTIONS with HTTP {status}{doubt}")


def _untold(exchange: Exchange) -> None:
    """Keep nothing of a trial."""
