"""`gateway partners`: what concerns the connections of partners, rather than documents."""

from __future__ import annotations

import typer

from gateway.cli.drop_box import hash_password, list_sessions, sshd_config

partners = typer.Typer(
    no_args_is_help=True, help="Partners' connections: accounts, sessions, settings for sshd."
)
partners.command("sessions")(list_sessions)
partners.command("hash-password")(hash_password)
partners.command("sshd-config")(sshd_config)
