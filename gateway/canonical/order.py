"""The order: a buyer orders goods (X12 850)."""

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
    Sku,
)
from gateway.canonical.money import Charge, DeliveryTerms, PaymentTerms, Tax
from gateway.canonical.parties import Contact, Event, Message, Party, Reference
from gateway.canonical.values import CLOSED, Code, Count, Date, Number, Text, Time

BUSINESS_KEYS = ("purchase_order_number", "release_number")
"""The fields that people search by."""


@with_config(CLOSED)
class OrderLine(TypedDict, total=False):
    """One item that is ordered."""

    line_number: Text
    """The buyer's number of the line; not always a number."""
    item_ids: ItemIds
    sku: Sku
    gtin: Gtin
    ordered_quantity: Number
    """How many are ordered."""
    unit: Code
    """Unit of the quantity, such as each or case."""
    unit_price: Number
    """Price of one unit, in the order's currency."""
    price_basis: Code
    """What the price is for, such as per_each or per_hundred."""
    descriptions: list[Description]
    """What the item is."""
    packing: list[Packing]
    """How the item is packed."""
    measurements: list[Measurement]
    """Measured properties that the item must have."""
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
class Order(Envelope, total=False):
    """What a buyer orders: X12 850, purchase order."""

    document: Required[Literal["order"]]
    """The type of this document."""
    purpose: Required[Code]
    """original, change, cancel, replace, confirmation, or the partner's code."""
    purchase_order_type: Required[Code]
    """stand_alone, drop_ship, release, blanket, or the partner's code."""
    purchase_order_number: Required[Text]
    """The buyer's number of the order."""
    release_number: Text
    """Release of a standing order."""
    purchase_order_date: Required[Date]
    """Date of the order."""
    contract_number: Text
    """Number of the contract it is made under."""
    acknowledgment_wanted: Code
    """Which answer the buyer wants, as the partner's code."""
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
    store_number: Text
    """The store that this order is for, where one purchase order was split by store."""
    distribution_center: Text
    """The centre that goods for the store go to first."""
    customer_order_number: Text
    """The consumer's number of the order, where goods go to a person."""
    sales_requirement: Code
    """Whether back orders and partial deliveries are taken, as the partner's code."""
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
    """Whom to ask about the order."""
    dates: list[Event]
    """Further dates."""
    messages: list[Message]
    """Texts for people."""
    parties: list[Party]
    """Who takes part, in the order received."""
    lines: Required[list[OrderLine]]
    """What is ordered."""
    total_lines: Count
    """How many lines the order says that it has."""
    total_hash: Number
    """Sum of the ordered quantities, as a check."""
    total_amount: Number
    """Value of the order, where the buyer states it."""
