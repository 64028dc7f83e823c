"""The signs by which a class of difference between both engines is told.

Each looks at one difference among everything that is said of its set; `known` says which class has
which sign, and the order in which they are asked.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from gateway.second_opinion.compare import Pair
from gateway.second_opinion.faults import Fault, Kind
from gateway.x12.model import TransactionSet

_NO_DIGITS = re.compile(r"[-.]*")
_BARE_POINT = re.compile(r"-?[0-9]+\.")
# What pyx12 takes of the extended character set, of either version; blanks and digits included.
_ASCII = re.compile(r"""[A-Z0-9!"&'()*+,\-./:;?= a-z%~@\[\]_{}\\|<>#$]*""")


@dataclass(frozen=True, slots=True)
class Seen:
    """A difference, among everything that both engines say of its set."""

    pair: Pair
    pairs: Sequence[Pair]
    one: TransactionSet
    own_map: bool

    @property
    def ours_only(self) -> bool:
        """Say whether only we find it."""
        return not self.pair.theirs

    @property
    def theirs_only(self) -> bool:
        """Say whether only pyx12 finds it."""
        return not self.pair.ours

    @property
    def fault(self) -> Fault | None:
        """Return what pyx12 finds."""
        return self.pair.theirs[0] if self.pair.theirs else None

    @property
    def values(self) -> tuple[str, ...]:
        """Return the values that it is about."""
        given = [one.value for one in self.pair.ours] + [one.value for one in self.pair.theirs]
        return tuple(one for one in given if one)

    def beside(self) -> list[Pair]:
        """Return what else is said of the same segment."""
        return [
            one for one in self.pairs if one is not self.pair and one.position == self.pair.position
        ]


def _kinds(seen: Seen) -> tuple[Kind | None, Kind | None]:
    return seen.pair.our_kind, seen.pair.their_kind


def _is_lost(pair: Pair) -> bool:
    """Say whether both see that the structure is at fault here."""
    ours, theirs = pair.our_kind, pair.their_kind
    return ours is not None and theirs is not None and ours.structural and theirs.structural


def of_guide(seen: Seen) -> bool:
    """Say whether a rule of a partner's guide finds it, which pyx12 was not told of."""
    return seen.ours_only and all(one.rule is not None for one in seen.pair.ours)


def of_own_map(seen: Seen) -> bool:
    """Say whether pyx12 finds it by a map of its own."""
    return seen.own_map and bool(seen.pair.theirs)


def of_group(seen: Seen) -> bool:
    """Say whether it is about control numbers, which the whole group decides."""
    return seen.pair.our_kind is Kind.CONTROL_NUMBER


def _repeats(seen: Seen) -> bool:
    separator = seen.one.delimiters.repetition
    if any(finding.location.repetition is not None for finding in seen.pair.ours):
        return True
    return separator is not None and any(separator in value for value in seen.values)


def of_repetitions(seen: Seen) -> bool:
    """Say whether a value with the repetition separator is judged as one, or one by one."""
    return _repeats(seen) or _repeated_element(seen)


def _repeated_element(seen: Seen) -> bool:
    """One repetition of a value that is told about beside this."""
    separator = seen.one.delimiters.repetition
    if separator is None:
        return False
    theirs = [fault.value or "" for one in seen.beside() for fault in one.theirs]
    ours = [finding.value or "" for one in seen.beside() for finding in one.ours]
    return seen.ours_only and any(
        value and value in whole.split(separator)
        for value in seen.values
        for whole in theirs + ours
    )


def fails(seen: Seen) -> bool:
    """Say whether pyx12 failed inside."""
    return seen.pair.their_kind is Kind.BROKEN


def unread(seen: Seen) -> bool:
    """Say whether pyx12 looked no further into the segment."""
    stopped = {Kind.BROKEN, Kind.MISPLACED}
    elsewhere = any(one.their_kind in stopped for one in seen.beside())
    return seen.ours_only and elsewhere and not _structural(seen)


def no_composite(seen: Seen) -> bool:
    """Say whether a simple element holds the component separator."""
    if seen.fault is not None and seen.fault.code == "segment 8":  # "empty": separators only
        return any(one.our_kind is Kind.TOO_MANY for one in seen.beside())
    return _kinds(seen) == (Kind.TOO_MANY, Kind.CHARACTER)


def blank(seen: Seen) -> bool:
    """Say whether blanks alone are what we refuse."""
    return seen.pair.our_kind is Kind.CHARACTER and all(
        not one.value.strip() for one in seen.pair.ours if one.value is not None
    )


def bare_point(seen: Seen) -> bool:
    """Say whether a number ends in its decimal point."""
    bare = any(_BARE_POINT.fullmatch(value) for value in seen.values)
    return seen.theirs_only and seen.pair.their_kind is Kind.CHARACTER and bare


def trailing(seen: Seen) -> bool:
    """Say whether separators after the last element are what pyx12 refuses."""
    fault = seen.fault
    if fault is None or not seen.theirs_only:
        return False
    return fault.code == "segment SEG1" or (fault.kind is Kind.TOO_MANY and not fault.value)


def foreign(seen: Seen) -> bool:
    """Say whether a character is outside the set of pyx12."""
    foreign = any(not _ASCII.fullmatch(value) for value in seen.values)
    return seen.theirs_only and seen.pair.their_kind is Kind.CHARACTER and foreign


def second_of_element(seen: Seen) -> bool:
    """Say whether we told another fault of the same element."""
    fault = seen.fault
    if fault is None or not seen.theirs_only or fault.element is None:
        return False
    return any(
        finding.location.element == fault.element for one in seen.beside() for finding in one.ours
    )


def of_empty(seen: Seen) -> bool:
    """Say whether the segment is without any element."""
    return seen.theirs_only and any(one.our_kind is Kind.FORM for one in seen.beside())


def bad_id(seen: Seen) -> bool:
    """Say whether the identifier of the segment can be none."""
    fault = seen.fault
    return fault is not None and seen.theirs_only and fault.code == "segment 1" and (
        fault.kind is Kind.FORM
    )  # fmt: skip


def levels(seen: Seen) -> bool:
    """Say whether pyx12 holds the numbers of levels to their order."""
    return seen.theirs_only and seen.pair.their_kind is Kind.RELATION


def too_often_again(seen: Seen) -> bool:
    """Say whether what came too often came once more."""
    too_often = {Kind.TOO_MANY_LOOPS, Kind.TOO_MANY_SEGMENTS}
    return (
        seen.theirs_only
        and seen.pair.their_kind in too_often
        and any(
            one.our_kind in too_often and one.position < seen.pair.position for one in seen.pairs
        )
    )


def _structural(seen: Seen) -> bool:
    return any(kind is not None and kind.structural for kind in _kinds(seen))


def turns_up_later(seen: Seen) -> bool:
    """Say whether pyx12 misses a segment that stands further on."""
    if not seen.theirs_only or seen.pair.their_kind is not Kind.MISSING_SEGMENT:
        return False
    return seen.pair.reference in {one[0] for one in seen.one.segments[seen.pair.position :]}


def begun_again(seen: Seen) -> bool:
    """Say whether only we miss a segment where a segment stands that stood before."""
    if not seen.ours_only or seen.pair.our_kind is not Kind.MISSING_SEGMENT:
        return False
    before, at = seen.one.segments[: seen.pair.position - 1], seen.pair.position - 1
    return at < len(seen.one.segments) and any(one[0] == seen.one.segments[at][0] for one in before)


def bounded(seen: Seen) -> bool:
    """Say whether LE names another loop than the LS before it."""
    return seen.pair.our_kind is Kind.CODE and seen.pair.reference == "LE01"


def no_digits(seen: Seen) -> bool:
    """Say whether a number is a sign or a point alone."""
    bare = all(_NO_DIGITS.fullmatch(value) for value in seen.values)
    return _kinds(seen) == (Kind.CHARACTER, Kind.TOO_SHORT) and bare


def other_name(seen: Seen) -> bool:
    """Say whether both see the structure at fault here."""
    return _is_lost(seen.pair)


def after_loss(seen: Seen) -> bool:
    """Say whether the structure was at fault before."""
    lost = any(_is_lost(one) and one.position <= seen.pair.position for one in seen.pairs)
    # We do not look into a segment that we find no place for either.
    return lost and (_structural(seen) or seen.theirs_only)
