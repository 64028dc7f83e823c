"""Canonical documents to X12, validated before they leave: write, validate, bytes.

Run by `make bench`, or alone: `python -m tests.benchmarks.bench_outbound`.
"""

from __future__ import annotations

from collections.abc import Sequence

from gateway.mapping.plan import Document
from gateway.x12.model import ControlNumber, TransactionSet
from gateway.x12.reader import read_interchanges
from gateway.x12.writer import OutboundGroup, OutboundSet, gs, isa, write_interchange
from tests.benchmarks.documents import FUNCTIONAL_IDS, interchanges
from tests.benchmarks.inbound import DELIMITERS, ENVELOPE, VERSION, InboundCore
from tests.benchmarks.timing import best, each

COUNT = 1000
NUMBER = ControlNumber("000000001")
GROUP_NUMBER = ControlNumber("1")
SET_NUMBER = ControlNumber("0001")

Made = tuple[str, Document]
"""A set and a document to write as one."""


def write(core: InboundCore, made: Made) -> bytes:
    """Write one document as an interchange of its own; a set with findings may not leave."""
    set_id, document = made
    writing = core.maps[set_id].write(document, DELIMITERS)
    body = writing.segments
    whole = [["ST", set_id, SET_NUMBER], *body, ["SE", str(len(body) + 2), SET_NUMBER]]
    outbound = TransactionSet(whole, range(len(whole)), DELIMITERS, NUMBER, GROUP_NUMBER)
    assert not writing.findings, writing.findings[:2]
    assert not core.validate(outbound).findings
    header = isa(
        ("ZZ", "GATEWAY"), ("ZZ", "NORTHSTAR"), control_number=NUMBER, moment=ENVELOPE.moment,
        usage="P",
    )  # fmt: skip
    group = gs(
        FUNCTIONAL_IDS[set_id], sender="GATEWAY", receiver="NORTHSTAR",
        control_number=GROUP_NUMBER, moment=ENVELOPE.moment, version=VERSION,
    )  # fmt: skip
    sets = [OutboundSet(set_id, SET_NUMBER, body)]
    return write_interchange(header, [OutboundGroup(group, sets)], DELIMITERS)


def main() -> None:
    """Print the figures."""
    core = InboundCore()
    documents: list[Made] = []
    for payload in interchanges(COUNT):
        for interchange in read_interchanges(payload):
            for one in interchange.groups[0].transaction_sets:
                reading = core.translate(core.validate(one))
                documents += [(one.set_id, document) for document in reading.documents]
    for set_id in FUNCTIONAL_IDS:
        print_rate(core, set_id, [made for made in documents if made[0] == set_id])
    print_rate(core, "all (bar 5,000/s, aim 8,000/s)", documents)


def print_rate(core: InboundCore, name: str, documents: Sequence[Made]) -> None:
    """Print how fast some documents are written."""
    seconds = best(each(documents, lambda made: write(core, made)), rounds=3) / len(documents)
    print(f"{name:42} {seconds * 1e6:7.1f} us {1 / seconds:9,.0f}/s")


if __name__ == "__main__":
    main()
