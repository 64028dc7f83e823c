"""Who takes part: parties with their numbers, addresses and contacts; references, dates and notes.

Each is a closed shape: a key that is not named here is an error, so that a spelling mistake in a
map or in an ERP export is found at once. Every field's docstring is its description in the JSON
Schema.
"""

from __future__ import annotations

from typing import Required

from pydantic import with_config
from typing_extensions import TypedDict

from gateway.canonical.values import CLOSED, Code, Date, Text, Time


@with_config(CLOSED)
class Identifier(TypedDict, total=False):
    """One number by which somebody knows a party or an item, and who gave it."""

    scheme: Required[Code]
    """Who gave the number, such as duns, gln, assigned_by_seller, vendor_part or gtin."""
    value: Required[Text]
    """The number itself."""


@with_config(CLOSED)
class Address(TypedDict, total=False):
    """Where a party is."""

    lines: list[Text]
    """Street, building and the like, in the order in which they are printed."""
    city: Text
    """Town or city."""
    state: Text
    """State or province, as a two-letter code in North America."""
    postal_code: Text
    """Postal or ZIP code."""
    country: Text
    """Country code as received; absent where the partners agree on one country."""
    location_type: Code
    """What kind of place `location` names, where the address is a place with a code."""
    location: Text
    """The place's code, such as a dock, a store or a port."""


@with_config(CLOSED)
class ContactNumber(TypedDict, total=False):
    """One way to reach a contact."""

    type: Required[Code]
    """The kind of number: phone, fax, email, mobile, or the partner's code."""
    value: Required[Text]
    """The number or address."""


@with_config(CLOSED)
class Contact(TypedDict, total=False):
    """A person or desk to ask."""

    function: Required[Code]
    """What the contact is for, such as delivery, order, receiving or information."""
    name: Text
    """Name of the person or desk."""
    numbers: list[ContactNumber]
    """Telephone numbers, mail addresses and the like."""
    reference: Text
    """What to quote when asking."""


@with_config(CLOSED)
class Reference(TypedDict, total=False):
    """A number of somebody's paper or system that has no field of its own."""

    type: Required[Code]
    """What the number is, such as department or vendor_number, or the partner's code."""
    value: Text
    """The number."""
    description: Text
    """Text that goes with it, or that stands instead of it."""
    date: Date
    """Date that goes with it."""
    time: Time
    """Time that goes with it."""
    time_zone: Code
    """Zone of that time, as a code such as ET, PT or UT."""


@with_config(CLOSED)
class Event(TypedDict, total=False):
    """A date or time that has no field of its own."""

    type: Required[Code]
    """What happens then, such as requested_pickup or order_date, or the partner's code."""
    date: Date
    """The day."""
    time_type: Code
    """What the time means, where it says so: the partner's code."""
    time: Time
    """The time of day."""
    time_zone: Code
    """Zone of the time, as a code such as ET, PT or UT."""


@with_config(CLOSED)
class Note(TypedDict, total=False):
    """A text for people."""

    type: Code
    """Whom or what the text is for, such as warehouse, delivery or bill_of_lading."""
    text: Required[Text]
    """The text."""


@with_config(CLOSED)
class Message(TypedDict, total=False):
    """A longer text for people, with a heading."""

    type: Required[Code]
    """What the text is about, or the partner's code."""
    reference: Text
    """Number that the text is about."""
    subject: Text
    """Heading."""
    lines: list[Text]
    """The text, line by line."""


@with_config(CLOSED)
class Party(TypedDict, total=False):
    """A company, store, warehouse or person that takes part, and in which role."""

    role: Required[Code]
    """What the party is here: ship_to, ship_from, bill_to, buyer, warehouse, and so on."""
    name: Text
    """Its name."""
    additional_names: list[Text]
    """Further lines of the name, such as a department or a person."""
    ids: list[Identifier]
    """Numbers by which the party is known."""
    address: Address
    """Where it is."""
    contacts: list[Contact]
    """Whom to ask there."""
    references: list[Reference]
    """Numbers that belong to the party in this document."""
