"""The shapes of answers: the server writes them, and OpenAPI describes them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from gateway.canonical import DOCUMENTS
from gateway.findings import Level, Severity
from gateway.pipeline.reconciliation_records import AcknowledgedLevel, Standing
from gateway.pipeline.states import (
    AcknowledgmentStatus,
    AwaitedStatus,
    DeliveryState,
    DeliveryStatus,
    OutgoingState,
    ValidationStatus,
    WaitingState,
)

TOLD = tuple(
    dict.fromkeys(one.value for kind in (AcknowledgmentStatus, AwaitedStatus) for one in kind)
)
"""Every value of the third status: whether the partner was told, or what it has told us."""

Told = Annotated[str, Field(json_schema_extra={"enum": list(TOLD)})]
DocumentType = Annotated[str, Field(json_schema_extra={"enum": list(DOCUMENTS)})]
Direction = Annotated[str, Field(json_schema_extra={"enum": ["in", "out"]})]
Usage = Annotated[str, Field(json_schema_extra={"enum": ["P", "T", "I"]})]


class Shape(BaseModel):
    """The base of all shapes: a field that says nothing is absent, never null."""

    model_config = ConfigDict(frozen=True, use_attribute_docstrings=True)


class Fault(Shape):
    """One thing that is wrong, and where."""

    pointer: str | None = None
    """Where in the body: a JSON Pointer, such as /lines/0/unit."""
    parameter: str | None = None
    """Which parameter of the query."""
    header: str | None = None
    """Which header."""
    detail: str
    """What is wrong, and what was expected."""


class Problem(Shape):
    """Why a call was not answered as it was meant (RFC 9457)."""

    type: str
    """What kind of problem: a URN that keeps its meaning."""
    title: str
    """The kind in words; the same for all of this kind."""
    status: int
    """The status of the answer."""
    detail: str
    """What is wrong this time, and what to do."""
    faults: list[Fault] | None = None
    """Everything that is wrong, the first hundred of it."""
    faults_in_all: int | None = None
    """How many things are wrong."""


class Health(Shape):
    """Whether the gateway can be called."""

    alive: bool
    """It answers."""
    ready: bool
    """Its database answers it."""


class Status(Shape):
    """How far a document is, in each of three respects that fail separately."""

    validation: ValidationStatus
    """What validation said."""
    delivery: DeliveryStatus
    """How far it is on its way; `quarantined` and `dead` wait for a person."""
    acknowledgment: Told
    """Of what came in: whether the partner was told. Of what went out: what it has told us."""


class Submitted(Shape):
    """A document was taken, and is durable: it is sent once, whatever happens."""

    id: str
    """Our number for the document."""
    location: str
    """Where to ask what becomes of it."""
    state: WaitingState
    """`enveloped`: it goes out now. `waiting`, `held`: it goes out later. `quarantined`: it is not
    fit to leave, and waits for a person. `refused`: a person gave it up."""
    status: Status
    because: str | None = None
    """Why it waits for a person."""


class Finding(Shape):
    """Something that was found in a document."""

    code: str
    """What, by its meaning, such as code_not_in_list."""
    level: Level
    """Which part of an interchange it is about."""
    severity: Severity
    """What the agreement makes of it; `reject` keeps the document from going on."""
    field: str | None = None
    """JSON Pointer of our field, where that is known."""
    place: str | None = None
    """Where in the X12, such as W0502."""
    value: str | None = None
    """What stands there."""
    detail: str
    """What was expected."""


class Draft(Shape):
    """What would be sent: nothing was kept, and no control number was taken."""

    set: str
    """Transaction set, such as 940."""
    version: str
    """GS08."""
    usage: Usage
    """ISA15."""
    map: str
    """The map that wrote it."""
    would_leave: bool
    """False where a finding keeps it here: it would wait for a person."""
    because: str | None = None
    """Why it would not leave."""
    findings: list[Finding]
    x12: str
    """The whole interchange, under control numbers that are not its own yet."""


class Key(Shape):
    """A number that people know a document by."""

    name: str
    """Such as purchase_order_number."""
    value: str


class Summary(Shape):
    """A document in a list."""

    id: str
    """Our number for the document."""
    location: str
    """Where the whole of it is."""
    direction: Direction
    """`in` came from the partner, `out` goes to it."""
    type: DocumentType | None = None
    """Absent where it could not be translated, and of acknowledgments."""
    partner: str
    """The partner's id."""
    set: str
    """Transaction set, such as 940."""
    x12_version: str
    """GS08."""
    usage: str
    """ISA15: P production, T test, I information."""
    received_at: datetime
    """When it came in or was submitted."""
    name: str
    """The file that it came in, or what it was submitted as."""
    keys: list[Key]
    """The numbers that it is found by."""
    status: Status
    reason: str | None = None
    """Why it waits for a person, by its meaning."""
    because: str | None = None
    """Why, in a sentence."""
    owner: str | None = None
    """Who acts."""


class Documents(Shape):
    """Documents, newest first."""

    documents: list[Summary]
    next: str | None = None
    """The `cursor` of the next page; absent on the last."""


class Attempt(Shape):
    """One try at a delivery."""

    number: int
    started_at: datetime
    ended_at: datetime | None = None
    outcome: str
    answer: str
    """What the destination said, or why there was no answer."""


class Delivery(Shape):
    """The obligation to hand a document to one destination."""

    destination: str
    state: DeliveryState
    generation: int
    """Counts what was deliberately delivered anew."""
    due_at: datetime
    """When it is tried next, or was tried last."""
    idempotency_key: str
    """The key that the destination gets it under."""
    last_error: str | None = None
    attempts: list[Attempt]


class Interchange(Shape):
    """The X12 envelope that a document came in, or goes out in."""

    control_number: str
    """ISA13."""
    group_control_number: str
    """GS06."""
    set_control_number: str
    """ST02."""
    sender: str
    receiver: str
    state: str
    """How far it is."""
    sent_at: datetime | None = None


class Waiting(Shape):
    """What a document of ours waits for, before it is in an interchange."""

    state: WaitingState
    due_at: datetime
    """When it goes out at the latest, unless it is held."""
    because: str | None = None
    """Why a person holds it, or all that goes to the partner."""


class OurAcknowledgment(Shape):
    """What we told the partner of what it sent."""

    kind: str
    """997, TA1, or TA1+997."""
    control_number: str
    """Its own ISA13."""
    state: OutgoingState
    sent_at: datetime | None = None


class TheirAcknowledgment(Shape):
    """What the partner said of what we sent."""

    kind: str
    """997, 999, TA1 or MDN."""
    at: datetime
    level: AcknowledgedLevel
    """What it is about."""
    verdict: str | None = None
    standing: Standing
    """Whether it counts."""
    detail: str


class Acknowledgment(Shape):
    """Who has told whom what of the document."""

    status: Told
    due_at: datetime | None = None
    """When the partner's is overdue."""
    sent: list[OurAcknowledgment]
    received: list[TheirAcknowledgment]


class Entry(Shape):
    """Something that happened to a document, or to what carries it."""

    at: datetime
    subject: str
    verb: str
    detail: str


class Document(Summary):
    """A document with everything that is known of it."""

    content: dict[str, Any] | None = None
    """The canonical document; its schema is at /api/v1/schemas/{type}/{version}."""
    map: str | None = None
    """The map that translated it."""
    map_version: str | None = None
    """The hash of all that translated it: map, tables, guide and schema."""
    raw: str
    """Where its X12 is."""
    interchange: Interchange | None = None
    """Absent while it waits for one."""
    waiting: Waiting | None = None
    findings: list[Finding]
    deliveries: list[Delivery]
    acknowledgment: Acknowledgment
    related: list[Summary]
    """The other documents of the same order, oldest first."""
    timeline: list[Entry]


class Done(Shape):
    """What became of what was asked for."""

    id: str
    """The document."""
    done: bool
    """False where nothing was to do: all is as it was asked for."""
    what: str
    """What was done, in a sentence."""
