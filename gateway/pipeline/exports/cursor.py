"""The cursor of an incremental source: which of two values is further, and where to begin again.

Values are kept as the source wrote them; they are compared by what they mean.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Literal

from gateway.errors import GatewayError

CursorKind = Literal["time", "number", "text"]

_MICROSECOND = timedelta(microseconds=1)

AHEAD = timedelta(days=1)
"""What a clock or a zone may be wrong by; what lies further ahead is a mistake."""

_FIRST_YEAR = 1000
"""Programs write the first day of their calendar for none, and others cannot read it."""

_MOST_DIGITS = 40


class NoCursor(GatewayError):
    """A record has no value that the cursor could move to."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """How values of the cursor are read, compared and written."""

    kind: CursorKind = "time"
    overlap: timedelta | Decimal | None = None
    """So much before the last value reading begins again: what was committed late is not missed."""
    pattern: str = "%Y-%m-%dT%H:%M:%SZ"
    """How a moment is written for the source, by strftime, in UTC."""

    def checked(self, value: object) -> str:
        """Return a record's value as it is kept; raise NoCursor where it has none."""
        if value is None or isinstance(value, bool | list | dict):
            raise NoCursor("the field of the cursor has no value")
        text = str(value)
        self._meant(text)
        return text

    def later(self, one: str | None, other: str | None) -> str | None:
        """Return the value that is further on."""
        if one is None or other is None:
            return other if one is None else one
        return max((one, other), key=self._order)

    def is_ahead(self, value: str, now: datetime) -> bool:
        """Say whether a moment lies so far ahead that nothing may be left behind it."""
        meant = self._meant(value)
        return isinstance(meant, datetime) and meant - now > AHEAD

    def begin(self, mark: str | None) -> str | None:
        """Return the value to ask for, so much before the last one as the overlap says."""
        if mark is None:
            return None
        meant = self._meant(mark)
        if isinstance(meant, datetime):
            back = self.overlap if isinstance(self.overlap, timedelta) else timedelta(0)
            return (meant - back).strftime(self.pattern)
        if isinstance(meant, Decimal) and isinstance(self.overlap, Decimal):
            return f"{meant - self.overlap:f}"
        return mark

    def _order(self, text: str) -> tuple[Decimal, str]:
        meant = self._meant(text)
        if isinstance(meant, datetime):
            return Decimal(str((meant - datetime(1970, 1, 1, tzinfo=UTC)) / _MICROSECOND)), ""
        return (meant, "") if isinstance(meant, Decimal) else (Decimal(0), meant)

    def _meant(self, text: str) -> datetime | Decimal | str:
        match self.kind:
            case "time":
                return _moment(text)
            case "number":
                return _number(text)
            case "text":
                return text


def _number(text: str) -> Decimal:
    try:
        number = Decimal(text.strip())
    except InvalidOperation:
        raise NoCursor(f"'{text[:40]}' of the cursor's field is no number") from None
    if not number.is_finite() or abs(number.adjusted()) > _MOST_DIGITS:
        raise NoCursor(f"'{text[:40]}' of the cursor's field is no number")
    return number


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text.strip())
        moment = moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        moment = datetime.min.replace(tzinfo=UTC)
    if moment.year < _FIRST_YEAR:
        raise NoCursor(f"'{text[:40]}' of the cursor's field is no moment")
    return moment
