"""A transaction set small enough to see at a glance, trees built from text, and one-line maps."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

from gateway.errors import ConfigProblems
from gateway.findings import Finding
from gateway.mapping.compiled import CompiledMap
from gateway.mapping.library import MapLibrary
from gateway.mapping.testing import finding_line
from gateway.x12.model import Delimiters
from gateway.yaml_source import load


@dataclass(frozen=True)
class Element:
    number: str = "1"
    name: str = "Anything"
    type: str = "AN"
    minimum: int = 1
    maximum: int = 80
    repeat: int = 1
    components: tuple[Element, ...] = ()


@dataclass(frozen=True)
class Segment:
    tag: str
    maximum: int
    elements: tuple[Element, ...]


@dataclass(frozen=True)
class Loop:
    trigger: str
    maximum: int
    content: tuple[Segment | Loop, ...]
    version: str = ""

    @property
    def segments(self):
        return {one.tag: one for one in self.content if isinstance(one, Segment)}

    @property
    def places(self):
        tags = [one.tag if isinstance(one, Segment) else one.trigger for one in self.content]
        return {tag: index for index, tag in enumerate(tags)}

    @property
    def loops(self):
        return {one.trigger: one for one in self.content if isinstance(one, Loop)}


@dataclass
class Node:
    segments: dict[str, list[list[str]]] = field(default_factory=dict)
    loops: dict[str, list[Node]] = field(default_factory=dict)


def seg(tag, count, maximum=1, composite=0):
    elements = [Element() for _ in range(count)]
    if composite:
        elements[composite - 1] = Element(components=(Element(), Element(), Element()))
    return Segment(tag, maximum, tuple(elements))


def loop(*content, maximum=99):
    return Loop(content[0].tag, maximum, content)


N1 = loop(seg("N1", 4), seg("N3", 2, 9), seg("N4", 4), seg("PER", 8, 3))
ORDER = Loop(
    "",
    1,
    (
        seg("ST", 2),
        seg("W05", 7),
        seg("CUR", 2),
        N1,
        seg("N9", 6, 10),
        seg("G62", 5, 10),
        seg("TD5", 5, 5),
        seg("NTE", 2, 20),
        seg("SV1", 3, 1, composite=1),
        loop(
            seg("LX", 1),
            seg("MAN", 3, 9),
            loop(seg("W01", 16), seg("G69", 2, 5), seg("N9", 6, 9), seg("SDQ", 12, 9)),
        ),
        seg("CTT", 2),
        seg("SE", 2),
    ),
)
NOTICE = Loop(
    "",
    1,
    (
        seg("BSN", 5),
        loop(
            seg("HL", 4),
            seg("LIN", 5),
            seg("SN1", 3),
            seg("PRF", 4),
            seg("TD1", 8),
            seg("MAN", 3, 9),
            N1,
        ),
        seg("CTT", 2),
    ),
)

DELIMITERS = Delimiters()
ANYTHING = {"type": "object"}


def tree(text, shape=ORDER):
    """Nest segments by the shape: each goes to the innermost loop that has a place for it."""
    root = Node()
    path = [(root, shape)]
    for line in filter(None, text.replace("\n", "~").split("~")):
        segment = line.split("*")
        while True:
            node, level = path[-1]
            if segment[0] in level.loops:
                inner = Node()
                node.loops.setdefault(segment[0], []).append(inner)
                path.append((inner, level.loops[segment[0]]))
                inner.segments[segment[0]] = [segment]
                break
            if segment[0] in level.segments and segment[0] != level.trigger:
                node.segments.setdefault(segment[0], []).append(segment)
                break
            if len(path) == 1:
                root.segments.setdefault(segment[0], []).append(segment)
                break
            path.pop()
    return root


def lines(node, shape=ORDER):
    """Write a tree as text in the shape's order, one segment a line."""
    found = []
    for part in shape.content:
        if isinstance(part, Loop):
            for inner in node.loops.get(part.trigger, []):
                found += lines(inner, part)
        else:
            found += ["*".join(segment) for segment in node.segments.get(part.tag, [])]
    return found


def model(text):
    """Make a JSON Schema: `a` text, `n:int`, `l[]` texts, `o{…}` an object, `l[]{…}` a list."""
    properties, rest = _members(text.strip())
    assert not rest
    return {"type": "object", "properties": properties}


def _members(text):
    found = {}
    while text and text[0] != "}":
        size = next((i for i, mark in enumerate(text) if mark in " [{}:"), len(text))
        name, text = text[:size], text[size:]
        many = text.startswith("[]")
        text = text[2:] if many else text
        schema = {"type": "string"}
        if text.startswith("{"):
            members, text = _members(text[1:].lstrip())
            schema, text = {"type": "object", "properties": members}, text[1:]
        elif text.startswith(":"):
            kind, _, text = text[1:].partition(" ")
            kind, closing = kind.rstrip("}"), kind.count("}")
            text = "}" * closing + " " + text if closing else text
            schema = {"type": {"int": "integer", "bool": "boolean"}[kind]}
        found[name] = {"type": "array", "items": schema} if many else schema
        text = text.lstrip()
    return found, text


def compiled(body, schema=None, shape=ORDER, tables=()) -> CompiledMap:
    """Compile a map of which only the interesting part is given."""
    head = 'map: m\ntransaction_set: "940"\ndocument: d\n'
    source = load(head + body, "m.map.yaml")
    files = [load(text, f"t{index}.table.yaml") for index, text in enumerate(tables)]
    return MapLibrary([source], files).compile("m", shape, schema or ANYTHING)


def problems(body, schema=None, shape=ORDER) -> list[str]:
    """Return the problems of a map; lines count from the first line of the body."""
    try:
        compiled(body, schema, shape)
    except ConfigProblems as fault:
        return [f"{one.line - 3}:{one.column}: {one.path}: {one.message}" for one in fault.problems]
    return []


def read(made, text, shape=ORDER):
    """Return the document without its envelope, and the findings as tests name them."""
    reading = made.read(tree(text, shape), DELIMITERS)
    return plain(reading.document), told(reading.findings)


def write(made, document, shape=ORDER):
    """Return the segments written, and the findings as tests name them."""
    writing = made.write(document, DELIMITERS)
    return "~".join(lines(writing.tree, shape)), told(writing.findings)


def deep_levels(count):
    """Compile a map of so many levels inside one more, and make a document that has them all."""
    body, members, lists = "{level: I, fields: {sku: LIN03}}", "sku", [{"sku": "0"}]
    for level in range(count):
        body = f"{{level: I, fields: {{sku: LIN03, inner: {body}}}}}"
        members = f"sku inner[]{{{members}}}"
        lists = [{"sku": str(level), "inner": lists}]
    made = compiled(f"fields: {{lists: {body}}}", model(f"lists[]{{{members}}}"), NOTICE)
    return made, {"lists": lists}


def plain(document):
    return {key: value for key, value in document.items() if key not in ("document", "version")}


def told(findings: list[Finding]):
    return [finding_line(one) for one in findings]


def both(body, schema, text, document, shape=ORDER):
    """Assert that the set gives the document and the document gives the set."""
    made = compiled(body, model(schema), shape)
    assert read(made, text, shape) == (document, [])
    assert write(made, document, shape) == (text, [])
    json.dumps(document)
