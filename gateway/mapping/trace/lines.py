"""The lines of a map, with all it extends: which file says what of a field."""

from __future__ import annotations

from collections.abc import Mapping

from gateway.mapping.trace.model import Applied, MapLine
from gateway.yaml_source import Path, Source, Value

_PLACES = ("at", "first", "each", "pairs", "in", "level", "value", "expr")


class MapLines:
    """Finds the lines of a resolved map."""

    def __init__(self, source: Source) -> None:
        self._source = source

    def value(self, path: Path) -> Value:
        """Return what the map has at a path; None where it has nothing."""
        found: Value = self._source.value
        for part in path:
            if isinstance(found, dict) and isinstance(part, str):
                found = found.get(part)
            elif isinstance(found, list) and isinstance(part, int) and part < len(found):
                found = found[part]
            else:
                return None
        return found

    def line(self, path: Path) -> MapLine:
        """Return the place of a path, and what stands there."""
        mark = self._source.mark(path)
        return MapLine(mark.file, mark.line, mark.column, self._says(path))

    def _says(self, path: Path) -> str:
        value = self.value(path)
        name = next((part for part in reversed(path) if isinstance(part, str)), "")
        if isinstance(value, str):
            return f"{name}: {value}"
        if isinstance(value, list):
            return f"{name}: [{', '.join(str(item) for item in value)}]"
        return f"{name}:"

    def place(self, path: Path) -> MapLine:
        """Return the line that says where a field stands."""
        for key in _PLACES:
            if self.has((*path, key)):
                return self.line((*path, key))
        return self.line(path)

    def has(self, path: Path) -> bool:
        """Say whether the map says something at a path."""
        return self.value(path) is not None

    def applied(self, path: Path, text: str, *, to_word: bool) -> tuple[Applied, ...]:
        """Return what converts a field, in reading order; `text` is the code or the word."""
        spec = self.value(path)
        if not isinstance(spec, dict):
            return ()
        made: list[Applied] = []
        conversions = spec.get("as")
        if isinstance(conversions, str):
            made.append(Applied("as", conversions, self.line((*path, "as"))))
        for index, one in enumerate(conversions if isinstance(conversions, list) else ()):
            made.append(Applied("as", str(one), self.line((*path, "as", index))))
        table = spec.get("table")
        if isinstance(table, str):
            entry = self._entry(table, text, to_word=to_word)
            made.append(Applied("table", table, self.line((*path, "table")), entry))
        return tuple(made)

    def _entry(self, table: str, text: str, *, to_word: bool) -> MapLine | None:
        """Return the line of a table for a code, or for the word that is written as one."""
        found = self.value(("tables", table))
        below: Path = ("tables", table)
        if isinstance(found, dict) and isinstance(found.get("codes"), dict):
            below, found = (*below, "codes"), found["codes"]
        codes: Mapping[str, Value] = found if isinstance(found, dict) else {}
        if not to_word:
            written = self.value(("tables", table, "write", text))
            if written is not None:
                return self.line(("tables", table, "write", text))
            text = next((code for code, word in codes.items() if word == text), "")
        return self.line((*below, text)) if text in codes else None
