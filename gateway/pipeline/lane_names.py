"""Names of lanes: what runs one after another, whichever process it runs in.

A lane is a destination that takes documents or a partner who takes acknowledgments.
"""

from __future__ import annotations

DELIVER = "deliver"
ACKNOWLEDGE = "acknowledge"


def deliver(destination: str) -> str:
    """Name the lane of a destination."""
    return f"{DELIVER}:{destination}"


def acknowledge(partner: str) -> str:
    """Name the lane of the acknowledgments to a partner."""
    return f"{ACKNOWLEDGE}:{partner}"


def split(lane: str) -> tuple[str, str]:
    """Return what a lane does, and for whom."""
    kind, _, of = lane.partition(":")
    return kind, of
