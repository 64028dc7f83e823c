"""Trying a partner's connection out, one step after another: what was tried, and what to do.

A trial reads listings and writes one small file under a hidden name into the folder that we send
to, which it renames and removes. It takes no payload, and it leaves nothing behind.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from gateway.clock import new_id
from gateway.counting import counted
from gateway.errors import GatewayError, Permanent, Transient, spoken
from gateway.partners import Partner
from gateway.partners.connections import (
    Connection,
    FtpsConnection,
    HttpConnection,
    S3Connection,
    SftpConnection,
)
from gateway.partners.connections.as2 import As2Connection
from gateway.transports.polled.far_side import FarSide, joined

_PROBE = b"This file is a test of the connection by the EDI gateway, and is removed at once.\n"
_REACH_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a trial."""

    name: str
    """Such as `login`."""
    tried: str
    """What was tried, and what came of it where it went well."""
    fault: str = ""
    """What went wrong; empty where it went well."""
    advice: str = ""
    """What to do then."""


def reach(settings: Connection) -> Iterator[Step]:
    """Look the host up and open a connection to its port, where that is ours to do."""
    where = _host_and_port(settings)
    if where is not None:
        yield from reach_port(*where, "has the partner let our address in?")


def reach_port(host: str, port: int, asked: str) -> Iterator[Step]:
    """Look a host up and open a connection to its port; `asked` is what to ask the other side."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as fault:
        yield Step(
            "name", f"looking up {host}", f"{fault.strerror or fault}",
            "is the name spelled right, and does this machine's DNS know it?",
        )  # fmt: skip
        return
    addresses = ", ".join(dict.fromkeys(str(one[4][0]) for one in found))
    yield Step("name", f"{host} is {addresses}")
    yield knock(
        host,
        port,
        f"is the port right, does a firewall let us out, {asked}",
    )


def knock(host: str, port: int, advice: str) -> Step:
    """Open a connection to a port and close it; `advice` is what to do where nobody answers."""
    try:
        socket.create_connection((host, port), timeout=_REACH_SECONDS).close()
    except OSError as fault:
        return Step("port", f"connecting to {host} port {port}", spoken(fault), advice)
    return Step("port", f"{host} answers on port {port}")


def log_in(partner: Partner, name: str, far: FarSide, *, write: bool) -> Iterator[Step]:
    """Log in, list every folder that is looked through, and write a probe where we send to."""
    settings = partner.connections[name]
    step = _logged_in(settings, partner, name, far)
    yield step
    if step.fault:
        return
    for pick_up in partner.pick_up:
        if pick_up.connection == name:
            yield _listed(far, pick_up.folder)
    send = partner.send
    if write and send is not None and send.connection == name:
        yield from _written(far, send.folder)


def _host_and_port(settings: Connection) -> tuple[str, int] | None:
    match settings:
        case SftpConnection():
            direct = settings.via is None and settings.proxy_command is None
            return (settings.host, settings.port) if direct else None
        case FtpsConnection():
            return settings.host, settings.listens_on
        case S3Connection():
            return _of_url(settings.endpoint or f"https://s3.{settings.region}.amazonaws.com")
        case As2Connection():
            return _of_url(settings.url)
        case HttpConnection():
            # An address that is a secret as a whole is not looked into.
            return None if settings.url.references else _of_url(settings.url.text)


def _of_url(url: str) -> tuple[str, int]:
    parts = urlsplit(url)
    return str(parts.hostname), parts.port or (443 if parts.scheme == "https" else 80)


def _logged_in(settings: Connection, partner: Partner, name: str, far: FarSide) -> Step:
    advice = {
        "sftp": f"compare host key and our public key with the partner; `gateway partners "
        f"trust-host {partner.id} {name}` shows the host key",
        "ftps": "compare user, password and certificate with the partner",
        "s3": "compare access key, bucket and rights with the partner",
    }.get(settings.type, "")
    try:
        far.connect()
        if settings.type == "s3":
            far.entries("")  # the first call is what shows who we are
    except (GatewayError, OSError) as fault:
        return Step("login", f"logging in to {settings.address}", spoken(fault), advice)
    return Step("login", f"logged in to {settings.address}")


def _listed(far: FarSide, folder: str) -> Step:
    tried = f"listing {folder}"
    try:
        found = far.entries(folder)
    except (OSError, Transient, Permanent) as fault:
        return Step("list", tried, spoken(fault), "ask the partner which folder it is")
    files = sum(not one.kind for one in found)
    return Step("list", f"{folder} holds {counted(files, 'file')}")


def _written(far: FarSide, folder: str) -> Iterator[Step]:
    """Write, rename and remove a probe under names that nobody takes."""
    first, second = (joined(folder, f".gateway-probe-{new_id()}.tmp") for _ in range(2))
    lies = first

    def write() -> None:
        far.write(first, _PROBE)

    def rename() -> None:
        nonlocal lies
        far.move(first, second)
        lies = second

    def remove() -> None:
        far.remove(lies)

    steps: tuple[tuple[str, Callable[[], None], str], ...] = (
        ("write", write, "ask the partner for the right to write there"),
        ("rename", rename, "ask for it: without renaming, the partner may fetch half a file"),
        ("delete", remove, f"nothing depends on it, but a file {first} may be left there"),
    )
    for verb, act, advice in steps:
        try:
            act()
        except (OSError, Transient, Permanent) as fault:
            yield Step(verb, f"{verb} a probe in {folder}", spoken(fault), advice)
            if verb == "write":
                return
        else:
            yield Step(verb, f"{verb} a probe in {folder}: done")
