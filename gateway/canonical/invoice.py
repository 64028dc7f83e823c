"""The invoice: a seller asks for payment, or gives credit (X12 810)."""

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
    Packing,
    Portion,
    Quantity,
    Sku,
    Weight,
)
from gateway.canonical.money import Charge, DeliveryTerms, PaymentTerms, Tax
from gateway.canonical.parties import Contact, Event, Message, Note, Party, Reference
from gateway.canonical.values import CLOSED, Code, Count, Date, Number, Text, Time

BUSINESS_KEYS = ("invoice_number", "purchase_order_number", "bill_of_lading")
"""The fields that people search by."""


@with_config(CLOSED)
class InvoiceLine(TypedDict, total=False):
    """One item that is charged."""

    line_number: Text
    """The buyer's number of the order line."""
    item_ids: ItemIds
    sku: Sku
    gtin: Gtin
    invoiced_quantity: Number
    """How many are charged."""
    unit: Code
    """Unit of the quantity, such as each or case."""
    unit_price: Number
    """Price of one unit, in the invoice's currency."""
    price_basis: Code
    """What the price is for, such as per_each or per_hundred."""
    descriptions: list[Description]
    """What the item is."""
    packing: Packing
    """How the item is packed."""
    quantities: list[Quantity]
    """Further quantities."""
    charges: list[Charge]
    """Charges and allowances of this line."""
    taxes: list[Tax]
    """Taxes of this line."""
    allocations: list[Allocation]
    """How much of the line is for which store."""
    portions: list[Portion]
    """Parts of the line by lot, where it tells them apart."""
    references: list[Reference]
    """Numbers that belong to the line."""
    dates: list[Event]
    """Dates that belong to the line."""
    parties: list[Party]
    """Parties of this line only."""


@with_config(CLOSED)
class ShippedTotal(TypedDict, total=False):
    """How much was shipped in all."""

    quantity: Number
    """How many units."""
    unit: Code
    """Their unit, such as carton."""
    weight: Weight
    """What they weigh."""


@with_config(CLOSED)
class Invoice(Envelope, total=False):
    """What is to be paid: X12 810, invoice."""

    document: Required[Literal["invoice"]]
    """The type of this document."""
    invoice_number: Required[Text]
    """The seller's number of the invoice."""
    invoice_date: Required[Date]
    """Date of the invoice."""
    invoice_type: Code
    """invoice, credit_memo, debit_memo, product_return, or the partner's code."""
    purpose: Code
    """original, duplicate, cancel, or the partner's code."""
    purchase_order_number: Text
    """The buyer's number of the order."""
    purchase_order_date: Date
    """Date of the order."""
    release_number: Text
    """Release of a standing order."""
    change_number: Text
    """Which change of the order this is."""
    currency: Code
    """Currency of all amounts; absent where the partners agree on one."""
    currency_party: Code
    """Whose currency it is."""
    ship_date: Date
    """Day on which the goods left."""
    ship_time: Time
    """Time of that day."""
    ship_time_zone: Code
    """Zone of that time, as a code such as ET, PT or UT."""
    bill_of_lading: Text
    """Number of the bill of lading."""
    pro_number: Text
    """The carrier's number of the shipment."""
    shipment_id: Text
    """Number of the shipment that is charged."""
    department: Text
    """The buyer's department."""
    vendor_number: Text
    """The seller's number at the buyer."""
    seller_order_number: Text
    """The order's number in the seller's system."""
    payment_terms: list[PaymentTerms]
    """When the invoice is to be paid."""
    delivery_terms: DeliveryTerms
    """Who pays the freight, and where the goods change hands."""
    references: list[Reference]
    """Further numbers."""
    contacts: list[Contact]
    """Whom to ask about the invoice."""
    dates: list[Event]
    """Further dates."""
    notes: list[Note]
    """Short texts for people."""
    messages: list[Message]
    """Longer texts for people."""
    parties: list[Party]
    """Who takes part, in the order received."""
    lines: list[InvoiceLine]
    """What is charged."""
    total_amount: Required[Number]
    """What is to be paid; negative where the partner writes a credit so."""
    discountable_amount: Number
    """Amount that the discount for early payment applies to."""
    discounted_amount: Number
    """What is to be paid within the discount period."""
    discount_amount: Number
    """What paying early saves."""
    charges: list[Charge]
    """Charges and allowances of the whole invoice."""
    taxes: list[Tax]
    """Taxes of the whole invoice."""
    carrier: Carrier
    """Who moved the goods."""
    shipped_totals: list[ShippedTotal]
    """How much was shipped in all."""
    total_lines: Count
    """How many lines the invoice says that it has."""
    total_hash: Number
    """Sum of the invoiced quantities, as a check."""
