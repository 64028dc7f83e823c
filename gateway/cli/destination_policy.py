"""Says in words how a destination is treated: its delivery policy, as `gateway.yaml` has it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from gateway.cli.lanes import moment
from gateway.config.delivery import Delivering
from gateway.config.hours import Hours
from gateway.counting import counted
from gateway.partners.kinds import written_duration
from gateway.pipeline.lane_records import LaneRecord
from gateway.pipeline.ports import DeliveryPolicy


def policy_facts(
    policy: DeliveryPolicy, settings: Delivering | None, lane: LaneRecord, now: datetime
) -> Mapping[str, str]:
    """Return what is told of a policy, by what it is about.

    Without settings it is what is usual for a destination that the configuration has no more.
    """
    hours, rate = policy.hours, policy.rate
    opens = hours.opens(now) if hours is not None else None
    pause, longest = map(written_duration, (policy.first_pause, policy.longest_pause))
    breaker = " ".join(
        (
            f"opens after {policy.breaker_failures} failures in a row, for",
            f"{written_duration(policy.breaker_pause)} at first and",
            f"{written_duration(policy.breaker_longest)} at most",
        )
    )
    left = f", {rate.left(lane.calls, now)} of them left now" if rate else ""
    order = ", ".join(settings.ordering_key) if settings is not None else ""
    return {
        "kind": _kind(settings),
        "attempts": f"{policy.attempts}, with pauses from {pause} to {longest}; "
        f"{policy.concurrency} at the same time",
        "breaker": breaker,
        "rate": f"{rate.calls} calls in {written_duration(rate.per)}{left}" if rate else "",
        "order": f"one after another where they agree in {order}" if order else "",
        "hours": _hours(settings.hours) if settings is not None and settings.hours else "",
        "next opening": moment(opens, now) if opens is not None and opens > now else "",
        "owner": policy.owner,
    }


def _kind(settings: Delivering | None) -> str:
    """Say what kind of destination it is, and how long a call to it may take."""
    said = [str(getattr(settings, "type", ""))]
    for name, words in (("timeout", "a call ends after"), ("deadline", "all calls after")):
        limit = getattr(settings, name, None)
        if isinstance(limit, timedelta):
            said.append(f"{words} {written_duration(limit)}")
    return "; ".join(filter(None, said))


def policy_json(settings: Delivering | None) -> object:
    """Return a policy for programs, in the words of `gateway.yaml`."""
    if settings is None:
        return None
    names = set(Delivering.model_fields)
    return settings.model_dump(mode="json", by_alias=True, include=names)


def _hours(hours: Hours) -> str:
    ends = f"{hours.end:%H:%M}" if hours.end.hour or hours.end.minute else "24:00"
    off = len(hours.holidays)
    but = f", but for {counted(off, 'holiday')}" if off else ""
    return f"{', '.join(hours.days)} {hours.begin:%H:%M} to {ends}, {hours.zone}{but}"
