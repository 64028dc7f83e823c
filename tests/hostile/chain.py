"""Bytes through everything that is pure: read, look up, parse, judge, acknowledge, translate.

It goes on where the pipeline would stop, so that bytes which no partner sent reach the last stage.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

from gateway import canonical, config
from gateway.acks.answer import Acknowledged
from gateway.acks.reply import write_answer
from gateway.acks.segments import read_group
from gateway.acks.ta1 import read_ta1
from gateway.acks.told import ReplyEnvelope
from gateway.cli.init import write_instance
from gateway.config.schemas import packaged_schemas
from gateway.findings import Finding, FindingCode
from gateway.partners import Agreement, Partner
from gateway.pipeline.examine import Examiner
from gateway.pipeline.observing import Announcer
from gateway.pipeline.ports import Payload, unobserved
from gateway.pipeline.rulebook import Rulebook
from gateway.pipeline.stages.envelope import envelope_of
from gateway.pipeline.stages.parse import SetReading, parse
from gateway.pipeline.stages.receive import payload_record
from gateway.pipeline.stages.translate import Translated, translate
from gateway.pipeline.stages.validate import Judge, Judged
from gateway.x12.model import ControlNumber, Interchange
from gateway.x12.reader import read_interchanges
from tests.x12_sets import validator_of

NOW = datetime(2026, 3, 2, 9, 20, tzinfo=UTC)
STRANGERS_ARE = "tidewater-supply"
"""Whose agreements judge an interchange from nobody we know: it has one for each inbound set."""

ECHOED = {
    FindingCode.SENDER_QUALIFIER_INVALID,
    FindingCode.SENDER_ID_INVALID,
    FindingCode.RECEIVER_QUALIFIER_INVALID,
    FindingCode.RECEIVER_ID_INVALID,
}
"""An answer goes to whom the question came from, whatever that called itself and us."""


@dataclass(frozen=True, slots=True)
class Passed:
    """What became of one interchange."""

    interchange: Interchange
    readings: list[list[SetReading]]
    answer: Acknowledged
    translated: list[Translated]

    @property
    def findings(self) -> list[Finding]:
        """Everything that was found, from ISA to the document."""
        found = [*self.interchange.findings]
        for group in self.interchange.groups:
            found += group.findings
        for readings in self.readings:
            for one in readings:
                found += [*one.transaction_set.findings, *one.findings]
        return found


@cache
def rules() -> Rulebook:
    """Return what a new instance decides."""
    with TemporaryDirectory() as folder:
        write_instance(Path(folder))
        instance = config.load(Path(folder))
    return Rulebook(
        partners=instance.partners,
        lookup=instance.lookup,
        router=instance.router,
        schemas=packaged_schemas(),
        map_named=instance.compiled_map,
        leniency_of=instance.leniency_of,
        guides=instance.guides,
    )


def pass_through(payload: bytes) -> list[Passed]:
    """Take a payload through every stage; raise only what the reader may raise."""
    interchanges = list(read_interchanges(payload, rules().leniency_of))
    record = payload_record(Payload(payload, "hostile.edi", None, transport="test"), "x", NOW)
    examiner = Examiner(rules(), Announcer(unobserved, lambda: NOW))
    passed = []
    for index, interchange in enumerate(interchanges):
        passed.append(_pass(interchange))
        examiner.examine(record, interchange, index=index, first=None, now=NOW)
    return passed


def _pass(interchange: Interchange) -> Passed:
    partner = partner_of(interchange)
    readings = [
        [
            parse(
                one,
                group.header,
                partner=partner,
                usage=interchange.header.usage,
                validator_of=rules().validator,
            )
            for one in group.transaction_sets
        ]
        for group in interchange.groups
    ]
    answer = _answer(interchange, readings, partner)
    return Passed(interchange, readings, answer, list(_translated(readings)))


def _answer(
    interchange: Interchange, readings: list[list[SetReading]], partner: Partner
) -> Acknowledged:
    judge = Judge(envelope_of(interchange), partner)
    judged = {number: Judged() for number in range(len(readings))}
    for number, group in enumerate(readings):
        for reading in group:
            judge.judge(reading, number, judged[number])
    concluded = judge.conclude(judged)
    said = concluded.answer
    numbers = count(1)
    envelope = ReplyEnvelope(
        ControlNumber("000000001"),
        lambda: ControlNumber(str(next(numbers))),
        NOW,
        partner.delimiters.delimiters(),
    )
    groups = tuple(verdict.acknowledgment for _, verdict in said.groups)
    payload = write_answer(said, envelope) if said.due else None
    return Acknowledged(concluded.verdict, payload, said.ta1, groups)


def partner_of(interchange: Interchange) -> Partner:
    """Return the sender, or who stands in for it."""
    known = rules().lookup.partner_of(interchange.header.sender)
    return known or rules().partners[STRANGERS_ARE]


def _translated(readings: list[list[SetReading]]) -> Iterator[Translated]:
    """Translate rejected sets too: a map must stand whatever tree it is given."""
    for reading in (one for group in readings for one in group):
        if isinstance(reading.agreement, Agreement) and reading.tree is not None:
            translated = translate(
                reading.tree,
                reading.transaction_set.delimiters,
                agreement=reading.agreement,
                document_map=rules().map_named(
                    reading.agreement.map, reading.agreement.schema_version
                ),
            )
            if isinstance(translated, Translated):
                for document in translated.documents:
                    canonical.dumps(dict(document))
                yield translated


def assert_speaks_x12(answer: Acknowledged) -> None:
    """Hold an acknowledgment against our own reader and our own schema."""
    if answer.payload is None:
        return
    (interchange,) = read_interchanges(answer.payload)
    assert {finding.code for finding in interchange.findings} <= ECHOED, answer.payload
    assert [read_ta1(segment) for segment in interchange.acknowledgments] == (
        [] if answer.ta1 is None else [answer.ta1]
    )
    said = []
    for group in interchange.groups:
        assert group.findings == [], answer.payload
        for one in group.transaction_sets:
            assert one.findings == []
            if group.header.version < "005010":  # AK1 has a third element from then on
                parsed = validator_of("997").parse(one)
                assert parsed.findings == [], (parsed.findings, answer.payload)
            said.append(read_group(one))
    assert len(said) == len(answer.groups)
