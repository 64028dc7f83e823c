"""What is kept of alerts, and of who was told of each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

USUAL_TEXT = """\
{{ document.what }}.

{% if document.partner %}Partner: {{ document.partner }}
{% endif %}Acts:    {{ document.owner }}
Since:   {{ document.raised_at }}
Look:    {{ document.look }}
Do:      {{ document.advice }}

Whoever takes it up says so: gateway alerts acknowledge {{ document.short_id }} --because "…"
"""
"""Template of what people are told where the configuration has none of its own."""


@dataclass(frozen=True, slots=True)
class AlertRecord:
    """Something that a person must know of, from when it was raised until it is closed."""

    id: str
    kind: str
    """One of `AlertKind`."""
    subject_id: str
    """What it is about, by its id."""
    partner: str | None
    owner: str
    """Who acts."""
    what: str
    """What happened, in a sentence."""
    look: str
    """The command that shows it."""
    advice: str
    """What to do about it, in a sentence."""
    state: str
    """One of `AlertState`."""
    raised_at: datetime
    closed_at: datetime | None = None
    said: str = ""
    """What a person said when taking it up or closing it, or what closed it by itself."""


@dataclass(frozen=True, slots=True)
class Lasting:
    """Something that is so now, which a person must know of while it lasts."""

    subject_id: str
    """A destination, a partner, a lane, a document."""
    count: int
    what: str | None
    """What is known of it besides: the last answer, the order's number."""
    owner: str | None


@dataclass(frozen=True, slots=True)
class NoticeRecord:
    """That one target is told of one alert."""

    alert_id: str
    target: str
    """One of `TARGETS`."""
    state: str
    """One of `NoticeState`."""
    attempt: int
    due_at: datetime
    sent_at: datetime | None = None
    last_error: str | None = None


@dataclass(frozen=True, slots=True)
class AlertView:
    """An alert with who was told of it."""

    alert: AlertRecord
    notices: tuple[NoticeRecord, ...]
