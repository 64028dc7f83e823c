"""Whether guides fit the schemas of the agreements that name them, and are named at all."""

from __future__ import annotations

from collections.abc import Iterator

from gateway.config.files import Files, Report
from gateway.config.guides import FOLDER, GuideSource
from gateway.config.schemas import packaged_schemas
from gateway.partners import Agreement, Partner
from gateway.x12.guides.balances import (
    BALANCES,
    WITH_QUALIFIERS,
    WITH_SIGNED_ALLOWANCES,
    WITH_STRUCTURES,
    WITH_TOLERANCE,
)
from gateway.x12.guides.model import Guide
from gateway.x12.guides.overlay import overlay
from gateway.x12.schema import SetSchema
from gateway.yaml_source import Path, Source, suggestion

_Fault = tuple[Path, str]


def check(files: Files, report: Report) -> None:
    """Note what does not fit in guides, and agreements that name one that is not there."""
    guides = {one.name: one for one in files.guides}
    used: dict[tuple[str, str], list[Agreement]] = {}
    for source, partner in files.read_partners:
        known = [name for owner, name in guides if owner == partner.id]
        for index, agreement in enumerate(partner.agreements):
            if agreement.guide is None:
                continue
            name = (partner.id, agreement.guide)
            used.setdefault(name, []).append(agreement)
            message = _unknown(partner, agreement, known, guides.get(name))
            if message:
                report.problem(source, ("agreements", index, "guide"), message)
    for name, one in guides.items():
        if one.guide is None:
            continue
        agreements = used.get(name, [])
        if not agreements:
            report.warn(one.source, (), "no agreement names this guide: it is not asked")
        faults = dict.fromkeys(_faults(one, one.guide, agreements))
        for path, message in faults:
            report.problem(one.source, path, message)


def _unknown(
    partner: Partner, agreement: Agreement, known: list[str], found: GuideSource | None
) -> str:
    """Say why an agreement cannot have the guide that it names; empty where it can."""
    if found is None:
        near = suggestion(agreement.guide or "", known)
        where = f"partners/{partner.id}/{FOLDER}/{agreement.guide}.yaml"
        return f"there is no guide '{agreement.guide}'{near}; expected {where}"
    if found.guide is not None and found.guide.set_id != agreement.set:
        return f"guide '{agreement.guide}' is for {found.guide.set_id}, not for {agreement.set}"
    return ""


def _faults(one: GuideSource, guide: Guide, agreements: list[Agreement]) -> Iterator[_Fault]:
    """Yield what does not fit in a guide, for each version that it is used in."""
    versions = dict.fromkeys(
        agreement.schema_version for agreement in agreements if agreement.set == guide.set_id
    )
    for version in versions:
        schema = packaged_schemas().get(version, guide.set_id)
        if schema is not None:  # The agreement is refused otherwise.
            yield from _against(guide, schema, one.source)
    yield from _balances(guide)


def _against(guide: Guide, schema: SetSchema, source: Source) -> Iterator[_Fault]:
    for misfit in overlay(schema, guide).misfits:
        path: Path = ("places", misfit.entry.path.text)
        whole = (*path, misfit.key) if misfit.key else path
        yield whole if whole in source.marks else path, misfit.message


def _balances(guide: Guide) -> Iterator[_Fault]:
    for one in guide.balances:
        sets = BALANCES[one.kind].sets
        path: Path = ("balance", one.kind)
        if sets is not None and guide.set_id not in sets:
            wanted = " and ".join(sorted(sets))
            yield path, f"is about {wanted}, not about {guide.set_id}"
        if one.tolerance and one.kind not in WITH_TOLERANCE:
            yield (*path, "tolerance"), "is about totals; this rule has none"
        if one.structures and one.kind not in WITH_STRUCTURES:
            yield (*path, "structures"), "is about levels; expected it at hl_structure"
        if one.signed_allowances and one.kind not in WITH_SIGNED_ALLOWANCES:
            yield (*path, "signed_allowances"), "is about allowances; expected it at tds_total"
        if one.qualifiers and one.kind not in WITH_QUALIFIERS:
            yield (*path, "qualifiers"), "is about lots; expected it at lot_totals"
