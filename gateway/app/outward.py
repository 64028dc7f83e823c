"""Where documents and interchanges go, as an instance's files want it: destinations and partners.

Each is connected when it is made, and closed with the instance.
"""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace
from typing import TYPE_CHECKING

from gateway.app.alerting import alert_targets, alert_text
from gateway.app.destinations import destination_outbound
from gateway.clock import Clock
from gateway.config import Instance
from gateway.partners import Partner
from gateway.pipeline.mdns import Mdns
from gateway.pipeline.places import Destination, Places
from gateway.pipeline.ports import DeliveryPolicy, Outbound
from gateway.transports.directory.outbound import Outbound as DirectoryOutbound

if TYPE_CHECKING:
    from gateway.app.partner_connections import PartnerConnections


_ATTEMPTS = 100
"""At a partner's folder on this machine, such as a share that is not mounted: about a day."""


class Outward:
    """Makes what an instance sends through."""

    def __init__(
        self,
        instance: Instance,
        connections: PartnerConnections,
        mdns: Mdns,
        *,
        clock: Clock,
        closing: ExitStack,
    ) -> None:
        self._instance = instance
        self._connections = connections
        self._mdns = mdns
        self._clock = clock
        self._closing = closing

    def places(self) -> Places:
        """Return every place that something may go to."""
        instance = self._instance
        destinations = {
            name: Destination(
                self._connected(destination_outbound(instance, name, clock=self._clock)),
                instance.delivery_policy(name),
                production=settings.production,
            )
            for name, settings in instance.settings.destinations.items()
        }
        partners = {
            partner.id: Destination(self._connected(self._to(partner)), self._policy(partner))
            for partner in instance.partners.values()
        }
        told = {
            name: Destination(self._connected(outbound), self._alert_policy())
            for name, outbound in alert_targets(instance, clock=self._clock).items()
        }
        text = alert_text(instance) if told else None
        return Places(destinations, partners, told, text, owner=instance.settings.owner)

    def _alert_policy(self) -> DeliveryPolicy:
        settings = self._instance.settings
        return DeliveryPolicy(attempts=settings.alerts.attempts, owner=settings.owner)

    def _connected(self, outbound: Outbound) -> Outbound:
        outbound.connect()
        self._closing.callback(outbound.close)
        return outbound

    def _policy(self, partner: Partner) -> DeliveryPolicy:
        policy = DeliveryPolicy(owner=self._instance.owner_of(partner), attempts=_ATTEMPTS)
        if partner.send is not None:
            policy = replace(policy, attempts=partner.send.attempts)
        return policy

    def _to(self, partner: Partner) -> Outbound:
        """Return where a partner's interchanges go."""
        usual = self._connections.outbound(partner)
        if usual is None:
            usual = DirectoryOutbound(self._instance.outbound_folder(partner))
        if not any(connection.type == "as2" for connection in partner.connections.values()):
            return usual
        from gateway.app import as2

        return as2.outbound(self._instance, partner, usual, self._mdns, clock=self._clock)
