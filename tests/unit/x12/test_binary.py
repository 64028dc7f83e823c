"""Binary data is taken by the length that is stated: whatever bytes it has, they are data."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import LocalProtocolError
from gateway.findings import FindingCode
from gateway.x12 import reader_segments
from gateway.x12.model import Delimiters, Interchange, Segment, TransactionSet
from gateway.x12.reader import read_interchanges
from gateway.x12.schema import LoopUse, SegmentUse, SetSchema
from gateway.x12.validate import Validator
from gateway.x12.writer import rewrite
from tests.x12_sets import LIBRARY, briefly, of_segments, schema_of

NOT_AT_ONCE = b"ST*864*0001~BMG*00~MIT*1~%b~MSG*END~SE*6*0001~"


def payload(binary: bytes, line_end: bytes = b"") -> bytes:
    isa = (
        "ISA*00*          *00*          *ZZ*SHOP           *ZZ*US             *260105*1200*^*00501"
        "*000000001*0*P*>~"
    )
    body = isa.encode() + b"GS*TX*SHOP*US*20260105*1200*1*X*005010~" + NOT_AT_ONCE % binary
    return (body + b"GE*1*1~IEA*1*000000001~").replace(b"~", b"~" + line_end, 4)


def only_set(interchanges: list[Interchange]) -> TransactionSet:
    [interchange] = interchanges
    assert interchange.findings == []
    [group] = interchange.groups
    [one] = group.transaction_sets
    return one


@pytest.mark.parametrize(
    "data",
    [
        b"plain",
        b"a*b>c^d~e",
        b"~SE*2*0001~GE*1*1~IEA*1*000000001~",
        b"ISA*00*          *00*          *ZZ*A              *ZZ*B              *260105*1200*U*00401"
        b"*000000009*0*P*>~GS*PO*",
        b"\x00\xff\xfe\r\n\xe2\x82\xac",
        b"~" * 300,
        b"BIN*3*abc~",
    ],
)
@pytest.mark.parametrize("line_end", [b"", b"\r\n"])
def test_delimiters_and_envelopes_inside_binary_data_are_data(data: bytes, line_end: bytes) -> None:
    content = payload(b"BIN*%d*%b" % (len(data), data), line_end)
    one = only_set(list(read_interchanges(content)))
    assert one.findings == []
    binary, after = one.segments[3:5]
    assert binary == ["BIN", str(len(data)), data.decode("latin-1")]
    assert after == ["MSG", "END"]
    at = [content.index(text) for text in (b"BIN*", b"MSG*END")]
    assert one.offsets[3:5] == at


def test_a_data_structure_states_its_length_second() -> None:
    one = only_set(list(read_interchanges(payload(b"BDS*ASC*5*a~b*c"))))
    assert one.segments[3] == ["BDS", "ASC", "5", "a~b*c"]


@pytest.mark.parametrize(
    ("binary", "segments"),
    [
        (b"BIN*4*ab", [["BIN", "4", "ab"]]),  # no terminator behind four bytes
        (b"BIN*x*ab", [["BIN", "x", "ab"]]),
        (b"BIN*99999*ab", [["BIN", "99999", "ab"]]),
        (b"BIN*2", [["BIN", "2"]]),
        (b"BINS*2*a", [["BINS", "2", "a"]]),
        (b"MSG*BIN*2*a", [["MSG", "BIN", "2", "a"]]),
    ],
)
def test_what_does_not_keep_to_its_length_is_read_to_the_next_terminator(
    binary: bytes, segments: list[Segment]
) -> None:
    one = only_set(list(read_interchanges(payload(binary))))
    assert one.segments[3:-2] == segments


def test_binary_data_behind_several_windows_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader_segments, "WINDOW", 200)
    lines = b"~".join(b"MSG*LINE %d" % number for number in range(50))
    data = b"~IEA*1*000000001~" * 40
    content = payload(b"%b~BIN*%d*%b~%b~BIN*2*~~" % (lines, len(data), data, lines))
    one = only_set(list(read_interchanges(content)))
    found = [segment for segment in one.segments if segment[0] == "BIN"]
    assert found == [["BIN", str(len(data)), data.decode()], ["BIN", "2", "~~"]]
    assert len(one.segments) == 107


@pytest.mark.parametrize("segment", [b"BIN*3*a~b", b"BIN*x*ab", b"BDS*ASC*1*a"])
def test_many_binary_segments_are_not_cut_over_and_over(
    segment: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    cut: list[int] = []

    def counted(payload: bytes, start: int, end: int, marks: Any) -> object:
        cut.append(end - start)
        return reader_segments_cut(payload, start, end, marks)

    reader_segments_cut = reader_segments._cut
    monkeypatch.setattr(reader_segments, "_cut", counted)
    content = payload(b"~".join([segment, b"MSG*A"] * 5000))
    one = only_set(list(read_interchanges(content)))
    assert len(one.segments) == 10_005
    assert sum(cut) < 2 * len(content)


def test_data_that_is_longer_than_any_segment_is_skipped_by_its_length(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(reader_segments, "WINDOW", 500)
    monkeypatch.setattr(reader_segments, "LONGEST_SEGMENT", 1000)
    one = only_set(list(read_interchanges(payload(b"BIN*2000*" + b"~" * 2000))))
    assert one.segments[3:5] == [["BIN"], ["MSG", "END"]]
    assert [finding.code for finding in one.findings] == [FindingCode.ELEMENT_TOO_LONG]


@given(data=st.binary(min_size=1, max_size=400), more=st.binary(min_size=1, max_size=40))
def test_what_was_read_is_written_as_it_was(data: bytes, more: bytes) -> None:
    binary = b"BIN*%d*%b~BDS*ASC*%d*%b" % (len(data), data, len(more), more)
    content = payload(binary).replace(b"SE*6*", b"SE*7*")
    [interchange] = read_interchanges(content)
    assert rewrite(interchange) == content


@pytest.mark.parametrize(
    ("segment", "message"),
    [
        (["BIN", "4", "abc"], "BIN01: expected 3, the number of bytes in BIN02, found '4'."),
        (["BIN", "3"], "BIN01: expected 0, the number of bytes in BIN02, found '3'."),
        (["BDS", "ASC", "", "a"], "BDS02: expected 1, the number of bytes in BDS03, found ''."),
        (["BIN", "1", "€"], "BIN02: expected bytes, one character for each."),
        (["BIN", "1", "a", "b"], "BIN01: expected 1, the number of bytes in BIN02, found '1'."),
    ],
)
def test_a_length_that_is_not_the_datas_is_never_written(segment: Segment, message: str) -> None:
    [interchange] = read_interchanges(payload(b"MSG*A"))
    interchange.groups[0].transaction_sets[0].segments[3] = segment
    with pytest.raises(LocalProtocolError) as raised:
        rewrite(interchange)
    assert str(raised.value) == message


def with_binary() -> SetSchema:
    """Return a schema of a text message with a picture behind its text."""
    schema = schema_of("864", "005010")
    uses = {}
    for tag in ("BIN", "BDS"):
        defined = LIBRARY._dictionary("005010")
        assert defined is not None
        definition = defined.segment(tag)
        assert definition is not None
        name, elements, notes = definition
        uses[tag] = SegmentUse(tag, name, "O", 5, elements, notes)
    *before, end = schema.root.content
    root = replace(schema.root, content=(*before, uses["BIN"], uses["BDS"], end))
    assert isinstance(root, LoopUse)
    return replace(schema, root=root)


@pytest.mark.parametrize(
    ("segment", "found"),
    [
        (["BIN", "5", "a>b^~"], []),
        (["BIN", "2", "\0 "], []),
        (["BIN", "3", "ab"], ["element_too_short 5 BIN02"]),
        (["BIN", "1", "ab"], ["element_too_long 5 BIN02"]),
        (["BIN", "x", "ab"], ["invalid_character 5 BIN01"]),
        (["BIN", "2"], ["mandatory_element_missing 5 BIN02"]),
        (["BIN", "1", "a", "b"], ["too_many_elements 5 BIN03"]),
        (["BDS", "ASC", "2", "ab"], []),
        (["BDS", "ASCII", "3", "ab"], ["element_too_long 5 BDS01", "element_too_short 5 BDS03"]),
    ],
)
def test_binary_data_is_held_against_its_length_and_nothing_else(
    segment: Segment, found: list[str]
) -> None:
    body = [["BMG", "00"], ["MIT", "1"], ["MSG", "A"], segment]
    one = of_segments(
        [["ST", "864", "0001"], *body, ["SE", "6", "0001"]], Delimiters(repetition="^")
    )
    assert briefly(Validator(with_binary()).parse(one).findings) == found


def test_a_wrong_length_is_told_in_words() -> None:
    one = of_segments(
        [
            ["ST", "864", "0001"],
            ["BMG", "00"],
            ["MIT", "1"],
            ["MSG", "A"],
            ["BIN", "3", "ab"],
            ["SE", "6", "0001"],
        ]
    )
    [finding] = Validator(with_binary()).parse(one).findings
    assert finding.detail == "expected 3 bytes, as BIN01 says, found 2"


def test_binary_data_in_a_set_that_has_none_is_said_so() -> None:
    one = only_set(list(read_interchanges(payload(b"BIN*3*a~b"))))
    findings = Validator(schema_of("864", "005010")).parse(one).findings
    assert briefly(findings) == ["segment_not_in_set 4 BIN"]
