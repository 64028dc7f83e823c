"""What a destination would be sent: of a document that is kept, or of one in a file."""

from __future__ import annotations

from collections.abc import Sequence

import orjson
from rich.markup import escape

from gateway import canonical
from gateway.app import App
from gateway.app.preview import preview
from gateway.cli.named import document_named, partner_named
from gateway.cli.show_exchanges import print_body, print_headers
from gateway.cli.terminal import (
    ExitCode,
    InputUnreadable,
    fail,
    print_json,
    read_input,
    remarks,
    results,
    shown_name,
)
from gateway.config import Instance
from gateway.pipeline.ports import Consignment, Exchange
from gateway.shaping import NotShaped

_KEY = "(its own)"
"""In place of the idempotency key and of ids that a document in a file has not."""


def stored_consignment(app: App, named: str) -> Consignment:
    """Return a document that is kept as a destination would get it."""
    document = document_named(app, named).document
    if document.canonical is None:
        fail("there is no canonical document: it was not translated", ExitCode.FINDINGS)
    kind = document.document_type or "document"
    return _consignment(
        document.canonical, kind, document.partner, document.id, document.payload_id
    )


def given_consignments(instance: Instance, file: str, partner: str | None) -> list[Consignment]:
    """Return the documents of a file as a destination would get them."""
    name = shown_name(file)
    try:
        held = orjson.loads(read_input(file))
    except orjson.JSONDecodeError as fault:
        raise InputUnreadable(f"{name} is not well-formed JSON: {fault}") from fault
    found = []
    for document in held if isinstance(held, list) else [held]:
        if not isinstance(document, dict):
            raise InputUnreadable(f"{name} holds no document: expected a JSON object")
        for pointer, message in canonical.check(document):
            raise InputUnreadable(f"{name} is not a canonical document: {pointer}: {message}")
        whose = partner or str(document.get("meta", {}).get("partner", ""))
        if not whose:
            raise InputUnreadable(f"{name} does not say whose it is: expected --partner")
        kind = str(document["document"])
        content = orjson.dumps(document)
        found.append(_consignment(content, kind, partner_named(instance, whose).id, _KEY, _KEY))
    return found


def print_previews(
    instance: Instance, name: str, given: Sequence[Consignment], *, as_json: bool
) -> bool:
    """Print what would be sent, or why nothing would be; say whether all would."""
    made = [_previewed(instance, name, one) for one in given]
    if as_json:
        print_json([_json(one) for one in made])
    else:
        for one in made:
            _print(name, one)
    return not any(isinstance(one, NotShaped) for one in made)


def _previewed(instance: Instance, name: str, what: Consignment) -> Exchange | NotShaped:
    try:
        return preview(instance, name, what)
    except NotShaped as fault:
        return fault


def _json(made: Exchange | NotShaped) -> dict[str, object]:
    if isinstance(made, NotShaped):
        return {"because": str(made)}
    text = made.content.decode("utf-8", "replace")
    return {"request": made.request, "headers": dict(made.headers), "content": text}


def _print(name: str, made: Exchange | NotShaped) -> None:
    if isinstance(made, NotShaped):
        said = f"[red]✗[/] {escape(name)} would not be sent it: {escape(str(made))}"
        remarks().print(said, soft_wrap=True)
        return
    console = results()
    console.print(f"[bold]→[/] {escape(made.request)}", soft_wrap=True)
    print_headers(made.headers, console)
    print_body(made.content, len(made.content), console)


def _consignment(
    content: bytes, kind: str, partner: str, document_id: str, correlation_id: str
) -> Consignment:
    return Consignment(
        content,
        f"{kind}-{document_id}.json",
        _KEY,
        correlation_id,
        headers={"X-Document-Id": document_id, "X-Document-Type": kind, "X-Partner": partner},
        facts={
            "document_id": document_id, "document_type": kind, "partner": partner,
            "idempotency_key": _KEY, "correlation_id": correlation_id, "generation": "1",
        },
    )  # fmt: skip
