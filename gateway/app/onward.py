"""Partners as places that documents go on to, beside the destinations of an instance."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta

from gateway.config import Instance
from gateway.partners import Partner
from gateway.pipeline.outbound.onward import OnwardPlace
from gateway.pipeline.outbound.submission import Submissions
from gateway.pipeline.places import Destination, Places
from gateway.pipeline.ports import DeliveryPolicy
from gateway.pipeline.store_port import Store
from gateway.routing import Onward, onward

_POLICY = DeliveryPolicy(
    # One after another: what came first goes out first, and takes its control numbers first.
    concurrency=1,
    # Only the store can be unwell: it is waited for, and never given up.
    attempts=1000,
    first_pause=timedelta(seconds=1),
    longest_pause=timedelta(minutes=1),
)


def with_partners(
    places: Places, instance: Instance, store: Store, submissions: Submissions
) -> Places:
    """Return places with every partner whom something is agreed to be sent to."""
    onwards = {
        str(to): Destination(
            OnwardPlace(store, submissions, to, partners=instance.partners),
            replace(_POLICY, owner=instance.owner_of(partner)),
        )
        for partner in instance.partners.values()
        for to in _onwards(partner)
    }
    return replace(places, destinations={**places.destinations, **onwards})


def ordering_at(instance: Instance, name: str) -> Sequence[str]:
    """Return what the ordering key of a place is made of: nothing where it asks for no order."""
    destination = instance.settings.destinations.get(name)
    return destination.ordering_key if destination is not None else ()


def attempts_at(instance: Instance, name: str) -> int | None:
    """Return the attempts that a place allows; None where there is no such place."""
    if to := onward(name):
        partner = instance.partners.get(to.partner)
        return _POLICY.attempts if partner and to in _onwards(partner) else None
    destination = instance.settings.destinations.get(name)
    return destination.attempts if destination is not None else None


def _onwards(partner: Partner) -> Iterator[Onward]:
    sets = dict.fromkeys(one.set for one in partner.agreements if one.direction == "out")
    if sets:
        yield Onward(partner=partner.id)
    for set_id in sets:
        yield Onward(partner=partner.id, set=set_id)
