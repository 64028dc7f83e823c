"""What the codes of a received acknowledgment say, in plain words."""

from __future__ import annotations

from collections.abc import Mapping

from gateway.acks.codes import CODES, CodeList
from gateway.findings import FindingCode

_SECURITY = "security of the message at fault"

_SAID: Mapping[CodeList, Mapping[str, str]] = {
    CodeList.NOTE: {
        "000": "no error",
        "011": "authorization information invalid",
        "013": "security information invalid",
        "016": "version not of this standard",
    },
    CodeList.GROUP: {str(code): _SECURITY for code in (*range(10, 19), *range(20, 27))},
    CodeList.TRANSACTION_SET: {
        "5": "segments in error",
        **{
            str(code): _SECURITY
            for code in (*range(8, 14), *range(15, 18), *range(20, 23), *range(24, 28))
        },
        "19": "implementation guide invalid or not supported",
        "I5": "the implementation guide is not kept in some segments",
        "I6": "the implementation guide is not supported",
    },
    CodeList.SEGMENT: {
        "I4": "the implementation guide does not use this segment",
        "I6": "the implementation guide wants this segment, which is missing",
        "I7": "the implementation guide wants this loop more often",
        "I8": "the implementation guide wants this segment more often",
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
"""Codes that no finding of ours becomes, and those of 999s that speak of a guide."""

_CALLED: Mapping[tuple[CodeList, str], FindingCode] = {
    (CodeList.SEGMENT, "I6"): FindingCode.MANDATORY_SEGMENT_MISSING,
    (CodeList.SEGMENT, "I8"): FindingCode.SEGMENT_UNDER_MINIMUM,
    (CodeList.SEGMENT, "I9"): FindingCode.SEGMENT_NOT_USED,
    (CodeList.ELEMENT, "I12"): FindingCode.PATTERN_DIFFERS,
    (CodeList.ELEMENT, "I13"): FindingCode.ELEMENT_NOT_USED,
}
"""What we would call codes that we never write, or write for several findings."""


def finding_of(code_list: CodeList, code: str) -> FindingCode | None:
    """Return the finding that we would call what a code says, or None where we have none."""
    if (code_list, code) in _CALLED:
        return _CALLED[code_list, code]
    return next(
        (
            finding
            for finding, projected in CODES.items()
            if projected is not None
            and projected.code_list is code_list
            and code in projected.codes
        ),
        None,
    )


def meaning(code_list: CodeList, code: str) -> str:
    """Say in words what a code means; one that nobody knows is given as it stands."""
    bare = code.strip()
    told = _SAID[code_list].get(bare)
    if told is not None:
        return told
    finding = finding_of(code_list, bare)
    if finding is not None:
        return finding.replace("_", " ")
    return f"code '{bare}' of list {code_list}" if bare else "no code that says why"
