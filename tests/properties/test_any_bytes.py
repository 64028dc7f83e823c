"""Any bytes, and samples spoiled in every way, through everything from the reader to the map."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from gateway import resources
from gateway.errors import InterchangeUnreadable
from tests.hostile.chain import assert_speaks_x12, pass_through

FOLDER = resources.directory("samples")
SAMPLES = [
    path.read_bytes()
    for path in sorted(FOLDER.rglob("*.edi"))
    # One acknowledgment will do: what is not translated has less to go wrong.
    if ".997." not in path.name or path.name.startswith("850-and-940")
]
ISA = SAMPLES[0][:106]

ODD_VALUES = st.sampled_from(
    [
        *(b"", b" ", b"-", b".", b"1e5", b"NaN", b"\0", b"\xff\xfe", b"\xc3\xa4", b"\xb2", b"^"),
        *(b"9" * 40, b"A" * 300, b"00000000", b"20260231", b">", b"1>2>3", b"-0", b"+1", b"0.0.0"),
        b"1_000",
    ]
)
"""Values that a number, a date, a composite or a text may stumble over."""


def _must_pass(payload: bytes) -> None:
    try:
        passed = pass_through(payload)
    except InterchangeUnreadable:
        return
    for one in passed:
        assert_speaks_x12(one.answer)


@settings(deadline=None, max_examples=200)
@given(st.binary(max_size=300), st.booleans())
def test_any_bytes_are_unreadable_or_pass_through(payload: bytes, behind_isa: bool) -> None:  # noqa: FBT001 - drawn
    _must_pass(ISA + payload if behind_isa else payload)


@st.composite
def spoiled_bytes(draw: st.DrawFn) -> bytes:
    """Draw a sample in which bytes were inserted, deleted, doubled or swapped."""
    content = bytearray(draw(st.sampled_from(SAMPLES)))
    for _ in range(draw(st.integers(1, 8))):
        first, other = (draw(st.integers(0, len(content))) for _ in range(2))
        length = draw(st.integers(1, 120))
        match draw(st.sampled_from(["insert", "delete", "double", "replace"])):
            case "insert":
                content[first:first] = draw(st.binary(min_size=1, max_size=4))
            case "delete":
                del content[first : first + min(length, 20)]
            case "double":
                content[first:first] = content[other : other + length]
            case _:
                content[first : first + 1] = draw(st.binary(min_size=1, max_size=1))
    return bytes(content)


@st.composite
def spoiled_segments(draw: st.DrawFn) -> bytes:
    """Draw a sample whose segments or elements were dropped, doubled, swapped, taken elsewhere."""
    content = draw(st.sampled_from(SAMPLES))
    terminator = content[105:106]
    segments = content.split(terminator)
    for _ in range(draw(st.integers(1, 5))):
        first, other = (draw(st.integers(1, len(segments) - 1)) for _ in range(2))
        elements = segments[first].split(b"*")
        place = draw(st.integers(0, len(elements) - 1))
        match draw(st.sampled_from(["drop", "double", "swap", "foreign", "value", "shift"])):
            case "drop" if len(segments) > 2:
                del segments[first]
            case "double":
                segments.insert(other, segments[first])
            case "swap":
                segments[first], segments[other] = segments[other], segments[first]
            case "foreign":
                foreign = draw(st.sampled_from(SAMPLES))
                pieces = foreign.split(foreign[105:106])
                segments.insert(other, draw(st.sampled_from(pieces)))
            case "value":
                elements[place] = draw(ODD_VALUES)
                segments[first] = b"*".join(elements)
            case _:
                elements.insert(place, draw(st.sampled_from(elements)))
                segments[first] = b"*".join(elements)
    return terminator.join(segments)


@settings(deadline=None, max_examples=600)
@given(spoiled_bytes())
def test_a_sample_with_spoiled_bytes_passes_through(payload: bytes) -> None:
    _must_pass(payload)


@settings(deadline=None, max_examples=1000)
@given(spoiled_segments())
def test_a_sample_with_spoiled_segments_passes_through(payload: bytes) -> None:
    _must_pass(payload)
