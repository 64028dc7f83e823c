"""Draws what a map changes in whole documents: two fields in one element, long texts, packs, signs.

Each draw goes by the step that the plan has, so that the document is one that the step can undo.
"""

from __future__ import annotations

import random
import string
from collections.abc import Callable
from typing import Any

from gateway.mapping.minus import Minus
from gateway.mapping.plan import MapPlan, PlannedCondition, SplitPlan
from gateway.mapping.rework import Otherwise, Scale, Tail, WrapEntries, WrapInto, found, objects_at

Own = dict[str, Any]


def fitted(document: Own, plan: MapPlan, chance: random.Random) -> Own:
    """Change a drawn document so that every step of the map has something to undo."""
    for one in plan.reworks:
        draw = DRAWS.get(type(one.step))
        if plan.split is not None and draw is in_units:
            continue  # What the stores have together is counted already.
        for own, _ in objects_at(document, one.path, "") if draw else ():
            draw(own, one.step, chance)  # type: ignore[misc]  # asked for in the line before
    return document


def filled(plan: MapPlan) -> set[str]:
    """Return the paths of fields that are computed where the set says nothing."""
    steps = ((one.path, one.step) for one in plan.reworks)
    return {".".join((*path, one.name)) for path, one in steps if isinstance(one, Otherwise)}


def with_tail(own: Own, step: Tail, chance: random.Random) -> None:
    """Let the second of two fields in one element be there, and neither have what parts them."""
    if step.name in own:
        own[step.name] = own[step.name].replace(step.separator, "_")
        if chance.random() < 0.5:
            own[step.other] = word(chance, 6)


def with_long_entry(own: Own, step: WrapEntries, chance: random.Random) -> None:
    """Let texts of a list take up to three segments."""
    for entry in own.get(step.name, ()):
        entry[step.field] = word(chance, chance.choice((5, step.width + 7, 2 * step.width + 1)))


def with_long_text(own: Own, step: WrapInto, chance: random.Random) -> None:
    """Let a text go on in the list beside it."""
    if step.name in own:
        own[step.name] = word(chance, chance.choice((5, step.width + 7)))
        if step.into in own:
            own[step.into] = own[step.into][:1]


def in_units(own: Own, step: Scale, chance: random.Random) -> None:
    """Let a quantity be so many whole packs, or be counted in something else."""
    if not {step.unit, step.name, *step.prices} <= own.keys() or chance.random() < 0.3:
        return
    factor = chance.choice((2, 12, 24))
    *before, last = step.by
    inner = found(own, before)
    if not isinstance(inner, list | dict):
        return
    (inner[0] if isinstance(inner, list) else inner)[last] = factor
    own[step.unit] = step.units
    own[step.name] = str(factor * chance.randint(1, 40))
    for name in step.prices:
        own[name] = f"{chance.randrange(90)}.25"


def with_sign(own: Own, step: Minus, chance: random.Random) -> None:
    """Let a number have the sign that the other field says."""
    if step.name in own:
        said = values_of(step.condition)
        if step.condition.field and not step.condition.root and said and chance.random() < 0.7:
            own[step.condition.field] = chance.choice(said)
        bare = own[step.name].removeprefix("-")
        holds = step.condition.holds(own.get(step.condition.field or ""))
        own[step.name] = f"-{bare}" if holds and not step.written and bare != "0" else bare


def values_of(condition: PlannedCondition) -> list[str]:
    """Return the values of a condition, where one has to be there."""
    return [] if condition.negated else sorted(condition.values)


def word(chance: random.Random, length: int) -> str:
    """Draw a text of a length."""
    return "".join(chance.choices(string.ascii_lowercase, k=length))


DRAWS: dict[type, Callable[[Own, Any, random.Random], None]] = {
    Tail: with_tail,
    WrapEntries: with_long_entry,
    WrapInto: with_long_text,
    Scale: in_units,
    Minus: with_sign,
}


def says(whole: Any, part: Any) -> bool:
    """Say whether one value has all that another says; members of its own are no loss."""
    if isinstance(part, dict):
        return isinstance(whole, dict) and all(
            says(whole.get(name), value) for name, value in part.items()
        )
    if isinstance(part, list):
        return isinstance(whole, list) and len(whole) == len(part) and all(map(says, whole, part))
    return bool(whole == part)


def in_stores(document: Own, plan: SplitPlan, chance: random.Random) -> list[Own]:
    """Let every line be for some stores, and return the document of each store."""
    lines: dict[str, list[Own]] = {}
    for line in document[plan.lines]:
        shared = {name: word(chance, 2) for _, name in plan.set if name != "quantity"}
        for store in chance.sample(STORES, k=chance.randint(1, 3)):
            one = {**shared, plan.by: store, "quantity": str(chance.randint(1, 900))}
            told = {name: one[source] for name, source in plan.set}
            lines.setdefault(store, []).append({**line, **told, plan.allocations: [one]})
    to = plan.to
    return [
        {**document, plan.lines: own} | ({to: store} if to else {}) for store, own in lines.items()
    ]


STORES = ("0417", "0233", "0900")
