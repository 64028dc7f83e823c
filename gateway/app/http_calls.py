"""What hands something over by an HTTP call, as configuration describes it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from gateway.app.masking import Masked
from gateway.clock import Clock
from gateway.partners.authentication import Auth, ClientTls, HmacAuth, OAuth2Auth, QueryAuth
from gateway.partners.http_call import HttpCall
from gateway.pipeline.ports import Outbound
from gateway.secrets import Mask, Vault

if TYPE_CHECKING:
    from gateway.transports.http import outbound as http
    from gateway.transports.http.authentication import Authenticator
    from gateway.transports.http.calls import Calls
    from gateway.transports.http.deadline import Identity


def http_outbound(
    call: HttpCall,
    vault: Vault,
    *,
    clock: Clock,
    connections: int = 1,
    rules: http.Rules | None = None,
    authenticator: Authenticator | None = None,
) -> Outbound:
    """Return a transport that makes this call, with its secrets in it and in nothing it says."""
    # Here, because commands that only look at an instance never call anybody.
    from gateway.transports.http import outbound as http

    mask = mask_of(call, vault)
    destination = http.HttpDestination(
        # An address with parts of the document in it is made anew for each.
        call.url.text if "{{" in call.url.text else vault.reveal(call.url),
        call.revealed_headers(vault),
        timeout=call.timeout,
        connections=connections,
        method=call.method,
        identity=identity_of(call.tls, vault.home),
    )
    made = http.Outbound(
        destination,
        clock=clock,
        authenticator=authenticator or authenticator_of(call.auth, vault, mask, clock=clock),
        rules=rules,
    )
    return Masked(made, mask)


def calls_of(call: HttpCall, vault: Vault, mask: Mask, *, clock: Clock, connections: int) -> Calls:
    """Return what makes calls for a destination that takes several, with its secrets in them."""
    from gateway.transports.http.calls import Calls, Line

    headers = call.revealed_headers(vault)
    line = Line(call.timeout, connections, identity_of(call.tls, vault.home), headers)
    return Calls(line, authenticator_of(call.auth, vault, mask, clock=clock))


def mask_of(call: HttpCall, vault: Vault) -> Mask:
    """Return what masks every secret of a call."""
    secrets = [value for _, template in call.templates() for value in vault.values(template)]
    made = call.auth.headers(vault).values() if call.auth else ()
    return Mask([*secrets, *made, *(value.partition(" ")[2] for value in made)])


def authenticator_of(
    auth: Auth | None, vault: Vault, mask: Mask, *, clock: Clock
) -> Authenticator | None:
    """Return what signs requests; None where a fixed header authenticates them."""
    from gateway.transports.http.authentication import Hmac, QueryKey, Signing
    from gateway.transports.http.oauth2 import Client, OAuth2

    match auth:
        case QueryAuth():
            return QueryKey(auth.name, vault.reveal(auth.value))
        case OAuth2Auth():
            client = Client(
                vault.reveal(auth.token_url),
                vault.reveal(auth.client_id),
                vault.reveal(auth.client_secret),
                scope=auth.scope,
                audience=auth.audience,
                in_body=auth.credentials == "body",
            )
            return OAuth2(client, clock=clock, learned=mask.learn)
        case HmacAuth():
            signing = Signing(
                vault.reveal(auth.secret), auth.header, auth.timestamp_header, auth.algorithm,
                auth.encoding, auth.prefix, auth.signs,
            )  # fmt: skip
            return Hmac(signing, clock=clock)
        case _:
            return None


def identity_of(tls: ClientTls | None, home: Path) -> Identity:
    """Return our certificate, and whom to trust."""
    from gateway.transports.http.deadline import Identity

    if tls is None:
        return Identity()
    return Identity(*(
        str(home / file) if file else None
        for file in (tls.certificate, tls.key, tls.authorities)
    ))  # fmt: skip
