"""The classes of difference between both engines that are known, and which engine is right.

Each has a name, a judgement and a reason; docs/second-opinion.md lists them, and a test over all
samples and mutants of every set fails where a difference belongs to none.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from gateway.second_opinion import signs
from gateway.second_opinion.compare import Pair
from gateway.second_opinion.signs import Seen
from gateway.x12.model import TransactionSet


class Right(StrEnum):
    """Which engine is right where they differ."""

    OURS = "ours"
    PYX12 = "pyx12"
    BOTH = "both"
    """Both refuse the same; they count or name it differently."""
    CHOICE = "choice"
    """The standard can be read both ways, or the stricter reading costs more than it gives."""


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


KNOWN: tuple[Known, ...] = (
    Known(
        "rule-of-a-guide",
        Right.OURS,
        "only we find what a partner's guide asks by values, patterns, minimum use or balances",
        "pyx12's maps have no words for such rules, so it was not told of them",
        signs.of_guide,
    ),
    Known(
        "map-of-pyx12",
        Right.PYX12,
        "pyx12 finds more by a map of its own than we do by the standard",
        "its map is the guide that GS08 names, which is narrower; its findings count",
        signs.of_own_map,
    ),
    Known(
        "set-in-its-group",
        Right.OURS,
        "only we find a control number of a set that is repeated; one that is ill-formed pyx12 "
        "names by its element",
        "pyx12 is shown each set by itself; 718 has a code of its own for control numbers",
        signs.of_group,
    ),
    Known(
        "repetitions",
        Right.OURS,
        "a value holds the repetition separator; we judge each repetition",
        "pyx12 does not know repetitions and judges all of them as one value",
        signs.of_repetitions,
    ),
    Known(
        "pyx12-fails",
        Right.OURS,
        "pyx12 fails inside, as it does wherever a composite has too many components",
        "it looks for the name of a component that its map does not have",
        signs.fails,
    ),
    Known(
        "not-looked-into",
        Right.OURS,
        "only we find faults in the elements of a segment",
        "pyx12 does not look into a segment that it finds no place for, or fails at",
        signs.unread,
    ),
    Known(
        "component-in-an-element",
        Right.BOTH,
        "a simple element holds the component separator: too many components (723 code 3) to us, "
        "an invalid character (code 6) to pyx12, or an empty segment where nothing else is in it",
        "both refuse it at the same place",
        signs.no_composite,
    ),
    Known(
        "blanks",
        Right.OURS,
        "an element of nothing but blanks; pyx12 takes it where it may be one long, and calls it "
        "too short elsewhere",
        "text has to hold a character that is no blank",
        signs.blank,
    ),
    Known(
        "number-without-digits",
        Right.BOTH,
        "a sign or a decimal point alone is an invalid character to us, and too short to pyx12",
        "both refuse it at the same place",
        signs.no_digits,
    ),
    Known(
        "bare-decimal-point",
        Right.CHOICE,
        "pyx12 refuses a number that ends in its decimal point, such as 7.",
        "the standard says that the point should be left out there, not that it must",
        signs.bare_point,
    ),
    Known(
        "trailing-separators",
        Right.CHOICE,
        "pyx12 refuses separators after the last element of a segment",
        "they should not be sent, and say nothing; partners send them, and they are always taken",
        signs.trailing,
    ),
    Known(
        "character-set",
        Right.CHOICE,
        "pyx12 refuses printable characters outside its character set, such as é",
        "which characters are taken is agreed between partners; we take what can be printed",
        signs.foreign,
    ),
    Known(
        "several-faults-of-a-value",
        Right.BOTH,
        "pyx12 tells several faults of one value, we the most telling one",
        "an acknowledgment names an element once; the value is refused either way",
        signs.second_of_element,
    ),
    Known(
        "empty-segment",
        Right.BOTH,
        "a segment without any element is one finding to us, and one for each element that it "
        "needs to pyx12",
        "all of them say the same",
        signs.of_empty,
    ),
    Known(
        "segment-identifier",
        Right.BOTH,
        "pyx12 says of a segment whose identifier can be none that it is ill-formed, besides that "
        "it has no place",
        "we say the latter",
        signs.bad_id,
    ),
    Known(
        "numbered-levels",
        Right.CHOICE,
        "pyx12 holds HL01 to count from 1 and HL02 to name a level before it, in every set",
        "the standard only suggests it; a guide holds it with `balance: hl_structure`",
        signs.levels,
    ),
    Known(
        "too-often-again",
        Right.BOTH,
        "pyx12 tells each occurrence beyond the maximum, we the first",
        "the others say nothing new",
        signs.too_often_again,
    ),
    Known(
        "bounded-loop",
        Right.OURS,
        "only we find that LE names another loop than the LS that opened it",
        "pyx12 has no rule about the two",
        signs.bounded,
    ),
    Known(
        "loop-begun-again",
        Right.OURS,
        "only we miss a segment where its loop begins again without it",
        "pyx12 does not look back when the first segment of a loop comes once more",
        signs.begun_again,
    ),
    Known(
        "missing-or-misplaced",
        Right.BOTH,
        "pyx12 tells a segment that stands too late twice: missing, then not expected",
        "it is there, out of sequence; we say that, once",
        signs.turns_up_later,
    ),
    Known(
        "another-name",
        Right.BOTH,
        "both find the structure at fault at one segment, and name it differently",
        "what is missing before a segment can be called a segment that is not expected",
        signs.other_name,
    ),
    Known(
        "after-the-first-loss",
        Right.BOTH,
        "once the structure is at fault, one engine tells consequences that the other does not",
        "we go on as the partner most likely meant it; pyx12 passes over what has no place",
        signs.after_loss,
    ),
)  # fmt: skip

UNKNOWN = Known("unknown", Right.CHOICE, "a difference of no known class", "", lambda _: True)
