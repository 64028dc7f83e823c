"""Plans that leave open what tables say, and the binding of a partner's tables to what is made.

Partners extend one map and translate other codes. Their maps have one plan, one reader and one
writer, in which something that is not known yet stands wherever a table will be asked. Binding is
the exchange of those places for what the tables of one map say. Whoever asks an open table for
anything else is told so, loudly: what it says must not find its way into shared code.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from types import FunctionType, MethodType
from typing import Generic, NoReturn, TypeVar, cast

from gateway.mapping.conversions import Scalar
from gateway.mapping.plan import (
    FieldPlan,
    LeafPlan,
    MapPlan,
    ObjectPlan,
    PairPlan,
    PairsPlan,
    TableForm,
    TableUse,
    ValueRule,
    ValuesPlan,
)
from gateway.mapping.tables import Table, joined

Tables = Mapping[str, Table]
"""The tables of one map, by name."""

Function = TypeVar("Function")


class Open(Mapping[str, str]):
    """A function or a table that stands for what a table will say, once it is known which."""

    __slots__ = ("first", "form", "part")

    def __init__(self, form: TableForm, first: ValueRule, part: str) -> None:
        """Stand for one part of a table's rule: `read`, `write`, `codes` or `words`."""
        self.form, self.first, self.part = form, first, part

    def of(self, tables: Tables) -> object:
        """Return what a map's table says."""
        return getattr(_rule(self.form, self.first, tables), self.part)

    def _not_known(self) -> NoReturn:
        raise TypeError(f"what table '{self.form.name}' says is not known yet")

    def __eq__(self, other: object) -> bool:
        """Say whether it is the very same: there is nothing to compare."""
        return self is other

    __hash__ = object.__hash__

    def __call__(self, value: Scalar) -> str:
        """Refuse: nothing can be looked up."""
        self._not_known()

    def __getitem__(self, key: str) -> str:
        """Refuse: nothing can be looked up."""
        self._not_known()

    def __iter__(self) -> Iterator[str]:
        """Refuse: nobody knows what is in it."""
        self._not_known()

    def __len__(self) -> int:
        """Refuse: nobody knows how much is in it."""
        self._not_known()


_AS_IT_STANDS = ValueRule()


def open_rule(use: TableUse) -> ValueRule:
    """Return the rule of a table that is not known yet."""
    form, first = use.form, use.first
    bare = first.read is None or first.write is None
    read, write, codes, words = (
        _parts(form) if bare else tuple(Open(form, first, part) for part in _PARTS)
    )
    gives = form.gives if bare else form.gives.after(first.gives)
    if bare and form.unknown == "keep":
        return ValueRule(read, write, codes, gives, words=words, table=use)
    return ValueRule(read, write, gives=gives, table=use)


_PARTS = ("read", "write", "codes", "words")


@lru_cache(maxsize=4096)
def _parts(form: TableForm) -> tuple[Open, ...]:
    """Return what stands for a table: the very same wherever it is looked up."""
    return tuple(Open(form, _AS_IT_STANDS, part) for part in _PARTS)


def _rule(form: TableForm, first: ValueRule, tables: Tables) -> ValueRule:
    return joined(first, tables[form.name].rule)


def bound_rule(rule: ValueRule, tables: Tables) -> ValueRule:
    """Return a rule with what the tables of a map say."""
    if rule.table is None:
        return rule
    made = _rule(rule.table.form, rule.table.first, tables)
    return ValueRule(made.read, made.write, made.codes, rule.gives, rule.fits, made.words)


def bound_plan(plan: MapPlan, tables: Tables, name: str, version: str) -> MapPlan:
    """Return the plan of one map."""
    return replace(plan, name=name, version=version, root=_bound_object(plan.root, tables))


def _bound_object(plan: ObjectPlan, tables: Tables) -> ObjectPlan:
    fields = tuple([bound_field(one, tables) for one in plan.fields])
    same = all(one is before for one, before in zip(fields, plan.fields, strict=True))
    return plan if same else plan.of(fields)


def bound_field(plan: FieldPlan, tables: Tables) -> FieldPlan:
    """Return a field with what the tables of a map say: itself, where it asks for none."""
    match plan:
        case ObjectPlan():
            return _bound_object(plan, tables)
        case LeafPlan():
            return _bound_leaf(plan, tables)
        case PairsPlan():
            (qualifier, of_qualifier), (value, of_value) = plan.qualifier, plan.value
            if not any(rule.table for rule in rules_of(plan)):
                return plan
            return replace(
                plan,
                qualifier=(qualifier, bound_rule(of_qualifier, tables)),
                value=(value, bound_rule(of_value, tables)),
                shared=tuple(_bound_leaf(leaf, tables) for leaf in plan.shared),
            )
        case PairPlan() | ValuesPlan():
            bound = bound_rule(plan.rule, tables)
            return plan if bound is plan.rule else replace(plan, rule=bound)


def _bound_leaf(plan: LeafPlan, tables: Tables) -> LeafPlan:
    return plan if plan.rule.table is None else plan.by(bound_rule(plan.rule, tables))


def rules_of(plan: FieldPlan) -> Iterator[ValueRule]:
    """Yield the rules of a field, and of all fields in it."""
    match plan:
        case ObjectPlan():
            for member in plan.fields:
                yield from rules_of(member)
        case PairsPlan():
            yield from (plan.qualifier[1], plan.value[1], *(leaf.rule for leaf in plan.shared))
        case _:
            yield plan.rule


def is_open(value: object) -> bool:
    """Say whether a value in generated code depends on what a table says."""
    match value:
        case MethodType():
            return isinstance(value.__self__, Open)
        case ValueRule():
            return value.table is not None
        case ObjectPlan() | LeafPlan() | PairPlan() | PairsPlan() | ValuesPlan():
            return any(rule.table is not None for rule in rules_of(value))
    return isinstance(value, Open)


def bound(value: object, tables: Tables) -> object:
    """Return what a value in generated code is in one map."""
    match value:
        case Open():
            return value.of(tables)
        case MethodType() if isinstance(value.__self__, Open):
            return getattr(value.__self__.of(tables), value.__name__)
        case ValueRule():
            return bound_rule(value, tables)
        case ObjectPlan() | LeafPlan() | PairPlan() | PairsPlan() | ValuesPlan():
            return bound_field(value, tables)
    return value


@dataclass(frozen=True, slots=True)
class OpenFunction(Generic[Function]):
    """A generated function, and which of its defaults tables have a say in."""

    function: Function
    places: tuple[int, ...]

    @classmethod
    def of(cls, function: Function) -> OpenFunction[Function]:
        """Look which defaults are open."""
        defaults = cast(FunctionType, function).__defaults__ or ()
        return cls(function, tuple(i for i, one in enumerate(defaults) if is_open(one)))

    def bound(self, tables: Tables) -> Function:
        """Return the function of one map: the same code, with what that map's tables say."""
        if not self.places:
            return self.function
        shared = cast(FunctionType, self.function)
        defaults = list(shared.__defaults__ or ())
        for place in self.places:
            defaults[place] = bound(defaults[place], tables)
        made = FunctionType(
            shared.__code__, shared.__globals__, shared.__name__, tuple(defaults),
            shared.__closure__,
        )  # fmt: skip
        return cast(Function, made)
