"""From a document to its destinations: the rules in order, and for each why or why not.

The same function answers the pipeline and the dry run. Nothing is delivered here.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from gateway.canonical import X12_SET
from gateway.routing.match import mismatch
from gateway.routing.rules import Routes, Rule, When

PRODUCTION = "P"
"""The only usage indicator (ISA15) that may reach a production destination: T is a test, and I is
somebody's information, which no system should act on."""

TEST = "T"
"""What goes on to a partner of a document that is not for production."""


@dataclass(frozen=True, slots=True)
class Context:
    """What routing must know besides the document."""

    partner: str
    set_id: str
    """ST01."""
    usage: str
    """ISA15, or T where the agreement is in test: `Agreement.effective_usage`."""


@dataclass(frozen=True, slots=True)
class RuleVerdict:
    """What one rule said about a document."""

    rule: str
    taken: bool
    why: str
    """A sentence; for a rule that was not asked too."""
    destinations: tuple[str, ...] = ()
    """Where this rule sends the document, refused destinations left out."""
    refused: tuple[str, ...] = ()
    """Production destinations that this document must not reach."""
    keeps: bool = False
    """It takes the document and says that it goes to nobody."""
    asked: bool = True
    """Whether it was asked at all: with `first_match` the rules before it come first."""


@dataclass(frozen=True, slots=True)
class Routing:
    """Where a document goes, and why."""

    verdicts: tuple[RuleVerdict, ...]
    destinations: tuple[str, ...]
    """Each once, in the order of the rules; empty where the document must wait for a person."""

    @property
    def matched(self) -> tuple[str, ...]:
        """Return the names of the rules that took the document."""
        return tuple(verdict.rule for verdict in self.verdicts if verdict.taken)

    @property
    def kept_by(self) -> str | None:
        """Return the rule that says that the document goes to nobody; None where none does.

        One that is refused where another rule sends it is for a person to look at.
        """
        if self.destinations or any(verdict.refused for verdict in self.verdicts):
            return None
        return next((verdict.rule for verdict in self.verdicts if verdict.keeps), None)

    @property
    def explanation(self) -> str:
        """Say in one sentence where the document goes, or why it goes nowhere."""
        if self.destinations:
            rules = ", ".join(f"'{name}'" for name in self.matched)
            return f"goes to {', '.join(self.destinations)} by rule {rules}"
        if self.kept_by is not None:
            return kept_by(self.kept_by)
        refusals = [verdict.why for verdict in self.verdicts if verdict.refused]
        return "; ".join(refusals) if refusals else "no rule takes this document"


def kept_by(rule: str, *, would: bool = False) -> str:
    """Say that a document goes to nobody, because a rule says so."""
    kept, goes = ("would be kept", "would go") if would else ("is kept", "goes")
    return f"{kept} by rule '{rule}', and {goes} to nobody"


class Router:
    """The rules of an instance, ready to be asked."""

    def __init__(self, routes: Routes, *, production: Collection[str]) -> None:
        self._routes = routes
        self._production = frozenset(production)

    def route(self, context: Context, document: Mapping[str, object]) -> Routing:
        """Return where a canonical document goes."""
        verdicts: list[RuleVerdict] = []
        decided: str | None = None
        for rule in self._routes.rules:
            if decided is not None:
                why = f"not asked: '{decided}' decided"
                verdicts.append(RuleVerdict(rule.name, False, why, asked=False))
                continue
            verdict = self._verdict(rule, context, document)
            verdicts.append(verdict)
            # A rule whose every destination was refused still decides: were the next rule asked, a
            # test document would travel on to wherever production rules further down point.
            if verdict.taken and self._routes.mode == "first_match":
                decided = rule.name
        destinations = dict.fromkeys(name for verdict in verdicts for name in verdict.destinations)
        return Routing(tuple(verdicts), tuple(destinations))

    def _verdict(self, rule: Rule, context: Context, document: Mapping[str, object]) -> RuleVerdict:
        against = reasons_against(rule.when, context, document, bare_too=rule.keep)
        if against:
            return RuleVerdict(rule.name, False, "; ".join(against))
        if rule.keep:
            return RuleVerdict(rule.name, True, "everything it asks for holds", keeps=True)
        refused: tuple[str, ...] = ()
        why = "everything it asks for holds"
        if context.usage != PRODUCTION:
            refused = tuple(name for name in rule.destinations if name in self._production)
        if refused:
            why += (
                f", but usage indicator {context.usage} never reaches a production destination: "
                f"{', '.join(refused)} refused"
            )
        allowed = tuple(name for name in rule.destinations if name not in refused)
        return RuleVerdict(rule.name, True, why, allowed, refused)


def reasons_against(
    when: When, context: Context, document: Mapping[str, object], *, bare_too: bool = False
) -> list[str]:
    """Return a sentence for each condition of a rule that does not hold.

    `bare_too`: a set that no map translated need not be asked for by name.
    """
    kind = document.get("document")
    reasons = []
    if kind == X12_SET and X12_SET not in when.document and not (bare_too and not when.document):
        # Programs that take orders would not know what to make of bare segments.
        reasons.append(f"document is '{X12_SET}', which a rule must ask for by this name")
    asked = (
        ("partner", when.partner, context.partner),
        ("set", when.set, context.set_id),
        ("document", () if reasons else when.document, str(kind or "")),
        ("usage", when.usage, context.usage),
    )
    reasons += [
        f"{name} is '{actual}', must be {_one_of(wanted)}"
        for name, wanted, actual in asked
        if wanted and actual not in wanted
    ]
    for path, condition in when.fields.items():
        reason = mismatch(condition, path, document)
        if reason is not None:
            reasons.append(reason)
    return reasons


def _one_of(wanted: tuple[str, ...]) -> str:
    quoted = ", ".join(f"'{item}'" for item in wanted)
    return f"one of {quoted}" if len(wanted) > 1 else quoted
