"""The shipment order: a depositor tells a warehouse what to ship, to whom and how (X12 940)."""

from __future__ import annotations

from typing import Literal, Required

from pydantic import with_config
from typing_extensions import TypedDict

from gateway.canonical.envelope import Envelope
from gateway.canonical.goods import (
    Allocation,
    Carrier,
    Gtin,
    Mark,
    Packing,
    Quantity,
    Sku,
    Volume,
    Weight,
)
from gateway.canonical.parties import Contact, Event, Identifier, Note, Party, Reference
from gateway.canonical.values import CLOSED, Code, Count, Date, Flag, Number, Text, Time

BUSINESS_KEYS = ("depositor_order_number", "purchase_order_number", "bill_of_lading")
"""The fields that people search by."""


@with_config(CLOSED)
class ShipmentOrderLine(TypedDict, total=False):
    """One item to ship."""

    line_number: Required[Count]
    """Number of the line; the partner reports by it."""
    item_ids: list[Identifier]
    """All numbers of the item, in the order received; the case code of the retail trade too."""
    sku: Sku
    gtin: Gtin
    description: list[Text]
    """The item in words."""
    ordered_quantity: Required[Number]
    """How many to ship."""
    unit: Required[Code]
    """Unit of the quantity, such as each, case or pallet."""
    lot: Text
    """Lot that must be shipped; absent where any will do."""
    expiry_date: Date
    """Earliest expiry date that the consignee takes."""
    serial_numbers: list[Text]
    """Serial numbers that must be shipped."""
    serial_numbers_required: Flag
    """Whether the warehouse must report serial numbers."""
    substitution_allowed: Flag
    """Whether another item may be shipped instead."""
    value_added_services: list[Code]
    """Work to do on the goods, such as labelling or kitting."""
    unit_price: Number
    """Price of one unit, for customs or the packing slip."""
    amount_type: Code
    """What `amount` says, as the partner's code."""
    amount: Number
    """An amount of money for the line, such as its declared value."""
    freight_class: Text
    """Freight class of the item."""
    commodity_scheme: Code
    """Who defines the commodity code."""
    commodity_code: Text
    """Commodity code of the item."""
    condition: Code
    """Condition the item must have, as the partner's code."""
    pallet_tiers: Text
    """Cases in a layer and layers on a pallet, three digits each."""
    packing: list[Packing]
    """How the item is packed and what it weighs."""
    quantities: list[Quantity]
    """Further quantities."""
    allocations: list[Allocation]
    """How much of the line is for which store."""
    marks: list[Mark]
    """What to print on the packages."""
    references: list[Reference]
    """Numbers that belong to the line."""
    dates: list[Event]
    """Dates that belong to the line."""
    notes: list[Note]
    """Texts that belong to the line."""
    parties: list[Party]
    """Parties of this line only, such as the store it is marked for."""


@with_config(CLOSED)
class ShipmentOrder(Envelope, total=False):
    """What a warehouse is to ship: X12 940, warehouse shipping order."""

    document: Required[Literal["shipment_order"]]
    """The type of this document."""
    status: Required[Code]
    """new, change, cancel, replace, or the partner's code."""
    depositor_order_number: Required[Text]
    """The order's number in the system of the goods' owner."""
    purchase_order_number: Text
    """The buyer's number of the purchase that leads to this shipment."""
    link_sequence_number: Text
    """Place of this order among several that ship together."""
    master_reference: Text
    """What ties orders that ship together."""
    transaction_type: Code
    """Kind of order, as the partner's code."""
    action: Code
    """What is asked of the receiver, as the partner's code."""
    requested_ship_date: Date
    """Day on which the goods should leave."""
    requested_ship_time: Time
    """Time at which the goods should leave."""
    requested_ship_time_zone: Code
    """Zone of that time, as a code such as ET, PT or UT."""
    requested_delivery_date: Date
    """Day on which the goods should arrive."""
    requested_delivery_time: Time
    """Time at which the goods should arrive."""
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
    bill_of_lading: Text
    """Number of the bill of lading."""
    master_bill_of_lading: Text
    """Number of the bill of lading for several orders."""
    department: Text
    """The buyer's department."""
    vendor_number: Text
    """The seller's number at the buyer."""
    customer_order_number: Text
    """The consumer's number of the order, where goods go to a person."""
    carrier: Carrier
    """Who moves the goods, how, and who pays."""
    pallet_exchange: Code
    """Whether pallets are exchanged, as the partner's code."""
    unit_load: Code
    """How goods are put together for loading, as the partner's code."""
    delivery_terms_location: Code
    """What kind of place the goods change hands at."""
    delivery_terms_place: Text
    """That place."""
    collect_on_delivery_method: Code
    """How the carrier is paid on delivery."""
    collect_on_delivery_amount: Number
    """What the carrier collects on delivery."""
    special_handling: list[Code]
    """How goods must be treated, as the partner's codes."""
    gift: Flag
    """Whether the goods are a present: no prices on the packing slip."""
    residential: Flag
    """Whether the carrier delivers to a home."""
    priority: Code
    """How urgent the order is."""
    parties: Required[list[Party]]
    """Who takes part, in the order received."""
    references: list[Reference]
    """Further numbers."""
    contacts: list[Contact]
    """Whom to ask about the order."""
    dates: list[Event]
    """Further dates."""
    notes: list[Note]
    """Texts for people, such as the packing slip's."""
    lines: Required[list[ShipmentOrderLine]]
    """What to ship."""
    total_quantity: Number
    """Sum of the ordered quantities."""
    total_weight: Weight
    """Weight of everything."""
    total_volume: Volume
    """Room that everything takes."""
