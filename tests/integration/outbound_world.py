"""A partner that takes shipping orders, by the packaged map of Northstar, and such orders."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from gateway.clock import Clock, utc_now
from gateway.mapping.plan import Json
from gateway.partners import Identity, Partner
from gateway.pipeline.outbound.keeping import Submission
from gateway.pipeline.outbound.numbering import Numbering
from gateway.pipeline.outbound.operations import OutboundOperations
from gateway.pipeline.rulebook import Rulebook
from tests.integration.world import PARTNER, PlainMap, World, partner, rulebook
from tests.samples.maps import compiled_map

OURS = Identity.model_validate({"qualifier": "ZZ", "id": "HARBOR", "gs": "HARBORWH"})

_INBOUND = {"set": "940", "direction": "in", "map": "plain-940", "usage": ["P", "T"]}


def taking_orders(**agreed: object) -> Partner:
    """Return the one partner, who takes 940 too, with some of that agreement changed."""
    outbound = {
        "set": "940",
        "direction": "out",
        "version": "004010UCS",
        "map": "northstar-940",
        **agreed,
    }
    return partner(agreements=[_INBOUND, outbound])


def sending_rules(them: Partner | None = None) -> Rulebook:
    """Return the rules of a world in which orders go out."""
    maps = cast(
        "Mapping[str, PlainMap]",
        {"plain-940": PlainMap(), "northstar-940": compiled_map("northstar-940")},
    )
    return rulebook(maps, them=them or taking_orders(), ours=OURS)


def shipment(number: int = 1, **changes: Json) -> dict[str, Json]:
    """Return a shipping order as an ERP has it."""
    document: dict[str, Json] = {
        "document": "shipment_order",
        "version": "1.0",
        "status": "new",
        "depositor_order_number": f"HG-{number}",
        "purchase_order_number": f"PO-{number}",
        "requested_ship_date": "2026-03-04",
        "carrier": {"scac": "UPSN", "mode": "parcel", "freight_payment": "prepaid"},
        "parties": [
            {
                "role": "ship_to",
                "name": "Lantern and Loom",
                "ids": [{"scheme": "assigned_by_depositor", "value": "LL-0042"}],
                "address": {
                    "lines": ["1180 Quarry Road"],
                    "city": "Duluth",
                    "state": "MN",
                    "postal_code": "55802",
                    "country": "US",
                },
            }
        ],
        "lines": [
            {
                "line_number": 1,
                "item_ids": [{"scheme": "vendor_item", "value": "LMP-100"}],
                "sku": "LMP-100",
                "ordered_quantity": "24",
                "unit": "case",
                "lot": "L2602",
            }
        ],
        "total_quantity": "24",
    }
    return {**document, **changes}


def submission(number: int = 1, *, key: str | None = None, **changes: Json) -> Submission:
    """Return an order for the one partner."""
    return Submission(shipment(number, **changes), PARTNER, key=key, name=f"order-{number}.json")


def operations(world: World, rules: Rulebook, clock: Clock = utc_now) -> OutboundOperations:
    """Return what people ask for about documents of ours."""
    return OutboundOperations(world.store, world.jobs, rules, clock=clock)


def numbering(world: World, rules: Rulebook) -> Numbering:
    """Return what people ask for about control numbers."""
    return Numbering(world.store, rules, clock=utc_now)
