"""Explains one document's routing: each rule's answer, each delivery, and what differs by now."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import cast

import orjson
from rich.console import Console
from rich.markup import escape

from gateway import canonical
from gateway.cli.document_rows import coloured
from gateway.cli.examine import ExaminedSet, Examiner
from gateway.cli.terminal import InputUnreadable, shown_name
from gateway.config import Instance
from gateway.config.schemas import packaged_schemas
from gateway.findings import Severity
from gateway.partners import Agreement
from gateway.pipeline.as_it_is import AsItIs
from gateway.pipeline.outbound.write import sentence
from gateway.pipeline.outcome import Reason
from gateway.pipeline.records import DeliveryRecord, DocumentRecord
from gateway.pipeline.rerouting import latest_generations
from gateway.pipeline.rulebook import MapReader
from gateway.pipeline.stages.route import context_of
from gateway.pipeline.stages.translate import Untranslated, translate
from gateway.pipeline.states import DeliveryStatus
from gateway.pipeline.views import DocumentView
from gateway.routing import Context, Routing, RuleVerdict, following, is_follow_up
from gateway.yaml_source import suggestion

_USAGES = {"production": "P", "test": "T", "information": "I"}

Content = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Given:
    """A file, and what is said of it besides."""

    name: str
    payload: bytes
    partner: str | None
    set_id: str | None
    usage: str | None


@dataclass(frozen=True, slots=True)
class Explained:
    """One document, what the rules of today make of it, and what was made of it when it came."""

    title: str
    routing: Routing | None = None
    because: str = ""
    """Why the rules are not asked."""
    stored: DocumentRecord | None = None
    """Without its content."""
    deliveries: tuple[DeliveryRecord, ...] = ()
    """The latest to each destination."""
    following: tuple[RuleVerdict, ...] = ()
    """What each declared next document says of it."""

    @property
    def fine(self) -> bool:
        """Say whether it goes somewhere, or need not."""
        if self.routing is None:
            return self.stored is not None and self.stored.direction == "out"
        return bool(self.routing.destinations) or self.routing.kept_by is not None

    @property
    def missing(self) -> list[str]:
        """Return the places that today's rules name and that it was never owed to."""
        if self.routing is None or self.stored is None:
            return []
        had = {one.destination for one in self.deliveries}
        return [name for name in self.routing.destinations if name not in had]


def explain_document(instance: Instance, view: DocumentView) -> Explained:
    """Explain a document that is kept."""
    document = view.document
    keys = ", ".join(key.value for key in view.keys[:3])
    kind = (document.document_type or "no document").replace("_", " ")
    title = f"{document.set_id} {keys}  {document.id[:8]}  {kind}"
    if document.direction == "out":
        because = (
            f"ours: it goes to {document.partner}, for whom it was submitted; no rule is asked"
        )
        return Explained(f"{title} to {document.partner}", because=because, stored=document)
    title = f"{title} from {document.partner}"
    if document.canonical is None:
        because = document.because or "it was not translated: there is nothing to route"
        return Explained(title, because=because, stored=document)
    context = context_of(document, instance.partners.get(document.partner))
    routing = instance.router.route(context, orjson.loads(document.canonical))
    deliveries = tuple(latest_generations(view.deliveries))
    follows = _following(instance, context, orjson.loads(document.canonical))
    title = f"{title}, usage {context.usage}"
    return Explained(title, routing, "", document, deliveries, follows)


def explain_file(instance: Instance, given: Given) -> Iterator[Explained]:
    """Explain what a file holds, as if it came now."""
    if given.payload.lstrip()[:1] in (b"{", b"["):
        yield from _json(instance, given)
        return
    sets = (
        one
        for interchange in Examiner(instance).interchanges(given.payload)
        for group in interchange.groups
        for one in group.sets
    )
    for number, one in enumerate(sets, 1):
        yield from _set(instance, one, number)


def _json(instance: Instance, given: Given) -> Iterator[Explained]:
    name = shown_name(given.name)
    try:
        held = orjson.loads(given.payload)
    except orjson.JSONDecodeError as fault:
        raise InputUnreadable(f"{name} is not well-formed JSON: {fault}") from fault
    for document in held if isinstance(held, list) else [held]:
        if not isinstance(document, dict):
            raise InputUnreadable(f"{name} holds no document: expected a JSON object")
        for pointer, message in canonical.check(document):
            raise InputUnreadable(f"{name} is not a canonical document: {pointer}: {message}")
        context = _context(instance, given, document)
        title = f"{_named(document)} from {context.partner}, usage {context.usage}"
        follows = _following(instance, context, document)
        yield Explained(title, instance.router.route(context, document), following=follows)


def _context(instance: Instance, given: Given, document: Content) -> Context:
    """Return whose a document is: as it was said, or else as its own `meta` says."""
    meta = cast("Mapping[str, object]", document.get("meta", {}))
    partner = given.partner or str(meta.get("partner", ""))
    set_id = given.set_id or str(meta.get("transaction_set", ""))
    usage = given.usage or _USAGES.get(str(meta.get("usage", "")), "P")
    if not partner or not set_id:
        raise InputUnreadable(
            f"{shown_name(given.name)} does not say whose it is: expected --partner and --set"
        )
    if partner not in instance.partners:
        near = suggestion(partner, instance.partners)
        raise InputUnreadable(f"there is no partner '{partner}'{near}")
    return Context(partner, set_id, usage)


def _set(instance: Instance, one: ExaminedSet, number: int) -> Iterator[Explained]:
    """Explain the documents that a transaction set becomes."""
    reading = one.reading
    partner = instance.lookup.partner_of(one.interchange.sender)
    title = f"{reading.transaction_set.set_id}, set {number} of the file"
    if partner is None:
        yield Explained(title, because="nobody knows its sender")
        return
    title, agreement = f"{title}, from {partner.id}", reading.agreement
    refused = [finding for finding, severity in one.findings if severity is Severity.REJECT]
    if refused:
        yield Explained(title, because=f"is rejected: {sentence(refused[0])}")
        return
    if agreement is None or reading.tree is None:
        yield Explained(title, because="an acknowledgment: it is reconciled, and not routed")
        return
    translated = translate(
        reading.tree,
        reading.transaction_set.delimiters,
        agreement=agreement,
        document_map=_reader(instance, agreement),
    )
    if isinstance(translated, Untranslated):
        yield Explained(title, because=translated.outcome.because)
        return
    usage = agreement.effective_usage(one.interchange.usage)
    context = Context(partner.id, reading.transaction_set.set_id, usage)
    for document in translated.documents:
        routing = instance.router.route(context, document)
        follows = _following(instance, context, document)
        yield Explained(f"{title}: {_named(document)}, usage {usage}", routing, following=follows)


def _following(instance: Instance, context: Context, document: Content) -> tuple[RuleVerdict, ...]:
    return tuple(following([one.rule() for one in instance.routes.next], context, document))


def _reader(instance: Instance, agreement: Agreement) -> MapReader | None:
    if agreement.map is not None:
        return instance.compiled_map(agreement.map, agreement.schema_version)
    schema = packaged_schemas().get(agreement.schema_version, agreement.set)
    return AsItIs(schema) if schema is not None else None


def _named(document: Content) -> str:
    keys = ", ".join(value for _, value in canonical.business_keys(document)[:3])
    return f"{str(document['document']).replace('_', ' ')} {keys}".strip()


def print_all(found: list[Explained], console: Console) -> None:
    """Print documents one after another."""
    for number, one in enumerate(found):
        if number:
            console.print()
        _print(one, console)


def _print(one: Explained, console: Console) -> None:
    console.print(f"[bold]{escape(one.title)}[/]")
    if one.routing is None:
        console.print(f"  {escape(one.because)}")
    else:
        colour = "green" if one.fine else "red"
        console.print(f"  [{colour}]{escape(one.routing.explanation)}[/]")
        for number, verdict in enumerate(one.routing.verdicts, 1):
            mark = "[green]✓[/]" if verdict.taken else "[dim]–[/]"
            to = f" → {', '.join(verdict.destinations)}" if verdict.destinations else ""
            said = f"{verdict.why}{to}"
            console.print(f"  {mark} {number}. {escape(verdict.rule)}: [dim]{escape(said)}[/]")
    for verdict in one.following:
        mark = "[green]✓[/]" if verdict.taken else "[dim]–[/]"
        to = " → a next document" if verdict.taken else ""
        console.print(f"  {mark} next {escape(verdict.rule)}: [dim]{escape(verdict.why + to)}[/]")
    if one.stored is not None:
        _print_stored(one, one.stored, console)


def _print_stored(one: Explained, document: DocumentRecord, console: Console) -> None:
    for delivery in one.deliveries:
        state = coloured(delivery.state)
        console.print(f"  {escape(delivery.destination)}: {state} {escape(_went(one, delivery))}")
    waits = document.delivery == DeliveryStatus.QUARANTINED and document.reason == Reason.NO_ROUTE
    if waits:
        owner = f" ({document.owner} acts)" if document.owner else ""
        console.print(f"  [red]waits[/]: {escape(document.because or '')}{escape(owner)}")
    if one.missing and (waits or one.deliveries):
        names = ", ".join(one.missing)
        console.print(
            f"  [dim]next[/]: gateway documents reroute {document.id[:8]}, to send it to "
            f"{escape(names)} by today's rules"
        )


def _went(one: Explained, delivery: DeliveryRecord) -> str:
    """Say by which rule a delivery was made, and whether the rules of today would make it."""
    if is_follow_up(delivery.destination):
        return f"since {delivery.route} answered"
    said = f"by rule '{delivery.route}'"
    if one.routing is None or delivery.destination in one.routing.destinations:
        return said
    return f"{said}; no rule of today sends it there"


def as_json(one: Explained) -> dict[str, object]:
    """Return an explanation as JSON can hold it."""
    routing = one.routing
    return {
        "title": one.title,
        "document_id": one.stored.id if one.stored else None,
        "explanation": routing.explanation if routing else one.because,
        "destinations": list(routing.destinations) if routing else [],
        "next": [asdict(verdict) for verdict in one.following],
        "rules": [asdict(verdict) for verdict in routing.verdicts] if routing else [],
        "deliveries": [asdict(delivery) for delivery in one.deliveries],
        "to_reroute": one.missing,
    }
