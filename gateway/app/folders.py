"""The folders of partners on this machine: what is looked through, and how long copies are kept."""

from __future__ import annotations

from datetime import datetime

from gateway.config import Instance
from gateway.pipeline.ports import Retention
from gateway.transports.arrival import ArrivalRules
from gateway.transports.directory.archive import purge_archive
from gateway.transports.directory.box import Folder
from gateway.transports.directory.inbound import DirectoryRules


def folders(instance: Instance) -> list[Folder]:
    """Return the inbox of each partner."""
    return [
        Folder(partner.id, instance.inbound_folder(partner), instance.archive / partner.id)
        for partner in instance.partners.values()
    ]


def directory_rules(instance: Instance) -> DirectoryRules:
    """Return when a file is taken to be whole, and what is never taken."""
    pickup = instance.settings.pickup
    arrival = ArrivalRules(
        stable_for=pickup.stable_for,
        incomplete_after=pickup.incomplete_after,
        ignore=pickup.ignore,
        max_bytes=instance.settings.limits.payload,
    )
    return DirectoryRules(arrival, rescan_every=pickup.rescan_every)


def retention(instance: Instance) -> Retention:
    """Return how long payloads are kept: in the archive folders as long as in the store."""
    kept = instance.settings.retention

    def purge_copies(before: datetime) -> None:
        for folder in folders(instance):
            purge_archive(folder.archive, before.date())

    return Retention(kept.payloads, kept.ledger, purge_copies)
