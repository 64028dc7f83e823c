"""Reading: a source is followed through its pages, and what each holds is judged and kept.

The place in the pages is kept with the records of each page, the cursor moves when the last page
was read. Where records may come to another page meanwhile, the pages are read again until a time
through finds nothing new.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog

from gateway.errors import Permanent, Transient
from gateway.pipeline.export_records import ExportedRecord
from gateway.pipeline.exports.cursor import NoCursor
from gateway.pipeline.exports.definition import Export
from gateway.pipeline.exports.judging import Judged
from gateway.pipeline.exports.keeping import Counted
from gateway.pipeline.exports.progress import Progress
from gateway.pipeline.exports.retrying import CHUNK, Retrying
from gateway.pipeline.exports.source import Asked, Page, PlaceLost, Source, Unreadable
from gateway.pipeline.exports.under_way import UnderWay
from gateway.pipeline.states import ExportedState, RunState
from gateway.shaping import Json

MOST_READINGS = 5
"""A source whose pages never come to rest is left for the next run."""

_LONGEST_PAUSE = 30.0
"""Between two attempts, where the source does not say when to come again."""

_RENEW_EVERY = 30.0
"""Seconds of waiting after which a run says that it lives: no lease is shorter than twice that."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Ended:
    """How a run came to its end."""

    state: RunState
    because: str | None = None


class Reading:
    """One run's way through a source."""

    def __init__(self, run: UnderWay) -> None:
        self._run, self._held = run, run.held
        self._began: datetime = run.clock()
        self._retrying = Retrying(run)

    def follow(self, source: Source) -> Ended:
        """Take everything that is new, up to the limits; raise Transient or Permanent."""
        self._retrying.retry(until=self._began + self._held.export.limits.time)
        while True:
            page = self._next_page(source)
            self._take(page)
            is_last = page.following is None
            ended = self._at_the_end(source) if is_last else self._at_a_limit()
            if ended is not None:
                return ended
            self._run.patience.check()

    def _at_the_end(self, source: Source) -> Ended | None:
        """Say that the run is over after the last page; None where it is to be read once more."""
        held, progress = self._held, self._held.progress
        if source.shifts and progress.fresh and progress.reading <= MOST_READINGS:
            if progress.reading == MOST_READINGS:
                # Not the cursor: the next run begins where this one did.
                begun_anew = Progress(progress.mark, retried=progress.retried)
                self._run.keeper.keep(held, [], begun_anew, Counted())
                return Ended(RunState.LIMITED, "new records kept coming while pages were read")
            self._run.keeper.keep(held, [], progress.again(), Counted())
            return self._at_a_limit()
        self._run.keeper.keep(held, [], progress.ended(), Counted())
        return Ended(RunState.DONE)

    def _at_a_limit(self) -> Ended | None:
        limits, run = self._held.export.limits, self._held.run
        lasted = self._run.clock() - self._began
        said = ""
        if run.read >= limits.records:
            said = f"{run.read} records, the limit is {limits.records}"
        elif run.size >= limits.size:
            said = f"{run.size} bytes, the limit is {limits.size}"
        elif lasted >= limits.time:
            said = f"{_seconds(lasted)}, the limit is {_seconds(limits.time)}"
        return Ended(RunState.LIMITED, f"{said}: the next run goes on from there") if said else None

    def _next_page(self, source: Source) -> Page:
        """Ask for a page until it comes, or attempts are used up."""
        limits = self._held.export.limits
        pause, attempts = limits.pause.total_seconds(), limits.attempts
        attempt = 1
        while True:
            try:
                return source.page(self._asked())
            except PlaceLost as fault:
                self._begin_anew(str(fault))
            except Transient as fault:
                seconds = min(pause, _LONGEST_PAUSE)
                if fault.retry_after is not None:
                    seconds = fault.retry_after
                left = limits.time - (self._run.clock() - self._began)
                if attempt >= attempts or timedelta(seconds=seconds) > left:
                    raise
                log.info("export_waits", export=self._held.export.name, reason=str(fault))
                self._wait(seconds)
                pause, attempt = pause * 2, attempt + 1

    def _wait(self, seconds: float) -> None:
        """Wait, and go on saying that the run lives."""
        while seconds > 0:
            self._run.patience.wait(min(seconds, _RENEW_EVERY))
            self._run.keeper.renew(self._held)
            seconds -= _RENEW_EVERY

    def _asked(self) -> Asked:
        progress = self._held.progress
        return asked_of(self._held.export, progress, progress.position)

    def _begin_anew(self, because: str) -> None:
        """Forget the place in the pages: what was taken before comes again, and is known."""
        if self._held.progress.position is None:
            raise Permanent(because)
        anew = replace(self._held.progress, position=None, fresh=False)
        self._run.keeper.keep(self._held, [], anew, Counted())
        log.info("export_begins_anew", export=self._held.export.name, reason=because)

    def _take(self, page: Page) -> None:
        """Judge and keep the records of a page; its place is kept with the last of them."""
        try:
            progress = self._held.progress
            self._run.judge.require_a_cursor(page.records, progress)
            chunks = [
                page.records[start : start + CHUNK] for start in range(0, len(page.records), CHUNK)
            ] or [[]]
            highest = progress.highest
            for number, chunk in enumerate(chunks, 1):
                is_last = number == len(chunks)
                judged, wanted = self._judged(chunk, page.unreadable if is_last else ())
                new = sum(not one.is_known for one in judged)
                if is_last:
                    highest = self._highest(page.records, highest)
                position = page.following if is_last else progress.position
                moved = self._held.progress.moved(position, highest, fresh=new > 0)
                size = page.size if is_last else 0
                self._keep(judged, moved, Counted(len(chunk), wanted, size))
        except BaseException:
            page.release()
            raise
        page.settle()

    def _keep(self, judged: Sequence[Judged], progress: Progress, counted: Counted) -> None:
        if progress.reading > 1:
            # Read once more to be sure: only what is new counts again.
            judged = [one for one in judged if not one.is_known]
            counted = Counted(len(judged), len(judged), counted.size)
        for one in self._run.keeper.keep(self._held, judged, progress, counted):
            because = one.refused.because if one.refused else "it is not fit to leave"
            log.warning(
                "export_record_refused",
                export=self._held.export.name,
                record=one.of.key,
                reason=because,
            )

    def _judged(
        self, records: Sequence[Json], unreadable: Sequence[Unreadable]
    ) -> tuple[list[Judged], int]:
        """Judge records in their order, one that comes twice as what it was the first time."""
        selected = self._run.judge.selected(records)
        identified = [self._run.judge.identified(one) for one in selected]
        identified += [self._run.judge.unreadable(one) for one in unreadable]
        with self._run.store.transaction() as transaction:
            name = self._held.export.name
            known = dict(transaction.exports.taken(name, {one.key for one in identified}))
        judged = []
        for one in identified:
            verdict = self._run.judge.judge(one, known.get(one.key))
            known[one.key] = self._as_known(verdict)
            judged.append(verdict)
        return judged, len(selected)

    def _as_known(self, one: Judged) -> ExportedRecord:
        if one.is_known and one.before is not None and one.before.version == one.version:
            return one.before
        before = one.before.document_id if one.before is not None else None
        document = one.made.given.document_id if one.made is not None else before
        state = ExportedState.TAKEN if document else ExportedState.REFUSED
        name = self._held.export.name
        return ExportedRecord(
            name, one.of.key, one.of.sha256, one.version, state, self._run.clock(), document
        )

    def _highest(self, records: Sequence[Json], highest: str | None) -> str | None:
        incremental = self._held.export.incremental
        if incremental is None:
            return None
        now, cursor = self._run.clock(), incremental.cursor
        for record in records:
            # A record without one is refused where it is judged, and moves nothing.
            with suppress(NoCursor):
                value = incremental.value(record)
                if cursor.is_ahead(value, now):
                    # It is sent. Were the cursor moved there, nothing after it would ever be.
                    log.warning("export_cursor_ahead", export=self._held.export.name, value=value)
                else:
                    highest = cursor.later(highest, value)
        return highest


def asked_of(export: Export, progress: Progress, position: str | None) -> Asked:
    """Return what is asked of a source at a place in its pages."""
    incremental, since = export.incremental, None
    if incremental is not None:
        mark = progress.mark
        since = incremental.cursor.begin(mark) if mark is not None else incremental.start
    return Asked(since, position, export.limits.page_bytes)


def _seconds(span: timedelta) -> str:
    return f"{span.total_seconds():.0f} s"
