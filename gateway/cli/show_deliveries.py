"""Shows the deliveries of a document: how far each is, and what it waits for."""

from __future__ import annotations

from collections.abc import Mapping

from rich.console import Console
from rich.markup import escape

from gateway.app import App
from gateway.cli.document_rows import coloured
from gateway.cli.lanes import said_of
from gateway.clock import utc_now
from gateway.counting import counted
from gateway.pipeline.records import DeliveryRecord
from gateway.pipeline.states import DeliveryState
from gateway.pipeline.views import DocumentView
from gateway.routing import is_follow_up


def resting_of(app: App, view: DocumentView) -> dict[str, str]:
    """Say of destinations to which a document is due why nothing is sent there now."""
    due = {one.destination for one in view.deliveries if one.state == DeliveryState.DUE}
    if not due:
        return {}
    now, lanes = utc_now(), app.desk.lanes.destinations()
    said = {name: said_of(app, name, lanes[name].record, now) for name in due if name in lanes}
    return {name: sentence for name, (_, sentence) in said.items() if sentence}


def print_deliveries(view: DocumentView, resting: Mapping[str, str], console: Console) -> None:
    """Print each delivery: how far it is, what was answered, what it waits for."""
    for delivery in view.deliveries:
        answers = [one.answer for one in view.attempts if one.delivery_id == delivery.id]
        last = delivery.last_error or (answers[-1] if answers else "")
        attempts = counted(delivery.attempt, "attempt")
        console.print(
            f"  {escape(delivery.destination)}: {coloured(delivery.state)} after {attempts}"
            f"{escape(f', last answer: {last}' if last else '')}"
        )
        if delivery.state == DeliveryState.DEAD and delivery.owner:
            console.print(f"    given up ({escape(delivery.owner)} acts)")
        if delivery.id in view.held_behind:
            console.print(f"    {_behind(view.held_behind[delivery.id], view.document.id)}")
        if delivery.state == DeliveryState.DUE and delivery.destination in resting:
            console.print(f"    {escape(resting[delivery.destination])}")
        elif delivery.state == DeliveryState.DUE and delivery.attempt:
            console.print(f"    next attempt {delivery.due_at:%Y-%m-%d %H:%M:%S %Z}")
        why = f"since {delivery.route} answered" if is_follow_up(delivery.destination) else (
            f"by route {delivery.route}"
        )  # fmt: skip
        console.print(f"    [dim]{escape(why)}, idempotency key {delivery.idempotency_key}[/]")
    if view.exchanges:
        short = view.document.id[:8]
        console.print(f"  [dim]what was said: gateway documents show {short} --exchanges[/]")


def _behind(first: DeliveryRecord, held: str) -> str:
    """Say which delivery goes first, and how far that is."""
    if first.document_id == held:
        return f"behind an earlier delivery of this document, which is {first.state}"
    short = first.document_id[:8]
    shown = f"gateway documents show {short}"
    return f"behind {short}, which has the same ordering key and is {first.state}: {shown}"
