"""The inventory: somebody tells how much of each item there is, and in which state (X12 846)."""

from __future__ import annotations

from typing import Literal, Required

from pydantic import with_config
from typing_extensions import TypedDict

from gateway.canonical.codes import Classification
from gateway.canonical.envelope import Envelope
from gateway.canonical.goods import (
    Allocation,
    Description,
    Gtin,
    ItemIds,
    Mark,
    Measurement,
    Sku,
)
from gateway.canonical.money import Charge, Price
from gateway.canonical.parties import Contact, Event, Party, Reference
from gateway.canonical.values import CLOSED, Code, Count, Date, Number, Text, Time

BUSINESS_KEYS = ("inventory_number",)
"""The fields that people search by."""


@with_config(CLOSED)
class ExpectedQuantity(TypedDict, total=False):
    """How many will come or go, and when."""

    quantity: Required[Number]
    """How many."""
    unit: Required[Code]
    """Unit of that quantity."""
    date_type: Required[Code]
    """What happens on the date, such as scheduled_delivery, or the partner's code."""
    date: Required[Date]
    """The day."""
    time: Time
    """The time of day."""
    reference: Text
    """Number that it is known by."""


@with_config(CLOSED)
class Bucket(TypedDict, total=False):
    """How much of an item is in one state."""

    status: Required[Code]
    """on_hand, available, allocated, hold, in_transit, and so on, or the partner's code."""
    quantity: Number
    """How many; what is not a number is in `text`."""
    text: Text
    """How many, in words."""
    unit: Code
    """Unit of the quantity."""
    measurements: list[Measurement]
    """Measured properties."""
    dates: list[Event]
    """Dates that belong to the quantity."""
    expected: list[ExpectedQuantity]
    """How many of them will come or go, and when."""
    classifications: list[Classification]
    """Codes of others' lists."""


@with_config(CLOSED)
class InventoryLine(TypedDict, total=False):
    """One item, or one lot of an item."""

    line_number: Text
    """Number of the line."""
    item_ids: ItemIds
    sku: Sku
    gtin: Gtin
    descriptions: list[Description]
    """What the item is."""
    lot: Text
    """Lot that the line is about."""
    expiry_date: Date
    """When the lot expires."""
    location: Text
    """Where in the warehouse the stock is."""
    unit_price: Number
    """Price of one unit."""
    price_basis: Code
    """What that price is for, such as per_each or per_hundred."""
    price_unit: Code
    """Unit that the price is for."""
    prices: list[Price]
    """Further prices."""
    buckets: list[Bucket]
    """How much there is, state by state."""
    allocations: list[Allocation]
    """How much is at which store."""
    measurements: list[Measurement]
    """Measured properties."""
    marks: list[Mark]
    """Marks on the packages."""
    charges: list[Charge]
    """Charges for the item."""
    references: list[Reference]
    """Numbers that belong to the line."""
    contacts: list[Contact]
    """Whom to ask about the item."""
    dates: list[Event]
    """Further dates."""
    classifications: list[Classification]
    """Codes of others' lists."""
    parties: list[Party]
    """Parties of this line only, such as the warehouse where it lies."""


@with_config(CLOSED)
class Inventory(Envelope, total=False):
    """How much there is: X12 846, inventory inquiry or advice."""

    document: Required[Literal["inventory"]]
    """The type of this document."""
    purpose: Required[Code]
    """original, replace, and so on, or the partner's code."""
    report_type: Required[Code]
    """Kind of report, as the partner's code."""
    inventory_number: Required[Text]
    """The report's number."""
    as_of_date: Required[Date]
    """Day that the figures are of."""
    as_of_time: Time
    """Time that the figures are of."""
    action: Code
    """What is asked of the receiver, as the partner's code."""
    currency: Code
    """Currency of all prices; absent where the partners agree on one."""
    currency_party: Code
    """Whose currency it is."""
    parties: list[Party]
    """Who takes part, in the order received: the warehouse is among them."""
    references: list[Reference]
    """Further numbers."""
    contacts: list[Contact]
    """Whom to ask about the report."""
    dates: list[Event]
    """Further dates, such as the period that is reported."""
    measurements: list[Measurement]
    """Measured properties of everything."""
    classifications: list[Classification]
    """Codes of others' lists."""
    lines: Required[list[InventoryLine]]
    """What there is."""
    total_lines: Count
    """How many lines the report says that it has."""
    total_hash: Number
    """Sum of quantities, as a check."""
