"""What follows a delivery: which declared next documents, and why or why not.

Nothing is made here: `gateway.pipeline.follow_ups` makes the documents.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from gateway.routing.route import Context, RuleVerdict, reasons_against
from gateway.routing.rules import When

NEXT = "next:"
"""How the name of every delivery that makes a declared next document begins."""

ADVICE = "advice:"
"""How the name of every delivery that tells a partner of a refusal begins."""


@dataclass(frozen=True, slots=True)
class NextRule:
    """A next document: of which documents it is made, once they are where."""

    name: str
    when: When
    after: tuple[str, ...] = ()
    """Destinations, one of which must have taken the document; any if left out."""

    @property
    def destination(self) -> str:
        """Return the name of the delivery that makes it."""
        return f"{NEXT}{self.name}"


def is_follow_up(destination: str) -> bool:
    """Say whether a delivery follows from how another one ended."""
    return destination.startswith((NEXT, ADVICE))


def following(
    rules: Iterable[NextRule],
    context: Context,
    document: Mapping[str, object],
    *,
    taken_by: str | None = None,
) -> list[RuleVerdict]:
    """Return what each rule says of a document that `taken_by` took; None: whoever would."""
    return [_verdict(rule, context, document, taken_by) for rule in rules]


def _verdict(
    rule: NextRule, context: Context, document: Mapping[str, object], taken_by: str | None
) -> RuleVerdict:
    against = reasons_against(rule.when, context, document)
    if taken_by is not None and rule.after and taken_by not in rule.after:
        against.append(f"'{taken_by}' took it, must be {' or '.join(rule.after)}")
    if against:
        return RuleVerdict(rule.name, False, "; ".join(against))
    after = f"once {' or '.join(rule.after)} has it" if rule.after else "once a destination has it"
    return RuleVerdict(rule.name, True, after, (rule.destination,))
