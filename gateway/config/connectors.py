"""Connectors: folders of configuration that join an instance to a system that many people run.

`connectors/<name>/connector.yaml` brings destinations and rules. Its destinations lie under those
of `gateway.yaml`, so that the instance changes any setting by writing it there; its rules come
after those of `routes.yaml`, so that the instance's own are asked first. Whatever else the folder
holds, such as templates, is named by its path below the home, like any file of the instance.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pydantic import Field, model_validator

from gateway.config.destinations import Destination
from gateway.config.next_documents import NextDocument
from gateway.config.reading import Read, read_model
from gateway.config.shaping import Shaping
from gateway.partners.fields import Name, Settings
from gateway.routing import Rule
from gateway.routing.targets import ShapeName
from gateway.yaml_source import Source, followed_by, laid_under, only

CONNECTORS = "connectors"
FILE = "connector.yaml"


class Connector(Settings):
    """The whole of `connector.yaml`."""

    connector: Name
    """Its name, which is that of its folder."""
    title: str
    """The system that it joins, for people."""
    needs: dict[str, str] = Field(default_factory=dict)
    """What must be given before it works: each secret or address by the name that it is referred to
    by, such as an environment variable, with a sentence that says what it is."""
    destinations: dict[Name, Destination] = Field(default_factory=dict)
    """Where documents are delivered, by name, as in `gateway.yaml`."""
    rules: tuple[Rule, ...] = ()
    """Rules as in `routes.yaml`, asked after the instance's own."""
    next: tuple[NextDocument, ...] = ()
    """Documents that follow from others, as in `routes.yaml`."""
    shapes: dict[ShapeName, Shaping] = Field(default_factory=dict)
    """Shapes of documents that go on to partners, as in `routes.yaml`, which goes before."""

    @model_validator(mode="after")
    def _brings_something(self) -> Connector:
        if not self.destinations and not self.rules and not self.next:
            raise ValueError("it brings nothing; expected 'destinations', 'rules' or 'next'")
        return self


@dataclass(frozen=True, slots=True)
class Connectors:
    """The connectors of one instance."""

    files: tuple[Read[Connector], ...] = ()

    def under(self, settings: Source) -> Source:
        """Return `gateway.yaml` with the connectors' destinations under its own."""
        for brought in self._sound():
            settings = laid_under(settings, only(brought, "destinations"))
        return settings

    def after(self, routes: Source) -> Source:
        """Return `routes.yaml` with the connectors' rules and next documents after its own."""
        for brought in self._sound():
            for key in ("rules", "next"):
                routes = followed_by(routes, brought, key)
            routes = laid_under(routes, only(brought, "shapes"))
        return routes

    def _sound(self) -> list[Source]:
        # What is wrong with one is said once, of its own file.
        return [read.source for read in self.files if read.model is not None]


def read_connectors(home: Path) -> Connectors:
    """Read the connectors of an instance, in the order of their names."""
    return Connectors(connectors_in(home / CONNECTORS, CONNECTORS))


def connectors_in(folder: Path, label: str) -> tuple[Read[Connector], ...]:
    """Read the connectors of a folder; `label` names it in what is said about them."""
    paths = sorted(folder.glob(f"*/{FILE}"))
    return tuple(_read(path, f"{label}/{path.parent.name}/{FILE}") for path in paths)


def _read(path: Path, name: str) -> Read[Connector]:
    read = read_model(path, name, Connector)
    if read.model is None or read.model.connector == path.parent.name:
        return read
    message = f"'{read.model.connector}' lies in the folder '{path.parent.name}'; expected its name"
    return Read(read.source, None, (read.source.problem(("connector",), message),))
