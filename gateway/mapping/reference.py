"""docs/map-reference.md: every key of map, table and test files, every conversion, every filter.

Written from the models and the registered functions themselves, so that the page cannot tell what
is not so; a test holds the page to it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from types import UnionType
from typing import Annotated, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from gateway.mapping import conversions, grammar, rework_grammar
from gateway.mapping.expressions import compile_expression
from gateway.mapping.sandbox import FILTERS

_PARTS: Sequence[tuple[str, type[BaseModel]]] = (
    ("A map file", grammar.MapFile),
    ("A field", grammar.FieldSpec),
    ("`tail:` of a field", rework_grammar.TailSpec),
    ("`wrap:` of a field", rework_grammar.WrapSpec),
    ("`scale:` of a field", rework_grammar.ScaleSpec),
    ("`recall:` of a field", rework_grammar.RecallSpec),
    ("An entry of `constants:`", grammar.ConstantSpec),
    ("An entry of `computed:`", grammar.ComputedSpec),
    ("A table, in a map", grammar.TableSpec),
    ("A table in a file of its own", grammar.TableFile),
    ("`hierarchy:`", grammar.HierarchySpec),
    ("`split:`", grammar.SplitSpec),
    ("A file of tests", grammar.TestFile),
    ("A case in it", grammar.CaseSpec),
)

_HEAD = """# Reference of the map language

Every key, every conversion and every filter, as the program itself knows them: this page is
generated from the grammar and from the registered functions. [The map language](maps.md) explains
them in their connection, the [cookbook](cookbook.md) by what partners do. Editors complete and
check the same keys by the schemas in `schemas/config`.
"""


def page() -> str:
    """Return the whole page."""
    return "\n".join(
        [
            _HEAD,
            "## Keys",
            *(line for name, model in _PARTS for line in _keys(name, model)),
            "\n## Conversions\n",
            "What `as:` takes; each is a pair, and its examples are its tests.\n",
            conversions.reference(),
            "\n## Filters of expressions\n",
            "What `expr:` and `otherwise:` take behind a `|`, besides comparisons, `and or not`,",
            "`in`, `if … else`, `~` and `+ - * /`; the examples are tests.\n",
            *_filters(),
            "",
        ]
    )


def _keys(name: str, model: type[BaseModel]) -> Iterator[str]:
    model.model_rebuild()  # What it names before it is defined is known only then.
    yield f"\n### {name}\n"
    yield f"{(model.__doc__ or '').strip()}\n"
    yield "| key | takes | |"
    yield "|---|---|---|"
    for field, info in model.model_fields.items():
        default = "" if info.is_required() or info.default in (None, "", False) else _default(info)
        needed = " Required." if info.is_required() else default
        said = f"{info.description}{needed}"
        yield f"| `{info.alias or field}` | {_takes(info.annotation)} | {said} |"


def _default(info: FieldInfo) -> str:
    if info.default_factory is not None:
        return ""
    shown = "true" if info.default is True else str(info.default)
    return f" `{shown}` where left out."


def _takes(annotation: object) -> str:
    """Say in words what a key takes."""
    origin, inner = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _takes(inner[0])
    if origin in (Union, UnionType):
        kinds = [_takes(one) for one in inner if one is not type(None)]
        return " or ".join(dict.fromkeys(kinds))
    if origin is Literal:
        return " or ".join(f"`{one}`" for one in inner)
    if origin is list:
        return f"a list: {_takes(inner[0])}"
    if origin is dict:
        return f"by name: {_takes(inner[1])}"
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return "a mapping"
    words = {str: "text", int: "a number", bool: "true or false"}
    return words[annotation] if isinstance(annotation, type) else str(annotation)


def _filters() -> Iterator[str]:
    yield "| filter | what it gives | examples |"
    yield "|---|---|---|"
    for one in FILTERS:
        shown = "; ".join(
            f"`{text}` → {_shown(value)}".replace("|", "\\|") for text, value in one.examples
        )
        yield f"| `{one.signature}` | {one.sentence} | {shown} |"


def _shown(value: str | int | None) -> str:
    return "nothing" if value is None else f'"{value}"' if isinstance(value, str) else str(value)


def example(text: str) -> object:
    """Compute an example of a filter, with the fields and the table that all examples have."""
    rows = {"stores": {"0417": {"dc": "7001"}}}
    own = {"name": " Ann ", "store": "0417", "tags": ["a", "b"]}
    return compile_expression(text, rows)(own, {})
