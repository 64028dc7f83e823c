"""Reading an instance's files and checking them as a whole: all problems of all files at once."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from gateway.config import (
    check_as2,
    check_connections,
    check_destinations,
    check_findings,
    check_guides,
    check_maps,
    check_next,
    check_partners,
    check_routes,
    check_settings,
    check_templates,
    check_words,
)
from gateway.config.connectors import read_connectors
from gateway.config.environments import ENVIRONMENT, Overlays
from gateway.config.files import EXPORTS, PARTNERS, ROUTES, SETTINGS, Files, Report
from gateway.config.guides import by_name, find_guides
from gateway.config.instance import Instance, Placed
from gateway.config.maps import find_maps
from gateway.config.next_documents import RoutesFile
from gateway.config.reading import Read, read_model, read_source
from gateway.config.settings import GatewaySettings
from gateway.config.sound_maps import SoundMaps
from gateway.errors import ConfigProblems, Problem
from gateway.partners import Partner
from gateway.secrets import Vault
from gateway.yaml_source import Source, laid_under

if TYPE_CHECKING:
    from gateway.config.exports import ExportFile


class InstanceMissing(ConfigProblems):
    """There is no instance here: nothing that could be checked."""


def load(
    home: Path,
    environment: Mapping[str, str] | None = None,
    *,
    maps_too: bool = True,
    checked_before: bool = False,
    drafts: Mapping[str, Path] | None = None,
) -> Instance:
    """Read an instance; raise ConfigProblems with everything that is wrong in any of its files.

    Holding every map against its schema takes a few hundredths of a second for each. A command that
    translates nothing leaves it out with `maps_too=False`; each map is then checked at first use.
    With `checked_before` those that an earlier call found to be sound are left out likewise.
    `drafts` are read in the place of partners' files of these names: what would be if.
    """
    with _nothing_collected():
        return _loaded(
            home.absolute(), environment, maps_too=maps_too, checked_before=checked_before,
            drafts=drafts or {},
        )  # fmt: skip


@contextmanager
def _nothing_collected() -> Iterator[None]:
    """Let no garbage be looked for: what is read is there to stay, and searching took a third."""
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.enable()


def _loaded(
    home: Path,
    environment: Mapping[str, str] | None,
    *,
    maps_too: bool,
    checked_before: bool,
    drafts: Mapping[str, Path],
) -> Instance:
    if not os.path.exists(home / SETTINGS):  # Which, unlike a path's own method, never raises.
        message = f"there is no {SETTINGS} in {home}; `gateway init` makes an instance"
        raise InstanceMissing([Problem(SETTINGS, 1, 1, "", message)])
    vault = Vault(home, os.environ if environment is None else environment)
    overlays = Overlays(home, vault.environment.get(ENVIRONMENT, ""))
    files = _read(home, overlays, drafts)
    report = Report()
    report.problems += [*overlays.problems(), *files.problems]
    _check(files, report, vault)
    library = check_maps.library_of(files.maps, report)
    if library is not None and maps_too:
        sound = SoundMaps(_state_of(files, home) if checked_before else None)
        check_maps.check(files, report, library, sound)
    settings, routes = files.settings.model, files.routes.model
    if report.problems or settings is None or routes is None or library is None:
        raise ConfigProblems(report.problems)
    return Instance(
        home=home,
        settings=settings,
        partners={model.id: model for model in files.partner_models},
        routes=routes,
        maps=files.maps.files,
        library=library,
        vault=vault,
        warnings=ConfigProblems(report.warnings).problems,
        missing_secrets=tuple(report.missing_secrets),
        guides=by_name(files.guides),
        exports={model.export: Placed(source, model) for source, model in files.read_exports},
    )


def _state_of(files: Files, home: Path) -> Path | None:
    settings = files.settings.model
    return home / settings.folders.state if settings is not None else None


def _check(files: Files, report: Report, vault: Vault) -> None:
    """Note what does not fit between files, except in maps."""
    check_settings.check(files, report, vault)
    check_destinations.check(files, report, vault)
    check_partners.check(files, report, vault)
    check_connections.check(files, report, vault)
    check_as2.check(files, report, vault)
    check_findings.check(files, report)
    check_guides.check(files, report)
    check_routes.check(files, report)
    check_next.check(files, report, vault)
    check_templates.check(files, report, vault.home)
    check_words.check(files, report)
    if files.exports:
        from gateway.config import check_exports

        check_exports.check(files, report, vault)


def _read(home: Path, overlays: Overlays, drafts: Mapping[str, Path]) -> Files:
    partners: list[Read[Partner]] = [
        read_model(drafts.get(name, path), name, Partner, overlays.of(name))
        for path, name in (
            (path, f"{PARTNERS}/{path.name}") for path in sorted((home / PARTNERS).glob("*.yaml"))
        )
    ]
    connectors = read_connectors(home)
    return Files(
        settings=read_model(
            home / SETTINGS,
            SETTINGS,
            GatewaySettings,
            overlays.of(SETTINGS),
            completed=connectors.under,
        ),
        routes=read_model(
            home / ROUTES, ROUTES, RoutesFile, overlays.of(ROUTES), completed=connectors.after
        ),
        connectors=connectors,
        partners=tuple(partners),
        maps=find_maps(home),
        exports=_read_exports(home, overlays),
        guides=find_guides(home, PARTNERS),
    )


def _read_exports(home: Path, overlays: Overlays) -> tuple[Read[ExportFile], ...]:
    paths = sorted((home / EXPORTS).glob("*.yaml"))
    if not paths:
        return ()
    # Here, because expressions take long to import, and many instances have none.
    from gateway.config.exports import ExportFile

    def extended(source: Source) -> Source:
        base = source.value.get("extends") if isinstance(source.value, dict) else None
        # What is wrong with the path itself is said by the model.
        if not isinstance(base, str) or ".." in base or base.startswith(("/", "~")):
            return source
        return laid_under(source, read_source(home / base, base))

    named = [(path, f"{EXPORTS}/{path.name}") for path in paths]
    return tuple(
        read_model(path, name, ExportFile, overlays.of(name), completed=extended)
        for path, name in named
    )
