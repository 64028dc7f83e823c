"""The return authorization: goods are to go back, or may, or may not (X12 180)."""

from __future__ import annotations

from typing import Literal, Required

from pydantic import with_config
from typing_extensions import TypedDict

from gateway.canonical.codes import Account, Classification
from gateway.canonical.envelope import Envelope
from gateway.canonical.goods import (
    Allocation,
    Carrier,
    Description,
    Gtin,
    ItemIds,
    Lading,
    Measurement,
    Sku,
)
from gateway.canonical.money import Charge
from gateway.canonical.parties import Contact, Event, Note, Party, Reference
from gateway.canonical.values import CLOSED, Code, Date, Flag, Number, Text, Time

BUSINESS_KEYS = ("return_number", "purchase_order_number")
"""The fields that people search by."""


@with_config(CLOSED)
class ReturnAmount(TypedDict, total=False):
    """An amount of money of a return."""

    type: Required[Code]
    """What the amount is, as the partner's code."""
    amount: Required[Number]
    """The amount."""
    sign: Code
    """credit or debit."""


@with_config(CLOSED)
class ReturnDetail(TypedDict, total=False):
    """One part of a returned quantity, such as one serial number."""

    number: Text
    """Number of the part."""
    references: list[Reference]
    """Numbers that belong to the part."""
    dates: list[Event]
    """Dates that belong to the part."""
    party: Party
    """A party of this part only."""
    classifications: list[Classification]
    """Codes of others' lists."""


@with_config(CLOSED)
class ReturnQuantity(TypedDict, total=False):
    """How many of a line are in one state."""

    type: Required[Code]
    """What is counted, as the partner's code."""
    value: Number
    """How many."""
    unit: Code
    """Unit of the quantity."""
    amounts: list[ReturnAmount]
    """Amounts of money that belong to it."""
    dates: list[Event]
    """Dates that belong to it."""
    party: Party
    """A party of this quantity only."""
    classifications: list[Classification]
    """Codes of others' lists."""
    details: list[ReturnDetail]
    """Its parts, such as serial numbers."""


@with_config(CLOSED)
class ReturnLine(TypedDict, total=False):
    """One item that goes back."""

    item_ids: ItemIds
    sku: Sku
    gtin: Gtin
    quantity: Number
    """How many."""
    unit: Code
    """Unit of the quantity, such as each or case."""
    price_type: Code
    """What price `unit_price` is, as the partner's code."""
    unit_price: Number
    """Price of one unit."""
    price_unit: Code
    """Unit that the price is for."""
    disposition: Code
    """What is to become of the goods, as for the whole return."""
    reason: Code
    """Why they go back, as for the whole return."""
    response: Code
    """What is answered to that, as the partner's code."""
    reason_text: Text
    """The reason in words."""
    used: Flag
    """Whether the item was used."""
    descriptions: list[Description]
    """What the item is."""
    lot: Text
    """Lot of the goods."""
    serial_numbers: list[Text]
    """Serial numbers of the goods."""
    purchase_order_number: Text
    """The order they came with."""
    purchase_order_date: Date
    """Date of that order."""
    purchase_order_line: Text
    """Line of that order."""
    release_number: Text
    """Release of that order."""
    carriers: list[Carrier]
    """Who moves the goods."""
    charges: list[Charge]
    """Charges and allowances of this line."""
    amounts: list[ReturnAmount]
    """Amounts of money of this line."""
    measurements: list[Measurement]
    """Measured properties."""
    quantities: list[ReturnQuantity]
    """Further quantities, and what belongs to each."""
    allocations: list[Allocation]
    """How many come from which store."""
    references: list[Reference]
    """Numbers that belong to the line."""
    dates: list[Event]
    """Dates that belong to the line."""
    notes: list[Note]
    """Texts for people."""
    classifications: list[Classification]
    """Codes of others' lists."""
    parties: list[Party]
    """Parties of this line only."""
    accounts: list[Account]
    """Where the return is booked."""


@with_config(CLOSED)
class ReturnAuthorization(Envelope, total=False):
    """What goes back: X12 180, return merchandise authorization and notification."""

    document: Required[Literal["return_authorization"]]
    """The type of this document."""
    purpose: Required[Code]
    """original (a notice), request, response, cancel, or the partner's code."""
    return_number: Required[Text]
    """Number of the return or of the request for it."""
    return_date: Required[Date]
    """Date of this document."""
    return_time: Time
    """Time of this document."""
    time_zone: Code
    """Zone of that time, as a code such as ET, PT or UT."""
    authorization_number: Text
    """Number of the authorization, or of the document that this one answers."""
    transaction_type: Code
    """Kind of return, as the partner's code."""
    action: Code
    """What is asked of the receiver, as the partner's code."""
    disposition: Code
    """return_authorized, return_denied, dispose, keep_with_allowance, and so on, or the partner's
    code."""
    reason: Code
    """damaged, defective, wrong_goods, recall, and so on, or the partner's code."""
    response: Code
    """What is answered to the reason, as the partner's code."""
    reason_text: Text
    """The reason in words."""
    used: Flag
    """Whether the goods were used."""
    purchase_order_number: Text
    """The order that the goods came with."""
    purchase_order_date: Date
    """Date of that order."""
    release_number: Text
    """Release of that order."""
    contract_number: Text
    """Contract of that order."""
    bill_of_lading: Text
    """Number of the bill of lading of the goods on their way back."""
    claim_amount: Number
    """What is claimed or paid."""
    claim_payment: Code
    """How it is paid, as the partner's code."""
    claim_disposition: Code
    """What becomes of the claim, as the partner's code."""
    lading: list[Lading]
    """How many packages, and their weight."""
    carriers: list[Carrier]
    """Who moves the goods."""
    charges: list[Charge]
    """Charges and allowances of the whole return."""
    references: list[Reference]
    """Further numbers."""
    contacts: list[Contact]
    """Whom to ask about the return."""
    dates: list[Event]
    """Further dates."""
    notes: list[Note]
    """Texts for people."""
    classifications: list[Classification]
    """Codes of others' lists."""
    parties: list[Party]
    """Who takes part, in the order received."""
    lines: list[ReturnLine]
    """What goes back."""
