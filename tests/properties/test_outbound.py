"""What leaves reads back, by our own reader and the same map, to what was submitted."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

from hypothesis import event, given, settings
from hypothesis import strategies as st

from gateway.mapping.plan import Json
from gateway.pipeline.memory import forgetful
from gateway.pipeline.outbound.agreed import Wanted, find_agreement
from gateway.pipeline.outbound.write import Draft, write
from gateway.x12.reader import read_interchanges
from tests.integration.outbound_world import sending_rules, shipment
from tests.integration.world import PARTNER

RULES = sending_rules()
NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


def _words(characters: str) -> st.SearchStrategy[str]:
    """Draw text without blanks at its ends."""
    inner = st.text(st.sampled_from(characters + " "), max_size=20)
    ends = st.sampled_from(characters)
    return st.builds(lambda first, middle, last: first + middle + last, ends, inner, ends)


# Separators and letters of several bytes among them: now and then one may not leave.
_TEXT = st.one_of(_words("AbZ09-'/&+.,:"), _words("AbZ09-'/&+.,:"), _words("Ab*~>|é\u20ac"))
_ID = st.from_regex(r"[A-Z0-9][A-Z0-9-]{0,22}", fullmatch=True)
_QUANTITY = st.decimals(min_value="0.01", max_value=99_999, places=2).map(
    lambda value: f"{value.normalize():f}"
)
_DATE = st.dates(date(1900, 1, 1)).map(str)


@st.composite
def lines(draw: st.DrawFn) -> list[Json]:
    """Draw the lines of an order, with what a line may leave out."""
    found: list[Json] = []
    for number in range(1, draw(st.integers(1, 4)) + 1):
        sku = draw(_ID)
        line: dict[str, Json] = {
            "line_number": number,
            "item_ids": [{"scheme": "vendor_item", "value": sku}],
            "sku": sku,
            "ordered_quantity": draw(_QUANTITY),
            "unit": draw(st.sampled_from(["case", "each"])),
        }
        if draw(st.booleans()):
            line["lot"] = draw(_ID)
        if draw(st.booleans()):
            line["description"] = [draw(_TEXT)]
        found.append(line)
    return found


def _total(ordered: list[Json]) -> str:
    """Add the quantities up: the map writes the sum, whatever the document says."""
    quantities = [line["ordered_quantity"] for line in ordered if isinstance(line, dict)]
    return f"{sum(map(Decimal, quantities), Decimal()).normalize():f}"


@st.composite
def orders(draw: st.DrawFn) -> dict[str, Json]:
    """Draw a shipping order."""
    ordered = draw(lines())
    made = shipment(
        depositor_order_number=draw(_ID),
        purchase_order_number=draw(_ID),
        requested_ship_date=draw(_DATE),
        lines=ordered,
        total_quantity=_total(ordered),
    )
    if draw(st.booleans()):
        made["notes"] = [{"type": "warehouse", "text": draw(_TEXT)}]
    if draw(st.booleans()):
        made["parties"] = [
            {
                "role": "ship_to",
                "name": draw(_TEXT),
                "ids": [{"scheme": "assigned_by_depositor", "value": draw(_ID)}],
            }
        ]
    return made


def drafted(document: dict[str, Json]) -> tuple[Draft, list[object]]:
    """Write a document, and read back what would leave."""
    agreed = find_agreement(RULES, document, PARTNER, Wanted())
    draft = write(document, agreed, now=NOW, memory=forgetful, came=NOW)
    if draft.refused:
        return draft, []
    [interchange] = read_interchanges(draft.content)
    [one] = interchange.groups[0].transaction_sets
    parsed = agreed.validator.parse(one)
    assert parsed.findings == []
    return draft, list(agreed.document_map.read(parsed.tree, one.delimiters).documents)


@given(orders())
@settings(deadline=None)  # the first one compiles a map
def test_what_leaves_reads_back_to_the_same_document(document: dict[str, Json]) -> None:
    draft, read = drafted(document)
    if draft.refused:
        event("is not fit to leave")
        assert draft.because
    else:
        event("leaves")
        assert read == [document]


def test_a_sound_order_leaves() -> None:
    document = shipment()
    draft, read = drafted(document)
    assert (draft.findings, read) == ((), [document])


def test_a_total_that_is_wrong_is_written_right_and_noted() -> None:
    draft, [read] = drafted(shipment(total_quantity="25"))
    assert [one.code for one in draft.findings] == ["total_differs"]
    assert read == shipment(total_quantity="24")
