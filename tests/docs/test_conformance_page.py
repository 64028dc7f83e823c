"""The tables of docs/conformance.md are those of the schemas; its findings and leniencies exist."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tests.docs import conformance

PAGE = Path(__file__).parents[2] / "docs" / "conformance.md"
BEGIN, END = "<!-- tables: begin -->\n", "<!-- tables: end -->\n"


def test_the_tables_are_current(golden: Callable[[Path, bytes], None]) -> None:
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    golden(PAGE, f"{before}{BEGIN}\n{conformance.written()}\n{END}{after}".encode())
