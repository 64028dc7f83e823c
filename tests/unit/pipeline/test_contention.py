"""What a person asks for is tried again where another transaction came in its way."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sqlalchemy as sa

from gateway.pipeline.contention import MOST_TRIES, insist
from gateway.pipeline.store_port import LostRace


class _Broken(Exception):
    """What a driver raises."""

    def __init__(self, sqlstate: str) -> None:
        super().__init__(f"state {sqlstate}")
        self.sqlstate = sqlstate


def broken(sqlstate: str) -> sa.exc.DBAPIError:
    return sa.exc.DBAPIError("UPDATE", None, _Broken(sqlstate))


def failing(faults: list[Exception]) -> Callable[[], str]:
    """Return a transaction that fails with each of these before it ends well."""

    def transact() -> str:
        if faults:
            raise faults.pop(0)
        return "done"

    return transact


@pytest.mark.parametrize("fault", [LostRace("lost"), broken("40P01"), broken("40001")])
def test_what_was_lost_a_few_times_is_done_in_the_end(fault: Exception) -> None:
    assert insist(failing([fault] * (MOST_TRIES - 1))) == "done"


def test_a_race_that_is_lost_each_time_says_what_was_lost() -> None:
    with pytest.raises(LostRace, match=r"^the document was changed meanwhile$"):
        insist(failing([LostRace("the document was changed meanwhile")] * MOST_TRIES))


def test_a_deadlock_each_time_is_a_lost_race() -> None:
    with pytest.raises(LostRace, match=r"^others change the same at this moment$"):
        insist(failing([broken("40P01")] * MOST_TRIES))


@pytest.mark.parametrize("tries", [0, MOST_TRIES - 1])
def test_another_fault_of_the_database_is_raised_at_once(tries: int) -> None:
    faults: list[Exception] = [*([LostRace("lost")] * tries), broken("42P01")]
    with pytest.raises(sa.exc.DBAPIError, match="42P01"):
        insist(failing(faults))
    assert faults == []
