"""Which acknowledgment code each finding becomes: the only place where codes are known.

The table is total: a finding has a code, or the table says that the acknowledgment cannot say it.
Findings of the interchange go into a TA1, those of a group into AK9, of a transaction set into AK5,
of a segment into AK3 and of an element into AK4; in a 999 into IK5, IK3 and IK4, which have codes
of their own (I…) for what an implementation guide asks beyond the standard.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from gateway.acks.forms import Form
from gateway.findings import Finding, FindingCode


class CodeList(StrEnum):
    """The code lists of TA1 and 997, by their data element number.

    Those of the 999 (618, 620, 621) hold the same codes with the same meanings, and more.
    """

    NOTE = "I18"
    """TA105."""
    GROUP = "716"
    """AK905 to AK909."""
    TRANSACTION_SET = "718"
    """AK502 to AK506; 618 in IK502 to IK506."""
    SEGMENT = "720"
    """AK304; 620 in IK304."""
    ELEMENT = "723"
    """AK403; 621 in IK403."""


@dataclass(frozen=True, slots=True)
class Projection:
    """A finding's place and code in an acknowledgment."""

    code_list: CodeList
    code: str
    before_005010: str | None = None
    """The nearest code where the acknowledgment is of a version that does not have this one."""
    in_999: str | None = None
    """The code of a 999, where only a guide asks for this at all."""
    of_guide: str | None = None
    """The code of a 999 where a guide asks for it and not the standard."""

    def code_in(self, form: Form, *, by_guide: bool = False) -> str:
        """Return the code for an acknowledgment of a form; `by_guide`: a guide's rule is broken."""
        if form.is_999:
            return self.in_999 or (self.of_guide if by_guide else None) or self.code
        return self.code if form.is_later else self.before_005010 or self.code

    @property
    def codes(self) -> frozenset[str]:
        """Return every code that says it, in any acknowledgment."""
        every = (self.code, self.before_005010, self.in_999, self.of_guide)
        return frozenset(one for one in every if one is not None)


CANNOT_SAY = None
"""No acknowledgment that we send has words for this finding."""

CODES: Mapping[FindingCode, Projection | None] = {
    FindingCode.INTERCHANGE_WIDTHS_WRONG: Projection(CodeList.NOTE, "022"),
    FindingCode.INTERCHANGE_TRAILER_MISSING: Projection(CodeList.NOTE, "023"),
    FindingCode.INTERCHANGE_CONTROL_NUMBERS_DIFFER: Projection(CodeList.NOTE, "001"),
    FindingCode.INTERCHANGE_CONTROL_NUMBER_INVALID: Projection(CodeList.NOTE, "018"),
    FindingCode.INTERCHANGE_DUPLICATE: Projection(CodeList.NOTE, "025"),
    FindingCode.GROUP_COUNT_WRONG: Projection(CodeList.NOTE, "021"),
    FindingCode.AUTHORIZATION_QUALIFIER_INVALID: Projection(CodeList.NOTE, "010"),
    FindingCode.SECURITY_QUALIFIER_INVALID: Projection(CodeList.NOTE, "012"),
    FindingCode.SENDER_QUALIFIER_INVALID: Projection(CodeList.NOTE, "005"),
    FindingCode.SENDER_ID_INVALID: Projection(CodeList.NOTE, "006"),
    # There is a code for an unknown receiver only; an unknown sender's id is an invalid one.
    FindingCode.SENDER_UNKNOWN: Projection(CodeList.NOTE, "006"),
    FindingCode.RECEIVER_QUALIFIER_INVALID: Projection(CodeList.NOTE, "007"),
    FindingCode.RECEIVER_ID_INVALID: Projection(CodeList.NOTE, "008"),
    FindingCode.RECEIVER_UNKNOWN: Projection(CodeList.NOTE, "009"),
    FindingCode.INTERCHANGE_DATE_INVALID: Projection(CodeList.NOTE, "014"),
    FindingCode.INTERCHANGE_TIME_INVALID: Projection(CodeList.NOTE, "015"),
    FindingCode.INTERCHANGE_STANDARD_INVALID: Projection(CodeList.NOTE, "002"),
    FindingCode.INTERCHANGE_VERSION_INVALID: Projection(CodeList.NOTE, "017"),
    FindingCode.INTERCHANGE_VERSION_NOT_SUPPORTED: Projection(CodeList.NOTE, "003"),
    FindingCode.ACKNOWLEDGMENT_REQUESTED_INVALID: Projection(CodeList.NOTE, "019"),
    FindingCode.USAGE_INDICATOR_INVALID: Projection(CodeList.NOTE, "020"),
    FindingCode.SEGMENT_TERMINATOR_INVALID: Projection(CodeList.NOTE, "004"),
    FindingCode.ELEMENT_SEPARATOR_INVALID: Projection(CodeList.NOTE, "026"),
    FindingCode.COMPONENT_SEPARATOR_INVALID: Projection(CodeList.NOTE, "027"),
    FindingCode.CONTROL_STRUCTURE_INVALID: Projection(CodeList.NOTE, "022"),
    FindingCode.INTERCHANGE_CONTENT_INVALID: Projection(CodeList.NOTE, "024"),
    FindingCode.GROUP_NOT_SUPPORTED: Projection(CodeList.GROUP, "1"),
    FindingCode.GROUP_VERSION_NOT_SUPPORTED: Projection(CodeList.GROUP, "2"),
    FindingCode.GROUP_TRAILER_MISSING: Projection(CodeList.GROUP, "3"),
    FindingCode.GROUP_CONTROL_NUMBERS_DIFFER: Projection(CodeList.GROUP, "4"),
    FindingCode.TRANSACTION_SET_COUNT_WRONG: Projection(CodeList.GROUP, "5"),
    FindingCode.GROUP_CONTROL_NUMBER_INVALID: Projection(CodeList.GROUP, "6"),
    FindingCode.GROUP_CONTROL_NUMBER_REPEATED: Projection(CodeList.GROUP, "19"),
    # AK9 has no code for a GS that is wrong elsewhere; TA1 has one for content between envelopes.
    FindingCode.GROUP_HEADER_INVALID: Projection(CodeList.NOTE, "024"),
    FindingCode.GROUP_CONTENT_INVALID: Projection(CodeList.NOTE, "024"),
    FindingCode.TRANSACTION_SET_NOT_SUPPORTED: Projection(CodeList.TRANSACTION_SET, "1"),
    FindingCode.TRANSACTION_SET_TRAILER_MISSING: Projection(CodeList.TRANSACTION_SET, "2"),
    FindingCode.TRANSACTION_SET_CONTROL_NUMBERS_DIFFER: Projection(CodeList.TRANSACTION_SET, "3"),
    FindingCode.SEGMENT_COUNT_WRONG: Projection(CodeList.TRANSACTION_SET, "4"),
    FindingCode.TRANSACTION_SET_ID_INVALID: Projection(CodeList.TRANSACTION_SET, "6"),
    FindingCode.TRANSACTION_SET_CONTROL_NUMBER_INVALID: Projection(CodeList.TRANSACTION_SET, "7"),
    FindingCode.TRANSACTION_SET_CONTROL_NUMBER_REPEATED: Projection(CodeList.TRANSACTION_SET, "23"),
    FindingCode.TRANSACTION_SET_NOT_IN_GROUP: Projection(
        CodeList.TRANSACTION_SET, "18", before_005010="6"
    ),
    FindingCode.SEGMENT_UNKNOWN: Projection(CodeList.SEGMENT, "1"),
    FindingCode.SEGMENT_UNEXPECTED: Projection(CodeList.SEGMENT, "2"),
    FindingCode.MANDATORY_SEGMENT_MISSING: Projection(CodeList.SEGMENT, "3", of_guide="I8"),
    FindingCode.LOOP_OVER_MAXIMUM: Projection(CodeList.SEGMENT, "4"),
    FindingCode.SEGMENT_OVER_MAXIMUM: Projection(CodeList.SEGMENT, "5"),
    FindingCode.SEGMENT_NOT_IN_SET: Projection(CodeList.SEGMENT, "6"),
    FindingCode.SEGMENT_OUT_OF_SEQUENCE: Projection(CodeList.SEGMENT, "7"),
    # A segment without elements has an error in its elements: none of them is there.
    FindingCode.SEGMENT_EMPTY: Projection(CodeList.SEGMENT, "8"),
    # A 997 has no codes for what only a guide asks for: the nearest of the standard's is said.
    # A 999 has: I4 and I10 for what a guide does not use, I7 and I8 for what it asks for more of,
    # I9 for what it requires, I6 for a code that it does not take, I12 for a value not as it wants.
    FindingCode.SEGMENT_NOT_USED: Projection(CodeList.SEGMENT, "2", in_999="I4"),
    FindingCode.SEGMENT_UNDER_MINIMUM: Projection(CodeList.SEGMENT, "3", in_999="I8"),
    FindingCode.LOOP_UNDER_MINIMUM: Projection(CodeList.SEGMENT, "3", in_999="I7"),
    FindingCode.MANDATORY_ELEMENT_MISSING: Projection(CodeList.ELEMENT, "1", of_guide="I9"),
    FindingCode.CONDITIONAL_ELEMENT_MISSING: Projection(CodeList.ELEMENT, "2"),
    FindingCode.TOO_MANY_ELEMENTS: Projection(CodeList.ELEMENT, "3"),
    FindingCode.TOO_MANY_COMPONENTS: Projection(CodeList.ELEMENT, "13", before_005010="3"),
    FindingCode.TOO_MANY_REPETITIONS: Projection(CodeList.ELEMENT, "12", before_005010="3"),
    FindingCode.ELEMENT_TOO_SHORT: Projection(CodeList.ELEMENT, "4"),
    FindingCode.ELEMENT_TOO_LONG: Projection(CodeList.ELEMENT, "5"),
    FindingCode.INVALID_CHARACTER: Projection(CodeList.ELEMENT, "6"),
    FindingCode.CODE_NOT_IN_LIST: Projection(CodeList.ELEMENT, "7", of_guide="I6"),
    FindingCode.INVALID_DATE: Projection(CodeList.ELEMENT, "8"),
    FindingCode.INVALID_TIME: Projection(CodeList.ELEMENT, "9"),
    FindingCode.ELEMENTS_MUTUALLY_EXCLUSIVE: Projection(CodeList.ELEMENT, "10"),
    FindingCode.ELEMENT_NOT_USED: Projection(CodeList.ELEMENT, "10", in_999="I10"),
    FindingCode.PATTERN_DIFFERS: Projection(CodeList.ELEMENT, "7", in_999="I12"),
    FindingCode.CONTROL_TOTAL_WRONG: Projection(CodeList.ELEMENT, "7", in_999="I12"),
    FindingCode.CHECK_DIGIT_WRONG: Projection(CodeList.ELEMENT, "7", in_999="I12"),
    FindingCode.LEVEL_OUT_OF_PLACE: Projection(CodeList.ELEMENT, "7", in_999="I12"),
    # The set is valid X12: that we cannot take it is said by an 824 or a person, never by a 997.
    FindingCode.VALUE_NOT_CONVERTIBLE: CANNOT_SAY,
    FindingCode.CODE_NOT_IN_TABLE: CANNOT_SAY,
    FindingCode.REQUIRED_FIELD_MISSING: CANNOT_SAY,
    FindingCode.CONSTANT_DIFFERS: CANNOT_SAY,
    FindingCode.TOTAL_DIFFERS: CANNOT_SAY,
    FindingCode.WORD_KEPT: CANNOT_SAY,
    FindingCode.HIERARCHY_BROKEN: CANNOT_SAY,
    FindingCode.FIELD_NOT_MAPPED: CANNOT_SAY,
    FindingCode.READ_AS_ANOTHER_FIELD: CANNOT_SAY,
    FindingCode.NOTHING_RECALLED: CANNOT_SAY,
    FindingCode.DOCUMENT_INVALID: CANNOT_SAY,
}


def code_of(finding: Finding, projected: Projection, form: Form) -> str:
    """Return the code of a finding in an acknowledgment of a form."""
    return projected.code_in(form, by_guide=finding.rule is not None)


def projection(code: FindingCode, code_list: CodeList) -> Projection | None:
    """Return what a finding becomes in a code list, or None where that list has no place for it."""
    found = CODES[code]
    return found if found is not None and found.code_list is code_list else None
