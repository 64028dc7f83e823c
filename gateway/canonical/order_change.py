"""The order change: a buyer changes what was ordered (X12 860).

It is a document of its own: a program that takes orders must never take a change for a new one.
What it shares with an order is written in both: pydantic reads the descriptions of a class from its
own lines only, and inherited fields would stand before its own. A test holds the two together.
"""

from __future__ import annotations

from typing import Literal, Required

from pydantic import with_config
from typing_extensions import TypedDict

from gateway.canonical.envelope import Envelope
from gateway.canonical.goods import (
    Allocation,
    Carrier,
    Description,
    Gtin,
    ItemIds,
    Lading,
    Mark,
    Measurement,
    Packing,
    Quantity,
    Sku,
)
from gateway.canonical.money import Charge, DeliveryTerms, PaymentTerms, Price, Tax
from gateway.canonical.parties import Contact, Event, Message, Party, Reference
from gateway.canonical.values import CLOSED, Code, Count, Date, Number, Text, Time

BUSINESS_KEYS = ("purchase_order_number", "release_number")
"""The fields that people search by."""


@with_config(CLOSED)
class OrderChangeLine(TypedDict, total=False):
    """One line that changes."""

    line_number: Text
    """The buyer's number of the line, as in the order; not always a number."""
    change_type: Required[Code]
    """add, delete, change, quantity_increase, quantity_decrease, price_change, replace, no_change,
    and so on, or the partner's code."""
    item_ids: ItemIds
    sku: Sku
    gtin: Gtin
    ordered_quantity: Number
    """How many are ordered: whether in all or how many more or fewer, the buyer's guide says."""
    previous_quantity: Number
    """How many were ordered before, where the buyer says it."""
    open_quantity: Number
    """How many the buyer still waits for."""
    unit: Code
    """Unit of the quantities, such as each or case."""
    unit_price: Number
    """Price of one unit, in the order's currency."""
    price_basis: Code
    """What the price is for, such as per_each or per_hundred."""
    prices: list[Price]
    """Further prices."""
    descriptions: list[Description]
    """What the item is."""
    packing: list[Packing]
    """How the item is packed."""
    measurements: list[Measurement]
    """Measured properties that the item must have."""
    quantities: list[Quantity]
    """Further quantities."""
    requested_ship_date: Date
    """Day on which this line should leave."""
    requested_ship_time: Time
    """Time of that day."""
    requested_ship_time_zone: Code
    """Zone of that time, as a code such as ET, PT or UT."""
    requested_delivery_date: Date
    """Day on which this line should arrive."""
    requested_delivery_time: Time
    """Time of that day."""
    requested_delivery_time_zone: Code
    """Zone of that time, as a code such as ET, PT or UT."""
    allocations: list[Allocation]
    """How much of the line is for which store."""
    charges: list[Charge]
    """Charges and allowances of this line."""
    taxes: list[Tax]
    """Taxes of this line."""
    references: list[Reference]
    """Numbers that belong to the line."""
    dates: list[Event]
    """Further dates."""
    messages: list[Message]
    """Longer texts that belong to the line."""
    notes: list[Text]
    """Texts that belong to the line."""
    marks: list[Mark]
    """What to print on the packages."""
    parties: list[Party]
    """Parties of this line only."""


@with_config(CLOSED)
class OrderChange(Envelope, total=False):
    """What changes of an order: X12 860, purchase order change request of the buyer."""

    document: Required[Literal["order_change"]]
    """The type of this document."""
    purpose: Required[Code]
    """change, cancel, replace, confirmation, or the partner's code."""
    purchase_order_type: Required[Code]
    """stand_alone, drop_ship, release, blanket, or the partner's code."""
    purchase_order_number: Required[Text]
    """The buyer's number of the order that changes."""
    release_number: Text
    """Release of a standing order."""
    change_number: Text
    """Which change of the order this is."""
    purchase_order_date: Required[Date]
    """Date of the order."""
    change_date: Date
    """Date of the change."""
    request_reference: Text
    """Number of the request that led to the change."""
    contract_number: Text
    """Number of the contract it is made under."""
    reference: Text
    """Another number of the change."""
    acknowledgment_wanted: Code
    """Which answer the buyer wants, as the partner's code."""
    transaction_type: Code
    """Kind of change, as the partner's code."""
    currency: Code
    """Currency of all amounts; absent where the partners agree on one."""
    currency_party: Code
    """Whose currency it is."""
    requested_ship_date: Date
    """Day on which the goods should leave."""
    requested_ship_time: Time
    """Time of that day."""
    requested_ship_time_zone: Code
    """Zone of that time, as a code such as ET, PT or UT."""
    requested_delivery_date: Date
    """Day on which the goods should arrive."""
    requested_delivery_time: Time
    """Time of that day."""
    requested_delivery_time_zone: Code
    """Zone of that time, as a code such as ET, PT or UT."""
    ship_not_before: Date
    """First day on which the goods may leave."""
    ship_not_before_time: Time
    """Time of that day."""
    ship_not_before_time_zone: Code
    """Zone of that time, as a code such as ET, PT or UT."""
    ship_not_later: Date
    """Last day on which the goods may leave."""
    ship_not_later_time: Time
    """Time of that day."""
    ship_not_later_time_zone: Code
    """Zone of that time, as a code such as ET, PT or UT."""
    cancel_after: Date
    """Day after which the order is void."""
    cancel_after_time: Time
    """Time of that day."""
    cancel_after_time_zone: Code
    """Zone of that time, as a code such as ET, PT or UT."""
    department: Text
    """The buyer's department."""
    vendor_number: Text
    """The seller's number at the buyer."""
    promotion_number: Text
    """Promotion that the order belongs to."""
    customer_order_number: Text
    """The consumer's number of the order, where goods go to a person."""
    sales_requirements: list[Code]
    """Whether back orders and partial deliveries are taken, as the partner's codes."""
    delivery_terms: list[DeliveryTerms]
    """Who pays the freight, and where the goods change hands."""
    payment_terms: list[PaymentTerms]
    """When invoices are paid."""
    carriers: list[Carrier]
    """Who should move the goods."""
    lading: list[Lading]
    """How many packages, and their weight."""
    charges: list[Charge]
    """Charges and allowances of the whole order."""
    taxes: list[Tax]
    """Taxes of the whole order."""
    descriptions: list[Description]
    """What is ordered, for the order as a whole."""
    references: list[Reference]
    """Further numbers."""
    contacts: list[Contact]
    """Whom to ask about the change."""
    dates: list[Event]
    """Further dates."""
    messages: list[Message]
    """Texts for people."""
    parties: list[Party]
    """Who takes part, in the order received."""
    lines: list[OrderChangeLine]
    """What changes; none where the whole order is cancelled."""
    total_lines: Count
    """How many lines the change says that it has."""
    total_hash: Number
    """Sum of the ordered quantities, as a check."""
    total_amount: Number
    """Value of the order, where the buyer states it."""
