"""The folders of partners on this machine: what is looked through, and how long copies are kept."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from gateway.config import Instance
from gateway.pipeline.ports import Retention
from gateway.transports.arrival import ArrivalRules
from gateway.transports.directory.archive import purge_archive
from gateway.transports.directory.box import Folder
from gateway.transports.directory.inbound import DirectoryRules
from gateway.transports.shown import printable

_LYING = timedelta(minutes=1)
"""A file that is whole is taken within seconds."""


@dataclass(frozen=True, slots=True)
class Lying:
    """A file in an inbox that nobody has taken for more than a minute."""

    partner: str
    name: str
    since: datetime
    """When it last changed, its name among it."""


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


def lying_files(instance: Instance, now: datetime) -> list[Lying]:
    """Return what lies in inboxes for more than a minute, the oldest first; it opens no file."""
    rules = directory_rules(instance).arrival
    found = (one for folder in folders(instance) for one in _lying(folder, rules))
    return sorted(
        (one for one in found if one.since < now - _LYING),
        key=lambda one: (one.since, one.partner, one.name),
    )


def _lying(folder: Folder, rules: ArrivalRules) -> Iterator[Lying]:
    try:
        with os.scandir(folder.inbox) as entries:
            for entry in entries:
                if not rules.ignores(entry.name):
                    changed = entry.stat(follow_symlinks=False).st_ctime
                    name = printable(entry.name)
                    yield Lying(folder.partner, name, datetime.fromtimestamp(changed, UTC))
    except OSError:
        # Taken between two steps; or a folder that is not made before the first start.
        return


def retention(instance: Instance) -> Retention:
    """Return how long payloads are kept: in the archive folders as long as in the store."""
    kept = instance.settings.retention

    def purge_copies(before: datetime) -> None:
        for folder in folders(instance):
            purge_archive(folder.archive, before.date())

    return Retention(kept.payloads, kept.ledger, purge_copies)
