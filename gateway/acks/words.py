"""What the codes of a received acknowledgment say, in plain words."""

from __future__ import annotations

from collections.abc import Mapping

from gateway.acks.codes import CODES, CodeList
from gateway.findings import FindingCode

_SECURITY = "security of the message at fault"

_NEVER_OURS: Mapping[CodeList, Mapping[str, str]] = {
    CodeList.NOTE: {
        "000": "no error",
        "011": "authorization information invalid",
        "013": "security information invalid",
        "016": "version not of this standard",
    },
    CodeList.GROUP: {str(code): _SECURITY for code in (*range(10, 19), *range(20, 27))},
    CodeList.TRANSACTION_SET: {
        "5": "segments in error",
        **{str(code): _SECURITY for code in (*range(8, 14), *range(15, 18), *range(19, 23))},
        "I5": "the implementation guide is not kept in some segments",
        "I6": "the implementation guide is not supported",
    },
    CodeList.SEGMENT: {
        "I4": "the implementation guide does not use this segment",
        "I6": "the implementation guide wants this segment, which is missing",
        "I7": "the implementation guide wants this loop more often",
        "I8": "elements in error, by the implementation guide",
        "I9": "the implementation guide does not use this segment",
    },
    CodeList.ELEMENT: {
        "I6": "code not among those of the implementation guide",
        "I9": "the implementation guide wants this element, which is missing",
        "I10": "the implementation guide does not use this element",
        "I11": "too few repetitions for the implementation guide",
        "I12": "value does not fit the implementation guide",
        "I13": "the implementation guide does not use this element",
    },
}
"""Codes that no finding of ours becomes."""


def finding_of(code_list: CodeList, code: str) -> FindingCode | None:
    """Return the finding that we would call what a code says, or None where we have none."""
    for finding, projected in CODES.items():
        if projected is None or projected.code_list is not code_list:
            continue
        if code in (projected.code, projected.before_005010):
            return finding
    return None


def meaning(code_list: CodeList, code: str) -> str:
    """Say in words what a code means; one that nobody knows is given as it stands."""
    bare = code.strip()
    told = _NEVER_OURS[code_list].get(bare)
    if told is not None:
        return told
    finding = finding_of(code_list, bare)
    if finding is not None:
        return finding.replace("_", " ")
    return f"code '{bare}' of list {code_list}" if bare else "no code that says why"
