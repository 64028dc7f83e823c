from __future__ import annotations

import pytest

from gateway.x12.leniency import Leniency
from tests.unit.x12.interchanges import codes, isa, payload, read_one, segments


def _with_isa(header: str) -> bytes:
    return payload([header, *segments()[1:]])


COLLAPSED = "ISA*00**00**ZZ*NORTHSTAR*01*123456789*261121*0855*U*00401*000000001*0*P*>"


def _folded() -> bytes:
    first, rest = payload(segments())[:106], payload(segments())[106:]
    return first + b"".join(rest[i : i + 20] + b"\r\n" for i in range(0, len(rest), 20))


@pytest.mark.parametrize(
    ("leniency", "data", "fault"),
    [
        ("collapsed_isa", _with_isa(COLLAPSED), "interchange_widths_wrong"),
        (
            "missing_component_separator",
            _with_isa(isa(component="")),
            "component_separator_invalid",
        ),
        (
            "any_standards_identifier",
            _with_isa(isa(standard="^")),
            "interchange_standard_invalid",
        ),
        (
            "short_control_number",
            _with_isa(isa(number="1")),
            "interchange_control_number_invalid",
        ),
        (
            "text_before_isa",
            b"Subject: orders\n\n" + payload(segments()),
            "interchange_content_invalid",
        ),
        (
            "blanks_before_segments",
            payload([segments()[0], *("  " + line for line in segments()[1:])], suffix="\n"),
            "interchange_content_invalid",
        ),
        ("ebcdic", payload(segments()).decode().encode("cp037"), "interchange_content_invalid"),
        ("missing_last_terminator", payload(segments())[:-1], "segment_terminator_invalid"),
        ("line_breaks_in_data", _folded(), "segment_count_wrong"),
        (
            "lowercase_segment_ids",
            payload(segments()).replace(b"~GE", b"~ge").replace(b"~GS", b"~gs"),
            "control_structure_invalid",
        ),
    ],
)
def test_a_leniency_silences_exactly_its_deviation(leniency: str, data: bytes, fault: str) -> None:
    lenient = read_one(data, Leniency(**{leniency: True}))
    if leniency in ("short_control_number", "collapsed_isa"):
        everything = Leniency(collapsed_isa=True, short_control_number=True)
        assert codes(read_one(data, everything)) == []
    else:
        assert codes(lenient) == []
    if leniency != "line_breaks_in_data":
        assert fault in codes(read_one(data))


def test_folded_data_comes_out_unfolded() -> None:
    interchange = read_one(_folded(), Leniency(line_breaks_in_data=True))
    segment = interchange.groups[0].transaction_sets[0].segments[2]
    assert segment == ["N1", "ST", "Bluebird Store 12", "92", "0012"]


def test_a_repetition_separator_that_is_none_is_data() -> None:
    header = isa(standard="-").replace("*00401*", "*00501*")
    data = payload([header, *segments()[1:]])
    assert read_one(data).header.delimiters.repetition == "-"
    interchange = read_one(data, Leniency(no_repetitions=True))
    [one] = interchange.groups[0].transaction_sets
    assert (interchange.header.delimiters.repetition, one.delimiters.repetition) == (None, None)
    assert codes(interchange) == []


def test_lower_case_ids_come_out_in_upper_case() -> None:
    data = payload(segments()).replace(b"~W05", b"~w05")
    interchange = read_one(data, Leniency(lowercase_segment_ids=True))
    assert interchange.groups[0].transaction_sets[0].segments[1][0] == "W05"


def test_the_default_takes_nothing_in_silence() -> None:
    assert not any(getattr(Leniency(), name) for name in Leniency.__dataclass_fields__)
