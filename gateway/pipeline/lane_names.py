"""Names of lanes: what runs one after another, whichever process it runs in.

A lane is a destination that takes documents, a partner who takes interchanges, a partner whose
documents are put into interchanges, an export whose ERP is told what became of its records, or what
people are told of alerts by.
"""

from __future__ import annotations

DELIVER = "deliver"
SEND = "send"
ENVELOPE = "envelope"
MARK = "mark"
NOTIFY = "notify"


def deliver(destination: str) -> str:
    """Name the lane of a destination."""
    return f"{DELIVER}:{destination}"


def send(partner: str) -> str:
    """Name the lane of the interchanges to a partner."""
    return f"{SEND}:{partner}"


def envelope(partner: str) -> str:
    """Name the lane that puts what waits for a partner into interchanges."""
    return f"{ENVELOPE}:{partner}"


def mark(export: str) -> str:
    """Name the lane that tells the ERP what became of an export's records."""
    return f"{MARK}:{export}"


def notify(target: str) -> str:
    """Name the lane of what people are told of alerts, of one target."""
    return f"{NOTIFY}:{target}"


def split(lane: str) -> tuple[str, str]:
    """Return what a lane does, and for whom."""
    kind, _, of = lane.partition(":")
    return kind, of
