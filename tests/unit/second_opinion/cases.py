"""For each class of difference between both engines an interchange that shows it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gateway.x12.envelope import FUNCTIONAL_IDS

ORDER = "BEG*00*SA*PO1**20260105~"
LINE = "PO1*1*2*EA*7.5~"
SHIPMENT = "BSN*00*SHIP1*20260105*1200~"
ORDERED = "W05*N*ORDER1~LX*1~W01*5*EA**VN*SKU1~"


@dataclass(frozen=True, slots=True)
class Case:
    """A transaction set without ST and SE, and the segment of it that shows the difference."""

    body: str
    shown: str
    set_id: str = "850"
    version: str = "004010"
    sets: int = 1
    guided: str = ""
    """An entry of a guide for the set."""
    delimiters: str = "U"
    """ISA11: the repetition separator of 005010."""

    @property
    def payload(self) -> bytes:
        """Return the interchange."""
        isa12 = "00401" if self.version < "005" else "00501"
        head = (
            f"ISA*00*{' ' * 10}*00*{' ' * 10}*ZZ*{'A':15}*ZZ*{'B':15}*260105*1200"
            f"*{self.delimiters}*{isa12}*000000001*0*P*>~"
        )
        functional_id = FUNCTIONAL_IDS.get(self.set_id, "FA")
        group = f"GS*{functional_id}*A*B*20260105*1200*1*X*{self.version}~"
        count = self.body.count("~") + 2
        one = f"ST*{self.set_id}*0001~{self.body}SE*{count}*0001~"
        whole = f"{head}{group}{one * self.sets}GE*{self.sets}*1~IEA*1*000000001~"
        return whole.encode("latin-1")


def shown(case: Case) -> str:
    """Return what a table shows of a case."""
    return f"`{case.shown}` in {case.set_id}"


CASES: Mapping[str, Case] = {
    "rule-of-a-guide": Case(ORDER + LINE, "BEG*00*SA*PO1", guided='BEG03: {pattern: "PO-[0-9]+"}'),
    "map-of-pyx12": Case(
        "AK1*HC*1~AK2*837*0001~IK5*A~AK9*A*1*1*1~", "ST*999*0001", "999", "005010X231A1"
    ),
    "set-in-its-group": Case(ORDER + LINE, "ST*850*0001", sets=2),
    "repetitions": Case(
        "BIG*20260105*I1~DMG******A^B~IT1*1*1*EA*1~TDS*1~", "DMG******A^B", "810", "005010",
        delimiters="^",
    ),
    "pyx12-fails": Case(
        ORDER + "REF*DP*1**A>1>B>2>C>3>D>4~" + LINE, "REF*DP*1**A>1>B>2>C>3>D>4"
    ),
    "not-looked-into": Case(
        ORDER + "N2*A~N3*" + "9" * 60 + "~" + LINE, "N3*999… outside of its loop"
    ),
    "component-in-an-element": Case(ORDER + "REF*DP*A>B~" + LINE, "REF*DP*A>B"),
    "blanks": Case(ORDER + "REF*DP* ~" + LINE, "REF*DP* "),
    "number-without-digits": Case(ORDER + "PO1*1*-*EA*7.5~", "PO1*1*-*EA"),
    "bare-decimal-point": Case(ORDER + "PO1*1*2*EA*7.~", "PO1*1*2*EA*7."),
    "trailing-separators": Case(ORDER + "REF*DP*1**~" + LINE, "REF*DP*1**"),
    "character-set": Case(ORDER + "REF*DP*Café~" + LINE, "REF*DP*Café"),
    "several-faults-of-a-value": Case(
        "BEG*00*SA*PO1**2026-01-05~" + LINE, "BEG*00*SA*PO1**2026-01-05"
    ),
    "empty-segment": Case(ORDER + "REF~" + LINE, "REF"),
    "segment-identifier": Case(ORDER + "r1*A~" + LINE, "r1*A"),
    "numbered-levels": Case(SHIPMENT + "HL*2**S~", "HL*2**S", "856"),
    "too-often-again": Case(ORDER + "CUR*BY*USD~" * 3 + LINE, "CUR*BY*USD, three times"),
    "bounded-loop": Case(
        ORDERED + "LS*A~LX*1~LE*B~", "LS*A … LE*B", "940"
    ),
    "loop-begun-again": Case(
        "BMG*00~MIT*1*SUBJECT~MIT*2*SUBJECT~MSG*TEXT~", "MIT*1*SUBJECT, MIT*2*SUBJECT", "864"
    ),
    "missing-or-misplaced": Case(
        "N9*CO*1~" + ORDERED.replace("ORDER1~", "ORDER1~"), "N9*CO*1, W05*N*ORDER1", "940"
    ),
    "another-name": Case("BMG*00~MSG*TEXT~", "BMG*00, MSG*TEXT", "864"),
    "after-the-first-loss": Case(
        ORDER + "N2*A~N3*B~" + LINE, "N2*A, N3*B without N1"
    ),
}  # fmt: skip
