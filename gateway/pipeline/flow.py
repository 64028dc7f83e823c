"""The life of payloads, interchanges, deliveries, documents of ours: one table of transitions.

Everything that changes a state asks `Flow.advance`, or writes a compare-and-set whose two states
come from here, so a transition that the table does not hold cannot happen. The pictures in the
documentation and the filters of the command line are made from the same table.

Some states are passed in memory between two commits (`identified` to `translated`): they are seen
by observers and in the timeline, and a crash among them starts again from `received`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from gateway.errors import GatewayError
from gateway.pipeline.states import Subject


class IllegalTransition(GatewayError):
    """The transition table does not allow this change of state."""


@dataclass(frozen=True, slots=True)
class Transition:
    """One line of the table: a verb takes a subject from any of some states to another."""

    verb: str
    sources: tuple[str, ...]
    """Empty: the subject comes into being."""
    target: str
    meaning: str


@dataclass(frozen=True)
class Flow:
    """The transitions of one subject."""

    subject: Subject
    transitions: tuple[Transition, ...]
    _by_step: Mapping[tuple[str | None, str], str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        steps: dict[tuple[str | None, str], str] = {}
        for transition in self.transitions:
            for source in transition.sources or (None,):
                steps[(source, transition.verb)] = transition.target
        object.__setattr__(self, "_by_step", steps)

    def advance(self, state: str | None, verb: str) -> str:
        """Return the state that the verb leads to; refuse what the table does not hold."""
        target = self._by_step.get((state, verb))
        if target is None:
            allowed = ", ".join(self.verbs(state)) or "nothing"
            raise IllegalTransition(
                f"{self.subject} in state {state or 'unborn'}: cannot {verb}; allowed: {allowed}"
            )
        return target

    def verbs(self, state: str | None) -> list[str]:
        """Return the verbs that are allowed in a state, in the table's order."""
        return [verb for source, verb in self._by_step if source == state]

    def sources(self, verb: str) -> tuple[str, ...]:
        """Return the states that a verb may start from."""
        found = tuple(source for source, known in self._by_step if known == verb and source)
        if not found:
            raise IllegalTransition(f"{self.subject}: no transition is called {verb}")
        return found

    def final_states(self) -> set[str]:
        """Return the states that no verb leaves."""
        targets = {transition.target for transition in self.transitions}
        return targets - {source for source, _ in self._by_step if source is not None}

    def picture(self) -> str:
        """Draw the table as a Mermaid state diagram, for the documentation."""
        return "\n".join(["stateDiagram-v2", *self._arrows()])

    def _arrows(self) -> Iterator[str]:
        for (source, verb), target in self._by_step.items():
            yield f"    {source or '[*]'} --> {target}: {verb}"
        for state in sorted(self.final_states()):
            yield f"    {state} --> [*]"


PAYLOAD = Flow(
    Subject.PAYLOAD,
    (
        Transition("receive", (), "received", "its bytes and its job are committed"),
        Transition("read", ("received",), "read", "every interchange in it has its own state"),
        Transition(
            "quarantine",
            ("received",),
            "quarantined",
            "nothing in it can be read, or a bug",
        ),
        Transition("release", ("quarantined",), "received", "a person wants it read again"),
        Transition("refuse", ("quarantined",), "refused", "a person gives it up"),
        Transition(
            "purge",
            ("read", "refused"),
            "purged",
            "its time is over: the ledger stays, bytes and documents are removed",
        ),
    ),
)

INTERCHANGE = Flow(
    Subject.INTERCHANGE,
    (
        Transition("receive", (), "received", "its payload was read as far as its ISA"),
        Transition("identify", ("received",), "identified", "sender and receiver are known"),
        Transition(
            "slice", ("identified", "reading"), "reading", "large: a slice of its sets is committed"
        ),
        Transition(
            "parse", ("identified", "reading"), "parsed", "each transaction set became a tree"
        ),
        Transition("validate", ("parsed",), "validated", "each set has a verdict by agreement"),
        Transition("translate", ("validated",), "translated", "accepted sets became documents"),
        Transition(
            "route", ("translated",), "routed", "documents, deliveries, acknowledgments committed"
        ),
        Transition("reject", ("identified", "validated"), "rejected", "nothing of it was accepted"),
        Transition(
            "drop", ("identified",), "duplicate", "same number, same bytes: acknowledged once more"
        ),
        Transition("hold", ("identified",), "held", "same number, other bytes: a person decides"),
        Transition(
            "quarantine",
            ("received", "identified", "reading", "parsed", "validated", "translated"),
            "quarantined",
            "unknown partner, or a bug: a person must act",
        ),
        Transition("release", ("held", "quarantined"), "received", "a person lets it pass"),
        Transition(
            "refuse", ("held", "quarantined", "reading"), "rejected", "a person gives it up"
        ),
    ),
)

DELIVERY = Flow(
    Subject.DELIVERY,
    (
        Transition("owe", (), "due", "a route names a destination"),
        Transition(
            "hold", ("due", "claimed"), "held", "an earlier one of its ordering key is not done"
        ),
        Transition("release", ("held",), "due", "those before it are done, or given up"),
        Transition("claim", ("due", "claimed"), "claimed", "an attempt begins, counted before it"),
        Transition("deliver", ("claimed",), "delivered", "the destination said yes"),
        Transition("retry", ("claimed",), "due", "briefly unwell: due again after a pause"),
        Transition("park", ("claimed",), "due", "not tried after all: no attempt is used up"),
        Transition("bury", ("due", "claimed"), "dead", "no for good, or attempts used up"),
        Transition("advise", ("dead",), "advised", "refused, and the partner is told by an 824"),
        Transition(
            "redeliver",
            ("dead", "refused", "advised"),
            "due",
            "a person wants it tried again, same key",
        ),
        Transition(
            "supersede",
            ("due", "held", "dead", "refused", "advised"),
            "superseded",
            "a newer translation replaces it",
        ),
        Transition("refuse", ("dead",), "refused", "a person gives it up"),
    ),
)

SUBMISSION = Flow(
    Subject.DOCUMENT,
    (
        Transition("submit", (), "waiting", "written as X12, checked, committed"),
        Transition("quarantine", (), "quarantined", "not fit to leave: a person must act"),
        Transition("hold", ("waiting",), "held", "a person lets it wait"),
        Transition("release", ("held",), "waiting", "a person lets it go"),
        Transition(
            "rewrite", ("quarantined", "enveloped"), "waiting", "written anew, for new numbers"
        ),
        Transition(
            "envelope", ("waiting",), "enveloped", "in an interchange, with its control numbers"
        ),
        Transition(
            "reject", ("enveloped",), "quarantined", "the partner rejected it: a person must act"
        ),
        Transition("resend", ("quarantined",), "enveloped", "a person sends it again as it was"),
        Transition("refuse", ("waiting", "held", "quarantined"), "refused", "a person gives it up"),
    ),
)

OUTGOING = Flow(
    Subject.OUTGOING,
    (
        Transition("owe", (), "due", "its bytes and control numbers are committed"),
        Transition("send", ("due",), "sent", "the partner's transport has it"),
        Transition("retry", ("due",), "due", "briefly unwell: due again after a pause"),
        Transition(
            "bury", ("due", "sent"), "dead", "no for good, or attempts used up; an MDN says no"
        ),
        Transition(
            "confirm", ("due", "sent", "dead"), "sent", "an answer says that the partner has it"
        ),
        Transition("redeliver", ("dead",), "due", "a person wants it tried again"),
        Transition(
            "resend", ("sent",), "due", "a person wants the same bytes sent again, or no MDN came"
        ),
        Transition("refuse", ("dead",), "refused", "a person gives it up: nobody is told"),
    ),
)

ALERT = Flow(
    Subject.ALERT,
    (
        Transition("raise", (), "open", "a person must know, and nobody has said that they do"),
        Transition("acknowledge", ("open",), "acknowledged", "a person has taken it up"),
        Transition("dismiss", ("open", "acknowledged"), "dismissed", "a person has closed it"),
        Transition(
            "resolve",
            ("open", "acknowledged", "dismissed"),
            "resolved",
            "what it was about is over",
        ),
    ),
)

_UNTOLD = ("none", "pending", "overdue")

ACKNOWLEDGMENT = Flow(
    Subject.ACKNOWLEDGMENT,
    (
        Transition("expect", (), "pending", "the partner owes an acknowledgment"),
        Transition("expect_none", (), "none", "nothing is owed: what comes is kept"),
        Transition("miss", ("pending",), "overdue", "the deadline has passed"),
        Transition("accept", _UNTOLD, "accepted", "the partner takes it, or all of it"),
        Transition(
            "accept_with_errors",
            (*_UNTOLD, "accepted"),
            "accepted_with_errors",
            "the partner takes it and says what is wrong",
        ),
        Transition(
            "accept_partly",
            (*_UNTOLD, "accepted", "accepted_with_errors"),
            "partly_accepted",
            "some sets of the interchange were rejected",
        ),
        Transition(
            "reject",
            (*_UNTOLD, "accepted", "accepted_with_errors", "partly_accepted"),
            "rejected",
            "the partner does not take it: a person must act",
        ),
        Transition(
            "ask_again",
            ("partly_accepted", "rejected"),
            "pending",
            "a person sends it again, as it is or written anew",
        ),
    ),
)

RUN = Flow(
    Subject.EXPORT,
    (
        Transition("plan", (), "planned", "its slot has come: noted with its job"),
        Transition("begin", ("planned", "running"), "running", "one process has the export"),
        Transition("end", ("running",), "done", "everything was read"),
        Transition("limit", ("running",), "limited", "a limit is reached: the next run goes on"),
        Transition(
            "fail", ("planned", "running"), "failed", "the source or we are unwell: a person looks"
        ),
        Transition(
            "skip", ("planned",), "skipped", "the export was paused, or is not there any more"
        ),
    ),
)

MARK = Flow(
    Subject.MARK,
    (
        Transition("owe", (), "waiting", "the record was taken, its document submitted"),
        Transition("release", ("waiting",), "due", "the document is as far as the export asks"),
        Transition("tell", ("due",), "done", "the ERP knows"),
        Transition("retry", ("due",), "due", "briefly unwell: due again after a pause"),
        Transition("park", ("due",), "due", "the process ends: no attempt is used up"),
        Transition("bury", ("due",), "dead", "no for good, or attempts used up"),
        Transition("redeliver", ("dead",), "due", "a person wants it tried again"),
        Transition(
            "void", ("waiting",), "void", "its document was given up: there is nothing to tell"
        ),
    ),
)

FLOWS: Mapping[Subject, Flow] = {
    flow.subject: flow
    for flow in (
        PAYLOAD,
        INTERCHANGE,
        DELIVERY,
        SUBMISSION,
        OUTGOING,
        ACKNOWLEDGMENT,
        RUN,
        MARK,
        ALERT,
    )
}
