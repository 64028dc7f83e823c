"""What is asked of any bytes at all: each target takes bytes and raises where something is wrong.

reader      events, positions, faithfulness, repair, split and format
validate    every schema that a set may be held to: generated code against the interpreter
map         both readers and both writers of the base maps
chain       everything from the reader to the acknowledgment, as the pipeline does it
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from itertools import pairwise

from gateway import canonical, resources
from gateway.errors import InterchangeUnreadable
from gateway.x12.characters import is_ebcdic
from gateway.x12.interpret import interpret
from gateway.x12.layout import annotated, one_a_line, restored
from gateway.x12.leniency import Leniency
from gateway.x12.model import TransactionSet
from gateway.x12.names import Names
from gateway.x12.pieces import pieces
from gateway.x12.reader import read
from gateway.x12.reader_events import GroupEnd, GroupStart, InterchangeEnd, InterchangeStart
from gateway.x12.repair import repaired
from gateway.x12.split import By, split_into
from gateway.x12.validate import Validator
from tests.hostile.chain import assert_speaks_x12, pass_through
from tests.samples.maps import compiled_map, library
from tests.x12_sets import LIBRARY, SETS, validator_of

LENIENT = Leniency(**dict.fromkeys(Leniency.__dataclass_fields__, True))
LENIENCIES = (Leniency(), LENIENT)


def sets_of(payload: bytes, leniency: Leniency = LENIENCIES[0]) -> list[TransactionSet]:
    """Return the sets of a payload; none where it cannot be read."""
    try:
        found = list(read(payload, lambda _header: leniency))
    except InterchangeUnreadable:
        return []
    return [one for one in found if isinstance(one, TransactionSet)]


def reader(payload: bytes) -> None:
    """Events are well nested, positions point at their segments, and no byte is lost."""
    for leniency in LENIENCIES:
        _well_nested(payload, leniency)
    for one in sets_of(payload):
        _in_place(payload, one)
    assert b"".join(piece.whole for piece in pieces(payload)) == payload
    assert b"".join(restored(annotated(payload, _names()))) == payload
    for _ in one_a_line(payload):
        pass
    try:
        mended = repaired(payload)
        for by in By:
            for _ in split_into(payload, by):
                pass
    except InterchangeUnreadable:
        return
    again = repaired(mended.payload)
    assert again.edits == ()
    assert again.payload == mended.payload


def validate(payload: bytes) -> None:
    """Generated code and the interpreter say the same of each set, by any schema."""
    for number, one in zip(range(20), sets_of(payload), strict=False):
        ids = [one.set_id, *SETS["004010"][(len(one.segments) + number) % 16 :][:1]]
        for version in SETS:
            for set_id in {name for name in ids if name in SETS[version]}:
                _agree(validator_of(set_id, version), one)


def map_(payload: bytes) -> None:
    """A map reads a row as its tree, and writes quickly what it writes carefully."""
    for _, one in zip(range(5), sets_of(payload), strict=False):
        name = _base_maps().get(one.set_id)
        if name is None:
            continue
        made, tree = compiled_map(name), validator_of(one.set_id).parse(one).tree
        reading = made.read_tree(tree, one.delimiters)
        by_row = made.read_row(tree, one.delimiters)
        assert by_row is None or by_row == reading
        for document in reading.documents:
            faults = canonical.check(document)
            assert not (reading.fits and faults), faults
            canonical.dumps(document)
            if faults:
                continue
            careful = made.write_carefully(document, one.delimiters)
            quick = made.write_fast(document, one.delimiters)
            assert quick is None or (quick, []) == (careful.segments, careful.findings)


def chain(payload: bytes) -> None:
    """Every stage of the pipeline takes it, and what is answered is sound X12."""
    try:
        passed = pass_through(payload)
    except InterchangeUnreadable:
        return
    for one in passed:
        assert_speaks_x12(one.answer)


TARGETS: Mapping[str, Callable[[bytes], None]] = {
    "reader": reader,
    "validate": validate,
    "map": map_,
    "chain": chain,
}


def everything(payload: bytes) -> None:
    """Put bytes through every target."""
    for target in TARGETS.values():
        target(payload)


def _well_nested(payload: bytes, leniency: Leniency) -> None:
    """Hold events to the order that the reader promises."""
    interchange = group = False
    received = 0
    try:
        for event in read(payload, lambda _header: leniency):
            match event:
                case InterchangeStart():
                    assert not interchange
                    interchange = True
                case GroupStart():
                    assert interchange
                    assert not group
                    group, received = True, 0
                case TransactionSet():
                    assert group
                    assert len(event.segments) == len(event.offsets)
                    received += 1
                case GroupEnd():
                    assert group
                    assert event.received_count == received
                    group = False
                case InterchangeEnd():
                    assert interchange
                    assert not group
                    assert event.header.offset < event.end <= len(payload)
                    interchange = False
        assert not interchange
    except InterchangeUnreadable:
        assert not interchange, "raised before the first event, or not at all"


def _in_place(payload: bytes, one: TransactionSet) -> None:
    """Hold the offset of each segment to the bytes that stand there."""
    offsets = list(one.offsets)
    assert all(first < second for first, second in pairwise(offsets))
    if is_ebcdic(payload):
        return
    for segment, offset in zip(one.segments, offsets, strict=True):
        assert 0 <= offset < len(payload)
        tag = segment[0]
        if tag.isascii() and "\r" not in tag and "\n" not in tag:
            there = payload[offset : offset + len(tag) + 200].decode("latin-1")
            assert there.replace("\r", "").replace("\n", "").startswith(tag), (segment, offset)


def _agree(validator: Validator, one: TransactionSet) -> None:
    parsed = validator.parse(one)
    tree, findings = interpret(validator.schema, one)
    assert parsed.findings == findings
    assert parsed.tree == tree
    for finding in findings:
        place = finding.location
        if place.offset is not None and place.segment_position is not None:
            # An element's offset is its own, within its segment.
            following = [*one.offsets[place.segment_position :], place.offset + 1][0]
            assert one.offsets[place.segment_position - 1] <= place.offset < following


@cache
def _names() -> Names:
    return Names(LIBRARY, resources.schema_text)


@cache
def _base_maps() -> dict[str, str]:
    """Return the name of the base map of each set that has one."""
    found = {}
    for name in library().names:
        set_id = library().resolve(name).spec.transaction_set
        if set_id is not None and name == f"base-{set_id}":
            found[set_id] = name
    return found
