"""What a template asks for by name: what it may see, and what of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from jinja2 import meta, nodes

from gateway.shaping.faults import NotCompiled
from gateway.yaml_source import suggestion

SEEN = ("document", "facts")
"""What every template sees."""


def require_seen(tree: nodes.Template, *, besides: str) -> None:
    """Raise NotCompiled where a template asks for what none sees and it has not set itself."""
    names = meta.find_undeclared_variables(tree) - {*SEEN, besides}
    for node in tree.find_all(nodes.Name):
        if node.name in names:
            raise NotCompiled(
                f"there is no '{node.name}'{suggestion(node.name, SEEN)}; a template sees "
                "'document' and 'facts'",
                line=node.lineno,
            )


def asked(tree: nodes.Template) -> Mapping[str, Sequence[str]]:
    """Return the members of what is seen that are asked for by name, each once."""
    found: dict[str, dict[str, None]] = {name: {} for name in SEEN}
    for node in tree.find_all(nodes.Getattr):
        if isinstance(node.node, nodes.Name) and node.node.name in found:
            found[node.node.name][node.attr] = None
    return {name: tuple(members) for name, members in found.items()}
