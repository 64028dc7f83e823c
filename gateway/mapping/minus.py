"""A minus that another field says as well: one side writes it, the other does without."""

from __future__ import annotations

from dataclasses import dataclass

from gateway.mapping.plan import At, Document, PlannedCondition
from gateway.mapping.values import canonical_decimal


@dataclass(frozen=True, slots=True)
class Minus:
    """A number that one of the two sides has with a minus where a condition holds."""

    name: str
    condition: PlannedCondition
    written: bool
    """The minus stands in X12; otherwise in the document."""

    def read(self, own: Document, at: At) -> None:
        """Take the minus away, or put it before the number."""
        bare = self._bare(own, at)
        if bare:
            own[self.name] = bare if self.written or bare == "0" else f"-{bare}"

    def write(self, own: Document, at: At) -> None:
        """Do the opposite; a number that has the other sign would come back without it."""
        bare = self._bare(own, at)
        if not bare or bare == "0":
            return
        value = str(own[self.name])
        if value.startswith("-") is self.written:
            sign = "without a minus" if self.written else "with a minus"
            at.note(self.name, value, f"expected {sign}: {self.condition.field} says it")
            return
        own[self.name] = f"-{bare}" if self.written else bare

    def _bare(self, own: Document, at: At) -> str:
        """Return the number without a minus where the condition holds; else nothing."""
        value, said = own.get(self.name), self.condition.field or ""
        found = (at.document if self.condition.root else own).get(said)
        if not self.condition.holds(None if found is None else str(found)):
            return ""
        try:
            return canonical_decimal(str(value)).removeprefix("-") if value is not None else ""
        except ValueError:
            return ""  # What is no number was told where it was read, or will be.
