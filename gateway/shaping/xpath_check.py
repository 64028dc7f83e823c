"""What a stylesheet's expressions call, looked at before it runs.

libxslt finds an unknown function when it comes to it: in the night, with the first document that
takes that branch.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml import etree

from gateway.shaping.faults import NotCompiled
from gateway.shaping.xml_text import line_of

XSL = "{http://www.w3.org/1999/XSL/Transform}"

_ATTRIBUTES = ("select", "test", "match", "use", "count", "from")
_TEMPLATE = re.compile(r"(?<!\{)\{([^{}]+)\}")
_TEXTS = re.compile(r"'[^']*'|\"[^\"]*\"")
_CALL = re.compile(r"(?<![\w.$@:-])((?:[A-Za-z_][\w.-]*:)?[A-Za-z_][\w.-]*)\s*\(")
_KNOWN = frozenset(
    # Functions, node tests, and words that may stand before a bracket.
    """
    last position count id local-name namespace-uri name string concat starts-with contains
    substring-before substring-after substring string-length normalize-space translate boolean not
    true false lang number sum floor ceiling round
    current format-number key generate-id system-property element-available function-available
    node text comment processing-instruction and or div mod
    """.split()  # noqa: SIM905 - a list of words reads better as one
)
"""Functions of XPath 1.0 and XSLT 1.0, node tests, and words that may stand before a bracket."""


def expressions_of(element: etree._Element) -> Iterator[str]:
    """Yield the XPath expressions of one element of a stylesheet."""
    ours = str(element.tag).startswith(XSL)
    for name, value in element.attrib.items():
        if ours and name in _ATTRIBUTES:
            yield str(value)
        else:
            yield from _TEMPLATE.findall(str(value))


def check_expression(expression: str, element: etree._Element) -> None:
    """Raise NotCompiled, with the line, where an expression calls what there is not."""
    for name in _CALL.findall(_TEXTS.sub("''", expression)):
        if name == "document":
            raise NotCompiled("document() reads other files", line=line_of(element))
        if name not in _KNOWN:
            raise NotCompiled(f"there is no function {name}() in XSLT 1.0", line=line_of(element))
