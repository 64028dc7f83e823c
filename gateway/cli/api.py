"""`gateway api`: tokens for those who call the API, and its description."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from gateway import app as composition
from gateway.api.tokens import Scope, why_not
from gateway.cli.named import partner_named
from gateway.cli.terminal import (
    AsJson,
    ExitCode,
    Home,
    fail,
    print_json,
    print_rows,
    remarks,
    write_bytes,
)
from gateway.clock import utc_now
from gateway.partners.kinds import read_duration
from gateway.pipeline.token_port import TokenRecord

api = typer.Typer(no_args_is_help=True, help="The API for ERP teams: who may call it.")
tokens = typer.Typer(no_args_is_help=True, help="Who may call the API: create, list, revoke.")
api.add_typer(tokens, name="tokens")

Name = Annotated[str, typer.Argument(metavar="NAME", help="What timelines and logs call it.")]


@tokens.command("create")
def create(
    name: Name,
    scope: Annotated[list[Scope], typer.Option(help="What it may do; once for each.")],
    home: Home = Path(),
    partner: Annotated[
        list[str] | None,
        typer.Option(help="Only for documents of this partner; once for each. All if left out."),
    ] = None,
    expires: Annotated[
        str | None, typer.Option(metavar="DURATION", help="Counts for so long, such as 90d.")
    ] = None,
) -> None:
    """Make a token and print it, once: only its hash is kept."""
    try:
        lasts = read_duration(expires) if expires is not None else None
    except ValueError as fault:
        fail(f"--expires: {fault}")
    with composition.open_instance(home, maps_too=False) as app:
        for one in partner or ():
            partner_named(app.instance, one)
        token = app.tokens.create(name, scope, partners=partner or (), lasts=lasts)
        off = app.instance.settings.api is None
    write_bytes(f"{token}\n".encode())
    remarks().print("Keep it now: it is shown once. `Authorization: Bearer …` is where it goes.")
    if off:
        remarks().print("The API is off until gateway.yaml says `api: {}` and `server: {}`.")


@tokens.command("list")
def list_tokens(home: Home = Path(), as_json: AsJson = False) -> None:
    """List tokens, revoked ones too: what each may do, and when it was used."""
    with composition.open_instance(home, maps_too=False) as app:
        found = app.tokens.listed()
    if as_json:
        print_json([_as_json(one) for one in found])
        return
    now = utc_now()
    columns = ("name", "scopes", "partners", "created (UTC)", "last used (UTC)", "")
    print_rows(columns, [_row(one, now) for one in found], "There is no token.")


@tokens.command("revoke")
def revoke(name: Name, home: Home = Path()) -> None:
    """Let a token count no more, at once and for good, in every process."""
    with composition.open_instance(home, maps_too=False) as app:
        found = app.tokens.revoke(name)
    if found is None:
        fail(f"there is no token '{name}'", ExitCode.FINDINGS)
    remarks().print(f"{escape(name)} {why_not(found, utc_now())}")


def _row(one: TokenRecord, now: datetime) -> list[str]:
    standing = why_not(one, now)
    if not standing and one.expires_at is not None:
        standing = f"expires {one.expires_at:%Y-%m-%d %H:%M}"
    return [
        escape(one.name),
        one.scopes.replace(" ", "\n"),
        (one.partners or "all").replace(" ", "\n"),
        f"{one.created_at:%Y-%m-%d %H:%M}",
        f"{one.last_used_at:%Y-%m-%d %H:%M}" if one.last_used_at is not None else "never",
        standing,
    ]


def _as_json(one: TokenRecord) -> dict[str, object]:
    shown = asdict(one)
    del shown["sha256"]
    partners = one.partners.split() if one.partners is not None else None
    return {**shown, "scopes": one.scopes.split(), "partners": partners}
