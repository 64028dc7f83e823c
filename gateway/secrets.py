"""Secrets by reference: configuration names them, nothing but the part that needs one reads it.

A reference is `${env:NAME}` or `${file:PATH}` (below the instance's home, or absolute where the
system mounts secrets). The text of a setting may have other text around it, such as `Bearer `.
What is read is never put into a message, a log or a representation.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Annotated
from urllib.parse import parse_qsl, quote, quote_plus
from xml.sax.saxutils import escape

from pydantic import AfterValidator, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

from gateway.errors import GatewayError
from gateway.small_files import read_small

_REFERENCE = re.compile(r"\$\{(env|file):([^{}]*)\}")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_LARGEST = 64 * 1024
_MASKED = "***"
_SHORTEST = 4
"""Characters: a shorter secret is none, and would be found in every other word."""
_EXPECTED = "expected ${env:NAME} or ${file:PATH}"

ONLY_BY_REFERENCE = f"which is written by its reference only; {_EXPECTED}"
"""The end of a sentence about a name that carries a secret."""

SENSITIVE = re.compile(
    r"authorization|(?<![a-z])auth(?![a-z])|cookie|token|secret|passw|passphrase"
    r"|(?<![a-z])pwd(?![a-z])|credential|(?:api|access|subscription)[-_]?key|signature|^(?:key|sig)$",
    re.IGNORECASE,
)
"""Names of headers and parameters whose values are secrets."""


class SecretMissing(GatewayError):
    """A secret that the configuration refers to cannot be read."""


@dataclass(frozen=True, slots=True)
class Vault:
    """Where references are looked up: the environment, and files below the instance's home."""

    home: Path
    environment: Mapping[str, str]

    def __repr__(self) -> str:
        # The environment holds secrets, and a representation ends in logs.
        return f"Vault(home={self.home!r})"

    def missing(self, template: Template) -> list[str]:
        """Return a sentence for each reference of a text that cannot be read."""
        sentences = []
        for kind, name in template.references:
            try:
                self._look_up(kind, name)
            except SecretMissing as fault:
                sentences.append(str(fault))
        return sentences

    def reveal(self, template: Template) -> str:
        """Return a text with its references replaced; raise SecretMissing naming what is not there.

        The result is a secret: use it and forget it.
        """
        return _REFERENCE.sub(lambda found: self._look_up(found[1], found[2]), template.text)

    def values(self, template: Template) -> list[str]:
        """Return the secrets that a text refers to, so that they can be masked."""
        return [self._look_up(kind, name) for kind, name in template.references]

    def _look_up(self, kind: str, name: str) -> str:
        if kind == "env":
            value = self.environment.get(name)
            if not value:
                raise SecretMissing(f"environment variable {name} is not set")
            return value
        try:
            # A trailing newline is the editor's, not the secret's.
            value = read_small(self.home / name, _LARGEST).decode("utf-8").rstrip("\r\n")
        except (OSError, UnicodeDecodeError) as fault:
            reason = fault.strerror if isinstance(fault, OSError) else "it is not text"
            raise SecretMissing(f"secret file {name} cannot be read: {reason}") from None
        if not value:
            raise SecretMissing(f"secret file {name} is empty")
        return value


def files_named_in(text: str) -> set[str]:
    """Return the path of each secret file that a text of configuration refers to, as written."""
    return {found[2] for found in _REFERENCE.finditer(text) if found[1] == "file" and found[2]}


@lru_cache(maxsize=1024)
def _is_telling(name: str) -> bool:
    return SENSITIVE.search(name) is not None


class Mask:
    """Puts `***` where a secret stands in a text, whichever way it is written there."""

    def __init__(self, values: Iterable[str] = ()) -> None:
        self._forms: dict[str, None] = {}
        for value in values:
            self.learn(value)

    def __repr__(self) -> str:
        return "Mask(...)"

    def learn(self, value: str) -> None:
        """Take a secret: it stands in no text from now on."""
        if len(value) < _SHORTEST:
            return
        forms = {value, quote(value, safe=""), quote_plus(value), escape(value)}
        forms |= {json.dumps(value)[1:-1], base64.b64encode(value.encode()).decode().rstrip("=")}
        # The longest first: one may hold another. Replaced whole, since other threads mask.
        known = sorted({*self._forms, *forms}, key=lambda form: (-len(form), form))
        self._forms = dict.fromkeys(known)

    def text(self, text: str) -> str:
        """Return a text without any secret in it."""
        for form in self._forms:
            if form in text:
                text = text.replace(form, _MASKED)
        return text

    def content(self, content: bytes) -> bytes:
        """Return bytes without any secret in them."""
        for form in self._forms:
            written = form.encode()
            if written in content:
                content = content.replace(written, _MASKED.encode())
        return content

    def headers(self, headers: Mapping[str, str]) -> dict[str, str]:
        """Return headers without any secret: those of a telling name have no value at all."""
        return {
            name: _MASKED if _is_telling(name) else self.text(value)
            for name, value in headers.items()
        }


@dataclass(frozen=True, slots=True)
class Template:
    """A text with references to secrets in it, as configuration writes it."""

    text: str

    @property
    def references(self) -> tuple[tuple[str, str], ...]:
        """Return kind (`env` or `file`) and name of each reference."""
        return tuple((found[1], found[2]) for found in _REFERENCE.finditer(self.text))

    def __str__(self) -> str:
        return self.text

    @classmethod
    def parse(cls, value: object) -> Template:
        """Take a text whose references are well formed; say what was expected otherwise."""
        if isinstance(value, Template):
            return value
        if not isinstance(value, str):
            raise ValueError("expected text")  # noqa: TRY004  # pydantic turns only ValueError into a sentence
        rest = _REFERENCE.sub("", value)
        template = cls(value)
        # The value is left out of the messages: what stands here may be a secret by mistake.
        if "${" in rest:
            raise ValueError(f"a reference is not well formed; {_EXPECTED}")
        for kind, name in template.references:
            if kind == "env" and not _NAME.fullmatch(name):
                raise ValueError("the name of an environment variable is not well formed")
            if kind == "file" and (not name or ".." in Path(name).parts):
                raise ValueError("the path of a secret file is empty or leaves the instance's home")
        return template

    @classmethod
    def __get_pydantic_core_schema__(
        cls, source: object, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(
            cls.parse, serialization=core_schema.to_string_ser_schema()
        )

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return {"type": "string"}


def literal_in_query(template: Template) -> str | None:
    """Return the first parameter of an address that carries a secret without a reference."""
    query = template.text.partition("?")[2].partition("#")[0]
    for name, value in parse_qsl(query.replace(";", "&")):
        if SENSITIVE.search(name) and "${" not in value:
            return name
    return None


def _only_by_reference(template: Template) -> Template:
    if not template.references:
        raise ValueError(f"a secret is written here by its reference only; {_EXPECTED}")
    return template


Secret = Annotated[Template, AfterValidator(_only_by_reference)]
"""A setting that holds a secret: refused unless it has a reference."""
