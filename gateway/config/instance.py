"""An instance's configuration as one value: read, checked, and asked by everything above.

It knows where things lie and who is who; it opens nothing but secrets, and those only when asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from gateway.canonical import DOCUMENTS
from gateway.config.destinations import Destination
from gateway.config.files import ROUTES, SETTINGS
from gateway.config.maps import DEFAULT_VERSION, MapFile, inherited
from gateway.config.next_documents import NextDocument, RoutesFile
from gateway.config.schemas import document_schema, packaged_schemas
from gateway.config.settings import GatewaySettings, OurIdentity
from gateway.config.shaping import Shaping, shape_of
from gateway.errors import ConfigProblems, Problem
from gateway.mapping.compiled import CompiledMap
from gateway.mapping.library import MapLibrary
from gateway.partners import GuideName, Partner, PartnerLookup
from gateway.pipeline.ports import DeliveryPolicy
from gateway.routing import Onward, Router, Routes
from gateway.routing.route import TEST
from gateway.secrets import Vault
from gateway.shaping import Shape
from gateway.x12.guides.model import Guide
from gateway.x12.leniency import Leniency
from gateway.x12.model import InterchangeHeader
from gateway.yaml_source import Source

if TYPE_CHECKING:
    from gateway.config.exports import ExportFile

LENIENCIES = tuple(entry.name for entry in fields(Leniency))
"""Names that `accept` may hold."""


@dataclass(frozen=True, slots=True)
class Placed:
    """An export, and the file that describes it."""

    source: Source
    file: ExportFile


@dataclass(frozen=True)
class Instance:
    """Everything that the files of one instance say."""

    home: Path
    settings: GatewaySettings
    partners: Mapping[str, Partner]
    """By id."""
    routes: RoutesFile
    maps: Mapping[str, MapFile]
    """By name; a map of the instance replaces a packaged one of the same name."""
    library: MapLibrary
    vault: Vault
    warnings: tuple[Problem, ...] = ()
    """What `gateway check` reports and nothing stops for, such as a secret that is not set here."""
    missing_secrets: tuple[Problem, ...] = ()
    """The warnings that keep `gateway run` from starting."""
    exports: Mapping[str, Placed] = field(default_factory=dict)
    """By name."""
    guides: Mapping[GuideName, Guide] = field(default_factory=dict)
    """What partners ask beyond the standard, by partner and name."""

    @cached_property
    def lookup(self) -> PartnerLookup:
        """Return what recognises sender and receiver of an interchange."""
        return PartnerLookup(self.partners.values(), self.settings.identities)

    @cached_property
    def router(self) -> Router:
        """Return the rules, ready to be asked."""
        guarded = production(self.settings) | production_partners(
            self.partners.values(), self.routes
        )
        return Router(self.routes, production=guarded)

    def compiled_map(self, name: str, version: str | None = None) -> CompiledMap | None:
        """Return a map ready for use, or None where there is none; compiled when first asked for.

        The version is the agreement's; left out, the map's own. Raise ConfigProblems where a map
        that was not checked on loading is wrong.
        """
        set_id = inherited(name, "transaction_set", self.maps)
        document = inherited(name, "document", self.maps)
        written = version or inherited(name, "version", self.maps) or DEFAULT_VERSION
        schema = packaged_schemas().get(written, set_id) if set_id else None
        if schema is None or document not in DOCUMENTS:
            return None
        return self.library.compile(name, schema.root, document_schema(document))

    @property
    def inbox(self) -> Path:
        """Return the folder that holds one folder for each partner."""
        return self.path(self.settings.folders.inbox)

    @property
    def archive(self) -> Path:
        """Return the folder that payloads are moved to once they are durable."""
        return self.path(self.settings.folders.archive)

    @property
    def state(self) -> Path:
        """Return the folder of what the gateway itself keeps."""
        return self.path(self.settings.folders.state)

    def path(self, setting: str) -> Path:
        """Return where a path setting points; relative ones lie below the home."""
        return self.home / setting

    def inbound_folder(self, partner: Partner) -> Path:
        """Return the folder that this partner's payloads come in through."""
        return self.path(partner.folders.inbound or f"{self._inbox_of(partner)}/in")

    def outbound_folder(self, partner: Partner) -> Path:
        """Return the folder that this partner fetches from."""
        return self.path(partner.folders.outbound or f"{self._inbox_of(partner)}/out")

    def _inbox_of(self, partner: Partner) -> str:
        return f"{self.settings.folders.inbox}/{partner.id}"

    def our_identity(self, partner: Partner) -> OurIdentity:
        """Return how we name ourselves towards a partner."""
        named = partner.our_identity
        ours = self.settings.identities
        return next((entry for entry in ours if entry.name == named), ours[0])

    def leniency_of(self, header: InterchangeHeader) -> Leniency:
        """Return what is accepted in reading an interchange; strict for a sender we do not know."""
        partner = self.lookup.partner_of(header.sender)
        return leniency(partner.leniencies) if partner else Leniency()

    def owner_of(self, partner: Partner | None) -> str:
        """Return who on our side acts for a partner."""
        return (partner.owner if partner else None) or self.settings.owner

    def store_url(self) -> str:
        """Return the database address with its secrets in it: for the store, never for a log."""
        url = self.vault.reveal(self.settings.store.url)
        prefix, slashes, rest = url.partition(":///")
        if not prefix.startswith("sqlite") or not slashes or rest.startswith("/"):
            return url
        return f"{prefix}:///{self.home / rest}"

    def destination(self, name: str) -> Destination:
        """Return a destination by its name."""
        return self.settings.destinations[name]

    def shape(self, name: str, shaping: Shaping | None, *key: str | int) -> Shape:
        """Return the shape that a destination's documents get; raise ConfigProblems.

        `key` is where the destination says it, if not as its `body`.
        """
        place = ("destinations", name, *(key or ("body",)))
        return shape_of(shaping, self.home, Source(SETTINGS, None), place)

    def delivery_policy(self, name: str) -> DeliveryPolicy:
        """Return how often and how hard a destination is asked."""
        return self.settings.destinations[name].policy(self.settings.owner)

    def next_shape(self, one: NextDocument) -> Shape:
        """Return what makes a declared next document; it was compiled when the files were read."""
        return shape_of(one.body, self.home, Source(ROUTES, None), ("next", one.name, "body"))

    def route_shape(self, name: str) -> Shape:
        """Return a shape of `routes.yaml`; it was compiled when the files were read."""
        path = ("shapes", name)
        return shape_of(self.routes.shapes[name], self.home, Source(ROUTES, None), path)

    def require_secrets(self) -> None:
        """Raise ConfigProblems naming every secret that is not there: before anything starts."""
        if self.missing_secrets:
            raise ConfigProblems(self.missing_secrets)


def leniency(names: Sequence[str]) -> Leniency:
    """Return the leniency that accepts what is named and nothing else."""
    return Leniency(**dict.fromkeys(names, True))


def production_partners(partners: Iterable[Partner], routes: Routes) -> frozenset[str]:
    """Return the names of deliveries to partners to whom no test may be sent."""
    onwards: dict[str, bool] = {}
    for partner in partners:
        for agreement in partner.agreements:
            if agreement.direction == "out":
                for to in (
                    str(Onward(partner=partner.id)),
                    str(Onward(partner=partner.id, set=agreement.set)),
                ):
                    onwards[to] = onwards.get(to, False) or agreement.may_send(TEST)
    guarded = {name for name, takes_tests in onwards.items() if not takes_tests}
    shaped = {str(to) for to in onwards_of(routes) if to.unshaped in guarded}
    return frozenset(guarded | shaped)


def onwards_of(routes: Routes) -> Iterator[Onward]:
    """Yield the partners that rules send documents on to."""
    for rule in routes.rules:
        yield from (target for target in rule.to if isinstance(target, Onward))


def production(settings: GatewaySettings) -> frozenset[str]:
    """Return the names of the destinations that are production systems."""
    return frozenset(
        name for name, destination in settings.destinations.items() if destination.production
    )
