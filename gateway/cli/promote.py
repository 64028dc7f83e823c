"""`gateway partners promote`: from test to production, with what speaks for it and what follows."""

from __future__ import annotations

import difflib
import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from gateway import app as composition
from gateway import config
from gateway.app import App
from gateway.canonical import X12_SET
from gateway.cli.check_partner import ways
from gateway.cli.map_tests import find_tests, run_file
from gateway.cli.maps_in_use import MapsInUse
from gateway.cli.named import PartnerName, partner_named
from gateway.cli.terminal import ExitCode, Home, fail, results
from gateway.config import Instance
from gateway.config.environments import FOLDER, environments
from gateway.config.promotion import promoted
from gateway.errors import ConfigProblems, GatewayError
from gateway.partners import Agreement, Partner
from gateway.pipeline.records import DocumentRecord
from gateway.pipeline.states import AwaitedStatus, DeliveryStatus, ValidationStatus
from gateway.pipeline.views import DocumentFilter
from gateway.routing.rules import Rule
from gateway.small_files import read_small

_LOOKED_AT = 1000
"""So many of the newest documents of a set are looked at for one that went well."""

_WELL_JUDGED = (AwaitedStatus.ACCEPTED, AwaitedStatus.ACCEPTED_WITH_ERRORS)


@dataclass(frozen=True, slots=True)
class _Evidence:
    """What speaks for an agreement: its documents that went all the way, the newest first."""

    index: int
    """Place among the partner's agreements."""
    agreement: Agreement
    documents: Sequence[DocumentRecord]


def promote_partner(
    partner: PartnerName,
    home: Home = Path(),
    agreement: Annotated[
        list[str] | None,
        typer.Option(help="Only this one, such as 850 or 'in 850'; may be repeated."),
    ] = None,
    without_evidence: Annotated[
        bool, typer.Option("--without-evidence", help="Even where no test ever went all the way.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show and check everything, write nothing.")
    ] = False,
) -> None:
    """Take agreements of a partner from test to production: check, test, show, write the file."""
    with composition.open_instance(home) as app:
        instance = app.instance
        one = partner_named(instance, partner)
        evidence = [
            _evidence(app, one, index, one.agreements[index])
            for index in _chosen(one, agreement or [])
        ]
    _show_evidence(evidence)
    lacking = [each.agreement.label for each in evidence if not each.documents]
    if lacking and not without_evidence:
        fail(
            f"no test of {_listed(lacking)} ever went all the way; send some first, "
            "or say --without-evidence",
            ExitCode.FINDINGS,
        )
    _require_secrets(instance, partner)
    _run_tests(home, evidence)
    path = home / "partners" / f"{partner}.yaml"
    before = read_small(path).decode("utf-8")
    after = promoted(before, f"partners/{path.name}", [each.index for each in evidence])
    _show_change(before, after, path.name)
    _show_outlook(_checked(home, path.name, after.encode()), partner, evidence)
    if not dry_run:
        _replace(path, after.encode())
    done = "would fit; nothing was written" if dry_run else "is written"
    results().print(f"[green]✓[/] partners/{path.name} {done}")


def _chosen(partner: Partner, wanted: Sequence[str]) -> list[int]:
    """Return which agreements in test are meant; all of them where none is named."""
    in_test = [place for place, one in enumerate(partner.agreements) if one.stage == "test"]
    if not in_test:
        fail(f"every agreement with '{partner.id}' is in production already", ExitCode.FINDINGS)
    if not wanted:
        return in_test
    chosen: dict[int, None] = {}
    for name in wanted:
        found = [place for place in in_test if name in _names(partner.agreements[place])]
        if not found:
            known = _listed([partner.agreements[place].label for place in in_test])
            fail(f"no agreement in test is called '{name}'; there is {known}")
        chosen |= dict.fromkeys(found)
    return sorted(chosen)


def _names(agreement: Agreement) -> tuple[str, str, str]:
    return agreement.set, f"{agreement.direction} {agreement.set}", agreement.label


def _evidence(app: App, partner: Partner, index: int, agreement: Agreement) -> _Evidence:
    asked = DocumentFilter(
        direction=agreement.direction, partner=partner.id, set_id=agreement.set, limit=_LOOKED_AT
    )
    documents = [found.document for found in app.desk.documents(asked)]
    well = [
        one
        for one in documents
        if agreement.takes_version(one.version) and _went_all_the_way(one, agreement)
    ]
    return _Evidence(index, agreement, well)


def _went_all_the_way(document: DocumentRecord, agreement: Agreement) -> bool:
    """Say whether a document was taken by us and by its destination, or by the partner."""
    if document.validation in (ValidationStatus.REJECTED, ValidationStatus.REJECTED_YET_TAKEN):
        return False
    if agreement.direction == "in":
        kept = agreement.map is None and document.because is None
        return document.delivery == DeliveryStatus.DELIVERED or (
            kept and document.delivery == DeliveryStatus.NONE
        )
    if agreement.expect.kind is None:
        return document.delivery == DeliveryStatus.DELIVERED
    return document.acknowledgment in _WELL_JUDGED


def _show_evidence(evidence: Sequence[_Evidence]) -> None:
    for each in evidence:
        one = each.agreement
        went = "delivered" if one.direction == "in" else "taken by the partner"
        if each.documents:
            newest = each.documents[0]
            said = f"{len(each.documents)} {went}, the last {newest.received_at:%Y-%m-%d %H:%M} UTC"
            results().print(f"[green]✓[/] {one.label}: {said} [dim]({newest.id[:8]})[/]")
        else:
            results().print(f"[yellow]–[/] {one.label}: none was ever {went}")


def _require_secrets(instance: Instance, partner: str) -> None:
    missing = [str(one) for one in instance.missing_secrets if f"partners/{partner}." in one.file]
    if missing:
        fail("\n".join(missing), ExitCode.FINDINGS)


def _run_tests(home: Path, evidence: Sequence[_Evidence]) -> None:
    """Run the tests of the maps that the agreements name; exit where one fails."""
    found = MapsInUse(config.load(home))
    names = list(dict.fromkeys(e.agreement.map for e in evidence if e.agreement.map is not None))
    for name in names:
        tests = find_tests(home, found, [name])
        try:
            cases = [case for one in tests.files for case in run_file(one, found)]
        except GatewayError as fault:
            fail(f"the tests of map {name} cannot be run: {fault}")
        failed = [case.name for case in cases if not case.passed]
        if failed:
            fail(
                f"tests of map {name} fail: {_listed(failed)}; see `gateway maps test {name}`",
                ExitCode.FINDINGS,
            )
        mark = "[green]✓[/]" if cases else "[yellow]–[/]"
        said = f"{len(cases)} tests pass" if cases else "has no tests"
        results().print(f"{mark} map {escape(name)}: {said}")


def _show_change(before: str, after: str, name: str) -> None:
    old, new = before.splitlines(), after.splitlines()
    lines = difflib.unified_diff(old, new, f"partners/{name}", f"partners/{name}", n=2, lineterm="")
    colours = {"+": "green", "-": "red", "@": "cyan"}
    for line in lines:
        colour = colours.get(line[:1], "default")
        results().print(f"[{colour}]{escape(line)}[/]", soft_wrap=True)


def _checked(home: Path, name: str, content: bytes) -> Instance:
    """Return the instance as it would be with this file; exit where it would have a fault."""
    with tempfile.TemporaryDirectory() as folder:
        draft = Path(folder) / "draft.yaml"
        draft.write_bytes(content)
        try:
            return config.load(home, drafts={f"partners/{name}": draft})
        except ConfigProblems as fault:
            fail(f"in production this would not fit:\n{fault}", ExitCode.FINDINGS)


def _replace(path: Path, content: bytes) -> None:
    """Write a file in one step, with the rights that it had."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        os.fchmod(file.fileno(), path.stat().st_mode & 0o777)
    os.replace(name, path)


def _show_outlook(instance: Instance, partner: str, evidence: Sequence[_Evidence]) -> None:
    """Say where payloads come and go from now on, and what environments lay over it."""
    one = instance.partners[partner]
    for way in ways(instance, one):
        results().print(f"  {way}")
    for each in evidence:
        agreed = one.agreements[each.index]
        said = f"usage {'/'.join(agreed.usages)}"
        if agreed.direction == "in":
            rules = [rule.name for rule in instance.routes.rules if _may_take(rule, one, agreed)]
            said += f", rules that may take it: {_listed(rules) or 'none'}"
        results().print(f"  {agreed.label}: {escape(said)}")
    for name in environments(instance.home):
        overlay = f"{FOLDER}/{name}/partners/{partner}.yaml"
        if (instance.home / overlay).is_file():
            results().print(f"  environment {name} lays {overlay} over it, as before")


def _may_take(rule: Rule, partner: Partner, agreement: Agreement) -> bool:
    when = rule.when
    return (
        (not when.partner or partner.id in when.partner)
        and (not when.set or agreement.set in when.set)
        and (not when.usage or not set(agreement.usages).isdisjoint(when.usage))
        and (agreement.map is not None or rule.keep or X12_SET in when.document)
    )


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names)
