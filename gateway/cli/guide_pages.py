"""A guide as a page that a partner can be sent: Markdown, and HTML that prints well."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from gateway.x12.guides.printed import ElementLine, Line, Part, PrintedGuide, Wish

_PAGES = Path(__file__).parent / "pages"
_SPECIAL = re.compile(r"([\\`*_{}\[\]<>|#])")


@dataclass(frozen=True, slots=True)
class Envelope:
    """What stands around the sets, and who is who."""

    sender: str
    receiver: str
    facts: tuple[tuple[str, str], ...]
    """What is said, and its value."""

    @property
    def heading(self) -> str:
        """Say who sends to whom."""
        return f"{self.sender} sends, {self.receiver} receives"


def title_of(guide: PrintedGuide) -> str:
    """Return the heading of a page: `945 Warehouse Shipping Advice`."""
    return f"{guide.set_id} {guide.name}"


def html(guide: PrintedGuide, envelope: Envelope) -> str:
    """Write a guide as one HTML page that needs nothing else; whatever it holds is escaped."""
    environment = Environment(
        loader=FileSystemLoader(_PAGES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    template = environment.get_template("guide.html.j2")
    return template.render(guide=guide, envelope=envelope, title=title_of(guide))


def markdown(guide: PrintedGuide, envelope: Envelope) -> str:
    """Write a guide as Markdown."""
    return "\n".join(_markdown(guide, envelope)) + "\n"


def _markdown(guide: PrintedGuide, envelope: Envelope) -> Iterator[str]:
    yield f"# {_text(title_of(guide))}\n"
    yield f"{_text(envelope.heading)}. Version {guide.version}.\n"
    if guide.title:
        yield f"**{_text(guide.title)}**\n"
    if guide.notes:
        yield f"{_text(guide.notes).strip()}\n"
    yield "## Envelope\n"
    yield from _table(("", ""), [(_text(name), _code(value)) for name, value in envelope.facts])
    yield "## Structure\n"
    yield from _table(("segment", "name", "use", "at most", "note"), map(_line, guide.lines))
    if guide.besides:
        besides = ", ".join(map(_code, guide.besides))
        yield f"Nothing was agreed on what the standard allows besides: {besides}.\n"
    if guide.rules:
        yield "## Rules about the whole set\n"
        for rule in guide.rules:
            yield f"- {_text(rule.sentence)}{_otherwise(rule.consequence)}"
        yield ""
    yield "## Segments\n"
    for part in guide.parts:
        yield from _part(part)
    if guide.examples:
        yield "## Examples\n"
    for example in guide.examples:
        yield f"{_text(example.title)}:\n\n```\n{example.segments.strip()}\n```\n"


def _line(line: Line) -> tuple[str, ...]:
    tag = "&nbsp;" * 4 * line.depth + _code(line.tag) + (" loop" if line.loop else "")
    return tag, _text(line.name), _strong(line.use), line.times, _text(line.note)


def _part(part: Part) -> Iterator[str]:
    yield f"### {_code(part.path)} {_text(part.name)}\n"
    kind = "Loop, " if part.loop else ""
    times = part.times if part.times.startswith("a") else f"at most {part.times}"
    yield f"{kind}{part.use}, {times}.{_otherwise(part.consequence)} {_text(part.note)}".strip()
    yield ""
    yield from _table(
        ("element", "name", "use", "type", "length", "values and notes"),
        [_element(one) for one in part.elements],
    )
    for relation in part.relations:
        yield f"- {_text(_capital(relation))}."
    for wish in part.wishes:
        yield f"- {_wish(wish)}"
    if part.relations or part.wishes:
        yield ""


def _element(one: ElementLine) -> Sequence[str]:
    said = []
    if one.codes:
        codes = [f"{_code(code)} {_text(text)}".strip() for code, text in one.codes]
        more = f" and {one.more_codes} more of the standard" if one.more_codes else ""
        said.append(", ".join(codes) + more)
    if one.pattern:
        said.append(f"fits {_code(one.pattern)}")
    if one.note:
        said.append(_text(one.note))
    values = "; ".join(said) + _otherwise(one.consequence)
    use = _strong(one.use)
    return _code(one.reference), _text(one.name), use, one.type, one.length, values


def _wish(wish: Wish) -> str:
    said = "; ".join(map(_text, wish.sentences))
    note = f" {_text(wish.note)}" if wish.note else ""
    return f"{_code(wish.place)}: {said}{_otherwise(wish.consequence)}.{note}"


def _table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(columns)} |"
    yield f"|{'---|' * len(columns)}"
    for row in rows:
        yield f"| {' | '.join(row)} |"
    yield ""


def _text(value: str) -> str:
    """Return a value as the text that it is, whatever stands in it."""
    return _SPECIAL.sub(r"\\\1", " ".join(value.split()))


def _code(value: str) -> str:
    # A bar ends a cell even within code; a backtick would end the code.
    return f"`{value.replace('`', chr(39)).replace('|', chr(92) + '|')}`" if value else ""


def _strong(use: str) -> str:
    return f"**{use}**" if use in ("required", "not used") else use


def _otherwise(said: str) -> str:
    return f" ({said})" if said else ""


def _capital(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]
