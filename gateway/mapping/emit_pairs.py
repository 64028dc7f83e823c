"""The generated reading of lists of elements and of qualifier/value pairs in one segment."""

from __future__ import annotations

from gateway.mapping.emitter import Emitter
from gateway.mapping.layout import PairTake, inline, slot_bits
from gateway.mapping.plan import PairPlan, PairsPlan, ValuesPlan
from gateway.mapping.positions import Slot


def emit_values(out: Emitter, plan: ValuesPlan, name: str, tag: str) -> None:
    """Write a list of values, one for each element."""
    pointer = out.pointers[id(plan)].then("/%d", f"len({name})")
    for element in plan.elements:
        out.put(f"if n > {element} and (v := s[{element}]):")
        out.indent += 1
        out.converted(f"{name}.append({{}})", plan.rule, (tag, element, None), pointer)
        out.indent -= 1


def emit_pairs(out: Emitter, take: PairTake, tag: str) -> None:
    """Write the reading of qualifier/value pairs."""
    plan = out.constant("P", take.plan)
    pointer = out.pointers[id(take.plan)].code
    out.tested(take.tests)
    if isinstance(take.plan, PairsPlan) and inline(take.plan):
        for slot in take.plan.slots:
            _pair_slot(out, take.plan, slot, take.slot, tag)
        if take.tests:
            out.put(f"m |= {slot_bits(take.plan)}")
    elif isinstance(take.plan, PairPlan) and inline(take.plan):
        _preferred(out, take.plan, take.slot)
    elif take.slot[0] == "l":
        bits = slot_bits(take.plan)
        out.put(f"m = m & {~bits} | sink.pairs({plan}, s, {take.slot}, {pointer})")
    else:
        out.put(f"{take.slot}, v = sink.pair({plan}, s, {pointer})")
        out.put("m |= v")
    out.indent -= bool(take.tests)


def _pair_slot(out: Emitter, plan: PairsPlan, slot: Slot, name: str, tag: str) -> None:
    """Write the reading of one qualifier/value pair."""
    pointer = out.pointers[id(plan)].then("/%d", f"len({name})")
    first = min(slot.value, slot.qualifier or slot.value)
    out.put(f"if n > {first}:")
    out.indent += 1
    out.put(f"w = s[{slot.value}] if n > {slot.value} else ''")
    if slot.qualifier is None:
        out.put(f"v = {slot.fixed!r}")
    else:
        out.put(f"v = s[{slot.qualifier}] if n > {slot.qualifier} else ''")
    out.put("if w or v:" if slot.qualifier is not None else "if w:")
    out.indent += 1
    out.put("e = {}")
    for (member, rule), element, text in (
        (plan.qualifier, slot.qualifier or 0, "v"), (plan.value, slot.value, "w")
    ):  # fmt: skip
        out.put(f"if {text}:" if text == "v" else "if v := w:")
        out.indent += 1
        inner = pointer.then(f"/{member}".replace("%", "%%"))
        out.converted(f"e[{member!r}] = {{}}", rule, (tag, element, None), inner)
        out.indent -= 1
    out.put(f"{name}.append(e)")
    out.indent -= 2


def _preferred(out: Emitter, plan: PairPlan, slot: str) -> None:
    """Write the search for the most preferred of the qualifiers."""
    ranks = out.constant("R", {word: rank for rank, word in enumerate(plan.qualifiers)})
    slots = out.constant("S", tuple((one.qualifier, one.value) for one in plan.slots))
    out.put(f"b = {len(plan.qualifiers)}")
    out.put(f"for i, j in {slots}:")
    out.put("if j >= n: break", 1)
    out.put(f"if (z := {ranks}.get(s[i], b)) < b and (v := s[j]):", 1)
    out.put(f"b = z; {slot} = v; w = 1 << i | 1 << j", 2)
    out.put(f"if b < {len(plan.qualifiers)}: m |= w")
