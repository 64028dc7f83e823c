"""The classes of difference between both engines that are known, and which engine is right.

Each has a name, a judgement and a reason; docs/second-opinion.md lists them, and a test over all
samples and mutants of every set fails where a difference belongs to none.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from gateway.second_opinion.compare import Pair
from gateway.second_opinion.faults import Fault, Kind
from gateway.x12.model import TransactionSet

_NO_DIGITS = re.compile(r"[-.]*")
_BARE_POINT = re.compile(r"-?[0-9]+\.")
# What pyx12 takes of the extended character set, of either version; blanks and digits included.
_ASCII = re.compile(r"""[A-Z0-9!"&'()*+,\-./:;?= a-z%~@\[\]_{}\\|<>#$]*""")


class Right(StrEnum):
    """Which engine is right where they differ."""

    OURS = "ours"
    PYX12 = "pyx12"
    BOTH = "both"
    """Both refuse the same; they count or name it differently."""
    CHOICE = "choice"
    """The standard can be read both ways, or the stricter reading costs more than it gives."""


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


@dataclass(frozen=True, slots=True)
class Known:
    """One class of difference."""

    name: str
    right: Right
    difference: str
    because: str
    applies: Callable[[Seen], bool]


def classify(pair: Pair, pairs: Sequence[Pair], *, one: TransactionSet, own_map: bool) -> Known:
    """Return the class of a difference about a set; `UNKNOWN` where it belongs to none."""
    seen = Seen(pair, pairs, one, own_map)
    return next((one for one in KNOWN if one.applies(seen)), UNKNOWN)


def _kinds(seen: Seen) -> tuple[Kind | None, Kind | None]:
    return seen.pair.our_kind, seen.pair.their_kind


def _is_lost(pair: Pair) -> bool:
    """Say whether both see that the structure is at fault here."""
    ours, theirs = pair.our_kind, pair.their_kind
    return ours is not None and theirs is not None and ours.structural and theirs.structural


def _of_guide(seen: Seen) -> bool:
    return seen.ours_only and all(one.rule is not None for one in seen.pair.ours)


def _of_own_map(seen: Seen) -> bool:
    return seen.own_map and bool(seen.pair.theirs)


def _of_group(seen: Seen) -> bool:
    return seen.pair.our_kind is Kind.CONTROL_NUMBER


def _repeats(seen: Seen) -> bool:
    separator = seen.one.delimiters.repetition
    if any(finding.location.repetition is not None for finding in seen.pair.ours):
        return True
    return separator is not None and any(separator in value for value in seen.values)


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


def _fails(seen: Seen) -> bool:
    return seen.pair.their_kind is Kind.BROKEN


def _unread(seen: Seen) -> bool:
    stopped = {Kind.BROKEN, Kind.MISPLACED}
    elsewhere = any(one.their_kind in stopped for one in seen.beside())
    return seen.ours_only and elsewhere and not _structural(seen)


def _no_composite(seen: Seen) -> bool:
    if seen.fault is not None and seen.fault.code == "segment 8":  # "empty": separators only
        return any(one.our_kind is Kind.TOO_MANY for one in seen.beside())
    return _kinds(seen) == (Kind.TOO_MANY, Kind.CHARACTER)


def _blank(seen: Seen) -> bool:
    return seen.pair.our_kind is Kind.CHARACTER and all(
        not one.value.strip() for one in seen.pair.ours if one.value is not None
    )


def _bare_point(seen: Seen) -> bool:
    bare = any(_BARE_POINT.fullmatch(value) for value in seen.values)
    return seen.theirs_only and seen.pair.their_kind is Kind.CHARACTER and bare


def _trailing(seen: Seen) -> bool:
    fault = seen.fault
    if fault is None or not seen.theirs_only:
        return False
    return fault.code == "segment SEG1" or (fault.kind is Kind.TOO_MANY and not fault.value)


def _foreign(seen: Seen) -> bool:
    foreign = any(not _ASCII.fullmatch(value) for value in seen.values)
    return seen.theirs_only and seen.pair.their_kind is Kind.CHARACTER and foreign


def _second_of_element(seen: Seen) -> bool:
    fault = seen.fault
    if fault is None or not seen.theirs_only or fault.element is None:
        return False
    return any(
        finding.location.element == fault.element for one in seen.beside() for finding in one.ours
    )


def _of_empty(seen: Seen) -> bool:
    return seen.theirs_only and any(one.our_kind is Kind.FORM for one in seen.beside())


def _bad_id(seen: Seen) -> bool:
    fault = seen.fault
    return fault is not None and seen.theirs_only and fault.code == "segment 1" and (
        fault.kind is Kind.FORM
    )  # fmt: skip


def _levels(seen: Seen) -> bool:
    return seen.theirs_only and seen.pair.their_kind is Kind.RELATION


def _too_often_again(seen: Seen) -> bool:
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


def _turns_up_later(seen: Seen) -> bool:
    """Say whether pyx12 misses a segment that stands further on."""
    if not seen.theirs_only or seen.pair.their_kind is not Kind.MISSING_SEGMENT:
        return False
    return seen.pair.reference in {one[0] for one in seen.one.segments[seen.pair.position :]}


def _begun_again(seen: Seen) -> bool:
    """Say whether only we miss a segment where a segment stands that stood before."""
    if not seen.ours_only or seen.pair.our_kind is not Kind.MISSING_SEGMENT:
        return False
    before, at = seen.one.segments[: seen.pair.position - 1], seen.pair.position - 1
    return at < len(seen.one.segments) and any(one[0] == seen.one.segments[at][0] for one in before)


def _bounded(seen: Seen) -> bool:
    return seen.pair.our_kind is Kind.CODE and seen.pair.reference == "LE01"


def _no_digits(seen: Seen) -> bool:
    bare = all(_NO_DIGITS.fullmatch(value) for value in seen.values)
    return _kinds(seen) == (Kind.CHARACTER, Kind.TOO_SHORT) and bare


def _other_name(seen: Seen) -> bool:
    return _is_lost(seen.pair)


def _after_loss(seen: Seen) -> bool:
    lost = any(_is_lost(one) and one.position <= seen.pair.position for one in seen.pairs)
    # We do not look into a segment that we find no place for either.
    return lost and (_structural(seen) or seen.theirs_only)


KNOWN: tuple[Known, ...] = (
    Known(
        "rule-of-a-guide",
        Right.OURS,
        "only we find what a partner's guide asks by values, patterns, minimum use or balances",
        "pyx12's maps have no words for such rules, so it was not told of them",
        _of_guide,
    ),
    Known(
        "map-of-pyx12",
        Right.PYX12,
        "pyx12 finds more by a map of its own than we do by the standard",
        "its map is the guide that GS08 names, which is narrower; its findings count",
        _of_own_map,
    ),
    Known(
        "set-in-its-group",
        Right.OURS,
        "only we find a control number of a set that is repeated; one that is ill-formed pyx12 "
        "names by its element",
        "pyx12 is shown each set by itself; 718 has a code of its own for control numbers",
        _of_group,
    ),
    Known(
        "repetitions",
        Right.OURS,
        "a value holds the repetition separator; we judge each repetition",
        "pyx12 does not know repetitions and judges all of them as one value",
        lambda seen: _repeats(seen) or _repeated_element(seen),
    ),
    Known(
        "pyx12-fails",
        Right.OURS,
        "pyx12 fails inside, as it does wherever a composite has too many components",
        "it looks for the name of a component that its map does not have",
        _fails,
    ),
    Known(
        "not-looked-into",
        Right.OURS,
        "only we find faults in the elements of a segment",
        "pyx12 does not look into a segment that it finds no place for, or fails at",
        _unread,
    ),
    Known(
        "component-in-an-element",
        Right.BOTH,
        "a simple element holds the component separator: too many components (723 code 3) to us, "
        "an invalid character (code 6) to pyx12, or an empty segment where nothing else is in it",
        "both refuse it at the same place",
        _no_composite,
    ),
    Known(
        "blanks",
        Right.OURS,
        "an element of nothing but blanks; pyx12 takes it where it may be one long, and calls it "
        "too short elsewhere",
        "text has to hold a character that is no blank",
        _blank,
    ),
    Known(
        "number-without-digits",
        Right.BOTH,
        "a sign or a decimal point alone is an invalid character to us, and too short to pyx12",
        "both refuse it at the same place",
        _no_digits,
    ),
    Known(
        "bare-decimal-point",
        Right.CHOICE,
        "pyx12 refuses a number that ends in its decimal point, such as 7.",
        "the standard says that the point should be left out there, not that it must",
        _bare_point,
    ),
    Known(
        "trailing-separators",
        Right.CHOICE,
        "pyx12 refuses separators after the last element of a segment",
        "they should not be sent, and say nothing; partners send them, and they are always taken",
        _trailing,
    ),
    Known(
        "character-set",
        Right.CHOICE,
        "pyx12 refuses printable characters outside its character set, such as é",
        "which characters are taken is agreed between partners; we take what can be printed",
        _foreign,
    ),
    Known(
        "several-faults-of-a-value",
        Right.BOTH,
        "pyx12 tells several faults of one value, we the most telling one",
        "an acknowledgment names an element once; the value is refused either way",
        _second_of_element,
    ),
    Known(
        "empty-segment",
        Right.BOTH,
        "a segment without any element is one finding to us, and one for each element that it "
        "needs to pyx12",
        "all of them say the same",
        _of_empty,
    ),
    Known(
        "segment-identifier",
        Right.BOTH,
        "pyx12 says of a segment whose identifier can be none that it is ill-formed, besides that "
        "it has no place",
        "we say the latter",
        _bad_id,
    ),
    Known(
        "numbered-levels",
        Right.CHOICE,
        "pyx12 holds HL01 to count from 1 and HL02 to name a level before it, in every set",
        "the standard only suggests it; a guide holds it with `balance: hl_structure`",
        _levels,
    ),
    Known(
        "too-often-again",
        Right.BOTH,
        "pyx12 tells each occurrence beyond the maximum, we the first",
        "the others say nothing new",
        _too_often_again,
    ),
    Known(
        "bounded-loop",
        Right.OURS,
        "only we find that LE names another loop than the LS that opened it",
        "pyx12 has no rule about the two",
        _bounded,
    ),
    Known(
        "loop-begun-again",
        Right.OURS,
        "only we miss a segment where its loop begins again without it",
        "pyx12 does not look back when the first segment of a loop comes once more",
        _begun_again,
    ),
    Known(
        "missing-or-misplaced",
        Right.BOTH,
        "pyx12 tells a segment that stands too late twice: missing, then not expected",
        "it is there, out of sequence; we say that, once",
        _turns_up_later,
    ),
    Known(
        "another-name",
        Right.BOTH,
        "both find the structure at fault at one segment, and name it differently",
        "what is missing before a segment can be called a segment that is not expected",
        _other_name,
    ),
    Known(
        "after-the-first-loss",
        Right.BOTH,
        "once the structure is at fault, one engine tells consequences that the other does not",
        "we go on as the partner most likely meant it; pyx12 passes over what has no place",
        _after_loss,
    ),
)  # fmt: skip

UNKNOWN = Known("unknown", Right.CHOICE, "a difference of no known class", "", lambda _: True)
