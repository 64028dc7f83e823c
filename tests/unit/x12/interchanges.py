"""Small interchanges of fictional partners, as text that a test takes apart or spoils."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from gateway.findings import Finding
from gateway.x12.leniency import STRICT, Leniency
from gateway.x12.model import Interchange, TransactionSet
from gateway.x12.reader import read_interchanges

BODY = (
    "W05*N*SO-7001*PO-88",
    "N1*ST*Bluebird Store 12*92*0012",
    "LX*1",
    "W01*24*CA*000000000017*VN*NS-100",
)


def isa(
    *,
    number: str = "000000001",
    version: str = "00401",
    standard: str = "U",
    asked: str = "0",
    component: str = ">",
    day: str = "261121",
) -> str:
    return (
        f"ISA*00*          *00*          *ZZ*NORTHSTAR      *01*123456789      *{day}*0855"
        f"*{standard}*{version}*{number}*{asked}*P*{component}"
    )


def gs(*, number: str = "11", functional_id: str = "OW", version: str = "004010") -> str:
    return f"GS*{functional_id}*NORTHSTAR*BRAMBLE*20261121*0855*{number}*X*{version}"


def transaction_set(
    *, number: str = "0001", set_id: str = "940", body: Sequence[str] = BODY
) -> list[str]:
    return [f"ST*{set_id}*{number}", *body, f"SE*{len(body) + 2}*{number}"]


def segments(
    *, sets: int = 1, number: str = "000000001", asked: str = "0", functional_id: str = "OW"
) -> list[str]:
    lines = [isa(number=number, asked=asked), gs(functional_id=functional_id)]
    for index in range(1, sets + 1):
        lines += transaction_set(number=f"{index:04d}")
    return [*lines, f"GE*{sets}*11", f"IEA*1*{number}"]


def payload(lines: Iterable[str], *, terminator: str = "~", suffix: str = "") -> bytes:
    return "".join(line + terminator + suffix for line in lines).encode("latin-1")


def read_one(data: bytes, leniency: Leniency = STRICT) -> Interchange:
    (interchange,) = read_interchanges(data, lambda _header: leniency)
    return interchange


def sets_of(interchange: Interchange) -> list[TransactionSet]:
    return [one for group in interchange.groups for one in group.transaction_sets]


def all_findings(interchange: Interchange) -> list[Finding]:
    return [
        *interchange.findings,
        *(finding for group in interchange.groups for finding in group.findings),
        *(finding for one in sets_of(interchange) for finding in one.findings),
    ]


def codes(interchange: Interchange) -> list[str]:
    return [finding.code.value for finding in all_findings(interchange)]
