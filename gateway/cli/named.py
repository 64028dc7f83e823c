"""What people name: options with one meaning everywhere, and the thing that a name stands for."""

from __future__ import annotations

import getpass
import shlex
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from gateway.cli.terminal import ExitCode, fail
from gateway.pipeline.views import DocumentFilter
from gateway.yaml_source import suggestion

if TYPE_CHECKING:
    from gateway.app import App
    from gateway.config import Instance
    from gateway.partners import Partner
    from gateway.pipeline.views import DocumentSummary, DocumentView

_LISTED = 10
"""Documents that are named where several have a number."""


def _who() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a user without a name, as in a container
        return "somebody"


_FOR_LATER = "Why, for whoever asks later."

By = Annotated[
    str, typer.Option("--by", default_factory=_who, show_default=False, help="Who asks; you.")
]
Because = Annotated[str, typer.Option("--because", help=_FOR_LATER)]
"""Asked of who stops something, or gives it up."""

PerhapsBecause = Annotated[str, typer.Option("--because", help=_FOR_LATER, show_default=False)]
"""Taken from who lets something go on."""

Beginning = Annotated[str, typer.Argument(metavar="ID", help="An id, or a unique beginning of it.")]
DocumentName = Annotated[
    str,
    typer.Argument(
        metavar="ID", help="An id, its unique beginning, or a number that one document alone has."
    ),
]
PartnerName = Annotated[str, typer.Argument(help="Short name of the partner.")]


def partner_named(instance: Instance, name: str) -> Partner:
    """Return a partner by its short name; exit where there is none."""
    found = instance.partners.get(name)
    if found is None:
        fail(f"there is no partner '{name}'{suggestion(name, instance.partners)}")
    return found


def document_named(app: App, beginning: str) -> DocumentView:
    """Return the one document whose id begins so, or that alone has this number; else exit."""
    view = app.desk.document(beginning)
    if view is not None:
        return view
    numbered = app.desk.documents(DocumentFilter(key=beginning, limit=_LISTED + 1))
    if len(numbered) == 1 and (only := app.desk.document(numbered[0].document.id)) is not None:
        return only
    by_number = f"gateway documents list --key {shlex.quote(beginning)}"
    if numbered:
        fail(_several(beginning, numbered, by_number), ExitCode.FINDINGS)
    return fail_unnamed("document", beginning, f"; by its number: {by_number}")


def _several(number: str, found: Sequence[DocumentSummary], by_number: str) -> str:
    """Say which documents have a number, each by the id that would name it alone."""
    named = [
        f"{one.id[:8]} ({one.set_id} {one.direction}, {one.partner})"
        for one in (summary.document for summary in found[:_LISTED])
    ]
    more = f" and more: {by_number}" if len(found) > _LISTED else ""
    return f"several documents have the number '{number}'; by their ids: {', '.join(named)}{more}"


def whole_ids(app: App, beginnings: Sequence[str]) -> list[str]:
    """Complete ids of documents that were given by their beginnings."""
    return [document_named(app, beginning).document.id for beginning in beginnings]


def fail_unnamed(what: str, beginning: str, hint: str = "") -> NoReturn:
    """Say that a beginning of an id names nothing, or more than one thing, and exit."""
    message = f"no {what}'s id begins with '{beginning}', or several do{hint}"
    fail(message, ExitCode.FINDINGS)
