"""The checks of single parts of a map: positions, conversions, tables, words, conditions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from gateway.errors import ConfigProblems, Problem
from gateway.mapping import own_values, places, proof
from gateway.mapping.conversions import FUNCTIONS, Conversion, ConversionError, chain, conversion
from gateway.mapping.document_shape import NOTHING_KNOWN, DocumentShape
from gateway.mapping.expressions import ExpressionError, compile_expression
from gateway.mapping.grammar import FieldSpec
from gateway.mapping.lifted import open_rule
from gateway.mapping.parts import Part
from gateway.mapping.plan import (
    Expression,
    Place,
    PlannedCondition,
    TableForm,
    TableUse,
    ValueRule,
)
from gateway.mapping.ports import SegmentShape
from gateway.mapping.positions import (
    Position,
    PositionError,
    parse,
    parse_condition,
)
from gateway.mapping.sandbox import LOOKUP, Rows
from gateway.mapping.shared_plans import Asked, Spot
from gateway.mapping.specs import looks_up
from gateway.yaml_source import dotted, suggestion


@dataclass(slots=True)
class Checker:
    """Checks single parts, and collects the problems of a whole map."""

    part: Part
    """The resolved map."""
    tables: Mapping[str, TableForm]
    root_fields: Mapping[str, FieldSpec]
    problems: list[Problem] = field(default_factory=list)
    model: DocumentShape = NOTHING_KNOWN
    """Of the whole document."""
    keys: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """The business keys of every type of document."""
    provable: bool = True
    """Whether all that the model asks of objects and lists is known to this package."""
    rows: Rows = field(default_factory=dict)
    """Of the tables that expressions look things up in."""
    asked: dict[Asked, object] = field(default_factory=dict)
    """What was found under the names that the field in hand uses."""

    def found(self, asked: Asked, siblings: Mapping[str, FieldSpec]) -> object:
        """Return what is found under a name; None where nothing is."""
        kind, name = asked
        if kind == "table":
            return self.tables.get(name)
        if kind == "rows":
            return self.rows.get(name)
        return (self.root_fields if kind == "field" else siblings).get(name)

    def report(self, spot: Spot, message: str, *keys: str | int) -> None:
        """Note a problem at a key of the field in hand."""
        mark = self.part.at((*spot.path, *keys))
        shown = spot.shown or dotted(keys)
        self.problems.append(Problem(mark.file, mark.line, mark.column, shown, message))

    def condition(self, text: str, spot: Spot, key: str) -> PlannedCondition | None:
        """Plan a condition; on a field it must be a plain one of this object or of the document."""
        try:
            written = parse_condition(text)
            if written.position is not None:
                where = places.place(written.position, spot.level)
                values = frozenset(written.values)
                return PlannedCondition(where, None, False, values, written.negated)
        except PositionError as fault:
            self.report(spot, str(fault), key)
            return None
        name = (written.field or "").lstrip("/")
        root = (written.field or "").startswith("/")
        named = (self.root_fields if root else spot.siblings).get(name)
        self.asked["field" if root else "sibling", name] = named
        if named is None or not isinstance(named.at, str) or named.when or named.fields:
            hint = suggestion(name, self.root_fields if root else spot.siblings)
            whose = "the document" if root else "the same object"
            self.report(
                spot,
                f"'{text}': '{name}' is no plain field of {whose}{hint}",
                key,
            )
            return None
        return PlannedCondition(None, name, root, frozenset(written.values), written.negated)

    def expression(self, spec: FieldSpec, spot: Spot) -> Expression | None:
        """Compile an expression; None after a problem or where there is none."""
        return None if spec.expr is None else self.computed(spec.expr, spot, "expr")

    def computed(self, text: str, spot: Spot, key: str) -> Expression | None:
        """Compile the expression under a key; None after a problem."""
        if LOOKUP in text:
            named = {name: rows for name, rows in self.rows.items() if looks_up(text, name)}
            self.asked.update({("rows", name): rows for name, rows in named.items()})
        try:
            return compile_expression(text, self.rows)
        except ExpressionError as fault:
            self.report(spot, f"expression refused: {fault}", key)
            return None

    def rule(self, spec: FieldSpec, spot: Spot) -> ValueRule | None:
        """Return how text and values become each other; None after a problem."""
        rule = self.converted(spec, spot)
        return None if rule is None else self.fitted(rule, spec, spot)

    def converted(self, spec: FieldSpec, spot: Spot) -> ValueRule | None:
        """Return what `as:` and `table:` make of text and of values; None after a problem."""
        rule = _AS_IT_STANDS
        if spec.as_ is not None:
            steps = self.conversions(texts_of(spec.as_), spot, listed=isinstance(spec.as_, list))
            if steps is None:
                return None
            rule = rule_of(steps)
        if spec.table is not None:
            form = self.tables.get(spec.table)
            self.asked["table", spec.table] = form
            if form is None:
                hint = suggestion(spec.table, self.tables)
                self.report(spot, f"there is no table '{spec.table}'{hint}", "table")
                return None
            if not self.words(form.words, spot, "table", f"table '{spec.table}': "):
                return None
            free = proof.takes_any_text(spot.shape)
            misfit = None if free else partial(own_values.misfit, shape=spot.shape)
            rule = open_rule(TableUse(form, rule, misfit))
        return rule

    def fitted(self, rule: ValueRule, spec: FieldSpec, spot: Spot) -> ValueRule | None:
        """Return a rule with what is certain of its values; None where the model takes none."""
        rule = rule.fitting(proof.fit(rule.gives, spot.shape))
        kinds, result = spot.shape.kinds, rule.gives.kind
        if not kinds or result in kinds or (result == "integer" and "number" in kinds):
            return rule
        key = "table" if spec.table else "as" if spec.as_ else "at"
        hint = " (add `as: integer`)" if "integer" in kinds and not spec.as_ else ""
        wanted = " or ".join(dict.fromkeys(kinds))
        self.report(
            spot, f"the document's model wants {wanted} here, this gives {result}{hint}", key
        )
        return None

    def conversions(self, texts: list[str], spot: Spot, *, listed: bool) -> list[Conversion] | None:
        """Return the conversions that `as:` names; None after a problem."""
        found: list[Conversion] = []
        for index, text in enumerate(texts):
            try:
                found.append(conversion(text))
            except ConversionError as fault:
                name = str(fault)
                message = name
                if name.isidentifier():
                    message = f"unknown conversion '{name}'{suggestion(name, FUNCTIONS)}"
                self.report(spot, message, "as", *([index] if listed else []))
        return found if len(found) == len(texts) else None

    def words(self, words: Iterable[str], spot: Spot, key: str, prefix: str = "") -> bool:
        """Check values that the map itself names against those that the model takes."""
        if proof.takes_any_text(spot.shape):
            return True  # Tables hold hundreds of words, and few fields of a model name theirs.
        fault = next(filter(None, (own_values.misfit(word, spot.shape) for word in words)), "")
        if fault:
            self.report(spot, prefix + fault, key)
        return not fault

    def kind(self, spot: Spot, wanted: str) -> bool:
        """Check that the model wants this kind of value."""
        kinds = spot.shape.kinds
        if wanted == "array":
            self.provable = self.provable and proof.is_plain_list(spot.shape)
        if not kinds or wanted in kinds:
            return True
        names = {"array": "a list", "object": "an object"}
        self.report(
            spot, f"the document's model wants {' or '.join(kinds)} here, not {names[wanted]}"
        )
        return False

    def members_of(self, shape: DocumentShape) -> tuple[str, ...]:
        """Return the members that the model requires of an object."""
        self.provable = self.provable and proof.is_plain_object(shape)
        return tuple(shape.required)

    def position(self, text: str, spot: Spot, *keys: str | int) -> Position | None:
        """Read a position; None after a problem."""
        try:
            return parse(text)
        except PositionError as fault:
            self.report(spot, str(fault), *keys)
            return None

    def place(self, text: str, spot: Spot, *keys: str | int) -> Place | None:
        """Return the element a position names; None after a problem."""
        try:
            return places.place(parse(text), spot.level)
        except PositionError as fault:
            self.report(spot, str(fault), *keys)
            return None

    def segment(self, text: str, spot: Spot, key: str) -> tuple[Place, SegmentShape] | None:
        """Return the segment a position names; None after a problem."""
        try:
            return places.segment_place(parse(text), spot.level)
        except PositionError as fault:
            self.report(spot, str(fault), key)
            return None

    def finish(self) -> None:
        """Raise all problems at once, where there are any."""
        if self.problems:
            raise ConfigProblems(self.problems)


_AS_IT_STANDS = ValueRule()


def rule_of(steps: Sequence[Conversion]) -> ValueRule:
    """Return the rule of some conversions, of none too."""
    if not steps:
        return ValueRule()
    made = chain(steps)
    return ValueRule(made.read, made.write, gives=made.gives)


def texts_of(value: str | list[str] | None) -> list[str]:
    """Return what may be written as one text or as a list of them."""
    if value is None:
        return []
    return [value] if isinstance(value, str) else value


def idle(spec: FieldSpec) -> str:
    """Say which key of a field would do nothing."""
    several = spec.fields is not None or spec.each or spec.pairs
    return "`when:` is about one value, at `at:` or `first:`" if spec.when and several else ""
