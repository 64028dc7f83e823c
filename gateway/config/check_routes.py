"""What must fit between routes and the rest: destinations, partners, fields, tests."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from gateway.canonical import DOCUMENTS, X12_SET
from gateway.config.files import Files, Report
from gateway.config.instance import production, production_partners
from gateway.config.maps import inherited
from gateway.config.schemas import document_schema
from gateway.config.shapes import unknown_part
from gateway.partners import Agreement, Partner
from gateway.routing import Onward, Routes, Rule, When
from gateway.routing.route import PRODUCTION
from gateway.yaml_source import Source, suggestion

Place = tuple[str | int, ...]
"""Where something stands in a file."""


def check(files: Files, report: Report) -> None:
    """Note what does not fit in `routes.yaml`."""
    routes, source = files.routes.model, files.routes.source
    if routes is None:
        return
    _names(routes, source, report)
    _destinations(files, routes, source, report=report)
    # A partner's file that could not be read would make its name look unknown.
    if all(read.model is not None for read in files.partners):
        _partners(files, routes, source, report=report)
        _never_made(files, routes, source, report=report)
    for index, rule in enumerate(routes.rules):
        check_when(rule.when, source, ("rules", index, "when"), report)
    _never_asked(routes, source, report)
    _tests_to_production(files, routes, source, report=report)
    _without_route(files, routes, report)


def _names(routes: Routes, source: Source, report: Report) -> None:
    first: dict[str, int] = {}
    for index, rule in enumerate(routes.rules):
        if first.setdefault(rule.name, index) != index:
            message = f"'{rule.name}' is the name of rules[{first[rule.name]}] already"
            report.problem(source, ("rules", index, "name"), message)


def _destinations(files: Files, routes: Routes, source: Source, *, report: Report) -> None:
    settings = files.settings.model
    if settings is None:
        return
    known = sorted(settings.destinations)
    for index, rule in enumerate(routes.rules):
        for place, name in enumerate(rule.to):
            if isinstance(name, str) and name not in known:
                message = f"there is no destination '{name}'{suggestion(name, known)}"
                report.problem(source, ("rules", index, "to", place), message)
    used = {name for rule in routes.rules for name in rule.destinations}
    # An export tells its ERP through one, and no rule sends anything there.
    used |= {export.done.destination for _, export in files.read_exports if export.done}
    for name in known:
        if name not in used:
            place_of = files.settings.source
            report.warn(place_of, ("destinations", name), "no rule sends anything here")


def _partners(files: Files, routes: Routes, source: Source, *, report: Report) -> None:
    by_id = {partner.id: partner for partner in files.partner_models}
    known = sorted(by_id)
    sets = {entry.set for partner in files.partner_models for entry in partner.inbound}
    for index, rule in enumerate(routes.rules):
        for place, target in enumerate(rule.to):
            if isinstance(target, Onward) and (fault := _fault_of(target, by_id)):
                report.problem(source, ("rules", index, "to", place), fault)
        for place, name in enumerate(rule.when.partner):
            if name not in known:
                message = f"there is no partner '{name}'{suggestion(name, known)}"
                report.problem(source, ("rules", index, "when", "partner", place), message)
        for place, set_id in enumerate(rule.when.set):
            if set_id not in sets:
                message = f"no partner has an agreement to send {set_id}"
                report.warn(source, ("rules", index, "when", "set", place), message)


def _never_made(files: Files, routes: Routes, source: Source, *, report: Report) -> None:
    """Warn of document types that no agreement makes of what comes in."""
    made: dict[str | None, list[tuple[str, str]]] = {}
    for partner in files.partner_models:
        for one in partner.inbound:
            kind = inherited(one.map, "document", files.maps.files) if one.map else X12_SET
            made.setdefault(kind, []).append((partner.id, one.set))
    if None in made:
        return  # A map that could not be read makes nobody knows what.
    for index, rule in enumerate(routes.rules):
        when = rule.when
        for place, name in enumerate(when.document):
            of_it = (
                (not when.partner or partner in when.partner) and (not when.set or one in when.set)
                for partner, one in made.get(name, [])
            )
            if name in DOCUMENTS and not any(of_it):
                message = f"no map of an agreement makes a document '{name}' of what this asks for"
                report.warn(source, ("rules", index, "when", "document", place), message)


def _fault_of(target: Onward, partners: Mapping[str, Partner]) -> str | None:
    """Say why nothing could be sent on to a partner; None where something can."""
    partner = partners.get(target.partner)
    if partner is None:
        return f"there is no partner '{target.partner}'{suggestion(target.partner, partners)}"
    sent = [one.set for one in partner.agreements if one.direction == "out"]
    if not sent:
        return f"nothing is agreed to be sent to partner '{partner.id}'"
    if target.set is not None and target.set not in sent:
        agreed = ", ".join(dict.fromkeys(sent))
        return f"no agreement to send {target.set} to partner '{partner.id}'; agreed is {agreed}"
    return None


def check_when(when: When, source: Source, at: Place, report: Report) -> None:
    """Note document types and fields that there are not."""
    _documents(when, source, at, report)
    _fields(when, source, at, report)


def _documents(when: When, source: Source, at: Place, report: Report) -> None:
    for place, name in enumerate(when.document):
        if name not in DOCUMENTS:
            message = f"there is no document type '{name}'{suggestion(name, DOCUMENTS)}"
            report.problem(source, (*at, "document", place), message)


def _fields(when: When, source: Source, at: Place, report: Report) -> None:
    if not when.fields:
        return
    types = [name for name in DOCUMENTS if not when.document or name in when.document]
    schemas = [document_schema(name) for name in types]
    for path in when.fields:
        unknown = [unknown_part(schema, path.split(".")) for schema in schemas]
        missing = [found for found in unknown if found is not None]
        # Without a document type a rule may ask for what only some types have.
        if not missing or len(missing) < len(unknown):
            continue
        name = missing[0][0]
        known = sorted({key for _, keys in missing for key in keys})
        where = ", ".join(when.document) or "any document"
        message = f"{where} has no field '{path}': '{name}' is unknown{suggestion(name, known)}"
        report.problem(source, (*at, "fields", path), message)


def _never_asked(routes: Routes, source: Source, report: Report) -> None:
    if routes.mode != "first_match":
        return
    for index, rule in enumerate(routes.rules[:-1]):
        if rule.when == When():
            message = f"'{rule.name}' takes every document; no rule after it is ever asked"
            report.warn(source, ("rules", index), message)
            return


@dataclass(frozen=True, slots=True)
class _Traffic:
    """One kind of document that may come in: whose, which set, with which usage."""

    partner: str
    set_id: str
    usage: str
    as_it_is: bool = False
    """No map translates it: only rules that ask for `x12_set` take it."""
    document: str | None = None
    """What its map makes of it, where that can be told."""

    def __str__(self) -> str:
        return f"{self.set_id} of partner '{self.partner}' with usage {self.usage}"

    def may_match(self, rule: Rule) -> bool:
        """Say whether a rule may take it."""
        when = rule.when
        bare = X12_SET in when.document or (rule.keep and not when.document)
        return (
            (not self.as_it_is or bare)
            and (not when.partner or self.partner in when.partner)
            and (not when.set or self.set_id in when.set)
            and (not when.usage or self.usage in when.usage)
            and (not when.document or self.document is None or self.document in when.document)
        )

    def must_match(self, rule: Rule) -> bool:
        """Say whether a rule takes it whatever the document says."""
        told = not rule.when.document or self.document is not None
        return self.may_match(rule) and not rule.when.fields and told


def _tests_to_production(files: Files, routes: Routes, source: Source, *, report: Report) -> None:
    settings = files.settings.model
    if settings is None:
        return
    guarded = production(settings) | production_partners(files.partner_models, routes)
    traffic = (one for partner in files.partner_models for one in _traffic(files, partner))
    left = [entry for _, entry in traffic if entry.usage != PRODUCTION]
    for index, rule in enumerate(routes.rules):
        refusing = [name for name in rule.destinations if name in guarded]
        arriving = [entry for entry in left if entry.may_match(rule)]
        if refusing and arriving:
            message = (
                f"may take {arriving[0]}, which never reaches a production destination: "
                f"{', '.join(refusing)} would refuse it"
            )
            report.warn(source, ("rules", index), message)
        if routes.mode == "first_match":
            left = [entry for entry in left if not entry.must_match(rule)]


def _traffic(files: Files, partner: Partner) -> Iterator[tuple[int, _Traffic]]:
    """Yield what may come from a partner, with the place of its agreement."""
    for index, agreement in enumerate(partner.agreements):
        if agreement.direction == "out":
            continue
        made = inherited(agreement.map, "document", files.maps.files) if agreement.map else None
        for usage in _usages(agreement):
            yield (
                index,
                _Traffic(
                    partner.id, agreement.set, usage, as_it_is=agreement.map is None, document=made
                ),
            )


def _usages(agreement: Agreement) -> Iterable[str]:
    return dict.fromkeys(agreement.effective_usage(usage) for usage in agreement.usages)


def _without_route(files: Files, routes: Routes, report: Report) -> None:
    for source, partner in files.read_partners:
        for index, entry in _traffic(files, partner):
            if any(entry.may_match(rule) for rule in routes.rules):
                continue
            message = f"no rule takes {entry.set_id} with usage {entry.usage}"
            if entry.as_it_is:
                message += f", which no map translates; one that asks for {X12_SET} would"
            report.warn(source, ("agreements", index), message)
