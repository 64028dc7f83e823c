"""Expressions and texts in the files of exports, checked where they stand."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator

from gateway.partners.fields import quoted
from gateway.shaping import JsonTemplate, NotCompiled, Selection


def _expression(text: str) -> str:
    try:
        Selection.compile(text)
    except NotCompiled as fault:
        raise ValueError(f"{fault} (line {fault.line}, column {fault.column} of it)") from fault
    return text


Expression = Annotated[str, AfterValidator(_expression)]
"""JMESPath, with the functions of shapes."""


def _json_template(text: str) -> str:
    try:
        JsonTemplate(text)
    except NotCompiled as fault:
        raise ValueError(f"{fault} (line {fault.line} of it)") from fault
    return text


JsonText = Annotated[str, AfterValidator(_json_template)]
"""JSON as a Jinja2 template; what it prints is written as JSON, quotes and all."""


def _named_since(text: str) -> str:
    if "{since}" not in text:
        raise ValueError(f"{quoted(text)} does not fit; expected {{since}} in it")
    return text


WithSince = Annotated[str, AfterValidator(_named_since)]
"""A text in which `{since}` stands for the value of the cursor."""
