from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tests.docs.acknowledgments import written

PAGE = Path(__file__).parents[2] / "docs" / "acknowledgments.md"
BEGIN, END = "<!-- codes: begin -->", "<!-- codes: end -->"


def test_the_tables_of_codes_are_those_that_findings_become(
    golden: Callable[[Path, bytes], None],
) -> None:
    before, _, rest = PAGE.read_text().partition(BEGIN)
    _, _, after = rest.partition(END)
    golden(PAGE, f"{before}{BEGIN}\n{written()}\n{END}{after}".encode())
