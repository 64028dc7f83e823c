"""`gateway partners trust-host` and `looks`: whom we connect to, and how that goes."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from gateway import app as composition
from gateway.cli.named import PartnerName, partner_named
from gateway.cli.terminal import AsJson, Home, fail, print_json, print_rows, remarks, results
from gateway.partners import Partner
from gateway.partners.connections import SftpConnection


def trust_host(
    partner: PartnerName,
    connection: Annotated[
        str | None, typer.Argument(help="Name of the connection; its only one if left out.")
    ] = None,
    home: Home = Path(),
) -> None:
    """Ask a partner's SFTP server for its host key, and print the line that pins it.

    Nothing is logged in to and no file is changed. Whether the key is the partner's, only the
    partner can say: compare the fingerprint over the telephone or from the partner's own page.
    """
    with composition.open_instance(home, maps_too=False) as app:
        found = partner_named(app.instance, partner)
        name, settings = _sftp(found, connection)
        seen = app.connections.host_key(found, name, settings)
    if seen.is_pinned:
        remarks().print(f"{escape(settings.address)} shows {seen.fingerprint}: pinned already")
        return
    pins = ", ".join(f'"{pin}"' for pin in (*settings.host_keys, seen.public_key))
    results().print(f"host_keys: [{pins}]", soft_wrap=True, highlight=False, markup=False)
    remarks().print(
        f"{escape(settings.address)} shows {seen.fingerprint}. Ask the partner whether this is "
        f"theirs; if so, write the line into partners/{partner}.yaml, connections.{name}."
    )
    if settings.host_keys:
        remarks().print("Another key is pinned. Remove the old one when it is used no more.")


def _sftp(partner: Partner, name: str | None) -> tuple[str, SftpConnection]:
    known = {
        key: settings
        for key, settings in partner.connections.items()
        if isinstance(settings, SftpConnection)
    }
    if name is None and len(known) == 1:
        return next(iter(known.items()))
    settings = known.get(name or "")
    if name is None or settings is None:
        there = ", ".join(known) or "none"
        fail(f"expected one of the SFTP connections of '{partner.id}': {there}")
    return name, settings


def list_looks(home: Home = Path(), as_json: AsJson = False) -> None:
    """Show how the last look at each folder at a partner ended, and since when that is so."""
    with composition.open_instance(home, maps_too=False) as app:
        looks = app.connections.looks()
    if as_json:
        print_json(
            [
                {
                    "folder": one.place,
                    "looked_at": one.looked_at,
                    "fault": one.fault,
                    "since": one.since,
                }
                for one in looks
            ]
        )
        return
    rows = [
        [
            escape(one.place),
            f"{one.looked_at:%Y-%m-%d %H:%M:%S}",
            f"[red]{escape(one.fault)}[/]" if one.fault else "well",
            f"{one.since:%Y-%m-%d %H:%M}",
        ]
        for one in looks
    ]
    columns = ("folder", "last look (UTC)", "how it went", "since (UTC)")
    print_rows(columns, rows, "No folder at a partner was looked at yet.")
