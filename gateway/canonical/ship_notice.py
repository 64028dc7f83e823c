"""The ship notice: a seller tells a buyer what is coming and how it is packed (X12 856)."""

from __future__ import annotations

from typing import Literal, Required

from pydantic import with_config
from typing_extensions import TypedDict

from gateway.canonical.envelope import Envelope
from gateway.canonical.goods import (
    Carrier,
    Description,
    Equipment,
    Gtin,
    ItemIds,
    Lading,
    Mark,
    Measurement,
    Packing,
    Piece,
    Portion,
    Sku,
)
from gateway.canonical.money import DeliveryTerms
from gateway.canonical.parties import Contact, Event, Party, Reference
from gateway.canonical.values import CLOSED, Code, Count, Date, Number, Text, Time

BUSINESS_KEYS = (
    "shipment_id",
    "bill_of_lading",
    "pro_number",
    "orders[].purchase_order_number",
)
"""The fields that people search by."""


@with_config(CLOSED)
class ShipNoticeItem(TypedDict, total=False):
    """One item in the shipment, an order or a package."""

    line_number: Text
    """The buyer's number of the order line."""
    item_ids: ItemIds
    sku: Sku
    gtin: Gtin
    shipped_quantity: Number
    """How many were shipped."""
    unit: Code
    """Unit of the quantity, such as each or case."""
    shipped_to_date: Number
    """How many of the order line were shipped so far."""
    ordered_quantity: Number
    """How many were ordered."""
    ordered_unit: Code
    """Unit of the ordered quantity."""
    status: Code
    """State of the order line, such as complete or backordered."""
    lot: Text
    """Lot that was shipped."""
    expiry_date: Date
    """When the lot expires."""
    manufacture_date: Date
    """When the lot was made."""
    portions: list[Portion]
    """Parts of the item by lot, where one item holds several."""
    serial_numbers: list[Text]
    """Serial numbers that were shipped."""
    packing: Packing
    """How the item is packed."""
    descriptions: list[Description]
    """What the item is."""
    measurements: list[Measurement]
    """Measured properties."""
    marks: list[Mark]
    """Marks on the item's own packages, where packages are not levels of their own."""
    references: list[Reference]
    """Numbers that belong to the item."""
    dates: list[Event]
    """Further dates."""
    pieces: list[Piece]
    """The pieces that were shipped, where each has a number and a level of its own."""
    packs: list[Pack]
    """Packages below the item, where the notice lists items before packages."""


@with_config(CLOSED)
class Pack(TypedDict, total=False):
    """One carton: what is printed on it, what it weighs, what it holds."""

    sscc: Text
    """Licence plate of the carton: serial shipping container code, eighteen digits."""
    marks: list[Mark]
    """Further marks, such as tracking numbers."""
    packing: Packing
    """What it weighs and measures."""
    lading: list[Lading]
    """Kind of package and its weight."""
    measurements: list[Measurement]
    """Measured properties."""
    references: list[Reference]
    """Numbers that belong to the package."""
    dates: list[Event]
    """Dates that belong to the package."""
    parties: list[Party]
    """Parties of this package only, such as the store it is marked for."""
    items: list[ShipNoticeItem]
    """What it holds."""


@with_config(CLOSED)
class Tare(TypedDict, total=False):
    """One pallet: what is printed on it and which cartons or items stand on it."""

    sscc: Text
    """Licence plate of the pallet: serial shipping container code, eighteen digits."""
    marks: list[Mark]
    """Further marks."""
    packing: Packing
    """What it weighs and measures."""
    lading: list[Lading]
    """Kind of pallet and its weight."""
    measurements: list[Measurement]
    """Measured properties."""
    references: list[Reference]
    """Numbers that belong to the pallet."""
    dates: list[Event]
    """Dates that belong to the pallet."""
    packs: list[Pack]
    """Cartons on the pallet."""
    items: list[ShipNoticeItem]
    """Items on the pallet that are in no carton."""


@with_config(CLOSED)
class ShipNoticeOrder(TypedDict, total=False):
    """What of one purchase order is in the shipment."""

    purchase_order_number: Text
    """The buyer's number of the purchase."""
    release_number: Text
    """Release of a standing order."""
    change_number: Text
    """Which change of the order this is."""
    purchase_order_date: Date
    """Date of the purchase order."""
    contract_number: Text
    """Number of the contract."""
    purchase_order_type: Code
    """Kind of order, as the partner's code."""
    department: Text
    """The buyer's department."""
    vendor_number: Text
    """The seller's number at the buyer."""
    seller_order_number: Text
    """The order's number in the seller's system."""
    lading: list[Lading]
    """How many packages the order makes, and their weight."""
    carriers: list[Carrier]
    """Who moves this order, where it is not said for the shipment."""
    packing: Packing
    """How the order is packed."""
    measurements: list[Measurement]
    """Measured properties."""
    marks: list[Mark]
    """Marks on the order's packages, where packages are not levels of their own."""
    references: list[Reference]
    """Numbers that belong to the order."""
    dates: list[Event]
    """Dates that belong to the order."""
    parties: list[Party]
    """Parties of this order, such as the store it is for."""
    tares: list[Tare]
    """Pallets."""
    packs: list[Pack]
    """Cartons that stand on no pallet."""
    items: list[ShipNoticeItem]
    """Items that are in no carton and on no pallet."""


@with_config(CLOSED)
class ShipNotice(Envelope, total=False):
    """What is on its way: X12 856, ship notice or manifest."""

    document: Required[Literal["ship_notice"]]
    """The type of this document."""
    purpose: Required[Code]
    """original, replace, cancel, change, or the partner's code."""
    shipment_id: Required[Text]
    """The shipment's number."""
    notice_date: Required[Date]
    """When the notice was made."""
    notice_time: Required[Time]
    """Time at which the notice was made."""
    structure: Code
    """In which order levels are nested, as the standard's code, such as 0001."""
    transaction_type: Code
    """Kind of notice, as the partner's code."""
    status_reason: Code
    """Why the notice is sent again, as the partner's code."""
    ship_date: Date
    """Day on which the goods left."""
    ship_time: Time
    """Time at which the goods left."""
    ship_time_zone: Code
    """Zone of that time, as a code such as ET, PT or UT."""
    estimated_delivery_date: Date
    """Day on which the goods will arrive."""
    estimated_delivery_time: Time
    """Time of that day."""
    estimated_delivery_time_zone: Code
    """Zone of that time, as a code such as ET, PT or UT."""
    bill_of_lading: Text
    """Number of the bill of lading."""
    master_bill_of_lading: Text
    """Number of the bill of lading for several shipments."""
    pro_number: Text
    """The carrier's number of the shipment."""
    load_number: Text
    """Number of the load or appointment."""
    tracking_numbers: list[Text]
    """The carrier's parcel numbers."""
    lading: list[Lading]
    """How many packages there are, and their weight."""
    carriers: list[Carrier]
    """Who moves the goods, leg by leg."""
    equipment: list[Equipment]
    """Trailers or containers, with their seals."""
    delivery_terms: DeliveryTerms
    """Who pays the freight, and where the goods change hands."""
    measurements: list[Measurement]
    """Measured properties."""
    marks: list[Mark]
    """Marks of the whole shipment."""
    references: list[Reference]
    """Further numbers."""
    contacts: list[Contact]
    """Whom to ask about the shipment."""
    dates: list[Event]
    """Further dates of the shipment."""
    notice_dates: list[Event]
    """Dates of the notice as a whole."""
    parties: list[Party]
    """Who takes part, in the order received."""
    orders: Required[list[ShipNoticeOrder]]
    """The purchase orders in the shipment."""
    total_lines: Count
    """How many levels or lines the notice says that it has."""
    total_hash: Number
    """Sum of the shipped quantities, as a check."""
