from __future__ import annotations

import tracemalloc

import pytest

from gateway.errors import InterchangeUnreadable
from gateway.findings import Finding, FindingCode, Location
from gateway.x12 import reader_segments
from gateway.x12.leniency import Leniency
from gateway.x12.model import Delimiters, TransactionSet
from gateway.x12.reader import (
    GroupEnd,
    GroupStart,
    InterchangeEnd,
    InterchangeStart,
    read,
    read_interchanges,
)
from tests.unit.x12.interchanges import (
    BODY,
    all_findings,
    codes,
    gs,
    isa,
    payload,
    read_one,
    segments,
    sets_of,
    transaction_set,
)


def test_reads_an_interchange_without_faults_into_its_parts() -> None:
    interchange = read_one(payload(segments(sets=2)))

    assert all_findings(interchange) == []
    assert interchange.header.sender == ("ZZ", "NORTHSTAR")
    assert interchange.header.receiver == ("01", "123456789")
    assert interchange.header.control_number == "000000001"
    (group,) = interchange.groups
    assert (group.header.functional_id, group.header.version) == ("OW", "004010")
    assert group.declared_count == 2
    assert [one.control_number for one in group.transaction_sets] == ["0001", "0002"]
    assert group.transaction_sets[0].segments[1] == ["W05", "N", "SO-7001", "PO-88"]
    assert group.transaction_sets[0].interchange_control_number == "000000001"
    assert group.transaction_sets[0].group_control_number == "11"


def test_events_come_one_transaction_set_at_a_time() -> None:
    kinds = [type(event) for event in read(payload(segments(sets=2)))]
    assert kinds == [
        InterchangeStart,
        GroupStart,
        TransactionSet,
        TransactionSet,
        GroupEnd,
        InterchangeEnd,
    ]


@pytest.mark.parametrize(
    ("terminator", "suffix"),
    [("~", ""), ("~", "\n"), ("~", "\r\n"), ("\n", ""), ("\r", ""), ("\r", "\n"), ("\x85", "")],
)
def test_delimiters_are_those_of_the_isa_whatever_ends_a_segment(
    terminator: str, suffix: str
) -> None:
    data = payload(segments(), terminator=terminator, suffix=suffix)
    interchange = read_one(data)
    assert all_findings(interchange) == []
    assert interchange.header.delimiters == Delimiters("*", ">", None, terminator, suffix)
    assert len(sets_of(interchange)[0].segments) == len(BODY) + 2


def test_line_ends_after_some_segments_only_are_skipped() -> None:
    data = payload(segments()).replace(b"~LX", b"~\r\n\r\nLX").replace(b"~N1", b"~\nN1")
    interchange = read_one(data)
    assert all_findings(interchange) == []
    (one,) = sets_of(interchange)
    assert [segment[0] for segment in one.segments] == ["ST", "W05", "N1", "LX", "W01", "SE"]
    assert data[one.offsets[3] :].startswith(b"LX*1~")


@pytest.mark.parametrize(
    "before", [b"\xef\xbb\xbf", b"\n\r\n", b"   \t", b"\x00", b"\xef\xbb\xbf\n"]
)
def test_padding_before_the_first_isa_is_no_fault(before: bytes) -> None:
    assert codes(read_one(before + payload(segments()))) == []


def test_offsets_are_bytes_of_the_payload() -> None:
    data = b"\xef\xbb\xbf\n" + payload(segments(sets=2), suffix="\r\n")
    interchange = read_one(data)
    for one in sets_of(interchange):
        assert len(one.offsets) == len(one.segments)
        for segment, offset in zip(one.segments, one.offsets, strict=True):
            assert data[offset:].startswith("*".join(segment).encode())
    assert interchange.header.offset == 4
    assert data[4 : interchange.end] == data[4:-2]
    assert data[interchange.groups[0].header.offset :].startswith(b"GS*OW")


@pytest.mark.parametrize("suffix", ["", "\n"])
@pytest.mark.parametrize("window", [40, 173, 1 << 17])
def test_a_transaction_set_may_span_windows(
    monkeypatch: pytest.MonkeyPatch, window: int, suffix: str
) -> None:
    data = payload(segments(sets=3), suffix=suffix)
    whole = [one.segments for one in sets_of(read_one(data))]
    monkeypatch.setattr(reader_segments, "WINDOW", window)
    interchange = read_one(data)
    assert [one.segments for one in sets_of(interchange)] == whole
    assert all_findings(interchange) == []
    for one in sets_of(interchange):
        for segment, offset in zip(one.segments, one.offsets, strict=True):
            assert data[offset:].startswith(segment[0].encode())
        assert one.offsets[1:3] == [one.offsets[1], one.offsets[2]]


def test_utf8_becomes_text_while_offsets_stay_bytes() -> None:
    lines = segments()
    lines[4] = "N1*ST*Café Örn*92*0012"
    data = "~".join([*lines, ""]).encode("utf-8")
    (one,) = sets_of(read_one(data))
    assert one.segments[2] == ["N1", "ST", "Café Örn", "92", "0012"]
    assert data[one.offsets[3] :].startswith(b"LX*1~")


def test_bytes_that_are_no_utf8_are_latin_1() -> None:
    lines = segments()
    lines[4] = "N1*ST*Café*92*0012"
    (one,) = sets_of(read_one(payload(lines)))
    assert one.segments[2][2] == "Café"


def test_several_interchanges_with_their_own_delimiters_in_one_payload() -> None:
    first = payload(segments(number="000000001"))
    second = payload(segments(number="000000002")).translate(bytes.maketrans(b"*~>", b"|!^"))
    interchanges = list(read_interchanges(first + b"\r\n" + second + b"\n\x1a"))
    assert [one.header.control_number for one in interchanges] == ["000000001", "000000002"]
    assert [codes(one) for one in interchanges] == [[], []]
    assert interchanges[1].header.delimiters == Delimiters("|", "^", None, "!", "")
    assert interchanges[1].header.offset == len(first) + 2


def test_several_groups_with_their_own_sets() -> None:
    lines = [
        isa(),
        gs(number="1"),
        *transaction_set(),
        "GE*1*1",
        gs(number="2", functional_id="PO"),
        *transaction_set(set_id="850", body=["BEG*00*SA*PO1**20261121"]),
        "GE*1*2",
        "IEA*2*000000001",
    ]
    interchange = read_one(payload(lines))
    assert codes(interchange) == []
    assert [one.set_id for one in sets_of(interchange)] == ["940", "850"]


def test_the_text_isa_within_data_starts_nothing() -> None:
    lines = segments()
    lines[4] = "N1*ST*ISA*00*          *00"
    lines[5] = "N2*" + isa(number="000000099")
    interchange = read_one(payload(lines))
    assert codes(interchange) == []
    assert len(sets_of(interchange)[0].segments) == 6


@pytest.mark.parametrize(
    "lost", ["GE*1*11~IEA*1*000000001~", "*NS-100~SE*6*0001~GE*1*11~IEA*1*000000001~"]
)
def test_an_interchange_behind_half_a_segment_of_another_is_read(lost: str) -> None:
    first = payload(segments()).decode()
    assert first.endswith(lost)
    cut_off = first.removesuffix(lost).removesuffix("~")
    one, other = read_interchanges((cut_off + first.replace("000000001", "000000002")).encode())
    assert codes(one)[0] == "interchange_trailer_missing"
    assert codes(other) == []


@pytest.mark.parametrize("between", ["", "\n", "\r\n "])
def test_an_iea_whose_terminator_was_lost_before_the_next_isa_is_read(between: str) -> None:
    first = payload(segments()).decode().removesuffix("~")
    one, other = read_interchanges((first + between + first + "~").encode())
    assert codes(one) == ["segment_terminator_invalid"]
    assert codes(other) == []
    accepted = Leniency(missing_last_terminator=True)
    one, _ = read_interchanges((first + between + first + "~").encode(), lambda _header: accepted)
    assert codes(one) == []


def test_an_isa_that_cannot_be_read_is_a_segment_like_any_other() -> None:
    lines = segments()
    lines[4] = "ISA*00"
    lines[5] = "ISA*1*2*3*4*5*6*7*8*9*10*11*12*13*14*15*:"
    (one,) = sets_of(read_one(payload(lines)))
    assert one.segments[2] == ["ISA", "00"]
    assert len(one.segments[3]) == 17
    assert one.findings == []


@pytest.mark.parametrize(
    ("version", "standard", "repetition"),
    [
        ("00401", "U", None),
        ("00401", "^", None),
        ("00402", "^", "^"),
        ("00501", "U", None),
        ("00501", "X", None),
        ("00501", " ", None),
        ("00501", ">", None),
    ],
)
def test_repetition_is_read_from_isa11_from_00402_on(
    version: str, standard: str, repetition: str | None
) -> None:
    lines = segments()
    lines[0] = isa(version=version, standard=standard)
    assert read_one(payload(lines)).header.delimiters.repetition == repetition


def test_an_isa_with_the_element_separator_within_an_element_cannot_be_read() -> None:
    with pytest.raises(InterchangeUnreadable):
        read_one(payload([isa(standard="*", version="00501"), *segments()[1:]]))


def test_ta1_segments_are_collected_from_an_interchange_without_groups() -> None:
    ta1 = "TA1*000000007*261120*1200*A*000"
    interchange = read_one(payload([isa(), ta1, "IEA*0*000000001"]))
    assert codes(interchange) == []
    assert interchange.acknowledgments == [ta1.split("*")]
    assert interchange.groups == []


def test_ta1_between_transaction_sets_is_collected_and_reported() -> None:
    lines = segments()
    lines.insert(-2, "TA1*000000007*261120*1200*A*000")
    interchange = read_one(payload(lines))
    assert codes(interchange) == ["group_content_invalid"]
    assert len(interchange.acknowledgments) == 1


def test_deferred_delivery_segments_before_the_first_group_are_allowed() -> None:
    lines = segments()
    lines.insert(1, "ISB*1")
    assert codes(read_one(payload(lines))) == []


def test_a_lost_se_costs_only_its_own_set() -> None:
    lines = segments(sets=3)
    lines.remove("SE*6*0002")
    data = payload(lines)
    interchange = read_one(data)
    first, second, third = sets_of(interchange)
    assert (first.findings, third.findings) == ([], [])
    assert [segment[0] for segment in second.segments] == ["ST", "W05", "N1", "LX", "W01"]
    assert second.findings == [
        Finding(
            FindingCode.TRANSACTION_SET_TRAILER_MISSING,
            Location(
                interchange="000000001",
                group="11",
                transaction_set="0002",
                segment_position=5,
                segment_id="SE",
                offset=second.offsets[-1],
            ),
            None,
            "expected SE after segment 5",
        )
    ]
    assert interchange.groups[0].findings == []


def test_a_lost_ge_is_found_at_the_next_gs() -> None:
    lines = [isa(), gs(number="1"), *transaction_set(), gs(number="2"), *transaction_set()]
    interchange = read_one(payload([*lines, "GE*1*2", "IEA*2*000000001"]))
    assert [group.declared_count for group in interchange.groups] == [None, 1]
    assert codes(interchange) == ["group_trailer_missing"]
    assert interchange.groups[0].findings[0].detail == "expected GE before the next GS"


def test_a_lost_iea_is_found_at_the_next_isa_with_other_delimiters() -> None:
    first = payload(segments()[:-1])
    second = payload(segments(number="000000002")).replace(b"*", b"|")
    one, other = read_interchanges(first + second)
    assert codes(one) == ["interchange_trailer_missing"]
    assert one.findings[0].detail == "expected IEA before the next ISA"
    assert one.end == len(first)
    assert codes(other) == []


def test_everything_lost_before_the_next_isa_is_reported_at_its_level() -> None:
    first = payload(segments()[:-3])
    one, other = read_interchanges(first + payload(segments(number="000000002")))
    assert codes(one) == [
        "interchange_trailer_missing",
        "group_trailer_missing",
        "transaction_set_trailer_missing",
    ]
    assert codes(other) == []


def test_a_payload_cut_off_within_a_segment_keeps_what_is_whole() -> None:
    data = payload(segments(sets=2))
    interchange = read_one(data[: data.rindex(b"LX*1") + 3])
    first, second = sets_of(interchange)
    assert first.findings == []
    assert [segment[0] for segment in second.segments] == ["ST", "W05", "N1"]
    assert codes(interchange) == [
        "interchange_trailer_missing",
        "group_trailer_missing",
        "transaction_set_trailer_missing",
    ]
    assert interchange.findings[0].detail == (
        "expected IEA before the end of the payload; its last segment has no terminator"
    )


def test_segments_between_transaction_sets_are_reported_once_and_cost_no_set() -> None:
    lines = segments(sets=2)
    lines[8:8] = ["N1*ST*LOST", "N3*LOST", "SE*4*0009"]
    interchange = read_one(payload(lines))
    assert [one.findings for one in sets_of(interchange)] == [[], []]
    assert codes(interchange) == ["group_content_invalid"]
    (finding,) = interchange.groups[0].findings
    assert (finding.location.segment_id, finding.detail) == ("N1", "expected ST or GE")


def test_a_transaction_set_outside_of_groups_is_reported_and_skipped() -> None:
    lines = [isa(), *transaction_set(), gs(), *transaction_set(), "GE*1*11", "IEA*1*000000001"]
    interchange = read_one(payload(lines))
    assert len(sets_of(interchange)) == 1
    assert codes(interchange) == ["control_structure_invalid"]
    assert interchange.findings[0].detail == (
        "expected GS before ST: the transaction set stands in no group"
    )


def test_ge_without_gs_and_segments_outside_of_groups_are_reported() -> None:
    lines = segments()
    lines[-1:-1] = ["GE*1*11", "N1*ST*LOST"]
    interchange = read_one(payload(lines))
    assert codes(interchange) == ["control_structure_invalid", "interchange_content_invalid"]


def test_junk_after_iea_is_reported_with_its_place() -> None:
    data = payload(segments())
    interchange = read_one(data + b"\nGOOD BYE\n")
    (finding,) = interchange.findings
    assert finding.code is FindingCode.INTERCHANGE_CONTENT_INVALID
    assert finding.location.offset == len(data) + 1
    assert finding.detail == "expected ISA or the end of the payload after IEA, found 9 bytes"
    assert interchange.end == len(data)


def test_junk_between_two_interchanges_belongs_to_the_first() -> None:
    data = payload(segments())
    one, other = read_interchanges(data + b"%%%\n" + data)
    assert codes(one) == ["interchange_content_invalid"]
    assert codes(other) == []


def test_two_terminators_in_a_row_are_reported_and_not_counted() -> None:
    lines = segments()
    lines.insert(4, "")
    interchange = read_one(payload(lines))
    assert codes(interchange) == ["interchange_content_invalid"]
    (one,) = sets_of(interchange)
    assert [segment[0] for segment in one.segments] == ["ST", "W05", "N1", "LX", "W01", "SE"]
    assert [payload(lines)[offset : offset + 2] for offset in one.offsets[:3]] == [
        b"ST",
        b"W0",
        b"N1",
    ]


def test_blank_lines_between_lines_are_no_segments() -> None:
    data = payload(segments(), terminator="\n").replace(b"\nLX", b"\n\n\nLX")
    assert codes(read_one(data)) == []


def test_the_last_line_needs_no_line_end_where_lines_are_segments() -> None:
    assert codes(read_one(payload(segments(), terminator="\n")[:-1])) == []


def test_a_terminator_missing_after_iea_is_reported() -> None:
    interchange = read_one(payload(segments())[:-1])
    assert codes(interchange) == ["segment_terminator_invalid"]
    assert interchange.findings[0].detail == "expected the segment terminator '~' after IEA"


def test_an_isa_that_is_not_padded_is_read_with_a_finding_for_each_width() -> None:
    lines = segments()
    lines[0] = "ISA*00**00**ZZ*NORTHSTAR*01*123456789*261121*0855*U*00401*000000001*0*P*>"
    interchange = read_one(payload(lines))
    assert interchange.header.sender == ("ZZ", "NORTHSTAR")
    assert codes(interchange) == ["interchange_widths_wrong"] * 4
    assert [finding.location.reference for finding in interchange.findings] == [
        "ISA02",
        "ISA04",
        "ISA06",
        "ISA08",
    ]
    assert interchange.findings[2].detail == "expected 15 characters"
    assert len(sets_of(interchange)) == 1


@pytest.mark.parametrize("suffix", ["", "\n", "\r\n"])
def test_an_isa_without_isa16_is_read_with_a_finding(suffix: str) -> None:
    lines = segments()
    lines[0] = isa(component="")
    interchange = read_one(payload(lines, suffix=suffix))
    assert codes(interchange) == ["component_separator_invalid"]
    assert interchange.header.delimiters == Delimiters("*", ">", None, "~", suffix)
    assert len(sets_of(interchange)[0].segments) == 6


def test_a_terminator_that_data_holds_is_reported() -> None:
    lines = segments()
    data = payload(lines, terminator="A")
    (interchange,) = read_interchanges(data)
    assert interchange.findings[0].code is FindingCode.SEGMENT_TERMINATOR_INVALID


def test_a_segment_longer_than_any_is_kept_by_its_id_with_a_finding(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(reader_segments, "WINDOW", 256)
    monkeypatch.setattr(reader_segments, "LONGEST_SEGMENT", 1000)
    lines = segments(sets=2)
    lines[4] = "N1*ST*" + "X" * 5000
    interchange = read_one(payload(lines))
    first, second = sets_of(interchange)
    assert first.segments[2] == ["N1"]
    (finding,) = first.findings
    assert (finding.code, finding.location.segment_position) == (FindingCode.ELEMENT_TOO_LONG, 3)
    assert finding.detail == "expected at most 1048576 bytes, found 5007"
    assert second.findings == []


def test_megabytes_without_a_terminator_give_findings() -> None:
    data = payload(segments()[:4]) + b"N1*" + b"A" * 50_000_000
    interchange = read_one(data)
    assert codes(interchange) == [
        "interchange_trailer_missing",
        "group_trailer_missing",
        "transaction_set_trailer_missing",
    ]


def test_findings_of_one_envelope_are_bounded() -> None:
    interchange = read_one(payload([isa(), *["GE*1*1"] * 5000, "IEA*0*000000001"]))
    assert len(interchange.findings) == 1000


@pytest.mark.parametrize(
    ("noise", "kept"), [(["ST"], 5002), (["ST", "SE"], 5001), (["GE*1*1"], 0), (["GS"], 0)]
)
def test_an_interchange_of_broken_envelopes_is_left_and_the_next_one_read(
    noise: list[str], kept: int
) -> None:
    junk = payload([isa(), gs(), *noise * 20_000])
    left, sound = read_interchanges(junk + payload(segments(number="000000002")))
    assert left.findings[-1].detail == (
        "expected envelopes, found faults in more than 5000 of them: "
        "nothing after this segment was read"
    )
    assert len(sets_of(left)) == kept
    assert left.end == len(junk)
    assert len(sets_of(sound)) == 1
    assert sound.findings == []


def test_a_broken_interchange_at_the_end_of_a_payload_ends_with_it() -> None:
    junk = payload([isa(), gs(), *["ST"] * 20_000])
    assert read_one(junk).end == len(junk)


def test_many_sound_sets_are_no_broken_envelopes() -> None:
    interchange = read_one(payload(segments(sets=6000)))
    assert len(sets_of(interchange)) == 6000
    assert interchange.findings == []


def test_the_search_for_an_isa_in_noise_is_bounded() -> None:
    noise = b"ISA " * 10_000
    with pytest.raises(InterchangeUnreadable):
        list(read_interchanges(noise + payload(segments())))
    (interchange,) = read_interchanges(noise[4:] + payload(segments()))
    assert len(sets_of(interchange)) == 1


def test_an_isa_that_ends_another_is_read_however_many_follow() -> None:
    headers = [isa(number=f"{number:09d}") for number in range(300)]
    found = list(read_interchanges(payload(headers)))
    assert [one.header.control_number for one in found] == [f"{n:09d}" for n in range(300)]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "The payload is empty: expected an ISA segment."),
        (b" \r\n\x00", "The payload is empty: expected an ISA segment."),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "No ISA segment was found in 10 bytes."),
        (b"USAGE: NISA", "No ISA segment was found in 11 bytes."),
        (
            b"UNB+UNOA:1+A+B",
            "The payload is EDIFACT: expected X12, which starts with an ISA segment.",
        ),
        (b"\n<a/>", "The payload looks like XML: expected X12, which starts with an ISA segment."),
        (
            b'{"a": 1}',
            "The payload looks like JSON: expected X12, which starts with an ISA segment.",
        ),
        ("ISA*00".encode("utf-16"), "The payload is UTF-16: expected ASCII, Latin-1 or UTF-8."),
        ("ISA*00".encode("utf-16-le"), "The payload is UTF-16: expected ASCII, Latin-1 or UTF-8."),
        (
            b"\xc9\xe2\xc1\x5c",
            "The ISA segment at byte 0 cannot be read: expected 16 elements and a segment "
            "terminator in 106 bytes; the payload has 4 bytes from there.",
        ),
        (
            b"ISA*00*  ",
            "The ISA segment at byte 0 cannot be read: expected 16 elements and a segment "
            "terminator in 106 bytes; the payload has 9 bytes from there.",
        ),
    ],
)
def test_a_payload_without_an_interchange_says_what_it_seems_to_be(
    data: bytes, message: str
) -> None:
    with pytest.raises(InterchangeUnreadable) as caught:
        list(read(data))
    assert str(caught.value) == message


def test_memory_does_not_grow_with_the_payload() -> None:
    group = "~".join(
        line for index in range(1, 20_000) for line in transaction_set(number=f"{index:05d}")
    )
    data = f"{isa()}~{gs()}~{group}~GE*19999*11~IEA*1*000000001~".encode()
    assert sum(isinstance(event, TransactionSet) for event in read(data)) == 19_999
    tracemalloc.start()
    for _event in read(data):
        pass
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    # The numbers of the group's sets are kept, to know a repeated one: some 100 bytes for each.
    assert peak < 8_000_000


def test_a_lost_se_is_found_at_ge() -> None:
    lines = [line for line in segments(sets=2) if line != "SE*6*0002"]
    interchange = read_one(payload(lines))
    assert codes(interchange) == ["transaction_set_trailer_missing"]
    assert interchange.groups[0].declared_count == 2


def test_ta1_within_a_transaction_set_is_a_segment_of_it() -> None:
    lines = segments()
    lines[4] = "TA1*000000007*261120*1200*A*000"
    interchange = read_one(payload(lines))
    assert interchange.acknowledgments == []
    assert sets_of(interchange)[0].segments[2][0] == "TA1"


def test_an_interchange_ends_at_its_iea_whatever_follows_in_the_same_window() -> None:
    data = payload(segments()).replace(b"IEA*", b"iea*")
    lenient = Leniency(lowercase_segment_ids=True)
    interchange = read_one(data + b"N1*ST*LOST~", lenient)
    assert interchange.end == len(data)
    assert codes(interchange) == ["interchange_content_invalid"]


@pytest.mark.parametrize(
    ("component", "code"),
    [("B", "component_separator_invalid"), (" ", "component_separator_invalid")],
)
def test_a_component_separator_that_data_holds_is_reported(component: str, code: str) -> None:
    interchange = read_one(payload([isa(component=component), *segments()[1:]]))
    assert codes(interchange) == [code]
    assert interchange.findings[0].detail == "expected a character that no value holds"
    assert interchange.findings[0].value == component


def test_an_isa_that_ends_before_its_last_element_cannot_be_read() -> None:
    with pytest.raises(InterchangeUnreadable):
        read_one(isa(component="").encode())


def test_offsets_show_themselves() -> None:
    (one,) = sets_of(read_one(payload(segments())))
    assert repr(one.offsets) == f"Offsets({list(one.offsets)!r})"


def test_a_letter_that_ends_segments_may_stand_within_a_control_id() -> None:
    header = isa() + "E"
    interchange = read_one((header + "N1*AE" + "SE*1*0001E").encode("latin-1"))

    assert [finding.code for finding in interchange.findings][-1:] == [
        FindingCode.INTERCHANGE_TRAILER_MISSING
    ]


def test_a_segment_whose_id_begins_like_a_control_id_opens_no_set() -> None:
    lines = segments()
    interchange = read_one(payload([*lines[:2], "STAR*1", *lines[2:]]))

    assert codes(interchange) == ["group_content_invalid"]
    assert [one.control_number for one in sets_of(interchange)] == ["0001"]
