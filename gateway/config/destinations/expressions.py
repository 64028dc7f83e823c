"""Expressions and templates that stand in a setting itself, compiled when it is read."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator

from gateway.shaping import NotCompiled, Selection, TextTemplate


def _expression(text: str) -> str:
    try:
        Selection.compile(text)
    except NotCompiled as fault:
        raise ValueError(f"{fault} (column {fault.column} of it)") from fault
    return text


def _template(text: str) -> str:
    try:
        TextTemplate(text)
    except NotCompiled as fault:
        raise ValueError(str(fault)) from fault
    return text


Expression = Annotated[str, AfterValidator(_expression)]
"""JMESPath."""

TextPattern = Annotated[str, AfterValidator(_template)]
"""Text with `{{ }}` in it."""
