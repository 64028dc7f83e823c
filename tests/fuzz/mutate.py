"""Spoils payloads: by bytes, and by what X12 is made of, so that what comes out is nearly X12.

All of it follows from a random number generator: the same seed gives the same payload.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from functools import cache

from gateway import resources
from tests.benchmarks.documents import interchanges
from tests.x12_sets import SETS, random_set

VALUES: Sequence[bytes] = (
    *(b"", b" ", b"-", b".", b"1e5", b"NaN", b"\0", b"\xff\xfe", b"\xc3\xa4", b"\xb2", b"^", b"\\"),
    *(b"9" * 40, b"A" * 300, b"00000000", b"20260231", b">", b"1>2>3", b"-0", b"+1", b"0.0.0"),
    *(
        b"1_000",
        b"ISA",
        b"IEA",
        b"\r\n",
        b"\x1a",
        b"\xa0",
        b"\x85",
        b"\xef\xbb\xbf",
        b"12345678901",
    ),
)
"""Values that a number, a date, a composite or a text may stumble over."""
TAGS: Sequence[bytes] = (
    *(b"ISA", b"IEA", b"GS", b"GE", b"ST", b"SE", b"TA1", b"HL", b"LS", b"LE", b"BIN", b"BDS"),
    *(b"N1", b"LX", b"W01", b"IT1", b"ZZZ", b"", b" N1", b"isa", b"st"),
)
MARKS = b"~*>^|:\n\r\x1c\x1d\x85!+'A0 "
"""Delimiters that there are, and some that there should not be."""


@cache
def seeds() -> Sequence[bytes]:
    """Return what mutation starts from: our samples, benchmark documents, one set of each kind."""
    folder = resources.directory("samples")
    found = [path.read_bytes() for path in sorted(folder.rglob("*.edi"))]
    found += [path.read_bytes() for path in sorted(folder.rglob("*.x12"))]
    found += interchanges(4)
    chance = random.Random("seeds")
    for version, ids in SETS.items():
        for set_id in ids:
            found.append(
                _wrapped(
                    min((random_set(chance, set_id, version).segments for _ in range(6)), key=len),
                    version,
                )
            )
    return [one for one in found if len(one) < 20_000]


def _wrapped(segments: Sequence[Sequence[str]], version: str) -> bytes:
    parties = f"ZZ*{'NORTHSTAR':<15}*ZZ*{'GATEWAY':<15}"
    isa = f"ISA*00*{'':10}*00*{'':10}*{parties}*260115*1200*^*{version[:5]}*000000001*0*P*>"
    gs = f"GS*OW*NORTHSTAR*GATEWAY*20260115*1200*1*X*{version}"
    body = ["*".join(segment) for segment in segments]
    return "".join(f"{one}~" for one in (isa, gs, *body, "GE*1*1", "IEA*1*000000001")).encode()


def spoiled(chance: random.Random, payload: bytes) -> bytes:
    """Return a payload like another, broken in one place or in several."""
    for _ in range(chance.choice((1, 1, 2, 3, 6))):
        payload = chance.choice((_bytes, _segments, _segments, _elements, _elements, _marks))(
            chance, payload
        )
    return payload


def _bytes(chance: random.Random, payload: bytes) -> bytes:
    first, other = (chance.randint(0, len(payload)) for _ in range(2))
    length = chance.choice((1, 1, 2, 20, 106, 300))
    match chance.randrange(5):
        case 0:
            return payload[:first] + chance.choice(VALUES) + payload[first:]
        case 1:
            return payload[:first] + payload[first + length :]
        case 2:
            return payload[:first] + payload[other : other + length] + payload[first:]
        case 3:
            return payload[:first] + bytes([chance.randrange(256)]) + payload[first + 1 :]
        case _:
            return payload[:first]


def _segments(chance: random.Random, payload: bytes) -> bytes:
    end = payload[105:106] or b"~"
    segments = payload.split(end)
    first, other = (chance.randrange(len(segments)) for _ in range(2))
    match chance.randrange(6):
        case 0:
            del segments[first]
        case 1:
            segments[other:other] = [segments[first]] * chance.choice((1, 1, 2, 12))
        case 2:
            segments[first], segments[other] = segments[other], segments[first]
        case 3:
            foreign = chance.choice(seeds())
            segments.insert(first, chance.choice(foreign.split(foreign[105:106])))
        case 4:
            mark = payload[3:4]
            segments.insert(first, mark.join([chance.choice(TAGS), chance.choice(VALUES)]))
        case _:
            first, other = sorted((first, other))
            segments[first:first] = segments[first:other]
    return end.join(segments)


def _elements(chance: random.Random, payload: bytes) -> bytes:
    end, mark = payload[105:106] or b"~", payload[3:4] or b"*"
    segments = payload.split(end)
    at = chance.randrange(len(segments))
    elements = segments[at].split(mark)
    place = chance.randrange(len(elements))
    match chance.randrange(5):
        case 0:
            elements[place] = chance.choice(VALUES)
        case 1:
            elements.insert(place, chance.choice(VALUES))
        case 2:
            del elements[place]
        case 3:
            cut = chance.randint(0, len(elements[place]))
            value = elements[place]
            elements[place] = value[:cut] + chance.choice(VALUES) + value[cut:]
        case _:
            elements[0] = chance.choice(TAGS)
    segments[at] = mark.join(elements)
    return end.join(segments)


def _marks(chance: random.Random, payload: bytes) -> bytes:
    """Write a payload with another delimiter, everywhere or in one place."""
    old = payload[chance.choice((3, 82, 104, 105)) :][:1]
    new = bytes([chance.choice(MARKS)])
    times = chance.choice((1, 3, -1))
    return payload.replace(old, new, times) if old else payload
