"""Translates payloads by two sets of maps and counts what differs; runs in several processes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

import orjson

from gateway.acks.results import ACKNOWLEDGMENT_GROUP
from gateway.canonical import business_keys
from gateway.cli.examine import ANYBODY
from gateway.cli.map_sides import Side
from gateway.config.instance import leniency
from gateway.config.maps import DEFAULT_VERSION, inherited
from gateway.config.schemas import packaged_schemas
from gateway.errors import GatewayError, InterchangeUnreadable
from gateway.mapping.impact import Made, compare
from gateway.mapping.impact_groups import Impact, Turn
from gateway.mapping.impact_written import Written, compare_written
from gateway.partners import Agreement, NoAgreement, Partner
from gateway.partners.fields import Direction
from gateway.pipeline.as_it_is import AsItIs
from gateway.pipeline.rulebook import MapReader
from gateway.pipeline.stages.translate import Untranslated, translate
from gateway.x12.leniency import Leniency, strict
from gateway.x12.model import (
    Delimiters,
    GroupHeader,
    InterchangeHeader,
    Loop,
    TransactionSet,
)
from gateway.x12.nearest import validator_for
from gateway.x12.reader import GroupStart, InterchangeStart, read

if TYPE_CHECKING:
    from gateway.mapping.compiled import CompiledMap
    from gateway.x12.validate import Validator

_USUAL = Delimiters()


@dataclass(frozen=True, slots=True)
class Known:
    """Who is who, as the instance says; with no instance, nobody is known."""

    partners: Mapping[str, Partner] = field(default_factory=dict)
    ours: frozenset[tuple[str, str]] = frozenset()
    only: str | None = None
    """The one partner whose interchanges count."""

    def ends(self, header: InterchangeHeader) -> tuple[Partner | None, Direction]:
        """Return the partner of an interchange, and which way it goes."""
        sent = header.sender in self.ours
        theirs = header.receiver if sent else header.sender
        for partner in self.partners.values():
            if any(identity.key == theirs for identity in partner.identities):
                return partner, "out" if sent else "in"
        return None, "in"

    def counts(self, partner: Partner | None) -> bool:
        """Say whether what a partner exchanged is asked for."""
        return self.only is None or (partner is not None and partner.id == self.only)

    def leniency_of(self, header: InterchangeHeader) -> Leniency:
        """Return what is accepted in reading an interchange."""
        partner, _ = self.ends(header)
        return leniency(partner.leniencies) if partner is not None else strict(header)


@dataclass(frozen=True, slots=True)
class Given:
    """Bytes to be translated: X12, or a canonical document that is written."""

    name: str
    content: bytes
    part: int = 0
    parts: int = 1
    """Of an interchange that several processes share, every so manieth set counts here."""
    labels: Mapping[int, str] | None = None
    """By the offset of ST: the sets that count, and what they are called; all where left out."""
    written_for: tuple[str, str, str] | None = None
    """Of a document of ours: the partner, the set and the version."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a set or document is, so that a map can be chosen."""

    set_id: str
    version: str
    """GS08."""
    partner: Partner | None
    direction: Direction
    usage: str


class PassedOver(GatewayError):
    """A set that cannot be compared."""


class SideReader:
    """One side, ready to be asked which map a set has."""

    def __init__(self, side: Side) -> None:
        self._side = side
        self._maps = side.maps()
        with side.named():
            self._partners = side.partners()
        self._own = {
            name: self._maps.set_id(name)
            for name, file in self._maps.files.items()
            if not file.packaged
        }

    def choose(self, asked: Asked) -> tuple[Agreement | None, str, str]:
        """Return the agreement, the map and the version of a set; raise PassedOver."""
        agreement = self._agreement(asked)
        if self._side.map:
            version = self._version(asked, self._side.map)
            return agreement, self._side.map, agreement.schema_version if agreement else version
        if agreement is not None:
            return agreement, agreement.map or "", agreement.schema_version
        fitting = [name for name, set_id in self._own.items() if set_id == asked.set_id]
        if len(fitting) != 1:
            because = "no agreement and no map is for it"
            if fitting:
                because = f"no agreement says which of {', '.join(sorted(fitting))}"
            raise PassedOver(f"set {asked.set_id}: {because}")
        return None, fitting[0], self._version(asked, fitting[0])

    def _agreement(self, asked: Asked) -> Agreement | None:
        partner = asked.partner
        if partner is None:
            return None
        if self._partners is not None:
            partner = self._partners.get(partner.id, partner)
        found = partner.agreement(
            asked.direction, asked.set_id, version=asked.version, usage=asked.usage
        )
        return None if isinstance(found, NoAgreement) else found

    def _version(self, asked: Asked, name: str) -> str:
        said = inherited(name, "version", self._maps.files)
        return said or asked.version[:6] or DEFAULT_VERSION

    def compiled(self, name: str, validator: Validator) -> CompiledMap | None:
        """Return a map against the schema that reads the sets; None where there is no such map."""
        if name not in self._maps.files:
            return None
        with self._side.named():
            return self._maps.compiled_for(name, validator.schema)

    def takes(self, set_id: str) -> bool:
        """Say whether sets of an id are meant at all."""
        return not self._side.map or self._maps.set_id(self._side.map) == set_id


def sets_in(
    given: Given, known: Known
) -> Iterator[tuple[InterchangeHeader, GroupHeader, TransactionSet]]:
    """Yield the sets of a payload that count, each with its envelope; acknowledgments do not."""
    header: InterchangeHeader | None = None
    group: GroupHeader | None = None
    count = -1
    for event in read(given.content, known.leniency_of):
        if isinstance(event, InterchangeStart):
            header = event.header
        elif isinstance(event, GroupStart):
            group = event.header
        elif isinstance(event, TransactionSet) and header is not None and group is not None:
            count += 1
            wanted = given.labels is None or event.offsets[0] in given.labels
            if wanted and count % given.parts == given.part:
                yield header, group, event


class Twice:
    """Translates whatever it is given by both sides, and counts."""

    def __init__(self, before: Side, after: Side, known: Known) -> None:
        self._sides = SideReader(before), SideReader(after)
        self._known = known
        self._validators: dict[tuple[str, str], Validator] = {}

    def impact(self, given: Given) -> Impact:
        """Return what differs in one payload or document."""
        impact = Impact()
        if given.written_for is not None:
            self._guarded(impact, partial(self._write, given, impact))
            return impact
        try:
            for header, group, one in sets_in(given, self._known):
                self._guarded(impact, partial(self._read, given, header, group, one, impact))
        except InterchangeUnreadable as fault:
            impact.pass_over(f"{given.name} is no X12: {fault}")
        return impact

    def _guarded(self, impact: Impact, step: partial[None]) -> None:
        try:
            step()
        except PassedOver as fault:
            impact.pass_over(str(fault))

    def _read(
        self,
        given: Given,
        header: InterchangeHeader,
        group: GroupHeader,
        one: TransactionSet,
        impact: Impact,
    ) -> None:
        partner, direction = self._known.ends(header)
        asked = Asked(one.set_id, group.version, partner, direction, header.usage)
        if group.functional_id == ACKNOWLEDGMENT_GROUP or not self._known.counts(partner):
            return
        if not any(side.takes(one.set_id) for side in self._sides):
            return
        chosen = [side.choose(asked) for side in self._sides]
        readers = [
            self._reader(side, name, version, one.set_id)
            for side, (_, name, version) in zip(self._sides, chosen, strict=True)
        ]
        label = (given.labels or {}).get(one.offsets[0], "")
        impact.maps[chosen[0][1], chosen[1][1]] += 1
        if _same(readers):
            impact.add(label, ())
            return
        trees = {id(validator): validator.parse(one).tree for validator, _ in readers}
        made = [
            _made(one, trees[id(validator)], document_map, agreement or ANYBODY.agreements[0])
            for (validator, document_map), (agreement, _, _) in zip(readers, chosen, strict=True)
        ]
        differences = compare(*made)
        if differences:
            label = label or _label(given.name, one, made)
        impact.add(label, differences, turn=_turn(*made))

    def _reader(
        self, side: SideReader, name: str, version: str, set_id: str
    ) -> tuple[Validator, MapReader | None]:
        validator = self._validator(version, set_id)
        reader = side.compiled(name, validator) if name else AsItIs(validator.schema)
        return validator, reader

    def _validator(self, version: str, set_id: str) -> Validator:
        key = version, set_id
        if key not in self._validators:
            made = validator_for(packaged_schemas(), version, set_id)
            if made is None:
                raise PassedOver(f"set {set_id} in version {version}: there is no schema for it")
            self._validators[key] = made
        return self._validators[key]

    def _write(self, given: Given, impact: Impact) -> None:
        partner_id, set_id, version = given.written_for or ("", "", "")
        if not any(side.takes(set_id) for side in self._sides):
            return
        partner = self._known.partners.get(partner_id)
        asked = Asked(set_id, version, partner, "out", "P")
        document = orjson.loads(given.content)
        written: list[Written] = []
        chosen = [side.choose(asked) for side in self._sides]
        impact.maps[chosen[0][1], chosen[1][1]] += 1
        for side, (_, name, release) in zip(self._sides, chosen, strict=True):
            compiled = side.compiled(name, self._validator(release, set_id))
            if compiled is None:
                raise PassedOver(f"there is no map '{name}' to write {set_id} by")
            writing = compiled.write(document, _USUAL)
            written.append(Written(writing.segments, writing.findings))
        impact.add(given.name, compare_written(*written))


def _made(
    one: TransactionSet, tree: Loop, document_map: MapReader | None, agreement: Agreement
) -> Made:
    done = translate(tree, one.delimiters, agreement=agreement, document_map=document_map)
    if isinstance(done, Untranslated):
        return Made((), done.findings, done.outcome.because)
    return Made(done.documents, done.findings)


def _turn(before: Made, after: Made) -> Turn | None:
    if bool(before.refused) == bool(after.refused):
        return None
    return Turn.REFUSED if after.refused else Turn.TRANSLATED


def _same(readers: list[tuple[Validator, MapReader | None]]) -> bool:
    """Say whether both sides have the very same map, so that nothing can differ."""
    (validator, before), (other, after) = readers
    if before is None or after is None:
        return before is after
    return validator is other and before.version == after.version


def _label(name: str, one: TransactionSet, made: list[Made]) -> str:
    """Name a document as people know it: by its first business key, and where it stands."""
    documents = [document for each in made for document in each.documents]
    keys = [value for document in documents[:1] for _, value in business_keys(document)]
    where = f"{name}, set {one.control_number}" if name else f"set {one.control_number}"
    return f"{keys[0]} ({where})" if keys else where
