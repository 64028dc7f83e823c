"""Commands about the SFTP drop box: who did what there, a password's hash, OpenSSH instead."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import bcrypt
import typer
from rich.markup import escape

from gateway import app as composition
from gateway import config
from gateway.cli.named import PartnerName, partner_named
from gateway.cli.terminal import AsJson, ExitCode, Home, fail, print_json, print_rows, results
from gateway.config import Instance
from gateway.partners import Partner
from gateway.pipeline.sessions import sessions_of

_LONGEST_PASSWORD = 72
"""Bytes that bcrypt looks at."""


def list_sessions(
    partner: PartnerName,
    home: Home = Path(),
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="At most so many.")] = 100,
    as_json: AsJson = False,
) -> None:
    """Show what a partner did on our SFTP server, oldest first: logins, uploads, fetches."""
    with composition.open_instance(home, maps_too=False) as app:
        partner_named(app.instance, partner)
        found = app.desk.timeline(sessions_of(partner), limit)
    if as_json:
        print_json([{"at": one.at, "verb": one.verb, "detail": one.detail} for one in found])
        return
    rows = [[f"{one.at:%Y-%m-%d %H:%M:%S}", one.verb, escape(one.detail)] for one in found]
    print_rows(("when (UTC)", "what", "details"), rows, f"'{partner}' has not been here.")


def hash_password(
    password: Annotated[
        str,
        typer.Option(prompt=True, hide_input=True, confirmation_prompt=True, help="Asked for."),
    ] = "",
) -> None:
    """Print the bcrypt hash of a password, for the file that `drop_box.password_hash` refers to."""
    if not 0 < len(password.encode()) <= _LONGEST_PASSWORD:
        fail(f"expected a password of 1 to {_LONGEST_PASSWORD} bytes")
    results().print(bcrypt.hashpw(password.encode(), bcrypt.gensalt()).decode())


def sshd_config(home: Home = Path()) -> None:
    """Print a configuration for OpenSSH that gives each partner the same drop box."""
    instance = config.load(home, maps_too=False)
    known = [partner for partner in instance.partners.values() if partner.drop_box is not None]
    if not known:
        fail("no partner has a 'drop_box'", ExitCode.FINDINGS)
    for line in _sshd_config(instance, known):
        results().print(line, markup=False)


def _sshd_config(instance: Instance, partners: list[Partner]) -> Iterator[str]:
    yield "# For /etc/ssh/sshd_config.d/. A chroot belongs to root, and so does what is above it:"
    yield "# only 'in' and 'out' belong to the partner. The gateway must be able to write to both."
    for partner in partners:
        assert partner.drop_box is not None  # noqa: S101 - those without were left out
        user = partner.drop_box.user or partner.id
        inbox, outbox = instance.inbound_folder(partner), instance.outbound_folder(partner)
        root = inbox.parent
        yield ""
        yield f"# {partner.name}. Once, as root (the gateway runs as group 'gateway'):"
        if outbox.parent != root:
            yield f"#   'in' and 'out' lie apart: bind-mount {outbox} at {root / 'out'}"
        yield f"#   useradd --no-create-home --shell /usr/sbin/nologin {user}"
        yield f"#   chown root:root {root} && chmod 755 {root}"
        yield f"#   chown {user}:gateway {inbox} {outbox} && chmod 2770 {inbox} {outbox}"
        yield f"#   install -m 644 /dev/stdin /etc/ssh/authorized_keys/{user} <<'END'"
        for key in partner.drop_box.public_keys:
            yield f"#   {key}"
        yield "#   END"
        yield f"Match User {user}"
        yield f"    ChrootDirectory {root}"
        yield "    ForceCommand internal-sftp -u 0007 -l INFO"
        yield "    AuthorizedKeysFile /etc/ssh/authorized_keys/%u"
        password = "yes" if partner.drop_box.password_hash else "no"
        yield f"    PasswordAuthentication {password}"
        yield "    AllowTcpForwarding no"
        yield "    AllowAgentForwarding no"
        yield "    X11Forwarding no"
        yield "    PermitTunnel no"
        yield "    PermitTTY no"
