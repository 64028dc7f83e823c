"""Templates: a document as XML, JSON, text or an address, each value escaped as that asks for.

In XML what `{{ }}` prints is escaped. In JSON it is written as a JSON value, quotes and all:
`{"number": {{ document.number }}}`. In an address it is percent-encoded.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import cast
from urllib.parse import quote

import jinja2
from jinja2 import Undefined

from gateway.shaping.budget import BUDGET, Budget
from gateway.shaping.exact_json import Json, JsonFault, dumps, loads
from gateway.shaping.faults import NotCompiled, NotShaped
from gateway.shaping.formats import text
from gateway.shaping.sandbox import bounded, sandbox, unknown_root
from gateway.shaping.seen import Seen, seen
from gateway.shaping.xml_text import XmlFault, parse_xml

MAX_SOURCE = 1_000_000
MAX_OUTPUT = 50 * 1024 * 1024
"""Characters that one document may become."""

_SHOWN = 30
"""Characters before and after the place where JSON breaks off."""

Facts = Mapping[str, str]


class TextTemplate:
    """A template of plain text; the others differ by how a value is written."""

    content_type = "text/plain; charset=utf-8"
    _escape = False

    def __init__(self, source: str, name: str = "") -> None:
        """Compile a template; raise NotCompiled with the line where it is wrong.

        `name` is that of its file, for what does not go through it.
        """
        self._name = name
        if len(source) > MAX_SOURCE:
            raise NotCompiled(f"a template has at most {MAX_SOURCE} characters")
        environment = sandbox(escape=self._escape, finalize=self._written)
        try:
            tree = bounded(environment.parse(source))
            self._seen = seen(environment.parse(source))
            # The finished tree goes in where Jinja2 takes text: its own loader parses again.
            self._template = environment.from_string(tree)
        except jinja2.TemplateSyntaxError as fault:
            raise NotCompiled(fault.message, line=fault.lineno) from fault
        except jinja2.TemplateError as fault:
            raise NotCompiled(fault.message) from fault
        except RecursionError as fault:
            raise NotCompiled("operations are nested too deeply") from fault
        if strange := next(iter(self._seen.strange), None):
            raise NotCompiled(unknown_root(strange.name), line=strange.line)

    @property
    def seen(self) -> Seen:
        """Return which fields of the document, and which facts, the template asks for."""
        return self._seen

    def render(self, document: Json, facts: Facts) -> bytes:
        """Return what a document becomes; raise NotShaped where it does not go through."""
        made = self._render(document, facts)
        try:
            return made.encode()
        except UnicodeEncodeError as fault:
            # JSON can write half of a character, and so an answer or a record may hold one.
            line = made.count("\n", 0, fault.start) + 1
            raise self._not_shaped(
                f"line {line} of what it becomes holds half a character"
            ) from fault

    def _render(self, document: Json, facts: Facts) -> str:
        parts: list[str] = []
        left = MAX_OUTPUT
        try:
            known = {"document": document, "facts": facts, BUDGET: Budget()}
            for part in self._template.generate(known):
                parts.append(part)
                left -= len(part)
                if left < 0:
                    raise self._not_shaped(f"it becomes more than {MAX_OUTPUT} characters")
        except (jinja2.TemplateError, JsonFault, ValueError, TypeError, ArithmeticError) as fault:
            line = f"line {_line_of(fault)}: {_said(fault)}"
            raise NotShaped(f"{self._name}, {line}" if self._name else line) from fault
        except RecursionError as fault:
            raise self._not_shaped("operations are nested too deeply") from fault
        return "".join(parts)

    def _not_shaped(self, because: str) -> NotShaped:
        return NotShaped(f"{self._name}: {because}" if self._name else because)

    @staticmethod
    def _written(value: object) -> object:
        if isinstance(value, Undefined):
            return value  # Printing it says what is not there.
        return text(_json(value))


class XmlTemplate(TextTemplate):
    """A template of XML: what it prints is escaped, and the result is well-formed."""

    content_type = "application/xml"
    _escape = True

    def render(self, document: Json, facts: Facts) -> bytes:
        """Return well-formed XML; raise NotShaped where it is none."""
        content = super().render(document, facts).strip()
        try:
            parse_xml(content)
        except XmlFault as fault:
            raise self._not_shaped(f"what the template made is no XML: {fault}") from fault
        return content


class JsonTemplate(TextTemplate):
    """A template of JSON: what it prints is a JSON value."""

    content_type = "application/json"

    def render(self, document: Json, facts: Facts) -> bytes:
        """Return JSON without superfluous blanks; raise NotShaped where it is none."""
        made = self._render(document, facts)
        try:
            return dumps(loads(made))
        except JsonFault as fault:
            what = f"what the template made is no JSON: {fault}{_excerpt(made, fault)}"
            raise self._not_shaped(what) from fault

    @staticmethod
    def _written(value: object) -> object:
        return value if isinstance(value, Undefined) else dumps(_json(value)).decode()


class UrlTemplate(TextTemplate):
    """An address with values of the document in it, each percent-encoded as a whole."""

    @staticmethod
    def _written(value: object) -> object:
        if isinstance(value, Undefined):
            return value
        written = text(_json(value))
        if written in ("", ".", ".."):
            raise ValueError(f"'{written}' cannot stand in an address")
        return quote(written, safe="")


Renderer = TextTemplate
"""Every kind of template."""

TEMPLATES: Mapping[str, type[TextTemplate]] = {
    "xml": XmlTemplate,
    "json": JsonTemplate,
    "text": TextTemplate,
}
"""By what they write."""


def _json(value: object) -> Json:
    """Return what a template prints as JSON has it; a number written in it is exact too."""
    if isinstance(value, float):
        return Decimal(repr(value))
    return cast(Json, value)


def _line_of(fault: BaseException) -> int:
    """Return the line of the template that was rendered when a fault was raised."""
    line, step = 1, fault.__traceback__
    while step is not None:
        if step.tb_frame.f_code.co_filename == "<template>":
            line = step.tb_lineno
        step = step.tb_next
    return line


def _excerpt(made: str, fault: JsonFault) -> str:
    """Return what stands where JSON breaks off: the line is one of the result, not of a file."""
    cause = fault.__cause__
    if not isinstance(cause, json.JSONDecodeError):
        return ""
    before = made[: cause.pos].rpartition("\n")[2][-_SHOWN:]
    after = made[cause.pos :].partition("\n")[0][:_SHOWN]
    return f": {before}▶{after}; what {{{{ }}}} prints has its quotes already"


def _said(fault: BaseException) -> str:
    return str(fault) or type(fault).__name__
