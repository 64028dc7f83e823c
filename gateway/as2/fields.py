"""Header fields: a list that keeps order and doubles, and the strict reading of their values.

A header that decides something (who sent it, how it is to be read) may be there once only: two
products that pick different ones of a pair would read two different messages.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import quote, unquote

from gateway.as2.dispositions import remote_error

_NAME = re.compile(r"[!-9;-~]+\Z")
_PARAMETER = re.compile(
    r"""
    \s* ; \s* (?: (?P<name> [^\s=;"]+ ) \s* = \s*
    (?: " (?P<quoted> (?: [^"\\] | \\. )* ) " | (?P<plain> [^;"]* ) ) )?
    """,
    re.VERBOSE | re.DOTALL,
)
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_TWICE_QUOTED = re.compile(r'\A"(.+)"\Z', re.DOTALL)
_NEEDS_QUOTES = re.compile(r'[;"\s]')
_AS2_NAME = re.compile(r"[!-~](?:[ -~]{0,126}[!-~])?\Z")
"""RFC 4130 section 6.2: printable, 1 to 128 characters; a name with spaces is written quoted."""


@dataclass(frozen=True, slots=True)
class Headers:
    """Header fields in the order they came."""

    fields: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(cls, fields: Iterable[tuple[str, str]]) -> Headers:
        """Take pairs of name and value from anywhere."""
        return cls(tuple(fields))

    def every(self, name: str) -> list[str]:
        """Give the values of all fields of this name, in any case."""
        wanted = name.lower()
        return [value for field, value in self.fields if field.lower() == wanted]

    def one(self, name: str) -> str | None:
        """Give the value of a field that may be there once, or None; refuse it twice."""
        values = self.every(name)
        if len(values) > 1:
            raise remote_error(f"header {name} is there {len(values)} times, expected once")
        return values[0].strip() if values else None


@dataclass(frozen=True, slots=True)
class ContentType:
    """A media type in lower case and its parameters."""

    media: str
    parameters: tuple[tuple[str, str], ...] = ()

    def parameter(self, name: str) -> str:
        """Give a parameter's value, or nothing."""
        return next((value for key, value in self.parameters if key == name), "")


def read_fields(lines: Iterable[str]) -> Headers:
    """Read unfolded `Name: value` lines."""
    fields: list[tuple[str, str]] = []
    for line in lines:
        name, colon, value = line.partition(":")
        if not colon or not _NAME.match(name.rstrip(" \t")):
            raise remote_error(f"MIME header {line[:60]!r} is not 'Name: value'")
        fields.append((name.rstrip(" \t"), value.strip()))
    return Headers(tuple(fields))


def read_parameters(text: str, header: str) -> ContentType:
    """Read `value; name=value; name="value"`, as Content-Type and Content-Disposition have it."""
    media, _, _ = text.partition(";")
    parameters: dict[str, str] = {}
    at = len(media)
    while at < len(text):
        found = _PARAMETER.match(text, at)
        if found is None:
            raise remote_error(f"header {header} cannot be read at {text[at : at + 40]!r}")
        at = found.end()
        if found["name"] is None:
            continue
        name = found["name"].lower()
        if name in parameters:
            raise remote_error(f"header {header} has parameter {name} twice")
        quoted = found["quoted"]
        parameters[name] = found["plain"].strip() if quoted is None else _ESCAPE.sub(r"\1", quoted)
        rest = text[at:].lstrip()
        if rest and not rest.startswith(";"):
            raise remote_error(f"header {header} cannot be read at {rest[:40]!r}")
    return ContentType(media.strip().lower(), tuple(parameters.items()))


def read_as2_name(text: str, header: str) -> str:
    """Read AS2-From or AS2-To: plain or quoted; case matters.

    A name with spaces that is not quoted is taken as it stands: products do that, and it can be
    read in one way only. A name that is quoted twice, as django-pyas2 writes it in MDNs, is taken
    without both pairs: nobody is called by a name that has quotation marks around it.
    """
    name = text.strip()
    if len(name) >= 2 and name[0] == name[-1] == '"':
        inner = name[1:-1]
        if re.fullmatch(r'(?:[^"\\]|\\["\\])*', inner) is None:
            raise remote_error(f"{header} {text[:140]!r} is not one quoted name")
        name = _TWICE_QUOTED.sub(r"\1", _ESCAPE.sub(r"\1", inner))
    elif '"' in name or "\\" in name:
        raise remote_error(f"{header} {text[:140]!r} has a quotation mark or backslash unquoted")
    if not _AS2_NAME.match(name):
        raise remote_error(
            f"{header} {text[:140]!r} is not a name of 1 to 128 printable characters"
        )
    return name


def write_as2_name(name: str, *, quoted: bool = True) -> str:
    """Write a name as AS2-From and AS2-To have it: quoted only where it needs that."""
    if any(character in name for character in '"\\') or (quoted and " " in name):
        escaped = name.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{escaped}"'
    return name


def read_filename(value: ContentType, parameter: str) -> str:
    """Read a file name parameter, in its encoded form (RFC 6266) where there is one."""
    charset, mark, encoded = value.parameter(f"{parameter}*").partition("''")
    if mark and charset.lower() in ("utf-8", "iso-8859-1"):
        return unquote(encoded, encoding=charset, errors="replace")
    return value.parameter(parameter)


def write_filename(name: str, *, quoted: bool = True) -> str:
    """Write a file name parameter; one that is not ASCII in its encoded form too."""
    plain = name.encode("ascii", errors="replace").decode().replace("\\", "_")
    plain = plain.replace('"', '\\"')
    written = (
        f'filename="{plain}"' if quoted or _NEEDS_QUOTES.search(plain) else f"filename={plain}"
    )
    return written if name.isascii() else f"{written}; filename*=UTF-8''{quote(name, safe='')}"
