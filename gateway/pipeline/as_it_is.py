"""A set under an agreement without a map: its document is the set itself, segment by segment.

It stands in the place of a map, so that all that follows is the same: business keys, routing,
retranslation once there is a map.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from gateway import canonical
from gateway.findings import Finding
from gateway.mapping.plan import Json
from gateway.mapping.recall import Earlier
from gateway.x12.characters import proper
from gateway.x12.model import Delimiters, Loop, Segment
from gateway.x12.schema import LoopUse, SegmentUse, SetSchema

_ENVELOPE = ("ST", "SE")


@dataclass(frozen=True, slots=True)
class SetAsItIs:
    """What reading a set without a map gives: always one document, and never a finding."""

    documents: Sequence[Mapping[str, object]]
    findings: Sequence[Finding] = ()
    fits: bool = True
    """It is made here, by the shape that it has."""


class AsItIs:
    """Reads sets of one schema as `gateway.pipeline.rulebook.MapReader` wants it."""

    def __init__(self, schema: SetSchema) -> None:
        self._schema = schema

    @property
    def name(self) -> str:
        """Return what stands where the name of a map would: nothing, so that `meta` has none."""
        return ""

    @property
    def version(self) -> str:
        """Return a hash of all that decides what a document says."""
        schema = self._schema
        said = f"{canonical.VERSION} {schema.version} {schema.set_id} {schema.name} {schema.keys}"
        return hashlib.sha256(said.encode()).hexdigest()

    @property
    def recalls(self) -> bool:
        """Say that nothing is taken from earlier documents."""
        return False

    def recall(
        self, document: Mapping[str, Json], earlier: Earlier
    ) -> tuple[Mapping[str, Json], Sequence[Finding]]:
        """Return a document as it is."""
        del earlier
        return document, ()

    def kept(self, document: Mapping[str, object]) -> Sequence[Finding]:
        """Name no words: nothing was looked up."""
        del document
        return ()

    def read(self, tree: Loop, delimiters: Delimiters) -> SetAsItIs:
        """Return the set as a document."""
        schema = self._schema
        keys = {
            name: proper(value)
            for name, (tag, position) in schema.keys.items()
            if (value := _first(tree, tag, position).strip())
        }
        document: dict[str, object] = {
            "document": canonical.X12_SET,
            "version": canonical.VERSION,
            "transaction_set": schema.set_id,
            "name": schema.name,
            **({"keys": keys} if keys else {}),
            "segments": list(_entries(tree, schema.root, "", delimiters.component)),
        }
        return SetAsItIs((document,))


def _first(tree: Loop, tag: str, position: int) -> str:
    """Return an element of the first segment of this id at the top; empty where there is none."""
    for segment in tree.segments.get(tag, ()):
        return segment[position] if len(segment) > position else ""
    return ""


def _entries(level: Loop, use: LoopUse, path: str, separator: str) -> Iterator[dict[str, object]]:
    """Yield the segments of a level and of the loops in it, in the standard's order."""
    for content in use.content:
        if isinstance(content, SegmentUse):
            if path or content.tag not in _ENVELOPE:
                for segment in level.segments.get(content.tag, ()):
                    elements = dict(_elements(segment, content, separator))
                    yield {"loop": path, "segment": content.tag, "elements": elements}
            continue
        for number, inner in enumerate(level.loops.get(content.trigger, ()), 1):
            place = f"{path}/{content.trigger}[#{number}]".lstrip("/")
            yield from _entries(inner, content, place, separator)


def _elements(segment: Segment, use: SegmentUse, separator: str) -> Iterator[tuple[str, str]]:
    for position, text in enumerate(segment[1:], 1):
        element = use.element(position)
        if element is None or not element.components:
            if text:
                yield f"{position:02d}", proper(text)
            continue
        for number, part in enumerate(text.split(separator), 1):
            if part:
                yield f"{position:02d}-{number}", proper(part)
