"""The receipt: a warehouse tells a depositor what has arrived, and in what state (X12 944)."""

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
    Lading,
    Mark,
    Packing,
    Sku,
)
from gateway.canonical.parties import Contact, Event, Note, Party, Reference
from gateway.canonical.values import CLOSED, Code, Count, Date, Number, Text, Time

BUSINESS_KEYS = (
    "receipt_number",
    "depositor_order_number",
    "shipment_id",
    "purchase_order_number",
    "bill_of_lading",
    "container_number",
)
"""The fields that people search by."""


@with_config(CLOSED)
class ReceiptException(TypedDict, total=False):
    """How much of a line was not received as it should have been."""

    condition: Required[Code]
    """damaged, short, over, hold, incorrect_item, and so on, or the partner's code."""
    quantity: Required[Number]
    """How many."""
    unit: Required[Code]
    """Unit of that quantity."""
    lot: Text
    """Lot that it is about."""
    damage_reason: Code
    """What is wrong with damaged goods, as the partner's code."""
    references: list[Reference]
    """Numbers that belong to it, such as licence plates."""


@with_config(CLOSED)
class ReceiptLine(TypedDict, total=False):
    """One item that was received."""

    line_number: Text
    """Number of the line in the depositor's transfer, where the warehouse repeats it."""
    received_quantity: Required[Number]
    """How many were received."""
    expected_quantity: Number
    """How many should have come, where the warehouse says it."""
    unit: Required[Code]
    """Unit of these quantities, such as each, case or pallet."""
    item_ids: ItemIds
    sku: Sku
    gtin: Gtin
    description: list[Text]
    """The item in words."""
    lot: Text
    """Lot that was received."""
    expiry_date: Date
    """When the lot expires."""
    pallet: Text
    """Number of the pallet or package within the receipt: lines of one pallet have the same."""
    license_plate: Text
    """Number of the pallet or package that the goods came on."""
    serial_numbers: list[Text]
    """Serial numbers that were received."""
    adjustment: Code
    """Whether the line corrects an earlier receipt, as the partner's code."""
    exceptions: list[ReceiptException]
    """What was damaged, short, over or otherwise not as it should be."""
    marks: list[Mark]
    """Marks on the pallet or package."""
    packing: list[Packing]
    """How the item is packed and what it weighs."""
    references: list[Reference]
    """Numbers that belong to the line."""


@with_config(CLOSED)
class Temperature(TypedDict, total=False):
    """A temperature that was measured on arrival."""

    place: Required[Code]
    """Where it was measured, as the partner's code."""
    value: Required[Number]
    """The temperature."""
    unit: Code
    """Unit of the temperature."""


@with_config(CLOSED)
class PalletCount(TypedDict, total=False):
    """What became of the pallets that the goods came on."""

    received: Count
    """How many were received."""
    returned: Count
    """How many were given back."""
    contested: Number
    """How many are contested."""
    condition: Code
    """Their condition, where it is contested."""


@with_config(CLOSED)
class Receipt(Envelope, total=False):
    """What stock a warehouse has received: X12 944, stock transfer receipt advice."""

    document: Required[Literal["receipt"]]
    """The type of this document."""
    reporting: Required[Code]
    """full_detail, or the partner's code."""
    receipt_number: Required[Text]
    """The receipt's number at the warehouse."""
    receipt_date: Required[Date]
    """Day on which the goods were received."""
    receipt_time: Time
    """Time at which the goods were received."""
    receipt_time_type: Code
    """What that time means, where it says so: the partner's code."""
    depositor_order_number: Text
    """The transfer's number in the system of the goods' owner."""
    purchase_order_number: Text
    """Number of the purchase that the goods come from."""
    shipment_id: Text
    """The shipment's number."""
    master_reference: Text
    """What ties transfers that travel together."""
    link_sequence_number: Text
    """Place of this transfer among several that travel together."""
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
    carrier: Carrier
    """Who brought the goods, and how."""
    equipment: Equipment
    """Trailer or container, with its seals."""
    unit_load: Code
    """How the goods were put together for loading, as the partner's code."""
    temperatures: list[Temperature]
    """Temperatures measured on arrival."""
    pallets: list[PalletCount]
    """What became of the pallets."""
    lading: list[Lading]
    """How many packages came, and their weight."""
    parties: Required[list[Party]]
    """Who takes part, in the order received."""
    references: list[Reference]
    """Further numbers."""
    contacts: list[Contact]
    """Whom to ask about the receipt."""
    dates: list[Event]
    """Further dates."""
    notes: list[Note]
    """Texts for people."""
    lines: Required[list[ReceiptLine]]
    """What was received."""
    total_received: Number
    """Sum of the received quantities."""
    total_shipped: Number
    """How many units the depositor had sent."""
    total_damaged: Number
    """How many units are damaged or on hold."""
    total_packages_received: Count
    """How many packages were received."""
    total_packages: Count
    """How many packages there should have been."""
