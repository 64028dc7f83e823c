"""Numbering: look at control numbers and set them, for migration and recovery.

A sequence never goes back by itself. A person may let it, with a reason; both are kept.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from gateway.acks.results import ACKNOWLEDGMENT_GROUP
from gateway.clock import Clock
from gateway.errors import GatewayError
from gateway.partners import Agreement, Partner
from gateway.pipeline.contention import insist
from gateway.pipeline.control_numbers import (
    LARGEST,
    TESTS,
    NumberLevel,
    group_series,
    interchange_series,
    number_at,
    rounds_before,
    set_series,
)
from gateway.pipeline.outgoing_records import SeriesRecord
from gateway.pipeline.records import TimelineRecord, kept
from gateway.pipeline.rulebook import Rulebook
from gateway.pipeline.states import Subject
from gateway.pipeline.store_port import Store


class NumberRefused(GatewayError):
    """A control number was not changed."""


@dataclass(frozen=True, slots=True)
class Numbered:
    """A sequence of control numbers as people look at it."""

    partner: str
    level: NumberLevel
    of: str
    """GS01 of a sequence of GS06, ST01 of one of ST02; empty otherwise."""
    series: str
    """Between whom it counts, as in `isa:ZZ/US>ZZ/THEM`; `:T` at its end is that of tests."""
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
    of: str = ""
    """GS01 or ST01; may be left out where the partner has one sequence of this level."""
    series: str = ""
    """Its name, where all of that leaves several."""


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
            _numbered(partner, one, kept_.get(one.name))
            for partner in partners
            for one in sequences(self._rulebook, partner)
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
        one = _chosen(sequences(self._rulebook, partner), change)
        with self._store.transaction() as transaction:
            had = transaction.outbox.series(one.name)
            before = had.next if had is not None else _first(partner, one.level)
            position = new(before)
            if had is not None and position < before and not force:
                raise NumberRefused(
                    f"{one.name} is at {number_at(before)} already: numbers from "
                    f"{number_at(position)} on may have been used, and the partner may take what "
                    "uses them again for duplicates; force it only where it never got them"
                )
            record = SeriesRecord(one.name, position)
            transaction.outbox.set_series(record, had.next if had is not None else None)
            what = f"{number_at(before)} → {number_at(position)}: {change.because}"
            verb = "set_back" if position < before else "set"
            said = kept(what)
            entry = TimelineRecord(Subject.CONTROL_NUMBERS, one.name, self._clock(), verb, said)
            transaction.ledger.add([entry])
        return _numbered(partner, one, record)

    def _partner(self, partner_id: str) -> Partner:
        partner = self._rulebook.partners.get(partner_id)
        if partner is None:
            raise NumberRefused(f"there is no partner '{partner_id}'")
        return partner


@dataclass(frozen=True, slots=True)
class Counted:
    """A sequence that a partner's agreements count in."""

    level: NumberLevel
    of: str
    name: str


def sequences(rulebook: Rulebook, partner: Partner) -> list[Counted]:
    """Return the sequences of what a partner gets from us: documents, then acknowledgments.

    Acknowledgments go between those that the partner names; expected are its usual identities.
    """
    marks = ("", TESTS) if partner.control_numbers.tests_apart else ("",)
    found = [
        one
        for agreement in partner.agreements
        for mark in marks
        for one in _of_agreement(rulebook, partner, agreement, mark)
    ]
    return sorted(dict.fromkeys(found), key=lambda one: [*NumberLevel].index(one.level))


def _of_agreement(
    rulebook: Rulebook, partner: Partner, agreement: Agreement, mark: str
) -> list[Counted]:
    ours = rulebook.our_identity(partner.as_agreed(agreement))
    if ours is None:
        return []
    theirs = partner.sent_to(agreement)
    between = ours.group_id, theirs.group_id
    functional_id = ACKNOWLEDGMENT_GROUP
    sets = []
    if agreement.direction == "out":
        validator = rulebook.validator(agreement.schema_version, agreement.set)
        functional_id = validator.schema.functional_id if validator is not None else ""
        name = set_series(*between, agreement.set, mark)
        sets = [Counted(NumberLevel.SET, agreement.set, name)]
    isa = interchange_series(str(ours), str(theirs), mark)
    gs = group_series(*between, functional_id, mark)
    return [
        Counted(NumberLevel.INTERCHANGE, "", isa),
        Counted(NumberLevel.GROUP, functional_id, gs),
        *sets,
    ]


def _chosen(of_partner: list[Counted], change: Change) -> Counted:
    """Return the sequence that a person means; refuse where it may be several."""
    found = [one for one in of_partner if one.level == change.level]
    found = [one for one in found if change.of in ("", one.of)]
    found = [one for one in found if change.series in ("", one.name)]
    if len(found) == 1:
        return found[0]
    known = ", ".join(one.name for one in of_partner if one.level == change.level)
    if not found:
        raise NumberRefused(
            f"partner '{change.partner}' has no such sequence; there are {known or 'none'}"
        )
    raise NumberRefused(f"partner '{change.partner}' has several; expected one of {known}")


def _numbered(partner: Partner, one: Counted, record: SeriesRecord | None) -> Numbered:
    position = record.next if record is not None else _first(partner, one.level)
    return Numbered(
        partner.id,
        one.level,
        one.of,
        one.name,
        number_at(position),
        rounds_before(position),
        used=record is not None,
    )


def _first(partner: Partner, level: NumberLevel) -> int:
    settings = partner.control_numbers
    return {
        NumberLevel.INTERCHANGE: settings.first_interchange,
        NumberLevel.GROUP: settings.first_group,
    }.get(level, 1)
