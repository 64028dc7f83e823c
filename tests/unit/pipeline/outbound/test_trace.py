"""Which canonical field stands at a place: the answer is the map's."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from gateway.findings import Finding
from gateway.pipeline.outbound import trace
from gateway.pipeline.outbound.trace import MOST_ALONE, Place, Tracer
from gateway.pipeline.rulebook import MapReader
from gateway.x12.model import Delimiters, Loop
from gateway.x12.validate import Validator
from tests.samples.maps import SCHEMAS, compiled_map

ORDER = """
ST*940*0001
W05*N*HG-1*PO-1
N1*WH*Northstar Fulfillment*94*NSD2
N1*CN*Lantern and Loom*93*LL-0042
N3*1180 Quarry Road
N4*Duluth*MN*55802*US
G62*10*20260304
W66*PP*U***UPS GROUND*****UPSN
LX*1
W01*24*CS**VN*LMP-100
N9*PC*L2602
LX*2
W01*6*EA**VN*SHD-220
W76*30
SE*15*0001
"""


@pytest.fixture(scope="module")
def tracer() -> Tracer:
    schema = SCHEMAS.get("004010", "940")
    assert schema is not None
    segments = [line.split("*") for line in ORDER.strip().splitlines()]
    return Tracer(segments, Delimiters(), compiled_map("northstar-940"), Validator(schema))


@pytest.mark.parametrize(
    ("position", "segment", "element", "field"),
    [
        (2, "W05", 2, "/depositor_order_number"),
        (2, "W05", 1, "/status"),
        (2, "W05", 5, "/master_reference"),  # nothing stands there
        (4, "N1", 4, "/parties/1/ids/0/value"),
        (6, "N4", 3, "/parties/1/address/postal_code"),
        (7, "G62", 2, "/requested_ship_date"),
        (10, "W01", 1, "/lines/0/ordered_quantity"),
        (13, "W01", 2, "/lines/1/unit"),
        (11, "N9", 2, "/lines/0/lot"),
        (11, "N9", None, "/lines/0/lot"),  # the segment as a whole
        (1, "ST", 1, None),
        (15, "SE", 1, None),
    ],
)
def test_names_the_field_at_a_place(
    tracer: Tracer, position: int, segment: str, element: int | None, field: str | None
) -> None:
    assert tracer.field_at(position, segment, element) == field


def test_names_what_a_segment_that_is_missing_would_say(tracer: Tracer) -> None:
    without = Tracer(
        [one for one in tracer.segments if one[0] != "W76"],
        tracer.delimiters,
        tracer.document_map,
        tracer.validator,
    )
    assert without.field_at(14, "W76") == "/total_quantity"


def test_names_nothing_beyond_the_set(tracer: Tracer) -> None:
    assert tracer.field_at(99, "N9", 2) is None


@dataclass
class CountedMap:
    """The map of the order, and how often it was asked."""

    reader: MapReader
    readings: list[int] = field(default_factory=list)

    def kept(self, document: object) -> tuple[Finding, ...]:
        del document
        return ()

    def read(self, tree: Loop, delimiters: Delimiters) -> object:
        self.readings.append(len(self.readings))
        return self.reader.read(tree, delimiters)


def long_order(lines: int) -> list[list[str]]:
    """Return an order of so many lines, from ST to SE."""
    head = [line.split("*") for line in ORDER.strip().splitlines()[:8]]
    body = [
        segment
        for line in range(1, lines + 1)
        for segment in (["LX", str(line)], ["W01", "6", "EA", "", "VN", f"SHD-{line}"])
    ]
    return [*head, *body, ["W76", str(6 * lines)], ["SE", str(len(head) + len(body) + 2), "0001"]]


def test_a_hundred_places_of_a_long_set_cost_a_few_readings(tracer: Tracer) -> None:
    counted = CountedMap(tracer.document_map)
    long = Tracer(long_order(2000), tracer.delimiters, counted, tracer.validator)
    items = [Place(10 + 2 * line, "W01", 5) for line in range(50)]
    quantities = [Place(10 + 2 * line, "W01", 1) for line in range(50)]
    found = long.fields_at([*items, *quantities])
    assert found == {
        **{place: f"/lines/{line}/item_ids/0/value" for line, place in enumerate(items)},
        **{place: f"/lines/{line}/ordered_quantity" for line, place in enumerate(quantities)},
    }
    assert len(counted.readings) <= 4


def test_many_places_have_the_fields_that_each_has_by_itself(
    tracer: Tracer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trace, "MOST_ALONE", 100)
    places = [
        Place(at, segment[0], element)
        for at, segment in enumerate(tracer.segments, 1)
        for element in range(1, len(segment))
    ]
    alone = {place: tracer.fields_at([place]).get(place) for place in places}
    together = tracer.fields_at(places)
    # By itself a line of an address is named by its list: without it the list is shorter.
    line = Place(5, "N3", 1)
    assert (alone.pop(line), together[line]) == (
        "/parties/1/address/lines",
        "/parties/1/address/lines/0",
    )
    assert {place: together.get(place) for place in alone} == alone


def test_places_that_only_the_whole_set_can_tell_are_bounded(tracer: Tracer) -> None:
    counted = CountedMap(tracer.document_map)
    long = Tracer(long_order(40), tracer.delimiters, counted, tracer.validator)
    long.fields_at([Place(9 + 2 * line, "LX") for line in range(40)])
    assert len(counted.readings) <= 4 + 7 * MOST_ALONE
