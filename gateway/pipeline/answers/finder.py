"""Looking something up in an answer: by JMESPath in JSON, by XPath in XML, or a header by its name.

`id`                      JMESPath
`//order/@id`             XPath: it begins with a slash
`header:Location`         a header; `header:Location ([0-9]+)$` what a pattern finds in it
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Protocol

import re2

from gateway.pipeline.answers.answer import Answer
from gateway.shaping import Json, NotCompiled, NotShaped, Selection, XmlSelection, is_true
from gateway.shaping.formats import text

_HEADER = re.compile(r"header:\s*(?P<name>[A-Za-z0-9-]+)(?:\s+(?P<pattern>\S.*))?")


class _Looking(Protocol):
    @property
    def kind(self) -> str:
        """Name what is looked in."""

    def can_look(self, answer: Answer) -> bool:
        """Say whether an answer is of the kind that is looked in."""

    def find(self, answer: Answer) -> Json:
        """Return what is found; None where there is nothing."""


@dataclass(frozen=True, slots=True)
class Finder:
    """A compiled expression over an answer."""

    source: str
    _looking: _Looking

    @classmethod
    def compile(cls, source: str) -> Finder:
        """Compile an expression; raise NotCompiled where it is wrong."""
        if source.startswith("header:"):
            return cls(source, _in_header(source))
        if source.startswith("/"):
            return cls(source, _InXml(XmlSelection.compile(source)))
        return cls(source, _InJson(Selection.compile(source)))

    def find(self, answer: Answer) -> Json:
        """Return what is found; None where there is nothing, or the answer is of another kind."""
        try:
            return self._looking.find(answer)
        except NotShaped:
            return None

    def puzzled_by(self, answer: Answer) -> str | None:
        """Say why it cannot be known what this answer says; None where it can.

        That nothing is found in a page that asks somebody to log in says nothing.
        """
        if self._looking.can_look(answer):
            return None
        cut = " as far as it was read, for it is too large" if answer.is_cut else ""
        shown = f": {answer.beginning}" if answer.body else ""
        return f"HTTP {answer.status}, but the answer is no {self._looking.kind}{cut}{shown}"

    def holds(self, answer: Answer) -> bool:
        """Say whether something is found that JMESPath takes for true."""
        found = self.find(answer)
        if isinstance(self._looking, _InXml):  # An element may be there and empty.
            return found is not None
        return is_true(found)

    def words(self, answer: Answer) -> str:
        """Return what is found as text; empty where there is nothing."""
        found = self.find(answer)
        parts = found if isinstance(found, list) else [found]
        # Systems say the same in several places of one answer.
        said = dict.fromkeys(_said(part) for part in parts)
        return "; ".join(part for part in said if part)


@dataclass(frozen=True, slots=True)
class _InJson:
    selection: Selection
    kind: str = "JSON"

    def can_look(self, answer: Answer) -> bool:
        """Say whether the body is JSON."""
        return answer.is_json

    def find(self, answer: Answer) -> Json:
        """Look in the body as JSON."""
        return None if answer.json is None else self.selection.select(answer.json)


@dataclass(frozen=True, slots=True)
class _InXml:
    selection: XmlSelection
    kind: str = "XML"

    def can_look(self, answer: Answer) -> bool:
        """Say whether the body is XML."""
        return answer.is_xml

    def find(self, answer: Answer) -> Json:
        """Look in the body as XML."""
        return None if answer.xml is None else self.selection.select(answer.xml)


@dataclass(frozen=True, slots=True)
class _InHeader:
    name: str
    pattern: str
    kind: str = "HTTP"

    def can_look(self, answer: Answer) -> bool:
        """Say that headers can be looked in whatever the body is."""
        del answer
        return True

    def find(self, answer: Answer) -> Json:
        """Look at a header, and for a pattern in it."""
        value = answer.headers.get(self.name)
        if value is None or not self.pattern:
            return value
        found = re2.search(self.pattern, value)
        if found is None:
            return None
        # A part of the pattern that has no share in what was found found nothing.
        return found[1] if found.re.groups else str(found[0])


def _in_header(source: str) -> _InHeader:
    found = _HEADER.fullmatch(source.strip())
    if found is None:
        raise NotCompiled("expected a header and perhaps a pattern, such as header:Location")
    pattern = found["pattern"] or ""
    try:
        re2.compile(pattern)
    except re2.error as fault:
        raise NotCompiled(f"'{pattern}' is no pattern") from fault
    return _InHeader(found["name"].lower(), pattern)


def _said(found: Json) -> str:
    try:
        return text(found).strip() if found is not None else ""
    except ValueError:
        return ""
