"""The kinds of value that conversions give, and whether one is certain to fit the model."""

from __future__ import annotations

from enum import Enum


class Gives(Enum):
    """What kind of value a conversion gives."""

    ANY_TEXT = "any text"
    """Text that may be empty."""
    TEXT = "text"
    DECIMAL = "decimal"
    DATE = "date"
    TIME = "time"
    INTEGER = "integer"
    BOOLEAN = "boolean"

    @property
    def kind(self) -> str:
        """Return the JSON type."""
        return self.value if self in (Gives.INTEGER, Gives.BOOLEAN) else "string"

    def after(self, earlier: Gives) -> Gives:
        """Return what is given where this follows another; only text depends on what it gets."""
        return earlier if self is Gives.TEXT and earlier is Gives.ANY_TEXT else self


class Fit(Enum):
    """Whether what is given fits the model."""

    SURE = "always"
    UNLESS_UNUSUAL = "unless it is below zero, or has many digits"
    UNSURE = "has to be looked at"
