"""What a stage returned: a closed vocabulary, so that no stage sets a state by itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from gateway.findings import Finding


class Reason(StrEnum):
    """Why something waits for a person, by meaning; the sentence beside it says the particulars."""

    INCOMPLETE = "incomplete"
    UNREADABLE = "unreadable"
    SENDER_UNKNOWN = "sender_unknown"
    RECEIVER_UNKNOWN = "receiver_unknown"
    SENDER_ELSEWHERE = "sender_elsewhere"
    CONTROL_NUMBER_REUSED = "control_number_reused"
    AGREEMENT_CHANGED = "agreement_changed"
    NOT_TRANSLATED = "not_translated"
    NOT_FIT_TO_SEND = "not_fit_to_send"
    REJECTED_BY_PARTNER = "rejected_by_partner"
    SAME_CONTENT = "same_content"
    HELD_BY_GUIDE = "held_by_guide"
    NUMBERS_MISSING = "numbers_missing"
    RECORD_REFUSED = "record_refused"
    NO_MAP = "no_map"
    NO_ROUTE = "no_route"
    ATTEMPTS_USED_UP = "attempts_used_up"
    NOT_SHAPED = "not_shaped"
    REFUSED_BY_DESTINATION = "refused_by_destination"
    DOCUMENT_REFUSED = "document_refused"
    STOPPED_THE_PROCESS = "stopped_the_process"
    BUG = "bug"


RELEASABLE = frozenset({Reason.SAME_CONTENT, Reason.HELD_BY_GUIDE})
"""Why a document that came in waits for a person though nothing of it has to be mended."""


@dataclass(frozen=True, slots=True)
class Advance:
    """Go on: the stage did what its verb says."""

    verb: str
    keys: tuple[tuple[str, str], ...] = ()
    """What the other side calls a document that it took: name and value."""


@dataclass(frozen=True, slots=True)
class Reject:
    """The partner's data is refused; the acknowledgment says why."""

    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Retry:
    """The world is briefly unwell: the same again after a pause."""

    after: timedelta
    because: str
    asked: bool = False
    """The other side named the pause (`Retry-After`), and so means everybody."""


@dataclass(frozen=True, slots=True)
class Quarantine:
    """Waits for a person."""

    reason: Reason
    because: str
    traceback: str | None = None


@dataclass(frozen=True, slots=True)
class Duplicate:
    """The same interchange has been seen before; `of` is the id of the first one."""

    of: str


Outcome = Advance | Reject | Retry | Quarantine | Duplicate
