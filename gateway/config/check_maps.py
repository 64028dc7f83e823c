"""Which maps are checked against which schema; the map language itself does the checking."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from gateway import resources
from gateway.canonical import DOCUMENTS, KEYS, X12_SET
from gateway.config.files import Files, Report
from gateway.config.maps import DEFAULT_VERSION, MapFile, MapFiles, inherited
from gateway.config.schemas import document_schema, packaged_schemas
from gateway.config.sound_maps import SoundMaps
from gateway.errors import ConfigProblems, Problem
from gateway.mapping.library import MapLibrary
from gateway.mapping.remembered import Remembered
from gateway.yaml_source import suggestion

REMEMBERED = Remembered()
"""All maps that this process compiled: an instance whose files are read anew has most of them."""


def library_of(maps: MapFiles, report: Report) -> MapLibrary | None:
    """Return all maps, each well formed by itself; note what is not."""
    try:
        sources = [found.source for found in maps.files.values()]
        return MapLibrary(sources, maps.tables, KEYS, REMEMBERED)
    except ConfigProblems as fault:
        report.problems += fault.problems
        return None


def check(files: Files, report: Report, library: MapLibrary, sound: SoundMaps) -> None:
    """Note what is wrong in maps that an agreement uses, and in the instance's own.

    What is known to be sound is not looked at, and compiled when it is first used.
    """
    problems: dict[Problem, None] = dict.fromkeys(_baseless(files, library))
    for name, version in (*map_uses(files), *_named_versions(files, report)):
        fingerprint = library.fingerprint(name) and f"{library.fingerprint(name)} {version}"
        if sound.knows(fingerprint):
            continue
        # Two overlays of one base map would tell the base's problems twice.
        found = _check(files, library, name, version=version)
        problems |= dict.fromkeys(found)
        if not found:
            sound.add(fingerprint)
    report.problems += problems
    sound.keep()


def _check(files: Files, library: MapLibrary, name: str, *, version: str) -> list[Problem]:
    maps = files.maps.files
    source = maps[name].source
    set_id = inherited(name, "transaction_set", maps)
    document = inherited(name, "document", maps)
    if document is None:
        return [source.problem((), "'document' is missing, here and in what it extends")]
    if document == X12_SET:
        message = f"'{X12_SET}' is what a set is without a map; no map makes it"
        return [source.problem(("document",), message)]
    if document not in DOCUMENTS:
        near = suggestion(document, [one for one in DOCUMENTS if one != X12_SET])
        message = f"there is no document type '{document}'{near}"
        return [source.problem(("document",), message)]
    schema = packaged_schemas().get(version, set_id) if set_id else None
    if schema is None:
        return [source.problem(("transaction_set",), f"no schema for {set_id} in {version}")]
    return library.check(name, schema.root, document_schema(document))


def map_uses(files: Files) -> list[tuple[str, str]]:
    """Return each map to check with the version to check it against."""
    maps = files.maps.files
    uses = {
        (agreement.map, agreement.schema_version): None
        for partner in files.partner_models
        for agreement in partner.agreements
        # Without a schema the agreement is refused already.
        if agreement.map is not None
        and agreement.map in maps
        and _has_schema(agreement.schema_version, agreement.set)
    }
    used = {name for name, _ in uses}
    return [*uses, *((name, version) for name, version in _own(maps) if name not in used)]


def _has_schema(version: str, set_id: str) -> bool:
    return packaged_schemas().get(version, set_id) is not None


def _baseless(files: Files, library: MapLibrary) -> Iterator[Problem]:
    """Yield what is wrong with own maps that extend what is not there, or themselves.

    Nobody knows their set, so that they would pass as a base for others.
    """
    for name, found in files.maps.files.items():
        if not found.packaged and not library.fingerprint(name):
            try:
                library.resolve(name)
            except ConfigProblems as fault:
                yield from fault.problems


def _named_versions(files: Files, report: Report) -> Iterator[tuple[str, str]]:
    """Yield the instance's own maps with each version that they name; note versions unknown."""
    maps, known = files.maps.files, resources.schema_versions()
    for name, found in maps.items():
        value = found.source.value
        versions = value.get("versions") if isinstance(value, dict) else None
        if found.packaged or not isinstance(versions, dict):
            continue
        for version in versions:
            if version not in known:
                message = f"there are no schemas of '{version}'{suggestion(version, known)}"
                report.problems.append(found.source.problem(("versions", version), message))
            elif inherited(name, "transaction_set", maps) is not None:
                yield name, version


def _own(maps: Mapping[str, MapFile]) -> Iterator[tuple[str, str]]:
    for name, found in maps.items():
        # A map without a set is a base for others; it is checked as part of them.
        if not found.packaged and inherited(name, "transaction_set", maps) is not None:
            yield name, inherited(name, "version", maps) or DEFAULT_VERSION
