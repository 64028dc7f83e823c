"""`gateway partners`: what concerns the connections of partners, rather than documents."""

from __future__ import annotations

import typer

from gateway.cli.check_partner import check_partner, list_partners
from gateway.cli.drop_box import hash_password, list_sessions, sshd_config
from gateway.cli.lanes import resume_partner
from gateway.cli.new_partner import new_partner
from gateway.cli.promote import promote_partner
from gateway.cli.trust_host import list_looks, trust_host
from gateway.cli.try_partner import try_partner

partners = typer.Typer(
    no_args_is_help=True,
    help="Who we exchange with: drafts, checks, trials, accounts.",
)
partners.command("list")(list_partners)
partners.command("new")(new_partner)
partners.command("check")(check_partner)
partners.command("resume")(resume_partner)
partners.command("test")(try_partner)
partners.command("promote")(promote_partner)
partners.command("trust-host")(trust_host)
partners.command("looks")(list_looks)
partners.command("sessions")(list_sessions)
partners.command("hash-password")(hash_password)
partners.command("sshd-config")(sshd_config)
