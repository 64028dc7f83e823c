"""A dry run: what an export would send, with nothing kept, marked or moved on."""

from __future__ import annotations

from dataclasses import dataclass

from gateway.pipeline.export_records import ExportedRecord
from gateway.pipeline.exports.definition import Export
from gateway.pipeline.exports.judging import Judge, Judged
from gateway.pipeline.exports.progress import Progress
from gateway.pipeline.exports.reading import asked_of
from gateway.pipeline.outbound.submission import Submissions
from gateway.pipeline.store_port import Store

MOST_PAGES = 100
"""Pages that a dry run reads: it is looked at by a person."""


@dataclass(frozen=True, slots=True)
class Tried:
    """What a run would do."""

    read: int
    selected: int
    unchanged: int
    judged: tuple[Judged, ...]
    """What would be sent or refused, in the source's order."""
    more: bool
    """There are records that were not looked at."""


def try_out(export: Export, submissions: Submissions, store: Store, most: int) -> Tried:
    """Read records until so many would be sent or refused; raise what a run would fail with."""
    judge = Judge(export, submissions)
    with store.transaction() as transaction:
        record = transaction.exports.export(export.name)
    progress = Progress.loads(record.progress if record else "")
    read = selected = unchanged = 0
    found: list[Judged] = []
    source = export.open_source()
    try:
        source.open()
        position = progress.position
        for _ in range(MOST_PAGES):
            page = source.page(asked_of(export, progress, position))
            page.release()
            if not read:
                judge.require_a_cursor(page.records, progress)
            wanted = judge.selected(page.records)
            identified = [judge.identified(one) for one in wanted]
            identified += [judge.unreadable(one) for one in page.unreadable]
            known = _known(store, export, [one.key for one in identified])
            judged = [judge.judge(one, known.get(one.key)) for one in identified]
            new = [one for one in judged if not one.is_known]
            read, selected = read + len(page.records), selected + len(wanted)
            unchanged, found = unchanged + len(judged) - len(new), found + new
            position = page.following
            if position is None or len(found) >= most:
                break
    finally:
        source.close()
    more = position is not None or len(found) > most
    return Tried(read, selected, unchanged, tuple(found[:most]), more)


def _known(store: Store, export: Export, keys: list[str]) -> dict[str, ExportedRecord]:
    with store.transaction() as transaction:
        return dict(transaction.exports.taken(export.name, keys))
