"""Which fields of the document itself an expression asks for: a misspelt one is silently null.

JMESPath gives null for what is not there, so that a typing error in an expression would be sent as
nothing at all. Whoever knows the document's fields holds these against them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

_Node = Any
"""JMESPath's own tree: a dict with `type`, `children` and `value`; its stubs do not say so."""

_INTO_THE_FIRST = frozenset(
    ("subexpression", "projection", "value_projection", "filter_projection", "index_expression",
     "flatten", "pipe")
)  # fmt: skip
"""What stands second looks into what the first child found, and no longer at the document."""

_ELSEWHERE = frozenset(("expref", "literal", "index", "slice", "identity", "current"))


def root_fields(tree: _Node) -> Sequence[str]:
    """Return the names in the order that they stand in, each once."""
    found: dict[str, None] = {}
    waiting: list[_Node] = [tree]
    while waiting:
        node = waiting.pop()
        kind, children = node["type"], [one for one in node["children"] if isinstance(one, dict)]
        if kind == "field":
            found[str(node["value"])] = None
        elif kind in _INTO_THE_FIRST and children:
            first = children[0]
            # Beside `@`, what stands second still looks at the document.
            looking = children[:2] if first["type"] == "current" else [first]
            waiting += reversed(looking)
        elif kind not in _ELSEWHERE:
            waiting += reversed(children)
    return tuple(found)
