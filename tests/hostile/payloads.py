"""Payloads of fictional partners, most of them bad, each with numbers of its own."""

from __future__ import annotations

from collections.abc import Sequence

SENDER, RECEIVER = "TIDEWATER", "HARBORGOODS"


def isa(
    number: int,
    *,
    sender: str = SENDER,
    receiver: str = RECEIVER,
    asked: int = 0,
    usage: str = "P",
) -> str:
    """Return an ISA without its terminator."""
    return (
        f"ISA*00*          *00*          *ZZ*{sender:<15}*ZZ*{receiver:<15}*260302*0915"
        f"*U*00401*{number:09d}*{asked}*{usage}*>"
    )


def order(name: str, *, set_number: str = "0001", quantity: str = "12") -> list[str]:
    """Return the segments of a warehouse shipping order."""
    return [
        f"ST*940*{set_number}",
        f"W05*N*{name}",
        "N1*ST*Corner Mercantile*91*CM-1",
        "LX*1",
        f"W01*{quantity}*EA**VN*LMP-100",
        f"W76*{quantity}",
        f"SE*7*{set_number}",
    ]


def interchange(
    number: int,
    sets: Sequence[Sequence[str]],
    *,
    sender: str = SENDER,
    receiver: str = RECEIVER,
    functional_id: str = "OW",
    asked: int = 0,
    usage: str = "P",
    version: str = "004010",
) -> list[str]:
    """Return the segments of an interchange with one group, which has the same number."""
    return [
        isa(number, sender=sender, receiver=receiver, asked=asked, usage=usage),
        f"GS*{functional_id}*{sender}*{receiver}*20260302*0915*{number}*X*{version}",
        *(segment for one in sets for segment in one),
        f"GE*{len(sets)}*{number}",
        f"IEA*1*{number:09d}",
    ]


def encoded(segments: Sequence[str], terminator: str = "~") -> bytes:
    """Return segments as bytes."""
    return "".join(segment + terminator for segment in segments).encode("latin-1")


def good(number: int) -> bytes:
    """Return an interchange with one order, `SO-<number>`."""
    return encoded(interchange(number, [order(f"SO-{number}")]))
