"""What an unrolled loop knows of its values: most of them all, of elements whether they are there.

See `gateway.mapping.unroll`. A value says what source makes it, once the occurrence is known.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field


class CannotUnrollError(Exception):
    """The occurrence holds something that is better read by the general reader."""


NOT_FOLLOWED = (
    CannotUnrollError, LookupError, TypeError, ValueError, AttributeError, SyntaxError,
    RecursionError, SystemError,
)  # fmt: skip
"""What says that an occurrence is not followed: source that is unlike what is known here, too.

Python 3.11 counts how deep a tree of source is for all threads together: where two parse at once,
either may get a SystemError or a RecursionError.
"""


@dataclass(frozen=True, slots=True)
class Known:
    """A number, a word or nothing, the same in all occurrences of the shape."""

    value: object


@dataclass(frozen=True, slots=True)
class Element:
    """An element of the segment with this number in the occurrence."""

    segment: int
    number: int

    @property
    def name(self) -> str:
        """Return the variable that it is unpacked into."""
        return f"a{self.segment}_{self.number}"


@dataclass(frozen=True, slots=True)
class Segment:
    """A segment, by its number in the occurrence."""

    number: int


@dataclass(frozen=True, slots=True)
class Computed:
    """What has to be computed anew for each occurrence."""

    source: str


@dataclass(frozen=True, slots=True)
class Outside:
    """A variable that has its value before the occurrence begins."""

    name: str


@dataclass(frozen=True, slots=True)
class Lent:
    """What is kept for others to take; there, and looked at no further."""


@dataclass(frozen=True, slots=True)
class Beyond:
    """The number of the place after the occurrence: none that is inside of the loop."""


@dataclass(slots=True)
class Record:
    """An object in the making."""

    members: dict[str, Value] = field(default_factory=dict)


@dataclass(slots=True)
class Items:
    """A list in the making."""

    entries: list[Value] = field(default_factory=list)


Value = Known | Element | Segment | Computed | Outside | Lent | Beyond | Record | Items


def source_of(value: Value, exact: Mapping[Element, str]) -> str:
    """Return the source that makes a value; of some elements the very text is known."""
    match value:
        case Known(known) if known is None or isinstance(known, str | int):
            return repr(known)
        case Element():
            return repr(exact[value]) if value in exact else value.name
        case Computed(source):
            return source
        case Record(members):
            inner = (f"{name!r}: {source_of(one, exact)}" for name, one in members.items())
            return "{" + ", ".join(inner) + "}"
        case Items(entries):
            return "[" + ", ".join(source_of(one, exact) for one in entries) + "]"
        case _:
            raise CannotUnrollError


def objects_in(value: Value) -> Iterator[int]:
    """Yield the identity of each object and list in a value: each may be made once only."""
    if isinstance(value, Record | Items):
        yield id(value)
        inner = value.members.values() if isinstance(value, Record) else value.entries
        for one in inner:
            yield from objects_in(one)
