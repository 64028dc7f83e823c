"""A process that submits documents one after another until it is told to stop, or killed.

    python -m tests.integration.submitting DATABASE_URL FOLDER NAME COUNT

What is acknowledged to it is written to a file of its own, one line for each, so that the test can
compare what was promised with what is there. Each document is submitted twice, as an ERP would that
never saw the first answer.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from gateway.clock import utc_now
from gateway.pipeline.engine import DurableJobs
from gateway.pipeline.observing import Announcer
from gateway.pipeline.outbound.submission import Submissions
from gateway.pipeline.ports import unobserved
from gateway.store import SqlStore, open_database
from tests.integration.outbound_world import sending_rules, submission


def main(url: str, folder: Path, name: str, count: int) -> None:
    """Submit documents."""
    store = SqlStore(open_database(url))
    jobs = DurableJobs(store)
    submissions = Submissions(
        store,
        jobs,
        sending_rules(),
        clock=utc_now,
        announcer=Announcer(unobserved, utc_now),
    )
    with (folder / f"{name}.txt").open("a", encoding="ascii") as promised:
        for number in range(count):
            given = submission(number, key=f"{name}-{number}")
            made = submissions.submit(given)
            assert submissions.submit(given).document_id == made.document_id
            promised.write(f"{made.document_id}\n")
            promised.flush()
            os.fsync(promised.fileno())
    jobs.close()
    store.close()


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), sys.argv[3], int(sys.argv[4]))
