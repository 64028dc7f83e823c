"""Whether tables of an instance's maps speak the words that the product's tables speak.

ERPs compare words. Where a model lists them, the map is refused by the map language; where it is
open, a new word may be meant: it is a warning, and none where the table has a `note:` about it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from gateway.config.files import Files, Report
from gateway.config.maps import MapFile
from gateway.mapping.grammar import DROP
from gateway.yaml_source import Path, Source, Value, suggestion

_PARTS = {"codes", "write", "unknown", "default", "write_default", "note"}

_MOST_HINTS = 100
"""Warnings that come with the nearest word. Whoever has more of them wants to have no such words,
and to look for all their neighbours would take as long as reading the maps."""


def check(files: Files, report: Report) -> None:
    """Warn of words that no packaged table of the same name has."""
    known = _known(files.maps.packaged)
    for found in files.maps.files.values():
        if found.packaged:
            continue
        for table, path, word in _words(found.source):
            words = known.get(table)
            if words and word not in words:
                near = suggestion(word, words) if len(report.warnings) < _MOST_HINTS else ""
                message = (
                    f"'{word}' is no word that packaged tables '{table}' have{near}; where it is "
                    "meant, write the table in full with a `note:`"
                )
                report.warn(found.source, path, message)


def _known(maps: Mapping[str, MapFile]) -> Mapping[str, set[str]]:
    words: dict[str, set[str]] = {}
    for found in maps.values():
        for table, _, word in _words(found.source, noted_too=True):
            words.setdefault(table, set()).add(word)
    return words


def _words(source: Source, *, noted_too: bool = False) -> Iterator[tuple[str, Path, str]]:
    """Yield each word of a map's own tables, with the table's name and the word's place."""
    for name, table in _members(_members(source.value).get("tables")).items():
        if "note" in _members(table) and not noted_too:
            continue
        full = bool(_PARTS & set(_members(table)))
        codes = _members(table).get("codes") if full else table
        path: Path = ("tables", name, "codes") if full else ("tables", name)
        for code, word in _members(codes).items():
            if isinstance(word, str) and word != DROP:
                yield name, (*path, code), word
        default = _members(table).get("default") if full else None
        if isinstance(default, str) and default != DROP:
            yield name, ("tables", name, "default"), default


def _members(value: Value) -> Mapping[str, Value]:
    return value if isinstance(value, dict) else {}
