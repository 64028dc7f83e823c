"""How configuration describes a shape: an expression in place, templates and schemas in files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path, PurePath
from typing import Annotated, Literal, TypeVar

from pydantic import AfterValidator, model_validator

from gateway.errors import ConfigProblems, Problem
from gateway.partners.fields import HomePath, Settings, quoted
from gateway.shaping import (
    NotCompiled,
    Selection,
    Shape,
    Stylesheet,
    XmlCheck,
)
from gateway.shaping.template import TEMPLATES, TextTemplate
from gateway.small_files import read_small
from gateway.yaml_source import Source

Writes = Literal["xml", "json", "text"]


def _below_the_home(path: str) -> str:
    if PurePath(path).is_absolute():
        raise ValueError(f"{quoted(path)} is absolute; expected a path such as shapes/order.xml.j2")
    return path


ShapeFile = Annotated[HomePath, AfterValidator(_below_the_home)]
"""A file of the instance, usually in `shapes/`, where a running gateway notices changes."""

_ENDINGS: dict[str, Writes] = {"xml": "xml", "json": "json"}
_Compiled = TypeVar("_Compiled")
Place = tuple[str | int, ...]


class Shaping(Settings):
    """What a document becomes: selected, rendered, checked. Left out, it is canonical JSON."""

    select: str | None = None
    """JMESPath expression over the document; what it makes is sent as JSON, or rendered."""
    template: ShapeFile | None = None
    """Jinja2 template below the home; `.xml.j2` and `.json.j2` say what it writes."""
    writes: Writes | None = None
    """What the template writes, where its name does not say it."""
    xslt: ShapeFile | None = None
    """XSLT 1.0 stylesheet below the home, instead of a template."""
    xsd: ShapeFile | None = None
    """XML Schema below the home that the result must satisfy."""
    content_type: str | None = None
    """Content type of the result, where it is not the usual one."""

    @model_validator(mode="after")
    def _one_way_of_writing(self) -> Shaping:
        if self.template and self.xslt:
            raise ValueError("'template' and 'xslt' exclude each other")
        if self.writes and not self.template:
            raise ValueError("'writes' is said of a 'template'")
        if self.xsd and not self.is_xml:
            raise ValueError("'xsd' checks XML; expected 'xslt', or a 'template' that writes xml")
        return self

    @property
    def written(self) -> Writes:
        """Return what the template writes."""
        name = (self.template or "").removesuffix(".j2")
        return self.writes or _ENDINGS.get(name.rpartition(".")[2], "text")

    @property
    def written_kind(self) -> Writes:
        """Return what is written where it is not JSON of a selection."""
        return "xml" if self.xslt else self.written

    @property
    def files(self) -> tuple[str, ...]:
        """Return the files that the shape is made of."""
        return tuple(name for name in (self.template, self.xslt, self.xsd) if name)

    @property
    def is_xml(self) -> bool:
        """Say whether what is written is XML."""
        return bool(self.xslt) or self.written == "xml"


def shape_of(shaping: Shaping | None, home: Path, source: Source, path: Place) -> Shape:
    """Compile a shape; raise ConfigProblems with everything that is wrong, in its own file.

    `path` is where the shape is described in `source`, for what is wrong there.
    """
    if shaping is None:
        return Shape()
    made = _Making(home, source, path)
    shape = Shape(
        select=made.expression("select", shaping.select),
        render=made.file("template", shaping.template, lambda text: _template(shaping, text))
        or made.file("xslt", shaping.xslt, Stylesheet),
        check=made.file("xsd", shaping.xsd, XmlCheck),
        content_type=shaping.content_type or "",
    )
    if made.problems:
        raise ConfigProblems(made.problems)
    return shape


class _Making:
    """Compiles the parts of one shape, and collects what is wrong with them."""

    def __init__(self, home: Path, source: Source, path: Place) -> None:
        self._home = home
        self._source = source
        self._path = path
        self.problems: list[Problem] = []

    def expression(self, key: str, text: str | None) -> Selection | None:
        """Compile an expression that stands in the configuration itself."""
        if text is None:
            return None
        try:
            return Selection.compile(text)
        except NotCompiled as fault:
            place = f"line {fault.line}, column {fault.column} of it" if "\n" in text else (
                f"column {fault.column} of it"
            )  # fmt: skip
            self._problem(key, f"{fault} ({place})")
            return None

    def file(
        self, key: str, name: str | None, compiled: Callable[[bytes], _Compiled]
    ) -> _Compiled | None:
        """Read and compile a file; note what is wrong at its line."""
        if name is None:
            return None
        try:
            return compiled(read_small(self._home / name))
        except OSError as fault:
            self._problem(key, f"{name} cannot be read: {fault.strerror}")
        except UnicodeDecodeError:
            self.problems.append(Problem(name, 1, 1, "", "not UTF-8 text"))
        except NotCompiled as fault:
            self.problems.append(Problem(name, fault.line, fault.column, "", str(fault)))
        return None

    def _problem(self, key: str, message: str) -> None:
        self.problems.append(self._source.problem((*self._path, key), message))


def _template(shaping: Shaping, content: bytes) -> TextTemplate:
    return TEMPLATES[shaping.written](content.decode("utf-8-sig"), shaping.template or "")
