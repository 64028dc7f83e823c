"""One set of files for test and production: an environment lays a few settings over them.

`GATEWAY_ENVIRONMENT=test` lays `environments/test/partners/acme.yaml` over `partners/acme.yaml`,
and likewise for `gateway.yaml`, `routes.yaml` and `exports/*.yaml`. What is promoted from test to
production is then the file itself, and only what must differ stands apart.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from gateway.config.files import EXPORTS, PARTNERS, ROUTES, SETTINGS
from gateway.errors import Problem

if TYPE_CHECKING:
    from gateway.config.instance import Instance

ENVIRONMENT = "GATEWAY_ENVIRONMENT"
"""The environment variable that names the environment; without it the files hold as they are."""

FOLDER = "environments"


@dataclass(frozen=True, slots=True)
class Overlays:
    """The files of one environment."""

    home: Path
    environment: str
    """Its name; empty for none."""

    @property
    def folder(self) -> Path:
        """Return where they lie."""
        return self.home / FOLDER / self.environment

    def of(self, name: str) -> tuple[Path, str] | None:
        """Return what is laid over a file of the instance, with its own name; None for nothing."""
        path = self.folder / name
        if not self.environment or not path.exists():
            return None
        return path, f"{FOLDER}/{self.environment}/{name}"

    def problems(self) -> list[Problem]:
        """Return what is wrong with the environment itself."""
        if not self.environment:
            return []
        if self.environment not in environments(self.home):
            known = ", ".join(environments(self.home)) or "none"
            message = (
                f"there is no environment '{self.environment}' ({ENVIRONMENT}); there is {known}"
            )
            return [Problem(FOLDER, 1, 1, "", message)]
        found = ((name, self._fault(name)) for name in self._names())
        return [
            Problem(f"{FOLDER}/{self.environment}/{name}", 1, 1, "", fault)
            for name, fault in found
            if fault
        ]

    def _fault(self, name: str) -> str:
        """Say why a file lies there in vain."""
        folders = (f"{PARTNERS}/*.yaml", f"{EXPORTS}/*.yaml")
        if name not in (SETTINGS, ROUTES) and not any(map(PurePosixPath(name).match, folders)):
            return (
                f"nothing reads it: only {SETTINGS}, {ROUTES}, {folders[0]} and {folders[1]} "
                "are laid over"
            )
        return "" if (self.home / name).is_file() else f"there is no {name} below it"

    def _names(self) -> list[str]:
        return sorted(
            path.relative_to(self.folder).as_posix()
            for path in self.folder.rglob("*")
            if path.suffix in (".yaml", ".yml")
        )


def environments(home: Path) -> list[str]:
    """Return the names of an instance's environments."""
    folder = home / FOLDER
    return (
        sorted(path.name for path in folder.iterdir() if path.is_dir()) if folder.is_dir() else []
    )


def shared(instance: Instance, other: Instance, environment: str) -> list[Problem]:
    """Warn of what an environment shares with the files themselves: test and production mix there.

    Paths and addresses are compared as they are written: run on another machine, or with other
    secrets, they may mean different places, so that nothing is refused.
    """
    file = f"{FOLDER}/{environment}/{SETTINGS}"
    found = []
    if other.settings.store.url == instance.settings.store.url:
        found.append(("store.url", "the store", "store: {url: …}"))
    theirs = {other.inbound_folder(partner) for partner in other.partners.values()}
    if theirs & {instance.inbound_folder(partner) for partner in instance.partners.values()}:
        found.append(("folders.inbox", "inboxes", "folders: {inbox: …}"))
    return [
        Problem(
            file,
            1,
            1,
            path,
            f"the environment '{environment}' and the files themselves share {what}: where both "
            f"run on one machine, each takes the other's payloads for its own; give it `{setting}`",
        )
        for path, what, setting in found
    ]
