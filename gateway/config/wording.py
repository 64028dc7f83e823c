"""From what pydantic found to sentences that a person can act on, placed in the YAML file.

Values are repeated only where no setting could hold a secret: text that a secret's own check
refused is never part of a message.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from gateway.config.shapes import Schema, keys_at
from gateway.errors import Problem
from gateway.partners.fields import quoted
from gateway.yaml_source import Source, Value, suggestion

Loc = tuple[str | int, ...]

_KEY = "[key]"
"""How pydantic marks that a mapping's key, not its value, is wrong."""
_FEW = 8
"""A longer list of choices is not written out; the nearest one is."""


def problems_of(fault: ValidationError, source: Source, model: type[BaseModel]) -> list[Problem]:
    """Translate every fault of a file, each at the line and column where it was written."""
    details = fault.errors(include_url=False, include_context=True)
    places = [tuple(detail["loc"]) for detail in details]
    problems = []
    for detail, loc in zip(details, places, strict=True):
        # A list whose items are all wrong is also reported as too short: once is enough.
        if detail["type"] == "too_short" and any(_inside(other, loc) for other in places):
            continue
        path = _written_path(loc, source.value)
        known = keys_at(_json_schema(model), path[:-1])
        at = path[:-1] if detail["type"] == "missing" else path
        problems.append(source.problem(at, _sentence(_Fault(detail, path, known))))
    return problems


def _inside(other: Loc, loc: Loc) -> bool:
    return len(other) > len(loc) and other[: len(loc)] == loc


def _written_path(loc: Loc, value: Value) -> Loc:
    """Return the part of pydantic's path that the file knows: no tags of unions, no `[key]`."""
    path: list[str | int] = []
    node: Value = value
    tagged = False
    for index, part in enumerate(loc):
        last = index == len(loc) - 1
        if isinstance(node, dict) and isinstance(part, str):
            if not tagged and part == node.get("type"):
                # The tag, even where a setting has the same name: `type: table`, `table: orders`.
                tagged = True
            elif part in node:
                path.append(part)
                node, tagged = node[part], False
            elif last and part != _KEY:
                path.append(part)
        elif isinstance(node, list) and isinstance(part, int) and part < len(node):
            path.append(part)
            node, tagged = node[part], False
    return tuple(path)


@dataclass(frozen=True, slots=True)
class _Fault:
    """One of pydantic's faults with what its sentence needs."""

    detail: ErrorDetails
    path: Loc
    known: frozenset[str]

    @property
    def key(self) -> str:
        """Return the last name of the path."""
        return str(self.path[-1]) if self.path else ""

    @property
    def value(self) -> object:
        """Return what was written."""
        return self.detail["input"]

    def told(self, name: str) -> object:
        """Return one of the particulars that pydantic gives."""
        return self.detail.get("ctx", {}).get(name)


def _sentence(fault: _Fault) -> str:
    write = _SENTENCES.get(fault.detail["type"])
    return write(fault) if write else f"{_found(fault.value)}; {fault.detail['msg'].lower()}"


def _found(value: object) -> str:
    if value is None or value == "":
        return "nothing is written here"
    if isinstance(value, str):
        return f"{quoted(value)} does not fit"
    return "a list is written here" if isinstance(value, list | tuple) else "a mapping stands here"


def _expecting(words: str) -> Callable[[_Fault], str]:
    return lambda fault: f"{_found(fault.value)}; expected {words}"


def _text(fault: _Fault) -> str:
    sign = "[" if isinstance(fault.value, list) else "{" if isinstance(fault.value, dict) else ""
    # A selector such as [?status=='ready'] is a list to YAML: the fault is not what was meant.
    quoting = f"; text that begins with {sign} stands in quotes" if sign else ""
    return f"{_found(fault.value)}; expected text{quoting}"


def _bounded(words: str, name: str) -> Callable[[_Fault], str]:
    return lambda fault: f"{_found(fault.value)}; expected {words} {fault.told(name)}"


def _unknown_key(fault: _Fault) -> str:
    return f"'{fault.key}' is not a setting here{suggestion(fault.key, sorted(fault.known))}"


def _missing(fault: _Fault) -> str:
    return f"'{fault.key}' is missing"


def _choice(fault: _Fault) -> str:
    return _of_choices(fault.value, re.findall(r"'([^']*)'", str(fault.told("expected"))))


def _tag(fault: _Fault) -> str:
    choices = re.findall(r"'([^']*)'", str(fault.told("expected_tags")))
    # All of them, however many: nobody knows the kinds that there are by heart.
    tag = fault.told("tag")
    near = suggestion(tag, choices) if isinstance(tag, str) else ""
    return f"type: {_found(tag)}; expected {_listed(choices)}{near}"


def _tag_missing(fault: _Fault) -> str:
    return "'type' is missing; it says which other settings there are"


def _of_choices(value: object, choices: Sequence[str]) -> str:
    near = suggestion(value, choices) if isinstance(value, str) else ""
    if len(choices) > _FEW:
        return f"{_found(value)}; expected one of {len(choices)} words{near}"
    return f"{_found(value)}; expected {_listed(choices)}{near}"


def _listed(words: Iterable[str]) -> str:
    *others, last = [f"'{word}'" for word in words]
    return f"{', '.join(others)} or {last}" if others else last


def _own_words(fault: _Fault) -> str:
    return str(fault.told("error"))


def _too_short(fault: _Fault) -> str:
    return f"the list is empty; expected at least {fault.told('min_length')}"


def _other_kind(words: str) -> Callable[[_Fault], str]:
    """Say what was expected, not the value: text in place of `auth:` may be the secret itself."""

    def sentence(fault: _Fault) -> str:
        value = fault.value
        found = "text is written here" if isinstance(value, str) and value else _found(value)
        return f"{found}; expected {words}"

    return sentence


_MAPPING = _other_kind("a mapping (name: value)")
_LIST = _other_kind("a list")

_SENTENCES: dict[str, Callable[[_Fault], str]] = {
    "missing": _missing,
    "extra_forbidden": _unknown_key,
    "value_error": _own_words,
    "string_type": _text,
    "int_type": _expecting("a whole number"),
    "int_parsing": _expecting("a whole number"),
    "int_from_float": _expecting("a whole number"),
    "decimal_type": _expecting("a number"),
    "decimal_parsing": _expecting("a number"),
    "finite_number": _expecting("a number"),
    "bool_type": _expecting("true or false"),
    "bool_parsing": _expecting("true or false"),
    "time_delta_type": _expecting("a duration such as 2s, 15m or 24h"),
    "literal_error": _choice,
    "enum": _choice,
    "union_tag_invalid": _tag,
    "union_tag_not_found": _tag_missing,
    "greater_than_equal": _bounded("at least", "ge"),
    "less_than_equal": _bounded("at most", "le"),
    "tuple_type": _LIST,
    "list_type": _LIST,
    "dict_type": _MAPPING,
    "model_type": _MAPPING,
    "model_attributes_type": _MAPPING,
    "too_short": _too_short,
}


@cache
def _json_schema(model: type[BaseModel]) -> Schema:
    return model.model_json_schema(by_alias=True)
