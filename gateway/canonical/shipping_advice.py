"""The shipping advice: a warehouse tells a depositor what it has shipped (X12 945)."""

from __future__ import annotations

from typing import Literal, Required

from pydantic import with_config
from typing_extensions import TypedDict

from gateway.canonical.envelope import Envelope
from gateway.canonical.goods import (
    Carrier,
    Equipment,
    Gtin,
    ItemIds,
    Load,
    Mark,
    Measurement,
    Packing,
    Portion,
    Quantity,
    Sku,
    Volume,
    Weight,
)
from gateway.canonical.money import Charge
from gateway.canonical.parties import Contact, Event, Identifier, Note, Party, Reference
from gateway.canonical.values import CLOSED, Code, Count, Date, Number, Text, Time

BUSINESS_KEYS = (
    "depositor_order_number",
    "purchase_order_number",
    "shipment_id",
    "bill_of_lading",
    "pro_number",
)
"""The fields that people search by."""


@with_config(CLOSED)
class ShippedItem(TypedDict, total=False):
    """One item of a line or package, as far as it was shipped; several where lots differ."""

    status: Required[Code]
    """complete, short, backordered, substituted, cancelled, or the partner's code."""
    ordered_quantity: Number
    """How many were to be shipped."""
    shipped_quantity: Number
    """How many were shipped."""
    quantity_difference: Number
    """How many are missing; the gateway does not compute what the partner left out."""
    unit: Code
    """Unit of these quantities, such as each or case."""
    item_ids: ItemIds
    sku: Sku
    gtin: Gtin
    substitution_of: list[Identifier]
    """Numbers of the item that was ordered, where another was shipped."""
    description: list[Text]
    """The item in words."""
    lot: Text
    """Lot that was shipped."""
    expiry_date: Date
    """When the lot expires."""
    portions: list[Portion]
    """Parts of the item by lot or by pallet, where one line tells several."""
    serial_numbers: list[Text]
    """Serial numbers that were shipped."""
    weight: Weight
    """What the item weighs in all."""
    second_weight: Weight
    """Another weight of the item, such as net beside gross."""
    reason: Code
    """Why the line was changed, as the partner's code."""
    adjustment: Code
    """How the warehouse's stock was adjusted, as the partner's code."""
    tracking_numbers: list[Text]
    """The carrier's parcel numbers for this item."""
    amount_type: Code
    """What `amount` says, as the partner's code."""
    amount: Number
    """An amount of money for the item."""
    quantities: list[Quantity]
    """Further quantities."""
    measurements: list[Measurement]
    """Measured properties."""
    charges: list[Charge]
    """Charges for this item."""
    references: list[Reference]
    """Numbers that belong to the item."""
    dates: list[Event]
    """Dates that belong to the item."""
    parties: list[Party]
    """Parties of this item only."""


@with_config(CLOSED)
class ShippingAdviceLine(TypedDict, total=False):
    """One line or package: what its marks are and what it holds."""

    line_number: Required[Count]
    """Number of the line or package."""
    sscc: Text
    """Licence plate of the package: serial shipping container code, eighteen digits."""
    marks: list[Mark]
    """Further marks on the package, such as tracking numbers."""
    tracking_numbers: list[Text]
    """The carrier's parcel numbers for this line."""
    packing: Packing
    """What the package weighs and measures."""
    references: list[Reference]
    """Numbers that belong to the line or package."""
    items: Required[list[ShippedItem]]
    """What was shipped: one entry for most lines, several for several lots or a mixed package."""


@with_config(CLOSED)
class ShippingAdvice(Envelope, total=False):
    """What a warehouse has shipped: X12 945, warehouse shipping advice."""

    document: Required[Literal["shipping_advice"]]
    """The type of this document."""
    reporting: Required[Code]
    """full or partial detail, or the partner's code."""
    depositor_order_number: Text
    """The order's number in the system of the goods' owner."""
    purchase_order_number: Text
    """The buyer's number of the purchase."""
    ship_date: Date
    """Day on which the goods left."""
    ship_time: Time
    """Time at which the goods left."""
    ship_time_zone: Code
    """Zone of that time, as a code such as ET, PT or UT."""
    shipment_id: Text
    """The shipment's number."""
    agent_shipment_id: Text
    """The shipment's number at the warehouse or its agent."""
    master_reference: Text
    """What ties orders that ship together."""
    link_sequence_number: Text
    """Place of this order among several that ship together."""
    special_handling: list[Code]
    """How goods were treated, as the partner's codes."""
    change_reason: Code
    """Why the shipping date changed, as the partner's code."""
    transaction_type: Code
    """Kind of shipment, as the partner's code."""
    action: Code
    """What is asked of the receiver, as the partner's code."""
    bill_of_lading: Text
    """Number of the bill of lading."""
    master_bill_of_lading: Text
    """Number of the bill of lading for several orders."""
    pro_number: Text
    """The carrier's number of the shipment."""
    load_number: Text
    """Number of the load or appointment."""
    tracking_numbers: list[Text]
    """The carrier's parcel numbers."""
    requested_delivery_date: Date
    """Day on which the goods should arrive."""
    requested_delivery_time: Time
    """Time of that day."""
    requested_delivery_time_zone: Code
    """Zone of that time, as a code such as ET, PT or UT."""
    estimated_delivery_date: Date
    """Day on which the goods will arrive."""
    estimated_delivery_time: Time
    """Time of that day."""
    estimated_delivery_time_zone: Code
    """Zone of that time, as a code such as ET, PT or UT."""
    carrier: Carrier
    """Who moves the goods, how, and who pays."""
    equipment: Equipment
    """Trailer or container."""
    loads: list[Load]
    """Pallets and seals."""
    charges: list[Charge]
    """Freight and other charges."""
    parties: list[Party]
    """Who takes part, in the order received."""
    references: list[Reference]
    """Further numbers."""
    contacts: list[Contact]
    """Whom to ask about the shipment."""
    dates: list[Event]
    """Further dates."""
    notes: list[Note]
    """Texts for people."""
    lines: Required[list[ShippingAdviceLine]]
    """What was shipped, by line or package."""
    total_quantity: Number
    """Sum of the shipped quantities."""
    total_weight: Weight
    """Weight of everything."""
    total_volume: Volume
    """Room that everything takes."""
    total_packages: Count
    """How many packages there are."""
    package_unit: Code
    """Kind of those packages, such as carton."""
