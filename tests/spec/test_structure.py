"""Order, mandatory segments, loops and maximum use: one fault, one finding, and then on."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gateway.x12.schema import LoopUse
from gateway.x12.validate import Validator
from tests.x12_sets import a_set, briefly, findings_of, schema_of, validator_of

ORDER = "W05*N*ORDER1~"
LINE = "LX*1~W01*5*EA**VN*SKU1~G69*TEA~"
NOTICE = "BSN*00*SHIP1*20260105*1200~HL*1**S~TD5*B*2*UPSN~"


def found(set_id: str, body: str, *, whole: bool = True) -> list[str]:
    return briefly(findings_of(a_set(set_id, body, whole=whole)))


def details(set_id: str, body: str) -> list[str]:
    return [finding.detail for finding in findings_of(a_set(set_id, body))]


def test_a_set_in_order_has_no_findings() -> None:
    assert found("940", f"{ORDER}N1*ST*SHOP~N9*CO*1~{LINE}{LINE}W76*10~") == []


def test_a_mandatory_segment_that_is_missing_is_reported_where_it_was_noticed() -> None:
    assert found("940", "N9*CO*1~") == ["mandatory_segment_missing 2 W05"]
    assert details("940", "N9*CO*1~") == ["W05 is mandatory in 940"]


def test_a_mandatory_segment_missing_at_the_end_of_a_loop() -> None:
    body = f"{ORDER}LM*DE~LX*1~"
    assert found("940", body) == ["mandatory_segment_missing 4 LQ"]
    assert details("940", body) == ["LQ is mandatory in loop 0200"]


def test_a_mandatory_loop_that_is_missing_is_reported_by_its_trigger() -> None:
    assert found("856", "BSN*00*SHIP1*20260105*1200~CTT*1~") == ["mandatory_segment_missing 3 HL"]


def test_the_body_may_be_missing_altogether() -> None:
    assert found("940", "") == ["mandatory_segment_missing 2 W05"]


def test_a_lost_SE_is_left_to_the_reader() -> None:
    assert found("940", ORDER, whole=False) == []


def test_what_is_missing_when_the_set_is_cut_off_is_noticed_after_its_last_segment() -> None:
    [finding] = findings_of(a_set("940", "", whole=False))
    assert finding.location.segment_position == 2
    assert finding.location.offset is None


def test_a_segment_over_its_maximum_is_reported_once() -> None:
    body = ORDER + "W09*TF~" * 4
    assert found("940", body) == ["segment_over_maximum 4 W09"]
    assert details("940", body) == ["expected at most 1 of W09"]


def test_a_segment_over_its_maximum_in_a_loop_names_the_loop() -> None:
    body = f"{ORDER}N1*ST*SHOP~" + "N2*A~" * 3
    assert found("940", body) == ["segment_over_maximum 6 N2"]
    assert details("940", body) == ["expected at most 2 of N2 in loop 0100"]


def test_a_loop_over_its_maximum_is_reported_once() -> None:
    body = ORDER + "N1*ST*SHOP~N3*STREET~" * 12
    assert found("940", body) == ["loop_over_maximum 23 N1"]
    assert details("940", body) == ["expected at most 10 of loop 0100"]


def test_one_loop_too_many_is_that_where_its_first_segment_is_all_of_it() -> None:
    """Not one segment too many in the loop before it: its first segment stands in it once."""
    body = f"BSN*00*1*20260105*1200~HL*1**S~LIN**UP*1~{'LM*10~LQ*0*1~' * 9}{'LM*10~' * 3}CTT*1~"
    over = [one for one in findings_of(a_set("856", body)) if "maximum" in one.code]
    assert briefly(over) == ["loop_over_maximum 24 LM"]
    assert over[0].detail == "expected at most 10 of loop LM in loop HL"


def test_the_maximum_of_a_segment_counts_anew_in_each_loop() -> None:
    assert found("940", ORDER + "N1*ST*SHOP~N2*A~N2*B~" * 2) == []


def test_a_segment_that_is_full_inside_its_loop_goes_to_the_place_after_it() -> None:
    uses = schema_of("940").root.loops["N1"].segments
    inner = LoopUse("A", "N1", "", "O", 5, (uses["N1"], uses["N2"]))
    outer = replace(uses["N2"], maximum=3)
    root = schema_of("940").root
    content = (root.segments["ST"], inner, outer, root.segments["SE"])
    schema = replace(schema_of("940"), root=LoopUse("", "", "", "M", 1, content))
    parsed = Validator(schema).parse(a_set("940", "N1*ST*A~" + "N2*A~" * 5))
    assert parsed.findings == []
    assert len(parsed.tree.loops["N1"][0].segments["N2"]) == 2
    assert len(parsed.tree.segments["N2"]) == 3


def test_a_segment_that_comes_too_late_in_its_loop_is_one_finding() -> None:
    body = f"{ORDER}N1*ST*SHOP~N4*RENO*NV~N3*STREET~"
    assert found("940", body) == ["segment_out_of_sequence 5 N3"]
    assert details("940", body) == ["expected N3 before N4 in loop 0100"]


def test_a_segment_that_comes_too_early_makes_the_next_one_late_and_no_other() -> None:
    body = f"{ORDER}N1*ST*SHOP~PER*IC*JO~N2*A~N3*STREET~N4*RENO*NV~"
    assert found("940", body) == ["segment_out_of_sequence 5 N2"]


def test_a_mandatory_segment_that_comes_late_is_out_of_sequence_and_not_missing() -> None:
    assert found("940", f"N9*CO*1~{ORDER}") == ["segment_out_of_sequence 3 W05"]


def test_a_heading_segment_among_the_lines_does_not_disturb_the_lines() -> None:
    body = f"{ORDER}LX*1~W01*5*EA**VN*SKU1~W66*PP*M~G69*TEA~{LINE}"
    assert found("940", body) == ["segment_out_of_sequence 5 W66"]
    assert details("940", body) == ["expected W66 before LX"]


def test_a_segment_late_in_a_loop_around_is_not_taken_for_one_of_a_loop_further_on() -> None:
    # 810 has a PID in its summary too, in loop ISS; the line's own PID is nearer.
    line = "IT1*1*5*EA*1~N1*ST*SHOP~PID*F****TEA~"
    assert found("810", f"BIG*20260105*1~{line}IT1*2*5*EA*1~TDS*100~") == [
        "segment_out_of_sequence 5 PID"
    ]


def test_a_loop_whose_first_segment_is_lost_is_one_finding_and_keeps_its_content() -> None:
    transaction_set = a_set("940", f"{ORDER}LX*1~G69*TEA~N9*LI*1~{LINE}")
    assert briefly(findings_of(transaction_set)) == ["mandatory_segment_missing 4 W01"]
    tree = validator_of("940").parse(transaction_set).tree
    [loop] = tree.loops["LX"][0].loops["W01"]
    assert loop.segments == {"G69": [["G69", "TEA"]], "N9": [["N9", "LI", "1"]]}


def test_a_lost_HL_is_one_finding_and_the_next_HL_is_a_fresh_start() -> None:
    items = "HL*4*3*I~LIN**UP*1~SN1**1*EA~"
    assert found("856", f"{NOTICE}PRF*PO1~REF*BM*1~TD1*CTN25*1~{items}PRF*PO2~") == [
        "segment_out_of_sequence 5 PRF",
    ]


def test_after_a_fault_of_order_the_next_loop_is_judged_again() -> None:
    items = "HL*4*3*I~SN1**1*EA~LIN**UP*1~"
    assert found("856", f"{NOTICE}PRF*PO1~{items}") == [
        "segment_out_of_sequence 5 PRF",
        "segment_out_of_sequence 8 LIN",
    ]


def test_a_segment_of_a_loop_that_is_not_open_is_unexpected() -> None:
    body = f"{ORDER}{LINE}N3*STREET~"
    assert found("940", body) == ["segment_unexpected 6 N3"]
    assert details("940", body) == ["N3 stands in loop 0100, which is not open here"]


def test_a_segment_of_other_sets_is_not_in_this_one() -> None:
    assert found("940", f"{ORDER}BEG*00*SA*1**20260105~N9*CO*1~") == ["segment_not_in_set 3 BEG"]
    assert details("940", f"{ORDER}BEG*00~") == ["940 has no segment BEG"]


@pytest.mark.parametrize("tag", ["ZZZ", "w66", "", "N1 ", "DROP TABLE"])
def test_a_segment_id_that_nobody_knows_is_unknown_and_disturbs_nothing(tag: str) -> None:
    transaction_set = a_set("940", f"{ORDER}N9*CO*1~W66*PP*M~")
    transaction_set.segments.insert(3, [tag, "1"])
    transaction_set.offsets = range(len(transaction_set.segments))
    findings = findings_of(transaction_set)
    assert [str(finding.code) for finding in findings] == ["segment_unknown"]
    assert findings[0].location.segment_id == tag
    assert findings[0].detail == "no segment of 004010 is known by this id"


def test_an_empty_segment_is_reported_and_counts_as_present() -> None:
    assert found("940", "W05~") == ["segment_empty 2 W05"]
    assert found("940", "W05***~") == ["segment_empty 2 W05"]


def test_faults_of_structure_and_of_elements_come_in_the_order_of_the_payload() -> None:
    body = f"{ORDER}N1*ST~ZZZ*1~W66*PP*MMM~"
    assert found("940", body) == [
        "conditional_element_missing 3 N102",
        "segment_unknown 4 ZZZ",
        "element_too_long 5 W6602",
    ]


BOUNDED = f"{ORDER}LX*1~W01*5*EA**VN*SKU1~LS*0330~LX*1~N9*LT*A~LX*2~N9*LT*B~LE*{{end}}~{LINE}"


def test_what_stands_between_LS_and_LE_belongs_to_the_inner_loop() -> None:
    one = a_set("940", BOUNDED.format(end="0330"))
    assert findings_of(one) == []
    lines = validator_of("940").parse(one).tree.loops["LX"]
    assert len(lines) == 2
    [bounded] = lines[0].loops["W01"][0].loops["LS"]
    assert [inner.segments["LX"][0][1] for inner in bounded.loops["LX"]] == ["1", "2"]
    assert list(bounded.segments) == ["LS", "LE"]


@pytest.mark.parametrize("version", ["004010", "005010"])
def test_LE_names_the_loop_that_LS_opened(version: str) -> None:
    [finding] = findings_of(a_set("940", BOUNDED.format(end="0331")), version)
    assert briefly([finding]) == ["code_not_in_list 10 LE01"]
    assert finding.detail == "expected 0330, as in the LS that opens the loop"
    assert finding.value == "0331"


def test_a_lost_LE_is_one_finding_where_the_next_line_starts() -> None:
    body = BOUNDED.replace("LE*{end}~", "")
    assert found("940", body) == ["mandatory_segment_missing 11 LE"]


def test_without_LS_what_it_would_have_bounded_are_lines_of_their_own() -> None:
    assert found("940", BOUNDED.format(end="0330").replace("LS*0330~", "")) == [
        "mandatory_segment_missing 6 W01",
        "mandatory_segment_missing 8 W01",
        "mandatory_segment_missing 9 LS",
    ]


def test_the_ends_of_many_bounded_loops_are_held_against_their_own_starts() -> None:
    line = "LX*1~W01*5*EA**VN*SKU1~LS*{0}~LX*1~N9*LT*A~LE*{1}~"
    body = ORDER + "".join(line.format(at % 7, 3) for at in range(14))
    assert found("940", body) == [
        f"code_not_in_list {3 + 6 * at + 5} LE01" for at in range(14) if at % 7 != 3
    ]
