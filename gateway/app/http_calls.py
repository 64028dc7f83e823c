"""What hands something over by an HTTP call, as configuration describes it."""

from __future__ import annotations

from gateway.clock import Clock
from gateway.partners.http_call import HttpCall
from gateway.pipeline.ports import Outbound
from gateway.secrets import Vault


def http_outbound(call: HttpCall, vault: Vault, *, clock: Clock, connections: int = 1) -> Outbound:
    """Return a transport that makes this call, with its secrets in it."""
    # Here, because commands that only look at an instance never call anybody.
    from gateway.transports.http import outbound as http

    destination = http.HttpDestination(
        vault.reveal(call.url),
        call.revealed_headers(vault),
        timeout=call.timeout,
        connections=connections,
        method=call.method,
    )
    return http.Outbound(destination, clock=clock)
