"""What must fit within `gateway.yaml`: identities, paths, secrets."""

from __future__ import annotations

from pathlib import PurePath, PureWindowsPath

from gateway.config.files import Files, Report
from gateway.config.settings import GatewaySettings
from gateway.secrets import Vault
from gateway.yaml_source import Source


def check(files: Files, report: Report, vault: Vault) -> None:
    """Note what does not fit in `gateway.yaml`."""
    settings, source = files.settings.model, files.settings.source
    if settings is None:
        return
    _identities(settings, source, report)
    for name in ("inbox", "archive", "state"):
        folder = getattr(settings.folders, name)
        path_allowed(settings, source, report, path=("folders", name), folder=folder)
    _server(settings, source, report, vault)
    _secrets(settings, source, report, vault)


def path_allowed(
    settings: GatewaySettings | None,
    source: Source,
    report: Report,
    *,
    path: tuple[str | int, ...],
    folder: str,
) -> None:
    """Note an absolute path where `gateway.yaml` does not allow any."""
    absolute = PurePath(folder).is_absolute() or PureWindowsPath(folder).anchor
    if absolute and settings is not None and not settings.allow_absolute_paths:
        report.problem(
            source,
            path,
            f"'{folder}' is absolute; expected a path below the home "
            "(or 'allow_absolute_paths: true' in gateway.yaml)",
        )


def _server(settings: GatewaySettings, source: Source, report: Report, vault: Vault) -> None:
    server = settings.server
    if server is None:
        if settings.api is not None:
            message = "the API is on the HTTP server; expected `server: {}` in gateway.yaml too"
            report.problem(source, ("api",), message)
        return
    for name in ("certificate", "key"):
        file = getattr(server, name)
        if file is None:
            continue
        path = ("server", name)
        path_allowed(settings, source, report, path=path, folder=file)
        if not (vault.home / file).is_file():
            report.missing_secret(source, path, f"there is no file {file} on this machine")
    if server.exposed:
        message = (
            f"other machines can call {server.host} in clear text; expected 'certificate' and "
            "'key', or a loopback address with a proxy in front"
        )
        report.warn(source, ("server", "host"), message)


def _identities(settings: GatewaySettings, source: Source, report: Report) -> None:
    names: set[str] = set()
    keys: set[tuple[str, str]] = set()
    for index, identity in enumerate(settings.identities):
        if identity.name in names:
            message = f"two of our identities have the name '{identity.name}'"
            report.problem(source, ("identities", index, "name"), message)
        if identity.key in keys:
            report.problem(source, ("identities", index), f"{identity} is written twice")
        names.add(identity.name)
        keys.add(identity.key)


def _secrets(settings: GatewaySettings, source: Source, report: Report, vault: Vault) -> None:
    for sentence in vault.missing(settings.store.url):
        report.missing_secret(source, ("store", "url"), sentence)
    for path, template in settings.alerts.templates():
        for sentence in vault.missing(template):
            report.missing_secret(source, ("alerts", *path), sentence)
