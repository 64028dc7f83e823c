"""Names of files, made by a template: nothing in them but letters, digits, `.`, `_` and `-`."""

from __future__ import annotations

import re
from collections.abc import Mapping

from gateway.shaping import Json, NotShaped, TextTemplate

_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")
_LONGEST_NAME = 120


def safe_name(template: TextTemplate, document: Json, facts: Mapping[str, str]) -> str:
    """Return the name of a document's file without its ending; raise NotShaped where it is none."""
    written = template.render(document, facts).decode()
    safe = _UNSAFE.sub("-", written).strip("-.")[:_LONGEST_NAME]
    if not safe:
        raise NotShaped(f"'{written[:40]}' cannot be the name of a file")
    return safe
