"""`expr:`: Jinja2 expressions in a sandbox that is small enough to be sure of.

No calls, no loops, no powers, a few filters, and a bound on every text on the way: a map comes from
a partner's folder, values come from the partner, and neither must be able to stop the gateway.
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Mapping
from decimal import Decimal, DecimalException

from jinja2 import TemplateError, Undefined, nodes
from jinja2.environment import TemplateExpression
from jinja2.visitor import NodeTransformer

from gateway.mapping import cutting, values
from gateway.mapping.plan import Expression, Json, JsonValue
from gateway.mapping.sandbox import (
    CONCATENATE,
    DATE,
    FILTERS,
    LOOKUP,
    WRITE_DATE,
    ExpressionError,
    Rows,
    Sandbox,
    sandbox,
)
from gateway.yaml_source import suggestion

__all__ = ["ExpressionError", "compile_expression"]

MAX_SOURCE = 500
MAX_RESULT = 2_000
MAX_DEPTH = 30
"""Operations within operations; more would exhaust the stack of what compiles them."""

_ALLOWED = (
    nodes.Template,
    nodes.Output,
    nodes.TemplateData,
    nodes.Name,
    nodes.Const,
    nodes.Getitem,
    nodes.Getattr,
    nodes.Compare,
    nodes.Operand,
    nodes.And,
    nodes.Or,
    nodes.Not,
    nodes.CondExpr,
    nodes.Concat,
    nodes.Add,
    nodes.Sub,
    nodes.Mul,
    nodes.Div,
    nodes.Neg,
    nodes.Filter,
    nodes.List,
    nodes.Test,
)
_SANDBOX = sandbox()
_SIGNATURES = {one.name: one.signature for one in FILTERS}


class _Concatenations(NodeTransformer):
    """Turns each `~` into a filter of ours: the operator itself cannot be bounded."""

    def visit_Concat(self, node: nodes.Concat) -> nodes.Filter:
        """Return the filter over the operands."""
        self.generic_visit(node)
        parts = nodes.List(node.nodes, lineno=node.lineno)
        return nodes.Filter(parts, CONCATENATE, [], [], None, None, lineno=node.lineno)


def compile_expression(text: str, tables: Rows | None = None) -> Expression:
    """Return the function that computes an expression; raise ExpressionError otherwise.

    `tables` are the cross references that it may look things up in.
    """
    if len(text) > MAX_SOURCE or "{" in text or "}" in text:
        raise ExpressionError(f"an expression has at most {MAX_SOURCE} characters and no braces")
    try:
        compiled = _compiled(text, tables or {})
    except TemplateError as fault:
        raise ExpressionError(str(fault)) from fault
    except RecursionError as fault:
        raise _too_deep() from fault

    def evaluate(own: Mapping[str, Json], document: Mapping[str, Json]) -> JsonValue:
        try:
            result = compiled({**own, "doc": document})
        except DecimalException as fault:  # says of itself only the name of its class
            divided = isinstance(fault, ZeroDivisionError)
            said = "division by zero" if divided else "the numbers cannot be computed with"
            raise ExpressionError(said) from fault
        except (TemplateError, TypeError, ValueError, LookupError) as fault:
            raise ExpressionError(str(fault) or type(fault).__name__) from fault
        return _plain(result)

    return evaluate


def _compiled(text: str, tables: Rows) -> TemplateExpression:
    """Parse, check and compile; as the sandbox's own method does, with the checks in between."""
    environment = _SANDBOX
    if LOOKUP in text:
        environment = sandbox(tables)
    tree = environment.parse("{{ " + text + " }}")
    refused = [node for node in tree.find_all(nodes.Node) if not isinstance(node, _ALLOWED)]
    if refused:
        raise ExpressionError(f"'{type(refused[0]).__name__.lower()}' is not allowed here")
    output = tree.body[0] if len(tree.body) == 1 else None
    if not isinstance(output, nodes.Output) or len(output.nodes) != 1:
        raise ExpressionError("expected one expression")
    for constant in tree.find_all(nodes.Const):
        _check_constant(constant.value)
    for look in tree.find_all(nodes.Filter):
        if look.name == LOOKUP:
            _check_lookup(look, tables)
        if look.name in (DATE, WRITE_DATE):
            _check_format(look)
        _check_arguments(look, environment)
    if _depth(output) > MAX_DEPTH:
        raise _too_deep()
    expression = _Concatenations().visit(output.nodes[0])
    result = nodes.Assign(nodes.Name("result", "store"), expression, lineno=1)
    wrapped = nodes.Template([result], lineno=1)
    wrapped.set_environment(environment)
    return TemplateExpression(environment.from_string(wrapped), undefined_to_none=True)


def _check_constant(value: object) -> None:
    """Refuse what no document can hold: Python takes 1e999 for infinity, and half a character."""
    if isinstance(value, float) and not math.isfinite(value):
        raise ExpressionError("a number in it is too large")
    if isinstance(value, str) and any("\ud800" <= sign <= "\udfff" for sign in value):
        raise ExpressionError("a text in it has half of a character (\\ud800 to \\udfff)")


def _check_arguments(look: nodes.Filter, environment: Sandbox) -> None:
    """Refuse a filter with other arguments than it takes; who is not known is told on compiling."""
    if look.name in _SIGNATURES and not _takes(environment, look):
        raise ExpressionError(f"expected {_SIGNATURES[look.name]}")


def _takes(environment: Sandbox, look: nodes.Filter) -> bool:
    if look.dyn_args is not None or look.dyn_kwargs is not None:
        return False
    try:
        inspect.signature(environment.filters[look.name]).bind(None, *look.args)
    except TypeError:
        return False
    return True


def _check_lookup(look: nodes.Filter, tables: Rows) -> None:
    """Refuse a look-up in a table or a column that is not there."""
    named = [one.value for one in look.args if isinstance(one, nodes.Const)]
    if len(named) != 2 or len(look.args) != 2 or look.kwargs:
        raise ExpressionError("expected lookup('table', 'column'), both as they are written")
    table, column = str(named[0]), str(named[1])
    if not tables.get(table):
        known = [name for name, rows in tables.items() if rows]
        raise ExpressionError(f"there is no table '{table}' with rows{suggestion(table, known)}")
    columns = dict.fromkeys(name for row in tables[table].values() for name in row)
    if column not in columns:
        hint = suggestion(column, columns)
        raise ExpressionError(f"table '{table}' has no column '{column}'{hint}")


def _check_format(look: nodes.Filter) -> None:
    """Refuse a format that says no day."""
    said = look.args[0].value if look.args and isinstance(look.args[0], nodes.Const) else None
    try:
        cutting.check_format(said)
    except ValueError as fault:
        raise ExpressionError(f"{look.name}: {fault}") from fault


def _depth(root: nodes.Node) -> int:
    """Count the levels of a tree, without a call for each."""
    deepest, level = 0, [root]
    while level:
        deepest += 1
        level = [child for node in level for child in node.iter_child_nodes()]
    return deepest


def _too_deep() -> ExpressionError:
    return ExpressionError(f"operations are nested more than {MAX_DEPTH} deep")


def _plain(result: object) -> JsonValue:
    if isinstance(result, float):
        result = Decimal(repr(result))
    if isinstance(result, Decimal):
        if not result.is_finite() or abs(result.adjusted()) > 40:
            raise ExpressionError("the number is too large or too small")
        return values.plain(result)
    if isinstance(result, str) and len(result) > MAX_RESULT:
        raise ExpressionError(f"the text is longer than {MAX_RESULT} characters")
    if result is None or isinstance(result, Undefined) or result == "":
        return None
    if isinstance(result, str | int):
        return result
    raise ExpressionError("the result is neither text nor a number")
