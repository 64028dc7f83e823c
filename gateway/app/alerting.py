"""Who is told of alerts, as `gateway.yaml` wants it."""

from __future__ import annotations

from collections.abc import Callable

from gateway.app.http_calls import http_outbound
from gateway.clock import Clock
from gateway.config import Instance
from gateway.config.alerts import Mail
from gateway.pipeline.alert_records import USUAL_TEXT, AlertRecord
from gateway.pipeline.ports import Consignment, Outbound


def alert_targets(instance: Instance, *, clock: Clock) -> dict[str, Outbound]:
    """Return what can be told, by the names in `gateway.pipeline.alerts.TARGETS`."""
    settings = instance.settings.alerts
    targets: dict[str, Outbound] = {}
    if settings.webhook is not None:
        targets["webhook"] = http_outbound(settings.webhook, instance.vault, clock=clock)
    if settings.mail is not None:
        targets["mail"] = _mail(instance, settings.mail, clock)
    return targets


def alert_text(instance: Instance) -> Callable[[AlertRecord], Consignment]:
    """Return what writes what they are told."""
    # Here, because most instances tell nobody, and templates take long to import.
    from gateway.pipeline.alert_text import AlertText
    from gateway.shaping import TextTemplate

    template = TextTemplate(instance.settings.alerts.text or USUAL_TEXT)
    return AlertText(template, instance.home.resolve().name).consignment


def _mail(instance: Instance, settings: Mail, clock: Clock) -> Outbound:
    from gateway.transports.mail.outbound import MailServer
    from gateway.transports.mail.outbound import Outbound as MailOutbound

    vault = instance.vault
    return MailOutbound(
        MailServer(
            settings.server,
            settings.used_port,
            settings.security,
            settings.sender,
            settings.recipients,
            username=vault.reveal(settings.username) if settings.username else None,
            password=vault.reveal(settings.password) if settings.password else "",
            timeout=settings.timeout,
        ),
        clock=clock,
    )
