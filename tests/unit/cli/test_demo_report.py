"""How the demo's table keeps its names readable."""

from __future__ import annotations

import pytest

from gateway.cli.document_rows import folded


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("940-new-order", ["940-new-order"]),
        (
            "850-and-940-with-one-set-number",
            ["850-and-940-with-one-", "  set-number"],
        ),
        (
            "940-store-behind-the-distribution-center",
            ["940-store-behind-the-", "  distribution-center"],
        ),
        ("unbroken_name_longer_than_the_room", ["unbroken_name_longer_than_the_room"]),
        ("-", ["-"]),
        ("", [""]),
    ],
)
def test_a_long_name_breaks_after_a_hyphen(name: str, shown: list[str]) -> None:
    assert folded(name, 24).split("\n") == shown
