"""The application advice: a partner's system says what it did with what was sent (X12 824).

A 997 says whether X12 could be read; this says whether the business behind it took the document.
"""

from __future__ import annotations

from typing import Literal, Required

from pydantic import with_config
from typing_extensions import TypedDict

from gateway.canonical.envelope import Envelope
from gateway.canonical.goods import Quantity
from gateway.canonical.parties import Contact, Event, Note, Party, Reference
from gateway.canonical.values import CLOSED, Code, Count, Date, Number, Text, Time

BUSINESS_KEYS = ("advice_number", "transactions[].reference")
"""The fields that people search by."""


@with_config(CLOSED)
class AdvisedError(TypedDict, total=False):
    """One thing that is wrong, and where."""

    code: Required[Code]
    """What is wrong, such as missing_data, not_matching or other, or the partner's code."""
    text: Text
    """What is wrong, for people."""
    segment: Text
    """Segment that it is about."""
    segment_position: Count
    """Position of that segment in its transaction set, ST being 1."""
    element_position: Count
    """Position of the element in that segment."""
    data_element: Text
    """Number of the data element in the dictionary."""
    value: Text
    """The value that is wrong."""
    expected: Text
    """The value that was expected, or is taken instead."""
    notes: list[Note]
    """More about it, line by line."""


@with_config(CLOSED)
class AdvisedAmount(TypedDict, total=False):
    """An amount of money that the advice is about."""

    type: Required[Code]
    """What the amount is, as the partner's code."""
    amount: Required[Number]
    """The amount."""
    sign: Code
    """Whether it is a credit or a debit, as the partner's code."""


@with_config(CLOSED)
class AdvisedTransaction(TypedDict, total=False):
    """What became of one document, by its numbers."""

    result: Required[Code]
    """transaction_accepted, transaction_accepted_with_errors, transaction_rejected, item_rejected
    and so on, or the partner's code."""
    reference_type: Required[Code]
    """What `reference` is, such as purchase_order or invoice, or the partner's code."""
    reference: Required[Text]
    """The document's own number, such as that of the order or the invoice."""
    sender_code: Text
    """Who sent the document (GS02)."""
    receiver_code: Text
    """Who was to receive it (GS03)."""
    date: Date
    """Date of its group (GS04)."""
    time: Time
    """Time of its group (GS05)."""
    group_control_number: Text
    """Its group (GS06)."""
    transaction_set_control_number: Text
    """Its transaction set (ST02)."""
    transaction_set: Text
    """Kind of transaction set, such as 850."""
    x12_version: Text
    """Version of its group (GS08)."""
    purpose: Code
    """Purpose of the document, as its own first segment says it."""
    transaction_type: Code
    """Kind of the document, as the partner's code."""
    application_type: Code
    """Kind of application that took or refused it, as the partner's code."""
    action: Code
    """What is to be done, as the partner's code."""
    handling: Code
    """How it is to be treated, as the partner's code."""
    status_reason: Code
    """Why, as the partner's code."""
    references: list[Reference]
    """Further numbers of the document."""
    dates: list[Event]
    """Dates of the document."""
    contacts: list[Contact]
    """Whom to ask about it."""
    amounts: list[AdvisedAmount]
    """Amounts that it is about."""
    quantities: list[Quantity]
    """Quantities that it is about."""
    errors: list[AdvisedError]
    """What is wrong with it."""


@with_config(CLOSED)
class ApplicationAdvice(Envelope, total=False):
    """What a partner's system did with documents: X12 824, application advice."""

    document: Required[Literal["application_advice"]]
    """The type of this document."""
    purpose: Required[Code]
    """original, replace, and so on, or the partner's code."""
    advice_number: Required[Text]
    """The sender's number of this advice."""
    advice_date: Required[Date]
    """Date of the advice."""
    advice_time: Time
    """Time of the advice."""
    time_zone: Code
    """Zone of that time, as a code such as ET, PT or UT."""
    reference: Text
    """Another number that the advice belongs to, such as that of the advice it replaces."""
    transaction_type: Code
    """Kind of advice, as the partner's code."""
    action: Code
    """What is to be done, as the partner's code."""
    security_level: Code
    """How confidential it is, as the partner's code."""
    parties: list[Party]
    """Who takes part, in the order received."""
    transactions: Required[list[AdvisedTransaction]]
    """What became of each document."""
