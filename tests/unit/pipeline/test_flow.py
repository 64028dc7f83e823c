"""The transition table: what it holds happens, and nothing else."""

from __future__ import annotations

import pytest

from gateway.pipeline.flow import (
    ACKNOWLEDGMENT,
    ALERT,
    DELIVERY,
    FLOWS,
    INTERCHANGE,
    MARK,
    OUTGOING,
    PAYLOAD,
    RUN,
    SUBMISSION,
    Flow,
    IllegalTransition,
)
from gateway.pipeline.states import (
    AlertState,
    AwaitedStatus,
    DeliveryState,
    InterchangeState,
    MarkState,
    OutgoingState,
    PayloadState,
    RunState,
    WaitingState,
)

STATES = {
    PAYLOAD.subject: PayloadState,
    INTERCHANGE.subject: InterchangeState,
    DELIVERY.subject: DeliveryState,
    SUBMISSION.subject: WaitingState,
    OUTGOING.subject: OutgoingState,
    ACKNOWLEDGMENT.subject: AwaitedStatus,
    RUN.subject: RunState,
    MARK.subject: MarkState,
    ALERT.subject: AlertState,
}


def test_an_interchange_goes_through_the_words_of_the_flow_in_order() -> None:
    state = None
    for verb in ("receive", "identify", "parse", "validate", "translate", "route"):
        state = INTERCHANGE.advance(state, verb)
    assert state == "routed"


def test_refuses_to_skip_a_stage_and_says_what_is_allowed() -> None:
    with pytest.raises(IllegalTransition) as refusal:
        INTERCHANGE.advance("identified", "translate")
    assert str(refusal.value) == (
        "interchange in state identified: cannot translate; "
        "allowed: slice, parse, reject, drop, hold, quarantine"
    )


def test_refuses_anything_to_what_is_finished() -> None:
    with pytest.raises(IllegalTransition) as refusal:
        INTERCHANGE.advance("routed", "reject")
    assert str(refusal.value) == "interchange in state routed: cannot reject; allowed: nothing"


def test_what_is_delivered_stays_delivered() -> None:
    assert "delivered" in DELIVERY.final_states()
    assert DELIVERY.verbs("delivered") == []


def test_a_claim_can_be_taken_over_from_a_job_that_died() -> None:
    assert DELIVERY.advance("claimed", "claim") == "claimed"


def test_only_what_is_dead_or_given_up_is_redelivered_under_its_old_key() -> None:
    assert DELIVERY.sources("redeliver") == ("dead", "refused", "advised")


def test_a_verb_that_is_not_in_the_table_has_no_sources() -> None:
    with pytest.raises(IllegalTransition, match="delivery: no transition is called vanish"):
        DELIVERY.sources("vanish")


@pytest.mark.parametrize("flow", FLOWS.values(), ids=lambda flow: flow.subject)
def test_every_state_is_reached_and_every_name_is_a_state(flow: Flow) -> None:
    known = {state.value for state in STATES[flow.subject]}
    targets = {transition.target for transition in flow.transitions}
    sources = {source for transition in flow.transitions for source in transition.sources}
    assert targets == known
    assert sources <= known


@pytest.mark.parametrize("flow", FLOWS.values(), ids=lambda flow: flow.subject)
def test_every_transition_says_what_it_means(flow: Flow) -> None:
    assert [one.verb for one in flow.transitions if not one.meaning] == []


def test_draws_the_table_as_a_state_diagram() -> None:
    assert OUTGOING.picture() == "\n".join(
        [
            "stateDiagram-v2",
            "    [*] --> due: owe",
            "    due --> sent: send",
            "    due --> due: retry",
            "    due --> dead: bury",
            "    sent --> dead: bury",
            "    due --> sent: confirm",
            "    sent --> sent: confirm",
            "    dead --> sent: confirm",
            "    dead --> due: redeliver",
            "    sent --> due: resend",
            "    dead --> refused: refuse",
            "    refused --> [*]",
        ]
    )
