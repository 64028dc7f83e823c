"""Which maps are checked against which schema; the map language itself does the checking."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from gateway.config.files import Files, Report
from gateway.config.maps import inherited
from gateway.errors import Problem
from gateway.yaml_source import Source

DEFAULT_VERSION = "004010"
"""The version of a map that neither an agreement nor the map itself gives one."""

MapCheck = Callable[[str, str, Mapping[str, Source]], Iterable[Problem]]
"""Takes a map's name, the version whose schema applies, and every map; returns what is wrong."""


def check(files: Files, report: Report, check_map: MapCheck) -> None:
    """Note what is wrong in maps that an agreement uses, and in the instance's own."""
    sources = {name: found.source for name, found in files.maps.files.items()}
    problems: dict[Problem, None] = {}
    for name, version in map_uses(files):
        # Two overlays of one base map would tell the base's problems twice.
        problems |= dict.fromkeys(check_map(name, version, sources))
    report.problems += problems


def map_uses(files: Files) -> list[tuple[str, str]]:
    """Return each map to check with the version to check it against."""
    maps = files.maps.files
    uses = {
        (agreement.map, agreement.schema_version): None
        for partner in files.partner_models
        for agreement in partner.agreements
        if agreement.map in maps
    }
    used = {name for name, _ in uses}
    for name, found in maps.items():
        # A map without a set is a base for others; it is checked as part of them.
        if found.packaged or name in used or inherited(name, "transaction_set", maps) is None:
            continue
        uses[name, inherited(name, "version", maps) or DEFAULT_VERSION] = None
    return list(uses)
