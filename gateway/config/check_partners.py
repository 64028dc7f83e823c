"""What must fit between partners and the rest: identities, maps, schemas, leniencies, folders."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath

from gateway.config.check_settings import path_allowed
from gateway.config.files import Files, Report
from gateway.config.instance import LENIENCIES
from gateway.config.maps import inherited
from gateway.config.schemas import packaged_schemas
from gateway.partners import Agreement, Partner
from gateway.secrets import Vault
from gateway.x12.library import SchemaLibrary
from gateway.yaml_source import Source, suggestion

_OWN = frozenset({"maps", "partners", "samples", "schemas", "secrets", "tables"})
"""Folders of an instance that no partner may put files into or fetch them from."""


def check(files: Files, report: Report, vault: Vault) -> None:
    """Note what does not fit in `partners/*.yaml`."""
    if not files.partners:
        source = files.settings.source
        report.warn(source, (), "there is no partner; expected files in partners/")
    _identities(files, report)
    _folders(files, report)
    _drop_boxes(files, report, vault)
    schemas = packaged_schemas()
    for source, partner in files.read_partners:
        _file_name(source, partner, report)
        _our_identity(files, source, partner, report)
        _their_identity(source, partner, report)
        _access(files, source, partner, report=report, vault=vault)
        _leniencies(source, partner, report)
        _overlaps(source, partner, report)
        for index, agreement in enumerate(partner.agreements):
            _schema(source, index, agreement, report=report, schemas=schemas)
            _map(files, source, index, agreement=agreement, report=report)


def _file_name(source: Source, partner: Partner, report: Report) -> None:
    stem = PurePosixPath(source.file).stem
    if stem != partner.id:
        message = f"'{partner.id}' is not the name of this file; expected '{stem}'"
        report.problem(source, ("partner",), message)


def _identities(files: Files, report: Report) -> None:
    ours = files.settings.model.identities if files.settings.model else ()
    owners = {identity.key: "one of our own already" for identity in ours}
    for source, partner in files.read_partners:
        for index, identity in enumerate(partner.identities):
            if identity.key in owners:
                message = f"identity {identity} is {owners[identity.key]}"
                report.problem(source, ("identities", index), message)
            else:
                owners[identity.key] = f"one of partner '{partner.id}' already"


def _our_identity(files: Files, source: Source, partner: Partner, report: Report) -> None:
    settings = files.settings.model
    named: list[tuple[tuple[str | int, ...], str | None]] = [
        (("our_identity",), partner.our_identity),
        *(
            (("agreements", index, "our_identity"), one.our_identity)
            for index, one in enumerate(partner.agreements)
        ),
    ]
    names = [identity.name for identity in settings.identities] if settings else []
    for path, name in named:
        if settings is not None and name is not None and name not in names:
            message = f"we have no identity '{name}'"
            report.problem(source, path, message + suggestion(name, names))


def _their_identity(source: Source, partner: Partner, report: Report) -> None:
    ids = [identity.id for identity in partner.identities]
    for index, one in enumerate(partner.agreements):
        if one.their_identity is not None and one.their_identity not in ids:
            message = f"this partner has no identity '{one.their_identity}'"
            path = ("agreements", index, "their_identity")
            report.problem(source, path, message + suggestion(one.their_identity, ids))


def _drop_boxes(files: Files, report: Report, vault: Vault) -> None:
    """Note accounts that nothing would serve, secrets that are not there, and names taken twice."""
    settings = files.settings.model
    users: dict[str, str] = {}
    for source, partner in files.read_partners:
        account = partner.drop_box
        if account is None:
            continue
        if settings is not None and settings.sftp_server is None:
            message = "nobody can log in; expected 'sftp_server:' in gateway.yaml"
            report.problem(source, ("drop_box",), message)
        for path, template in account.templates():
            for sentence in vault.missing(template):
                report.missing_secret(source, ("drop_box", *path), sentence)
        user = account.user or partner.id
        if user in users:
            message = f"user '{user}' is the account of partner '{users[user]}' already"
            report.problem(source, ("drop_box", *(["user"] if account.user else [])), message)
        users[user] = partner.id


def _access(
    files: Files, source: Source, partner: Partner, *, report: Report, vault: Vault
) -> None:
    """Note credentials that are not there, and those that nothing would ask for."""
    if partner.http is None:
        return
    for path, template in partner.http.templates():
        for sentence in vault.missing(template):
            report.missing_secret(source, ("http", *path), sentence)
    server = files.settings.model.server if files.settings.model else None
    if server is None:
        message = "nobody can post payloads; expected 'server:' in gateway.yaml"
        report.problem(source, ("http",), message)
    elif partner.http.certificates and server.client_certificate_header is None:
        message = (
            "no certificate is ever looked at; expected 'client_certificate_header' under "
            "'server' in gateway.yaml"
        )
        report.problem(source, ("http", "certificates"), message)


def _leniencies(source: Source, partner: Partner, report: Report) -> None:
    for path, name in _accepted(partner):
        if name not in LENIENCIES:
            message = f"there is no leniency '{name}'{suggestion(name, LENIENCIES)}"
            report.problem(source, path, message)


def _accepted(partner: Partner) -> Iterator[tuple[tuple[str | int, ...], str]]:
    for place, name in enumerate(partner.accept):
        yield ("accept", place), name
    for index, agreement in enumerate(partner.agreements):
        for place, name in enumerate(agreement.accept):
            yield ("agreements", index, "accept", place), name


def _overlaps(source: Source, partner: Partner, report: Report) -> None:
    for index, agreement in enumerate(partner.agreements):
        for first, other in enumerate(partner.agreements[:index]):
            if _overlap(agreement, other):
                message = (
                    f"overlaps agreements[{first}]: both are for {agreement.label} "
                    "with the same usage"
                )
                report.problem(source, ("agreements", index), message)
                break


def _overlap(one: Agreement, other: Agreement) -> bool:
    if (one.direction, one.set) != (other.direction, other.set):
        return False
    spellings = {one.version, *one.version_aliases} & {other.version, *other.version_aliases}
    return bool(spellings) and not set(one.usages).isdisjoint(other.usages)


def _schema(
    source: Source, index: int, agreement: Agreement, *, report: Report, schemas: SchemaLibrary
) -> None:
    schema = schemas.get(agreement.schema_version, agreement.set)
    message = f"there is no schema for {agreement.set} in version {agreement.schema_version}"
    if schema is None:
        report.problem(source, ("agreements", index, "set"), message)
    elif schema.version == agreement.schema_version:
        return
    elif agreement.version_gap == "refuse":
        message += f", and 'version_gap: refuse' takes no other; the nearest is {schema.version}"
        report.problem(source, ("agreements", index, "version"), message)
    else:
        message += f": that of {schema.version}, the nearest, judges its sets"
        report.warn(source, ("agreements", index, "version"), message)


def _map(files: Files, source: Source, index: int, *, agreement: Agreement, report: Report) -> None:
    maps = files.maps.files
    path = ("agreements", index, "map")
    if agreement.map is None:
        return
    if agreement.map not in maps:
        near = suggestion(agreement.map, sorted(maps))
        report.problem(source, path, f"there is no map '{agreement.map}'{near}")
        return
    set_id = inherited(agreement.map, "transaction_set", maps)
    if set_id is not None and set_id != agreement.set:
        message = f"map '{agreement.map}' is for {set_id}, not for {agreement.set}"
        report.problem(source, path, message)


def _folders(files: Files, report: Report) -> None:
    settings = files.settings.model
    taken: dict[str, str] = {}
    for source, partner in files.read_partners:
        inbox = settings.folders.inbox if settings else "sftp_inbox"
        for key, written in (("in", partner.folders.inbound), ("out", partner.folders.outbound)):
            folder = written or f"{inbox}/{partner.id}/{key}"
            if written is not None:
                path_allowed(settings, source, report, path=("folders", key), folder=folder)
                if _belongs_to_us(PurePosixPath(folder)):
                    message = f"'{folder}' is the gateway's own; expected a folder of the partner"
                    report.problem(source, ("folders", key), message)
            folder = str(PurePosixPath(folder))
            if folder in taken:
                message = f"'{folder}' is {taken[folder]} already"
                report.problem(source, ("folders", key), message)
            else:
                taken[folder] = f"the '{key}' folder of partner '{partner.id}'"


def _belongs_to_us(folder: PurePosixPath) -> bool:
    """Say whether taking every file of a folder would take what the gateway lives on."""
    return not folder.parts or folder.parts[0] in _OWN or any(p[0] == "." for p in folder.parts)
