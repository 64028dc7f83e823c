"""The ERP that these tests deliver to."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from gateway.cli.receiver import Receiver
from tests.erp import receiving


@pytest.fixture(scope="module")
def erp() -> Iterator[Receiver]:
    """Run an ERP for the tests of a module."""
    with receiving() as running:
        yield running
