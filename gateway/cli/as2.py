"""`gateway as2`: certificates of AS2, a test message, and a file sent by hand."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from gateway import app as composition
from gateway.app.as2 import As2Parties, send_file
from gateway.app.as2_certificates import Held, held
from gateway.app.as2_trial import ping as ping_party
from gateway.app.trial import reach
from gateway.cli.named import partner_named
from gateway.cli.terminal import (
    AsJson,
    ExitCode,
    Home,
    fail,
    print_json,
    print_rows,
    read_input,
    remarks,
    results,
)
from gateway.cli.try_partner import show_step
from gateway.clock import new_id, utc_now
from gateway.config import Instance
from gateway.errors import GatewayError
from gateway.partners import Partner
from gateway.partners.connections import As2Connection

as2 = typer.Typer(
    no_args_is_help=True,
    help="AS2: certificates and when they end, a test message, a file sent by hand.",
)

PartnerId = Annotated[str, typer.Argument(metavar="PARTNER", help="A partner's id.")]
Connection = Annotated[
    str | None, typer.Option(help="Which of its AS2 connections; the only one if left out.")
]


@as2.command("certs")
def certs(home: Home = Path(), as_json: AsJson = False) -> None:
    """List our certificates and those of partners: until when, which fingerprint, what for.

    Exits with 1 where one ends within 60 days and nothing takes over.
    """
    with composition.open_instance(home, maps_too=False) as app:
        found = held(app.instance, utc_now())
    if as_json:
        print_json([one.as_json() for one in found])
    else:
        rows = [_row(one) for one in found]
        columns = ("whose, subject", "valid (UTC)", "days", "used for")
        print_rows(columns, rows, "Nobody has AS2 here.")
        if found:
            _print_fingerprints(found)
    raise typer.Exit(ExitCode.FINDINGS if any(one.urgent for one in found) else ExitCode.FINE)


@as2.command("ping")
def ping(partner: PartnerId, home: Home = Path(), connection: Connection = None) -> None:
    """Post a small test message to a partner, and say what came back at each step."""
    failed = False
    with composition.open_instance(home, maps_too=False) as app:
        found, name = _named(app.instance, partner, connection)
        for step in reach(found.connections[name]):
            show_step(name, step)
            failed = failed or bool(step.fault)
        if not failed:
            party = As2Parties(app.instance).party(found, name)
            for step in ping_party(party, clock=utc_now):
                show_step(name, step)
                failed = failed or bool(step.fault)
    raise typer.Exit(ExitCode.FINDINGS if failed else ExitCode.FINE)


@as2.command("send")
def send(
    partner: PartnerId,
    file: Annotated[str, typer.Argument(metavar="FILE", help="What is sent, byte by byte.")],
    home: Home = Path(),
    connection: Connection = None,
    anew: Annotated[
        bool, typer.Option("--anew", help="Under a new Message-ID, though it was sent before.")
    ] = False,
) -> None:
    """Send a file as it is; the same file goes under the same Message-ID.

    Nothing is retried, and no 997 is expected: documents are sent with `gateway send`.
    """
    content = read_input(file)
    key = new_id() if anew else hashlib.sha256(content).hexdigest()[:36]
    with composition.open_instance(home, maps_too=False) as app:
        found, name = _named(app.instance, partner, connection)
        try:
            receipt = send_file(
                app.instance, found, name, mdns=app.mdns, what=(Path(file).name, content, key)
            )
        except GatewayError as fault:
            fail(str(fault), ExitCode.FINDINGS)
    repeated = "; the partner had it already" if receipt.repeated else ""
    results().print(f"{escape(receipt.reference)}{repeated}")


def _named(instance: Instance, partner: str, connection: str | None) -> tuple[Partner, str]:
    found = partner_named(instance, partner)
    names = [name for name, one in found.connections.items() if isinstance(one, As2Connection)]
    if connection is None and len(names) == 1:
        return found, names[0]
    if connection not in names:
        listed = ", ".join(names) or "none"
        fail(f"'{partner}' has these AS2 connections: {listed}; name one with --connection")
    return found, str(connection)


_INDENT = 4


def _print_fingerprints(found: list[Held]) -> None:
    """Print each fingerprint on a line of its own: it is compared byte by byte, and copied."""
    console = results()
    console.print("[bold]SHA-256 fingerprints[/]")
    for one in found:
        console.print(f"  {escape(one.whose)}, {escape(one.certificate.subject)}")
        text = one.certificate.fingerprint
        if console.width <= len(text) + _INDENT:  # A terminal would break it inside a byte.
            middle = len(text) // 2 + 1
            console.print(f"    {text[:middle]}")
            text = text[middle:]
        console.print(f"    {text}")


def _row(one: Held) -> list[str]:
    valid = f"{one.certificate.x509.not_valid_before_utc:%F}\nto {one.certificate.ends:%F}"
    days = str(one.days_left)
    if one.urgent:
        days = f"[red]{days}[/]"
        remarks().print(f"[yellow]{escape(one.warning)}[/]")
    named = f"{escape(one.whose)}\n[dim]{escape(one.certificate.subject)}[/]"
    return [named, valid, days, one.used_for]
