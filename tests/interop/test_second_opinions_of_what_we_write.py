"""What our writer writes is accepted by mock-edi's dictionary and by x12-doctor.

850, 855, 856, 860, 810 and 997, in 004010 and 005010: plain ones by both without a word, and every
valid sample as our maps write it, but for the complaints of `EXCEPTIONS`, each with its reason.
docs/second-opinion.md holds them as a table.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from mockedi.validate import validate as ask_mock_edi
from mockedi.x12 import parse as read_by_mock_edi
from x12doctor.diagnose import diagnose as ask_x12_doctor

from gateway.x12.envelope import FUNCTIONAL_IDS
from gateway.x12.model import ControlNumber, Delimiters, Segment
from gateway.x12.order import segments_in_order
from gateway.x12.writer import OutboundGroup, OutboundSet, gs, isa, write_interchange
from tests.samples.test_round_trips import rewritten, taken_sets
from tests.samples.test_samples import SAMPLES
from tests.unit.cli.test_validate import run
from tests.x12_sets import a_set, schema_of, validator_of

MOMENT = datetime(2026, 3, 2, 9, 15, tzinfo=UTC)
VERSIONS = ("004010", "005010")
PAGE = Path(__file__).parents[2] / "docs" / "second-opinion.md"
BEGIN, END = "<!-- exceptions: begin -->\n", "<!-- exceptions: end -->\n"

PLAIN = {
    "850": "BEG*00*SA*PO-1**20260302~REF*DP*22~DTM*010*20260310~N1*ST*Shop*92*0042~N3*1 Main St~"
    "N4*Keene*NH*03431~PO1*1*10*EA*7.5**SK*A-1~PID*F****Tea~CTT*1~",
    "855": "BAK*00*AD*PO-1*20260302~N1*ST*Shop*92*0042~PO1*1*10*EA*7.5**SK*A-1~ACK*IA*10*EA~CTT*1~",
    "856": "BSN*00*S-1*20260302*0915~HL*1**S~TD1*CTN*1~TD5*B*2*UPSN~REF*BM*B-1~DTM*011*20260302~"
    "N1*ST*Shop*92*0042~HL*2*1*O~PRF*PO-1~HL*3*2*I~LIN*1*SK*A-1~SN1*1*10*EA~",
    "860": "BCH*01*SA*PO-1*1**20260302*****20260303~N1*ST*Shop*92*0042~"
    "POC*1*QI*12*2*EA*7.5**SK*A-1~CTT*1~",
    "810": "BIG*20260302*I-1*20260301*PO-1~N1*ST*Shop*92*0042~ITD*01*3*2**10**30~"
    "IT1*1*10*EA*7.5**SK*A-1~PID*F****Tea~TDS*7500~CTT*1~",
}
"""Sets as everybody sends them: written without any exception."""


@dataclass(frozen=True, slots=True)
class Allowed:
    """What a tool says of what we write, and why we write it all the same."""

    tool: str
    says: str
    pattern: str
    because: str


EXCEPTIONS = (
    Allowed(
        "mock-edi",
        "a segment that the set does not define",
        r"(NTE|ISS|TD1|TD5|N9|MSG|SDQ|AMT|MAN|FOB|SAC|CSH|PID|TXI|CTP|MEA|QTY)\d? "
        r"(is not a segment this|is defined by)",
        "its dictionary is an excerpt; the standard has these segments there",
    ),
    Allowed(
        "mock-edi",
        "a code that an element does not accept",
        r"\S+ is not a code "
        r"(PER01|IT1\d\d|PO1\d\d|POC\d\d|PO403|LIN\d\d|REF01|DTM01|N101|N103) accepts",
        "its lists are excerpts; VN, LT, 93, 036, CM and the others stand in the standard's",
    ),
    Allowed(
        "mock-edi",
        "one or more segments in error",
        r"one or more segments in error",
        "it sums up what the two above say",
    ),
    Allowed(
        "x12-doctor",
        "B04: TDS01 and the line items differ",
        r"B04 TDS01 declares a total",
        "it adds up lines alone, without charges, allowances and taxes, and takes no credit",
    ),
    Allowed(
        "x12-doctor",
        "B04: CTT01 and SN1 differ in a ship notice",
        r"B04 CTT01 declares \d+ line items, but the document contains \d+ SN1",
        "in an 856 CTT01 counts levels (HL), as the standard's note says",
    ),
    Allowed(
        "x12-doctor",
        "B06: DS is no type of order",
        r"B06 BEG02 is 'DS', which is not a purchase order type code",
        "DS is a drop ship order (data element 92)",
    ),
    Allowed(
        "x12-doctor",
        "B06: an invoice without an order",
        r"B06 BIG04 carries no purchase order number",
        "storage is invoiced by contract; the element is optional",
    ),
    Allowed(
        "x12-doctor",
        "D01: cartons below items",
        r"D01 A Pack level sits directly under a Item level",
        "a structure that partners do send, and BSN05 has a code for",
    ),
    Allowed(
        "x12-doctor",
        "D02: check digits of SSCCs",
        r"D02 SSCC \d+ has check digit",
        "the numbers of these samples are made up; a guide holds them (`sscc_check_digits`)",
    ),
)  # fmt: skip


def written(set_id: str, bodies: list[list[Segment]], version: str) -> bytes:
    """Write sets as an interchange of ours."""
    newer = version > "005"
    header = isa(
        ("ZZ", "HARBORGOODS"),
        ("ZZ", "TIDEWATER"),
        control_number=ControlNumber("77"),
        moment=MOMENT,
        usage="T",
        version="00501" if newer else "00401",
    )
    group = gs(
        FUNCTIONAL_IDS[set_id],
        sender="HARBORGOODS",
        receiver="TIDEWATER",
        control_number=ControlNumber("77"),
        moment=MOMENT,
        version=version,
    )
    sets = [
        OutboundSet(set_id, ControlNumber(f"{number:04d}"), body)
        for number, body in enumerate(bodies, 1)
    ]
    delimiters = Delimiters(repetition="^" if newer else None)
    return write_interchange(header, [OutboundGroup(group, sets)], delimiters)


def plain(set_id: str, version: str) -> bytes:
    """Write a plain set: read into a tree, and put in order by the schema."""
    parsed = validator_of(set_id, version).parse(a_set(set_id, PLAIN[set_id]))
    assert parsed.findings == []
    return written(set_id, [segments_in_order(schema_of(set_id, version), parsed.tree)], version)


def samples() -> Iterator[tuple[str, bytes]]:
    """Yield every valid sample of the four sets that have maps, as those write it."""
    for sample in SAMPLES:
        set_id = sample.name[:3]
        if set_id not in PLAIN or "-invalid-" in sample.name:
            continue
        bodies = [
            rewritten(name, parsed).segments
            for name, parsed in taken_sets(sample)
            if parsed.transaction_set.set_id == set_id
        ]
        for version in VERSIONS:
            yield f"{sample.stem} {version}", written(set_id, bodies, version)


def complaints(payload: bytes) -> list[tuple[str, str]]:
    """Return what both tools have against an interchange: tool and sentence."""
    said: list[tuple[str, str]] = []
    report = ask_mock_edi(read_by_mock_edi(payload.decode("latin-1")))
    for message in report.messages:
        for segment in message.segments:
            notes = [element.note for element in segment.elements] or [segment.note]
            said += [("mock-edi", note) for note in notes]
        said += [("mock-edi", note) for _, note in message.set_errors]
    outside = (report.envelope_errors, report.group_errors, report.interchange_findings)
    said += [("mock-edi", str(one)) for one in outside if one]
    said += [("x12-doctor", f"{one.code} {one.message}") for one in ask_x12_doctor(payload)]
    return said


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("set_id", PLAIN)
def test_plain_sets_are_accepted_without_a_word(set_id: str, version: str) -> None:
    assert complaints(plain(set_id, version)) == []


@pytest.mark.parametrize("version", VERSIONS)
def test_acknowledgments_are_accepted_that_accept_and_that_reject(
    version: str, tmp_path: Path
) -> None:
    file = tmp_path / "received.edi"
    for set_id in PLAIN:
        payload = plain(set_id, version)
        for received in (payload, payload.replace(b"*ST*Shop*92*", b"*ST*Shop*92*~XYZ*")):
            file.write_bytes(received)
            code, out, _ = run("ack", file, "--type", "997")
            assert code == (received is not payload)
            # x12-doctor diagnoses a 997 by what it says: that something was rejected is no fault.
            said = [one for one in complaints(out.encode()) if not one[1].startswith("C0")]
            assert said == []


def test_samples_as_our_maps_write_them_are_accepted_but_for_stated_exceptions() -> None:
    used: set[Allowed] = set()
    unstated: list[tuple[str, str, str]] = []
    for name, payload in samples():
        for tool, sentence in complaints(payload):
            found = [
                one for one in EXCEPTIONS if one.tool == tool and re.match(one.pattern, sentence)
            ]
            used.update(found)
            if not found:
                unstated.append((name, tool, sentence))
    assert unstated == []
    assert set(EXCEPTIONS) == used


def test_what_is_wrong_they_do_not_accept() -> None:
    payload = plain("850", "004010")
    assert complaints(payload.replace(b"BEG*00*SA*PO-1", b"BEG*00*SA*")) != []
    assert complaints(payload.replace(b"SE*11", b"SE*12")) != []


def test_the_table_of_exceptions_is_current(golden: Callable[[Path, bytes], None]) -> None:
    rows = ["| tool | says | why we write it |", "|---|---|---|"]
    rows += [f"| {one.tool} | {one.says} | {one.because} |" for one in EXCEPTIONS]
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    table = "\n".join(rows)
    golden(PAGE, f"{before}{BEGIN}\n{table}\n\n{END}{after}".encode())
