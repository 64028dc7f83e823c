"""Canonical documents to X12, validated before they leave: write, validate, bytes.

Run by `make bench`, or alone: `python -m tests.benchmarks.bench_outbound`. The last line is what
the pipeline does for each document: it reads back the bytes it would send, and validates those.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from gateway.mapping.compiled import Writing
from gateway.mapping.plan import Document
from gateway.partners import Agreement, Partner
from gateway.pipeline.memory import forgetful
from gateway.pipeline.outbound.agreed import Agreed
from gateway.pipeline.outbound.envelope import Envelope
from gateway.pipeline.outbound.write import write as written_by_pipeline
from gateway.x12.model import ControlNumber, TransactionSet
from gateway.x12.reader import read_interchanges
from gateway.x12.writer import OutboundGroup, OutboundSet, gs, isa, write_interchange
from tests.benchmarks.documents import FUNCTIONAL_IDS, interchanges
from tests.benchmarks.inbound import DELIMITERS, ENVELOPE, VERSION, InboundCore
from tests.benchmarks.timing import Item, best, each

COUNT = 1000
NUMBER = ControlNumber("000000001")
GROUP_NUMBER = ControlNumber("1")
SET_NUMBER = ControlNumber("0001")

AGREEMENT = Agreement(set="940", direction="out", map="base-940")
PARTNER = Partner.model_validate(
    {
        "partner": "them",
        "name": "Them",
        "identities": [{"qualifier": "ZZ", "id": "THEM"}],
        "agreements": [AGREEMENT],
    }
)
ENVELOPES = {
    set_id: Envelope(
        partner="northstar", set_id=set_id, functional_id=functional_id, version=VERSION, usage="P",
        sender=("ZZ", "GATEWAY"), receiver=("ZZ", "NORTHSTAR"), group_sender="GATEWAY",
        group_receiver="NORTHSTAR", delimiters=DELIMITERS, expects=None, expect_within=None,
        resends=0, series_mark="", first_interchange=1, first_group=1, time_zone="UTC",
    )
    for set_id, functional_id in FUNCTIONAL_IDS.items()
}  # fmt: skip

Made = tuple[str, Document]
"""A set and a document to write as one."""


def whole(made: Made, writing: Writing) -> TransactionSet:
    """Return a set, ST to SE, as the validator takes it."""
    set_id, body = made[0], writing.segments
    segments = [["ST", set_id, SET_NUMBER], *body, ["SE", str(len(body) + 2), SET_NUMBER]]
    places, plain = range(len(segments)), bool(writing.text)
    return TransactionSet(segments, places, DELIMITERS, NUMBER, GROUP_NUMBER, plain=plain)


def payload(made: Made, writing: Writing) -> bytes:
    """Return the interchange of one set."""
    set_id, _ = made
    header = isa(
        ("ZZ", "GATEWAY"), ("ZZ", "NORTHSTAR"), control_number=NUMBER, moment=ENVELOPE.moment,
        usage="P",
    )  # fmt: skip
    group = gs(
        FUNCTIONAL_IDS[set_id], sender="GATEWAY", receiver="NORTHSTAR",
        control_number=GROUP_NUMBER, moment=ENVELOPE.moment, version=VERSION,
    )  # fmt: skip
    sets = [OutboundSet(set_id, SET_NUMBER, writing.segments, text=writing.text)]
    return write_interchange(header, [OutboundGroup(group, sets)], DELIMITERS)


def write(core: InboundCore, made: Made) -> bytes:
    """Write one document as an interchange of its own; a set with findings may not leave."""
    set_id, document = made
    writing = core.maps[set_id].write(document, DELIMITERS)
    assert not writing.findings, writing.findings[:2]
    assert not core.validate(whole(made, writing)).findings
    return payload(made, writing)


def draft(core: InboundCore, made: Made) -> bytes:
    """Write one document as the pipeline does."""
    set_id, document = made
    agreed = Agreed(
        PARTNER, AGREEMENT, core.maps[set_id], core.validators[set_id], ENVELOPES[set_id], ""
    )
    now = ENVELOPE.moment
    done = written_by_pipeline(document, agreed, now=now, memory=forgetful, came=now)
    assert not done.refused, done.refused[:2]
    return done.content


def main() -> None:
    """Print the figures."""
    core = InboundCore()
    documents: list[Made] = []
    for received in interchanges(COUNT):
        for interchange in read_interchanges(received):
            for one in interchange.groups[0].transaction_sets:
                reading = core.translate(core.validate(one))
                documents += [(one.set_id, document) for document in reading.documents]
    for set_id in FUNCTIONAL_IDS:
        print_rate(set_id, [one for one in documents if one[0] == set_id], partial(write, core))
    print_stages(core, documents)
    print_rate("all (bar 5,000/s, aim 8,000/s)", documents, partial(write, core))
    print_rate("all, read back by the pipeline", documents, partial(draft, core))


def print_stages(core: InboundCore, documents: Sequence[Made]) -> None:
    """Print what the stages cost, each by itself."""
    writings = [core.maps[made[0]].write(made[1], DELIMITERS) for made in documents]
    pairs = list(zip(documents, writings, strict=True))
    print_rate("  map", documents, lambda made: core.maps[made[0]].write(made[1], DELIMITERS))
    print_rate("  validate", pairs, lambda pair: core.validate(whole(*pair)))
    print_rate("  bytes", pairs, lambda pair: payload(*pair))


def print_rate(name: str, items: Sequence[Item], take: Callable[[Item], object]) -> None:
    """Print how fast something is done with each item."""
    seconds = best(each(items, take), rounds=5) / len(items)
    print(f"{name:42} {seconds * 1e6:7.1f} us {1 / seconds:9,.0f}/s")


if __name__ == "__main__":
    main()
