"""Numbering: look at control numbers and set them, for migration and recovery.

A sequence never goes back by itself. A person may let it, with a reason; both are kept.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from gateway.clock import Clock
from gateway.errors import GatewayError
from gateway.partners import Partner
from gateway.pipeline.contention import insist
from gateway.pipeline.control_numbers import (
    LARGEST,
    NumberLevel,
    group_series,
    interchange_series,
    number_at,
    rounds_before,
    set_series,
)
from gateway.pipeline.flow import Subject
from gateway.pipeline.records import SeriesRecord, TimelineRecord, kept
from gateway.pipeline.rulebook import Rulebook
from gateway.pipeline.store_port import Store


class NumberRefused(GatewayError):
    """A control number was not changed."""


@dataclass(frozen=True, slots=True)
class Numbered:
    """A sequence of control numbers as people look at it."""

    partner: str
    level: NumberLevel
    set_id: str
    """Of a sequence of ST02; empty otherwise."""
    series: str
    next: int
    """The number that the next interchange, group or set gets."""
    rounds: int
    """How often all numbers were used up."""
    used: bool
    """False where none was taken yet."""


@dataclass(frozen=True, slots=True)
class Change:
    """Which sequence a person changes, and why."""

    partner: str
    level: NumberLevel
    because: str
    set_id: str = ""


class Numbering:
    """Requests of people about control numbers."""

    def __init__(self, store: Store, rulebook: Rulebook, *, clock: Clock) -> None:
        self._store = store
        self._rulebook = rulebook
        self._clock = clock

    def show(self, partner_id: str | None = None) -> list[Numbered]:
        """Return the sequences of a partner or of all, those too of which nothing was taken."""
        kept_ = {one.series: one for one in self._store.desk.outbound.series()}
        partners = [one for one in self._rulebook.partners.values() if partner_id in (None, one.id)]
        if not partners:
            raise NumberRefused(f"there is no partner '{partner_id}'")
        return [
            self._numbered(partner, level, set_id, kept_.get(_series(partner.id, level, set_id)))
            for partner in partners
            for level, set_id in _levels(partner)
        ]

    def set_next(self, change: Change, number: int, *, force: bool = False) -> Numbered:
        """Let a sequence go on with this number; back only where it is forced."""
        if not 1 <= number <= LARGEST:
            raise NumberRefused(f"{number} is no control number; expected 1 to {LARGEST}")
        return self._change(change, lambda now: rounds_before(now) * LARGEST + number, force=force)

    def bump(self, change: Change, by: int) -> Numbered:
        """Leave numbers out: those that another system may have used."""
        if not 1 <= by <= LARGEST:
            raise NumberRefused(f"{by} is no distance; expected 1 to {LARGEST}")
        return self._change(change, lambda now: now + by, force=False)

    def _change(self, change: Change, new: Callable[[int], int], *, force: bool) -> Numbered:
        return insist(lambda: self._change_once(change, new, force=force))

    def _change_once(self, change: Change, new: Callable[[int], int], *, force: bool) -> Numbered:
        partner = self._partner(change.partner)
        series = _series(partner.id, change.level, change.set_id)
        with self._store.transaction() as transaction:
            had = transaction.outbox.series(series)
            before = had.next if had is not None else _first(partner, change.level)
            position = new(before)
            if had is not None and position < before and not force:
                raise NumberRefused(
                    f"{series} is at {number_at(before)} already: numbers from "
                    f"{number_at(position)} on may have been used, and the partner may take what "
                    "uses them again for duplicates; force it only where it never got them"
                )
            record = SeriesRecord(series, position)
            transaction.outbox.set_series(record, had.next if had is not None else None)
            what = f"{number_at(before)} → {number_at(position)}: {change.because}"
            verb = "set_back" if position < before else "set"
            entry = TimelineRecord(Subject.CONTROL_NUMBERS, series, self._clock(), verb, kept(what))
            transaction.ledger.add([entry])
        return self._numbered(partner, change.level, change.set_id, record)

    def _partner(self, partner_id: str) -> Partner:
        partner = self._rulebook.partners.get(partner_id)
        if partner is None:
            raise NumberRefused(f"there is no partner '{partner_id}'")
        return partner

    def _numbered(
        self, partner: Partner, level: NumberLevel, set_id: str, record: SeriesRecord | None
    ) -> Numbered:
        position = record.next if record is not None else _first(partner, level)
        return Numbered(
            partner.id,
            level,
            set_id,
            _series(partner.id, level, set_id),
            number_at(position),
            rounds_before(position),
            used=record is not None,
        )


def _series(partner: str, level: NumberLevel, set_id: str) -> str:
    match level:
        case NumberLevel.INTERCHANGE:
            return interchange_series(partner)
        case NumberLevel.GROUP:
            return group_series(partner)
        case NumberLevel.SET:
            if not set_id:
                raise NumberRefused("numbers of sets are counted by set; expected which, as 940")
            return set_series(partner, set_id)


def _levels(partner: Partner) -> list[tuple[NumberLevel, str]]:
    sent = [one.set for one in partner.agreements if one.direction == "out"]
    return [
        (NumberLevel.INTERCHANGE, ""),
        (NumberLevel.GROUP, ""),
        *((NumberLevel.SET, set_id) for set_id in dict.fromkeys(sent)),
    ]


def _first(partner: Partner, level: NumberLevel) -> int:
    settings = partner.control_numbers
    return {
        NumberLevel.INTERCHANGE: settings.first_interchange,
        NumberLevel.GROUP: settings.first_group,
    }.get(level, 1)
