"""The whole inbound core, without store and transports: bytes in, JSON and a 997 out.

The stages are those of the pipeline, called as the pipeline calls them; each can also be timed
alone, on what the stage before it made.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from gateway import canonical, resources
from gateway.acks.reply import acknowledge
from gateway.acks.results import InterchangeResult, result_of, strictly
from gateway.acks.told import ReplyEnvelope
from gateway.config.maps import find_maps, inherited
from gateway.config.schemas import document_schema, packaged_schemas
from gateway.mapping.compiled import CompiledMap, Reading
from gateway.mapping.library import MapLibrary
from gateway.partners.acknowledging import AcknowledgmentPolicy
from gateway.x12.model import ControlNumber, Delimiters, Interchange, TransactionSet
from gateway.x12.reader import read_interchanges
from gateway.x12.schema import SetSchema
from gateway.x12.validate import ParsedSet, Validator
from tests.benchmarks.documents import BODIES

VERSION = "004010"
DELIMITERS = Delimiters()
POLICY = AcknowledgmentPolicy.model_validate({"997": "always", "ta1": "never"})
ENVELOPE = ReplyEnvelope(
    ControlNumber("000000001"),
    lambda: ControlNumber("1"),
    datetime(2026, 1, 15, 12, tzinfo=UTC),
    DELIMITERS,
)


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of one payload."""

    documents: tuple[bytes, ...]
    findings: int
    acknowledgment: bytes


def base_maps(schemas: Mapping[str, SetSchema]) -> dict[str, CompiledMap]:
    """Compile the packaged base map of each set."""
    files = find_maps(resources.directory("schemas")).files
    library = MapLibrary([file.source for file in files.values()])
    compiled = {}
    for set_id, schema in schemas.items():
        name = f"base-{set_id}"
        document = inherited(name, "document", files)
        assert document is not None
        compiled[set_id] = library.compile(name, schema.root, document_schema(document))
    return compiled


class InboundCore:
    """Schemas, validators and the packaged base maps, compiled once."""

    def __init__(self) -> None:
        library = packaged_schemas()
        schemas = {set_id: library.get(VERSION, set_id) for set_id in BODIES}
        self.schemas: dict[str, SetSchema] = {key: one for key, one in schemas.items() if one}
        self.validators = {set_id: Validator(one) for set_id, one in self.schemas.items()}
        self.maps = base_maps(self.schemas)

    def take(self, payload: bytes) -> Taken:
        """Take one payload through every stage; a set with findings is rejected, not mapped."""
        documents: list[bytes] = []
        answers: list[bytes] = []
        findings = 0
        for interchange in read_interchanges(payload):
            found: dict[int, ParsedSet] = {}
            for group in interchange.groups:
                for one in group.transaction_sets:
                    parsed = found[id(one)] = self.validate(one)
                    if parsed.findings:
                        findings += len(parsed.findings)
                        continue
                    reading = self.translate(parsed)
                    for document in reading.documents:
                        if not reading.fits:
                            findings += len(canonical.check(document))
                        documents.append(canonical.dumps(document))
            answers.append(self.acknowledge(self.judged(interchange, found)))
        return Taken(tuple(documents), findings, b"".join(answers))

    def validate(self, one: TransactionSet) -> ParsedSet:
        """Parse and validate a transaction set."""
        return self.validators[one.set_id].parse(one)

    def translate(self, parsed: ParsedSet) -> Reading:
        """Read a valid set into its document."""
        one = parsed.transaction_set
        return self.maps[one.set_id].read(parsed.tree, one.delimiters)

    def judged(self, interchange: Interchange, found: Mapping[int, ParsedSet]) -> InterchangeResult:
        """Join what reading and validation found."""
        return result_of(interchange, lambda one: found[id(one)].findings)

    def acknowledge(self, result: InterchangeResult) -> bytes:
        """Write the 997."""
        done = acknowledge(result, strictly, policy=POLICY, envelope=ENVELOPE)
        assert done.payload is not None
        return done.payload

    def warm_up(self, payloads: Sequence[bytes]) -> None:
        """Take payloads until every shape that comes often has its function, as in a gateway."""
        for _ in range(10):
            self.take_all(payloads)

    def take_all(self, payloads: Sequence[bytes]) -> None:
        """Take every payload, and keep nothing."""
        for payload in payloads:
            self.take(payload)
