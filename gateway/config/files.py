"""The files of an instance side by side, and the report that their checks write to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gateway.config.connectors import Connectors
from gateway.config.guides import GuideSource
from gateway.config.maps import MapFiles
from gateway.config.next_documents import RoutesFile
from gateway.config.reading import Read
from gateway.config.settings import GatewaySettings
from gateway.errors import Problem
from gateway.partners import Partner
from gateway.yaml_source import Source

if TYPE_CHECKING:
    from gateway.config.exports import ExportFile

SETTINGS = "gateway.yaml"
ROUTES = "routes.yaml"
PARTNERS = "partners"
EXPORTS = "exports"


@dataclass(frozen=True, slots=True)
class Files:
    """Every file of an instance, read; what could not be read has no model."""

    settings: Read[GatewaySettings]
    routes: Read[RoutesFile]
    connectors: Connectors
    partners: tuple[Read[Partner], ...]
    maps: MapFiles
    exports: tuple[Read[ExportFile], ...] = ()
    guides: tuple[GuideSource, ...] = ()

    @property
    def problems(self) -> list[Problem]:
        """Return what is wrong within single files."""
        problems = [*self.settings.problems, *self.routes.problems, *self.maps.problems]
        for partner in self.partners:
            problems += partner.problems
        for connector in self.connectors.files:
            problems += connector.problems
        for export in self.exports:
            problems += export.problems
        for guide in self.guides:
            problems += guide.problems
        return problems

    @property
    def partner_models(self) -> list[Partner]:
        """Return the partners that could be read."""
        return [read.model for read in self.partners if read.model is not None]

    @property
    def read_partners(self) -> Iterator[tuple[Source, Partner]]:
        """Return the partners that could be read, each with its file."""
        for read in self.partners:
            if read.model is not None:
                yield read.source, read.model

    @property
    def read_exports(self) -> Iterator[tuple[Source, ExportFile]]:
        """Return the exports that could be read, each with its file."""
        for read in self.exports:
            if read.model is not None:
                yield read.source, read.model


@dataclass(slots=True)
class Report:
    """What the checks found: problems stop, warnings do not."""

    problems: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)
    missing_secrets: list[Problem] = field(default_factory=list)
    """The warnings about secrets; on a machine that only checks, they are not there."""

    def problem(self, source: Source, path: Sequence[str | int], message: str) -> None:
        """Note what must be corrected."""
        self.problems.append(_placed(source, path, message))

    def warn(self, source: Source, path: Sequence[str | int], message: str) -> None:
        """Note what may be a mistake."""
        self.warnings.append(_placed(source, path, message))

    def missing_secret(self, source: Source, path: Sequence[str | int], message: str) -> None:
        """Note a secret that cannot be read here."""
        problem = _placed(source, path, message)
        self.warnings.append(problem)
        self.missing_secrets.append(problem)


def _placed(source: Source, path: Sequence[str | int], message: str) -> Problem:
    parts = tuple(path)
    # A list may be written as its only item: then the item has no place of its own.
    while parts and isinstance(parts[-1], int) and parts not in source.marks:
        parts = parts[:-1]
    return source.problem(parts, message)
