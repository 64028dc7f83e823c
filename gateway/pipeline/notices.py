"""Tells people of alerts: by e-mail, by a webhook, once for each alert and target.

Each target has a lane, so that one that is unwell keeps nothing from the other. What is told stands
in the database before it is tried; an attempt that never ended is made again under the same key.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from random import Random

import structlog

from gateway.clock import Clock
from gateway.pipeline.alert_records import AlertRecord, NoticeRecord
from gateway.pipeline.jobs import Jobs, Stopping, never, set_timer
from gateway.pipeline.outcome import Advance, Outcome, Retry
from gateway.pipeline.places import Destination, Places, never_ended
from gateway.pipeline.records import kept
from gateway.pipeline.stages import deliver
from gateway.pipeline.states import NoticeState
from gateway.pipeline.store_port import Store

BATCH = 20
"""Alerts that one target is told of before it is asked whether the process stops."""

RECENT = timedelta(days=1)
"""A target that is new is not told of what was raised before that."""

log = structlog.get_logger()


class Notices:
    """Drains the lanes of what is told of alerts."""

    def __init__(
        self,
        store: Store,
        jobs: Jobs,
        places: Places,
        *,
        clock: Clock,
    ) -> None:
        self._store = store
        self._jobs = jobs
        self._places = places
        self._clock = clock
        # Only spreads retries in time; nothing secret depends on it.
        self._random = Random()  # noqa: S311

    def step(self, lane: str, target: str, *, stopping: Stopping = never) -> bool:
        """Tell one target of what is due; say whether there may be more."""
        place, now = self._places.alerts.get(target), self._clock()
        # One transaction: what is woken is begun when it is not woken any more, so that it can
        # always be seen that something is still to be told.
        with self._store.transaction() as transaction:
            transaction.lanes.begin(lane)
            if place is None:
                return False  # nobody asked to be told there
            due = transaction.alerts.untold(target, now, now - RECENT, BATCH)
            if not due:
                set_timer(self._jobs, transaction, lane, now)
                return False
            alerts = {alert.id: alert for alert, _ in due}
            begun = transaction.alerts.begin(
                [known or _first(alert, target, now) for alert, known in due]
            )
        told, parked = [], []
        for notice in begun:
            after = None if stopping() else self._tell(alerts[notice.alert_id], notice, place)
            if after is None or (after.state == NoticeState.DUE and stopping()):
                # Not told, or broken off by us: that costs no attempt.
                parked.append(notice)
            else:
                told.append(after)
        with self._store.transaction() as transaction:
            transaction.alerts.settle(told)
            transaction.alerts.put_back(parked)
        return True

    def _tell(self, alert: AlertRecord, notice: NoticeRecord, place: Destination) -> NoticeRecord:
        outcome, answer = self._hand_over(alert, notice, place)
        now = self._clock()
        match outcome:
            case Advance():
                return replace(notice, state=NoticeState.SENT, sent_at=now, last_error=None)
            case Retry() if notice.attempt < place.policy.attempts:
                jitter = self._random.random()
                pause = deliver.pause_before(notice.attempt, place.policy, jitter=jitter)
                due_at = now + max(pause, outcome.after)
                return replace(notice, due_at=due_at, last_error=kept(answer))
            case _:
                log.warning("alert_not_told", alert=alert.id, target=notice.target, reason=answer)
                return replace(notice, state=NoticeState.DEAD, last_error=kept(answer))

    def _hand_over(
        self, alert: AlertRecord, notice: NoticeRecord, place: Destination
    ) -> tuple[Outcome, str]:
        if notice.attempt > place.policy.attempts:
            outcome = never_ended(notice.attempt - 1)
            return outcome, outcome.because
        write = self._places.alert_text
        if write is None:
            raise AssertionError("where somebody is told of alerts, it is known what")
        return deliver.hand_over(place.outbound, write(alert), place.policy)


def _first(alert: AlertRecord, target: str, now: datetime) -> NoticeRecord:
    return NoticeRecord(alert.id, target, NoticeState.DUE, 0, now)
