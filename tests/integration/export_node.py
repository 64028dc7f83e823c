"""A process that runs exports: one that kills itself at a step, or one whose clock runs fast.

    python -m tests.integration.export_node dying URL ROUND STEP [TIMES]
    python -m tests.integration.export_node fast URL FOLDER START BEGAN SPEED UNTIL

The steps are transitions, and what is asked of the source: `source.page`, `source.settle`.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from zoneinfo import ZoneInfo

from gateway.clock import Clock, utc_now
from gateway.pipeline.engine import Engine
from gateway.pipeline.export_records import ExportRecord
from gateway.pipeline.exports.cron import Cron
from gateway.pipeline.exports.definition import Schedule
from gateway.pipeline.exports.slots import WallClock
from gateway.pipeline.exports.source import Asked, Page
from gateway.pipeline.ports import Event
from gateway.transports.sources.memory import MemorySource
from tests.integration.exporting import ExportWorld, export, export_world, records

RECORDS = 7
"""New records in each round."""

HALF_HOURLY = "*/30 * * * *"
CHICAGO = ZoneInfo("America/Chicago")


def half_hourly() -> WallClock:
    """Return a slot each half hour on the clocks of Chicago."""
    cron = Cron.read(HALF_HOURLY)
    return WallClock(CHICAGO, cron.times, cron.falls_on)


def die_at(step: str, times: int) -> Callable[[str], None]:
    """Return what kills this process, hard, at the first or a later such step."""
    seen = count(1)

    def reach(name: str) -> None:
        if name == step and next(seen) == times:
            os.kill(os.getpid(), signal.SIGKILL)

    return reach


class Stepping(MemorySource):
    """A source in memory that tells what is asked of it."""

    def __init__(self, how_many: int, reach: Callable[[str], None]) -> None:
        super().__init__(records(how_many), in_page=3)
        self._reach = reach

    def page(self, asked: Asked) -> Page:
        """Return a page."""
        self._reach("source.page")
        page = super().page(asked)

        def settle() -> None:
            self._reach("source.settle")

        return replace(page, settle=settle)


def dying(url: str, number: str, step: str = "", times: str = "1") -> None:
    """Run what is due in a round until everything is done, or until the step."""
    shift = timedelta(minutes=15 * int(number))
    reach = die_at(step, int(times))

    def observe(event: Event) -> None:
        reach(event.name)

    source = Stepping(RECORDS * int(number), reach)
    with export_world(
        url, [export(source)], clock=lambda: utc_now() + shift, observer=observe
    ) as world:
        begin(world, world.clock() - timedelta(hours=1))
        engine = Engine(world.store, world.jobs, clock=world.clock)
        engine.start(world.pipeline)
        try:
            world.pipeline.plan_exports()
            while is_busy(world):
                time.sleep(0.05)
        finally:
            engine.stop()


def fast(url: str, folder: str, start: str, began: str, speed: str, until: str) -> None:
    """Run until the last slot up to a moment was run by some node, and nothing is left to do."""
    first, last = datetime.fromisoformat(start), datetime.fromisoformat(until)

    def clock() -> datetime:
        return first + timedelta(seconds=(time.time() - float(began)) * float(speed))

    def observe(event: Event) -> None:
        if event.name == "export.begin":
            line = f"{event.id} {os.getpid()}\n"
            with (Path(folder) / "begun").open("a") as file:
                file.write(line)

    each = Schedule(Ending(half_hourly(), last), "America/Chicago", HALF_HOURLY, missed="each")
    source = Counting(first, clock)
    one = export(source, schedule=each, lease=timedelta(days=1))
    with export_world(url, [one], clock=clock, observer=observe) as world:
        begin(world, first)
        # By this clock other processes are silent for hours between two beats.
        engine = Engine(world.store, world.jobs, clock=clock, reap_after=20 * float(speed))
        engine.start(world.pipeline)
        try:
            while not has_run(world, half_hourly().latest(first, last, 1)) or is_busy(world):
                time.sleep(0.05)
        finally:
            engine.stop()


class Counting(MemorySource):
    """Has one more record for each half hour that passed."""

    def __init__(self, first: datetime, clock: Clock) -> None:
        super().__init__([])
        self._first = first
        self._now = clock

    def page(self, asked: Asked) -> Page:
        """Return the only page."""
        passed = int((self._now() - self._first) / timedelta(minutes=30))
        self.records = records(max(1, passed))
        return super().page(asked)


@dataclass(frozen=True)
class Ending:
    """Slots that come no more after a moment."""

    slots: WallClock
    last: datetime

    def next(self, after: datetime) -> datetime | None:
        """Return the first slot after a moment."""
        following = self.slots.next(after)
        return following if following is not None and following <= self.last else None

    def latest(self, after: datetime, until: datetime, most: int) -> list[datetime]:
        """Return the last slots up to a moment."""
        return self.slots.latest(after, min(until, self.last), most)


def has_run(world: ExportWorld, slots: list[datetime]) -> bool:
    """Say whether slots have runs: how late a busy machine plans them is not known."""
    with world.store.transaction() as transaction:
        return set(slots) <= {one.slot for one in transaction.exports.runs("shipments", 100)}


def is_busy(world: ExportWorld) -> bool:
    """Say whether a run has not ended, or something is not sent."""
    later = world.clock() + timedelta(days=1)
    with world.store.transaction() as transaction:
        runs = transaction.exports.unfinished(later)
    return bool(runs) or any(world.store.desk.backlog(later).values())


def begin(world: ExportWorld, moment: datetime) -> None:
    """Let the export be known from a moment on."""
    with world.store.transaction() as transaction:
        transaction.exports.add(ExportRecord("shipments", moment))


if __name__ == "__main__":
    {"dying": dying, "fast": fast}[sys.argv[1]](*sys.argv[2:])
