"""What maps have in common that differ in nothing but their names and what their tables say.

All that takes time to make is made here, once, at the first document that asks for it: which field
takes what, and the generated readers and writers. A map binds its tables to them, which takes some
microseconds; a thousand maps of ten structures so have the code of ten.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

from gateway.mapping.fast_writer import FastWriter, generate_writer
from gateway.mapping.gathering import Gathering, gathering, gathers
from gateway.mapping.generate import Reader, generate
from gateway.mapping.generate_row import RowReader, generate_row
from gateway.mapping.kept_words import Looked, looked_at
from gateway.mapping.layout import lay_out
from gateway.mapping.lifted import OpenFunction, rules_of
from gateway.mapping.plan import LeafPlan, MapPlan, ObjectPlan, TableUse
from gateway.mapping.rivals import Rivals, rivals
from gateway.mapping.row_places import outline_of, span_of
from gateway.mapping.row_totals import Agree, agreement


class Structure:
    """A plan that leaves open what tables say, and all that is made of it."""

    def __init__(self, plan: MapPlan, around: object = None) -> None:
        """Take a checked plan; what it was checked against is kept alive as long as it is."""
        self.plan = plan
        self.around = around

    @cached_property
    def uses(self) -> tuple[TableUse, ...]:
        """Return the tables that are left open, field by field."""
        return tuple(rule.table for rule in rules_of(self.plan.root) if rule.table is not None)

    @cached_property
    def computes(self) -> bool:
        """Say whether expressions are read."""
        return _has_expression(self.plan.root)

    @cached_property
    def provable(self) -> bool:
        """Say whether a reader can tell which documents are certain to fit the model."""
        plan = self.plan
        return plan.provable and not (self.computes or plan.reworks or plan.recalls)

    @cached_property
    def read(self) -> OpenFunction[Reader]:
        """Return what reads trees."""
        return OpenFunction.of(generate(self.plan, lay_out(self.plan)))

    @cached_property
    def gathering(self) -> Gathering | None:
        """Return what makes the loops that only the map knows; None where it knows none."""
        return gathering(lay_out(self.plan)) if gathers(self.plan.root) else None

    @cached_property
    def read_row(self) -> OpenFunction[RowReader] | None:
        """Return what reads rows; None where only trees can be read."""
        made = generate_row(self.plan)
        return None if made is None else OpenFunction.of(made)

    @cached_property
    def outline(self) -> str:
        """Return the outline of the set's places."""
        return outline_of(span_of(self.plan.shape))

    @cached_property
    def agree(self) -> Agree:
        """Return what says whether the totals of a row agree."""
        return agreement(self.plan)

    @cached_property
    def ahead(self) -> Mapping[int, Rivals]:
        """Return which selections choose before lists."""
        return rivals(lay_out(self.plan))

    @cached_property
    def write_fast(self) -> OpenFunction[FastWriter] | None:
        """Return what writes plain documents; None where all are written with care."""
        made = generate_writer(self.plan, self.ahead)
        return None if made is None else OpenFunction.of(made)

    @cached_property
    def looked(self) -> Looked | None:
        """Return where words may be kept that no table knows."""
        return looked_at(self.plan.root.fields)


def _has_expression(plan: ObjectPlan) -> bool:
    return any(
        _has_expression(member)
        if isinstance(member, ObjectPlan)
        else isinstance(member, LeafPlan) and member.expression is not None and member.reads
        for member in plan.fields
    )
