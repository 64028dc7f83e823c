"""An ERP that tests deliver to, and instances that deliver to it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from gateway.cli.init import write_instance
from gateway.cli.receiver import Receiver
from tests.databases import sqlite_url


@contextmanager
def receiving() -> Iterator[Receiver]:
    """Run an ERP that takes documents over HTTP."""
    erp = Receiver()
    erp.start()
    with closing(erp):
        yield erp


def instance_of(erp: Receiver, home: Path, *, stable_for: str = "50ms") -> Path:
    """Write an instance that delivers to an ERP, whose token it shows; return its home."""
    write_instance(home, port=erp.port, stable_for=stable_for)
    # Tests of `init` and `run` on nothing at all make their own: tables take long to make.
    (home / "state").mkdir()
    sqlite_url(home / "state")
    erp.token = (home / "secrets" / "erp-token").read_text("ascii").strip()
    return home
