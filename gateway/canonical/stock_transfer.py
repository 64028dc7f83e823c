"""The stock transfer: a depositor tells a warehouse what stock is coming (X12 943)."""

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
    Packing,
    Sku,
    Volume,
    Weight,
)
from gateway.canonical.parties import Contact, Event, Note, Party, Reference
from gateway.canonical.values import CLOSED, Code, Count, Date, Number, Text, Time

BUSINESS_KEYS = (
    "depositor_order_number",
    "shipment_id",
    "purchase_order_number",
    "bill_of_lading",
    "container_number",
)
"""The fields that people search by."""


@with_config(CLOSED)
class StockTransferLine(TypedDict, total=False):
    """One item that is coming."""

    line_number: Text
    """Number of the line, where the depositor says one."""
    shipped_quantity: Required[Number]
    """How many are on their way."""
    unit: Required[Code]
    """Unit of the quantity, such as each, case or pallet."""
    item_ids: ItemIds
    sku: Sku
    gtin: Gtin
    description: list[Text]
    """The item in words."""
    lot: Text
    """Lot that is coming."""
    expiry_date: Date
    """When the lot expires."""
    license_plate: Text
    """Number of the pallet or package that the goods are on."""
    serial_numbers: list[Text]
    """Serial numbers that are coming."""
    hold: Code
    """Whether the goods are to be held when they arrive, as the partner's code."""
    freight_class: Text
    """Freight class of the item."""
    rate_class: Code
    """Rate class of the item, as the partner's code."""
    commodity_scheme: Code
    """Who defines the commodity code."""
    commodity_code: Text
    """Commodity code of the item."""
    pallet_tiers: Text
    """Cases in a layer and layers on a pallet, three digits each."""
    packing: list[Packing]
    """How the item is packed and what it weighs."""
    references: list[Reference]
    """Numbers that belong to the line."""


@with_config(CLOSED)
class StockTransfer(Envelope, total=False):
    """What stock a warehouse is to expect: X12 943, stock transfer shipment advice."""

    document: Required[Literal["stock_transfer"]]
    """The type of this document."""
    reporting: Required[Code]
    """full_detail, or the partner's code."""
    depositor_order_number: Text
    """The transfer's number in the system of the goods' owner."""
    purchase_order_number: Text
    """Number of the purchase that the goods come from."""
    ship_date: Date
    """Day on which the goods left."""
    ship_time: Time
    """Time of that day."""
    ship_time_zone: Code
    """Zone of that time, as a code such as ET, PT or UT."""
    shipment_id: Text
    """The shipment's number."""
    agent_shipment_id: Text
    """The shipment's number at the shipper's agent."""
    master_reference: Text
    """What ties transfers that travel together."""
    link_sequence_number: Text
    """Place of this transfer among several that travel together."""
    handling: Code
    """How the goods must be treated, as the partner's code."""
    change_reason: Code
    """Why the shipping date changed, as the partner's code."""
    transaction_type: Code
    """Kind of transfer, as the partner's code."""
    action: Code
    """What is asked of the receiver, as the partner's code."""
    bill_of_lading: Text
    """Number of the bill of lading."""
    master_bill_of_lading: Text
    """Number of the bill of lading for several transfers."""
    pro_number: Text
    """The carrier's number of the shipment."""
    container_number: Text
    """Number of the ocean container."""
    load_number: Text
    """Number of the load or appointment."""
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
    """Pallets, seals and temperatures."""
    parties: Required[list[Party]]
    """Who takes part, in the order received."""
    references: list[Reference]
    """Further numbers."""
    contacts: list[Contact]
    """Whom to ask about the transfer."""
    dates: list[Event]
    """Further dates."""
    notes: list[Note]
    """Texts for people."""
    lines: Required[list[StockTransferLine]]
    """What is coming."""
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
