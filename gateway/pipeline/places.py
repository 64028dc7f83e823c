"""Where documents and interchanges go, and how each place is to be treated."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from gateway.errors import Permanent
from gateway.pipeline.alert_records import AlertRecord
from gateway.pipeline.outcome import Quarantine, Reason
from gateway.pipeline.ports import Consignment, DeliveryPolicy, Outbound, Receipt


@dataclass(frozen=True, slots=True)
class Destination:
    """Where documents or interchanges go, and how it is to be treated."""

    outbound: Outbound
    policy: DeliveryPolicy = field(default_factory=DeliveryPolicy)
    production: bool = False
    """Whether it is a production system, which no test reaches."""


@dataclass(frozen=True, slots=True)
class Places:
    """Everything that can be sent to."""

    destinations: Mapping[str, Destination]
    """Where documents go, by the destination's name."""
    partners: Mapping[str, Destination]
    """Where interchanges go, by the partner's id."""
    alerts: Mapping[str, Destination] = field(default_factory=dict)
    """Who is told of alerts, by the target's name."""
    alert_text: Callable[[AlertRecord], Consignment] | None = None
    """What they are told; None where nobody is."""
    owner: str = "operator"
    """Who looks after what is owed to a place that is not among them any more."""


def missing(name: str, owner: str) -> Destination:
    """Return what stands for a place that the configuration does not have any more."""
    return Destination(_Missing(name), DeliveryPolicy(owner=owner))


class _Missing:
    """Stands where the configuration has no such destination any more."""

    def __init__(self, name: str) -> None:
        self._name = name

    def connect(self) -> None:
        """Do nothing."""

    def deliver(self, consignment: object) -> Receipt:
        """Refuse: a person must act."""
        raise Permanent(f"the configuration has no destination '{self._name}'")

    def close(self) -> None:
        """Do nothing."""


def never_ended(attempts: int) -> Quarantine:
    """Return what becomes of something whose last attempt nobody saw the end of."""
    because = f"attempt {attempts} was begun and never ended: the process died, or a bug stopped it"
    return Quarantine(Reason.STOPPED_THE_PROCESS, because)
