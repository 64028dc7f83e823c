"""`expr:`: Jinja2 expressions in a sandbox that is small enough to be sure of.

No calls, no attributes, no loops, no powers, a few filters, and a bound on the length of text: a
map comes from a partner's folder and must not be able to stop the gateway.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal, DecimalException

from jinja2 import TemplateError, Undefined, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from gateway.mapping import values
from gateway.mapping.plan import Expression, Json, JsonValue

MAX_SOURCE = 500
MAX_RESULT = 2_000
FILTERS = ("upper", "lower", "trim", "replace", "default", "length", "first", "last", "join")
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
_OPERATIONS: dict[str, Callable[[Decimal, Decimal], Decimal]] = {
    "+": lambda left, right: left + right,
    "-": lambda left, right: left - right,
    "*": lambda left, right: left * right,
    "/": lambda left, right: left / right,
}


class ExpressionError(ValueError):
    """The expression cannot be used, or gave nothing usable."""


class _Sandbox(ImmutableSandboxedEnvironment):
    """Computes with exact decimals; everything else Jinja2's sandbox refuses already."""

    intercepted_binops = frozenset(_OPERATIONS)

    def call_binop(self, context: object, operator: str, left: object, right: object) -> object:
        """Compute with exact decimals only: text times a number could fill the memory."""
        return _OPERATIONS[operator](_number(left), _number(right))


def _number(value: object) -> Decimal:
    if isinstance(value, Decimal):
        return value
    if isinstance(value, float):  # A number written in the expression itself, such as 0.5.
        return Decimal(repr(value))
    if isinstance(value, bool) or not isinstance(value, str | int) or len(str(value)) > 40:
        raise ExpressionError("computing needs numbers")
    return Decimal(values.canonical_decimal(str(value)))


def _sandbox() -> _Sandbox:
    sandbox = _Sandbox(autoescape=False)
    sandbox.filters = {name: sandbox.filters[name] for name in FILTERS}
    sandbox.tests = {name: sandbox.tests[name] for name in ("defined", "undefined", "in")}
    sandbox.globals = {}
    return sandbox


_SANDBOX = _sandbox()


def compile_expression(text: str) -> Expression:
    """Return the function that computes an expression; raise ExpressionError otherwise."""
    if len(text) > MAX_SOURCE or "{" in text or "}" in text:
        raise ExpressionError(f"an expression has at most {MAX_SOURCE} characters and no braces")
    try:
        tree = _SANDBOX.parse("{{" + text + "}}")
        refused = [node for node in tree.find_all(nodes.Node) if not isinstance(node, _ALLOWED)]
        if refused:
            raise ExpressionError(f"'{type(refused[0]).__name__.lower()}' is not allowed here")
        compiled = _SANDBOX.compile_expression(text, undefined_to_none=True)
    except TemplateError as fault:
        raise ExpressionError(str(fault)) from fault

    def evaluate(own: Mapping[str, Json], document: Mapping[str, Json]) -> JsonValue:
        try:
            result = compiled({**own, "doc": document})
        except (TemplateError, DecimalException, TypeError, ValueError, LookupError) as fault:
            raise ExpressionError(str(fault) or type(fault).__name__) from fault
        return _plain(result)

    return evaluate


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
