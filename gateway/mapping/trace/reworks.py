"""What a map changes in whole documents: which fields `tail:`, `wrap:` and the like touch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from gateway.mapping.plan import Json, ObjectPlan
from gateway.mapping.trace.lines import MapLines
from gateway.yaml_source import Path, Value

_OPTIONS: Mapping[str, tuple[str, ...]] = {
    "tail": ("field",),
    "wrap": ("into",),
    "scale": ("unit", "prices"),
    "minus": (),
    "otherwise": (),
}
"""The options, each with the members of it that name other fields."""

Names = tuple[str, ...]
"""The way to a field by names, without the indexes of lists."""


@dataclass(frozen=True, slots=True)
class Touch:
    """An option that changes a field."""

    option: str
    path: Path
    """Of the option in the map."""
    own: str
    """The field that has the option."""


def touches(plan: ObjectPlan, lines: MapLines) -> Mapping[Names, Touch]:
    """Return the fields that a map changes after reading, with what changes them."""
    return dict(_touches(plan, lines, (), ()))


def _touches(
    plan: ObjectPlan, lines: MapLines, path: Path, names: Names
) -> Iterator[tuple[Names, Touch]]:
    for member in plan.fields:
        own = (*path, "fields", member.name)
        for option, others in _OPTIONS.items():
            said = lines.value((*own, option))
            if said is not None:
                touch = Touch(option, (*own, option), member.name)
                for name in (member.name, *_named(said, others)):
                    yield (*names, name), touch
        if isinstance(member, ObjectPlan):
            yield from _touches(member, lines, own, (*names, member.name))


def _named(said: Value, members: tuple[str, ...]) -> Iterator[str]:
    for member in members if isinstance(said, dict) else ():
        found = said.get(member) if isinstance(said, dict) else None
        if isinstance(found, str):
            yield found
        elif isinstance(found, list):
            yield from (str(one) for one in found)


def names_of(pointer: str) -> Names:
    """Return the names of a JSON Pointer, without the indexes of lists."""
    return tuple(part for part in pointer.split("/")[1:] if not part.isdigit())


def value_at(document: Json, pointer: str) -> Json:
    """Return what stands at a JSON Pointer; None where there is nothing."""
    found = document
    for part in pointer.split("/")[1:]:
        if isinstance(found, Mapping):
            found = found.get(part.replace("~1", "/").replace("~0", "~"))
        elif isinstance(found, list | tuple) and part.isdigit() and int(part) < len(found):
            found = found[int(part)]
        else:
            return None
    return found
