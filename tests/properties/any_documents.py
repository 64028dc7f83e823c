"""Draws documents of a map: whatever the canonical model allows in the fields that the map fills.

Each draw follows the map's plan and asks the model which kind of value a field takes, so a new map
or field needs nothing here. A draw takes a seed: hypothesis chooses it, and the rest is as fast as
plain code.
"""

from __future__ import annotations

import random
import string
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from gateway.canonical import json_schema
from gateway.errors import GatewayError
from gateway.mapping.compiled import CompiledMap
from gateway.mapping.document_shape import DocumentShape
from gateway.mapping.plan import (
    ComputedPlan,
    FieldPlan,
    LeafPlan,
    ObjectPlan,
    PairPlan,
    PairsPlan,
    ValueRule,
    ValuesPlan,
)
from gateway.mapping.positions import Step
from gateway.mapping.tables import Table
from tests.properties.any_reworked import filled, fitted, in_stores

Draw = Callable[[random.Random], Any]
_TRIES = 8
"""So often a value is drawn until the field's conversion takes it."""
LETTERS = string.ascii_letters + string.digits + " .,-/&'#()"


def text(chance: random.Random) -> str:
    """Draw a text that no predicate and no table names."""
    return "x" + "".join(chance.choices(LETTERS, k=chance.randrange(9))) + "x"


def digits(chance: random.Random) -> str:
    """Draw a licence plate."""
    return "".join(chance.choices(string.digits, k=18))


def number(chance: random.Random) -> str:
    """Draw a number in plain notation, of two places at most."""
    whole, places = chance.randrange(10_000), chance.choice(("", "", ".5", ".25", ".07"))
    return f"{chance.choice(('', '', '-')) if whole else ''}{whole}{places}"


def day(chance: random.Random) -> str:
    """Draw a day of the calendar."""
    return f"{chance.randint(1980, 2079)}-{chance.randint(1, 12):02d}-{chance.randint(1, 28):02d}"


def time(chance: random.Random) -> str:
    """Draw a time of day."""
    return f"{chance.randrange(24):02d}:{chance.randrange(60):02d}"


OF_FORMAT: dict[str, Draw] = {"decimal": number, "date": day, "time-of-day": time}
OF_TYPE: dict[str, Draw] = {
    "integer": lambda chance: chance.randrange(10_000),
    "boolean": lambda chance: chance.random() < 0.5,
}


@dataclass(frozen=True)
class Drawing:
    """Draws documents of one map."""

    name: str
    made: CompiledMap
    loose: bool = False
    """Whether words of tables, codes of predicates and whatever the model takes may be drawn, also
    where the map cannot say it."""

    def document(self, seed: int) -> dict[str, Any]:
        """Draw a document."""
        chance = random.Random(f"{self.name} {seed}")
        plan = self.made.plan
        drawn = self.members(plan.root, self.shape, chance, chance.choice((0.1, 0.3, 0.6, 0.95)))
        drawn = fitted(drawn, plan, chance)
        return {"document": plan.document, "version": plan.document_version, **drawn}

    def documents(self, seed: int) -> list[dict[str, Any]]:
        """Draw the documents of one set: several where the map splits it."""
        drawn, split = self.document(seed), self.made.plan.split
        if split is None or split.lines not in drawn:
            return [drawn]
        return in_stores(drawn, split, random.Random(seed))

    @cached_property
    def codes(self) -> list[str]:
        """Return the codes that predicates of the map look for."""
        return sorted(codes_of(self.made.plan.root))

    @cached_property
    def shape(self) -> DocumentShape:
        """Return the shape of the document."""
        return DocumentShape.of(json_schema(self.made.plan.document))

    def members(
        self, plan: ObjectPlan, shape: DocumentShape, chance: random.Random, share: float
    ) -> dict[str, Any]:
        """Draw the members of an object, at least one."""
        found: dict[str, Any] = {}
        fields = self.free(plan, chance)
        for one in fields:
            needed = one.name in plan.needs or one.required or self.is_filled(one)
            if needed or chance.random() < share:
                self.member(found, one, shape, chance, share)
        while fields and not found:
            self.member(found, chance.choice(fields), shape, chance, share)
        chosen = [
            one for one in plan.fields if isinstance(one, PairPlan) and one.reads and one.writes
        ]
        for one in chosen:
            if one.name in plan.needs or chance.random() < share:
                choose(one, plan.fields, found, chance)
        return found

    def member(
        self, found: dict[str, Any], plan: FieldPlan, shape: DocumentShape,
        chance: random.Random, share: float,
    ) -> None:  # fmt: skip
        """Draw one member."""
        inner = shape.member(plan.name)
        assert inner is not None, plan.path
        if isinstance(plan, LeafPlan):
            found[plan.name] = self.draw_of(plan, inner)(chance)
        elif isinstance(plan, ValuesPlan):
            count = 1 if plan.segment.single else chance.randint(1, 2)
            found[plan.name] = [self.draw_of(plan, inner.entry)(chance) for _ in range(count)]
        elif isinstance(plan, PairsPlan):
            found[plan.name] = self.pairs(plan, inner.entry, chance)
        elif isinstance(plan, ObjectPlan):
            found[plan.name] = self.object(plan, inner, chance, share)

    def object(
        self, plan: ObjectPlan, shape: DocumentShape, chance: random.Random, share: float
    ) -> Any:
        """Draw an object or a list of objects."""
        if "array" not in shape.kinds:
            return self.members(plan, shape, chance, share)
        alone = plan.wrapped or (plan.segment is not None and plan.segment.single)
        count = 1 if alone else chance.choice((1, 1, 2, 3) if share < 0.9 else (1, 2))
        entries = [self.members(plan, shape.entry, chance, share) for _ in range(count)]
        for one in plan.fields:
            if is_shared(one):  # Entries of one outer loop have what is said of it once.
                for index, entry in enumerate(entries):
                    drawn = entry[one.name]
                    entry[one.name] = index + 1 if isinstance(drawn, int) else f"{drawn}{index}"
        return entries

    def pairs(
        self, plan: PairsPlan, shape: DocumentShape, chance: random.Random
    ) -> list[dict[str, Any]]:
        """Draw entries for the slots of a segment."""
        shared: dict[str, Any] = {}
        for one in plan.shared:
            inner = shape.member(one.name)
            assert inner is not None
            shared[one.name] = self.draw_of(one, inner)(chance)
        free = sum(slot.fixed is None for slot in plan.slots)
        value = shape.member(plan.value[0])
        assert value is not None
        return [
            {**shared, plan.qualifier[0]: text(chance), plan.value[0]: kind_of(value)(chance)}
            for _ in range(chance.randint(1, min(free, 3)))
        ]

    def free(self, plan: ObjectPlan, chance: random.Random) -> list[FieldPlan]:
        """Return the members that a document may have together."""
        fields = [one for one in plan.fields if both_ways(one) and not self.computes(one)]
        hierarchy = self.made.plan.hierarchy
        if self.loose or hierarchy is None or hierarchy.pointers:
            return fields
        # Where order alone says what a level is in, levels of two kinds cannot be side by side.
        below = [one for one in fields if is_level(one)]
        chosen = chance.choice(below) if below else None
        return [one for one in fields if one is chosen or not is_level(one)]

    def is_filled(self, plan: FieldPlan) -> bool:
        """Say whether a field has a value, whatever the document and the set say."""
        if not isinstance(plan, LeafPlan):
            return False
        computed = plan.path.replace("[]", "") in filled(self.made.plan)
        return is_shared(plan) or plan.default is not None or computed

    def draw_of(self, plan: LeafPlan | ValuesPlan, shape: DocumentShape) -> Draw:
        """Return how a value is drawn: one that the field's conversion takes, or any."""
        first, words = kind_of(shape), words_of(plan.rule)  # A code would come back as its word.
        if self.loose:
            strange = [] if first is not text else words or self.codes
            return lambda chance: (
                chance.choice(strange) if strange and chance.random() < 0.4 else first(chance)
            )

        def draw(chance: random.Random) -> Any:
            for one in (*[first] * _TRIES, digits):
                value = one(chance)
                if survives(plan, value):
                    return value
            return chance.choice(words)

        return draw

    def computes(self, plan: FieldPlan) -> bool:
        """Say whether a field has what the map computes."""
        return isinstance(plan, LeafPlan) and any(
            same_place(plan, one) for one in self.made.plan.computed
        )


def both_ways(plan: FieldPlan) -> bool:
    """Say whether a field is read and written, and its value is free."""
    free = not isinstance(plan, LeafPlan) or (plan.expression is None and plan.fixed is None)
    return plan.reads and plan.writes and free and not isinstance(plan, PairPlan)


def is_shared(plan: FieldPlan) -> bool:
    """Say whether a value stands outside, or is written with what stands beside it anyway."""
    return isinstance(plan, LeafPlan) and (
        plan.write_default is not None or any(place.up for place in plan.sources)
    )


def same_place(plan: LeafPlan, computed: ComputedPlan) -> bool:
    """Say whether a field stands where something is computed."""
    where = (computed.place.loops, computed.place.segment, computed.place.element)
    return any((one.loops, one.segment, one.element) == where for one in plan.sources)


def choose(
    plan: PairPlan, fields: Sequence[FieldPlan], found: dict[str, Any], chance: random.Random
) -> None:
    """Let a value be the one that a field chooses among the pairs of its segment."""
    lists = [one for one in fields if isinstance(one, PairsPlan) and beside(plan, one)]
    for other in lists:
        qualifier, rule = other.qualifier
        words = [rule.read(code) if rule.read else code for code in plan.qualifiers]
        entries = found.get(other.name, ())
        taken = [entry[qualifier] for entry in entries]
        for entry in entries:
            # Each field has a pair of its own, and no other pair that it would rather have.
            if entry[qualifier].startswith("x") and not set(taken) & set(words):
                entry[qualifier] = words[0]
                found[plan.name] = entry[other.value[0]]
                return
    if not lists:
        found[plan.name] = text(chance)


def beside(plan: PairPlan, other: PairsPlan) -> bool:
    """Say whether a list has the pairs that a field chooses among."""
    one, two = plan.segment, other.segment
    same = (one.up, one.loops, one.segment) == (two.up, two.loops, two.segment)
    return same and bool({*plan.slots} & {*other.slots})


def survives(plan: LeafPlan | ValuesPlan, value: Any) -> bool:
    """Say whether a field's conversion gives back what it was given."""
    read, write = plan.rule.read, plan.rule.write
    if read is None or write is None:
        return True
    try:
        return bool(read(write(value)) == value)
    except (GatewayError, ValueError):
        return False


def words_of(rule: ValueRule) -> list[str]:
    """Return the words of a rule's table, if it has one."""
    table = getattr(rule.read, "__self__", None)
    return sorted(rule.words or (table.words if isinstance(table, Table) else ()))


def codes_of(plan: ObjectPlan) -> Iterator[str]:
    """Yield the codes that predicates of a map look for."""
    for member in plan.fields:
        if isinstance(member, ObjectPlan):
            yield from codes_of(member)
        for place in (*getattr(member, "sources", ()), getattr(member, "segment", None)):
            steps = (*place.loops, place.segment) if place else ()
            yield from (code for step in filter(None, steps) for code in chosen_by(step))


def chosen_by(step: Step) -> Iterator[str]:
    """Yield the codes that a selection looks for."""
    yield from (code for test in step.tests for code in test.values)


def is_level(plan: FieldPlan) -> bool:
    """Say whether a member is a list of HL levels."""
    return isinstance(plan, ObjectPlan) and bool(plan.loops) and plan.loops[-1].tag == "HL"


def kind_of(shape: DocumentShape) -> Draw:
    """Return how a value of a shape is drawn."""
    for kind in shape.kinds:
        if kind in OF_TYPE:
            return OF_TYPE[kind]
    return OF_FORMAT.get(str(shape.schema.get("format", "")), text)
