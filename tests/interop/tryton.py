"""Tryton 8 for tests: an environment of its own, a filled database, and the server over it."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.interop import environments

PROGRAM = Path(__file__).parent / "tryton_program.py"
REQUIREMENTS = (
    "trytond==8.0.12",
    "trytond_sale==8.0.5",
    "trytond_stock==8.0.5",
    "trytond_account_invoice==8.0.2",
    "trytond_account_invoice_stock==8.0.0",
    "proteus==8.0.0",
)
MODULES = ("sale", "stock", "account_invoice_stock")
PASSWORD = "harbor-admin"
YEAR = 2026
"""The year of the documents of samples."""


@dataclass(frozen=True, slots=True)
class Tryton:
    """A running Tryton."""

    url: str
    """Of the server, without the database."""
    rest_key: str
    """Bearer token for `/harbor/rest/`."""

    def rpc(self, method: str, *params: object) -> Any:
        """Call a method as a person at the desk would; raise where Tryton refuses."""
        answer = httpx.post(
            f"{self.url}/harbor/rpc/",
            json={"id": 1, "method": method, "params": [*params, {}]},
            auth=("admin", PASSWORD),
            timeout=120,
        )
        answer.raise_for_status()
        told = answer.json()
        if "error" in told:
            raise AssertionError(told["error"])
        return told["result"]

    def found(self, model: str, domain: list[Any], *fields: str) -> list[Any]:
        """Return what Tryton has, oldest first."""
        order = [["id", "ASC"]]
        found = self.rpc(f"model.{model}.search_read", domain, 0, None, order, list(fields))
        assert isinstance(found, list)
        return found


@contextmanager
def tryton(cache: Path, folder: Path, *, port: int | None = None) -> Iterator[Tryton]:
    """Run Tryton over a new database in this folder; skip where it cannot be installed."""
    python = environments.environment(cache, REQUIREMENTS)
    filled = _filled(python)
    folder.mkdir(exist_ok=True)
    database = folder / "harbor.sqlite"
    if not database.exists():
        shutil.copy(filled / "harbor.sqlite", database)
    key = (filled / "key").read_text().strip()
    where = f"127.0.0.1:{port or environments.free_port()}"
    configuration = _configured(folder, where)
    said = (folder / "trytond.log").open("ab")
    process = subprocess.Popen(
        [str(python.with_name("trytond")), "-c", str(configuration), "-d", "harbor"],
        stdout=said,
        stderr=said,
    )
    try:
        running = Tryton(f"http://{where}", key)
        _wait_until_it_answers(running, process, folder)
        yield running
    finally:
        process.terminate()
        process.wait(timeout=30)
        said.close()


def _filled(python: Path) -> Path:
    """Return the folder of a database with goods and customers, made once."""
    version = hashlib.sha256(PROGRAM.read_bytes()).hexdigest()[:12]
    place = python.parents[1] / f"filled-{version}"
    with (python.parents[1] / "filled.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (place / "ready").exists():
            shutil.rmtree(place, ignore_errors=True)
            place.mkdir()
            _fill(python, place)
            (place / "ready").touch()
    return place


def _fill(python: Path, place: Path) -> None:
    configuration = _configured(place, "127.0.0.1:0")
    (place / "harbor.sqlite").touch()
    (place / "password").write_text(PASSWORD + "\n")
    admin = [str(python.with_name("trytond-admin")), "-c", str(configuration), "-d", "harbor"]
    activate = [*admin, "-u", *MODULES, "--activate-dependencies", "--email", "a@harbor.example"]
    told = {**os.environ, "TRYTONPASSFILE": str(place / "password")}
    _run(activate, told)
    key = _run([str(python), str(PROGRAM), str(configuration), str(YEAR)], dict(os.environ))
    (place / "key").write_text(key)


def _run(command: list[str], environment: dict[str, str]) -> str:
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, timeout=300, env=environment
    )
    if done.returncode != 0:
        pytest.fail(f"Tryton's database cannot be filled: {done.stderr.strip()[-2000:]}")
    return done.stdout


def _configured(folder: Path, where: str) -> Path:
    configuration = folder / "trytond.conf"
    configuration.write_text(
        f"[database]\nuri = sqlite://\npath = {folder}\n[web]\nlisten = {where}\n"
    )
    return configuration


def _wait_until_it_answers(running: Tryton, process: subprocess.Popen[bytes], at: Path) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        try:
            running.rpc("model.res.user.search", [], 0, 1, [])
        except httpx.TransportError:
            time.sleep(0.1)
        else:
            return
    pytest.fail(f"Tryton does not answer: {(at / 'trytond.log').read_text()[-2000:]}")
