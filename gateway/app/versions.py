"""Keeps the versions of maps that are in force when an instance is opened."""

from __future__ import annotations

from datetime import datetime

from gateway.config.versions import InForce
from gateway.pipeline.store_port import Store


def keep_versions(store: Store, in_force: InForce, now: datetime) -> None:
    """Keep what the maps of now were made of, before any document is made by them."""
    versions = list(in_force.all())
    if not versions:
        return
    contents = {hash_: content for one in versions for hash_, content in one.by_hash.items()}
    with store.transaction() as transaction:
        transaction.versions.keep([one.record(now) for one in versions], contents)
