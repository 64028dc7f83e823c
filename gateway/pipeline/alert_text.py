"""What people are told of an alert: a line, and a text that the configuration may write anew."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import orjson

from gateway.pipeline.alert_records import USUAL_TEXT, AlertRecord
from gateway.pipeline.ports import Consignment
from gateway.shaping import NotShaped, TextTemplate

_LONGEST_LINE = 150


@dataclass(frozen=True, slots=True)
class AlertText:
    """Writes what is told of alerts."""

    template: TextTemplate
    instance: str
    """How people call this gateway: they may have several."""

    def consignment(self, alert: AlertRecord) -> Consignment:
        """Return what is handed to a target: JSON with the line, the text, and all that is known.

        The same at each attempt.
        """
        known = {name: value for name, value in asdict(alert).items() if name not in _LATER}
        known["raised_at"] = f"{alert.raised_at:%Y-%m-%d %H:%M} UTC"
        known["short_id"] = alert.id[:8]
        body = {"subject": self._line(alert), "text": self._text(known), "alert": known}
        return Consignment(
            content=orjson.dumps(body),
            name=f"alert-{alert.id}.json",
            idempotency_key=alert.id,
            correlation_id=alert.subject_id[:36],
        )

    def _line(self, alert: AlertRecord) -> str:
        line = " ".join(f"[{self.instance}] {alert.what}".split())
        return line if len(line) <= _LONGEST_LINE else f"{line[:_LONGEST_LINE]}…"

    def _text(self, known: dict[str, str | None]) -> str:
        try:
            return self.template.render(dict(known), {}).decode()
        except NotShaped as fault:
            # A wrong template must not keep anybody from knowing.
            usual = TextTemplate(USUAL_TEXT).render(dict(known), {}).decode()
            return f"{usual}\n(alerts.text in gateway.yaml does not go through: {fault})\n"


_LATER = ("state", "closed_at", "said")
"""What may change between two attempts."""
