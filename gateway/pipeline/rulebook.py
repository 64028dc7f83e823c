"""Everything that configuration decides about a payload, as the stages ask for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from gateway.findings import Finding
from gateway.mapping.plan import Json
from gateway.partners import Agreement, GuideName, Identity, Partner, PartnerLookup
from gateway.pipeline.as_it_is import AsItIs
from gateway.pipeline.memory import Memory, Recalling, forgetful
from gateway.pipeline.ordering import key_of
from gateway.pipeline.records import kept
from gateway.pipeline.versions_port import VersionRecord
from gateway.routing import NextRule, Router
from gateway.x12.guides.model import Guide
from gateway.x12.guides.validator import guided_validator
from gateway.x12.library import SchemaLibrary
from gateway.x12.model import Delimiters, InterchangeHeader, Loop, Segment
from gateway.x12.reader import LeniencyOf
from gateway.x12.validate import SetValidator


class MapReading(Protocol):
    """What a map made of a transaction set."""

    @property
    def documents(self) -> Sequence[Mapping[str, object]]:
        """Return the canonical documents: one, unless the map splits."""

    @property
    def findings(self) -> Sequence[Finding]:
        """Return what could not be translated."""

    @property
    def fits(self) -> bool:
        """Say whether the documents are certain to be what the canonical model wants."""


class MapWriting(Protocol):
    """What a map made of a document."""

    @property
    def segments(self) -> Sequence[Segment]:
        """Return the transaction set in the schema's order, between ST and SE."""

    @property
    def text(self) -> str:
        """Return it as text that can be written as it is, where it was found to be; else none."""

    @property
    def findings(self) -> Sequence[Finding]:
        """Return what could not be written."""


class MapReader(Recalling, Protocol):
    """A compiled map, as what came in is read by it."""

    @property
    def name(self) -> str:
        """Return what people call it."""

    @property
    def version(self) -> str:
        """Return a hash of all it was made of: another one may translate otherwise."""

    def read(self, tree: Loop, delimiters: Delimiters) -> MapReading:
        """Translate a transaction set to a document."""

    def kept(self, document: Mapping[str, object]) -> Sequence[Finding]:
        """Name the words of a document that a table let pass without knowing them."""


class DocumentMap(MapReader, Protocol):
    """A compiled map."""

    @property
    def document(self) -> str:
        """Return the type of the documents that it reads and writes."""

    def write(
        self, document: Mapping[str, Json], delimiters: Delimiters, replacement: str | None = None
    ) -> MapWriting:
        """Translate a document to a transaction set; a delimiter in a value is replaced if said."""


@dataclass(frozen=True)
class Rulebook:
    """Partners, schemas, maps and routes of an instance, ready to be asked."""

    partners: Mapping[str, Partner]
    lookup: PartnerLookup
    router: Router
    schemas: SchemaLibrary
    map_named: Callable[[str, str], DocumentMap | None]
    """Gives a map by its name and the version whose sets it is to read and write."""
    leniency_of: LeniencyOf
    owner: str = "operator"
    """Who acts where nobody else is named."""
    our_identity: Callable[[Partner], Identity | None] = lambda _: None
    """Gives how we name ourselves towards a partner; None where there is nothing to send."""
    attempts_at: Callable[[str], int | None] = lambda _: 12
    """Gives the attempts that a destination allows; None where there is no such destination."""
    ordering_at: Callable[[str], Sequence[str]] = lambda _: ()
    """Gives what a destination's ordering key is made of: nothing where it asks for no order."""
    next_rules: tuple[NextRule, ...] = ()
    """The declared next documents."""
    guides: Mapping[GuideName, Guide] = field(default_factory=dict)
    """The partners' guides that agreements name."""
    memory: Memory = forgetful
    """Finds what maps recall of earlier documents."""
    version_of: Callable[[Partner, Agreement], str | None] = lambda _partner, _agreement: None
    """Gives the hash of all that translates sets of an agreement, which documents remember."""
    keep_versions: Callable[[], None] = lambda: None
    """Keeps what the maps of now were made of, once: asked for before documents are made by them,
    and outside of transactions."""
    restored: Callable[[VersionRecord, Mapping[str, bytes]], DocumentMap] | None = None
    """Makes a map again of what the store keeps of an old version."""
    _validators: dict[tuple[str, str, GuideName | None], SetValidator | None] = field(
        default_factory=dict, init=False
    )

    def reader(self, agreement: Agreement) -> MapReader | None:
        """Return what reads sets of an agreement: its map, or the set as it is where it names none.

        None where the map or the schema is not there any more.
        """
        if agreement.map is not None:
            return self.map_named(agreement.map, agreement.schema_version)
        schema = self.schemas.get(agreement.schema_version, agreement.set)
        return AsItIs(schema) if schema is not None else None

    def owner_of(self, partner: Partner | None) -> str:
        """Return who on our side acts for a partner."""
        return (partner.owner if partner else None) or self.owner

    def ordering_key(
        self, destination: str, content: Mapping[str, object], partner: str
    ) -> str | None:
        """Return which deliveries to a destination a document goes in order with; None for none."""
        names = self.ordering_at(destination)
        return key_of(names, content, partner) if names else None

    def validator(
        self, version: str, set_id: str, guide: GuideName | None = None
    ) -> SetValidator | None:
        """Return what judges a set: the compiled schema of its version, or of the nearest one.

        With a guide over it where one is named; None where there is no schema.
        """
        key = (version, set_id, guide)
        if key not in self._validators:
            over = self.guides[guide] if guide is not None else None
            self._validators[key] = guided_validator(self.schemas, version, set_id, over)
        return self._validators[key]


def identity_text(identity: tuple[str, str]) -> str:
    """Write a qualifier and an id as people do: `ZZ/NORTHSTAR`."""
    return "/".join(identity)


def number_key(header: InterchangeHeader) -> tuple[str, str, str]:
    """Return what must be unique among interchanges, as it is kept: sender, receiver, ISA13."""
    return (
        kept(identity_text(header.sender)),
        kept(identity_text(header.receiver)),
        kept(header.control_number.strip()),
    )
