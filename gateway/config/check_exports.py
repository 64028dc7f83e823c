"""What must fit between exports and the rest: partners, agreements, destinations, secrets."""

from __future__ import annotations

from collections.abc import Iterator

from gateway.canonical import DOCUMENTS
from gateway.config.check_settings import path_allowed
from gateway.config.exports.export import ExportFile
from gateway.config.exports.sources import FolderSource, SqlSource
from gateway.config.files import Files, Report
from gateway.config.maps import inherited
from gateway.config.shaping import shape_of
from gateway.counting import with_article
from gateway.errors import ConfigProblems
from gateway.partners import Partner
from gateway.secrets import Template, Vault
from gateway.yaml_source import Source, suggestion

Path = tuple[str | int, ...]


def check(files: Files, report: Report, vault: Vault) -> None:
    """Note what does not fit in `exports/*.yaml`."""
    first: dict[str, str] = {}
    for source, export in files.read_exports:
        if first.setdefault(export.export, source.file) != source.file:
            message = f"'{export.export}' is the name of {first[export.export]} already"
            report.problem(source, ("export",), message)
        _document(export, source, report, vault)
        if all(read.model is not None for read in files.partners):
            _partners(files, export, source, report)
        _done(files, export, source, report)
        _source(files, export, source, report, vault=vault)


def _document(export: ExportFile, source: Source, report: Report, vault: Vault) -> None:
    kind = export.document.type
    if kind not in DOCUMENTS:
        message = f"there is no document type '{kind}'{suggestion(kind, DOCUMENTS)}"
        report.problem(source, ("document", "type"), message)
    shaping = export.document.shape
    if shaping.xslt or (shaping.template and shaping.written != "json"):
        key = "xslt" if shaping.xslt else "template"
        message = "a document is JSON; expected 'select', or a template that writes json"
        report.problem(source, ("document", "shape", key), message)
    try:
        shape_of(shaping, vault.home, source, ("document", "shape"))
    except ConfigProblems as fault:
        report.problems += fault.problems


def _partners(files: Files, export: ExportFile, source: Source, report: Report) -> None:
    known = {partner.id: partner for partner in files.partner_models}
    for path, name in _named(export):
        partner = known.get(name)
        if partner is None:
            message = f"there is no partner '{name}'{suggestion(name, sorted(known))}"
            report.problem(source, path, message)
        elif not _takes(files, partner, export):
            what = export.document.type.replace("_", " ")
            as_set = f" as {export.document.set}" if export.document.set else ""
            message = f"no agreement with partner '{name}' sends {with_article(what)}{as_set}"
            report.problem(source, path, message)


def _named(export: ExportFile) -> Iterator[tuple[Path, str]]:
    if export.partner.fixed is not None:
        yield ("partner",), export.partner.fixed
    for key, name in (export.partner.table or {}).items():
        yield ("partner", "table", key), name


def _takes(files: Files, partner: Partner, export: ExportFile) -> bool:
    wanted = export.document
    return any(
        agreement.direction == "out"
        and wanted.set in (None, agreement.set)
        and agreement.map is not None
        and inherited(agreement.map, "document", files.maps.files) == wanted.type
        for agreement in partner.agreements
    )


def _done(files: Files, export: ExportFile, source: Source, report: Report) -> None:
    settings = files.settings.model
    if export.done is None or settings is None:
        return
    name = export.done.destination
    if name not in settings.destinations:
        near = suggestion(name, sorted(settings.destinations))
        message = f"there is no destination '{name}' in gateway.yaml{near}"
        report.problem(source, ("done", "destination"), message)


def _source(
    files: Files, export: ExportFile, source: Source, report: Report, *, vault: Vault
) -> None:
    settings, given = files.settings.model, export.source
    for path, template in _templates(export):
        for sentence in vault.missing(template):
            report.missing_secret(source, ("source", *path), sentence)
    if isinstance(given, FolderSource):
        for key in ("path", "archive"):
            folder = getattr(given, key)
            if folder is not None:
                path_allowed(settings, source, report, path=("source", key), folder=folder)
    asks = ":since" in given.query if isinstance(given, SqlSource) else False
    if asks and (export.cursor is None or export.cursor.start is None):
        message = "':since' has no value in the first run; expected 'cursor' with 'start'"
        report.problem(source, ("source", "query"), message)


def _templates(export: ExportFile) -> tuple[tuple[tuple[str, ...], Template], ...]:
    if isinstance(export.source, SqlSource):
        return ((("url",), export.source.url),)
    return () if isinstance(export.source, FolderSource) else export.source.templates()
