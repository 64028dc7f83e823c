"""Properties hold for what is read and written by shapes too: here these are known at once."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from gateway.mapping.shapes_kept import KEPT


@pytest.fixture(autouse=True, scope="session")
def _shapes_are_soon_known() -> Iterator[None]:
    """Make functions for shapes after three occurrences, not after many."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(KEPT, "worth", 3)
        yield
