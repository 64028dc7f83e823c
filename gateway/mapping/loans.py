"""What a loop keeps for entries of inner loops (`../LX01`, `each: ../MAN`), until one has it.

It is taken where it stands, before it is known whether there will be such an entry. Each reading
keeps what was taken so in a variable, which is emptied with the field; what is still in it where
the loop around ends has no entry, and goes to `unmapped`.
"""

from __future__ import annotations

from dataclasses import dataclass

ALL_ELEMENTS = -1
"""The mask of a segment that only one list looks at."""


@dataclass(slots=True)
class Loan:
    """Elements of a segment, or a component of one, that are taken for entries of inner loops."""

    variable: str
    elements: int
    """As a mask."""
    component: int | None = None


def lend(loans: list[Loan], variable: str, elements: int, component: int | None = None) -> None:
    """Add what is taken under a variable to the loans of a segment; without one, it is no loan."""
    if not variable:
        return
    for loan in loans:
        if loan.variable == variable and loan.component is component is None:
            loan.elements |= elements
            return
    loans.append(Loan(variable, elements, component))
