"""A file of each set in 005010 through `gateway validate`: sound as it is, and with one fault."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from gateway.x12.envelope import FUNCTIONAL_IDS
from tests.unit.cli.test_validate import run
from tests.x12_sets import SETS

LONG_REFERENCE = "R" * 50
"""Twenty characters more than 004010 takes."""

BODIES = {
    "180": (
        f"BGN*00*{LONG_REFERENCE}*20260105~RDR**01~PRF*PO-7~N1*SF*SHOP*92*11~"
        "BLI*SK*LAMP*2*EA*INV*14.50~RDR*KR~QTY*76*2~LX*1~N9*LT*B7~",
        ("QTY*76*2", "QTY*76*2**2", "elements_mutually_exclusive 8 QTY04"),
    ),
    "810": (
        f"BIG*20260105*INV-1*20260102*PO-7~REF*CO*{LONG_REFERENCE}~N1*BT*SHOP~"
        "DMG*D8*19700101***A>RET>2135^B~IT1*1*5*EA*1.25**SK*LAMP~TDS*625~"
        "SAC*C*D240***500~CTT*1~",
        ("A>RET>2135^B", "A>RET^B", "conditional_element_missing 5 DMG05-3"),
    ),
    "820": (
        f"BPR*C*100*C*ACH*CTX*01*021000021*DA*123*1234567890**01*021000021*DA*456*20260105~"
        f"TRN*1*{LONG_REFERENCE}~N1*PR*SHOP~ENT*1~FA1*SA~FA2*AA*1~RMR*IV*INV-1**100*100~REF*PO*PO-7~"
        "DTM*003*20260101~VEH*1~",
        ("RMR*IV*INV-1", "RMR*IV*", "conditional_element_missing 8 RMR02"),
    ),
    "824": (
        f"BGN*11*{LONG_REFERENCE}*20260105~N1*FR*SHOP~OTI*TR*IV*INV-1~TED*007*WRONG~"
        "CTX*TAXES>7^LINE>2*SAC*4**5*610>332~NTE**NOT OURS~",
        ("CTX*TAXES>7^LINE>2", f"CTX*TAXES>7{'^LINE>2' * 10}", "too_many_repetitions 6 CTX01"),
    ),
    "846": (
        f"BIA*00*SI*{LONG_REFERENCE}*20260105~N1*WH*NORTH~LIN**SK*LAMP~QTY*33*120~LS*REF~"
        "REF*LT*B7~LE*REF~LIN**SK*BULB~QTY*33*7*EA>>2~",
        ("LE*REF", "LE*LOT", "code_not_in_list 8 LE01"),
    ),
    "850": (
        f"BEG*00*SA*PO-7**20260105~REF*CO*{LONG_REFERENCE}~N1*ST*SHOP*92*11~PO1*1*5*EA*1.25**SK*LAMP~"
        "LS*LDT~LDT*AA*2*DA~LE*LDT~PO1*2*5*EA*2~CTT*2~",
        ("LDT*AA*2*DA", "LDT*AA*2*DAYS", "element_too_long 7 LDT03"),
    ),
    "855": (
        f"BAK*00*AC*PO-7*20260105~REF*CO*{LONG_REFERENCE}~PO1*1*5*EA*1.25**SK*LAMP~"
        "ACK*IA*5*EA*067*20260110~CTT*1~",
        ("*067*20260110", "*067*20260132", "invalid_date 5 ACK05"),
    ),
    "856": (
        f"BSN*00*SHIP-1*20260105*1200*0001~HL*1**S~REF*BM*{LONG_REFERENCE}~HL*2*1*O~PRF*PO-7~HL*3*2*I~"
        "LIN**SK*LAMP~SN1**5*EA~CTT*3~",
        ("*20260105*1200", "*20260105*", "mandatory_element_missing 2 BSN04"),
    ),
    "860": (
        f"BCH*04*SA*PO-7***20260105~REF*CO*{LONG_REFERENCE}~POC*1*QI*8*5*EA*1.25~CTT*1~",
        ("POC*1*QI*8", "POC*1*QIX*8", "element_too_long 4 POC02"),
    ),
    "864": (
        f"BMG*00*HOLIDAYS~MIT*{LONG_REFERENCE}~MSG*WE ARE CLOSED~MSG*UNTIL MONDAY~",
        ("BMG*00*HOLIDAYS", "BMG*00*HOLIDAYS*XXX", "element_too_long 2 BMG03"),
    ),
    "940": (
        f"W05*N*ORDER-1*PO-7~N1*ST*SHOP*92*11~N9*CO*{LONG_REFERENCE}~LX*1~W01*5*EA**SK*LAMP~N1*MI*MAKER~"
        "N3*1 ROAD~LS*0330~LX*1~N9*LT*B7~LE*0330~LX*2~W01*1*CA**SK*BULB~W76*6~",
        ("LE*0330~", "", "mandatory_segment_missing 13 LE"),
    ),
    "943": (
        f"W06*F*ORDER-1*20260105*SHIP-1~N1*WH*NORTH*92*11~N9*CO*{LONG_REFERENCE}~W27*M*ABCD~"
        "W04*5*EA**SK*LAMP~W03*5~",
        ("W27*M*ABCD~", "", "mandatory_segment_missing 5 W27"),
    ),
    "944": (
        f"W17*F*20260105*WR-1*ORDER-1*SHIP-1~N1*WH*NORTH*92*11~N9*CO*{LONG_REFERENCE}~LX*1~"
        "W07*5*EA**SK*LAMP~W13*1*EA*01~W14*5~",
        ("W14*5~", "", "mandatory_segment_missing 8 W14"),
    ),
    "945": (
        f"W06*F*ORDER-1*20260105*SHIP-1~N1*WH*NORTH*92*11~N9*CO*{LONG_REFERENCE}~W27*M*ABCD~LX*1~"
        "MAN*GM*00123456789012345675~W12*CC*5*5*0*EA**SK*LAMP~N1*MF*MAKER~W03*5~",
        ("W12*CC*5*5*0*EA**SK*LAMP", "W12*CC*5*5*0*EA", "conditional_element_missing 8 W1206"),
    ),
    "947": (
        f"W15*20260105*ADJ-1~N1*WH*NORTH*92*11~N9*CO*{LONG_REFERENCE}~W19*05*-2*EA**SK*LAMP~",
        ("W15*20260105*ADJ-1", "W15*20260105", "conditional_element_missing 2 W1502"),
    ),
    "997": (
        "AK1*OW*7*005010~AK2*940*0001*CONVENTION~AK3*W01*6*0310*8~AK4*2>1>3*355*7*XX~AK5*R*5~"
        "AK9*P*2*2*1~",
        ("AK5*R*5", "AK5*R*20", "code_not_in_list 6 AK502"),
    ),
    "999": (
        "AK1*PO*7*005010X222~AK2*850*0001*005010X222~IK3*PO1*4**I4~CTX*PO-7>1^SITUATION~"
        "IK4*2>1>3*380*I12*5x~CTX*PO-7~IK5*R*I5~AK9*R*1*1*0~",
        ("IK4*2>1>3*380*I12", "IK4*2>1>3*380*12x", "code_not_in_list 6 IK403"),
    ),
}
"""By set: what stands between ST and SE, and a change with the finding that it makes."""


def payload(set_id: str, body: str) -> bytes:
    isa = (
        f"ISA*00*          *00*          *ZZ*{'SHOP':15}*ZZ*{'US':15}*260105*1200*^*00501*000000001"
        "*0*P*>~"
    )
    gs = f"GS*{FUNCTIONAL_IDS[set_id]}*SHOP*US*20260105*1200*1*X*005010~"
    end = f"SE*{body.count('~') + 2}*0001~GE*1*1~IEA*1*000000001~"
    return f"{isa}{gs}ST*{set_id}*0001*CONVENTION~{body}{end}".encode()


def test_every_set_of_005010_has_its_file() -> None:
    assert tuple(BODIES) == SETS["005010"]


def validated(folder: Path, bodies: dict[str, str]) -> tuple[int, dict[str, list[str]]]:
    """Return the exit code, and the findings of each file."""
    files = []
    for set_id, body in bodies.items():
        files.append(folder / f"{set_id}.edi")
        files[-1].write_bytes(payload(set_id, body))
    code, out, _ = run("validate", "--json", *files)
    return code, {Path(told["file"]).stem: list(_findings(told)) for told in json.loads(out)}


def _findings(told: dict[str, Any]) -> list[str]:
    [interchange] = told["interchanges"]
    [group] = interchange["groups"]
    [one] = group["transaction_sets"]
    found = [*interchange["findings"], *group["findings"], *one["findings"]]
    assert one["judged_by"] is None
    return [f"{one['code']} {one['segment_position']} {one['reference']}" for one in found]


def test_a_sound_file_of_each_set_has_no_finding(tmp_path: Path) -> None:
    code, found = validated(tmp_path, {set_id: body for set_id, (body, _) in BODIES.items()})
    assert found == {set_id: [] for set_id in BODIES}
    assert code == 0


def test_a_fault_in_each_set_is_one_finding_at_its_place(tmp_path: Path) -> None:
    changed = {}
    for set_id, (body, (before, after, _)) in BODIES.items():
        assert before in body
        changed[set_id] = body.replace(before, after, 1)
    code, found = validated(tmp_path, changed)
    assert found == {set_id: [finding] for set_id, (_, (_, _, finding)) in BODIES.items()}
    assert code == 1


@pytest.mark.parametrize("set_id", [one for one in BODIES if one in SETS["004010"]])
def test_what_only_005010_takes_is_a_finding_in_004010(set_id: str, tmp_path: Path) -> None:
    content = payload(set_id, BODIES[set_id][0]).replace(b"*005010~", b"*004010~", 1)
    (tmp_path / "older.edi").write_bytes(content)
    assert run("validate", tmp_path / "older.edi")[0] == 1
