"""The inventory adjustment: a warehouse tells a depositor that its stock has changed (X12 947)."""

from __future__ import annotations

from typing import Literal, Required

from pydantic import with_config
from typing_extensions import TypedDict

from gateway.canonical.codes import Account, Classification
from gateway.canonical.envelope import Envelope
from gateway.canonical.goods import Gtin, ItemIds, Sku, Weight
from gateway.canonical.parties import Contact, Event, Note, Party, Reference
from gateway.canonical.values import CLOSED, Code, Date, Number, Text

BUSINESS_KEYS = ("adjustment_number", "depositor_adjustment_number")
"""The fields that people search by."""


@with_config(CLOSED)
class AdjustmentDetail(TypedDict, total=False):
    """One part of an adjusted line, such as one serial number or one place in the warehouse."""

    number: Text
    """Number of the part within its line."""
    references: list[Reference]
    """Numbers that belong to the part."""
    date: Event
    """A date that belongs to the part."""
    party: Party
    """A party of this part only."""
    classifications: list[Classification]
    """Codes of others' lists."""


@with_config(CLOSED)
class InventoryAdjustmentLine(TypedDict, total=False):
    """One item whose stock has changed."""

    reason: Required[Code]
    """Why: physical_count, damaged_in_facility, on_hold, off_hold, and so on, or the partner's
    code."""
    quantity: Required[Number]
    """By how many; negative where the stock has become less."""
    unit: Required[Code]
    """Unit of the quantity, such as each, case or pallet."""
    item_ids: ItemIds
    sku: Sku
    gtin: Gtin
    description: list[Text]
    """The item in words."""
    lot: Text
    """Lot whose stock has changed."""
    expiry_date: Date
    """When the lot expires."""
    license_plate: Text
    """Number of the pallet or package that it is about."""
    serial_numbers: list[Text]
    """Serial numbers that it is about."""
    from_status: Code
    """State of the stock before, such as available or damaged."""
    to_status: Code
    """State of the stock afterwards."""
    transaction_type: Code
    """Kind of change, as the partner's code."""
    weight: Weight
    """By how much weight."""
    second_weight: Weight
    """Another weight, such as net beside gross."""
    contract_number: Text
    """Contract that the goods belong to."""
    purchase_order_number: Text
    """Purchase that the goods come from."""
    amount_type: Code
    """What `amount` says, as the partner's code."""
    amount: Number
    """An amount of money for the line, such as the value of what is lost."""
    amount_sign: Code
    """credit or debit."""
    references: list[Reference]
    """Numbers that belong to the line."""
    dates: list[Event]
    """Dates that belong to the line."""
    classifications: list[Classification]
    """Codes of others' lists."""
    parties: list[Party]
    """Parties of this line only."""
    details: list[AdjustmentDetail]
    """Parts of the line."""
    accounts: list[Account]
    """Where the change is booked."""


@with_config(CLOSED)
class InventoryAdjustment(Envelope, total=False):
    """How stock has changed: X12 947, warehouse inventory adjustment advice."""

    document: Required[Literal["inventory_adjustment"]]
    """The type of this document."""
    adjustment_date: Required[Date]
    """Day on which the stock changed."""
    adjustment_number: Text
    """The adjustment's number at the warehouse."""
    depositor_adjustment_number: Text
    """The adjustment's number in the system of the goods' owner."""
    purpose: Code
    """original, cancel, and so on, or the partner's code."""
    transaction_type: Code
    """Kind of adjustment, as the partner's code."""
    action: Code
    """What is asked of the receiver, as the partner's code."""
    parties: Required[list[Party]]
    """Who takes part, in the order received."""
    references: list[Reference]
    """Further numbers."""
    contacts: list[Contact]
    """Whom to ask about the adjustment."""
    dates: list[Event]
    """Further dates."""
    notes: list[Note]
    """Texts for people."""
    classifications: list[Classification]
    """Codes of others' lists."""
    lines: Required[list[InventoryAdjustmentLine]]
    """What has changed."""
