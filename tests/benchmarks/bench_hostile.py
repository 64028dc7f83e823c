"""What no partner sends, at full size: time and peak memory of each kind, in a process of its own.

Run by `make bench`, or alone: `python -m tests.benchmarks.bench_hostile [KIND SIZE]`, which takes
one payload in this process. The tests hold a small size of each to twice the work for twice as much
(`tests/hostile/test_sizes.py`).
"""

from __future__ import annotations

import subprocess
import sys
import time

from gateway import canonical
from gateway.acks.reply import acknowledge
from gateway.acks.results import GroupResult, InterchangeResult, SetResult, strictly
from gateway.x12.model import TransactionSet
from gateway.x12.reader import read
from gateway.x12.reader_events import GroupEnd, GroupStart, InterchangeEnd
from tests.benchmarks.big_interchange import MEGABYTE, peak
from tests.benchmarks.inbound import ENVELOPE, POLICY, InboundCore
from tests.hostile.sizes import hostile

FULL = (
    ("segments", 3_333_333),
    ("segments", 160_000),
    ("one_element", 100_000_000),
    ("sets", 100_000),
    ("bad_sets", 100_000),
    ("deep", 100_000),
    ("siblings", 160_000),
    ("siblings", 1_000_000),
    ("orphans", 400_000),
    ("bad_segments", 160_000),
    ("strays", 400_000),
    ("disorder", 100_000),
    ("groups", 100_000),
    ("many_interchanges", 100_000),
)


def take(core: InboundCore, payload: bytes) -> tuple[int, int, int]:
    """Read, validate, map what is sound, acknowledge; return sets, findings and 997 bytes."""
    sets = findings = answered = 0
    groups: list[GroupResult] = []
    for event in read(payload):
        if isinstance(event, GroupStart):
            results: list[SetResult] = []
        elif isinstance(event, TransactionSet):
            sets += 1
            found = list(event.findings)
            if not event.too_large:
                parsed = core.validate(event)
                found += parsed.findings
                for document in () if found else core.translate(parsed).documents:
                    canonical.dumps(document)
            findings += len(found)
            results.append(SetResult(event.set_id, event.control_number, tuple(found)))
        elif isinstance(event, GroupEnd):
            end = event
            told = GroupResult(end.header, tuple(results), end.declared_count, end.findings)
            groups.append(told)
        elif isinstance(event, InterchangeEnd):
            whole = InterchangeResult(event.header, tuple(groups), event.findings)
            done = acknowledge(whole, strictly, policy=POLICY, envelope=ENVELOPE)
            answered += len(done.payload or b"")
            groups = []
    return sets, findings, answered


def one(kind: str, size: int) -> None:
    """Take one payload, and print a line of figures."""
    core, payload = InboundCore(), hostile(kind, size)
    before, started = peak(), time.process_time()
    sets, findings, answered = take(core, payload)
    seconds = time.process_time() - started
    print(
        f"{kind:18} {size:11,} {len(payload) / MEGABYTE:7.1f} MB {seconds:7.1f} s "
        f"{max(0.0, peak() - before):7.0f} MB more; {sets:,} sets, {findings:,} findings, "
        f"{answered / MEGABYTE:.1f} MB answered"
    )


def main() -> None:
    """Take each kind in a process of its own, since memory is counted at its peak."""
    if len(sys.argv) == 3:
        one(sys.argv[1], int(sys.argv[2]))
        return
    sys.stdout.flush()
    for kind, size in FULL:
        command = [sys.executable, "-m", "tests.benchmarks.bench_hostile", kind, str(size)]
        subprocess.run(command, check=True)


if __name__ == "__main__":
    main()
