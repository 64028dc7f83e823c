"""The Jinja2 that templates are written in: a small one, each step of it bounded.

A template sees `document` and `facts`. It has conditions, loops over what the document holds, and
the filters of `gateway.shaping.formats`; it calls nothing, reaches no attribute of a Python object,
and reads no other file. Computing is exact: an operand that is no number is refused.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import cast

from jinja2 import StrictUndefined, Undefined, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.utils import missing
from jinja2.visitor import NodeTransformer

from gateway.shaping.budget import COUNTS, Counting
from gateway.shaping.exact_json import Json
from gateway.shaping.faults import NotCompiled, NotShaped
from gateway.shaping.formats import FORMATS, MAX_TEXT, number, text
from gateway.shaping.seen import ROOTS
from gateway.yaml_source import suggestion

MAX_DEPTH = 40
"""Operations, conditions and loops within each other."""

_REFUSED: Mapping[type[nodes.Node], str] = {
    nodes.Macro: "a macro",
    nodes.CallBlock: "a call block",
    nodes.Call: "a call",
    nodes.Include: "an include",
    nodes.Import: "an import",
    nodes.FromImport: "an import",
    nodes.Extends: "another template",
    nodes.Block: "a block",
    nodes.AssignBlock: "a block of text in a variable",
    nodes.FilterBlock: "a filter block",
    nodes.Pow: "a power",
    nodes.ScopedEvalContextModifier: "a change of escaping",
    nodes.EvalContextModifier: "a change of escaping",
    nodes.NSRef: "a namespace",
}
"""Would grow text or time beyond what the document holds, or reach other files."""

_CONCATENATE = "~"
"""The filter that stands for the operator; no template can write its name."""

_TESTS = ("defined", "undefined", "none", "in", "eq", "ne", "lt", "le", "gt", "ge",
          "string", "number", "mapping", "sequence", "true", "false")  # fmt: skip

_Operation = Callable[[Decimal, Decimal], Decimal]
_OPERATIONS: Mapping[str, _Operation] = {
    "+": lambda left, right: left + right,
    "-": lambda left, right: left - right,
    "*": lambda left, right: left * right,
    "/": lambda left, right: left / right,
    "//": lambda left, right: left // right,
    "%": lambda left, right: left % right,
}


class _Missing(StrictUndefined):
    """What a document does not hold: printed, counted or looped over, it says so."""

    @property
    def _undefined_message(self) -> str:
        name = str(self._undefined_name)[:40]
        if self._undefined_obj is missing:
            return unknown_root(name)
        if isinstance(self._undefined_obj, Mapping):
            near = suggestion(name, [str(key) for key in self._undefined_obj])
            return f"there is no field '{name}' here{near}"
        return f"there is no '{name}' in what is not there or no object"


def unknown_root(name: str) -> str:
    """Say that a template sees nothing of this name."""
    near = suggestion(name, ROOTS)
    return f"there is no '{name[:40]}'{near}; a template sees 'document' and 'facts'"


class Sandbox(ImmutableSandboxedEnvironment):
    """Jinja2 with our filters and tests, and nothing else."""

    intercepted_binops = frozenset(_OPERATIONS)

    def call_binop(self, context: object, operator: str, left: object, right: object) -> Decimal:
        """Compute with exact decimals only: text times a number could fill the memory."""
        return _OPERATIONS[operator](_operand(left), _operand(right))

    def getattr(self, obj: object, attribute: str) -> object:
        """Return a member of an object: nothing else has attributes, except a loop."""
        if type(obj).__name__ == "LoopContext" and attribute in _LOOP:
            return getattr(obj, attribute)
        return self.getitem(obj, attribute)

    def getitem(self, obj: object, argument: object) -> object:
        """Return a member of an object, an item of a list, or a part of a text or a list."""
        if isinstance(obj, Mapping):
            if isinstance(argument, str) and argument in obj:
                return obj[argument]
        elif isinstance(obj, Sequence):
            if isinstance(argument, slice):
                return obj[argument]
            if isinstance(argument, int) and -len(obj) <= argument < len(obj):
                return obj[argument]
        return self.undefined(obj=obj, name=argument)  # type: ignore[arg-type]  # shown only


_LOOP = frozenset(
    ("index", "index0", "first", "last", "length", "revindex", "previtem", "nextitem")
)


class _Concatenations(NodeTransformer):
    """Turns each `~` into a filter of ours: the operator itself cannot be bounded."""

    def visit_Concat(self, node: nodes.Concat) -> nodes.Filter:
        """Return the filter over the operands."""
        self.generic_visit(node)
        parts = nodes.List(node.nodes, lineno=node.lineno)
        return nodes.Filter(parts, _CONCATENATE, [], [], None, None, lineno=node.lineno)


def bounded(tree: nodes.Template) -> nodes.Template:
    """Return a tree whose every step is bounded; raise NotCompiled naming what is not taken."""
    for node in tree.find_all(nodes.Node):
        if (what := _REFUSED.get(type(node))) is not None:
            raise NotCompiled(f"a template takes no {what.split(' ', 1)[1]}", line=node.lineno)
        if isinstance(node, nodes.For) and node.recursive:
            raise NotCompiled("a template takes no recursive loop", line=node.lineno)
        if isinstance(node, nodes.Filter | nodes.Test) and (strange := _strange(node)):
            raise NotCompiled(strange, line=node.lineno)
        if isinstance(node, nodes.Filter) and (misuse := _misuse(node)):
            raise NotCompiled(misuse, line=node.lineno)
    level: list[nodes.Node] = [tree]
    depth = 0
    while level:
        depth += 1
        if depth > MAX_DEPTH:
            message = f"operations are nested more than {MAX_DEPTH} deep"
            raise NotCompiled(message, line=level[0].lineno)
        level = [child for node in level for child in node.iter_child_nodes()]
    return cast(nodes.Template, Counting().visit(_Concatenations().visit(tree)))


def sandbox(*, escape: bool, finalize: Callable[[object], object] | None) -> Sandbox:
    """Return an environment; `finalize` writes each value that a template prints."""
    made = Sandbox(
        autoescape=escape,
        undefined=_Missing,
        finalize=finalize,
        keep_trailing_newline=False,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    usual = made.filters
    made.filters = {
        **{name: _as_filter(function) for name, function in FORMATS.items()},
        **_OWN,
        _CONCATENATE: _join,
        **COUNTS,
        **{name: usual[name] for name in ("first", "last", "selectattr", "rejectattr", "list")},
    }
    # Ours for those that compute: of a text with a width in it, `%` would make one of that width.
    made.tests = {
        **{name: made.tests[name] for name in _TESTS},
        "odd": lambda value: _operand(value) % 2 == 1,
        "even": lambda value: _operand(value) % 2 == 0,
        "divisibleby": lambda value, by: _operand(value) % _operand(by) == 0,
    }
    made.globals = {}
    return made


def _as_filter(function: Callable[..., Json]) -> Callable[..., Json]:
    def filtered(value: object, *arguments: object, **named: object) -> Json:
        return function(_defined(value), *arguments, **named)

    return filtered


def _defined(value: object) -> object:
    if isinstance(value, Undefined):
        str(value)  # Raises, naming what is not there.
    return Decimal(repr(value)) if isinstance(value, float) else value


def _operand(value: object) -> Decimal:
    return number(cast(Json, _defined(value)))


def _default(value: object, instead: object = "") -> object:
    return instead if value is None or isinstance(value, Undefined) else value


def _length(value: object) -> int:
    value = _defined(value)
    if isinstance(value, Sequence | Mapping):
        return len(value)
    raise ValueError("only a list, an object or a text has a length")


def _list(value: object, done: str) -> Sequence[object]:
    value = _defined(value)
    if isinstance(value, Sequence) and not isinstance(value, str):
        return value
    raise ValueError(f"only a list is {done}")


def _join(value: object, between: object = "") -> str:
    parts = [text(cast(Json, _defined(part))) for part in _list(value, "joined")]
    separator = text(cast(Json, _defined(between)))
    if sum(len(part) + len(separator) for part in parts) > MAX_TEXT:
        raise NotShaped(f"the text is longer than {MAX_TEXT} characters")
    return separator.join(parts)


def _sum(value: object, attribute: str | None = None) -> Decimal:
    listed = _list(value, "summed up")
    members = listed if attribute is None else [
        item[attribute] if isinstance(item, Mapping) and attribute in item else 0 for item in listed
    ]  # fmt: skip
    return sum((_operand(member) for member in members), Decimal(0))


_OWN: Mapping[str, Callable[..., object]] = {
    "default": _default,
    "d": _default,
    "join": _join,
    "length": _length,
    "sum": _sum,
}
"""Filters of templates that expressions have not, or have otherwise."""


def _strange(node: nodes.Filter | nodes.Test) -> str | None:
    """Say that there is no such filter or test: below a condition Jinja2 leaves it to the run."""
    kind = "filter" if isinstance(node, nodes.Filter) else "test"
    assert node.environment is not None  # noqa: S101 - what parsed it is known
    known = node.environment.filters if kind == "filter" else node.environment.tests
    if node.name in known:
        return None
    return f"No {kind} named '{node.name}'.{suggestion(node.name, known)}"


def _misuse(node: nodes.Filter) -> str | None:
    """Say what is wrong with the arguments of a filter: when it is compiled, not when it runs."""
    function = FORMATS.get(node.name) or _OWN.get(node.name)
    if function is None or node.dyn_args is not None or node.dyn_kwargs is not None:
        return None
    signature = inspect.signature(function)
    named: dict[str, object] = {str(one.key): one.value for one in node.kwargs}
    try:
        signature.bind(None, *node.args, **named)
    except TypeError:
        taken = [
            f"[{name}]" if parameter.default is not parameter.empty else name
            for name, parameter in list(signature.parameters.items())[1:]
        ]
        return f"the filter '{node.name}' takes {', '.join(taken) or 'nothing'} in its brackets"
    return None
