from __future__ import annotations

from datetime import UTC, datetime

import pytest

from gateway.errors import LocalProtocolError
from gateway.x12.model import ControlNumber, Delimiters
from gateway.x12.reader import read_interchanges
from gateway.x12.writer import (
    OutboundGroup,
    OutboundSet,
    Writing,
    gs,
    isa,
    rewrite,
    write_interchange,
)
from tests.unit.x12.interchanges import codes, payload, read_one, segments, sets_of

MOMENT = datetime(2026, 11, 21, 8, 55, tzinfo=UTC)
HEADER = isa(
    ("ZZ", "NORTHSTAR"),
    ("01", "123456789"),
    control_number=ControlNumber("42"),
    moment=MOMENT,
    usage="T",
)


def _written(
    *bodies: list[list[str]],
    delimiters: Delimiters = Delimiters(),  # noqa: B008 - a frozen value
    writing: Writing = Writing(),  # noqa: B008 - a frozen value
    convention: str = "",
) -> bytes:
    header = gs(
        "OW",
        sender="NORTHSTAR",
        receiver="BRAMBLE",
        control_number=ControlNumber("7"),
        moment=MOMENT,
    )
    sets = [
        OutboundSet("940", ControlNumber(f"{index:04d}"), body, convention)
        for index, body in enumerate(bodies, start=1)
    ]
    return write_interchange(HEADER, [OutboundGroup(header, sets)], delimiters, writing=writing)


def test_writes_an_isa_of_106_bytes_and_counts_what_it_writes() -> None:
    data = _written([["W05", "N", "SO-1"]], [["W05", "N", "SO-2"], ["LX", "1"]])
    assert data.decode("ascii").split("~") == [
        "ISA*00*          *00*          *ZZ*NORTHSTAR      *01*123456789      *261121*0855*U*00401"
        "*000000042*0*T*>",
        "GS*OW*NORTHSTAR*BRAMBLE*20261121*0855*7*X*004010",
        "ST*940*0001",
        "W05*N*SO-1",
        "SE*3*0001",
        "ST*940*0002",
        "W05*N*SO-2",
        "LX*1",
        "SE*4*0002",
        "GE*2*7",
        "IEA*1*000000042",
        "",
    ]
    assert data.index(b"~") == 105


def test_what_is_written_reads_without_findings() -> None:
    assert codes(read_one(_written([["W05", "N", "SO-1"]]))) == []


def test_trailing_empty_elements_are_dropped() -> None:
    assert b"~N1*ST**92*0012~" in _written([["N1", "ST", "", "92", "0012", "", ""]])


def test_the_convention_is_st03() -> None:
    assert b"~ST*940*0001*GUIDE1~" in _written([["LX", "1"]], convention="GUIDE1")


def test_st_and_se_among_the_segments_are_written_anew() -> None:
    data = _written([["ST", "940", "9"], ["LX", "1"], ["SE", "99", "9"]])
    assert b"~ST*940*0001~LX*1~SE*3*0001~" in data


def test_delimiters_and_line_ends_are_the_callers() -> None:
    data = _written([["LX", "1"]], delimiters=Delimiters("|", ":", None, "'", "\r\n"))
    assert data.startswith(b"ISA|00|")
    assert data[104:108] == b":'\r\n"
    assert data.endswith(b"IEA|1|000000042'\r\n")


@pytest.mark.parametrize(
    ("version", "value", "isa11"),
    [
        ("00401", "USUAL", "U"),
        ("00402", "USUAL", "^"),
        ("00501", "2^3", "!"),
        ("00501", "2^3!|`", "\x1f"),
    ],
)
def test_who_has_no_repetition_separator_declares_one_that_cuts_no_value(
    version: str, value: str, isa11: str
) -> None:
    header = isa(
        ("ZZ", "A"),
        ("ZZ", "B"),
        control_number=ControlNumber("1"),
        moment=MOMENT,
        usage="P",
        version=version,
    )
    group = gs("TX", sender="AA", receiver="BB", control_number=ControlNumber("1"), moment=MOMENT)
    one = OutboundSet("864", ControlNumber("0001"), [["MSG", value]])
    data = write_interchange(header, [OutboundGroup(group, [one])], Delimiters())
    assert data[82:83] == isa11.encode()
    [read] = read_interchanges(data)
    assert read.groups[0].transaction_sets[0].segments[1] == ["MSG", value]


def test_a_repetition_separator_stands_in_isa11_from_00402_on() -> None:
    header = isa(
        ("ZZ", "A"),
        ("ZZ", "B"),
        control_number=ControlNumber("1"),
        moment=MOMENT,
        usage="P",
        version="00501",
    )
    data = write_interchange(header, [], Delimiters(repetition="^"))
    assert data[82:83] == b"^"
    assert codes(read_one(data)) == []


@pytest.mark.parametrize("value", ["A*B", "A~B"])
def test_a_value_with_a_separator_is_refused(value: str) -> None:
    with pytest.raises(LocalProtocolError) as caught:
        _written([["N1", "ST", value]])
    assert str(caught.value) == (
        f"N102: {value!r} holds a separator or a character outside utf-8; "
        "expected a value that can be written."
    )


def test_a_value_with_a_separator_has_it_replaced_where_that_was_agreed() -> None:
    data = _written([["N1", "ST", "A*B~C*D"]], writing=Writing(replacement=" "))
    assert b"~N1*ST*A B C D~" in data


@pytest.mark.parametrize(
    ("encoding", "written"), [("utf-8", "Café"), ("latin-1", "Café"), ("ascii", "Caf?")]
)
def test_text_is_written_in_the_agreed_encoding(encoding: str, written: str) -> None:
    data = _written([["N1", "ST", "Café"]], writing=Writing("?", encoding))
    assert f"~N1*ST*{written}~".encode(encoding) in data
    assert sets_of(read_one(data))[0].segments[1][2] == written


def test_text_outside_the_encoding_is_refused() -> None:
    with pytest.raises(LocalProtocolError) as caught:
        _written([["N1", "ST", "Łódź"]], writing=Writing(encoding="latin-1"))
    assert str(caught.value) == (
        "N102: 'Łódź' holds a separator or a character outside latin-1; "
        "expected a value that can be written."
    )


def test_a_byte_of_a_character_that_is_a_separator_counts_as_one() -> None:
    # The bytes of Å in UTF-8 are C3 85, and 85 is the terminator here.
    with pytest.raises(LocalProtocolError):
        _written([["N1", "ST", "Å"]], delimiters=Delimiters(terminator="\x85"))


def test_a_segment_without_elements_is_refused() -> None:
    with pytest.raises(LocalProtocolError) as caught:
        _written([["LX", "", ""]])
    assert str(caught.value) == "LX: expected at least one element, found none."


@pytest.mark.parametrize(
    ("delimiters", "message"),
    [
        (Delimiters(element="A"), "'A' cannot be a delimiter."),
        (Delimiters(component=""), "'' cannot be a delimiter."),
        (Delimiters(terminator=" "), "' ' cannot be a delimiter."),
        (Delimiters(component="*"), "The delimiters ['*', '*', '~'] are not all different."),
        (
            Delimiters(repetition="~"),
            "The delimiters ['*', '>', '~', '~'] are not all different.",
        ),
        (Delimiters(component="¦¦"), "'¦¦' cannot be a delimiter."),
        (Delimiters(component="→"), "'→' is no single byte: it cannot be a delimiter."),
        (Delimiters(suffix="#"), "'#' is no line end."),
    ],
)
def test_delimiters_that_cannot_work_are_refused(delimiters: Delimiters, message: str) -> None:
    with pytest.raises(LocalProtocolError) as caught:
        _written([["LX", "1"]], delimiters=delimiters)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("sender", "number", "message"),
    [
        (
            ("ZZ", "A" * 16),
            "1",
            f"ISA06: '{'A' * 16}' is too long: expected at most 15 characters.",
        ),
        (("ZZ", "A"), "1" * 10, "ISA13: '1111111111' is too long: expected at most 9 characters."),
        (
            ("ZZ", "Ö"),
            "1",
            "ISA06: 'Ö' holds a separator or a character outside ascii; "
            "expected a value that can be written.",
        ),
        (
            ("ZZ", "A*B"),
            "1",
            "ISA06: 'A*B' holds a separator or a character outside ascii; "
            "expected a value that can be written.",
        ),
    ],
)
def test_an_isa_that_would_not_have_its_widths_is_refused(
    sender: tuple[str, str], number: str, message: str
) -> None:
    header = isa(
        sender, ("ZZ", "B"), control_number=ControlNumber(number), moment=MOMENT, usage="P"
    )
    with pytest.raises(LocalProtocolError) as caught:
        write_interchange(header, [], Delimiters())
    assert str(caught.value) == message


def test_ta1_segments_stand_before_the_first_group() -> None:
    data = write_interchange(
        HEADER, [], Delimiters(), acknowledgments=[["TA1", "1", "2", "3", "A", "000"]]
    )
    assert data[106:] == b"TA1*1*2*3*A*000~IEA*0*000000042~"


def test_groups_before_004010_are_dated_without_a_century() -> None:
    header = gs(
        "OW",
        sender="AA",
        receiver="BB",
        control_number=ControlNumber("1"),
        moment=MOMENT,
        version="003040",
    )
    assert header.elements[4] == "261121"


@pytest.mark.parametrize("suffix", ["", "\n", "\r\n"])
def test_rewriting_what_was_read_gives_the_same_bytes(suffix: str) -> None:
    data = payload(segments(sets=3), suffix=suffix)
    assert b"".join(rewrite(one) for one in read_interchanges(data)) == data


def test_rewriting_keeps_ta1_and_st03() -> None:
    lines = segments()
    lines.insert(1, "TA1*000000007*261120*1200*A*000")
    data = payload(lines).replace(b"ST*940*0001", b"ST*940*0001*GUIDE")
    assert rewrite(read_one(data)) == data
