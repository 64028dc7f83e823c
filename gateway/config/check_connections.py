"""What must fit between a partner's connections, what is picked up and what is sent."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath

from gateway.config.files import Files, Report
from gateway.partners import Partner
from gateway.partners.connections import SftpConnection
from gateway.secrets import Vault
from gateway.yaml_source import Source, suggestion

Path = tuple[str | int, ...]


def check(files: Files, report: Report, vault: Vault) -> None:
    """Note connections that are not there or lead nowhere, and secrets that are missing here."""
    for source, partner in files.read_partners:
        for path, name in _named(partner):
            if name not in partner.connections:
                near = suggestion(name, sorted(partner.connections))
                report.problem(source, path, f"there is no connection '{name}'{near}")
        _folders(source, partner, report)
        _no_folders(source, partner, report)
        for name, connection in partner.connections.items():
            for path, template in connection.templates():
                for sentence in vault.missing(template):
                    report.missing_secret(source, ("connections", name, *path), sentence)
            if isinstance(connection, SftpConnection):
                _sftp(source, partner, name, connection=connection, report=report)


def _named(partner: Partner) -> Iterator[tuple[Path, str]]:
    """Yield every name of a connection, with where it is written."""
    for index, pick_up in enumerate(partner.pick_up):
        yield ("pick_up", index, "connection"), pick_up.connection
    if partner.send is not None:
        yield ("send", "connection"), partner.send.connection


def _folders(source: Source, partner: Partner, report: Report) -> None:
    """Note folders that are looked through twice, and where we would fetch our own files."""
    taken: dict[tuple[str, str], str] = {}
    for index, pick_up in enumerate(partner.pick_up):
        place = pick_up.connection, str(PurePosixPath(pick_up.folder))
        if place in taken:
            message = f"'{pick_up.folder}' is looked through by {taken[place]} already"
            report.problem(source, ("pick_up", index, "folder"), message)
        taken.setdefault(place, f"pick_up[{index}]")
    send = partner.send
    if send and (reader := taken.get((send.connection, str(PurePosixPath(send.folder))))):
        message = f"'{send.folder}' is looked through by {reader}: our own files would come back"
        report.problem(source, ("send", "folder"), message)


_WITHOUT_FOLDERS = {"as2": "AS2", "http": "HTTP"}


def _no_folders(source: Source, partner: Partner, report: Report) -> None:
    """Note what is said of folders where a connection has none."""
    kinds = {
        name: _WITHOUT_FOLDERS[connection.type]
        for name, connection in partner.connections.items()
        if connection.type in _WITHOUT_FOLDERS
    }
    for index, pick_up in enumerate(partner.pick_up):
        if kind := kinds.get(pick_up.connection):
            message = (
                f"'{pick_up.connection}' is {kind}: the partner posts to us, nothing is fetched"
            )
            report.problem(source, ("pick_up", index, "connection"), message)
    send = partner.send
    if send is None or not (kind := kinds.get(send.connection)):
        return
    for name in sorted(send.model_fields_set & {"folder", "temporary"}):
        message = f"'{send.connection}' is {kind}, which has no folders"
        report.problem(source, ("send", name), message)


def _sftp(
    source: Source, partner: Partner, name: str, *, connection: SftpConnection, report: Report
) -> None:
    path = ("connections", name)
    if not connection.host_keys:
        report.warn(
            source,
            (*path, "host_keys"),
            "no host key is pinned, so nothing is connected to; "
            f"`gateway partners trust-host {partner.id} {name}` prints the line to write",
        )
    if connection.via is None:
        return
    host = partner.connections.get(connection.via)
    if host is None:
        near = suggestion(connection.via, sorted(partner.connections))
        report.problem(source, (*path, "via"), f"there is no connection '{connection.via}'{near}")
    elif not isinstance(host, SftpConnection):
        report.problem(source, (*path, "via"), f"'{connection.via}' is no 'sftp' connection")
    elif name in _way_to(partner, name):
        report.problem(source, (*path, "via"), f"the way over '{connection.via}' leads back here")


def _way_to(partner: Partner, name: str) -> list[str]:
    """Return the jump hosts on the way to a connection, up to the first that comes again."""
    way: list[str] = []
    connection = partner.connections.get(name)
    while isinstance(connection, SftpConnection) and connection.via not in (None, *way):
        way.append(connection.via or "")
        connection = partner.connections.get(way[-1])
    return way
