"""Writes the tables of docs/acknowledgments.md from the codes that findings become."""

from __future__ import annotations

from collections.abc import Iterator

from gateway.acks.codes import CODES, CodeList, Projection
from gateway.acks.forms import Form
from gateway.findings import FindingCode

_OLDER, _LATER, _NINES = Form("997", "004010"), Form("997", "005010"), Form("999", "005010")

_PLACES = {
    CodeList.GROUP: "Groups: AK905 to AK909 (716)",
    CodeList.TRANSACTION_SET: "Sets: AK502 to AK506 (718), IK502 to IK506 (618)",
    CodeList.SEGMENT: "Segments: AK304 (720), IK304 (620)",
    CodeList.ELEMENT: "Elements: AK403 (723), IK403 (621)",
}


def written() -> str:
    """Return all tables, each under its heading."""
    lines = ["", "### Interchanges: TA105 (I18)", "", "| finding | code |", "|---|---|"]
    lines += [f"| `{code}` | {projected.code} |" for code, projected in _of(CodeList.NOTE)]
    for code_list, heading in _PLACES.items():
        lines += ["", f"### {heading}", ""]
        lines += ["| finding | 997, 004010 | 997, 005010 | 999 | 999, of a guide |"]
        lines += ["|---|---|---|---|---|"]
        lines += [_row(code, projected) for code, projected in _of(code_list)]
    told = ", ".join(f"`{code}`" for code, projected in CODES.items() if projected is None)
    lines += ["", "### Never said", "", f"They are about the document, not about X12: {told}.", ""]
    return "\n".join(lines)


def _of(code_list: CodeList) -> Iterator[tuple[FindingCode, Projection]]:
    for code, projected in CODES.items():
        if projected is not None and projected.code_list is code_list:
            yield code, projected


def _row(code: FindingCode, projected: Projection) -> str:
    cells = [projected.code_in(form) for form in (_OLDER, _LATER, _NINES)]
    return f"| `{code}` | {' | '.join([*cells, projected.code_in(_NINES, by_guide=True)])} |"
