"""A fictional partner that answers what we sent: 997s, 999s and TA1s, right, wrong and twice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

_ISA = "ISA*00*          *00*          *ZZ*{sender:<15}*ZZ*{receiver:<15}*260316*0815*U*00401*{number:09d}*0*P*>~"  # noqa: E501 - one segment, one line


@dataclass(frozen=True)
class Named:
    """A set that a 997 names: AK2, its AK3 and AK4, and AK5."""

    number: str = "0001"
    status: str = "A"
    notes: Sequence[str] = ()
    """AK3 and AK4 segments, as they stand between AK2 and AK5."""
    codes: str = ""
    """What follows AK501, with its separators."""
    set_id: str = "940"


def functional(
    number: int,
    group: str = "700",
    named: Sequence[Named] = (Named(),),
    *,
    status: str = "A",
    codes: str = "",
    functional_id: str = "OW",
    kind: str = "997",
    receiver: str = "HARBOR",
) -> bytes:
    """Write an interchange of the partner with one 997 or 999 about one group of ours."""
    third = {"997": "AK", "999": "IK"}[kind]
    body = [f"ST*{kind}*0001", f"AK1*{functional_id}*{group}"]
    for one in named:
        body += [f"AK2*{one.set_id}*{one.number}", *one.notes, f"{third}5*{one.status}{one.codes}"]
    accepted = sum(one.status in "AE" for one in named)
    body.append(f"AK9*{status}*{len(named)}*{len(named)}*{accepted}{codes}")
    body.append(f"SE*{len(body) + 1}*0001")
    gs = f"GS*FA*QUAYSIDE*{receiver}*20260316*0815*{number}*X*004010~"
    text = gs + "".join(f"{segment}~" for segment in body) + f"GE*1*{number}~"
    return _interchange(number, text, groups=1, receiver=receiver)


def technical(number: int, of: str = "000000500", status: str = "A", code: str = "000") -> bytes:
    """Write an interchange of the partner with a TA1 about one interchange of ours."""
    return _interchange(number, f"TA1*{of}*260315*0912*{status}*{code}~", groups=0)


def _interchange(number: int, body: str, *, groups: int, receiver: str = "HARBOR") -> bytes:
    isa = _ISA.format(sender="QUAYSIDE", receiver=receiver, number=number)
    return f"{isa}{body}IEA*{groups}*{number:09d}~".encode()
