"""A process that runs the engine on a world and kills itself at a named transition.

    python -m tests.integration.dying DATABASE_URL FOLDER PAYLOADS [TRANSITION [TIMES]]

What is delivered is written to files in the folder, one line for each call, so that the test can
count what the outside saw over several lives.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from datetime import timedelta
from itertools import count
from pathlib import Path

from gateway.clock import utc_now
from gateway.pipeline.engine import DurableJobs
from gateway.pipeline.pipeline import Pipeline
from gateway.pipeline.places import Destination, Places
from gateway.pipeline.ports import Consignment, Event, Observer, Receipt
from gateway.store import SqlStore, open_database
from tests.integration.world import (
    FAST,
    PARTNER,
    World,
    many_orders,
    order,
    partner,
    rulebook,
    running,
)


class Written:
    """Writes every call to a file before it says yes."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def connect(self) -> None:
        """Nothing needs to be made ready."""

    def deliver(self, consignment: Consignment) -> Receipt:
        """Append name and key, durably."""
        call = {
            "name": consignment.name,
            "key": consignment.idempotency_key,
            "content": consignment.content.decode("latin-1"),
        }
        with self._file.open("a", encoding="utf-8") as file:
            file.write(json.dumps(call) + "\n")
            file.flush()
            os.fsync(file.fileno())
        return Receipt(consignment.name)

    def close(self) -> None:
        """Nothing is kept open."""


def die_at(name: str, times: int) -> Observer:
    """Return an observer that kills this process, hard, at the first or a later such transition."""
    seen = count(1)

    def observe(event: Event) -> None:
        if event.name == name and next(seen) == times:
            os.kill(os.getpid(), signal.SIGKILL)

    return observe


PAYLOADS = {
    "small": lambda: [order(1), order(2)],
    # Their acknowledgments wait for each other.
    "together": lambda: [order(1), order(2)],
    # Read piece by piece, and committed in three slices.
    "large": lambda: [many_orders(10, lines=9000)],
}


def main(url: str, folder: Path, payloads: str, transition: str = "", times: str = "1") -> None:
    """Live until everything is done, or until the transition."""
    store = SqlStore(open_database(url))
    jobs = DurableJobs(store)
    erp, folder_out = Written(folder / "erp.jsonl"), Written(folder / "partner.jsonl")
    together = {"997": "always", "batch": {"count": 2, "every": "1h"}}
    them = partner(acknowledgment=together) if payloads == "together" else partner()
    pipeline = Pipeline(
        store,
        jobs,
        rulebook(them=them),
        places=Places({"erp": Destination(erp, FAST)}, {PARTNER: Destination(folder_out, FAST)}),
        observer=die_at(transition, int(times)),
    )
    here = World(store, jobs, pipeline, erp, folder_out)  # type: ignore[arg-type]  # writes instead
    # As a transport does: what it has not settled comes again after a restart, same receipt.
    pipeline.receive(
        [
            here.received(content, f"order-{number}.edi", f"inode-{number}")
            for number, content in enumerate(PAYLOADS[payloads](), 1)
        ]
    )
    with running(here) as engine:
        while any(store.desk.backlog(utc_now() + timedelta(days=1)).values()):
            engine.drain()
    jobs.close()
    store.close()


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), *sys.argv[3:])
