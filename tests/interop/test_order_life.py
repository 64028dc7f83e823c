"""The life of an order, between a retailer, Tryton and a warehouse, each of them real or as real.

850 from a folder, a sale in Tryton, its shipment exported as 940 to the warehouse, 945 back, the
shipment done, 855, 856 and 810 to the retailer, and everybody's 997.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from threading import Event, Thread

import pytest

from tests.integration.world import wait_for
from tests.interop.order_life import (
    ADVICE,
    ORDER,
    PATIENCE,
    RETAILER,
    WAREHOUSE,
    OrderLife,
)
from tests.interop.troubled_way import troubled_way
from tests.interop.tryton import Tryton, tryton
from tests.programs import Program

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def erp(tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config) -> Iterator[Tryton]:
    with tryton(pytestconfig.cache.mkdir("tryton"), tmp_path_factory.mktemp("erp")) as running:
        yield running


@contextmanager
def running(life: OrderLife) -> Iterator[Program]:
    process = life.start()
    try:
        yield process
    finally:
        process.terminate()
        process.wait(timeout=60)


def test_an_order_goes_from_the_retailer_s_850_to_our_810_and_everybody_s_997(
    erp: Tryton, tmp_path: Path
) -> None:
    life = OrderLife.make(tmp_path / "home", erp)
    with running(life):
        life.drop(RETAILER, "850-1.edi", ORDER.format(number=901, order="0093388120-0900"))
        [acknowledged] = life.wait_for_set(RETAILER, "855")
        assert b"BAK*00*AD*0093388120-0900*20260302" in acknowledged.read_bytes()
        [sale] = erp.found("sale.sale", [["reference", "=", "0093388120-0900"]], "state")
        assert sale["state"] == "processing"

        [ordered] = life.wait_for_set(WAREHOUSE, "940")
        shipment = ordered.read_text().partition("W05*N*")[2].partition("*")[0]
        advice = ADVICE.format(number=451, shipment=shipment, order="0093388120-0900")
        life.drop(WAREHOUSE, "945-1.edi", advice)
        [announced] = life.wait_for_set(RETAILER, "856")
        assert b"MAN*GM*00000614141000000017" in announced.read_bytes()
        number = [["number", "=", shipment]]
        [done] = erp.found("stock.shipment.out", number, "state")
        assert done["state"] == "done"

        [invoice] = erp.found("account.invoice", [["sales.id", "=", sale["id"]]], "state")
        erp.rpc("model.account.invoice.post", [invoice["id"]])
        [billed] = life.wait_for_set(RETAILER, "810")
        assert b"TDS*29760~" in billed.read_bytes()

        for place, file in enumerate((acknowledged, announced, billed)):
            life.acknowledge(RETAILER, file, 950 + place)
        life.acknowledge(WAREHOUSE, ordered, 960)
        wait_for(lambda: {one["acknowledgment"] for one in sent(life)} == {"accepted"}, PATIENCE)
    assert sorted(str(one["set_id"]) for one in sent(life)) == ["810", "855", "856", "940"]
    assert len(life.out(RETAILER, "997")) == len(life.out(WAREHOUSE, "997")) == 1


IMPATIENT = """
  tryton-sales: {timeout: 5s, attempts: 200, backoff: {first: 100ms, longest: 1s}, concurrency: 1, breaker: {failures: 50, pause: 1s, longest: 2s}}
  tryton-shipments: {timeout: 5s, attempts: 200, backoff: {first: 100ms, longest: 1s}, concurrency: 1, breaker: {failures: 50, pause: 1s, longest: 2s}}
"""  # noqa: E501
ORDERS = 3
KILLS = 3


def test_whatever_dies_or_fails_on_the_way_each_order_has_one_effect_everywhere(
    erp: Tryton, tmp_path: Path
) -> None:
    numbers = [f"0093388120-07{n:02}" for n in range(ORDERS)]
    with troubled_way(erp.url, seed=20260302, patience=7) as way:
        life = OrderLife.make(tmp_path / "home", erp, url=way.url, settings=IMPATIENT)
        with killed_again_and_again(life, KILLS, way.random):
            for place, number in enumerate(numbers):
                text = ORDER.format(number=700 + place, order=number)
                life.drop(RETAILER, f"850-{place}.edi", text)
            play_the_warehouse(life, numbers)
            bill(erp, life, numbers)
            way.troubled = False
            wait_for(lambda: nothing_waits(life), PATIENCE)
    print(f"\n{ORDERS} orders, {KILLS} times kill -9, on the way to Tryton: {dict(way.happened)}")
    assert len(way.happened) == 5, "everything that can go wrong did"
    sales = [erp.found("sale.sale", [["reference", "=", one]], "shipments") for one in numbers]
    assert [len(one) for one in sales] == [1] * ORDERS
    assert [len(sale["shipments"]) for [sale] in sales] == [1] * ORDERS
    for set_id in ("855", "856", "810"):
        assert told(life, set_id, numbers) == [1] * ORDERS, set_id
    assert len(life.out(WAREHOUSE, "940")) == ORDERS


def play_the_warehouse(life: OrderLife, numbers: list[str]) -> None:
    """Ship what each 940 asks for, as it comes."""
    shipped: set[str] = set()

    def ship() -> bool:
        for file in life.out(WAREHOUSE, "940"):
            if file.name not in shipped:
                text = file.read_text()
                shipment, order = text.partition("W05*N*")[2].partition("~")[0].split("*")[:2]
                advice = ADVICE.format(number=500 + len(shipped), shipment=shipment, order=order)
                life.drop(WAREHOUSE, f"945-{len(shipped)}.edi", advice)
                shipped.add(file.name)
        return len(shipped) >= len(numbers) and all(told(life, "856", numbers))

    wait_for(ship, 3 * PATIENCE)


def bill(erp: Tryton, life: OrderLife, numbers: list[str]) -> None:
    """Post the invoices, as a person at the desk does, and wait until they are sent."""
    drafts = erp.found(
        "account.invoice", [["sales.reference", "in", numbers], ["state", "=", "draft"]], "state"
    )
    for one in drafts:
        erp.rpc("model.account.invoice.post", [one["id"]])
    # What an earlier test's order came to is exported to this retailer too.
    wait_for(lambda: all(told(life, "810", numbers)), PATIENCE)


def told(life: OrderLife, set_id: str, numbers: list[str]) -> list[int]:
    """Return, for each order, how many files with such a set of it the retailer has."""
    texts = [path.read_text() for path in life.out(RETAILER, set_id)]
    return [sum(number in text for text in texts) for number in numbers]


def nothing_waits(life: OrderLife) -> bool:
    """Say whether every document was delivered."""
    return all(one["delivery"] in ("delivered", "none") for one in life.documents(limit="100"))


@contextmanager
def killed_again_and_again(life: OrderLife, times: int, random: Random) -> Iterator[None]:
    """Run the gateway, and kill it at moments that nobody chose; it is started again each time."""
    over = Event()

    def go_on() -> None:
        for _ in range(times):
            process = life.start()
            over.wait(random.uniform(2.0, 8.0))
            process.kill()
            process.wait()
        process = life.start()
        over.wait()
        process.terminate()
        process.wait(timeout=60)

    thread = Thread(target=go_on)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def sent(life: OrderLife) -> list[dict[str, object]]:
    """Return the documents of ours, acknowledgments left out."""
    return life.documents(direction="out")
