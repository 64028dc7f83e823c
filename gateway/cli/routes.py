"""`gateway routes`: which document goes where, and why: of one that came, or of a file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from gateway import app as composition
from gateway.app import App
from gateway.cli import explain_routing, show_routes
from gateway.cli.explain_routing import Explained, Given, explain_document, explain_file
from gateway.cli.terminal import AsJson, ExitCode, Home, fail, print_json, read_input, results
from gateway.pipeline.views import DocumentFilter

routes = typer.Typer(
    no_args_is_help=True,
    help="Which document goes where: the rules, and why one took a document or did not.",
)

_MOST = 20
"""Documents with one business key that are explained, the newest of them."""


@routes.command("list")
def list_routes(home: Home = Path(), as_json: AsJson = False) -> None:
    """Show the rules in their order: what each asks for, and where it sends a document."""
    with composition.open_instance(home, maps_too=False) as app:
        instance = app.instance
    if as_json:
        print_json(show_routes.as_json(instance))
    else:
        show_routes.print_routes(instance, results())


@routes.command("explain")
def explain(
    document: Annotated[
        str,
        typer.Argument(
            metavar="DOCUMENT", help="A document's id or business key, or a file: JSON or X12."
        ),
    ],
    partner: Annotated[
        str | None, typer.Option(help="Of a JSON file: the partner that it is from.")
    ] = None,
    set_id: Annotated[
        str | None, typer.Option("--set", help="Of a JSON file: the set that it came as.")
    ] = None,
    usage: Annotated[
        str | None, typer.Option(help="Of a JSON file: usage indicator (ISA15), P, T or I.")
    ] = None,
    home: Home = Path(),
    as_json: AsJson = False,
) -> None:
    """Say which rule takes a document and why the others do not; nothing is stored.

    Of a document that came: also what became of each delivery, and the rule that it went by then.
    Exits 1 where it goes nowhere.
    """
    is_file = document == "-" or Path(document).is_file()
    with composition.open_instance(home, maps_too=is_file) as app:
        if is_file:
            given = Given(document, read_input(document), partner, set_id, usage)
            found = list(explain_file(app.instance, given))
        else:
            found = list(_stored(app, document))
    if as_json:
        print_json([explain_routing.as_json(one) for one in found])
    else:
        explain_routing.print_all(found, results())
    raise typer.Exit(ExitCode.FINE if all(one.fine for one in found) else ExitCode.FINDINGS)


def _stored(app: App, wanted: str) -> Iterator[Explained]:
    """Explain the document of an id, or else those with a business key."""
    view = app.desk.document(wanted)
    if view is not None:
        yield explain_document(app.instance, view)
        return
    found = app.desk.documents(DocumentFilter(key=wanted, limit=_MOST))
    if not found:
        _nothing(app, wanted)
    for summary in found:
        view = app.desk.document(summary.document.id)
        if view is not None:
            yield explain_document(app.instance, view)


def _nothing(app: App, wanted: str) -> NoReturn:
    near = app.desk.keys_beginning(wanted, _MOST)
    more = f"; keys that begin so: {', '.join(near)}" if near else ""
    fail(
        f"'{wanted}' is no file, and no document has it as its id, the beginning of it, or a "
        f"business key{more}",
        ExitCode.FINDINGS,
    )
