"""What a validator returns: the tree, and findings that say where and what."""

from __future__ import annotations

from gateway.findings import Finding, FindingCode, Location
from gateway.x12.model import Delimiters, Loop, TransactionSet
from gateway.x12.reader import read_interchanges
from tests.benchmarks.documents import interchanges
from tests.x12_sets import a_set, briefly, findings_of, of_segments, validator_of

LINES = "LX*1~W01*5*EA**VN*SKU1~G69*TEA~G69*GREEN~LX*2~W01*7*CA**VN*SKU2~W01*8*EA**VN*SKU3~"


def parsed(transaction_set: TransactionSet) -> Loop:
    return validator_of(transaction_set.set_id).parse(transaction_set).tree


def test_the_tree_holds_segments_by_id_and_loops_by_their_first_segment() -> None:
    tree = parsed(a_set("940", f"W05*N*1~N9*CO*1~N9*DP*2~{LINES}W76*10~"))
    assert list(tree.segments) == ["ST", "W05", "N9", "W76", "SE"]
    assert tree.segments["N9"] == [["N9", "CO", "1"], ["N9", "DP", "2"]]
    first, second = tree.loops["LX"]
    assert first.segments == {"LX": [["LX", "1"]]}
    [item] = first.loops["W01"]
    assert item.segments["G69"] == [["G69", "TEA"], ["G69", "GREEN"]]
    assert [item.segments["W01"][0][1] for item in second.loops["W01"]] == ["7", "8"]


def test_every_level_of_a_ship_notice_is_an_HL_loop_of_the_set() -> None:
    body = "BSN*00*1*20260105*1200~HL*1**S~HL*2*1*O~PRF*PO1~HL*3*2*I~LIN**UP*1~SN1**1*EA~"
    levels = parsed(a_set("856", body)).loops["HL"]
    assert [level.segments["HL"][0][3] for level in levels] == ["S", "O", "I"]
    assert [level.loops for level in levels] == [{}, {}, {}]


def test_the_tree_is_there_when_the_structure_is_at_fault() -> None:
    transaction_set = a_set("940", f"ZZZ*1~W76*10~{LINES}")
    assert findings_of(transaction_set)
    tree = parsed(transaction_set)
    assert [loop.segments["LX"] for loop in tree.loops["LX"]] == [[["LX", "1"]], [["LX", "2"]]]
    assert "ZZZ" not in tree.segments


def test_a_finding_says_where_to_the_byte() -> None:
    [payload] = interchanges(1, seed=7)
    bad = payload.replace(b"*US~", b"*USAUSA~", 1)
    [interchange] = read_interchanges(bad)
    [transaction_set] = interchange.groups[0].transaction_sets
    [finding] = findings_of(transaction_set)
    offset = bad.index(b"USAUSA")
    assert finding == Finding(
        FindingCode.ELEMENT_TOO_LONG,
        Location(
            interchange="000000001",
            group="1",
            transaction_set="0001",
            segment_position=5,
            segment_id="N4",
            loop="0100",
            element=4,
            offset=offset,
        ),
        "USAUSA",
        "expected at most 3 characters",
        "26",
    )


def test_what_is_missing_after_the_end_of_a_segment_is_placed_at_its_terminator() -> None:
    found = findings_of(a_set("940", "W05*N*1~LX*1~W01*5~W76*10~"))
    assert [finding.location.reference for finding in found] == ["W0102", "W0103"]
    offsets = a_set("940", "W05*N*1~LX*1~W01*5~W76*10~").offsets
    end = offsets[3] + len("W01*5")
    assert [finding.location.offset for finding in found] == [end, end]
    assert end < offsets[4]


def test_a_finding_in_a_component_says_which() -> None:
    [finding] = findings_of(a_set("940", "W05*N*1~N9*CO*1*****BM>7>PO>~"))
    assert finding.location.reference == "N907-4"
    assert finding.data_element == "127"


def test_too_many_elements_is_one_finding_and_empty_ones_are_tolerated() -> None:
    assert briefly(findings_of(a_set("940", "W05*N*1******X*Y~"))) == ["too_many_elements 2 W0508"]
    assert findings_of(a_set("940", "W05*N*1*********~")) == []


def test_too_many_components() -> None:
    [finding] = findings_of(a_set("940", "W05*N*1~N9*CO*1*****BM>7>PO>8>VN>9>X~"))
    assert finding.code == FindingCode.TOO_MANY_COMPONENTS
    assert finding.detail == "expected at most 6 components"


def test_a_component_separator_in_a_simple_element_is_a_fault() -> None:
    [finding] = findings_of(a_set("940", "W05*N*1~NTE*GEN*SIZE > 5~"))
    assert briefly([finding]) == ["too_many_components 3 NTE02"]
    assert finding.value == "SIZE > 5"


def test_a_composite_may_hold_its_first_component_alone() -> None:
    body = "BIG*20260105*1~IT1**5*EA*1~CTP**RTL*1*5*EA~TDS*100~"
    assert findings_of(a_set("810", body)) == []


def test_a_mandatory_component_is_missed_in_a_composite_that_is_there() -> None:
    assert briefly(findings_of(a_set("940", "W05*N*1~N9*CO*1*****BM~"))) == [
        "mandatory_element_missing 3 N907-2"
    ]


def test_repetitions_are_refused_where_an_element_takes_none() -> None:
    delimiters = Delimiters(repetition="^")
    [finding] = findings_of(a_set("940", "W05*N*1^2~", delimiters))
    assert finding.code == FindingCode.TOO_MANY_REPETITIONS
    assert finding.detail == "expected at most 1"


def test_a_caret_is_data_where_no_repetition_separator_is_declared() -> None:
    assert findings_of(a_set("940", "W05*N*1^2~")) == []


def test_characters_beyond_ASCII_are_text_but_no_digits() -> None:
    assert findings_of(a_set("940", "W05*N*1~N1*ST*Café Zürich~")) == []
    body = "W05*N*1~W76*1²~"
    assert briefly(findings_of(a_set("940", body))) == ["invalid_character 3 W7601"]


def test_other_delimiters_make_no_difference() -> None:
    delimiters = Delimiters("|", ":", None, "\n")
    text = "W05|N|A>B*~\nN9|CO|1|||||BM:7\n"
    assert findings_of(a_set("940", text, delimiters)) == []


def test_a_closed_code_list_is_held_to_and_an_open_one_takes_anything() -> None:
    body = "BSN*Q7*SHIP1*20260105*1200~HL*1**Q7*9~"
    [finding] = findings_of(a_set("856", body))
    assert briefly([finding]) == ["code_not_in_list 3 HL04"]
    assert finding.detail == "expected one of 0, 1"


def test_elements_of_ST_and_SE_are_left_to_the_reader() -> None:
    segments = [["ST", "940"], ["W05", "N", "1"], ["SE", "x", "", "", "y"]]
    assert findings_of(of_segments(segments)) == []


def test_a_thousand_elements_in_one_segment_are_no_burden() -> None:
    segments = [["ST", "940", "0001"], ["W05", "N", "1", *["9"] * 1000], ["SE", "3", "0001"]]
    findings = findings_of(of_segments(segments))
    assert "too_many_elements 2 W0508" in briefly(findings)
    assert len(findings) < 10
