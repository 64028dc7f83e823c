"""`gateway partners list` and `check`: what is agreed with whom, and what is missing for it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import typer
from rich.markup import escape

from gateway import app as composition
from gateway import config
from gateway.cli.lanes import state_of
from gateway.cli.named import PartnerName, partner_named
from gateway.cli.terminal import AsJson, ExitCode, Home, print_json, print_rows, results
from gateway.clock import utc_now
from gateway.config import Instance
from gateway.errors import ConfigProblems, Problem
from gateway.partners import Agreement, Partner
from gateway.pipeline.ports import DeliveryPolicy


def list_partners(home: Home = Path(), as_json: AsJson = False) -> None:
    """List the partners: who they are in envelopes, what is exchanged, and how."""
    with composition.open_instance(home, maps_too=False) as app:
        instance, lanes = app.instance, app.desk.lanes.partners()
    found = [instance.partners[name] for name in sorted(instance.partners)]
    now = utc_now()
    alone = {
        name: sentence
        for name, view in lanes.items()
        for word, sentence in [state_of(view.record, DeliveryPolicy(), now)]
        if word != "ready"
    }
    if as_json:
        print_json([{**_json(instance, one), "left_alone": alone.get(one.id, "")} for one in found])
        return
    rows = [
        [
            f"{one.id}\n[dim]{escape(one.name)}[/]",
            escape("\n".join(map(str, one.identities))),
            "\n".join(_sets(one)),
            "\n".join([*ways(instance, one), *_alone(alone.get(one.id))]),
        ]
        for one in found
    ]
    print_rows(("partner", "identities", "sets", "comes and goes by"), rows, "No partners.")


def check_partner(partner: PartnerName, home: Home = Path(), as_json: AsJson = False) -> None:
    """Show what is agreed with a partner, and check its file with the maps that it uses."""
    problems: Sequence[Problem] = ()
    try:
        instance = config.load(home)
    except ConfigProblems as fault:
        problems = fault.problems
        ours = [one for one in problems if _is_about(one, partner)]
        _show(ours or problems, as_json=as_json)
        raise typer.Exit(ExitCode.FINDINGS) from fault
    one = partner_named(instance, partner)
    warnings = [warning for warning in instance.warnings if _is_about(warning, partner)]
    if as_json:
        print_json({**_json(instance, one), "warnings": [str(warning) for warning in warnings]})
        return
    results().print(f"[bold]{escape(one.name)}[/], {escape(', '.join(map(str, one.identities)))}")
    for way in ways(instance, one):
        results().print(f"  {way}")
    columns = ("set", "version", "stage, usage", "map", "acknowledgment")
    print_rows(columns, [_row(agreement) for agreement in one.agreements], "")
    for warning in warnings:
        results().print(f"[yellow]{escape(str(warning))}[/]", soft_wrap=True)
    if not warnings:
        results().print("[green]✓[/] nothing is missing here")


def _alone(because: str | None) -> list[str]:
    return [f"[red]left alone: {escape(because)}[/]"] if because else []


def ways(instance: Instance, partner: Partner) -> list[str]:
    """Say how payloads come and go, in a line for each way."""
    found = []
    for pick_up in partner.pick_up:
        connection = partner.connections[pick_up.connection]
        found.append(f"picks up from {connection.type} {connection.address} {pick_up.folder}")
    if partner.drop_box is not None:
        found.append(f"uploads to our SFTP server as {partner.drop_box.user or partner.id}")
    if partner.http is not None:
        found.append(f"posts to /partners/{partner.id}/payloads")
    posts = [one for one in partner.connections.values() if one.type == "as2"]
    found += [f"posts to /as2 as {one.as2_id}" for one in posts]
    if not found:
        found.append(f"drops into {_below(instance, instance.inbound_folder(partner))}")
    if partner.send is not None:
        connection = partner.connections[partner.send.connection]
        folder = "" if connection.type == "as2" else f" {partner.send.folder}"
        found.append(f"we send to {connection.type} {connection.address}{folder}")
    else:
        found.append(f"we put into {_below(instance, instance.outbound_folder(partner))}")
    return [escape(way) for way in found]


def _below(instance: Instance, folder: Path) -> str:
    return str(folder.relative_to(instance.home) if instance.home in folder.parents else folder)


def _sets(partner: Partner) -> list[str]:
    arrows = {"in": "→ us", "out": "← us"}
    return [f"{one.set} {arrows[one.direction]}" for one in partner.agreements]


def _row(agreement: Agreement) -> list[str]:
    told = agreement.acknowledgment
    said = f"997 {told.send_997}, TA1 {told.send_ta1}" if agreement.direction == "in" else ""
    return [
        f"{agreement.set} {'→ us' if agreement.direction == 'in' else '← us'}",
        agreement.version,
        f"{agreement.stage}, {'/'.join(agreement.usages)}",
        _by(agreement),
        said,
    ]


def _by(agreement: Agreement) -> str:
    """Say what reads or writes a set, and the guide that it is held to."""
    said = agreement.map or "none: becomes x12_set"
    return f"{said}, guide {agreement.guide}" if agreement.guide is not None else said


def _json(instance: Instance, partner: Partner) -> dict[str, object]:
    return {
        "partner": partner.id,
        "name": partner.name,
        "identities": [str(one) for one in partner.identities],
        "agreements": [
            {"set": one.set, "direction": one.direction, "version": one.version,
             "stage": one.stage, "usage": list(one.usages), "map": one.map,
             "guide": one.guide}
            for one in partner.agreements
        ],
        "ways": ways(instance, partner),
    }  # fmt: skip


def _is_about(problem: Problem, partner: str) -> bool:
    return Path(problem.file).stem == partner and "partners/" in problem.file


def _show(problems: Sequence[Problem], *, as_json: bool) -> None:
    if as_json:
        print_json({"problems": [str(problem) for problem in problems]})
        return
    for problem in problems:
        results().print(f"[red]{escape(str(problem))}[/]", soft_wrap=True)
