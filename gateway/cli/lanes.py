"""What is said of a lane, whether of a destination or of a partner, and letting one go on."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from gateway import app as composition
from gateway.app import App
from gateway.cli.named import By, PartnerName, PerhapsBecause, partner_named
from gateway.cli.terminal import AsJson, Home, print_json, results
from gateway.pipeline import lane_names
from gateway.pipeline.admission import Resting, admit
from gateway.pipeline.lane_records import LaneRecord
from gateway.pipeline.ports import DeliveryPolicy


def state_of(lane: LaneRecord, policy: DeliveryPolicy, now: datetime) -> tuple[str, str]:
    """Say in a word and in a sentence whether a lane sends, and if not, until when."""
    admitted = admit(lane, policy, now, 1)
    if not isinstance(admitted, Resting):
        if lane.open_until is not None:
            return "probing", "one is tried next; the rest follows when that succeeds"
        return "ready", ""
    until = f" until {moment(admitted.until, now)}" if admitted.until is not None else ""
    if lane.paused_at is not None:
        because = f": {lane.paused_because}" if lane.paused_because else ""
        since = moment(lane.paused_at, now)
        return "paused", f"paused by {lane.paused_by} since {since}{because}"
    word = "unwell" if admitted.until == lane.open_until else "resting"
    return word, f"{admitted.because}{until}"


def policy_of(app: App, destination: str) -> DeliveryPolicy:
    """Return how often and how hard a destination is asked; the usual of what is no more there."""
    if destination in app.instance.settings.destinations:
        return app.instance.delivery_policy(destination)
    return DeliveryPolicy(owner=app.instance.settings.owner)


def said_of(app: App, destination: str, lane: LaneRecord, now: datetime) -> tuple[str, str]:
    """Say in a word and in a sentence how a destination is, as the configuration has it."""
    if app.rulebook.attempts_at(destination) is None:
        return "gone", "the configuration has it no more"
    return state_of(lane, policy_of(app, destination), now)


def moment(at: datetime, now: datetime) -> str:
    """Say when something is, without the date where that is today."""
    return f"{at:%H:%M:%S} UTC" if at.date() == now.date() else f"{at:%Y-%m-%d %H:%M} UTC"


def resumed(found: LaneRecord, name: str) -> str:
    """Say what resuming a lane did, by what it was before."""
    if found.paused_at is not None:
        return f"{name} goes on: what waited for it is sent now"
    if found.open_until is not None:
        return f"{name} is tried now: its circuit breaker is closed"
    return f"{name} is neither paused nor left alone: nothing to do"


def resume_partner(
    partner: PartnerName,
    by: By,
    because: PerhapsBecause = "",
    home: Home = Path(),
    as_json: AsJson = False,
) -> None:
    """Try a partner now that is left alone after failures: closes its circuit breaker."""
    with composition.open_instance(home, maps_too=False) as app:
        partner_named(app.instance, partner)
        found = app.lanes.resume(lane_names.send(partner), by=by, because=because)
    if as_json:
        print_json({"partner": partner, "done": found.open_until is not None})
    else:
        results().print(resumed(found, partner), soft_wrap=True)
