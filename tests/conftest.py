"""Options and fixtures that all tests share."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Iterator
from itertools import groupby, islice
from pathlib import Path

import pytest
import structlog
from hypothesis import HealthCheck, settings

from gateway.pipeline import engine
from tests.databases import sqlite_url
from tests.postgres import Postgres, postgres

# How fast the machine is must not decide, nor chance: what is drawn follows from the test's source.
# `--hypothesis-profile default` draws anew.
settings.register_profile(
    "suite", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("suite")

# Engines in this process look for jobs more often: it is what most tests of the pipeline wait for.
engine.POLLING_SECONDS = 0.05


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-golden",
        action="store_true",
        help="write the expected files anew from what the program gives; look at the difference",
    )


def pytest_configure() -> None:
    """Let the garbage collector rest while ten thousand tests are collected, which all stay."""
    gc.disable()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let every worker begin with what takes long, so that none is left with it at the end."""
    items[:] = dealt(items, int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1")))


def dealt(items: list[pytest.Item], workers: int) -> list[pytest.Item]:
    """Deal the modules that take long to half of the workers, and fill up with the others.

    What takes long waits for programs most of its time: the other half uses the processor then.
    xdist gives each worker an equal stretch of what is collected, and those who are done early take
    from the end of another's.
    """
    modules = [[*found] for _, found in groupby(items, key=lambda one: one.path)]
    slow = [one for one in modules if any(item.get_closest_marker("slow") for item in one)]
    quick = iter([item for one in modules if one not in slow for item in one])
    lanes = (workers + 1) // 2
    order: list[pytest.Item] = []
    for worker in range(workers):
        if worker < lanes:
            order += [item for one in slow[worker::lanes] for item in one]
        order += islice(quick, max(0, len(items) * (worker + 1) // workers - len(order)))
    return order


def pytest_collection_finish() -> None:
    """Let it not look through them from then on, and through the others as rarely as we do.

    By default Python looks after every 700 new objects: an eighth of the time of computing tests.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000)
    gc.enable()


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[Path, bytes], None]:
    """Compare bytes with an expected file, or write that file where --update-golden is given."""

    def compare(file: Path, given: bytes) -> None:
        if request.config.getoption("--update-golden"):
            if not file.exists() or file.read_bytes() != given:
                file.write_bytes(given)
            return
        assert file.is_file(), f"{file.name} is missing: run pytest with --update-golden"
        assert given.decode() == file.read_bytes().decode()

    return compare


@pytest.fixture(autouse=True)
def _logs_of_their_own() -> Iterator[None]:
    """Undo what a command configured: its log stream is closed when the test of it ends."""
    yield
    structlog.reset_defaults()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Postgres]:
    """Run a PostgreSQL server while tests need one."""
    with postgres() as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Give the URL of a database with nothing in its tables, of each kind in turn."""
    if request.param == "sqlite":
        return sqlite_url(tmp_path)
    server: Postgres = request.getfixturevalue("postgres_server")
    return server.new_database()


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Give the URL of a database that has no tables yet, of each kind in turn."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'gateway.db'}"
    server: Postgres = request.getfixturevalue("postgres_server")
    return server.empty_database()
