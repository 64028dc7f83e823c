"""What was said at each attempt to deliver a document: requests and answers, as archived."""

from __future__ import annotations

import json
from collections.abc import Mapping

from rich.console import Console
from rich.markup import escape

from gateway.cli.terminal import results
from gateway.pipeline.exchange_records import ExchangeRecord
from gateway.pipeline.views import DocumentView

_SHOWN = 4000
"""Characters of a body that are printed; `--json` has all that is kept."""


def as_json(one: ExchangeRecord) -> dict[str, object]:
    """Return an exchange as JSON can hold it."""
    return {
        "delivery_id": one.delivery_id,
        "attempt": one.attempt,
        "number": one.number,
        "request": one.request,
        "headers": json.loads(one.headers),
        "size": one.size,
        "sha256": one.hash,
        "content": _text(one.content),
        "answer": one.answer,
        "answer_headers": json.loads(one.answer_headers),
        "answer_size": one.answer_size,
        "answer_content": _text(one.answer_content),
    }


def print_exchanges(view: DocumentView) -> None:
    """Print every exchange, in the order of attempts."""
    console = results()
    if not view.exchanges:
        console.print("nothing was said yet: no delivery of this document was tried")
    destinations = {delivery.id: delivery.destination for delivery in view.deliveries}
    for one in view.exchanges:
        to = destinations.get(one.delivery_id, one.delivery_id)
        console.print(f"[bold]{escape(to)}, attempt {one.attempt}[/]")
        _print(one, console)


def _print(one: ExchangeRecord, console: Console) -> None:
    console.print(f"  [bold]→[/] {escape(one.request)}", soft_wrap=True)
    print_headers(json.loads(one.headers), console)
    shown = one.content or b""
    note = "the document as it is, " if one.size and not shown else ""
    console.print(f"    [dim]{note}{one.size} bytes, SHA-256 {one.hash}[/]", soft_wrap=True)
    print_body(shown, one.size, console)
    console.print(f"  [bold]←[/] {escape(one.answer)}", soft_wrap=True)
    print_headers(json.loads(one.answer_headers), console)
    print_body(one.answer_content, one.answer_size, console)


def print_headers(headers: Mapping[str, str], console: Console) -> None:
    """Print headers, each in a line."""
    for name, value in headers.items():
        console.print(f"    [dim]{escape(name)}: {escape(value)}[/]", soft_wrap=True)


def print_body(content: bytes, size: int, console: Console) -> None:
    """Print a body as far as people want to see it."""
    if not content:
        return
    text = _text(content)
    for line in text[:_SHOWN].splitlines():
        printable = "".join(one if one.isprintable() else "?" for one in line)
        console.print(f"    {escape(printable)}", soft_wrap=True)
    if size > len(content) or len(text) > _SHOWN:
        console.print(f"    [dim]… of {size} bytes[/]")


def _text(content: bytes) -> str:
    return content.decode("utf-8", "replace")
