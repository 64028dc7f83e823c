"""What is ordered, packed and moved: measures, packing, marks, carriers and their equipment."""

from __future__ import annotations

from typing import Annotated, Required

from pydantic import Field, with_config
from typing_extensions import TypedDict

from gateway.canonical.parties import Identifier, Reference
from gateway.canonical.values import CLOSED, Code, Count, Date, Number, Text

# The numbers of an item stand in every line of every document and mean the same in all of them.
# Their descriptions go with the type: shared shapes would put them before a line's own number.
ItemIds = Annotated[
    list[Identifier], Field(description="All numbers of the item, in the order received.")
]
"""All numbers of an item."""

Sku = Annotated[
    Text,
    Field(
        description="The number that the receiver should use, chosen by the map from `item_ids`."
    ),
]
"""The number of an item that the receiver should use."""

Gtin = Annotated[
    Text,
    Field(
        description="The item's GTIN as fourteen digits, where the map finds one among `item_ids`."
    ),
]
"""The number of an item that is the same all over the world."""


@with_config(CLOSED)
class Weight(TypedDict, total=False):
    """How heavy."""

    value: Number
    """The figure."""
    unit: Code
    """The unit, such as pound or kilogram."""
    kind: Code
    """What was weighed: gross, net, tare, or the partner's code."""


@with_config(CLOSED)
class Volume(TypedDict, total=False):
    """How much room."""

    value: Number
    """The figure."""
    unit: Code
    """The unit, such as cubic_foot or cubic_meter."""


@with_config(CLOSED)
class Quantity(TypedDict, total=False):
    """A quantity that has no field of its own."""

    type: Required[Code]
    """What is counted, as the partner's code or a word of the map's table."""
    value: Number
    """How many."""
    unit: Code
    """Unit of the quantity."""


@with_config(CLOSED)
class Measurement(TypedDict, total=False):
    """A measured property that has no field of its own, such as a length or a temperature."""

    about: Code
    """What was measured, such as the package or the product."""
    property: Code
    """Which property, such as length, width, height or gross_weight."""
    value: Number
    """The figure."""
    unit: Code
    """The unit."""
    minimum: Number
    """Least value of a range."""
    maximum: Number
    """Greatest value of a range."""


@with_config(CLOSED)
class Packing(TypedDict, total=False):
    """How an item is packed: how many in a pack, and what a pack weighs and measures."""

    pack: Count
    """Saleable units in one pack."""
    inner_pack: Count
    """Inner packs in one pack."""
    size: Number
    """Size of one saleable unit."""
    size_unit: Code
    """Unit of that size."""
    packaging: Code
    """Kind of packaging, as the partner's code."""
    weight: Weight
    """Weight of one pack or, where the document says so, of the line."""
    unit_weight: Number
    """Weight of one saleable unit, in the unit of `weight`."""
    volume: Volume
    """Volume of one pack."""
    length: Number
    """Length of one pack."""
    width: Number
    """Width of one pack."""
    height: Number
    """Height of one pack."""
    dimension_unit: Code
    """Unit of length, width and height."""
    color: Text
    """Colour, where the line says it."""


@with_config(CLOSED)
class Mark(TypedDict, total=False):
    """What is printed on a package: its licence plate or a tracking number."""

    type: Required[Code]
    """What the mark is: carrier_tracking, shipper_assigned, sscc, or the partner's code."""
    value: Required[Text]
    """The mark."""
    to: Text
    """Last mark, where a range is given."""


@with_config(CLOSED)
class Description(TypedDict, total=False):
    """What something is, in words or in somebody's codes."""

    type: Code
    """How it is described: text, code, or both."""
    characteristic: Code
    """Which property is described, such as colour or size."""
    agency: Code
    """Who defines the code."""
    code: Code
    """The description as a code."""
    text: Text
    """The description in words."""


@with_config(CLOSED)
class Allocation(TypedDict, total=False):
    """How much of a line is for one store."""

    location_scheme: Code
    """Who gave the store its number."""
    location: Required[Text]
    """The store."""
    quantity: Required[Number]
    """How much of the line goes there."""
    unit: Code
    """Unit of that quantity."""


@with_config(CLOSED)
class Portion(TypedDict, total=False):
    """A part of an item that is told apart: what is of one lot, or on one pallet."""

    lot: Text
    """Lot of this part."""
    expiry_date: Date
    """When that lot expires."""
    license_plate: Text
    """Licence plate of the pallet or carton that this part is on."""
    quantity: Number
    """How many."""
    unit: Code
    """Unit of that quantity, if not that of the line."""


@with_config(CLOSED)
class Piece(TypedDict, total=False):
    """One piece of an item that has a number of its own, such as a roll or a device."""

    serial_number: Required[Text]
    """Number of the piece."""
    lot: Text
    """Lot that it belongs to."""
    quantity: Number
    """How much it is, such as the length of a roll."""
    unit: Code
    """Unit of that quantity."""
    weight: Weight
    """What it weighs."""
    marks: list[Mark]
    """What is printed on it."""
    references: list[Reference]
    """Numbers that belong to the piece."""


@with_config(CLOSED)
class Carrier(TypedDict, total=False):
    """Who moves the goods, how, and at whose cost."""

    scac: Text
    """The carrier's four-letter code."""
    name: Text
    """The carrier or the route in words."""
    sequence: Code
    """Which leg of the way this carrier takes, as the partner's code."""
    ids: list[Identifier]
    """All numbers by which the carrier is known."""
    mode: Code
    """How the goods move: truck, less_than_truckload, parcel, rail, air, ocean, pickup."""
    service_level: Code
    """How fast, such as ground or next_day, or the partner's code."""
    freight_payment: Code
    """Who pays: prepaid, collect, third_party, or the partner's code."""
    freight_account: Text
    """Account that the freight is charged to, where it is not the shipper's."""
    status: Code
    """Whether the shipment is complete, as the carrier segment says it."""
    location_type: Code
    """What kind of place `location` names."""
    location: Text
    """Where this leg begins or ends."""
    transit_time: Number
    """How long it takes."""
    transit_time_unit: Code
    """Unit of that time."""


@with_config(CLOSED)
class Equipment(TypedDict, total=False):
    """The trailer, container or car that carries the goods."""

    type: Code
    """Kind of equipment, such as trailer or container."""
    initial: Text
    """Letters of its number."""
    number: Text
    """Its number."""
    seal_number: Text
    """Number of the seal on its doors."""
    second_seal_number: Text
    """Number of a second seal."""
    seal_status: Code
    """State of that seal."""
    temperature: Number
    """Temperature to keep or kept."""
    temperature_unit: Code
    """Unit of that temperature."""


@with_config(CLOSED)
class Lading(TypedDict, total=False):
    """How many packages of one kind there are, and what they weigh."""

    packaging: Code
    """Kind of package, such as carton or pallet, or the partner's code."""
    quantity: Count
    """How many."""
    description: Text
    """What they hold."""
    weight: Weight
    """Weight of them all."""
    volume: Volume
    """Volume of them all."""


@with_config(CLOSED)
class Load(TypedDict, total=False):
    """Pallets that were loaded together, their seals and temperatures."""

    unit_load: Code
    """How goods were put together for loading, as the partner's code."""
    pallets: Count
    """How many pallets were shipped."""
    pallet_exchange: Code
    """Whether pallets were exchanged, as the partner's code."""
    seal_number: Text
    """Number of the seal."""
    second_seal_number: Text
    """Number of a second seal."""
    minimum_temperature: Number
    """Temperature to keep, or the lower end of the range."""
    minimum_temperature_unit: Code
    """Unit of that temperature."""
    maximum_temperature: Number
    """Upper end of the range."""
    maximum_temperature_unit: Code
    """Unit of that temperature."""
