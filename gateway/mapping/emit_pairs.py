"""The generated reading of lists of elements, of qualifier/value pairs, and of what loops lend."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from gateway.mapping.emitter import STOP, Emitter, sure
from gateway.mapping.loans import ALL_ELEMENTS
from gateway.mapping.plan import PairPlan, PairsPlan, ValuesPlan
from gateway.mapping.scopes import Block, PairTake, Path
from gateway.mapping.taken import inline, masks, slot_bits

_FIRST_PAIRS = 3
"""So many pairs are asked for one by one; the others, which few segments have, in a loop."""


def emit_loans(out: Emitter, block: Block, of: Path, path: Path) -> None:
    """Write that elements which entries of inner loops may take are kept until one does."""
    fixed, moving = masks(block)
    where = Path(f"{of.text}\n{path.text}", (*of.variables, *path.variables))
    numbers = "".join(f"{name}, " for name in where.variables)
    for loan in block.loans:
        mask = f"{fixed & loan.elements}"
        if moving or block.pairs:
            mask = "m" if loan.elements == ALL_ELEMENTS else f"m & {loan.elements}"
        kept = f"(s, {mask}, {loan.component or 0}, {where.text!r}, ({numbers}))"
        out.put(f"{loan.variable} += ({kept},)")


def emit_values(out: Emitter, plan: ValuesPlan, name: str, tag: str) -> None:
    """Write a list of values, one for each element."""
    pointer = out.pointers[id(plan)].then("/%d", f"len({name})")
    for element in plan.elements:
        out.put(f"if n > {element} and (v := s[{element}]):")
        out.indent += 1
        out.put(f"if not {name}: {name} = []")
        out.converted(f"{name}.append({{}})", plan.rule, (tag, element, None), pointer)
        out.indent -= 1


def emit_pairs(out: Emitter, takes: Sequence[PairTake], tag: str) -> None:
    """Write the reading of qualifier/value pairs, those of one segment."""
    along: dict[int, list[PairTake]] = {}
    for take in takes:
        host = next((other for other in takes if _same_slots(take, other)), None)
        if host is not None:
            along.setdefault(id(host), []).append(take)
    guests = {id(take) for found in along.values() for take in found}
    for take in takes:
        if id(take) not in guests:
            out.tested(take.tests)
            _pairs(out, take, along.get(id(take), ()), tag)
            out.indent -= bool(take.tests)


def _same_slots(one: PairTake, other: PairTake) -> bool:
    """Say whether one value can be looked for while a list of all pairs is read."""
    plan, listed = one.plan, other.plan
    if not isinstance(plan, PairPlan) or not isinstance(listed, PairsPlan):
        return False
    qualified = tuple(slot for slot in listed.slots if slot.qualifier is not None)
    plain = inline(plan) and inline(listed) and not (one.tests or other.tests)
    return plain and plan.slots == qualified


def _pairs(out: Emitter, take: PairTake, along: Sequence[PairTake], tag: str) -> None:
    plan = out.constant("P", take.plan)
    pointer = out.pointers[id(take.plan)].code
    if isinstance(take.plan, PairsPlan) and inline(take.plan):
        _all_slots(out, take, along, tag)
        if take.tests:
            out.put(f"m |= {slot_bits(take.plan)}")
    elif isinstance(take.plan, PairPlan) and inline(take.plan):
        _preferred(out, take.plan, take.slot)
    elif take.slot[0] == "l":
        bits = slot_bits(take.plan)
        out.put(f"if not {take.slot}: {take.slot} = []")
        out.put(f"m = m & {~bits} | sink.pairs({plan}, s, {take.slot}, {pointer})")
    else:
        out.put(f"{take.slot}, v = sink.pair({plan}, s, {pointer})")
        out.put("m |= v")


def _all_slots(out: Emitter, take: PairTake, along: Sequence[PairTake], tag: str) -> None:
    """Write the reading of all pairs: those with a qualifier in a loop that ends with the data."""
    plan, name = take.plan, take.slot
    if not isinstance(plan, PairsPlan):
        return
    wanted = _wanted(out, along)
    for alone, slots in groupby(plan.slots, lambda slot: slot.qualifier is None):
        if alone:
            for slot in slots:
                out.put(f"if n > {slot.value} and (w := s[{slot.value}]):")
                out.indent += 1
                out.put(f"v = {slot.fixed!r}")
                _pair(out, plan, name, (tag, 0, slot.value))
                out.indent -= 1
        else:
            pairs = [(slot.qualifier or 0, slot.value) for slot in slots]
            _range(out, plan, name, (tag, pairs, wanted))


def _wanted(out: Emitter, along: Sequence[PairTake]) -> list[str]:
    """Write the beginning of searches along with a list; return what each does with v and w."""
    lines = []
    for take in along:
        if isinstance(take.plan, PairPlan):
            ranks, best = _ranks(out, take.plan), out.fresh("b")
            out.put(f"{best} = {len(take.plan.qualifiers)}")
            lines.append(f"if w and (z := {ranks}.get(v, {best})) < {best}: ")
            lines[-1] += f"{best} = z; {take.slot} = w"
    return lines


def _range(
    out: Emitter, plan: PairsPlan, name: str, where: tuple[str, list[tuple[int, int]], list[str]]
) -> None:
    tag, pairs, wanted = where
    ordered = pairs == sorted(pairs) and all(qualifier < value for qualifier, value in pairs)
    entry = _whole_entry(out, plan) if out.stops and ordered else ""
    if entry:
        _whole_pairs(out, (name, entry), pairs, wanted)
        return
    if len(pairs) == 1 and pairs[0][0] < pairs[0][1]:
        i, j = pairs[0]
        out.put(f"if n > {i} and ((v := s[{i}]) or n > {j} and s[{j}]):")
        out.indent += 1
        out.put(f"w = s[{j}] if n > {j} else ''")
        for line in wanted:
            out.put(line)
        _pair(out, plan, name, (tag, i, j))
        out.indent -= 1
        return
    out.put(f"for i, j in {tuple(pairs)!r}:")
    out.indent += 1
    if ordered:
        out.put("if n <= i: break")
        out.put("v = s[i]; w = s[j] if n > j else ''")
    else:
        out.put("v = s[i] if n > i else ''; w = s[j] if n > j else ''")
    out.put("if v or w:")
    out.indent += 1
    for line in wanted:
        out.put(line)
    _pair(out, plan, name, (tag, "i", "j"))
    out.indent -= 2


def _whole_entry(out: Emitter, plan: PairsPlan) -> str:
    """Return the entry of a pair of which both are there; nothing where that is not all."""
    texts = []
    for (member, rule), text in ((plan.qualifier, "v"), (plan.value, "w")):
        if rule.read is not None and rule.codes is None:
            return ""
        found = text
        if rule.codes is not None:
            found = f"{out.function('t', rule.codes.get, rule.codes)}({text}, {text})"
        texts.append(f"{member!r}: {sure(found, rule)}")
    names = {plan.qualifier[0], plan.value[0]}
    return f"{{{', '.join(texts)}}}" if names.issuperset(plan.needs) and len(names) > 1 else ""


def _whole_pairs(
    out: Emitter, into: tuple[str, str], pairs: Sequence[tuple[int, int]], wanted: Sequence[str]
) -> None:
    """Write the reading of pairs that are whole; a half one is none that this reader takes."""
    outside = out.indent
    first, others = pairs[:_FIRST_PAIRS], pairs[_FIRST_PAIRS:]
    for i, j in first:
        out.put(f"if n > {i}:")
        out.indent += 1
        out.put(f"if n <= {j}: {STOP}")
        _whole_pair(out, into, (i, j), wanted)
    if others:
        out.put(f"for i, j in {tuple(others)!r}:")
        out.indent += 1
        out.put("if n <= i: break")
        out.put(f"if n <= j: {STOP}")
        _whole_pair(out, into, ("i", "j"), wanted)
    out.indent = outside


def _whole_pair(
    out: Emitter,
    into: tuple[str, str],
    places: tuple[int | str, int | str],
    wanted: Sequence[str],
) -> None:
    out.put(f"v = s[{places[0]}]; w = s[{places[1]}]")
    out.put("if v and w:")
    out.indent += 1
    for line in wanted:
        out.put(line.replace("if w and ", "if ", 1))
    out.append(*into)
    out.indent -= 1
    out.put(f"elif v or w: {STOP}")


def _pair(
    out: Emitter, plan: PairsPlan, name: str, where: tuple[str, int | str, int | str]
) -> None:
    """Write the making of an entry from the qualifier in v and the value in w."""
    pointer = out.pointers[id(plan)].then("/%d", f"len({name})")
    out.put("e = {}")
    for (member, rule), element, text in (
        (plan.qualifier, where[1], "v"), (plan.value, where[2], "w")
    ):  # fmt: skip
        out.put(f"if {text}:" if text == "v" else "if v := w:")
        out.indent += 1
        inner = pointer.then(f"/{member}".replace("%", "%%"))
        out.converted(f"e[{member!r}] = {{}}", rule, (where[0], element, None), inner)
        out.indent -= 1
        if member in plan.needs:
            out.put("else: sink.doubtful = True")
    if not {plan.qualifier[0], plan.value[0]}.issuperset(plan.needs):
        out.put("sink.doubtful = True")
    out.append(name, "e")


def _preferred(out: Emitter, plan: PairPlan, slot: str) -> None:
    """Write the search for the most preferred of the qualifiers."""
    ranks = _ranks(out, plan)
    slots = out.constant("S", tuple((one.qualifier, one.value) for one in plan.slots))
    out.put(f"b = {len(plan.qualifiers)}")
    out.put(f"for i, j in {slots}:")
    out.put("if j >= n: break", 1)
    out.put(f"if (z := {ranks}.get(s[i], b)) < b and (v := s[j]):", 1)
    out.put(f"b = z; {slot} = v; w = 1 << i | 1 << j", 2)
    out.put(f"if b < {len(plan.qualifiers)}: m |= w")


def _ranks(out: Emitter, plan: PairPlan) -> str:
    """Return the name of a table of qualifiers by preference."""
    return out.constant("R", {word: rank for rank, word in enumerate(plan.qualifiers)})
