"""The rules of a day that is past: those of today, but for the version of the map."""

from __future__ import annotations

from dataclasses import replace

from gateway.errors import GatewayError, first_line
from gateway.partners import Agreement, Partner
from gateway.pipeline.rulebook import Rulebook
from gateway.pipeline.store_port import Transaction
from gateway.pipeline.versions_port import WantedVersion


def by_version(
    transaction: Transaction,
    rulebook: Rulebook,
    wanted: WantedVersion | None,
    partner: Partner,
    agreement: Agreement,
) -> Rulebook | str:
    """Return rules that translate sets of an agreement by a version, or why there are none."""
    if wanted is None:
        return rulebook
    if agreement.map is None or rulebook.restored is None:
        return "its agreement names no map, which could have versions"
    known = transaction.versions.listed(agreement.map)
    record = wanted.choose(known, subject_of(partner, agreement))
    if isinstance(record, str):
        return record
    contents = transaction.versions.contents(set(record.contents.values()))
    try:
        made = rulebook.restored(record, contents)
    except GatewayError as fault:
        return f"version {record.hash} cannot be used any more: {first_line(fault)}"
    hash_ = record.hash
    return replace(
        rulebook, map_named=lambda _name, _version: made, version_of=lambda _who, _what: hash_
    )


def subject_of(partner: Partner, agreement: Agreement) -> str:
    """Name what there is one version of at a time: map, version of X12, guide."""
    guide = partner.guide_of(agreement)
    return f"{agreement.map} {agreement.schema_version} {'/'.join(guide) if guide else '-'}"
