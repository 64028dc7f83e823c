"""How far an export is: the cursor that every record up to was taken, and the place in a reading.

A reading goes through all pages of a source from one value of the cursor. The cursor moves when it
came to its end, never before: no source has to sort by it. The place within a reading is kept with
each page, so that the next run goes on there after a limit, a fault or a kill.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace

import orjson


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an export is."""

    mark: str | None = None
    """The cursor: everything up to it was taken."""
    highest: str | None = None
    """The highest value of the cursor that this reading has seen."""
    position: str | None = None
    """Where this reading goes on, as the source says; None at its beginning."""
    reading: int = 1
    """How often the same pages are gone through: more than once where their order may change."""
    fresh: bool = False
    """This time through, a record was found that was not known before."""
    retried: str = ""
    """The refused record, by its key, that was tried again last; empty where all of them were."""

    @classmethod
    def loads(cls, kept: str) -> Progress:
        """Read it as it was kept; empty before the first run."""
        return cls(**orjson.loads(kept)) if kept else cls()

    def dumps(self) -> str:
        """Write it as it is kept."""
        return orjson.dumps(asdict(self)).decode()

    def moved(self, position: str | None, highest: str | None, *, fresh: bool) -> Progress:
        """Return it after some records were taken."""
        return replace(self, position=position, highest=highest, fresh=self.fresh or fresh)

    def again(self) -> Progress:
        """Return it at the beginning of the same reading once more."""
        return replace(self, position=None, reading=self.reading + 1, fresh=False)

    def ended(self) -> Progress:
        """Return it after a reading came to its end."""
        return Progress(mark=self.highest or self.mark, retried=self.retried)
