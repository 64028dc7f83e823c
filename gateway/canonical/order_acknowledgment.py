"""The order acknowledgment: a seller says what of an order will be delivered (X12 855)."""

from __future__ import annotations

from typing import Literal, Required

from pydantic import with_config
from typing_extensions import TypedDict

from gateway.canonical.envelope import Envelope
from gateway.canonical.goods import Carrier, Description, Gtin, ItemIds, Packing, Sku
from gateway.canonical.money import Charge, DeliveryTerms, PaymentTerms
from gateway.canonical.parties import Contact, Event, Identifier, Message, Party, Reference
from gateway.canonical.values import CLOSED, Code, Count, Date, Number, Text, Time

BUSINESS_KEYS = ("purchase_order_number", "seller_order_number", "release_number")
"""The fields that people search by."""


@with_config(CLOSED)
class LineAnswer(TypedDict, total=False):
    """What happens to a quantity of an order line."""

    status: Required[Code]
    """accepted, backordered, rejected, substituted, and so on, or the partner's code."""
    quantity: Number
    """How much of the line the answer is about."""
    unit: Code
    """Unit of that quantity."""
    date_type: Code
    """What `date` means, such as estimated_ship_date."""
    date: Date
    """The day."""
    request_reference: Text
    """Number of the request that the answer belongs to."""
    item_ids: list[Identifier]
    """Numbers of the item that will be delivered, such as a replacement."""


@with_config(CLOSED)
class OrderAcknowledgmentLine(TypedDict, total=False):
    """The answer to one line of the order."""

    line_number: Text
    """The buyer's number of the line."""
    item_ids: ItemIds
    sku: Sku
    gtin: Gtin
    ordered_quantity: Number
    """How many were ordered."""
    unit: Code
    """Unit of the quantity, such as each or case."""
    unit_price: Number
    """Price of one unit that the seller will charge."""
    price_basis: Code
    """What the price is for, such as per_each or per_hundred."""
    descriptions: list[Description]
    """What the item is."""
    packing: list[Packing]
    """How the item is packed."""
    answers: list[LineAnswer]
    """What happens to the line, quantity by quantity."""
    charges: list[Charge]
    """Charges and allowances of this line."""
    references: list[Reference]
    """Numbers that belong to the line."""
    dates: list[Event]
    """Dates that belong to the line."""
    messages: list[Message]
    """Texts that belong to the line."""


@with_config(CLOSED)
class OrderAcknowledgment(Envelope, total=False):
    """The seller's answer to an order: X12 855, purchase order acknowledgment."""

    document: Required[Literal["order_acknowledgment"]]
    """The type of this document."""
    purpose: Required[Code]
    """original, change, cancel, replace, or the partner's code."""
    answer: Required[Code]
    """accepted, accepted_with_changes, rejected, and so on, or the partner's code."""
    purchase_order_number: Required[Text]
    """The buyer's number of the order."""
    purchase_order_date: Required[Date]
    """Date of the order."""
    release_number: Text
    """Release of a standing order."""
    request_reference: Text
    """Number of the request that is answered."""
    contract_number: Text
    """Number of the contract it is made under."""
    seller_order_number: Text
    """The order's number in the seller's system."""
    acknowledgment_date: Date
    """Date of the answer."""
    transaction_type: Code
    """Kind of answer, as the partner's code."""
    currency: Code
    """Currency of all amounts; absent where the partners agree on one."""
    currency_party: Code
    """Whose currency it is."""
    estimated_ship_date: Date
    """Day on which the goods will leave."""
    estimated_ship_time: Time
    """Time of that day."""
    estimated_ship_time_zone: Code
    """Zone of that time, as a code such as ET, PT or UT."""
    estimated_delivery_date: Date
    """Day on which the goods will arrive."""
    estimated_delivery_time: Time
    """Time of that day."""
    estimated_delivery_time_zone: Code
    """Zone of that time, as a code such as ET, PT or UT."""
    department: Text
    """The buyer's department."""
    vendor_number: Text
    """The seller's number at the buyer."""
    delivery_terms: list[DeliveryTerms]
    """Who pays the freight, and where the goods change hands."""
    payment_terms: list[PaymentTerms]
    """When invoices are paid."""
    carriers: list[Carrier]
    """Who will move the goods."""
    charges: list[Charge]
    """Charges and allowances of the whole order."""
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
    lines: list[OrderAcknowledgmentLine]
    """The answers, line by line; absent where the answer is for the whole order."""
    total_lines: Count
    """How many lines the answer says that it has."""
    total_hash: Number
    """Sum of the quantities, as a check."""
    total_amount: Number
    """Value of what is acknowledged, where the seller states it."""
