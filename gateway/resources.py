"""Where the files are that come with the product: schemas, base maps, example partners, samples.

In a checkout they lie at the top of the tree, where people edit them; in an installed wheel they
lie inside the package. Everything that reads them asks here.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

Kind = Literal["schemas", "maps", "partners", "samples", "connectors"]

_PACKAGE = Path(__file__).parent


def directory(kind: Kind) -> Path:
    """Return the directory that holds the packaged files of a kind."""
    installed = _PACKAGE / "_packaged" / kind
    return installed if installed.is_dir() else _PACKAGE.parent / kind


def schema_text(name: str) -> str:
    """Return the text of a file by its path below `schemas`, such as `x12/004010/940.yaml`."""
    return (directory("schemas") / name).read_text(encoding="utf-8")


def schema_versions() -> list[str]:
    """Return the versions of X12 that schemas are packaged of, such as 004010."""
    return sorted(
        entry.name for entry in (directory("schemas") / "x12").iterdir() if entry.is_dir()
    )
