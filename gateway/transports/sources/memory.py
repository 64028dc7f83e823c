"""Records in memory, in pages: for tests, and to try exports without an ERP."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from gateway.errors import GatewayError
from gateway.pipeline.exports.source import Asked, Page
from gateway.shaping import Json, dumps


class MemorySource:
    """A list of records, so many in a page; what fails is told beforehand."""

    def __init__(
        self,
        records: Sequence[Json],
        *,
        in_page: int = 100,
        failures: Sequence[GatewayError] = (),
        shifts: bool = False,
        before_page: Callable[[Asked], object] = lambda _: None,
    ) -> None:
        self.records = list(records)
        self.asked: list[Asked] = []
        self.settled = 0
        self.opened = 0
        self._in_page = in_page
        self._failures = list(failures)
        self._shifts = shifts
        self._before_page = before_page

    @property
    def shifts(self) -> bool:
        """Say whether pages are read again until nothing new is found."""
        return self._shifts

    def open(self) -> None:
        """Count who opens it."""
        self.opened += 1

    def page(self, asked: Asked) -> Page:
        """Return the page at an offset, or the next failure."""
        self._before_page(asked)
        self.asked.append(asked)
        if self._failures:
            raise self._failures.pop(0)
        start = int(asked.position or 0)
        found = self.records[start : start + self._in_page]
        rest = start + self._in_page < len(self.records)
        size = sum(len(dumps(one)) for one in found)
        following = str(start + self._in_page) if rest else None
        return Page(found, following, size, settle=self._settle)

    def close(self) -> None:
        """Nothing is kept open."""

    def _settle(self) -> None:
        self.settled += 1
