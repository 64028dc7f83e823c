"""The readable twin of the generated reader: walks the layout, one rule at a time, slowly.

It says what a map's reader must do; `test_generated_readers.py` holds the generated code to it.
Findings, leftovers and pairs are the reader's own `Sink`, which is no generated code.
"""

from __future__ import annotations

from functools import partial

from gateway.mapping.hierarchy import NO_LEVELS, levels
from gateway.mapping.layout import lay_out
from gateway.mapping.plan import LeafPlan, ObjectPlan, PairsPlan
from gateway.mapping.positions import element_text
from gateway.mapping.reading import Sink
from gateway.mapping.scopes import ordered
from gateway.mapping.skipped import retell
from gateway.mapping.taken import slot_bits


class Interpreter:
    """Reads trees by a plan; `values` holds what the fields of the entry in hand have so far."""

    def __init__(self, plan):
        self.plan, self.layout = plan, lay_out(plan)
        self.names, self.extra = self.layout.names, self.layout.extra
        self.keeps = plan.unmapped != "drop"
        self.parts = {}
        self.place(plan.root, ())

    def place(self, plan, above):
        """Note the parts of each field's pointer; a list's variable stands for its length."""
        for member in plan.fields:
            parts = (*above, "/" + member.name)
            self.parts[id(member)] = parts
            if isinstance(member, ObjectPlan):
                listed = id(member) in self.names
                inner = ("/0",) if member.wrapped else ("/", [self.names.get(id(member))])
                self.place(member, (*parts, *(inner if member.wrapped or listed else ())))

    def pointer(self, plan):
        parts = self.parts[id(plan)]
        return "".join(
            part if isinstance(part, str) else str(len(self.values.get(part[0], ())))
            for part in parts
        )

    def read(self, tree, separator):
        """Return the document and the sink, as the generated function and its caller do."""
        self.sink, self.values = Sink(separator), {}
        plan = self.plan.hierarchy
        self.below = levels(tree, plan, self.sink.findings) if plan else NO_LEVELS
        self.document = None
        self.scope(self.layout.root, tree, "")
        if self.sink.skipped and self.sink.unmapped:
            retell(self.sink)
        return self.document, self.sink

    def reset(self, slots):
        self.values.update({name: [] if name[0] == "l" else None for name in slots})

    def holds(self, tests, segment):
        return all(test.holds(segment, self.sink.separator) for test in tests)

    def scope(self, scope, node, path):
        """Read one occurrence of a loop: its segments, its loops, what nobody knows, entries."""
        self.reset(scope.slots)
        for tag, blocks in scope.blocks.items():
            self.segment(node.segments.get(tag, ()), ordered(blocks), path)
        loops = dict(node.loops)
        if scope.level.nested:
            loops["HL"] = self.below.get(id(node), ())
        groups = sorted(scope.scopes.items(), key=lambda item: max(one.turn for one in item[1]))
        nested = [item for item in groups if item[0] == "HL" and scope.level.nested]
        if scope.level.nested and not nested:
            nested = [("HL", [])]
        for tag, scopes in [item for item in groups if item not in nested] + nested:
            chosen = sorted(scopes, key=lambda one: one.rank)
            self.loops(tag, loops.get(tag, ()), chosen, path)
        if self.keeps:
            more = ["HL"] if scope.level.nested else []
            self.sink.strangers(node, frozenset([*scope.blocks, *scope.scopes, *more]), path)
            for name in scope.lends:
                for keep in self.values[name]:
                    keep()
        for entry in scope.entries:
            self.entry(entry, root=scope.step is None)

    def shares(self, parts, chosen, first):
        """Yield each part with the selection that takes it and its number there (rule 1)."""
        seen = {}
        for part in parts:
            taker = None
            for one in chosen:
                step = one.step
                if step is None or not self.holds(step.tests, first(part)):
                    continue
                count = seen.setdefault(id(one), [0, False])
                count[0] += 1
                occurrence = sum(
                    1 for other in parts[: index_of(part, parts) + 1]
                    if self.holds(step.tests, first(other))
                )  # fmt: skip
                fits = occurrence == step.occurrence if step.occurrence else not count[1]
                if one.many or fits:
                    count[1], taker = True, one
                    break
            number = seen.setdefault(("number", id(taker)), 0) + 1
            seen["number", id(taker)] = number
            yield part, taker, number

    def loops(self, tag, nodes, chosen, path):
        """Divide the occurrences of a loop among the selections."""
        outer = path + "/" if path else ""
        for node, taker, number in self.shares(
            nodes, chosen, lambda one: one.segments.get(tag, [[""]])[0]
        ):
            if taker is None:
                if self.keeps:
                    where = f"{outer}{tag}[+{number}]"
                    if tag == "HL" and self.plan.hierarchy is not None:
                        self.sink.whole_level(node, self.below, where)
                    else:
                        self.sink.whole_loop(node, where)
            elif not taker.whole:
                many = f"[#{number}]" if taker.many else ""
                told = taker.lists_of() if taker.many and tag != "HL" else []
                lists = [self.names[id(plan)] for plan in told]
                before = self.lengths(lists)
                self.scope(taker, node, f"{outer}{taker.step}{many}")
                if lists and self.keeps and self.lengths(lists) == before:
                    self.sink.skipped.append((node, "", f"{outer}{taker.step}{many}"))

    def lengths(self, lists):
        return sum(len(self.values.get(name) or ()) for name in lists)

    def segment(self, rows, chosen, path):
        """Divide the occurrences of a segment among the selections."""
        if not rows:
            return
        if chosen[0].single:
            self.block(chosen[0], rows[0], chosen[0].step.tag, path)
            for row in rows[1:] if self.keeps else ():
                self.sink.whole(row, path)
            return
        for row, taker, number in self.shares(rows, chosen, lambda one: one):
            if taker is None:
                if self.keeps:
                    self.sink.whole(row, path)
            elif not taker.whole:
                of = f"{taker.step}[#{number}]" if taker.many else str(taker.step)
                lists = [self.names[id(one.plan)] for one in taker.entries] if taker.many else []
                before = self.lengths(lists)
                self.block(taker, row, of, path)
                if lists and self.keeps and self.lengths(lists) == before:
                    self.sink.skipped.append((row, of, path))

    def block(self, block, row, of, path):
        """Take what the fields want of one segment; keep the rest."""
        for entry in block.entries:
            self.reset(entry.slots)
        # The components that no field takes are kept one by one.
        parts = {take.element for take in block.takes if take.component is not None}
        taken, failed = set(parts), set()
        for take in block.takes:
            if self.holds(take.tests, row):
                self.take(take, row, path, (taken, failed))
        for plan, name in block.values:
            taken.update(self.list_of_values(plan, name, row))
        mask = sum(1 << element for element in taken - failed)
        for pairs in block.pairs:
            if self.holds(pairs.tests, row):
                mask = self.pairs(pairs, row, mask)
        if self.keeps:
            self.sink.left(row, mask, of, path)
            self.components(block, row, parts, (of, path))
        self.lend(block, row, mask, (of, path))
        for entry in block.entries:
            if self.holds(entry.tests, row):
                self.entry(entry, root=False)

    def components(self, block, row, elements, where):
        for element in sorted(elements):
            known = {take.component for take in block.takes if take.element == element}
            self.sink.components(row, element, frozenset(known), where)

    def lend(self, block, row, mask, where):
        """Remember how to keep what an entry of an inner loop may still take."""

        def keep(loan):
            if loan.component:
                element = loan.elements.bit_length() - 1
                others = set(range(100)) - {loan.component}
                self.sink.components(row, element, frozenset(others), where)
            else:
                self.sink.left(row, ~(mask & loan.elements), *where)

        for loan in block.loans:
            self.values.setdefault(loan.variable, []).append(partial(keep, loan))

    def used(self, member):
        """Forget what loops outside have kept for a field."""
        for name, around in self.layout.loans.get(id(member), ()):
            if around:
                self.values[around] += self.values.get(name, [])
            self.values[name] = []

    def list_of_values(self, plan, name, row):
        """Append a value for each element; yield those that are taken."""
        for element in plan.elements:
            text = element_text(row, element, None, "")
            pointer = f"{self.pointer(plan)}/{len(self.values[name])}"
            value = self.converted(plan.rule, text, (row[0], element, None), pointer)
            if value is not None:
                self.values[name].append(value)
                yield element

    def pairs(self, pairs, row, taken):
        """Return which elements are taken: what a list cannot convert is kept in any case."""
        if isinstance(pairs.plan, PairsPlan):
            entries, pointer = self.values[pairs.slot], self.pointer(pairs.plan)
            found = self.sink.pairs(pairs.plan, row, entries, pointer)
            return taken & ~slot_bits(pairs.plan) | found
        value, mask = self.sink.pair(pairs.plan, row, self.pointer(pairs.plan))
        self.values[pairs.slot] = value
        return taken | mask

    def take(self, take, row, path, marks):
        """Do with one element what it is for."""
        taken, failed = marks
        text = element_text(row, take.element, take.component, self.sink.separator)
        where = (row[0], take.element, take.component)
        if take.kind == "peek":
            self.values[take.slot] = text or self.values.get(take.slot)
            return
        if take.kind in ("consume", "constant") or (take.kind == "along" and text == take.expected):
            taken.add(take.element)
            if take.kind == "constant" and text not in ("", take.expected):
                self.sink.differs(text, take.expected, where)
        again = any(one.many for one in take.scopes) and self.values.get(take.slot) is not None
        if not text or again:
            return
        if take.kind == "source":
            self.values[take.slot] = (text, row, None if take.covered else path)
            taken.add(take.element)
        if take.kind == "value":
            value = self.converted(take.leaf.rule, text, where, self.pointer(take.leaf))
            if value is not None:
                self.values[take.slot] = value
                taken.add(take.element)
            else:
                failed.add(take.element)

    def converted(self, rule, text, where, pointer):
        if not text or rule.read is None:
            return text or None
        try:
            return rule.read(text)
        except ValueError as fault:
            self.sink.bad(fault, text, where, pointer)
            return None

    def entry(self, entry, *, root):
        made = self.object(entry.plan, root=root)
        if root:
            self.document = made
        elif made:
            self.values[self.names[id(entry.plan)]].append(made)

    def object(self, plan, *, root):
        """Make an object of what its fields have."""
        made = (
            {"document": self.plan.document, "version": self.plan.document_version} if root else {}
        )
        for member in plan.fields:
            value = self.value(member)
            if value is not None and value != []:
                made[member.name] = value
                self.used(member)
                outside = getattr(member, "up", 0) or getattr(
                    getattr(member, "segment", None), "up", 0
                )
                if outside and isinstance(value, list):
                    self.values[self.names[id(member)]] = []
        for member in plan.fields if made or root else ():
            default = getattr(member, "default", None)
            fixed = getattr(member, "fixed", None)
            expression = isinstance(member, LeafPlan) and member.expression is not None
            if member.name in made or not member.reads or expression:
                continue
            if fixed is not None or default is not None:
                made[member.name] = fixed if fixed is not None else default
            elif member.required:
                self.sink.missing(self.pointer(member))
        return made

    def value(self, member):
        """Return what a field has, or None."""
        if not member.reads:
            return None
        if isinstance(member, ObjectPlan) and not member.many and member.segment is None:
            made = self.object(member, root=False) or None
            return [made] if made and member.wrapped else made
        if isinstance(member, LeafPlan) and member.sources and not member.direct:
            sources = [
                self.values.get(self.extra[id(member), index])
                for index in range(len(member.sources))
            ]
            holds = all(
                condition.holds(self.values.get(self.extra[id(member), -1 - index]))
                for index, condition in enumerate(member.when)
            )
            if any(source is not None for source in sources):
                value = self.sink.choose(member, sources, holds, self.pointer(member))
                self.values[self.names[id(member)]] = value
                self.used(member)
        return self.values.get(self.names.get(id(member)))


def index_of(part, parts):
    """Return where a part stands, by identity: two of them may be equal."""
    return next(index for index, one in enumerate(parts) if one is part)
