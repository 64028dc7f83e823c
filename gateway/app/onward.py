"""Partners as places that documents lead on to, beside the destinations of an instance."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from gateway.config import Instance
from gateway.config.instance import onwards_of
from gateway.partners import Partner
from gateway.pipeline.follow_ups.advice import Advice
from gateway.pipeline.follow_ups.making import ShapedNext, ShapedOn
from gateway.pipeline.outbound.onward import Make, OnwardPlace, OnwardTo, as_it_is
from gateway.pipeline.outbound.submission import Submissions
from gateway.pipeline.places import Destination, Places
from gateway.pipeline.ports import DeliveryPolicy
from gateway.pipeline.store_port import Store
from gateway.routing import ADVICE, NEXT, Onward, onward

_POLICY = DeliveryPolicy(
    # One after another: what came first goes out first, and takes its control numbers first.
    concurrency=1,
    # Only the store can be unwell: it is waited for, and never given up.
    attempts=1000,
    first_pause=timedelta(seconds=1),
    longest_pause=timedelta(minutes=1),
)


@dataclass(frozen=True, slots=True)
class _Way:
    """One way to a document for a partner."""

    to: OnwardTo
    owner: str
    make: Make = as_it_is


def with_partners(
    places: Places, instance: Instance, store: Store, submissions: Submissions
) -> Places:
    """Return places with every partner whom something is agreed to be sent to."""
    ways = {**_on(instance), **_next(instance, store), **_advice(instance, store)}
    onwards = {
        name: Destination(
            OnwardPlace(store, submissions, way.to, partners=instance.partners, make=way.make),
            replace(_POLICY, owner=way.owner),
        )
        for name, way in ways.items()
    }
    return replace(places, destinations={**places.destinations, **onwards})


def ordering_at(instance: Instance, name: str) -> Sequence[str]:
    """Return what the ordering key of a place is made of: nothing where it asks for no order."""
    destination = instance.settings.destinations.get(name)
    return destination.ordering_key if destination is not None else ()


def attempts_at(instance: Instance, name: str) -> int | None:
    """Return the attempts that a place allows; None where there is no such place."""
    destination = instance.settings.destinations.get(name)
    if destination is not None:
        return destination.attempts
    return _POLICY.attempts if _is_there(instance, name) else None


def _is_there(instance: Instance, name: str) -> bool:
    if to := onward(name):
        partner = instance.partners.get(to.partner)
        plain = _onwards(partner) if partner is not None else ()
        return to in (*plain, *onwards_of(instance.routes))
    if name.startswith(NEXT):
        return any(name == one.rule().destination for one in instance.routes.next)
    return name.startswith(ADVICE) and name.removeprefix(ADVICE) in instance.partners


def _onwards(partner: Partner) -> Iterator[Onward]:
    sets = dict.fromkeys(one.set for one in partner.agreements if one.direction == "out")
    if sets:
        yield Onward(partner=partner.id)
    for set_id in sets:
        yield Onward(partner=partner.id, set=set_id)


def _on(instance: Instance) -> Mapping[str, _Way]:
    plain = [to for partner in instance.partners.values() for to in _onwards(partner)]
    return {
        str(to): _Way(
            OnwardTo(to.partner, to.set),
            instance.owner_of(instance.partners.get(to.partner)),
            ShapedOn(to.shape, instance.route_shape(to.shape)) if to.shape else as_it_is,
        )
        for to in (*plain, *onwards_of(instance.routes))
    }


def _next(instance: Instance, store: Store) -> Mapping[str, _Way]:
    return {
        one.rule().destination: _Way(
            OnwardTo(one.partner, one.set, one.sender_of),
            instance.owner_of(instance.partners.get(one.partner or "")),
            ShapedNext(store.desk, one.name, instance.next_shape(one)),
        )
        for one in instance.routes.next
    }


def _advice(instance: Instance, store: Store) -> Mapping[str, _Way]:
    make = Advice(store.desk)
    return {
        f"{ADVICE}{partner.id}": _Way(OnwardTo(partner.id, "824"), instance.owner_of(partner), make)
        for partner in instance.partners.values()
        if any(one.on_refusal == "advise" for one in partner.agreements)
    }
