"""Receives what lies in a folder at a partner, by looking through it again and again.

This file decides when there is a look; `box` decides what is taken. Only one node looks through a
folder at a time, none in quiet hours. One listing is used up before the next is asked for: ten
thousand files are listed once, and taken batch by batch.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import datetime
from threading import Event

from gateway.clock import Clock, utc_now
from gateway.errors import Permanent, Transient
from gateway.partners.connections import quiet_until
from gateway.pipeline.polling_port import FolderMemory
from gateway.pipeline.ports import Received
from gateway.transports.directory.box import Waiting
from gateway.transports.polled.box import FarBox, Place
from gateway.transports.polled.far_side import FarSide
from gateway.transports.polled.names import PollRules

_SHORTEST_PAUSE = 0.05


class Inbound:
    """One folder at a partner."""

    def __init__(
        self,
        far: FarSide,
        memory: FolderMemory,
        rules: PollRules,
        where: Place,
        *,
        clock: Clock = utc_now,
    ) -> None:
        self._far = far
        self._memory = memory
        self._rules = rules
        self._where = where
        self._clock = clock
        self._box = FarBox(far, memory, rules, where)
        self._holding = False
        self._backlog = False
        self._standing_by = ""
        self._due = clock()
        self._closing = Event()
        self.looks = 0
        """How many looks came to their end."""

    @property
    def place(self) -> str:
        """Name the folder for people: `partner/connection:folder`."""
        return str(self._where)

    @property
    def idle(self) -> bool:
        """Say whether nothing is to be had before the next look by schedule."""
        if self._standing_by:
            return True
        return self.looks > 0 and not self._backlog and not self._box.unsettled

    @property
    def waiting(self) -> list[Waiting]:
        """Return what was seen and not taken, with the reasons."""
        if self._standing_by:
            where = f"{self._where.connection}:{self._where.folder}"
            return [Waiting(self._where.partner, where, self._standing_by)]
        return self._box.waiting

    def connect(self) -> None:
        """Log in to the partner's system; raise Transient or Permanent where that fails."""
        self._far.connect()

    def receive(self, wait: float = 0.0) -> Sequence[Received]:
        """Return what has arrived, at most one batch, where a look is due; else wait for it.

        Raise Transient or Permanent where the folder cannot be looked through; the next call tries
        again.
        """
        deadline = time.monotonic() + wait
        while not self._closing.is_set():
            now = self._clock()
            self._stand_by(now)
            if not self._standing_by and now >= self._due:
                received = self._look(now)
                if received:
                    return received
            remaining = deadline - time.monotonic()
            if remaining <= 0:
                break
            until_due = (self._due - self._clock()).total_seconds()
            self._closing.wait(min(remaining, max(until_due, _SHORTEST_PAUSE)))
        return []

    def interrupt(self) -> None:
        """Let a call that waits return at once; nothing is received from now on."""
        self._closing.set()

    def abort(self) -> None:
        """Let a call that waits for the partner end with Transient."""
        self._far.close()

    def close(self) -> None:
        """Stop receiving and let others look through the folder."""
        self.interrupt()
        self._far.close()
        if self._holding:
            self._holding = False
            self._memory.let_go()

    def _stand_by(self, now: datetime) -> None:
        """Note why nothing is looked through now, if so; keep the lease otherwise."""
        quiet = quiet_until(self._rules.quiet, now)
        if quiet is not None:
            self._standing_by = f"not looked through before {quiet:%Y-%m-%d %H:%M} UTC: quiet hours"
            return
        held = self._memory.hold()
        self._standing_by = "" if held else "another node looks through it"
        if held and not self._holding:
            # Another node may have looked meanwhile.
            self._backlog = False
            self._box.begin()
        self._holding = held

    def _look(self, now: datetime) -> list[Received]:
        """Take one batch, from what an earlier look left to be taken or from a new listing."""
        if not self._backlog:
            self._box.look_anew()
        batch: list[Received] = []
        rules, size, full = self._rules.arrival, 0, False
        try:
            for received in self._box.take(now, rules.batch):
                batch.append(received)
                size += len(received.payload.content)
                full = len(batch) >= rules.batch or size > rules.batch_bytes
                if full:
                    break
        except (Transient, Permanent):
            # What was taken before is handed over; the next call meets the fault again.
            if not batch:
                self._backlog = False
                raise
            full = True
        self._backlog = full
        self._due = self._next_look(now)
        self.looks += 1
        return batch

    def _next_look(self, now: datetime) -> datetime:
        if self._backlog:
            return now
        every = self._rules.pick_up.every
        return now + (min(every, self._rules.arrival.stable_for) if self._box.unsettled else every)
