"""What is paid: charges and allowances, taxes, terms of payment and of delivery."""

from __future__ import annotations

from typing import Required

from pydantic import with_config
from typing_extensions import TypedDict

from gateway.canonical.values import CLOSED, Code, Count, Date, Number, Text


@with_config(CLOSED)
class Charge(TypedDict, total=False):
    """A charge or an allowance."""

    kind: Code
    """charge adds to what is paid, allowance takes from it."""
    code: Code
    """What it is for, such as freight or fuel_surcharge, or the partner's code."""
    agency: Code
    """Who defines `agency_code`."""
    agency_code: Code
    """What it is for, in that agency's list."""
    amount: Number
    """Total of the charge or allowance, in the document's currency."""
    percent_basis: Code
    """What the percentage is taken of."""
    percent: Number
    """Percentage."""
    rate: Number
    """Rate for one unit."""
    quantity: Number
    """How many units the rate applies to."""
    unit: Code
    """Unit of that quantity."""
    method: Code
    """How it is settled, such as off_invoice or paid_by_buyer."""
    reference: Text
    """Number that identifies the charge."""
    option: Text
    """Option that was chosen."""
    basis_amount: Number
    """Amount that the percentage is taken of."""
    description: Text
    """In words."""


@with_config(CLOSED)
class Tax(TypedDict, total=False):
    """A tax that was charged, or why none was."""

    type: Required[Code]
    """Kind of tax, such as state_sales_tax, or the partner's code."""
    amount: Number
    """Amount of tax."""
    percent: Number
    """Rate in percent."""
    jurisdiction_scheme: Code
    """Who defines the jurisdiction's code."""
    jurisdiction: Text
    """Where the tax is due."""
    exempt: Code
    """Whether, or why, no tax is due: the partner's code."""
    basis_amount: Number
    """Amount that the rate is applied to."""
    tax_id: Text
    """Registration number of the party that collects it."""


@with_config(CLOSED)
class PaymentTerms(TypedDict, total=False):
    """When an invoice is to be paid, and what paying early saves."""

    type: Code
    """Kind of terms, such as basic or discount_not_applicable."""
    basis: Code
    """Which date the days are counted from, such as invoice_date."""
    discount_percent: Number
    """Discount for early payment, in percent."""
    discount_due_date: Date
    """Last day for the discount."""
    discount_days: Count
    """Days within which the discount applies."""
    net_due_date: Date
    """Day on which the whole is due."""
    net_days: Count
    """Days within which the whole is due."""
    discount_amount: Number
    """Discount for early payment, as an amount."""
    day_of_month: Count
    """Day of the month on which payment is due."""
    description: Text
    """The terms in words."""


@with_config(CLOSED)
class DeliveryTerms(TypedDict, total=False):
    """Terms of delivery: who pays the freight, where risk and title pass."""

    freight_payment: Required[Code]
    """Who pays: prepaid, collect, third_party, or the partner's code."""
    location_type: Code
    """What kind of place the goods change hands at."""
    location: Text
    """That place."""
    rule_set: Code
    """Which rules the term belongs to, as a code."""
    rule: Code
    """The term, such as FOB or DDP."""
    title_location_type: Code
    """What kind of place the title passes at."""
    title_location: Text
    """That place."""


@with_config(CLOSED)
class Price(TypedDict, total=False):
    """A price that has no field of its own."""

    trade_class: Code
    """Whom the price is for, as the partner's code."""
    type: Code
    """What price it is, as the partner's code."""
    amount: Number
    """The price of one unit."""
    quantity: Number
    """From how many units on the price holds."""
    unit: Code
    """Unit of that quantity."""
    basis: Code
    """What the price is for, such as per_each or per_hundred."""
