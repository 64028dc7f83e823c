"""JMESPath over exact numbers, bounded: what an expression selects of a document, or makes of it.

Besides the functions of JMESPath there are those of `gateway.shaping.formats` and `fact('name')`,
which tells what is known beside the document. A number is an exact decimal in every one of them.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

import jmespath.exceptions
from jmespath import functions, visitor
from jmespath.parser import Parser

from gateway.shaping.exact_json import Json, JsonFault, check_bounds, dumps
from gateway.shaping.faults import NotCompiled, NotShaped
from gateway.shaping.formats import FORMATS, MAX_TEXT, Refused, number, shown, text
from gateway.shaping.root_fields import root_fields
from gateway.shaping.slips import hint
from gateway.yaml_source import suggestion

Facts = Mapping[str, str]
"""What is known beside the document, such as its id and partner."""

MAX_SOURCE = 20_000
MAX_DEPTH = 64
"""Operations within operations."""

MAX_STEPS = 5_000_000
"""Operations of one evaluation: seconds of work, for an expression that is wrong."""

MAX_ITEMS = 200_000
"""Items of one list on the way."""

_Node = Any
"""JMESPath's own tree: a dict with `type`, `children` and `value`; its stubs do not say so."""

_DECIMAL = "Decimal"


class _Functions(functions.Functions):
    """JMESPath's functions, with numbers that are exact, and ours beside them."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts

    def _get_allowed_pytypes(self, types: Any) -> tuple[list[str], list[tuple[str, ...]]]:
        allowed, inner = super()._get_allowed_pytypes(types)  # type: ignore[misc]  # not in its stubs
        if "float" in allowed:
            allowed = [*allowed, _DECIMAL]
        return allowed, [(*of, _DECIMAL) if "float" in of else of for of in inner]

    def _convert_to_jmespath_type(self, pyobject: str) -> str:
        known = super()._convert_to_jmespath_type(pyobject)  # type: ignore[misc]  # not in its stubs
        return "number" if pyobject == _DECIMAL else str(known)

    def call_function(self, function_name: str, resolved_args: Any) -> Any:
        """Call a function by its name: ours first."""
        own = FORMATS.get(function_name)
        if own is not None:
            return own(*resolved_args)
        return super().call_function(function_name, resolved_args)

    @functions.signature({"types": ["string"]})
    def _func_fact(self, name: str) -> str:
        """Return what is known beside the document."""
        if name not in self._facts:
            known = ", ".join(sorted(self._facts)) or "none"
            raise ValueError(f"there is no fact '{name}'; known are: {known}")
        return self._facts[name]

    @functions.signature({"types": []})
    def _func_to_number(self, value: Json) -> Decimal | int | None:
        """Return a number of text; null where it is none, as JMESPath has it."""
        if isinstance(value, int) and not isinstance(value, bool):
            return value
        try:
            return number(value)
        except ValueError:
            return None

    @functions.signature({"types": []})
    def _func_to_string(self, value: Json) -> str:
        """Return a scalar as text, and anything else as JSON."""
        return text(value) if isinstance(value, str | Decimal) else dumps(value).decode()

    @functions.signature({"types": ["array-number"]})
    def _func_avg(self, values: list[Decimal | int]) -> Decimal | None:
        """Return the mean of numbers; null for none."""
        return (
            sum((Decimal(value) for value in values), Decimal(0)) / len(values) if values else None
        )

    @functions.signature({"types": []})
    def _func_type(self, value: Json) -> str:
        """Name the kind of a value."""
        return self._convert_to_jmespath_type(type(value).__name__)


class _Interpreter(visitor.TreeInterpreter):
    """Evaluates a tree, counting its steps."""

    def __init__(self, facts: Facts) -> None:
        super().__init__(visitor.Options(custom_functions=_Functions(facts)))
        self._steps = 0
        self._making: list[str] = []

    @property
    def place(self) -> str:
        """Return which member was being made when it stopped, and a colon; empty for none."""
        return f"{'.'.join(self._making)}: " if self._making else ""

    def visit(self, node: _Node, *args: Any, **kwargs: Any) -> Any:
        """Evaluate one node; raise NotShaped where it takes or gives too much."""
        self._steps += 1
        if self._steps > MAX_STEPS:
            raise NotShaped(f"the expression takes more than {MAX_STEPS} steps")
        result = super().visit(node, *args, **kwargs)
        if isinstance(result, list) and len(result) > MAX_ITEMS:
            raise NotShaped(f"the expression makes a list of more than {MAX_ITEMS} items")
        if isinstance(result, str) and len(result) > MAX_TEXT:
            raise NotShaped(f"the expression makes a text of more than {MAX_TEXT} characters")
        return result

    def visit_key_val_pair(self, node: _Node, value: Any) -> Any:
        """Make a member of an object. What fails within it leaves its name where it is."""
        self._making.append(str(node["value"]))
        made = super().visit_key_val_pair(node, value)
        self._making.pop()
        return made


@dataclass(frozen=True, slots=True)
class Selection:
    """A compiled JMESPath expression."""

    source: str
    _tree: _Node

    @classmethod
    def compile(cls, source: str) -> Selection:
        """Compile an expression; raise NotCompiled with line and column where it is wrong."""
        if len(source) > MAX_SOURCE:
            raise NotCompiled(f"an expression has at most {MAX_SOURCE} characters")
        try:
            tree = Parser().parse(source).parsed
        except jmespath.exceptions.JMESPathError as fault:
            raise _placed(source, fault) from fault
        except (RecursionError, ValueError) as fault:
            raise NotCompiled("the expression cannot be read") from fault
        _check(tree, source)
        return cls(source, _exact(tree))

    @property
    def root_fields(self) -> Sequence[str]:
        """Return the fields of the document itself that the expression asks for."""
        return root_fields(self._tree)

    def select(self, value: Json, facts: Facts | None = None) -> Json:
        """Return what the expression makes of a value; None where it finds nothing."""
        interpreter = _Interpreter(facts or {})
        try:
            found: Json = interpreter.visit(self._tree, value)
            check_bounds(found)
        except Refused as fault:  # in the words that somebody chose for it
            raise NotShaped(str(fault)) from fault
        except jmespath.exceptions.JMESPathError as fault:
            raise NotShaped(f"{interpreter.place}{_sentence(fault)}") from fault
        except RecursionError as fault:
            raise NotShaped("the value is nested too deeply") from fault
        except (JsonFault, ValueError, ArithmeticError, TypeError) as fault:
            raise NotShaped(f"{interpreter.place}{fault}") from fault
        return found


def is_true(found: Json) -> bool:
    """Say whether JMESPath takes a value for true; the number zero is one."""
    return found is not None and found is not False and found not in ("", [], {})


def _check(tree: _Node, source: str) -> None:
    """Raise NotCompiled where a tree is too deep, or calls what there is not."""
    level, depth = [tree], 0
    while level:
        depth += 1
        if depth > MAX_DEPTH:
            raise NotCompiled(f"operations are nested more than {MAX_DEPTH} deep")
        for node in level:
            if node["type"] == "function_expression":
                _check_call(str(node["value"]), len(node["children"]), source)
        level = [child for node in level for child in _children(node)]


def _check_call(name: str, given: int, source: str) -> None:
    line, column = _place_of_call(name, source)
    arity = _arity(name)
    if arity is None:
        known = sorted([*_Functions.FUNCTION_TABLE, *FORMATS])
        near = suggestion(name, known) or f"; there are: {', '.join(known)}"
        raise NotCompiled(f"there is no function {name}(){near}", line=line, column=column)
    least, most = arity
    if not least <= given <= most:
        wanted = f"{least}" if least == most else f"at least {least}"
        if least != most < _MANY:
            wanted = f"{least} to {most}"
        message = f"{name}() takes {wanted} arguments, and is given {given}"
        raise NotCompiled(message, line=line, column=column)


def _place_of_call(name: str, source: str) -> tuple[int, int]:
    """Return line and column of the first call of a function: its tree has no places."""
    found = re.search(rf"(?<![\w'\"`]){re.escape(name)}(?=\s*\()", source)
    return place_of(source, found.start() if found else 0)


_MANY: Final = 1000


def _arity(name: str) -> tuple[int, int] | None:
    """Return how many arguments a function takes at least and at most; None for no function."""
    if (own := FORMATS.get(name)) is not None:
        return _arity_of(own)
    spec = _Functions.FUNCTION_TABLE.get(name)
    if spec is None:
        return None
    wanted = spec["signature"]
    return len(wanted), _MANY if wanted and wanted[-1].get("variadic") else len(wanted)


def _arity_of(function: Callable[..., Json]) -> tuple[int, int]:
    parameters = inspect.signature(function).parameters.values()
    return sum(one.default is one.empty for one in parameters), len(parameters)


def _exact(node: _Node) -> _Node:
    """Return a tree whose literals hold exact numbers; JMESPath caches its own trees."""
    made = {**node, "children": [_exact(child) if _is_node(child) else child
                                 for child in node.get("children", [])]}  # fmt: skip
    if node["type"] == "literal":
        made["value"] = _exact_literal(node["value"])
    return made


def _exact_literal(value: Any) -> Any:
    if isinstance(value, float):
        return Decimal(repr(value))
    if isinstance(value, list):
        return [_exact_literal(item) for item in value]
    if isinstance(value, dict):
        return {key: _exact_literal(item) for key, item in value.items()}
    return value


def _children(node: _Node) -> Iterator[_Node]:
    return (child for child in node.get("children", []) if _is_node(child))


def _is_node(child: object) -> bool:
    # The bounds of a slice stand among the children as they are.
    return isinstance(child, dict)


def _placed(source: str, fault: jmespath.exceptions.JMESPathError) -> NotCompiled:
    position = getattr(fault, "lex_position", None) or getattr(fault, "lexer_position", None) or 0
    line, column = place_of(source, int(position))
    said = _said(fault) + hint(source, int(position), getattr(fault, "token_value", None))
    return NotCompiled(f"no JMESPath: {said}", line=line, column=column)


def place_of(source: str, position: int) -> tuple[int, int]:
    """Return line and column of a position in a text, both from one."""
    before = source[:position]
    return before.count("\n") + 1, len(before) - before.rfind("\n")


def _said(fault: jmespath.exceptions.JMESPathError) -> str:
    token = getattr(fault, "token_value", None)
    # Where the parser wants more and there is none, it says so of a token without text.
    if isinstance(fault, jmespath.exceptions.IncompleteExpressionError) or token == "":
        return "it is not complete"
    if isinstance(fault, jmespath.exceptions.EmptyExpressionError):
        return "it is empty"
    return f"{shown(token)} is not expected here" if token is not None else "it cannot be read"


def _sentence(fault: jmespath.exceptions.JMESPathError) -> str:
    if isinstance(fault, jmespath.exceptions.JMESPathTypeError):
        wanted = " or ".join(fault.expected_types)
        return f"{fault.function_name}() takes {wanted}, not {shown(fault.current_value)}"
    return " ".join(str(fault).split())
