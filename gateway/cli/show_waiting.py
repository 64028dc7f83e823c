"""Shows one thing that waits for a person: why, from whom, how it begins, what can be done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from rich.markup import escape

from gateway.cli.showing import print_facts
from gateway.cli.terminal import printable, results
from gateway.pipeline.outcome import Reason

_SHOWN_BYTES = 600
"""How much of the content is shown; `--raw` prints all of it."""

_ASK_AGAIN = "ask the sender for it again and refuse this one; once `accept:` of the partner, or \
the limits in gateway.yaml, let it be read, release it"
_MEND = "keep it, report the fault to whoever looks after the gateway; once mended, release it"

_WHAT_TO_DO: Mapping[str, str] = {
    Reason.INCOMPLETE: _ASK_AGAIN,
    Reason.UNREADABLE: _ASK_AGAIN,
    Reason.SENDER_UNKNOWN: "add the sender to the `identities` of a file in partners/, then "
    "release it; or refuse it",
    Reason.SENDER_ELSEWHERE: "release it to take it from this folder this time; or refuse it",
    Reason.CONTROL_NUMBER_REUSED: "release it to take it under the same number, as other "
    "content; or refuse it and ask the sender for a new number",
    Reason.AGREEMENT_CHANGED: "restore what was agreed with the partner when it came, release "
    "it, and change the agreement once it is read; or refuse it: what was delivered stays",
    Reason.SAME_CONTENT: "release it to deliver it all the same; or refuse it",
    Reason.RECORD_REFUSED: "mend the record in its source, or the export, the partner or the map: "
    "every run of the export tries it again; or refuse it",
    Reason.HELD_BY_GUIDE: "release it to deliver it all the same; or refuse it, and ask the "
    "partner to send it as the guide says",
    Reason.STOPPED_THE_PROCESS: _MEND,
    Reason.BUG: _MEND,
}
OURS = "document of ours"
"""A document that goes out, in the list of what waits."""

RECORD = "export record"
"""A record of a source that an export could not make a document of."""

REPEATED = "document"
"""A document that came in: it has the content of one before, or a guide holds it."""

_REWRITE = "mend its map or the agreement, then `gateway outbound rewrite {}`; or refuse it"
_REJECTED = "mend its map or the document's source, then `gateway outbound rewrite {0}`; or agree \
with the partner and `gateway outbound resend {0}`; or refuse it"
_SEND_AGAIN = "see that the partner's folder can be written, then release it"


@dataclass(frozen=True, slots=True)
class Waiting:
    """Something that waits for a person; the names of fields are those that `--json` prints."""

    id: str
    kind: str
    received: datetime
    partner: str
    """Who sent it, or else through whose folder it came."""
    name: str
    """The control number of an interchange; of the others, the name of their file."""
    file: str
    control_number: str
    sender: str
    receiver: str
    state: str
    reason: str
    code: str
    owner: str
    payload_id: str
    start: int
    end: int


def print_waiting(one: Waiting, content: bytes) -> None:
    """Print what is known of something that waits."""
    console = results()
    console.print(f"[bold]{one.kind} {one.state}[/]  {one.id}")
    parties = f"{one.sender} → {one.receiver}" if one.sender else ""
    facts = {
        "record" if one.kind == RECORD else "file": one.file,
        "partner": one.partner,
        "sent": parties,
        "ISA13": one.control_number,
        "since": f"{one.received:%Y-%m-%d %H:%M:%S %Z}",
        "who acts": one.owner,
    }
    print_facts(facts)
    console.print(f"  [red]{escape(one.code or 'reason')}[/]: {escape(one.reason)}")
    todo = (
        _SEND_AGAIN
        if not one.payload_id and one.kind != REPEATED
        else _WHAT_TO_DO.get(one.code, _MEND)
    )
    if one.kind == OURS:
        said = _REJECTED if one.code == Reason.REJECTED_BY_PARTNER else _REWRITE
        todo = said.format(one.id[:8])
    console.print(f"  [dim]next[/]: {escape(todo)}")
    console.print(f"\n[bold]How it begins[/]  [dim]{len(content)} bytes; --raw prints them all[/]")
    for line in _lines(content[:_SHOWN_BYTES]):
        console.print(f"  {escape(line)}")


def _lines(beginning: bytes) -> list[str]:
    """Break it after each segment where it begins as X12 does; make the rest printable."""
    text = beginning.decode("latin-1")
    if text.startswith("ISA") and len(text) > 106:
        text = text.replace(text[105], text[105] + "\n")
    lines = [line.strip() for line in text.splitlines()]
    return [printable(line) for line in lines if line]
