"""How a generated writer asks an object of a document for its members.

Each is looked up, and those found are counted: as soon as all have been met no other is looked up,
and what is left over is looked at when all fields are written.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from gateway.mapping.emitter import STOP, Emitter
from gateway.mapping.plan import Json

TEXT: Sequence[Json] = ("",)
LIST: Sequence[Json] = ([],)
ANY: Sequence[Json] = ("", 0, False, [], {})
"""Whatever is no object with members."""


@dataclass(slots=True)
class Own:
    """An object whose members are written, with the variables that are asked about it."""

    out: Emitter
    name: str
    left: str = ""
    """The variable of the count of members not yet met."""
    known: dict[str, Sequence[Json] | None] = field(default_factory=dict)
    """The members that the map speaks of, with values that say nothing; None where all do."""

    def begin(self) -> None:
        """Write the beginning of an object; what is none is left to others."""
        self.left = self.out.fresh("n")
        self.out.put(f"if type({self.name}) is not dict: {STOP}")
        self.out.put(f"{self.left} = len({self.name})")

    def silent(self, member: str) -> None:
        """Note a member that the map knows and does not write."""
        self.known[member] = None

    def passed(self, member: str) -> None:
        """Write that a member, though it is there, is not written by fields."""
        self.silent(member)
        self.out.put(f"if {member!r} in {self.name}: {self.left} -= 1")

    def value(self, member: str) -> None:
        """Write the look-up of a member, None where it is absent, into `v`."""
        self.known[member] = None
        self.out.put(f"v = {self.name}[{member!r}] if {member!r} in {self.name} else None")
        self.out.put(f"if v is not None: {self.left} -= 1")

    def open(self, member: str, silent: Sequence[Json] | None) -> None:
        """Open the case that a member says something, with its value in `v`.

        `silent` are the values that say nothing, all of them empty; without any, only null does.
        """
        self.known[member] = silent
        # Two questions, but without a call, and most members that a map knows are absent.
        found = f"{member!r} in {self.name} and (v := {self.name}[{member!r}])"
        self.out.put(f"if {found}:" if silent else f"if {found} is not None:")
        self.out.indent += 1
        self.out.put(f"{self.left} -= 1")

    def close(self, *, required: bool = False) -> None:
        """Close that case."""
        self.out.indent -= 1
        if required:
            self.out.put("else: raise NeedsCareError")

    def end(self) -> None:
        """Write the look at members that no field has written."""
        known = self.out.constant("M", self.known)
        self.out.put(f"if {self.left}: check_rest({self.name}, {known})")
