"""`gateway guides`: what partners ask beyond the standard, listed, and as pages to send them."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from gateway import config
from gateway.cli.guide_pages import Envelope, html, markdown
from gateway.cli.terminal import AsJson, Home, fail, print_json, print_rows, remarks, write_bytes
from gateway.config import Instance
from gateway.config.schemas import packaged_schemas
from gateway.partners import Agreement, Partner
from gateway.x12.guides.model import Guide
from gateway.x12.guides.printed import printed

guides = typer.Typer(
    no_args_is_help=True,
    help="What partners ask of sets beyond the standard: listed, and as pages to send them.",
)


class Way(StrEnum):
    """Which way a set goes."""

    IN = "in"
    OUT = "out"


@guides.command("list")
def list_guides(home: Home = Path(), as_json: AsJson = False) -> None:
    """List the guides, and the agreements that they hold for."""
    instance = config.load(home, maps_too=False)
    used = {
        partner.guide_of(agreement): agreement
        for partner in instance.partners.values()
        for agreement in partner.agreements
    }
    rows = [
        {
            "partner": partner,
            "guide": name,
            "set": guide.set_id,
            "title": guide.title,
            "agreement": used[partner, name].label if (partner, name) in used else "",
            "places": len(guide.entries),
            "rules": [one.kind for one in guide.balances],
        }
        for (partner, name), guide in sorted(instance.guides.items())
    ]
    if as_json:
        print_json(rows)
        return
    columns = ("partner", "guide", "agreement", "title", "places", "rules")
    shown = [[_cell(column, row[column]) for column in columns] for row in rows]
    print_rows(columns, shown, "There are no guides: docs/guides.md says how one is written.")


def _cell(column: str, value: object) -> str:
    if isinstance(value, list):
        return str(len(value))
    return "no agreement names it" if column == "agreement" and not value else str(value)


@guides.command("show")
def show(
    partner: Annotated[str, typer.Argument(help="Short name of the partner.")],
    set_id: Annotated[str, typer.Argument(metavar="SET", help="Transaction set, such as 945.")],
    direction: Annotated[
        Way | None,
        typer.Option("--direction", help="`in` or `out`, where both ways are agreed on."),
    ] = None,
    as_html: Annotated[bool, typer.Option("--html", help="A page for browsers and print.")] = False,
    everything: Annotated[
        bool, typer.Option("--all", help="With every segment that the standard allows.")
    ] = False,
    home: Home = Path(),
) -> None:
    """Print the guide for a set as a page that the partner can read: Markdown, or HTML."""
    instance = config.load(home, maps_too=False)
    them = instance.partners.get(partner)
    if them is None:
        known = ", ".join(sorted(instance.partners))
        fail(f"there is no partner '{partner}'; there are {known}")
    agreement = _agreement(them, set_id, direction)
    named = them.guide_of(agreement)
    guide = instance.guides[named] if named is not None else Guide(partner, set_id)
    schema = packaged_schemas().get(agreement.schema_version, set_id)
    if schema is None:
        fail(f"there is no schema for {set_id} in version {agreement.schema_version}")
    page = printed(schema, guide, everything=everything or named is None)
    write = html if as_html else markdown
    content = write(page, _envelope(instance, them, agreement, schema.functional_id))
    if named is None:
        remarks().print(f"{agreement.label} names no guide: this is the standard alone.")
    write_bytes(content.encode())


def _agreement(partner: Partner, set_id: str, way: Way | None) -> Agreement:
    """Return the one agreement on a set; of several those that name a guide go first."""
    of_set = [one for one in partner.agreements if one.set == set_id]
    found = [one for one in of_set if way in (None, one.direction)]
    found = [one for one in found if one.guide is not None] or found
    if not found:
        wanted = f"{way} {set_id}" if way is not None else set_id
        agreed = ", ".join(dict.fromkeys(one.label for one in partner.agreements))
        fail(f"no agreement with '{partner.id}' is on {wanted}; agreed is {agreed}")
    if len({one.direction for one in found}) > 1:
        fail(f"{set_id} goes both ways; expected `--direction in` or `--direction out`")
    return found[0]


def _envelope(
    instance: Instance, partner: Partner, agreement: Agreement, functional_id: str
) -> Envelope:
    ours = instance.our_identity(partner.as_agreed(agreement))
    theirs = partner.sent_to(agreement)
    sender, receiver = (theirs, ours) if agreement.direction == "in" else (ours, theirs)
    we = f"{ours.id}"
    facts = [
        ("ISA05, ISA06 sender", f"{sender.qualifier} {sender.id}"),
        ("ISA07, ISA08 receiver", f"{receiver.qualifier} {receiver.id}"),
        ("ISA15 usage", ", ".join(agreement.usages)),
        ("GS01 group", functional_id),
        ("GS02, GS03", f"{sender.group_id}, {receiver.group_id}"),
        ("GS08 version", agreement.version),
    ]
    if agreement.direction == "out":
        separators = (agreement.delimiters or partner.delimiters).delimiters()
        said = f"{separators.element} {separators.component} {separators.terminator}"
        facts.append(("separators", said))
        return Envelope(we, partner.name, tuple(facts))
    return Envelope(partner.name, we, tuple(facts))
