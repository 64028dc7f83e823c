"""What must fit in the destinations of `gateway.yaml`: secrets, certificates, shapes."""

from __future__ import annotations

from importlib.util import find_spec

from gateway.config import check_delivery, check_fields
from gateway.config.check_settings import path_allowed
from gateway.config.destinations import (
    Destination,
    EventsDestination,
    FileDestination,
    TableDestination,
)
from gateway.config.destinations.events import PACKAGES
from gateway.config.destinations.table import unfit_database
from gateway.config.files import Files, Report
from gateway.config.settings import GatewaySettings
from gateway.config.shaping import Place, Shaping, shape_of
from gateway.errors import ConfigProblems
from gateway.partners.authentication import ClientTls
from gateway.partners.fields import Settings
from gateway.secrets import Vault
from gateway.yaml_source import Source


def check(files: Files, report: Report, vault: Vault) -> None:
    """Note what does not fit in a destination."""
    settings, source = files.settings.model, files.settings.source
    if settings is None:
        return
    told = {export.done.destination for _, export in files.read_exports if export.done}
    for name, destination in settings.destinations.items():
        at = ("destinations", name)
        _secrets(destination, source, report, vault, at=at)
        if isinstance(destination, EventsDestination):
            _client(destination, source, report, at=at)
        if isinstance(destination, FileDestination):
            folder = destination.folder
            path_allowed(settings, source, report, path=(*at, "folder"), folder=folder)
        if isinstance(destination, TableDestination):
            _database(destination, source, report, vault, at=at)
        check_delivery.check(destination, source, report, at=at)
        _shapes(destination, source, report, vault, at=at)
        for place, expression in check_fields.expressions_of(destination):
            for sentence in check_fields.unknown_fields(expression, marks=name in told):
                report.warn(source, (*at, *place), sentence)
        for place, sentence in check_fields.unknown_in_templates(destination, marks=name in told):
            report.warn(source, (*at, *place), sentence)
        tls = getattr(destination, "tls", None)
        if isinstance(tls, ClientTls):
            _certificates(tls, settings, source, report, vault, at=at)


def _secrets(
    destination: Destination, source: Source, report: Report, vault: Vault, *, at: tuple[str, str]
) -> None:
    for path, template in destination.templates():
        for sentence in vault.missing(template):
            places = (int(part) if part.isdigit() else part for part in path)
            report.missing_secret(source, (*at, *places), sentence)


def _database(
    destination: TableDestination, source: Source, report: Report, vault: Vault,
    *, at: tuple[str, str],
) -> None:  # fmt: skip
    """Note a database of another kind; a reference may hold its address as a whole."""
    if vault.missing(destination.url):
        return
    if unfit := unfit_database(vault.reveal(destination.url)):
        report.problem(source, (*at, "url"), unfit)


def _client(
    destination: EventsDestination, source: Source, report: Report, *, at: tuple[str, str]
) -> None:
    broker = destination.broker
    if not all(find_spec(package) for package in ("faststream", PACKAGES[broker])):
        message = f"the client of {broker} is not installed here; install edi-gateway[{broker}]"
        report.missing_secret(source, (*at, "broker"), message)


def _shapes(
    destination: Destination, source: Source, report: Report, vault: Vault, *, at: tuple[str, str]
) -> None:
    for key, shaping in shapings(destination):
        try:
            shape_of(shaping, vault.home, source, (*at, *key))
        except ConfigProblems as fault:
            report.problems += fault.problems


def shapings(settings: Settings) -> list[tuple[Place, Shaping]]:
    """Return the shapes that settings describe, in parts of them too, each with its place."""
    found: list[tuple[Place, Shaping]] = []
    for name in type(settings).model_fields:
        value = getattr(settings, name)
        if isinstance(value, Shaping):
            found.append(((name,), value))
        for place, part in enumerate(value if isinstance(value, tuple) else ()):
            if isinstance(part, Settings):
                found += [((name, place, *inner), shape) for inner, shape in shapings(part)]
    return found


def _certificates(
    tls: ClientTls, settings: GatewaySettings, source: Source, report: Report, vault: Vault,
    *, at: tuple[str, str],
) -> None:  # fmt: skip
    for key in ("certificate", "key", "authorities"):
        file = getattr(tls, key)
        if file is None:
            continue
        path = (*at, "tls", key)
        path_allowed(settings, source, report, path=path, folder=file)
        if not (vault.home / file).is_file():
            report.missing_secret(source, path, f"there is no file {file} on this machine")
