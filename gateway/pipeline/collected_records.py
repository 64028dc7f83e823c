"""What is kept of acknowledgments that are gathered: said, and not in an interchange yet."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class CollectedRecord:
    """What is to be said of one received interchange, which goes out together with others."""

    interchange_id: str
    """The interchange that it acknowledges."""
    partner: str
    batch: str
    """What goes out together has the same: one envelope, but for its numbers and its time."""
    envelope: bytes
    """JSON of everything that the envelope says, but for its numbers and its time."""
    told: bytes
    """JSON of the segments; empty once they are in an interchange."""
    size: int
    """Bytes of them, or nearly: what a batch's size is counted by."""
    submitted_at: datetime
    due_at: datetime
    """When it goes out at the latest."""
    most_sets: int | None = None
    """With so many in its batch, the batch goes out at once."""
    most_bytes: int | None = None
    """With so many bytes in its batch, the batch goes out at once."""
    outgoing_id: str | None = None
    """The interchange that it goes out in; None while it waits."""
