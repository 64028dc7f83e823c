"""Reads the schemas of transaction sets from YAML files, each once, and says where a file is wrong.

A version is a folder: one file a set for structure, and `segments.yaml`, `elements.yaml`,
`composites.yaml` and `codes.yaml` for what its sets share. The library is given a function that
returns a file's text, so that it does no I/O itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from gateway.errors import ConfigProblems, Problem
from gateway.x12.dictionary import Dictionary, list_of, text_of
from gateway.x12.notation import NotationFault, key_line, loop_line, segment_line
from gateway.x12.releases import PLACES, by_nearness
from gateway.x12.schema import UNBOUNDED, LoopUse, SegmentUse, SetSchema
from gateway.x12.segment_texts import SegmentTexts, members_of
from gateway.yaml_source import Path, Source, Value, load, suggestion

FOLDER = "x12"
SHARED = frozenset({"segments", "elements", "composites", "codes"})
"""File names that are no set's, whatever an ST01 says."""

_Key = tuple[str, int]
"""Where a business key stands: segment id and element."""


class SchemaLibrary:
    """The schemas of every version, read when first asked for and kept."""

    def __init__(self, read: Callable[[str], str], versions: Iterable[str] = ()) -> None:
        """Take a function from a path below `schemas`, such as `x12/004010/940.yaml`, to its text.

        It raises FileNotFoundError where there is none. `versions` are those that there are folders
        of: the nearest of them stands in for a version that has none.
        """
        self._read = read
        self._packaged = tuple(sorted(versions))
        self._versions: dict[str, Dictionary | None] = {}
        self._sets: dict[tuple[str, str], SetSchema | None] = {}

    def get(self, version: str, set_id: str) -> SetSchema | None:
        """Return a set's schema, or None where there is none; raise ConfigProblems on a bad file.

        A version may carry an industry suffix, as in `004010VICS`: its first six places count.
        Where a version has no schemas, the nearest one's is returned: its `version` tells.
        """
        release = version[:PLACES]
        exact = self._of(release, set_id)
        if exact is not None or release in self._packaged:
            return exact
        nearest = (self._of(one, set_id) for one in by_nearness(release, self._packaged))
        return next((schema for schema in nearest if schema is not None), None)

    def across(self, version: str, nearest: SetSchema) -> SetSchema | None:
        """Return the schema on the other side of a version that the nearest one stands in for.

        None where the version lies before or after all that there are schemas of.
        """
        newer = nearest.version > version
        beyond = (
            self._of(one, nearest.set_id)
            for one in by_nearness(version, self._packaged)
            if (one > version) is not newer
        )
        return next((schema for schema in beyond if schema is not None), None)

    def _of(self, release: str, set_id: str) -> SetSchema | None:
        key = (release, set_id)
        if key not in self._sets:
            self._sets[key] = self._load(*key)
        return self._sets[key]

    def segment(self, version: str, tag: str) -> SegmentUse | None:
        """Return a segment as any set of a version may have it, or None where it is not known.

        The nearest version's stands in for that of a version without schemas.
        """
        nearest = by_nearness(version[:PLACES], self._packaged)
        release = nearest[0] if nearest else version[:PLACES]
        dictionary = self._dictionary(release) if release.isalnum() else None
        definition = dictionary.segment(tag) if dictionary is not None else None
        if definition is None:
            return None
        name, elements, notes = definition
        return SegmentUse(tag, name, "O", UNBOUNDED, elements, notes)

    def _load(self, version: str, set_id: str) -> SetSchema | None:
        if not (version.isalnum() and set_id.isalnum()) or set_id in SHARED:
            return None  # never a path out of the folder, whatever GS08 and ST01 say
        dictionary = self._dictionary(version)
        source = self._source(version, set_id)
        if dictionary is None or source is None:
            return None
        return _SetReader(source, dictionary).schema()

    def _dictionary(self, version: str) -> Dictionary | None:
        if version not in self._versions:
            self._versions[version] = self._shared(version)
        return self._versions[version]

    def _shared(self, version: str) -> Dictionary | None:
        segments = self._text(version, "segments")
        elements = self._source(version, "elements")
        composites = self._source(version, "composites")
        codes = self._source(version, "codes")
        if segments is None or elements is None or composites is None or codes is None:
            return None
        texts = SegmentTexts(segments, _path(version, "segments"))
        return Dictionary(texts, elements, composites, codes)

    def _source(self, version: str, name: str) -> Source | None:
        text = self._text(version, name)
        return load(text, _path(version, name)) if text is not None else None

    def _text(self, version: str, name: str) -> str | None:
        try:
            return self._read(_path(version, name))
        except FileNotFoundError:
            return None


def _path(version: str, name: str) -> str:
    return f"{FOLDER}/{version}/{name}.yaml"


class _Reported(Exception):
    """A loop is left out because of problems in it that have been collected."""


class _SetReader:
    """Turns one set's file into its schema, collecting every problem on the way."""

    def __init__(self, source: Source, dictionary: Dictionary) -> None:
        self._source = source
        self._dictionary = dictionary
        self._problems: list[Problem] = []

    def schema(self) -> SetSchema:
        """Return the schema, or raise ConfigProblems with everything that is wrong in the file."""
        source = self._source
        head = members_of(source, ())
        keys = ("set", "version", "name", "functional_id", "structure", "keys")
        for key in head:
            if key not in keys:
                self._problem((key,), f"unknown key{suggestion(key, keys)}")
        words = [self._word(head, key) for key in keys[:4]]
        lines = list_of(source, head.get("structure"), ("structure",))
        content = tuple(self._content(lines, ("structure",)))
        self._refuse_repeated(content, ("structure",))
        root = LoopUse("", "", words[2], "M", 1, content, words[1])
        names = dict(self._keys(head, root))
        if self._problems:
            raise ConfigProblems(self._problems)
        known = self._dictionary.segments.names
        return SetSchema(words[0], words[1], words[2], words[3], root, known, names)

    def _keys(self, head: Mapping[str, Value], root: LoopUse) -> Iterator[tuple[str, _Key]]:
        """Yield what people know the set by, where a segment at the top has it."""
        if "keys" not in head:
            return
        for name, line in members_of(self._source, ("keys",)).items():
            try:
                tag, position = key_line(text_of(self._source, line, "keys"))
            except NotationFault as fault:
                self._problem(("keys", name), str(fault))
                continue
            use = root.segments.get(tag)
            if use is None or use.element(position) is None:
                self._problem(("keys", name), f"no segment at the top has {tag}{position:02d}")
                continue
            yield name, (tag, position)

    def _word(self, head: Mapping[str, Value], key: str) -> str:
        value = head.get(key)
        if not isinstance(value, str):
            self._problem((key,), f"'{key}' is missing")
            return ""
        return value

    def _content(self, lines: list[Value], path: Path) -> Iterator[SegmentUse | LoopUse]:
        for index, line in enumerate(lines):
            place = (*path, index)
            try:
                yield self._segment(line) if isinstance(line, str) else self._loop(line, place)
            except NotationFault as fault:
                self._problem(place, str(fault))
            except _Reported:
                continue

    def _segment(self, line: str) -> SegmentUse:
        tag, requirement, maximum = segment_line(line)
        definition = self._dictionary.segment(tag)
        if definition is None:
            raise NotationFault(f"segment '{tag}' is not defined")
        name, elements, notes = definition
        return SegmentUse(tag, name, requirement, maximum, elements, notes)

    def _loop(self, line: Value, place: Path) -> LoopUse:
        if not isinstance(line, dict) or len(line) != 1:
            raise NotationFault("expected a segment or one loop")
        [(title, lines)] = line.items()
        identifier, requirement, maximum = loop_line(title)
        path = (*place, title)
        before = len(self._problems)
        content = tuple(self._content(list_of(self._source, lines, path), path))
        self._refuse_repeated(content, path)
        if len(self._problems) > before:
            raise _Reported
        trigger = content[0] if content else None
        if not isinstance(trigger, SegmentUse) or trigger.maximum != 1:
            raise NotationFault("a loop starts with its trigger segment, which occurs once")
        return LoopUse(identifier, trigger.tag, trigger.name, requirement, maximum, content)

    def _refuse_repeated(self, content: tuple[SegmentUse | LoopUse, ...], path: Path) -> None:
        """Hold the sets to what `Loop` relies on: an id names one place of its level."""
        seen: set[str] = set()
        for index, use in enumerate(content):
            tag = use.tag if isinstance(use, SegmentUse) else use.trigger
            if tag in seen:
                self._problem((*path, index), f"'{tag}' stands twice in its level")
            seen.add(tag)

    def _problem(self, path: Path, message: str) -> None:
        self._problems.append(self._source.problem(path, message))
