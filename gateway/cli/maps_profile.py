"""`gateway maps profile`: how what a partner really sends deviates from base map and guide."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from gateway import config
from gateway.acks.results import ACKNOWLEDGMENT_GROUP
from gateway.cli.draft_hints import hints
from gateway.cli.draft_map import Draft, codes_unknown, never_filled
from gateway.cli.filters import Limit, Since
from gateway.cli.inputs import collect
from gateway.cli.maps_coverage import Coverage
from gateway.cli.maps_in_use import MapsInUse
from gateway.cli.named import PartnerName, partner_named
from gateway.cli.sample_facts import Facts
from gateway.cli.terminal import AsJson, Home, print_json, printable, remarks, results
from gateway.cli.translated_twice import Given, Known, sets_in
from gateway.config import Instance
from gateway.config.schemas import packaged_schemas
from gateway.counting import counted
from gateway.errors import InterchangeUnreadable
from gateway.partners import NoAgreement, Partner
from gateway.pipeline.views import DocumentFilter
from gateway.x12.guides.validator import guided_validator
from gateway.x12.model import GroupHeader, InterchangeHeader, TransactionSet
from gateway.x12.reader import GroupEnd, InterchangeEnd, read

_TITLES = {
    "findings": "the schema or the guide holds against it",
    "unmapped": "sent, and the base map has no field for it",
    "unknown_codes": "codes that the base map's tables do not have",
    "habits": "habits",
    "never_sent": "fields that are never sent",
    "codes": "codes that are used",
    "lengths": "lengths",
}

_MOST = 12
"""Lines that are shown of a section; --json has all."""


@dataclass(slots=True)
class Profile:
    """What the sets of one kind come to."""

    draft: Draft
    map: str
    guide: str
    faults: Counter[str] = field(default_factory=Counter)
    """What schema and guide hold against the sets, by place."""

    def sections(self) -> Iterator[tuple[str, list[str]]]:
        """Yield what there is to say, each under its name."""
        draft = self.draft
        yield "findings", _most_first(self.faults)
        yield (
            "unmapped",
            [
                f"{one.place} ×{one.count:,}, such as {one.values.most_common(1)[0][0]}"
                for one in draft.coverage.leftovers.values()
            ],
        )
        yield "unknown_codes", codes_unknown(draft)
        yield "habits", list(hints(draft.facts))
        yield "never_sent", list(never_filled(draft))
        yield (
            "codes",
            [
                f"{place}: {', '.join(_most_first(seen.values))}"
                for place, seen in draft.facts.places.items()
                if seen.is_coded
            ],
        )
        yield (
            "lengths",
            [
                f"{place}: {seen.shortest}/{seen.longest} of {seen.use.minimum}/{seen.use.maximum}"
                for place, seen in draft.facts.places.items()
                if seen.use is not None and not seen.is_coded
            ],
        )


@dataclass(slots=True)
class _Reading:
    """What a partner's traffic comes to, set by set."""

    instance: Instance
    partner: Partner
    maps: MapsInUse
    profiles: dict[str, Profile] = field(default_factory=dict)
    leniencies: Counter[str] = field(default_factory=Counter)
    """What reading by the letter of the standard holds against the envelopes."""

    def take(self, given: Given, known: Known) -> None:
        """Read one payload."""
        try:
            self._strictly(given)
            for header, group, one in sets_in(given, known):
                partner, direction = known.ends(header)
                base = f"base-{one.set_id}"
                if group.functional_id == ACKNOWLEDGMENT_GROUP or base not in self.maps.files:
                    continue
                if known.counts(partner) and direction == "in":
                    self._add(header, group, one)
        except InterchangeUnreadable as fault:
            remarks().print(f"[yellow]passed over:[/] {escape(f'{given.name}: {fault}')}")

    def _strictly(self, given: Given) -> None:
        for event in read(given.content):
            if isinstance(event, TransactionSet | GroupEnd | InterchangeEnd):
                self.leniencies.update(str(one.code) for one in event.findings)

    def _add(self, header: InterchangeHeader, group: GroupHeader, one: TransactionSet) -> None:
        found = self.partner.agreement("in", one.set_id, version=group.version, usage=header.usage)
        agreement = None if isinstance(found, NoAgreement) else found
        version = agreement.schema_version if agreement else group.version
        name = self.partner.guide_of(agreement) if agreement is not None else None
        guide = self.instance.guides.get(name) if name is not None else None
        validator = guided_validator(packaged_schemas(), version, one.set_id, guide)
        if validator is None:
            return
        profile = self.profiles.get(one.set_id)
        if profile is None:
            base = f"base-{one.set_id}"
            schema = packaged_schemas().get(version, one.set_id) or self.maps.schema(base)
            compiled = self.maps.compiled_for(base, schema)
            resolved = self.maps.resolved(base)
            draft = Draft(base, one.set_id, compiled, resolved, Facts(schema), Coverage())
            said = (agreement.map or "") if agreement else ""
            profile = Profile(draft, said, name[1] if name else "")
            self.profiles[one.set_id] = profile
        parsed = validator.parse(one)
        for finding in parsed.findings:
            value = f" '{printable(finding.value)}'" if finding.value else ""
            rule = ", by the guide" if finding.rule is not None else ""
            profile.faults[f"{finding.location.reference} {finding.code}{value}{rule}"] += 1
        draft = profile.draft
        reading = draft.compiled.read(parsed.tree, one.delimiters)
        kept = [word for made in reading.documents for word in draft.compiled.kept(made)]
        draft.take(reading.documents, [*reading.findings, *kept])
        draft.facts.add(parsed.tree)
        draft.coverage.take(draft.compiled, one, reading)


def profile(
    partner: PartnerName,
    files: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[FILE…]",
            help="X12 files or folders of them; what the instance holds if left out.",
        ),
    ] = None,
    home: Home = Path(),
    since: Since = None,
    limit: Limit = 10_000,
    as_json: AsJson = False,
) -> None:
    """Say how what a partner sends deviates from the base maps, the standard and its guide.

    For each set: what it sends that the base map has no field for, codes and lengths, what it never
    sends, and what schema or guide hold against it; and which leniencies its envelopes need.
    """
    instance = config.load(home, maps_too=False)
    one = partner_named(instance, partner)
    ours = frozenset(identity.key for identity in instance.settings.identities)
    known = Known(instance.partners, ours, partner)
    reading = _Reading(instance, one, MapsInUse(instance))
    with ExitStack() as open_:
        if files:
            given: Iterable[Given] = (
                Given(found.shown, found.read()) for found in collect(files).inputs
            )
        else:
            from gateway.cli.stored_payloads import stored

            wanted = DocumentFilter(direction="in", partner=partner, since=since, limit=limit)
            given, _ = open_.enter_context(stored(home, wanted))
        for payload in given:
            reading.take(payload, known)
    if as_json:
        print_json(_as_json(reading))
    else:
        _show(reading)


def _most_first(found: Counter[str]) -> list[str]:
    return [f"{what} ×{count:,}" for what, count in found.most_common()]


def _show(reading: _Reading) -> None:
    if not reading.profiles:
        remarks().print(f"Nothing of '{reading.partner.id}' was read by a base map.")
        return
    for set_id, one in reading.profiles.items():
        sets = counted(one.draft.facts.sets, "set")
        agreed = f"map {one.map or 'none'}, guide {one.guide or 'none'}"
        results().print(f"[bold]{escape(set_id)}[/]  {sets}  [dim]{escape(agreed)}[/]")
        for name, lines in one.sections():
            _show_section(_TITLES[name], lines)
    accepted = set(reading.partner.leniencies)
    if reading.leniencies:
        results().print("[bold]envelopes[/]")
        _show_section("not as the standard has it", _most_first(reading.leniencies))
        if accepted:
            results().print(f"  [dim]accepted: {escape(', '.join(sorted(accepted)))}[/]")


def _show_section(title: str, lines: Sequence[str]) -> None:
    if not lines:
        return
    results().print(f"  [cyan]{title}[/]")
    for line in lines[:_MOST]:
        results().print(f"    {escape(printable(line))}")
    if len(lines) > _MOST:
        results().print(f"    [dim]… and {len(lines) - _MOST} more; --json has all[/]")


def _as_json(reading: _Reading) -> dict[str, object]:
    return {
        "partner": reading.partner.id,
        "envelopes": dict(reading.leniencies),
        "accepted": list(reading.partner.leniencies),
        "sets": [
            {
                "set": set_id,
                "count": one.draft.facts.sets,
                "map": one.map,
                "guide": one.guide,
                **dict(one.sections()),
            }
            for set_id, one in reading.profiles.items()
        ],
    }
