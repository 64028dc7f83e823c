"""What can be wrong in a trading partner's data, named by meaning.

A `Finding` is a value: validators return it, nothing raises it. Which acknowledgment code a finding
becomes is decided in one table, `gateway.acks.codes`; whether it leads to a rejection is decided by
the agreement with the partner. This module only names faults and says where they are.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """The part of an interchange that a finding is about."""

    INTERCHANGE = "interchange"
    GROUP = "group"
    TRANSACTION_SET = "transaction_set"
    SEGMENT = "segment"
    ELEMENT = "element"
    DOCUMENT = "document"
    """Valid X12 that cannot become a document: never an acknowledgment error."""


class Severity(StrEnum):
    """What an agreement makes of a finding; the validator that returned it never decides this."""

    IGNORE = "ignore"
    """Keep it in the ledger only."""
    NOTE = "note"
    """Report it in the acknowledgment and take the transaction set."""
    REJECT = "reject"
    """Report it in the acknowledgment and refuse the transaction set."""


class Forwarding(StrEnum):
    """What a partner's guide makes of the document in which a rule is broken."""

    GO_ON = "go_on"
    """It is delivered."""
    HOLD = "hold"
    """It waits for a person."""


class FindingCode(StrEnum):
    """Each fault by its meaning; the prefix of the comment block is its level."""

    # Interchange: ISA, IEA and what stands between groups.
    INTERCHANGE_WIDTHS_WRONG = "interchange_widths_wrong"
    INTERCHANGE_TRAILER_MISSING = "interchange_trailer_missing"
    INTERCHANGE_CONTROL_NUMBERS_DIFFER = "interchange_control_numbers_differ"
    INTERCHANGE_CONTROL_NUMBER_INVALID = "interchange_control_number_invalid"
    INTERCHANGE_DUPLICATE = "interchange_duplicate"
    GROUP_COUNT_WRONG = "group_count_wrong"
    AUTHORIZATION_QUALIFIER_INVALID = "authorization_qualifier_invalid"
    SECURITY_QUALIFIER_INVALID = "security_qualifier_invalid"
    SENDER_QUALIFIER_INVALID = "sender_qualifier_invalid"
    SENDER_ID_INVALID = "sender_id_invalid"
    SENDER_UNKNOWN = "sender_unknown"
    RECEIVER_QUALIFIER_INVALID = "receiver_qualifier_invalid"
    RECEIVER_ID_INVALID = "receiver_id_invalid"
    RECEIVER_UNKNOWN = "receiver_unknown"
    INTERCHANGE_DATE_INVALID = "interchange_date_invalid"
    INTERCHANGE_TIME_INVALID = "interchange_time_invalid"
    INTERCHANGE_STANDARD_INVALID = "interchange_standard_invalid"
    INTERCHANGE_VERSION_INVALID = "interchange_version_invalid"
    INTERCHANGE_VERSION_NOT_SUPPORTED = "interchange_version_not_supported"
    ACKNOWLEDGMENT_REQUESTED_INVALID = "acknowledgment_requested_invalid"
    USAGE_INDICATOR_INVALID = "usage_indicator_invalid"
    SEGMENT_TERMINATOR_INVALID = "segment_terminator_invalid"
    ELEMENT_SEPARATOR_INVALID = "element_separator_invalid"
    COMPONENT_SEPARATOR_INVALID = "component_separator_invalid"
    CONTROL_STRUCTURE_INVALID = "control_structure_invalid"
    INTERCHANGE_CONTENT_INVALID = "interchange_content_invalid"

    # Functional group: GS and GE.
    GROUP_NOT_SUPPORTED = "group_not_supported"
    GROUP_VERSION_NOT_SUPPORTED = "group_version_not_supported"
    GROUP_TRAILER_MISSING = "group_trailer_missing"
    GROUP_CONTROL_NUMBERS_DIFFER = "group_control_numbers_differ"
    TRANSACTION_SET_COUNT_WRONG = "transaction_set_count_wrong"
    GROUP_CONTROL_NUMBER_INVALID = "group_control_number_invalid"
    GROUP_CONTROL_NUMBER_REPEATED = "group_control_number_repeated"
    GROUP_HEADER_INVALID = "group_header_invalid"
    GROUP_CONTENT_INVALID = "group_content_invalid"
    """Segments stand between the transaction sets, where none may."""

    # Transaction set: ST and SE.
    TRANSACTION_SET_NOT_SUPPORTED = "transaction_set_not_supported"
    TRANSACTION_SET_TRAILER_MISSING = "transaction_set_trailer_missing"
    TRANSACTION_SET_CONTROL_NUMBERS_DIFFER = "transaction_set_control_numbers_differ"
    SEGMENT_COUNT_WRONG = "segment_count_wrong"
    TRANSACTION_SET_ID_INVALID = "transaction_set_id_invalid"
    TRANSACTION_SET_CONTROL_NUMBER_INVALID = "transaction_set_control_number_invalid"
    TRANSACTION_SET_CONTROL_NUMBER_REPEATED = "transaction_set_control_number_repeated"
    TRANSACTION_SET_NOT_IN_GROUP = "transaction_set_not_in_group"

    # Segment.
    SEGMENT_UNKNOWN = "segment_unknown"
    SEGMENT_UNEXPECTED = "segment_unexpected"
    MANDATORY_SEGMENT_MISSING = "mandatory_segment_missing"
    LOOP_OVER_MAXIMUM = "loop_over_maximum"
    SEGMENT_OVER_MAXIMUM = "segment_over_maximum"
    SEGMENT_NOT_IN_SET = "segment_not_in_set"
    SEGMENT_OUT_OF_SEQUENCE = "segment_out_of_sequence"
    SEGMENT_EMPTY = "segment_empty"
    SEGMENT_NOT_USED = "segment_not_used"
    """The standard has a place for it, the partner's guide has not."""
    SEGMENT_UNDER_MINIMUM = "segment_under_minimum"
    LOOP_UNDER_MINIMUM = "loop_under_minimum"

    # Element, component or repetition.
    MANDATORY_ELEMENT_MISSING = "mandatory_element_missing"
    CONDITIONAL_ELEMENT_MISSING = "conditional_element_missing"
    TOO_MANY_ELEMENTS = "too_many_elements"
    TOO_MANY_COMPONENTS = "too_many_components"
    TOO_MANY_REPETITIONS = "too_many_repetitions"
    ELEMENT_TOO_SHORT = "element_too_short"
    ELEMENT_TOO_LONG = "element_too_long"
    INVALID_CHARACTER = "invalid_character"
    CODE_NOT_IN_LIST = "code_not_in_list"
    INVALID_DATE = "invalid_date"
    INVALID_TIME = "invalid_time"
    ELEMENTS_MUTUALLY_EXCLUSIVE = "elements_mutually_exclusive"
    ELEMENT_NOT_USED = "element_not_used"
    PATTERN_DIFFERS = "pattern_differs"
    CONTROL_TOTAL_WRONG = "control_total_wrong"
    """A total of a set does not agree with its lines."""
    CHECK_DIGIT_WRONG = "check_digit_wrong"
    LEVEL_OUT_OF_PLACE = "level_out_of_place"
    """A hierarchical level has a number, parent or kind that it cannot have there."""

    # Document: valid X12 that the map or the canonical model cannot take.
    VALUE_NOT_CONVERTIBLE = "value_not_convertible"
    CODE_NOT_IN_TABLE = "code_not_in_table"
    REQUIRED_FIELD_MISSING = "required_field_missing"
    CONSTANT_DIFFERS = "constant_differs"
    TOTAL_DIFFERS = "total_differs"
    WORD_KEPT = "word_kept"
    """No code or word of a table that lets pass what it does not know."""
    HIERARCHY_BROKEN = "hierarchy_broken"
    FIELD_NOT_MAPPED = "field_not_mapped"
    """The map has no position for this field of the document: it is not written."""
    READ_AS_ANOTHER_FIELD = "read_as_another_field"
    """What is written for this entry of a list is what the map reads into another field."""
    NOTHING_RECALLED = "nothing_recalled"
    """No earlier document says what the map wants to take from one."""
    DOCUMENT_INVALID = "document_invalid"

    @property
    def level(self) -> Level:
        """Say which part of an interchange this code is about."""
        return _LEVELS[self]


def _levels() -> dict[FindingCode, Level]:
    """Derive each code's level from where its block starts in the enumeration."""
    first_of = {
        FindingCode.INTERCHANGE_WIDTHS_WRONG: Level.INTERCHANGE,
        FindingCode.GROUP_NOT_SUPPORTED: Level.GROUP,
        FindingCode.TRANSACTION_SET_NOT_SUPPORTED: Level.TRANSACTION_SET,
        FindingCode.SEGMENT_UNKNOWN: Level.SEGMENT,
        FindingCode.MANDATORY_ELEMENT_MISSING: Level.ELEMENT,
        FindingCode.VALUE_NOT_CONVERTIBLE: Level.DOCUMENT,
    }
    levels: dict[FindingCode, Level] = {}
    level = Level.INTERCHANGE
    for code in FindingCode:
        level = first_of.get(code, level)
        levels[code] = level
    return levels


_LEVELS = _levels()


@dataclass(frozen=True, slots=True)
class Location:
    """Where in a payload something stands; what does not apply is None.

    Positions count from one, as acknowledgments do: ST is segment position 1 of its set, the first
    element after the segment id is element 1. `offset` counts bytes from the payload's first byte.
    """

    interchange: str | None = None
    """ISA13."""
    group: str | None = None
    """GS06."""
    transaction_set: str | None = None
    """ST02."""
    segment_position: int | None = None
    segment_id: str | None = None
    loop: str | None = None
    """The schema's loop identifier, such as 0310."""
    element: int | None = None
    repetition: int | None = None
    component: int | None = None
    offset: int | None = None

    @property
    def reference(self) -> str:
        """Name the position as people write it: `W05`, `W0502`, `SV101-2`."""
        if self.segment_id is None:
            return ""
        text = self.segment_id
        if self.element is not None:
            text += f"{self.element:02d}"
        if self.component is not None:
            text += f"-{self.component}"
        return text


@dataclass(frozen=True, slots=True)
class GuideRule:
    """The rule of a partner's guide that a finding breaks, and what the guide makes of it.

    What the partner is told and what becomes of the document are set apart from each other.
    """

    name: str
    """A place, such as `N1*ST/N104`, or a rule by its name, such as `ctt_line_count`."""
    guide: str
    """Whose guide for what, such as `northstar-3pl's guide for 945`."""
    file: str
    line: int
    acknowledgment: Severity | None = None
    """What the acknowledgment makes of it; None leaves that to the agreement."""
    forwarding: Forwarding | None = None
    """What becomes of the document, whatever the partner is told; None for what follows from it:
    what is rejected becomes none, and what is accepted goes on."""

    def __str__(self) -> str:
        return f"rule {self.name} of {self.guide}, {self.file}:{self.line}"


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault in someone's data: what, where, which value, and a sentence a person can act on."""

    code: FindingCode
    location: Location = Location()
    value: str | None = None
    """The offending value as received, for the person who must correct it."""
    detail: str = ""
    """What was expected, in words; never the whole segment."""
    data_element: str | None = None
    """The element's number in the X12 dictionary, such as 373."""
    field: str | None = None
    """JSON Pointer of the canonical field, for findings at document level."""
    judged_by: str | None = None
    """The version of the schema that made this finding, where the set is of another version, which
    has none, and the difference between the two may be all there is to it."""
    rule: GuideRule | None = None
    """The rule of a partner's guide that it breaks; None where it breaks the standard's."""

    @property
    def held(self) -> bool:
        """Say whether a guide has the document wait for a person because of it."""
        return self.rule is not None and self.rule.forwarding is Forwarding.HOLD

    @property
    def level(self) -> Level:
        """Say which part of an interchange this finding is about."""
        return self.code.level
