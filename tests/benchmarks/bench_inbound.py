"""The full inbound core on a thousand synthetic interchanges: each stage, the whole, and bad data.

Run by `make bench`, or alone: `python -m tests.benchmarks.bench_inbound`.

Compare ratios, not microseconds: the floor and the whole are taken in turns in one run, so that
what else the machine does hits all of them, and after them the floor and the stages. What each
stage begins with is of a thousand documents at once, which no gateway holds, and which would slow
down the whole by the memory that it is scattered over.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from gateway import canonical
from gateway.x12.reader import read_interchanges
from tests.benchmarks.bench_validate import spoil_elements, spoil_structure
from tests.benchmarks.documents import interchanges
from tests.benchmarks.inbound import InboundCore
from tests.benchmarks.timing import each, in_turns, split_floor

COUNT = 1000
FLOOR, WHOLE = "split floor", "full inbound (bar 11, aim 8)"


def stages(core: InboundCore, payloads: Sequence[bytes]) -> dict[str, Callable[[], object]]:
    """Return each stage as a run over what the stage before it made of the payloads."""
    read = [list(read_interchanges(payload)) for payload in payloads]
    sets = [
        one
        for found in read
        for interchange in found
        for group in interchange.groups
        for one in group.transaction_sets
    ]
    parsed = [core.validate(one) for one in sets]
    by_set = {id(one.transaction_set): one for one in parsed}
    readings = [core.translate(one) for one in parsed]
    documents = [document for reading in readings for document in reading.documents]
    results = [core.judged(interchange, by_set) for found in read for interchange in found]
    assert not any(one.findings for one in parsed)
    assert not any(reading.findings for reading in readings)
    assert not any(canonical.check(document) for document in documents)
    return {
        FLOOR: lambda: split_floor(payloads),
        "read": each(payloads, lambda payload: list(read_interchanges(payload))),
        "parse + validate": each(sets, core.validate),
        "map": each(parsed, core.translate),
        "canonical check, where a map is not certain": each(documents, canonical.check),
        "JSON": each(documents, canonical.dumps),
        "997": each(results, core.acknowledge),
    }


def main() -> None:
    """Print the figures."""
    core = InboundCore()
    payloads = list(interchanges(COUNT))
    bad_elements = [spoil_elements(payload) for payload in payloads]
    bad_structure = [spoil_structure(payload) for payload in payloads]
    assert all(len(core.take(payload).documents) == 1 for payload in payloads)
    assert not any(core.take(one).documents for one in (*bad_elements, *bad_structure))
    print(f"{COUNT} interchanges, {sum(map(len, payloads)) / COUNT:.0f} bytes each on average")
    tell(
        in_turns(
            {
                FLOOR: lambda: split_floor(payloads),
                WHOLE: lambda: core.take_all(payloads),
                "full inbound, all with bad elements": lambda: core.take_all(bad_elements),
                "full inbound, all with bad structure": lambda: core.take_all(bad_structure),
            }
        )
    )
    tell(in_turns(stages(core, payloads)))


def tell(figures: Mapping[str, float]) -> None:
    """Print what was measured in turns."""
    floor = figures[FLOOR]
    for name, seconds in figures.items():
        each = seconds / COUNT
        line = f"{name:43} {each * 1e6:7.1f} us {1 / each:9,.0f}/s {seconds / floor:6.2f} x floor"
        if "bad" in name:
            rate = figures[WHOLE] / seconds
            line += f", {rate:.2f} of the valid rate (bar 0.33, aim 0.50)"
        print(line)


if __name__ == "__main__":
    main()
