"""A child process that takes one big interchange through the core and reports its peak memory.

`python -m tests.benchmarks.big_interchange FILE` prints, in megabytes: the payload, the peak with
the payload in memory and before reading, the peak at the end; then documents and seconds. Who
starts it writes the file: making it here would raise the peak before anything is read.
"""

from __future__ import annotations

import random
import sys
import time
from pathlib import Path

from gateway import canonical
from gateway.x12.model import TransactionSet
from gateway.x12.reader import read
from tests.benchmarks.documents import interchange, transaction_set
from tests.benchmarks.inbound import InboundCore

MEGABYTE = 1_000_000
VARIETY = 50
"""Different bodies; they come again and again under new control numbers."""


def write_big_interchange(path: Path, size: int) -> None:
    """Write one interchange of one group of so many bytes at least, all of it valid."""
    chance = random.Random(940)
    first = interchange(chance, "940", 1)
    opening, closing = first[: first.index(b"ST*")], first[first.index(b"GE*") :]
    bodies = [
        b"".join("*".join(segment).encode("ascii") + b"~" for segment in segments[1:-1])
        for segments in (transaction_set(chance, "940") for _ in range(VARIETY))
    ]
    count = 0
    with path.open("wb") as file:
        file.write(opening)
        while file.tell() < size:
            body = bodies[count % VARIETY]
            count += 1
            number = b"%09d" % count
            file.write(b"ST*940*%b~%bSE*%d*%b~" % (number, body, body.count(b"~") + 2, number))
        file.write(closing.replace(b"GE*1*", b"GE*%d*" % count))


def peak() -> float:
    """Return the most memory that this process ever held, in megabytes.

    From Linux's own count and not from getrusage, which goes on with the peak of whoever started
    this process.
    """
    status = Path("/proc/self/status").read_text("ascii")
    [line] = [line for line in status.splitlines() if line.startswith("VmHWM:")]
    return int(line.split()[1]) * 1024 / MEGABYTE


def main() -> None:
    """Read, validate, map, check and write JSON, one set at a time, as events come."""
    core = InboundCore()
    payload = Path(sys.argv[1]).read_bytes()
    before = peak()
    started = time.process_time()
    taken = 0
    for event in read(payload):
        if isinstance(event, TransactionSet):
            parsed = core.validate(event)
            assert not event.findings
            assert not parsed.findings
            for document in core.translate(parsed).documents:
                assert not canonical.check(document)
                canonical.dumps(document)
                taken += 1
    print(len(payload) / MEGABYTE, before, peak(), taken, time.process_time() - started)


if __name__ == "__main__":
    main()
