"""What helps where an expression is no JMESPath: the slips that people make, and how to write it.

Other languages name fields and numbers otherwise, so that the same few slips come again and again.
"""

from __future__ import annotations

import re

_NAME = "a name with other signs than letters, digits and '_' stands in double quotes: \"{}\""
_ITEM = "an item of a list is [0], and a name that begins with a digit stands in double quotes"
_FILTER = "what selects items of a list begins with [?, and a field is named after a dot"
_NUMBER = "a number stands in backticks: `{}`"
_EQUAL = "what is equal is asked with =="

_WORD = re.compile(r"[^\s.,|&()\[\]{}'\"`<>=!*?:@]+")
"""What other languages would take for one name."""

_WITH_AT = re.compile(r"@[\w.]+")
"""A name as OData has them, such as @odata.etag."""


def hint(source: str, position: int, token: object) -> str:
    """Return how what stands at a place is written, after a semicolon; empty where nobody knows."""
    before, here = source[:position].rstrip(), source[position : position + 1]
    said = ""
    if before.endswith("["):
        said = _FILTER
    elif (before.endswith(".") and here.isdigit()) or re.search(r"\.[0-9]+$", before):
        said = _ITEM
    elif here.isdigit() and before.endswith(("=", "<", ">")):
        said = _NUMBER.format(token)
    elif here == "=":
        said = _EQUAL
    elif name := _name_at(source, position):
        said = _NAME.format(name)
    return f"; {said}" if said else ""


def _name_at(source: str, position: int) -> str:
    """Return the name at a place that has other signs than JMESPath takes; else nothing."""
    for kind in (_WITH_AT, _WORD):
        for found in kind.finditer(source):
            name = found[0]
            if found.start() <= position < found.end() and not re.fullmatch(r"(?a:\w)+|\W", name):
                return name
    return ""
