"""Judging: what a record becomes: a document for a partner, nothing new, or a refusal with why.

Nothing here changes anything; what is kept of a judgment is the business of `keeping`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import cast

from gateway.clock import derived_id
from gateway.errors import Permanent
from gateway.mapping.plan import Json as Document
from gateway.pipeline.bugs import guarded
from gateway.pipeline.export_records import ExportedRecord
from gateway.pipeline.exports.cursor import NoCursor
from gateway.pipeline.exports.definition import Export
from gateway.pipeline.exports.progress import Progress
from gateway.pipeline.exports.source import Unreadable
from gateway.pipeline.outbound.agreed import SubmissionRefused, Wanted
from gateway.pipeline.outbound.keeping import Kept, Submission
from gateway.pipeline.outbound.submission import Submissions
from gateway.pipeline.outcome import Quarantine, Reason
from gateway.pipeline.records import kept
from gateway.pipeline.states import ExportedState
from gateway.shaping import Json, JsonFault, NotShaped, Selection, dumps, is_true, loads

_LONGEST_KEY = 160
_VERSION = "1.0"

_SHOWN_RECORD = 2000
"""How much a person sees of a record that cannot be kept as it is."""


@dataclass(frozen=True, slots=True)
class Identified:
    """A record with what tells it from others, and from what it was before."""

    record: Json
    key: str
    sha256: str
    fault: str = ""
    """Why it is refused before it is looked at: it has no key, or no cursor."""
    sound_sha256: str = ""
    """The hash that it would have without the fault, where its key can be read."""


@dataclass(frozen=True, slots=True)
class Judged:
    """What a record becomes."""

    of: Identified
    version: int
    before: ExportedRecord | None
    made: Kept | None = None
    """The document, ready to be kept."""
    refused: Quarantine | None = None
    """Why there is none; neither where nothing is to be done."""

    @property
    def is_known(self) -> bool:
        """Say whether nothing is to be done: it was taken as it is."""
        return self.made is None and self.refused is None


class Judge:
    """Judges the records of one export."""

    def __init__(self, export: Export, submissions: Submissions) -> None:
        self._export = export
        self._submissions = submissions

    def selected(self, records: Sequence[Json]) -> list[Json]:
        """Return the records that the export takes; one that cannot be asked is taken, to say so.

        A person then sees it refused: leaving it out would lose it in silence.
        """
        select = self._export.select
        return [one for one in records if select is None or _holds(select, one)]

    def identified(self, record: Json) -> Identified:
        """Return a record with its key and the hash of what makes it a changed one."""
        try:
            whole = _digest(record)
        except JsonFault as fault:
            return _unwritable(record, str(fault))
        try:
            compared = record
            if self._export.compare is not None:
                compared = self._export.compare.select(record, {})
            key = _key(self._export.key.select(record, {}))
        except (NotShaped, JsonFault, ValueError) as fault:
            return Identified(record, f"?{whole[:16]}", whole, f"the record has no key: {fault}")
        digest = _digest(compared)
        if missing := self._no_cursor(record):
            because = f"{missing}; it is sent once the source gives a value that can be read"
            # By all that it says, its cursor too: once that is mended, it is another record.
            return Identified(record, key, whole, because, sound_sha256=digest)
        return Identified(record, key, digest)

    def _no_cursor(self, record: Json) -> str:
        """Say why the cursor of a record cannot be read; empty where it can, or is not asked for.

        Sent all the same, it would be missed as soon as it changes: no run asks for it by a cursor.
        """
        if self._export.incremental is None:
            return ""
        try:
            self._export.incremental.value(record)
        except NoCursor as fault:
            return str(fault)
        return ""

    def require_a_cursor(self, records: Sequence[Json], progress: Progress) -> None:
        """Raise Permanent where nothing was ever read and no record of the page has a cursor.

        Then it is the export that names the wrong field: that is one problem and not one for each
        record. A single record may be at fault itself.
        """
        if progress.mark is not None or progress.highest is not None:
            return
        faults = [self._no_cursor(one) for one in self.selected(records)]
        if len(faults) > 1 and all(faults):
            raise Permanent(
                f"none of {len(faults)} records has a cursor that can be read, and none was taken: "
                f"{faults[0]}; correct `cursor: field`, or leave such records out by `select`"
            )

    def unreadable(self, one: Unreadable) -> Identified:
        """Return what holds no records as a record that is refused."""
        record: Json = {"name": one.name, "begins": one.beginning}
        return Identified(record, _key(f"?{one.name}"), _digest(record), one.because)

    def judge(self, one: Identified, before: ExportedRecord | None) -> Judged:
        """Return what a record becomes, given what it was before."""
        if before is not None and before.sha256 in (one.sha256, one.sound_sha256):
            return Judged(one, before.version, before)
        version = before.version + 1 if before is not None else 1
        if version > 1 and self._export.changed == "ignore" and _was_taken(before):
            return Judged(one, version, before)
        return self.judged(one, before, version)

    def judged(self, one: Identified, before: ExportedRecord | None, version: int) -> Judged:
        """Return the document that a record becomes, or why there is none."""
        if one.fault:
            return Judged(one, version, before, refused=_refusal(one.fault))
        try:
            made = guarded(
                lambda: self._made(one, version, is_change=_was_taken(before)),
                SubmissionRefused,
                NotShaped,
                JsonFault,
            )
        except (SubmissionRefused, NotShaped, JsonFault) as fault:
            return Judged(one, version, before, refused=_refusal(str(fault)))
        if isinstance(made, Quarantine):
            return Judged(one, version, before, refused=made)
        return Judged(one, version, before, made=made)

    def _made(self, one: Identified, version: int, *, is_change: bool) -> Kept:
        wanted = self._export.document
        facts = {"export": self._export.name, "key": one.key, "version": str(version)}
        if wanted.shape.render is None:
            shaped = wanted.shape.reshaped(one.record, facts)
        else:
            shaped = loads(wanted.shape.shaped(one.record, facts).content)
        if not isinstance(shaped, Mapping):
            raise NotShaped("the record becomes no JSON object, and so no document")
        document = {"document": wanted.type, "version": _VERSION, **_without_nothing(shaped)}
        if document["document"] != wanted.type:
            raise NotShaped(f"the record becomes a '{document['document']}', not a '{wanted.type}'")
        if is_change:
            document |= wanted.changes or {}
        submission = Submission(
            cast("Mapping[str, Document]", document),
            self._partner(one.record),
            wanted=Wanted(wanted.set_id, usage=wanted.usage),
            key=derived_id("export", self._export.name, one.key, one.sha256, str(version)),
            name=f"{self._export.name} {one.key}",
        )
        return self._submissions.prepare(submission)

    def _partner(self, record: Json) -> str:
        partner = self._export.partner
        if partner.chosen is None:
            return partner.fixed or ""
        said = partner.chosen.select(record, {})
        if not isinstance(said, str | int) or isinstance(said, bool):
            raise NotShaped(f"the record names no partner by '{partner.chosen.source}'")
        if partner.table is None:
            return str(said)
        if str(said) not in partner.table:
            raise NotShaped(f"'{said}' is not in the table of partners")
        return partner.table[str(said)]


def _unwritable(record: Json, fault: str) -> Identified:
    """Return what cannot be written as JSON as a record that is refused, by how it begins."""
    shown: Json = {"begins": ascii(record)[:_SHOWN_RECORD]}
    whole = _digest(shown)
    return Identified(shown, f"?{whole[:16]}", whole, f"the record is no JSON: {fault}")


def _was_taken(before: ExportedRecord | None) -> bool:
    return before is not None and before.document_id is not None


def _holds(select: Selection, record: Json) -> bool:
    try:
        found = select.select(record, {})
    except NotShaped:
        return True
    return is_true(found)


def _refusal(because: str) -> Quarantine:
    return Quarantine(Reason.RECORD_REFUSED, kept(because, 2000))


def _key(value: Json) -> str:
    """Write a key as it is kept: parts of several are joined, what is too long is shortened."""
    parts = value if isinstance(value, list | tuple) else [value]
    if not parts or any(isinstance(part, Mapping | list | bool) for part in parts):
        raise ValueError("expected a text or a number, or a list of them")
    if any(part is None or part == "" for part in parts):
        raise ValueError("expected a text or a number, and there is none")
    text = "/".join(str(part) for part in parts)
    shown = "".join(character if character.isprintable() else "?" for character in text)
    if shown != text or len(text) > _LONGEST_KEY:
        digest = hashlib.sha256(text.encode("utf-8", "backslashreplace")).hexdigest()[:16]
        return f"{shown[: _LONGEST_KEY - 20]}…{digest}"
    return text


def _digest(value: Json) -> str:
    return hashlib.sha256(dumps(_sorted(value))).hexdigest()


def _sorted(value: Json) -> Json:
    """Return a value whose members stand in one order, in whichever the source wrote them."""
    if isinstance(value, Mapping):
        return {name: _sorted(value[name]) for name in sorted(value)}
    if isinstance(value, list | tuple):
        return [_sorted(one) for one in value]
    return value


def _without_nothing(value: Mapping[str, Json]) -> dict[str, Json]:
    """Leave out members that are null, and write exact decimals as the text that documents have."""
    return {name: _plain(one) for name, one in value.items() if one is not None}


def _plain(value: Json) -> Json:
    if isinstance(value, Mapping):
        return _without_nothing(value)
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value if one is not None]
    return f"{value:f}" if isinstance(value, Decimal) else value


def state_of(judged: Judged) -> str:
    """Return what is kept of a record as its state."""
    if judged.refused is not None:
        return ExportedState.REFUSED
    return ExportedState.TAKEN if judged.made is not None else ExportedState.IGNORED
