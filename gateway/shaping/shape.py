"""A shape: what a document becomes for another system, from selection to bytes.

First what is wanted is selected, then it is rendered, then checked; each step may be left out.
Without any, the document is canonical JSON as it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from lxml import etree

from gateway.shaping.exact_json import Json, JsonFault, dumps
from gateway.shaping.faults import NotShaped
from gateway.shaping.schema import XmlCheck
from gateway.shaping.selection import Selection
from gateway.shaping.xml_text import XmlFault, parse_xml

JSON_TYPE = "application/json"


class Renderer(Protocol):
    """A template or a stylesheet."""

    content_type: str

    def render(self, document: Json, facts: Mapping[str, str]) -> bytes:
        """Return what a document becomes; raise NotShaped where it does not go through."""


@dataclass(frozen=True, slots=True)
class Shaped:
    """What a document became."""

    content: bytes
    content_type: str


@dataclass(frozen=True, slots=True)
class Shape:
    """How a document is brought into the form that another system takes."""

    select: Selection | None = None
    """What is made of the document before anything else; None for all of it."""
    render: Renderer | None = None
    """What writes it; None for JSON."""
    check: XmlCheck | None = None
    """What the result must satisfy."""
    content_type: str = ""
    """What it is called; empty for what is usual."""

    @property
    def is_identity(self) -> bool:
        """Say whether a document is left exactly as it is."""
        return self.select is None and self.render is None

    def reshaped(self, document: Json, facts: Mapping[str, str]) -> Json:
        """Return what is selected of a document; raise NotShaped where it is nothing."""
        if self.select is None:
            return document
        selected = self.select.select(document, facts)
        if selected is None:
            raise NotShaped("the expression selects nothing of this document")
        return selected

    def shaped(self, document: Json, facts: Mapping[str, str]) -> Shaped:
        """Return the bytes that a document becomes; raise NotShaped with what is in the way."""
        value = self.reshaped(document, facts)
        if self.render is not None:
            content = self.render.render(value, facts)
            usual = self.render.content_type
        else:
            content, usual = self._json(value), JSON_TYPE
        if self.check is not None:
            self.check.check(content, document)
        return Shaped(content, self.content_type or usual)

    def element(self, document: Json, facts: Mapping[str, str]) -> etree._Element:
        """Return the root of the XML that a document becomes; raise NotShaped where it is none."""
        try:
            return parse_xml(self.shaped(document, facts).content)
        except XmlFault as fault:
            raise NotShaped(f"what is to stand in the XML is none: {fault}") from fault

    @staticmethod
    def _json(value: Json) -> bytes:
        try:
            return dumps(value)
        except JsonFault as fault:
            raise NotShaped(str(fault)) from fault


AS_IT_IS = Shape()
"""Canonical JSON."""
