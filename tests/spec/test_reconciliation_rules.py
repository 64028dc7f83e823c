"""What an acknowledgment is about, and what it makes of it: the rules, one test for each."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gateway.acks.codes import CODES, CodeList
from gateway.acks.model import GroupAcknowledgment, SetAcknowledgment, Status
from gateway.acks.words import finding_of, meaning
from gateway.findings import FindingCode
from gateway.pipeline.flow import ACKNOWLEDGMENT, IllegalTransition
from gateway.pipeline.outgoing_records import OutgoingSetRecord
from gateway.pipeline.reconciliation.matching import index_of, match_set
from gateway.pipeline.reconciliation.verdicts import (
    STATUS_OF,
    VERB_TO,
    verdict_on_all,
    verdict_on_named,
    verdict_on_others,
)
from gateway.pipeline.repetitions import LAST_NUMBER, MOST_MISSING, Step, step
from gateway.pipeline.stages.reconcile import group_reply, interchange_replies
from gateway.pipeline.states import AwaitedStatus
from gateway.x12.model import ControlNumber, Delimiters, TransactionSet
from tests.spec.test_acknowledgment_codes import STANDARD

GROUP = GroupAcknowledgment(
    "OW", ControlNumber("700"), Status.ACCEPTED, declared=2, received=2, accepted=2
)
SET = SetAcknowledgment("940", ControlNumber("0001"), Status.ACCEPTED)
OURS = OutgoingSetRecord("outgoing-1", "700", "0001", "940", "OW", "quayside", "document-1", 0, 9)

A, E = AwaitedStatus.ACCEPTED, AwaitedStatus.ACCEPTED_WITH_ERRORS
P, R = AwaitedStatus.PARTLY_ACCEPTED, AwaitedStatus.REJECTED


def set_of(*segments: str, set_id: str = "997") -> TransactionSet:
    whole = [f"ST*{set_id}*0001", *segments, f"SE*{len(segments) + 2}*0001"]
    return TransactionSet(
        [segment.split("*") for segment in whole],
        [0] * len(whole),
        Delimiters(),
        ControlNumber("000000009"),
        ControlNumber("9"),
    )


@pytest.mark.parametrize("number", ["0001", "1", "000000001", " 0001 "])
def test_a_set_is_found_whatever_zeros_the_partner_writes(number: str) -> None:
    assert match_set(index_of([OURS]), replace(SET, control_number=ControlNumber(number))) is OURS


def test_a_set_of_another_id_or_number_is_not_ours() -> None:
    assert match_set(index_of([OURS]), replace(SET, set_id="945")) is None
    assert match_set(index_of([OURS]), replace(SET, control_number=ControlNumber("0010"))) is None


@pytest.mark.parametrize(("said", "becomes"), [("A", A), ("E", E), ("P", E), ("R", R)])
def test_a_named_set_has_the_verdict_of_its_ak5(said: str, becomes: AwaitedStatus) -> None:
    assert verdict_on_named(GROUP, replace(SET, status=Status(said))).status is becomes


def test_a_rejected_group_takes_a_set_along_that_it_accepts() -> None:
    verdict = verdict_on_named(replace(GROUP, status=Status.REJECTED, codes=("2",)), SET)
    assert (verdict.status, verdict.because) == (
        R,
        "the partner rejected the whole group: group version not supported",
    )


@pytest.mark.parametrize(("said", "becomes"), [("A", A), ("E", A), ("P", A), ("R", R)])
def test_a_set_that_is_not_named_was_taken_unless_its_group_was_rejected(
    said: str, becomes: AwaitedStatus
) -> None:
    verdict = verdict_on_others(replace(GROUP, status=Status(said)), 2)
    assert verdict is not None
    assert verdict.status is becomes


def test_a_set_that_is_not_named_was_not_taken_where_the_partner_counts_none() -> None:
    verdict = verdict_on_others(replace(GROUP, status=Status.PARTIALLY_ACCEPTED, accepted=0), 2)
    assert verdict is not None
    assert (verdict.status, verdict.because) == (
        R,
        "the partner says that it took none of the sets that it does not name",
    )


@pytest.mark.parametrize(
    ("received", "accepted", "named", "unnamed", "becomes"),
    [
        (3, 2, [Status.REJECTED], 2, A),
        (3, 1, [Status.REJECTED], 2, None),
        (3, 0, [Status.REJECTED], 2, R),
        (3, 2, [], 3, None),
        (3, 2, [Status.ACCEPTED], 2, None),
        (3, 1, [Status.ACCEPTED], 2, R),
    ],
)
def test_which_of_several_sets_was_refused_is_never_guessed(
    received: int, accepted: int, named: list[Status], unnamed: int, becomes: AwaitedStatus | None
) -> None:
    sets = tuple(replace(SET, status=status) for status in named)
    partly = replace(
        GROUP,
        status=Status.PARTIALLY_ACCEPTED,
        declared=received,
        received=received,
        accepted=accepted,
        sets=sets,
    )
    verdict = verdict_on_others(partly, unnamed)
    assert (verdict.status if verdict else None) is becomes


@pytest.mark.parametrize(
    ("sets", "group", "whole"),
    [
        ((A, A), A, A),
        ((A, E), A, E),
        ((A, A), E, E),
        ((A, R), P, P),
        ((A, R), A, P),
        ((R, R), P, R),
        ((R, R), R, R),
        ((R, None), R, P),
        ((A, A), P, P),
    ],
)
def test_the_interchange_is_what_its_sets_are(
    sets: tuple[AwaitedStatus | None, ...], group: AwaitedStatus, whole: AwaitedStatus
) -> None:
    assert verdict_on_all(sets, group) is whole


@pytest.mark.parametrize("status", Status)
def test_every_status_of_the_standard_is_a_verdict_that_the_flow_knows(status: Status) -> None:
    verdict = STATUS_OF[status]
    assert ACKNOWLEDGMENT.advance("pending", VERB_TO[verdict]) == verdict
    assert ACKNOWLEDGMENT.advance("overdue", VERB_TO[verdict]) == verdict
    assert ACKNOWLEDGMENT.advance("none", VERB_TO[verdict]) == verdict


def test_what_was_rejected_is_not_accepted_unless_a_person_asks_again() -> None:
    with pytest.raises(IllegalTransition):
        ACKNOWLEDGMENT.advance("rejected", "accept")
    assert ACKNOWLEDGMENT.advance("rejected", "ask_again") == "pending"


@pytest.mark.parametrize(
    ("segments", "set_id", "because"),
    [
        (("AK1*OW*700",), "997", "AK1 or AK9 is missing, or AK9 says nothing"),
        (("AK9*A*1*1*1",), "997", "AK1 or AK9 is missing, or AK9 says nothing"),
        (("AK1*OW*700", "AK9**1*1*1"), "997", "AK1 or AK9 is missing, or AK9 says nothing"),
        (("BGN*11*1",), "824", "a set 824 is no acknowledgment that we know"),
    ],
)
def test_what_says_nothing_is_no_verdict(
    segments: tuple[str, ...], set_id: str, because: str
) -> None:
    reply = group_reply(set_of(*segments, set_id=set_id), (0, 0), taken=True)
    assert (reply.said, reply.because) == (None, because)


def test_an_acknowledgment_in_a_faulty_envelope_is_not_believed() -> None:
    reply = group_reply(set_of("AK1*OW*700", "AK9*A*1*1*1"), (0, 0), taken=False)
    assert reply.said is None
    [ta1] = interchange_replies([["TA1", "000000500", "", "", "A", "000"]], taken=False)
    assert ta1.because == "its own envelope is at fault: it is not believed"


def test_a_ta1_without_its_number_is_no_verdict() -> None:
    [ta1] = interchange_replies([["TA1", "", "260315", "0912", "A", "000"]], taken=True)
    assert (ta1.said, ta1.because) == (None, "TA101 or TA104 is missing")


@pytest.mark.parametrize("code_list", CodeList)
def test_every_code_of_the_standard_is_said_in_words(code_list: CodeList) -> None:
    unsaid = {code for code in STANDARD[code_list] if "of list" in meaning(code_list, code)}
    assert unsaid <= WITHOUT_A_TEXT.get(code_list, set())


WITHOUT_A_TEXT = {
    CodeList.NOTE: {"028", "029", "030", "031"},
    CodeList.TRANSACTION_SET: {"24", "25", "26", "27"},
}
"""Deferred delivery, and codes that our table has no name for."""


@pytest.mark.parametrize("finding", [code for code, said in CODES.items() if said is not None])
def test_a_code_that_we_send_is_understood_as_one_that_says_the_same(
    finding: FindingCode,
) -> None:
    projected = CODES[finding]
    assert projected is not None
    named = finding_of(projected.code_list, projected.code)
    assert named is not None
    said = CODES[named]
    assert said is not None
    assert said.code == projected.code


def test_a_code_that_nobody_knows_is_given_as_it_stands() -> None:
    assert meaning(CodeList.ELEMENT, "X9") == "code 'X9' of list 723"
    assert meaning(CodeList.SEGMENT, "") == "no code that says why"


@pytest.mark.parametrize(
    ("highest", "number", "becomes"),
    [
        (41, 42, Step(42)),
        (41, 44, Step(44, (42, 43))),
        (44, 42, Step(44)),
        (44, 44, Step(44)),
        (LAST_NUMBER, 1, Step(1)),
        (LAST_NUMBER - 1, 2, Step(2, (LAST_NUMBER, 1))),
        (1, LAST_NUMBER, Step(1)),
        (41, 41 + MOST_MISSING + 1, Step(142, tuple(range(42, 142)))),
        (41, 41 + MOST_MISSING + 2, Step(143, jumped=True)),
    ],
)
def test_a_number_follows_the_highest_before_it(highest: int, number: int, becomes: Step) -> None:
    assert step(highest, number) == becomes
