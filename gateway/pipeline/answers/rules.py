"""Rules over an answer: the first one that matches says what the answer means.

A destination's own rules come first, then those of its kind, then those by status, which match
everything: what no rule names is refused, since asking again would not change it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import StrEnum
from typing import Protocol

from gateway.errors import Permanent, Refused, Transient
from gateway.pipeline.answers.answer import Answer, shortened
from gateway.pipeline.answers.finder import Finder
from gateway.pipeline.ports import Receipt

_LONGEST_WAIT = 24 * 60 * 60.0
"""A destination that asks for more is asked again after a day."""

_MOST_OF_A_KEY = 200
"""Characters: what is longer is no key that people look for."""

_STATUSES = re.compile(r"(?P<class>[1-5])xx|(?P<first>[1-5]\d\d)(?:\s*-\s*(?P<last>[1-5]\d\d))?")
_REDIRECTS = range(300, 400)


class Verdict(StrEnum):
    """What an answer means."""

    DONE = "done"
    ALREADY_THERE = "already_there"
    RETRY = "retry"
    REFUSED = "refused"


class Asking(Protocol):
    """Asks something of an answer."""

    def holds(self, answer: Answer) -> bool:
        """Say whether it is so."""


@dataclass(frozen=True, slots=True)
class Unlike:
    """Asks whether an answer is none of those that were expected."""

    like: Sequence[Finder]
    may_be_empty: bool = False

    def holds(self, answer: Answer) -> bool:
        """Say whether nothing that is looked for is there; of half an answer nobody knows."""
        if answer.is_cut or (self.may_be_empty and not answer.body):
            return False
        return not any(finder.holds(answer) for finder in self.like)


@dataclass(frozen=True, slots=True)
class Rule:
    """What an answer must be like, and what it means then; what is left out is not asked."""

    then: Verdict
    status: tuple[range, ...] = ()
    when: Asking | None = None
    """Must find something in the answer."""
    words: Finder | None = None
    """Finds what the other side says of it."""
    note: str = ""
    """What is to be said of such an answer, where its own words say something else."""

    def matches(self, answer: Answer) -> bool:
        """Say whether the rule is about this answer."""
        if self.status and not any(answer.status in span for span in self.status):
            return False
        return self.when is None or self.when.holds(answer)


def statuses(text: str) -> range:
    """Read `2xx`, `409` or `500-599`; raise ValueError saying what was expected."""
    found = _STATUSES.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"'{text[:20]}' is no status; expected 2xx, 409 or 500-599")
    if found["class"]:
        first = int(found["class"]) * 100
        return range(first, first + 100)
    first = int(found["first"])
    last = int(found["last"] or first)
    if last < first:
        raise ValueError(f"'{text}' ends before it begins")
    return range(first, last + 1)


def _of(*texts: str) -> tuple[range, ...]:
    return tuple(statuses(text) for text in texts)


BY_STATUS = (
    Rule(Verdict.DONE, _of("2xx")),
    # The same key reached it before: an earlier attempt succeeded and its answer was lost.
    Rule(Verdict.ALREADY_THERE, _of("409")),
    Rule(Verdict.RETRY, _of("408", "425", "429", "5xx")),
    Rule(Verdict.REFUSED),
)
"""What an answer means by its status alone; the last rule takes whatever is left."""


_ABOUT_THE_CONTENT = _of("400", "422")
"""What a destination says of a document that it can read and will not have. The others speak of
addresses, passwords and the like: they would refuse the next document too."""


@dataclass(frozen=True, slots=True)
class Judge:
    """Decides what answers mean."""

    rules: Sequence[Rule] = ()
    """Asked before the rules by status."""
    reference: Mapping[str, Finder] = field(default_factory=dict)
    """What the other side calls the document: a business key's name, and where it stands."""

    def rule(self, answer: Answer) -> Rule:
        """Return the first rule that matches."""
        return next(rule for rule in (*self.rules, *BY_STATUS) if rule.matches(answer))

    def is_success(self, answer: Answer) -> bool:
        """Say whether an answer means that the document is there."""
        return self.rule(answer).then in (Verdict.DONE, Verdict.ALREADY_THERE)

    def judge(self, answer: Answer, *, now: datetime) -> Receipt:
        """Return the receipt of a delivery that succeeded; raise Transient or Permanent."""
        rule = self.rule(answer)
        match rule.then:
            case Verdict.DONE:
                return self.receipt(answer)
            case Verdict.ALREADY_THERE:
                return self.receipt(answer, repeated=True)
            case Verdict.RETRY:
                after = seconds_until(answer.headers.get("retry-after"), now)
                raise Transient(_said(answer, rule), retry_after=after)
            case _:
                raise self._refusal(rule, answer)

    def _refusal(self, rule: Rule, answer: Answer) -> Permanent:
        """Return a refusal of this document where its content is meant, and else of every one.

        A rule that configuration gives means the content; of those by status, those do that say so.
        """
        meant = rule in self.rules or any(answer.status in span for span in _ABOUT_THE_CONTENT)
        said = _said(answer, rule)
        return Refused(said) if meant else Permanent(said)

    def receipt(self, answer: Answer, *, repeated: bool = False) -> Receipt:
        """Return a receipt with what the other side calls the document."""
        found = {name: finder.words(answer) for name, finder in self.reference.items()}
        keys = tuple((name, key[:_MOST_OF_A_KEY]) for name, key in found.items() if key)
        told = "".join(f", {name.replace('_', ' ')} {key}" for name, key in keys)
        missing = [name.replace("_", " ") for name, key in found.items() if not key]
        if missing and not repeated:
            told += f", no {' and no '.join(missing)} in the answer"
        return Receipt(f"HTTP {answer.status}{told}", repeated=repeated, keys=keys)


def seconds_until(retry_after: str | None, now: datetime) -> float | None:
    """Read Retry-After, seconds or a date, as seconds from now; None where it says nothing."""
    text = (retry_after or "").strip()
    if text.isascii() and text.isdigit():
        return min(float(text), _LONGEST_WAIT)
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, OverflowError):  # A year, or a zone, that no calendar has.
        return None
    if moment.tzinfo is None:  # RFC 9110 dates are GMT; "-0000" parses without a zone
        moment = moment.replace(tzinfo=UTC)
    return min(max((moment - now).total_seconds(), 0.0), _LONGEST_WAIT)


def _said(answer: Answer, rule: Rule) -> str:
    words = shortened(rule.words.words(answer)) if rule.words is not None else ""
    shown = words or answer.beginning
    noted = f"HTTP {answer.status}{f', {rule.note}' if rule.note else ''}"
    said = f"{noted}{f': {shown}' if shown else ''}"
    if answer.status in _REDIRECTS:
        said += ": redirects are not followed, correct the destination's address"
    return said
