"""What differs between what two maps make of the same set: field by field, list indexes left out.

Entries of a list that only one map makes are told as they are, instead of as a change of every
entry behind them. A field that a finding keeps out of a document is told once: as the finding.
"""

from __future__ import annotations

import difflib
import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from gateway.findings import Finding, FindingCode
from gateway.mapping.plan import AS_RECEIVED

_INDEX = re.compile(r"/[0-9]+(?=/|$)")
_SELECTION = re.compile(r"\[[#+][^\]]*\]")
_LONGEST = 60
"""Characters of a value that are shown."""


_REFUSE_NOTHING = (FindingCode.WORD_KEPT,)


class Kind(StrEnum):
    """How a field differs."""

    CHANGED = "changed"
    APPEARED = "appeared"
    DISAPPEARED = "disappeared"
    ERROR_NOW = "error now"
    ERROR_BEFORE = "error before"
    NOTED_NOW = "noted now"
    """A finding that refuses nothing, such as a word that no table knows."""
    NOTED_BEFORE = "noted before"


_NOTED = (Kind.NOTED_NOW, Kind.NOTED_BEFORE)


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference between two translations of one document or set."""

    field: str
    """Without list indexes: `lines[].unit`; empty for the document itself."""
    kind: Kind
    before: str
    after: str
    """Both as they are shown: a value as JSON, or what a finding says; empty for nothing."""


@dataclass(frozen=True, slots=True)
class Made:
    """What a map made of a set."""

    documents: Sequence[Mapping[str, object]] = ()
    findings: Sequence[Finding] = ()
    refused: str = ""
    """Why there is no document; empty where there is one."""


def compare(before: Made, after: Made) -> list[Difference]:
    """Return the differences between two translations; none where they come to the same."""
    if before.refused or after.refused:
        faults = [one for _, one in _errors(before, after, {}) if one.kind not in _NOTED]
        return faults or [*_outcomes(before, after)]
    found: list[tuple[str, Difference]] = []
    if before.documents != after.documents:
        had, has = len(before.documents), len(after.documents)
        for one, other in zip(before.documents, after.documents, strict=False):
            found += _walk(one, other, "")
        if had != has:
            counts = f"{had} documents", f"{has} documents"
            found.append(("", Difference("split", Kind.CHANGED, *counts)))
    errors = list(_errors(before, after, dict(found)))
    # What an error explains is no second difference, and what a difference tells is no note.
    told = {pointer for pointer, one in errors if one.kind not in _NOTED}
    one_sided = (Kind.APPEARED, Kind.DISAPPEARED)
    kept = [one for pointer, one in found if not (pointer in told and one.kind in one_sided)]
    differ = {one.field for one in kept}
    return [*kept, *(one for _, one in errors if not (one.kind in _NOTED and one.field in differ))]


def general(pointer: str) -> str:
    """Write a JSON Pointer as a field of every entry: `/lines/2/unit` is `lines[].unit`."""
    return _INDEX.sub("[]", pointer).strip("/").replace("/", ".")


def shown(value: object) -> str:
    """Write a value as one short line: text in quotes, everything else as JSON."""
    if isinstance(value, str):
        return _short(f"'{value}'")
    return _short(json.dumps(value, ensure_ascii=False))


def _short(text: str) -> str:
    line = "".join(one if one.isprintable() else "·" for one in text)
    return line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "…"


def _outcomes(before: Made, after: Made) -> Iterator[Difference]:
    if before.refused == after.refused:
        return
    words = [one.refused or "translates" for one in (before, after)]
    if not before.refused:
        kind = Kind.ERROR_NOW
    else:
        kind = Kind.CHANGED if after.refused else Kind.ERROR_BEFORE
    yield Difference("", kind, *words)


def _walk(before: object, after: object, pointer: str) -> Iterator[tuple[str, Difference]]:
    """Yield what differs below a place, by its pointer."""
    if before == after and type(before) is type(after):
        return
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for name in dict.fromkeys((*before, *after)):
            below = f"{pointer}/{name}"
            if below == f"/{AS_RECEIVED}":
                continue  # How a map writes is told by what it writes.
            if below == "/unmapped":
                yield from _unmapped(before.get(name), after.get(name))
            elif name not in before:
                yield below, _one(below, Kind.APPEARED, after[name])
            elif name not in after:
                yield below, _one(below, Kind.DISAPPEARED, before[name])
            else:
                yield from _walk(before[name], after[name], below)
    elif isinstance(before, list) and isinstance(after, list):
        yield from _entries(before, after, pointer)
    else:
        yield pointer, Difference(general(pointer), Kind.CHANGED, shown(before), shown(after))


def _one(pointer: str, kind: Kind, value: object) -> Difference:
    text = shown(value)
    before, after = ("", text) if kind is Kind.APPEARED else (text, "")
    return Difference(general(pointer), kind, before, after)


def _entries(
    before: list[object], after: list[object], pointer: str
) -> Iterator[tuple[str, Difference]]:
    """Compare lists entry by entry; where one has more, those that it alone has are found."""
    if len(before) == len(after):
        for index, (one, other) in enumerate(zip(before, after, strict=True)):
            yield from _walk(one, other, f"{pointer}/{index}")
        return
    had, has = ([json.dumps(one, sort_keys=True) for one in entries] for entries in (before, after))
    matcher = difflib.SequenceMatcher(None, had, has, autojunk=False)
    for _, start, end, begin, stop in matcher.get_opcodes():
        both = min(end - start, stop - begin)
        for offset in range(both):
            place = f"{pointer}/{begin + offset}"
            yield from _walk(before[start + offset], after[begin + offset], place)
        for index in range(start + both, end):
            place = f"{pointer}/{index}"
            yield "", _one(place, Kind.DISAPPEARED, before[index])
        for index in range(begin + both, stop):
            place = f"{pointer}/{index}"
            yield "", _one(place, Kind.APPEARED, after[index])


def _unmapped(before: object, after: object) -> Iterator[tuple[str, Difference]]:
    """Compare what no field took, element by element."""
    had, has = _leftovers(before), _leftovers(after)
    for (place, value), count in ((had - has) + (has - had)).items():
        kind = Kind.APPEARED if (place, value) in has - had else Kind.DISAPPEARED
        texts = ("", shown(value)) if kind is Kind.APPEARED else (shown(value), "")
        for _ in range(count):
            yield "", Difference(f"unmapped {place}", kind, *texts)


def _leftovers(entries: object) -> Counter[tuple[str, str]]:
    """Count each unmapped element by its place and value."""
    found: Counter[tuple[str, str]] = Counter()
    for entry in entries if isinstance(entries, list) else ():
        loop = _SELECTION.sub("", entry.get("loop", ""))
        within = f"{loop}/" if loop else ""
        for number, value in entry.get("elements", {}).items():
            found[f"{within}{entry['segment']}{number}", str(value)] += 1
    return found


def _errors(
    before: Made, after: Made, values: Mapping[str, Difference]
) -> Iterator[tuple[str, Difference]]:
    """Yield the findings that only one of the two has, by the pointers of their fields."""
    had = {_key(one): one for one in before.findings}
    has = {_key(one): one for one in after.findings}
    for key in dict.fromkeys((*had, *has)):
        if (key in had) == (key in has):
            continue
        one = had.get(key) or has[key]
        pointer = one.field or ""
        value = values.get(pointer)
        was = value.before if value else _shown_at(before.documents, pointer)
        will = value.after if value else _shown_at(after.documents, pointer)
        place = general(pointer) or one.location.reference
        now, then = _NOTED if one.code in _REFUSE_NOTHING else (Kind.ERROR_NOW, Kind.ERROR_BEFORE)
        if key in has:
            yield pointer, Difference(place, now, was, _said(one))
        else:
            yield pointer, Difference(place, then, _said(one), will)


def _shown_at(documents: Sequence[Mapping[str, object]], pointer: str) -> str:
    """Show what a document has at a pointer; empty where it has nothing there."""
    found: object = documents[0] if documents and pointer else None
    for name in pointer.split("/")[1:]:
        if isinstance(found, Mapping):
            found = found.get(name)
        elif isinstance(found, list) and name.isdigit() and int(name) < len(found):
            found = found[int(name)]
        else:
            found = None
    return "" if found is None else shown(found)


def _key(finding: Finding) -> tuple[str, ...]:
    place = finding.field or finding.location.reference
    detail = "" if finding.code in _REFUSE_NOTHING else finding.detail
    return str(finding.code), place, finding.value or "", detail


def _said(finding: Finding) -> str:
    value = f" {shown(finding.value)}" if finding.value is not None else ""
    if finding.code in _REFUSE_NOTHING:
        return f"{finding.code}{value}"
    detail = f": {finding.detail}" if finding.detail else ""
    return f"{finding.code}{value}{detail}"
