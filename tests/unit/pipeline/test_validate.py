"""The verdict on an interchange whose groups fall under several agreements."""

from __future__ import annotations

import pytest

from gateway.partners import Partner
from gateway.pipeline.stages.envelope import Envelope, survey
from gateway.pipeline.stages.validate import Conclusion, Judge
from tests.integration.world import order, partner


def several(orders: dict[str, str], advice: dict[str, str]) -> Partner:
    """Return a partner whose orders and shipping advices are acknowledged as given."""
    return partner(
        agreements=[
            {"set": "940", "direction": "in", "map": "plain-940", "acknowledgment": orders},
            {"set": "945", "direction": "in", "map": "plain-945", "acknowledgment": advice},
        ]
    )


def envelope(content: bytes) -> Envelope:
    """Survey a payload; its second group holds a 945 that nobody looks at here."""
    advice = b"GS*SW*QUAYSIDE*HARBOR*20260315*0912*2*X*004010~ST*945*0001~SE*2*0001~GE*1*2~"
    [one] = survey(content.replace(b"GE*1*1~IEA*1*", b"GE*1*1~" + advice + b"IEA*2*"))
    return one


def concluded(them: Partner) -> Conclusion:
    judge = Judge(envelope(order(1)), them)
    return judge.conclude({})


def answered(conclusion: Conclusion) -> list[str]:
    return [group.header.functional_id for group, _ in conclusion.answer.groups]


@pytest.mark.parametrize(
    ("orders", "advice", "groups"),
    [
        ("always", "always", ["OW", "SW"]),
        ("always", "never", ["OW"]),
        ("never", "always", ["SW"]),
        ("never", "never", []),
    ],
)
def test_each_group_is_answered_as_its_own_agreement_says(
    orders: str, advice: str, groups: list[str]
) -> None:
    them = several({"997": orders, "ta1": "never"}, {"997": advice, "ta1": "never"})
    conclusion = concluded(them)
    assert answered(conclusion) == groups
    assert conclusion.answer.ta1 is None
    assert [("OW", "SW")[number] for number in conclusion.untold] == [
        kind for kind in ("OW", "SW") if kind not in groups
    ]


@pytest.mark.parametrize(
    ("orders", "advice", "sent"),
    [
        ("never", "never", False),
        ("always", "never", True),
        ("never", "always", True),
        ("requested", "never", False),
        ("on_reject", "always", True),
    ],
)
def test_a_ta1_is_sent_where_any_agreement_asks_for_one(
    orders: str,
    advice: str,
    sent: bool,  # noqa: FBT001 - a table of cases
) -> None:
    them = several({"997": "never", "ta1": orders}, {"997": "never", "ta1": advice})
    conclusion = concluded(them)
    assert (conclusion.answer.ta1 is not None) is sent
    assert conclusion.answer.due is sent
    assert conclusion.untold == (() if sent else (0, 1))


def test_a_group_without_an_agreement_is_answered_as_the_partner_agreed() -> None:
    them = partner(acknowledgment={"997": "never", "ta1": "always"})
    conclusion = concluded(them)
    assert answered(conclusion) == []
    assert conclusion.answer.ta1 is not None
