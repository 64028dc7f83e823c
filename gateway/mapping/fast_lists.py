"""The part of a generated writer that writes pairs and lists of values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gateway.mapping.emitter import Emitter
from gateway.mapping.fast_members import Members, Spot
from gateway.mapping.fast_objects import LIST, TEXT
from gateway.mapping.fast_parts import BLANKS
from gateway.mapping.fast_places import Places, Scope, template
from gateway.mapping.plan import PairPlan, PairsPlan, ValuesPlan
from gateway.mapping.positions import Slot, Step
from gateway.mapping.write_pairs import free_slots

_LOOKED_AT = 4
"""So many slots of pairs are looked at one by one; few segments have values in more."""


@dataclass(slots=True)
class Lists:
    """Writes the code of pairs and of lists of values."""

    out: Emitter
    places: Places
    members: Members

    def entered(self, plan: ValuesPlan | PairsPlan, spot: Spot) -> tuple[Scope, Step]:
        """Write the entering of the loops that a list's segments are in; return the last."""
        step = plan.segment.segment or Step("")
        scope = self.places.enter(spot.chain, plan.segment.up, plan.segment.loops)[-1]
        return scope, step

    def values(self, plan: ValuesPlan, spot: Spot) -> None:
        """Write a list of values, as many to a segment as it has elements for them."""
        spot.own.open(plan.name, LIST)
        write = "None" if plan.rule.write is None else self.out.function(
            "c", plan.rule.write, plan.rule.write
        )  # fmt: skip
        elements, many = plan.elements, len(plan.elements)
        if plan.rule.write is None and many == 1:
            # That they are texts shows later.
            self.out.put("if type(v) is not list or not all(v): raise NeedsCareError")
        else:
            self.out.put(f"v = texts_of(v, {write})")
        if plan.segment.segment is None:
            self.out.put(f"if len(v) > {many}: raise NeedsCareError")
            self.out.put(f"put_all({spot.segment}, {elements!r}, v)")
        else:
            scope, step = self.entered(plan, spot)
            self.out.put("for t in v:" if many == 1 else f"for i in range(0, len(v), {many}):")
            self.out.indent += 1
            texts = "t" if many == 1 else f"*v[i:i + {many}]"
            made = template(step)
            if list(elements) == list(range(len(made), len(made) + many)):
                self.out.put(f"q = [{', '.join([*map(repr, made), texts])}]")
            else:
                self.out.put(f"q = {made!r}")
                self.out.put(f"put_all(q, {elements!r}, ({texts},))")
            self.places.add(scope, step.tag, "q", single=plan.segment.single)
            self.members.lookalike(plan, "q")
            self.out.indent -= 1
        spot.own.close(required=plan.required)

    def pair(self, plan: PairPlan, spot: Spot) -> None:
        """Write one value among qualifier/value pairs."""
        silent = TEXT if plan.rule.write is None else None
        spot.own.open(plan.name, silent)
        self.members.text(plan.rule)
        self.out.put("if type(t) is not str: raise NeedsCareError")
        self.out.put("if t:")
        self.out.indent += 1
        segment = self.places.segment(spot.chain, spot.segment, plan.segment)
        about = ", ".join(
            self.out.constant("S", one)
            for one in (plan.slots, free_slots(plan.slots), plan.qualifiers)
        )
        self.there(plan, segment)
        self.out.put(f"put_pair({segment}, t, {about})", 1)
        self.out.indent -= 1
        spot.own.close(required=plan.required)

    def there(self, plan: PairPlan, segment: str) -> None:
        """Open the case that the value is not where a list of pairs has often put it already."""
        qualifiers = self.out.constant("S", frozenset(plan.qualifiers))
        self.out.put(f"i = len({segment})")
        word = "if"
        for slot in plan.slots[:_LOOKED_AT]:
            if slot.qualifier is not None:
                same = (
                    f"{segment}[{slot.value}] == t and {segment}[{slot.qualifier}] in {qualifiers}"
                )
                self.out.put(f"{word} i > {max(slot.value, slot.qualifier)} and {same}: pass")
                word = "elif"
        self.out.put("else:" if word == "elif" else "if True:")

    def next_slot(self, plan: PairsPlan, segment: str, filled: str) -> None:
        """Write the filling of the first slot that is free, as long as that is plain to see."""
        free = free_slots(plan.slots)
        about = ", ".join(self.out.constant("S", one) for one in (plan.slots, free))
        asked = f"if not put_entry({segment}, (k, t), {about}, {filled}): raise NeedsCareError"
        self.out.put(f"i = len({segment})")
        self.out.put(f"if not t or t in {segment}:")
        self.out.put(asked, 1)
        for qualifier, (slot, *_) in free[0].items():
            self.out.put(f"elif k == {qualifier!r} and i <= {slot.value} < {len(BLANKS)}:")
            self.out.put(f"{segment} += BLANKS[i:{slot.value}]; {segment}.append(t)", 1)
            self.out.put(f"{filled}.append({self.out.constant('S', slot)})", 1)
        if free[0]:
            self.out.put(f"elif k in {tuple(free[0])!r}:")
            self.out.put(asked, 1)
        before: list[str] = []
        for slot in plain_slots(free[1])[:_LOOKED_AT]:
            first = slot.value - 1
            self.out.put(f"elif {' and '.join([f'i <= {first}', *before])}:")
            self.out.put(f"{segment} += BLANKS[i:{first}]; {segment} += (k, t)", 1)
            self.out.put(f"{filled}.append({self.out.constant('S', slot)})", 1)
            before.append(f"{segment}[{first}]")
        self.out.put("else:")
        self.out.put(asked, 1)

    def pairs(self, plan: PairsPlan, spot: Spot) -> None:
        """Write a list into qualifier/value pairs."""
        spot.own.open(plan.name, LIST)
        if plan.each:
            scope, step = self.entered(plan, spot)
            segment = "q"
            self.out.put("q = p = None")
        else:
            segment = self.places.segment(spot.chain, spot.segment, plan.segment)
        filled, own = self.out.fresh("f"), self.out.fresh("o")
        self.out.put(f"{filled} = []")
        self.out.put(f"for {own} in v:")
        self.out.indent += 1
        inner = self.pair_texts(plan, own, spot, segment)
        if plan.each:
            self.next_segment(plan, own, filled, (scope, step))
        else:
            self.next_slot(plan, segment, filled)
        for leaf in plan.shared:
            self.members.leaf(leaf, inner)
        if plan.each:
            self.members.lookalike(plan, "q")
        if plan.shared:
            inner.own.end()
        self.out.indent -= 1
        spot.own.close(required=plan.required)

    def next_segment(
        self, plan: PairsPlan, own: str, filled: str, where: tuple[Scope, Step]
    ) -> None:
        """Write the filling of a slot, or of a new segment where the last has no room for it."""
        scope, step = where
        slots, free = (self.out.constant("S", one) for one in (plan.slots, free_slots(plan.slots)))
        put = f"put_entry(q, (k, t), {slots}, {free}, {filled})"
        values = ", ".join(f"{own}.get({leaf.name!r})" for leaf in plan.shared)
        self.out.put(f"n = ({values}{',' if plan.shared else ''})")
        self.out.put(f"if q is None or n != p or not {put}:")
        self.out.indent += 1
        self.out.put(f"q = {template(step)!r}")
        self.places.add(scope, step.tag, "q", single=plan.segment.single)
        self.out.put(f"{filled}.clear()")
        self.out.put(f"if not {put}: raise NeedsCareError")
        self.out.indent -= 1
        self.out.put("p = n")

    def pair_texts(self, plan: PairsPlan, own: str, spot: Spot, segment: str) -> Spot:
        """Write the conversion of an entry's qualifier into `k`, and of its value into `t`."""
        alone = not plan.shared
        if alone:  # Nearly all entries are a qualifier and a value.
            self.out.put(f"if len({own}) == 2:")
            self.out.indent += 1
            for variable, (name, rule) in (("k", plan.qualifier), ("t", plan.value)):
                self.out.put(f"v = {own}[{name!r}]")
                self.members.text(rule)
                if variable == "k":
                    self.out.put("k = t")
            self.out.indent -= 1
            self.out.put("else:")
            self.out.indent += 1
        inner = self.members.opened(own, spot.chain, segment)
        for variable, (name, rule) in (("k", plan.qualifier), ("t", plan.value)):
            silent = TEXT if rule.write is None else None
            inner.own.open(name, silent)
            self.members.text(rule)
            if variable == "k":
                self.out.put("k = t")
            inner.own.close()
            self.out.put(f"else: {variable} = ''")
        if alone:
            inner.own.end()
            self.out.indent -= 1
        return inner


def plain_slots(slots: Sequence[Slot]) -> list[Slot]:
    """Return the slots that follow one another, each a qualifier and its value behind it."""
    found: list[Slot] = []
    for slot in slots:
        if slot.qualifier != slot.value - 1 or (found and slot.value - 1 <= found[-1].value):
            break
        if slot.value < len(BLANKS):
            found.append(slot)
    return found
