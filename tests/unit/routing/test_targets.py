"""How routes name partners, and what the deliveries to them are called."""

from __future__ import annotations

import pytest

from gateway.routing import Onward, Rule, onward


@pytest.mark.parametrize(
    ("written", "names"),
    [
        ("erp", ("erp",)),
        ("partner:pier", ("partner:pier",)),
        (["erp", "partner:pier/940"], ("erp", "partner:pier/940")),
        ({"partner": "pier"}, ("partner:pier",)),
        ([{"partner": "pier", "set": "940", "as": "pick"}], ("partner:pier/940 as pick",)),
        ("partner:pier as pick", ("partner:pier as pick",)),
        (["erp", "erp", "partner:pier", {"partner": "pier"}], ("erp", "partner:pier")),
    ],
)
def test_a_rule_sends_to_destinations_and_partners(written: object, names: tuple[str, ...]) -> None:
    rule = Rule.model_validate({"name": "one", "to": written})
    assert rule.destinations == names


@pytest.mark.parametrize(
    "written", [[], "", "Erp", "partner:", "partner:pier/94", {"partner": "pier", "by": "x"}]
)
def test_what_names_nothing_is_refused(written: object) -> None:
    with pytest.raises(ValueError, match="to"):
        Rule.model_validate({"name": "one", "to": written})


def test_the_name_of_a_delivery_says_the_partner_again() -> None:
    for to in (
        Onward(partner="pier"),
        Onward(partner="pier", set="940"),
        Onward(partner="pier", shape="pick"),
        Onward(partner="pier", set="940", shape="pick"),
    ):
        assert onward(str(to)) == to
    assert onward("erp") is None


def test_the_longest_name_fits_its_column() -> None:
    longest = Onward(partner="p" * 64, set="940", shape="s" * 40)
    assert len(str(longest)) <= 128
