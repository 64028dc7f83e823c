"""`gateway partners test`: try a partner's connections, and say at each step what to do."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from gateway import app as composition
from gateway.app import App
from gateway.app.trial import Step, knock
from gateway.cli.named import PartnerName, partner_named
from gateway.cli.terminal import AsJson, ExitCode, Home, fail, print_json, remarks, results
from gateway.partners import Partner

_NOT_RUNNING = (
    "is `gateway run` running here? It may still be on the configuration before: see its log"
)


def try_partner(
    partner: PartnerName,
    connection: Annotated[
        str | None, typer.Argument(help="Only this connection; all if left out.")
    ] = None,
    home: Home = Path(),
    read_only: Annotated[
        bool, typer.Option("--read-only", help="Write no probe into the folder we send to.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Try a partner's connections: name, port, login, listing, and a probe written and removed."""
    failed = False
    told: list[dict[str, object]] = []
    with composition.open_instance(home, maps_too=False) as app:
        one = partner_named(app.instance, partner)
        names = list(one.connections) if connection is None else [connection]
        if connection is not None and connection not in one.connections:
            fail(f"'{partner}' has no connection '{connection}'")
        for name, step in _steps(app, one, names, write=not read_only):
            failed = failed or bool(step.fault)
            told.append(
                {"connection": name, "step": step.name, "tried": step.tried,
                 "fault": step.fault, "advice": step.advice}
            )  # fmt: skip
            if not as_json:
                show_step(name, step)
    if as_json:
        print_json(told)
    elif not told:
        remarks().print(f"'{partner}' comes and goes through folders: there is nothing to try.")
    raise typer.Exit(ExitCode.FINDINGS if failed else ExitCode.FINE)


def _steps(
    app: App, partner: Partner, names: list[str], *, write: bool
) -> Iterator[tuple[str, Step]]:
    for name in names:
        for step in app.connections.trial(partner, name, write=write):
            yield name, step
    settings = app.instance.settings
    if partner.drop_box is not None and settings.sftp_server is not None:
        where = settings.sftp_server.host, settings.sftp_server.port
        yield "our SFTP server", knock(*where, _NOT_RUNNING)
    if partner.http is not None and settings.server is not None:
        yield "our HTTP server", knock(settings.server.host, settings.server.port, _NOT_RUNNING)


def show_step(connection: str, step: Step) -> None:
    """Print one step of a trial."""
    mark = "[red]✗[/]" if step.fault else "[green]✓[/]"
    console = results()
    console.print(f"{mark} {escape(connection)}: [bold]{step.name}[/] {escape(step.tried)}")
    if step.fault:
        console.print(f"    {escape(step.fault)}", soft_wrap=True)
        console.print(f"    [dim]{escape(step.advice)}[/]", soft_wrap=True)
