"""What comes again, and what does not come at all: rules about what a partner sends."""

from __future__ import annotations

from typing import Literal

from gateway.partners.fields import Settings
from gateway.partners.kinds import Duration


class Duplicates(Settings):
    """What becomes of numbers and of content that were there before."""

    window: Duration | None = None
    """After so long a control number may be used again, and content comes again, as if never
    before; they are remembered as long as the ledger lasts if left out."""
    same_content_new_number: Literal["ignore", "note", "hold"] = "note"
    """A transaction set that was there before, under a control number of its own, is a suspected
    duplicate: `note` takes it and says so, `hold` lets its document wait for a person, `ignore`
    does not look."""

    def overridden_by(self, other: Duplicates) -> Duplicates:
        """Return these rules with the settings that were written in the other ones."""
        written = {name: getattr(other, name) for name in other.model_fields_set}
        return self.model_copy(update=written)


class PartnerDuplicates(Duplicates):
    """Rules for everything that a partner sends; an agreement may say otherwise."""

    sequence: Literal["ignore", "note"] = "ignore"
    """`note` warns where interchange control numbers are left out, and lists them until they
    come; for partners that count what they send to us by itself."""
