"""The rules about whole sets: totals against lines, levels, check digits."""

from __future__ import annotations

import pytest

from gateway.config.guide_file import BalanceName
from gateway.x12.guides.balances import BALANCES
from gateway.x12.guides.check_digits import check_digit
from tests.unit.x12.guides.written import findings, said

PO = "BEG*00*SA*PO-1**20260101~PO1*1*24*EA*1.5**VN*A~PO1*2*2.5*EA*2**VN*B~"
INVOICE = "BIG*20260101*INV-1~IT1*1*3*EA*1.115**VN*A~IT1*2*2*EA*10**VN*B~"
LOTS = "W06*F*1~N1*ST*X~LX*1~W12*SH*9*7**EA**VN*A~"
ASN = "BSN*00*S-1*20260101*1200~"
LEVELS = "HL*1**S~HL*2*1*O~PRF*PO-1~HL*3*2*P~MAN*GM*00006141411234567890~HL*4*3*I~LIN**VN*A~"


def _found(kind: str, set_id: str, body: str, settings: str = "") -> list[tuple[str, str, str]]:
    """Return reference, value and what was expected."""
    found = findings(set_id, f"balance:\n  {kind}: {settings}\n", body)
    assert {one.rule.name for one in found if one.rule} <= {kind}
    return [
        (one.location.reference, one.value or "", what)
        for one, (_, _, _, what) in zip(found, said(found), strict=True)
    ]


CASES = [
    ("ctt_line_count", "850", PO + "CTT*2~", []),
    ("ctt_line_count", "850", PO, []),
    ("ctt_line_count", "850", PO + "CTT*3~",
     [("CTT01", "3", "expected 2, the number of PO1 segments")]),
    ("ctt_line_count", "856", ASN + LEVELS + "CTT*4~", []),
    ("ctt_line_count", "856", ASN + LEVELS + "CTT*1~",
     [("CTT01", "1", "expected 4, the number of HL segments")]),
    ("ctt_line_count", "810", INVOICE + "TDS*2335~CTT*1~",
     [("CTT01", "1", "expected 2, the number of IT1 segments")]),
    ("ctt_hash_total", "850", PO + "CTT*2~", []),
    ("ctt_hash_total", "850", PO + "CTT*2*26.5~", []),
    # The standard's own way: digits without regard to the point.
    ("ctt_hash_total", "850", PO + "CTT*2*49~", []),
    ("ctt_hash_total", "850", PO + "CTT*2*27~",
     [("CTT02", "27", "expected 26.5, the sum of PO102")]),
    ("ctt_hash_total", "860",
     "BCH*01*SA*PO-1***20260101~POC*1*QI*7*1*EA~POC*2*DI*1*1*EA~CTT*2*9~",
     [("CTT02", "9", "expected 8, the sum of POC03")]),
    ("w76_totals", "940", "W05*N*1~LX*1~W01*3*EA**VN*A~LX*2~W01*4*EA**VN*B~W76*7~", []),
    ("w76_totals", "940", "W05*N*1~LX*1~W01*3*EA**VN*A~LX*2~W01*4*EA**VN*B~W76*8~",
     [("W7601", "8", "expected 7, the sum of W0101")]),
    ("w03_totals", "945",
     "W06*F*1~N1*ST*X~LX*1~W12*SH*9*7**EA**VN*A~LX*2~W12*CP*1***EA**VN*B~W03*7~", []),
    ("w03_totals", "945", "W06*F*1~N1*ST*X~LX*1~W12*SH*9*7**EA**VN*A~W03*9~",
     [("W0301", "9", "expected 7, the sum of W1203")]),
    ("w03_totals", "945",
     "W06*F*1~N1*ST*X~LX*1~W12*SH*9*7**EA**VN*A**2.5*G*L~W12*SH*1*1**EA**VN*B**1*G*L~W03*8*4*LB~",
     [("W0302", "4", "expected 3.5, the sum of W1210")]),
    # Not every line says its weight, or in another unit: nothing to hold the total against.
    ("w03_totals", "945",
     "W06*F*1~N1*ST*X~LX*1~W12*SH*9*7**EA**VN*A**2.5*G*K~W03*7*4*LB~", []),
    ("w03_totals", "943", "W06*F*1~N1*ST*X~W27*M*XX~W04*5*EA**VN*A~W03*6~",
     [("W0301", "6", "expected 5, the sum of W0401")]),
    ("w14_totals", "944", "W17*F*20260101*1~N1*ST*X~W07*5*EA**VN*A~W13*1*EA*01~W14*5**1~", []),
    ("w14_totals", "944", "W17*F*20260101*1~N1*ST*X~W07*5*EA**VN*A~W13*1*EA*01~W14*6**2~",
     [("W1401", "6", "expected 5, the sum of W0701"),
      ("W1403", "2", "expected 1, the sum of W1301")]),
    ("tds_total", "810", INVOICE + "TDS*2335~", []),
    # Rounded line by line: 3.345 becomes 3.35; in total 23.345 becomes 23.35.
    ("tds_total", "810", INVOICE + "TDS*2345~",
     [("TDS01", "2345", "expected 2335: lines 23.35, charges and the like 0")]),
    ("tds_total", "810", INVOICE + "TDS*2835~SAC*C*D240***500~", []),
    ("tds_total", "810", INVOICE + "TDS*2235~SAC*A*D240***100~", []),
    ("tds_total", "810", INVOICE + "TDS*2235~TXI*ST*1~SAC*A*D240***100~",
     [("TDS01", "2235", "expected 2335: lines 23.35, charges and the like 0")]),
    ("tds_total", "810", INVOICE + "TDS*2335~TXI*ST*1*****O~SAC*N*D240***100~", []),
    # A written point is an amount as it stands.
    ("tds_total", "810", INVOICE + "TDS*23.35~",
     [("TDS01", "23.35", "expected digits, with '-' before them if negative")]),
    # A charge without an amount, or a line without a price: nothing can be worked out.
    ("tds_total", "810", INVOICE + "TDS*9900~SAC*C*D240****3*5~", []),
    ("tds_total", "810", "BIG*20260101*INV-1~IT1*1***~TDS*9900~", []),
    ("tds_total", "810", "BIG*20260101*1*****CR~IT1*1*-3*EA*1**VN*A~TDS*300~", []),
    ("tds_lines", "810", INVOICE + "TDS*2835*2335~SAC*C*D240***500~", []),
    # Either way of rounding, as in the total.
    ("tds_lines", "810", INVOICE + "TDS*2335*2334~",
     [("TDS02", "2334", "expected 2335, what the lines cost")]),
    ("tds_lines", "810", INVOICE + "TDS*2335~", []),
    ("lot_totals", "945", LOTS + "N9*LT*A*3~N9*LT*B*4~N9*LV*C*9~", []),
    ("lot_totals", "945", LOTS + "N9*LT*A*3~N9*LT*B*5~",
     [("W1203", "7", "expected 8, the sum of N903 of N9*LT")]),
    # One lot that names no quantity: there is nothing to hold the line against.
    ("lot_totals", "945", LOTS + "N9*LT*A*3~N9*LT*B~", []),
    ("lot_totals", "856", ASN + "HL*1**I~LIN**VN*A~SN1**5*EA~REF*LT*A*5~", []),
    ("lot_totals", "856", ASN + "HL*1**I~LIN**VN*A~SN1**5*EA~REF*LT*A*2~REF*LT*B*2~",
     [("SN102", "5", "expected 4, the sum of REF03 of REF*LT")]),
    ("lot_totals", "810", INVOICE + "REF*LT*A*3~TDS*2335~",
     [("IT102", "2", "expected 3, the sum of REF03 of REF*LT")]),
    ("hl_structure", "856", ASN + LEVELS, []),
    ("hl_structure", "856", ASN + "HL*1**S*1~HL*2*1*O*0~PRF*1~", []),
    ("hl_structure", "856", ASN + "HL*1**S~HL*3*1*O~PRF*1~HL*4*7*I~LIN**VN*A~",
     [("HL01", "3", "expected 2: HL01 counts from 1 without gaps"),
      ("HL01", "4", "expected 3: HL01 counts from 1 without gaps"),
      ("HL02", "7", "expected the HL01 of a level before it")]),
    ("hl_structure", "856", ASN + "HL*1*1*S*0~HL*2*1*O*1~PRF*1~HL*3**I~LIN**VN*A~",
     [("HL02", "1", "expected nothing: the first level stands in none"),
      ("HL04", "0", "expected 1: others stand in it"),
      ("HL04", "1", "expected 0: no other stands in it"),
      ("HL02", "", "expected the HL01 of a level before it")]),
    ("sscc_check_digits", "856", ASN + "HL*1**P~MAN*GM*00106141411234567897~", []),
    ("sscc_check_digits", "856", ASN + "HL*1**P~MAN*GM*106141411234567897~", []),
    ("sscc_check_digits", "856", ASN + "HL*1**P~MAN*GM*106141411234567890~MAN*CP*1Z999~",
     [("MAN02", "106141411234567890", "expected the check digit 7")]),
    ("sscc_check_digits", "856", ASN + "HL*1**P~MAN*AA*1061414112~",
     [("MAN02", "1061414112", "expected 18 digits, or 20 with 00 before them")]),
    ("sscc_once", "856",
     ASN + "HL*1**P~MAN*GM*106141411234567897~HL*2**P~MAN*GM*00106141411234567897~",
     [("MAN02", "00106141411234567897", "expected an SSCC that no other carton of this set has")]),
    ("gtin_check_digits", "850", "BEG*00*SA*PO-1**20260101~PO1*1*1*EA*1**UP*036000291452~", []),
    ("gtin_check_digits", "850",
     "BEG*00*SA*PO-1**20260101~PO1*1*1*EA*1**VN*A*UP*036000291453*EN*1234~",
     [("PO109", "036000291453", "expected the check digit 2"),
      ("PO111", "1234", "expected 13 digits")]),
    ("gtin_check_digits", "856", ASN + "HL*1**I~LIN**UK*10614141000415~", []),
    ("gtin_check_digits", "856", ASN + "HL*1**I~LIN**UK*10614141000416~",
     [("LIN03", "10614141000416", "expected the check digit 5")]),
]  # fmt: skip


@pytest.mark.parametrize("kind", sorted(BALANCES))
def test_a_rule_holds_what_it_says(kind: str) -> None:
    cases = [(set_id, body, expected) for name, set_id, body, expected in CASES if name == kind]
    assert any(expected for _, _, expected in cases), "no case that breaks it"
    wrong = [
        (set_id, body, found, expected)
        for set_id, body, expected in cases
        if (found := _found(kind, set_id, body)) != expected
    ]
    assert wrong == []


def test_a_total_may_differ_by_a_tolerance() -> None:
    body = INVOICE + "TDS*2337~"
    assert _found("tds_total", "810", body, "{tolerance: 0.01}") != []
    assert _found("tds_total", "810", body, "{tolerance: 0.02}") == []


def test_the_minus_of_an_allowance_may_say_no_more_than_that_it_is_one() -> None:
    body = INVOICE + "TDS*2235~SAC*A*D240***-100~"
    signed = "{signed_allowances: true}"
    assert _found("tds_total", "810", body, signed) == []
    assert _found("tds_total", "810", body) == [
        ("TDS01", "2235", "expected 2435: lines 23.35, charges and the like 1")
    ]
    # One without a minus is an allowance all the same; that of a charge reverses it.
    assert _found("tds_total", "810", body.replace("-100", "100"), signed) == []
    assert _found("tds_total", "810", body.replace("SAC*A", "SAC*C"), signed) == []


def test_a_guide_names_the_qualifier_of_lots() -> None:
    body = LOTS + "N9*LV*A*3~N9*LT*B*7~N9*LV*C*4~"
    assert _found("lot_totals", "945", body, "{qualifiers: [LV]}") == []
    assert _found("lot_totals", "945", body, "{qualifiers: [LV, LT]}") == [
        ("W1203", "7", "expected 14, the sum of N903 of N9*LV|LT")
    ]


def test_levels_stand_in_each_other_as_a_structure_says() -> None:
    settings = "{structures: [S/O/P/I, S/O/I]}"
    assert _found("hl_structure", "856", ASN + LEVELS, settings) == []
    assert _found(
        "hl_structure", "856", ASN + "HL*1**S~HL*2*1*P~HL*3*2*I~LIN**VN*A~", settings
    ) == [("HL03", "I", "expected the levels S/O/P/I or S/O/I, found S/P/I")]


def test_a_long_chain_of_levels_takes_no_long_time() -> None:
    deep = "".join(f"HL*{at}*{at - 1 or ''}*S~" for at in range(1, 3001))
    assert _found("hl_structure", "856", ASN + deep) == []


@pytest.mark.parametrize(
    ("digits", "expected"),
    [("03600029145", 2), ("10614141123456789", 7), ("0000000", 0), ("1061414100041", 5)],
)
def test_the_check_digit_is_that_of_the_bar_code(digits: str, expected: int) -> None:
    assert check_digit(digits) == expected


def test_every_rule_can_be_written_in_a_guide() -> None:
    assert set(BalanceName.__args__) == set(BALANCES)
