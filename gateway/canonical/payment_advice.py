"""The payment advice: a payer tells what is paid, and for which invoices (X12 820)."""

from __future__ import annotations

from typing import Literal, Required

from pydantic import with_config
from typing_extensions import TypedDict

from gateway.canonical.envelope import Envelope
from gateway.canonical.parties import Contact, Event, Note, Party, Reference
from gateway.canonical.values import CLOSED, Code, Date, Number, Text

BUSINESS_KEYS = ("trace_number", "remittances[].invoices[].reference")
"""The fields that people search by."""


@with_config(CLOSED)
class BankAccount(TypedDict, total=False):
    """An account at a bank."""

    bank_scheme: Code
    """Who numbers the bank, as the partner's code: 01 for an ABA routing number."""
    bank: Text
    """The bank's number."""
    type: Code
    """Kind of account, as the partner's code."""
    account: Text
    """Number of the account."""


@with_config(CLOSED)
class PaymentAdjustment(TypedDict, total=False):
    """What is added to a payment or taken from it, and why."""

    amount: Required[Number]
    """The amount; negative where it is taken from the payment."""
    reason: Required[Code]
    """pricing_error, damaged, returned, freight_deducted, and so on, or the partner's code."""
    reference_type: Code
    """What `reference` is, such as invoice, or the partner's code."""
    reference: Text
    """Number of what the adjustment is about, such as a debit memo."""
    references: list[Reference]
    """Further numbers."""
    dates: list[Event]
    """Dates of the adjustment."""
    notes: list[Note]
    """The adjustment in words."""
    contacts: list[Contact]
    """Whom to ask about it."""


@with_config(CLOSED)
class PaidInvoice(TypedDict, total=False):
    """What is paid of one invoice, or taken for one credit."""

    reference_type: Code
    """What `reference` is: invoice, credit memo and so on, or the partner's code."""
    reference: Text
    """Number of the invoice."""
    action: Code
    """How it is paid, such as in full or in part, as the partner's code."""
    paid_amount: Number
    """What is paid; negative for a credit."""
    invoice_amount: Number
    """What the invoice says in all."""
    discount_amount: Number
    """Discount that was taken."""
    adjustment_reason: Code
    """Why less or more is paid, where one reason says it all."""
    adjustment_amount: Number
    """How much less or more."""
    adjustments: list[PaymentAdjustment]
    """What is added or taken, with the reasons."""
    references: list[Reference]
    """Further numbers, such as that of the order."""
    dates: list[Event]
    """Dates, such as that of the invoice."""
    notes: list[Note]
    """Texts for people."""


@with_config(CLOSED)
class Remittance(TypedDict, total=False):
    """What is paid for one party, such as one branch; most payments have a single one."""

    number: Text
    """Number of this part of the payment."""
    role: Code
    """What the party is: payee, vendor, and so on, or the partner's code."""
    id_scheme: Code
    """Who gave the party its number."""
    id: Text
    """The party's number."""
    reference_type: Code
    """What `reference` is, or the partner's code."""
    reference: Text
    """A number that it belongs to, such as that of an account."""
    invoices: list[PaidInvoice]
    """What is paid, invoice by invoice."""
    adjustments: list[PaymentAdjustment]
    """What is added or taken and belongs to no invoice."""


@with_config(CLOSED)
class PaymentAdvice(Envelope, total=False):
    """What is paid and for what: X12 820, payment order or remittance advice."""

    document: Required[Literal["payment_advice"]]
    """The type of this document."""
    handling: Required[Code]
    """remittance_only, payment_with_remittance, payment_only, and so on, or the partner's code."""
    amount: Required[Number]
    """What is paid in all."""
    sign: Required[Code]
    """credit or debit."""
    method: Required[Code]
    """How it is paid: ach, check, wire, and so on, or the partner's code."""
    format: Code
    """Format of the payment at the bank, as the partner's code."""
    payer_account: BankAccount
    """Account that the money comes from."""
    payer_id: Text
    """Number of the payer at its bank."""
    payer_supplement: Text
    """A further part of that number."""
    payee_account: BankAccount
    """Account that the money goes to."""
    payment_date: Date
    """Day on which the payment takes effect."""
    business_function: Code
    """What the payment is for, as the partner's code."""
    trace_type: Code
    """Kind of trace, as the partner's code."""
    trace_number: Text
    """Number of the payment: of the check or of the transfer."""
    trace_originator: Text
    """Who gave the payment its number."""
    trace_reference: Text
    """A further number of the payment."""
    currency: Code
    """Currency of all amounts; absent where the partners agree on one."""
    currency_party: Code
    """Whose currency it is."""
    references: list[Reference]
    """Further numbers."""
    dates: list[Event]
    """Further dates."""
    notes: list[Note]
    """Texts for people."""
    parties: list[Party]
    """Who takes part: payer and payee are among them."""
    remittances: list[Remittance]
    """What is paid for."""
