"""Options and fixtures that all tests share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-golden",
        action="store_true",
        help="write the expected files anew from what the program gives; look at the difference",
    )


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
