"""A delivery or an acknowledgment whose attempt kills the process, or stops its lane, each time."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from gateway.pipeline.pipeline import Pipeline
from gateway.pipeline.places import Destination, Places
from gateway.pipeline.ports import Consignment, Receipt
from gateway.pipeline.views import DocumentFilter
from gateway.transports.memory import Outbound
from tests.databases import sqlite_url
from tests.integration.world import FAST, PARTNER, World, order, rulebook, world


class Killed(BaseException):
    """Nothing that runs catches it, as nothing catches the end of a process."""


class Deadly(Outbound):
    """Kills whoever hands over what holds a text, and takes everything else."""

    def __init__(self, text: bytes) -> None:
        super().__init__()
        self._text = text
        self.deaths = 0

    def deliver(self, consignment: Consignment) -> Receipt:
        """Take it, or kill."""
        if self._text in consignment.content:
            self.deaths += 1
            raise Killed
        return super().deliver(consignment)


@pytest.fixture
def url(tmp_path: Path) -> str:
    return sqlite_url(tmp_path)


def live_until_it_ends(here: World, lane: str, *, erp: Outbound, folder: Outbound) -> None:
    """Run a lane in one life after another until one comes to its end."""
    places = Places({"erp": Destination(erp, FAST)}, {PARTNER: Destination(folder, FAST)})
    pipeline = Pipeline(here.store, here.jobs, rulebook(), places=places)
    for _ in range(20):
        try:
            pipeline.run_lane(lane)
        except Killed:
            continue
        return
    raise AssertionError("the lane never came to its end")


def test_a_delivery_that_kills_the_process_is_buried_and_its_neighbours_are_delivered(
    url: str,
) -> None:
    erp = Deadly(b"SO-2")
    with world(url) as here:
        here.pipeline.read_payloads(here.drop(order(1), order(2), order(3)), 1)
        live_until_it_ends(here, "deliver:erp", erp=erp, folder=Outbound())
        found = here.store.desk.documents(DocumentFilter())
        assert Counter(one.document.delivery for one in found) == {"delivered": 2, "dead": 1}
        [dead] = [one.document.id for one in found if one.document.delivery == "dead"]
        view = here.store.desk.document(dead)
    # The last one that it is allowed may have been among others: one more, by itself, says it.
    assert erp.deaths == FAST.attempts + 1
    assert view is not None
    [delivery] = view.deliveries
    assert (delivery.state, delivery.reason, delivery.owner, delivery.last_error) == (
        "dead",
        "stopped_the_process",
        "erp-team",
        "attempt 5 was begun and never ended: the process died, or a bug stopped it",
    )
    assert {one.outcome for one in view.attempts} == {"interrupted"}
    assert "bury" in [one.verb for one in view.timeline]


def test_an_acknowledgment_that_kills_the_process_is_buried_and_its_neighbours_are_sent(
    url: str,
) -> None:
    folder = Deadly(b"*000000501~")
    with world(url) as here:
        here.pipeline.read_payloads(here.drop(order(1), order(2), order(3)), 1)
        live_until_it_ends(here, f"send:{PARTNER}", erp=Outbound(), folder=folder)
        found = here.store.desk.outbound.outgoing()
    assert Counter(one.state for one in found) == {"sent": 2, "dead": 1}
    [dead] = [one for one in found if one.state == "dead"]
    assert folder.deaths == FAST.attempts + 1
    assert dead.last_error == (
        "attempt 5 was begun and never ended: the process died, or a bug stopped it"
    )
