"""An answer: its status, its headers, its body, and what the body holds where it can be read."""

from __future__ import annotations

import codecs
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from lxml import etree

from gateway.shaping import Json, JsonFault, XmlFault, loads, parse_xml

_EXCERPT = 300
"""How much of an answer a person gets to see."""

_MARKS = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
"""What stands before XML that some systems write; its parser reads the encoding by it."""


@dataclass(frozen=True)
class Answer:
    """What another system answered, its body as far as it was read."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    """By names in small letters."""
    body: bytes = b""
    is_cut: bool = False
    """Whether there was more of the body than was read."""

    @cached_property
    def json(self) -> Json:
        """Return the body as JSON; None where it is none."""
        try:
            return loads(self.body) if self.body else None
        except JsonFault:
            return None

    @cached_property
    def xml(self) -> etree._Element | None:
        """Return the body as XML; None where it is none."""
        try:
            return parse_xml(self.body) if _begins_as_xml(self.body) else None
        except XmlFault:
            return None

    @cached_property
    def is_json(self) -> bool:
        """Say whether the body is JSON, or nothing at all."""
        return self.json is not None or self.body.strip() in (b"", b"null")

    @property
    def is_xml(self) -> bool:
        """Say whether the body is XML and no page for people, or nothing at all."""
        if self.xml is None:
            return not self.body.strip()
        return etree.QName(self.xml).localname.lower() != "html"

    @property
    def beginning(self) -> str:
        """Return the beginning of the body, as people can read it."""
        packed = self.headers.get("content-encoding")
        if packed and self.body:
            return f"an answer that is packed as {shortened(packed)}, which was not asked for"
        return shortened(self.body[: _EXCERPT * 4].decode("utf-8", "replace"))


def _begins_as_xml(body: bytes) -> bool:
    return body.startswith(_MARKS) or body.lstrip()[:1] == b"<"


def shortened(text: str) -> str:
    """Return a text in one line, printable and not too long."""
    words = " ".join(text.split())
    shown = "".join(c if c.isprintable() else "?" for c in words)
    return shown if len(shown) <= _EXCERPT else f"{shown[:_EXCERPT]}…"
