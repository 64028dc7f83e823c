"""The values that a map itself names, such as defaults, against what the document's model takes."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, time

from gateway.mapping import values
from gateway.mapping.document_shape import DocumentShape
from gateway.mapping.plan import JsonValue
from gateway.yaml_source import suggestion

_BOOLEANS = {"true": True, "false": False}

_FORMATS: Mapping[str, tuple[str, Callable[[str], object]]] = {
    "decimal": ("plain decimal number, such as 0.5", values.canonical_decimal),
    "date": ("date YYYY-MM-DD", date.fromisoformat),
    "time-of-day": ("time HH:MM or HH:MM:SS", time.fromisoformat),
}
"""What the model calls the form of a text, in words, and what raises ValueError for another.

Some of these take more than the pattern that stands beside the form: both must hold.
"""


def typed(text: str | None, shape: DocumentShape) -> JsonValue:
    """Give a value written in the map the kind that the model wants."""
    if text is None or not shape.kinds or "string" in shape.kinds:
        return text
    if "boolean" in shape.kinds:
        return _BOOLEANS.get(text, text)
    return int(text) if values.INTEGER.fullmatch(text) else text


def misfit(text: str, shape: DocumentShape) -> str:
    """Say why the model does not take a value that is written in the map; empty where it does."""
    kinds, value = shape.kinds, typed(text, shape)
    if shape.choices:
        hint = suggestion(text, shape.choices)
        return "" if text in shape.choices else f"'{text}' is no value of this field{hint}"
    if not kinds:
        return ""
    if isinstance(value, bool):
        return ""
    if isinstance(value, int):
        return _beyond(value, shape)
    if "string" not in kinds:
        wanted = "true or false" if "boolean" in kinds else "a whole number"
        return f"'{text}' is not {wanted}, which the document's model wants here"
    return _malformed(text, shape)


def _beyond(number: int, shape: DocumentShape) -> str:
    least, most = shape.schema.get("minimum"), shape.schema.get("maximum")
    if isinstance(least, int | float) and number < least:
        return f"'{number}' is less than {least}, the least that the document's model takes here"
    if isinstance(most, int | float) and number > most:
        return f"'{number}' is more than {most}, the most that the document's model takes here"
    return ""


def _malformed(text: str, shape: DocumentShape) -> str:
    """Say what is wrong with the form of a text."""
    form, pattern = shape.schema.get("format"), shape.schema.get("pattern")
    words, fits = _FORMATS.get(form if isinstance(form, str) else "", ("", str))
    try:
        fits(text)
        matches = not isinstance(pattern, str) or re.search(pattern, text) is not None
    except ValueError:
        matches = False
    if not matches:
        fault = f"is no {words}" if words else f"does not match {pattern}"
        return f"'{text}' {fault}, which the document's model wants here"
    least, most = shape.schema.get("minLength"), shape.schema.get("maxLength")
    if isinstance(least, int) and len(text) < least:
        return f"'{text}' is shorter than {least}, the least that the document's model takes here"
    if isinstance(most, int) and len(text) > most:
        return f"'{text}' is longer than {most}, the most that the document's model takes here"
    return ""
